"""The command line: ``relais``. French for people, ``--json`` for programs (one document on standard output)."""

from __future__ import annotations

from contextlib import suppress
from typing import NoReturn

import click

from directory.errors import InvalidSetting
from directory.settings import read_settings
from relais.background import give_way
from relais.commands.account import account
from relais.commands.backup import backup, restore
from relais.commands.bootstrap import bootstrap
from relais.commands.campaigns import campaigns
from relais.commands.cohort import cohort
from relais.commands.demo import demo
from relais.commands.doctor import doctor
from relais.commands.dossiers import dossiers
from relais.commands.doubts import doubts
from relais.commands.duplicates import duplicates
from relais.commands.events import events
from relais.commands.export import export
from relais.commands.geocode import geocode
from relais.commands.imports import import_, reindex
from relais.commands.keys import keys
from relais.commands.links import check_links
from relais.commands.mapping import mapping
from relais.commands.match import match
from relais.commands.outcome import outcome
from relais.commands.refresh import refresh
from relais.commands.reports import reports
from relais.commands.runs import record, runs
from relais.commands.search import search
from relais.commands.serve import serve
from relais.commands.sources import sources
from relais.commands.statistics import statistics
from relais.commands.template import template
from relais.commands.undo import undo
from relais.commands.worker import worker
from relais.french import FrenchGroup
from relais.logs import configure_log

GIVING_WAY = frozenset(
    {"import", "undo", "bootstrap", "refresh", "reindex", "worker", "geocode", "check-links", "duplicates", "export"}
)
"""The commands that may work for minutes, which nobody waits for on a page."""


@click.group(cls=FrenchGroup, context_settings={"max_content_width": 110})
@click.version_option(package_name="relais", message="Relais %(version)s", help="Afficher la version.")
@click.pass_context
def relais(context: click.Context) -> None:
    """Relais : qui peut aider cet élève, ici, maintenant.

    Les réglages viennent des variables RELAIS_* (voir docs/operating.md).
    """
    if context.invoked_subcommand in GIVING_WAY:
        with suppress(InvalidSetting):  # told by the command itself
            give_way(read_settings().nice)


COMMANDS: tuple[click.Command, ...] = (
    sources,
    import_,
    bootstrap,
    refresh,
    mapping,
    template,
    runs,
    undo,
    doubts,
    reports,
    statistics,
    record,
    duplicates,
    geocode,
    check_links,
    campaigns,
    events,
    search,
    match,
    cohort,
    outcome,
    reindex,
    export,
    serve,
    worker,
    keys,
    account,
    dossiers,
    doctor,
    backup,
    restore,
    demo,
)
for command in COMMANDS:
    relais.add_command(command)


def main() -> NoReturn:
    """Entry point of the ``relais`` script."""
    configure_log()
    relais.main()
