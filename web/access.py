"""Who may ask a route: each view declares it, and a test fails the build for a view that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g

from directory.accounts import SignInNeeded
from directory.errors import RelaisError
from directory.models.accounts import Account, Role
from directory.models.keys import ApiScope
from directory.services import Services


class FileTooLarge(RelaisError):
    """A file is larger than the instance takes."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"more than {most} MB",
            public=f"Ce fichier dépasse {most} Mo. Enregistrez-le en CSV, ou envoyez-le en plusieurs listes ; rien n’est envoyé.",
        )


View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
OPEN = "open"


def public(view: View) -> View:
    """Declare that anyone may ask this route, without an account."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def with_key(scope: ApiScope) -> Callable[[View], View]:
    """Declare that this route asks for a key of the API that opens a scope."""

    def declare(view: View) -> View:
        view.access = scope  # type: ignore[attr-defined]
        return view

    return declare


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Declare that this route asks for an account of one of these roles. What it may see of a lycée is the core's to say."""

    def declare(view: View) -> View:
        view.access = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def find_account() -> Account | None:
    """The account that is signed in, None for a visitor."""
    found: Account | None = g.get("account")
    return found


def account() -> Account:
    """The account that is signed in.

    Raises:
        SignInNeeded: There is none.
    """
    found = find_account()
    if found is None:
        raise SignInNeeded
    return found


def takes_files(view: View) -> View:
    """Declare that this route takes a file, as large as the instance allows, from whoever may ask it."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def embeddable(view: View) -> View:
    """Declare that the pages of any site may read this route."""
    view.sharing = OPEN  # type: ignore[attr-defined]
    return view


def services() -> Services:
    """The services of the application that answers."""
    return cast("Services", current_app.extensions["relais"])
