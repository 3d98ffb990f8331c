"""Options and parsing that several commands share."""

from __future__ import annotations

from datetime import date, datetime

import click

from directory.services import Services
from directory.settings import read_settings
from relais.services import build_services

json_option = click.option("--json", "as_json", is_flag=True, help="Écrire un document JSON sur la sortie standard.")


def open_services() -> Services:
    """The services of the environment's settings."""
    return build_services(read_settings())


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
