"""``relais refresh``: what was imported is imported again when it is due; for a timer."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from directory.errors import RelaisError
from directory.services import Services
from directory.territory import departements
from importers.fetching import KeyMissing
from importers.source import Source, sources
from matching.french import french_count
from relais.commands.bootstrap import ImportDone, print_done
from relais.commands.dossiers import purge_now
from relais.commands.imports import import_files, local_files, locate_addresses
from relais.commands.options import json_option, open_services
from relais.output import print_json


@click.command()
@click.option("--all", "everything", is_flag=True, help="Sans attendre leur échéance.")
@click.option("--departement", default="", metavar="CODE", help="Le département servi, s’il n’y en a qu’un (35, 2A, 974).")
@json_option
def refresh(*, everything: bool, departement: str, as_json: bool) -> None:
    """Importer de nouveau les sources déjà chargées dont l’échéance est venue, et effacer ce qui doit l’être."""
    code = departement.strip().upper()
    if code and code not in departements():
        raise click.BadParameter(f"« {departement} » n’est pas un département.", param_hint="--departement")
    services = open_services()
    due = [source for source, is_due in _known(services) if is_due or everything]
    by_hand = [source.name for source in due if not _has_address(source)]
    done = []
    for source in filter(_has_address, due):
        done.append(_import(services, source, code))
        if not as_json:
            print_done(done[-1])
    services.keeper.catch_up()
    told = locate_addresses(services)
    services.catalogue.prepare()
    erased = purge_now(services)
    if as_json:
        print_json({"sources": [result.to_json() for result in done], "by_hand": by_hand, "dossiers_erased": erased})
    else:
        for line in _last_lines(len(done), by_hand, told):
            click.echo(line, err=True)
    if any(result.error for result in done):
        sys.exit(1)


def _has_address(source: Source) -> bool:
    return source.packaged or any(online.url for online in source.online)


def _last_lines(done: int, by_hand: list[str], told: str | None) -> Iterator[str]:
    if not done:
        yield "Aucune source n’est à rafraîchir."
    if by_hand:
        yield f"À importer à la main, d’un fichier : {', '.join(by_hand)} ({french_count(len(by_hand), 'source')})."
    if told:
        yield told


def _known(services: Services) -> Iterator[tuple[Source, bool]]:
    """The sources that were imported once, and whether they are due: a first import is decided by a person."""
    now, last = services.clock(), services.repository.last_imports()
    for name, source in sources().items():
        if name in last:
            yield source, source.packaged or (now - last[name]).days >= source.freshness_days


def _import(services: Services, source: Source, departement: str) -> ImportDone:
    """One source; its failure is told and stops nothing: what is published stays."""
    result = ImportDone(source.name)
    try:
        with local_files(services.settings, source.name, (), departement) as paths:
            given = () if source.packaged else paths
            result.report = import_files(services, source.name, given, reindex=False, departement=departement)
    except KeyMissing as error:
        result.skipped = error.public
    except RelaisError as error:
        result.error = error.public
    return result
