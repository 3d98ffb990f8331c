"""``relais bootstrap``: every public source that serves a département, from saved files or from where they are published."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from directory.errors import RelaisError
from directory.services import Services
from directory.territory import departements
from importers.fetching import KeyMissing
from importers.recognition import recognise
from importers.report import ImportReport
from importers.source import sources
from relais.commands.imports import import_files, local_files, print_report
from relais.commands.options import json_option, open_services
from relais.output import print_json

# The referentials first: the others are read with them; then what others complete.
_ORDER = ("rome", "diplomes", "zones_emploi", "dispositifs", "bassins", "administration", "education", "missions_locales")
_SHOWN_HERE = frozenset({"demonstration"})
"""Never a public source."""


@dataclass(slots=True)
class ImportDone:
    """What became of a source: its report, or why it failed, or which key it lacks."""

    source: str
    files: list[str] = field(default_factory=list)
    report: ImportReport | None = None
    error: str = ""
    skipped: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        report = self.report.to_json() if self.report is not None else None
        told = {"source": self.source, "files": self.files, "report": report}
        return {**told, "error": self.error or None, "skipped": self.skipped or None}


@click.command()
@click.option("--departement", required=True, metavar="CODE", help="Le département servi (35, 2A, 974).")
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    help="Dossier de fichiers enregistrés, reconnus à leur contenu ; sans lui, les sources sont téléchargées.",
)
@json_option
def bootstrap(departement: str, *, folder: Path | None, as_json: bool) -> None:
    """Charger toutes les sources publiques qui servent un département."""
    code = departement.strip().upper().zfill(2)
    if code not in departements():
        raise click.BadParameter(f"« {departement} » n’est pas un département.", param_hint="--departement")
    if folder is not None and not folder.is_dir():
        raise click.BadParameter(f"« {folder} » n’est pas un dossier.", param_hint="--folder")
    services = open_services()
    found, unknown = _recognised(services, folder) if folder else ({}, [])
    done = []
    for result in _import_all(services, code, found, online=folder is None):
        done.append(result)
        if not as_json:
            print_done(result)
    services.keeper.catch_up()
    services.catalogue.prepare()
    if as_json:
        print_json({"departement": code, "sources": [result.to_json() for result in done], "unknown": unknown})
    elif unknown:
        click.echo(f"Fichiers non reconnus, laissés : {', '.join(unknown)}.")
    if any(result.error for result in done):
        sys.exit(1)


def _recognised(services: Services, folder: Path) -> tuple[dict[str, list[Path]], list[str]]:
    """The files of a folder by their source, and the names of those that no source recognises."""
    found: dict[str, list[Path]] = {}
    unknown: list[str] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            source = recognise(path, services.settings.max_file_mb * 1_000_000)
        except RelaisError as error:
            click.echo(error.public, err=True)
            source = None
        if source is None:
            unknown.append(path.name)
        else:
            found.setdefault(source.name, []).append(path)
    return found, unknown


def _import_all(services: Services, code: str, found: dict[str, list[Path]], *, online: bool) -> Iterator[ImportDone]:
    names = [*_ORDER, *(name for name in sources() if name not in _ORDER)]
    for name in names:
        source = sources()[name]
        fetched = online and any(entry.url for entry in source.online)
        if name in _SHOWN_HERE or not (source.packaged or fetched or name in found):
            continue
        result = ImportDone(name, [path.name for path in found.get(name, ())])
        try:
            with local_files(services.settings, name, [str(path) for path in found.get(name, ())], code) as paths:
                packaged = () if source.packaged else paths
                result.report = import_files(services, name, packaged, reindex=False, departement=code)
        except KeyMissing as error:
            result.skipped = error.public
        except RelaisError as error:
            result.error = error.public
        yield result


def print_done(result: ImportDone) -> None:
    """Print it for a person."""
    if result.report is not None:
        print_report(result.report, dry_run=False)
    else:
        click.echo(f"« {result.source} » : {result.error or result.skipped}", err=True)
