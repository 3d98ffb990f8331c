"""Options and parsing that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import click

from directory.errors import IndexUnavailable
from directory.services import Services
from directory.settings import read_settings
from relais.services import build_services

_T = TypeVar("_T")
json_option = click.option("--json", "as_json", is_flag=True, help="Écrire un document JSON sur la sortie standard.")


def open_services() -> Services:
    """The services of the environment's settings."""
    return build_services(read_settings())


def with_usable_index(services: Services, ask: Callable[[], _T]) -> _T:
    """What a question to the index answers; the index is built again first when it is lost, damaged or of another version.

    Raises:
        SearchError: It cannot be built, or a server does not answer.
    """
    try:
        return ask()
    except IndexUnavailable:
        click.echo("L’index de recherche est perdu, abîmé ou d’une autre version : il est reconstruit.", err=True)
        services.keeper.catch_up()
        return ask()


class Day(click.ParamType[date]):
    """A day, ``AAAA-MM-JJ`` or ``JJ/MM/AAAA``."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read a day, or refuse with the form expected."""
        if isinstance(value, date):
            return value
        day = _read_day(str(value))
        if day is None:
            self.fail(f"« {value} » n’est pas une date (AAAA-MM-JJ).", param, ctx)
        return day


def _read_day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None
