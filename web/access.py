"""Who may ask a route: each view declares it, and a test fails the build for a view that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app

from directory.services import Services

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"


def public(view: View) -> View:
    """Declare that anyone may ask this route, without an account."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def services() -> Services:
    """The services of the application that answers."""
    return cast("Services", current_app.extensions["relais"])
