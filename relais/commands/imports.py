"""``relais import`` and ``relais reindex``."""

from __future__ import annotations

import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from directory.errors import RelaisError
from directory.http import Fetcher, is_public, is_public_or_loopback
from directory.http_cache import HttpCache
from directory.models.doubt import DoubtLevel
from directory.services import Services
from directory.settings import Settings
from importers.errors import UnknownSource, UnreadableFile
from importers.fetching import fetch_inputs
from importers.locating import ask
from importers.pipeline import run_import
from importers.report import ImportReport
from importers.source import get_source
from importers.sources.tableur.saved import find_mapping, list_mappings
from relais.commands.geocode import address_geocoder, told
from relais.commands.options import json_option, open_services
from relais.commands.plans import print_plan
from relais.commands.runs import COUNTS, print_doubts
from relais.output import counted, french_number, print_json, progress_line


@click.command("import")
@click.argument("source")
@click.argument("inputs", nargs=-1, metavar="FICHIER|URL…")
@click.option(
    "--mapping", "mapping_path", type=click.Path(path_type=Path), help="Correspondance des colonnes (TOML), pour « tableur »."
)
@click.option("--sheet", default="", help="Feuille du classeur, ou tableau du PDF, à lire (sinon, celle qui convient).")
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, sans rien écrire.")
@click.option("--allow-removals", is_flag=True, help="Publier même si bien plus de fiches que prévu disparaissent.")
@click.option("--undoable", is_flag=True, help="Garder ce qui est remplacé, pour « relais undo » (« tableur » seulement).")
@json_option
def import_(
    source: str,
    inputs: tuple[str, ...],
    *,
    mapping_path: Path | None,
    sheet: str,
    dry_run: bool,
    allow_removals: bool,
    undoable: bool,
    as_json: bool,
) -> None:
    """Importer une SOURCE (ou une correspondance gardée) : fichiers, adresses, sinon son adresse publiée."""
    services = open_services()
    mapping = read_mapping(mapping_path) if mapping_path else None
    if mapping is None and find_mapping(services.settings.data, source) is not None:
        source, mapping = "tableur", saved_mapping(services.settings.data, source)
    name = get_source(source).name
    if undoable and name != "tableur":
        raise click.UsageError("--undoable : pour « tableur » seulement.")
    with local_files(services.settings, name, inputs) as paths:
        report = import_files(
            services,
            name,
            paths,
            mapping=mapping,
            dry_run=dry_run,
            sheet=sheet,
            allow_removals=allow_removals,
            undoable=undoable and not dry_run,
        )
    located = None if dry_run else locate_addresses(services)
    if as_json:
        print_json(report.to_json())
    else:
        print_report(report, dry_run=dry_run)
    if located is not None:
        click.echo(located, err=True)
    services.catalogue.prepare()


def locate_addresses(services: Services) -> str | None:
    """Locate the addresses that wait, where a service is set. An outage stops nothing: they wait for ``relais geocode``."""
    geocoder = address_geocoder(services)
    if geocoder is None:
        return None
    try:
        done = ask(services.repository, geocoder, services.clock())
        if done.moved:
            services.keeper.catch_up()
    except RelaisError as error:
        return f"Adresses : en attente. {error.public}"
    return f"{told(done)} {done.outage}".strip()


def import_files(
    services: Services,
    source: str,
    paths: Sequence[Path] = (),
    *,
    mapping: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    reindex: bool = True,
    sheet: str = "",
    departement: str = "",
    allow_removals: bool = False,
    undoable: bool = False,
) -> ImportReport:
    """Import files with the services of this instance, showing progress on standard error."""
    return run_import(
        source,
        paths,
        repository=services.repository,
        keeper=services.keeper if reindex else None,
        gazetteer=services.gazetteer,
        now=services.clock(),
        mapping=mapping,
        dry_run=dry_run,
        max_bytes=services.settings.max_file_mb * 1_000_000,
        progress=progress_line(f"Lecture de {source}"),
        sheet=sheet,
        departement=departement,
        allow_removals=allow_removals,
        undoable=undoable,
    )


def read_mapping(path: Path) -> dict[str, Any]:
    """Read a column mapping.

    Raises:
        UnreadableFile: Absent, or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path}: {error}", public=f"La correspondance {path.name} est illisible.") from error
    except RecursionError as error:
        raise UnreadableFile(f"{path}: too deep", public=f"La correspondance {path.name} est imbriquée sans fin.") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableFile(
            f"{path}: {error}", public=f"La correspondance {path.name} n’est pas du TOML valide : {error}."
        ) from error


def saved_mapping(data: Path, name: str) -> dict[str, Any]:
    """The mapping kept under a name (``relais mapping propose --save``).

    Raises:
        UnknownSource: There is none.
        UnreadableFile: It is no longer TOML.
    """
    path = find_mapping(data, name)
    if path is None:
        kept = ", ".join(list_mappings(data)) or "aucune"
        raise UnknownSource(f"no mapping {name!r}", public=f"Correspondance inconnue : « {name} ». Gardées : {kept}.")
    return read_mapping(path)


@contextmanager
def local_files(settings: Settings, source: str, inputs: Sequence[str], departement: str = "") -> Iterator[tuple[Path, ...]]:
    """The inputs as files: URLs are fetched into a folder that goes with the block, the others are taken as they are.

    Without any, those that the source declares online.
    """
    fetcher = Fetcher(
        max_bytes=settings.max_file_mb * 1_000_000,
        allowed=is_public_or_loopback if settings.loopback else is_public,
        cache=HttpCache(settings.data / "cache" / "http"),
    )
    with tempfile.TemporaryDirectory(prefix="relais-") as folder:
        yield fetch_inputs(
            get_source(source),
            inputs,
            Path(folder),
            fetcher,
            keys=settings.keys,
            departement=departement,
            told=lambda url: click.echo(f"Téléchargement de {url} …", err=True),
        )


def print_report(report: ImportReport, *, dry_run: bool) -> None:
    """Print an import's report for a person: the counts, then the first doubts, then how many more there are."""
    numbers = report.to_json()
    title = "Essai (rien n’est écrit)" if dry_run else f"Import n° {numbers['run']}"
    click.echo(f"{title} de « {numbers['source']} » en {french_number(float(numbers['seconds']), 1)} s")
    counts = {name: numbers[name] for name in COUNTS if name in numbers and isinstance(numbers[name], int)}
    click.echo("  " + " · ".join(counted(count, COUNTS[name]) for name, count in counts.items()))
    if report.message:
        click.echo(f"  {report.message}")
    for alarm in report.alarms:
        click.echo(f"  ⚠ {alarm}")
    print_plan(report.plan)
    told = [doubt for doubt in report.doubts if doubt.level is not DoubtLevel.ASIDE]  # told by « relais events aside »
    print_doubts(told, "tous avec --json" if dry_run else f"relais doubts --run {report.run}")


@click.command()
@json_option
def reindex(*, as_json: bool) -> None:
    """Reconstruire l’index de recherche à côté, puis l’échanger sans coupure."""
    services = open_services()
    started = time.monotonic()
    held = services.keeper.rebuild()
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        print_json({"listings": held, "seconds": seconds, "revision": services.index.revision()})
    else:
        click.echo(f"Index reconstruit : {counted(held, 'fiches')} en {french_number(seconds, 1)} s.")
