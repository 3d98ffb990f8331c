"""``relais mapping``: how a table would be read, and the mappings kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import click

from directory.models.doubt import Doubt
from directory.models.record import SourcedRecord
from directory.services import Services
from directory.settings import read_settings
from directory.vocabulary import categories
from importers.headers import resolve
from importers.run import Run
from importers.source import get_source
from importers.sources.tableur import records
from importers.sources.tableur.guesses import Proposal
from importers.sources.tableur.proposal import examine
from importers.sources.tableur.saved import list_mappings, mapping_text, save_mapping
from relais.commands.imports import read_mapping, saved_mapping
from relais.commands.options import json_option, open_services
from relais.french import FrenchGroup
from relais.output import print_json

_SHEET = click.option("--sheet", default="", help="Feuille du classeur, ou tableau du PDF, à lire (sinon, celle qui convient).")
_FILE = click.argument("path", metavar="FICHIER", type=click.Path(path_type=Path))


@click.group(cls=FrenchGroup)
def mapping() -> None:
    """Proposer, essayer et garder la correspondance des colonnes d’un tableau quelconque."""


@mapping.command("propose")
@_FILE
@click.option("--save", "name", default="", help="Garder la correspondance sous ce NOM : « relais import NOM … » la suivra.")
@_SHEET
@json_option
def propose_(path: Path, *, name: str, sheet: str, as_json: bool) -> None:
    """Dire ce qu’est chaque colonne d’un FICHIER, d’après son en-tête et ses valeurs."""
    settings = read_settings()
    proposal = examine(path, get_source("tableur"), settings.max_file_mb * 1_000_000, sheet)
    saved = save_mapping(settings.data, name, proposal, path.name) if name else None
    if as_json:
        document = {"kind": proposal.kind, "category": proposal.category, "why": proposal.why, "saved": str(saved or "")}
        columns = [asdict(guess) for guess in proposal.guesses]
        print_json(document | {"columns": columns, "mapping": mapping_text(name, proposal, path.name)})
        return
    _print_proposal(proposal)
    if "nom" not in proposal.columns():
        click.echo("\nAucune colonne ne donne le nom : à dire dans la correspondance, [colonnes] nom = « … ».")
    if saved is not None:
        click.echo(f"\nGardée dans {saved} : la relire, puis « relais import {name} {path.name} ».")
    else:
        click.echo("\nPour la garder : --save NOM. Pour voir les premières fiches : relais mapping preview FICHIER.")


def _better_sources(proposal: Proposal) -> list[str]:
    """The sources whose own mandatory columns a table has: they read more of it than any table's mapping does."""
    headers = [guess.header for guess in proposal.guesses]
    found = []
    for name in ("psad", "clee", "bassins"):
        columns = get_source(name).columns
        wanted = {column.name for column in columns.values() if column.required}
        if wanted <= resolve(headers, columns).keys():
            found.append(name)
    return found


def _print_proposal(proposal: Proposal) -> None:
    for name in _better_sources(proposal):
        click.echo(f"Ce tableau a les colonnes de « {name} » : « relais import {name} … » le lirait mieux.")
    click.echo(f"Lu comme {proposal.why}.\n")
    for guess in proposal.guesses:
        sure = f"{guess.confidence:4.0%}" if guess.field else "   –"
        click.echo(f"  {sure}  {guess.header[:40]:<40}  {guess.field or '(non lue)':<12}  {' ; '.join(guess.reasons)}")


@mapping.command("preview")
@_FILE
@click.option("--mapping", "mapping_path", type=click.Path(path_type=Path), help="Correspondance à suivre (TOML).")
@click.option("--name", default="", help="Correspondance gardée sous ce NOM ; sans rien, celle qui est proposée.")
@click.option("--rows", default=5, show_default=True, type=click.IntRange(1, 200), help="Nombre de fiches à montrer.")
@_SHEET
@json_option
def preview(path: Path, *, mapping_path: Path | None, name: str, rows: int, sheet: str, as_json: bool) -> None:
    """Montrer les premières fiches d’un FICHIER, avec les doutes, sans rien écrire."""
    services = open_services()
    followed = read_mapping(mapping_path) if mapping_path else None
    if name:
        followed = saved_mapping(services.settings.data, name)
    found, doubts = read_first(services, path, followed, rows, sheet)
    if as_json:
        print_json({"listings": [summarise(entry) for entry in found], "doubts": [doubt.to_json() for doubt in doubts]})
        return
    for entry in found:
        click.echo("\n".join(f"{label:>12} : {text}" for label, text in summarise(entry).items() if text) + "\n")
    for doubt in doubts:
        where = f"ligne {doubt.line}, " if doubt.line else ""
        click.echo(f"  ? {where}{doubt.field} « {doubt.value[:60]} » : {doubt.message}")


def read_first(
    services: Services, path: Path, followed: Mapping[str, Any] | None, rows: int, sheet: str = ""
) -> tuple[list[SourcedRecord], list[Doubt]]:
    """The first listings that a file would give, and the doubts met until there."""
    run = Run(
        source=get_source("tableur"),
        paths=(path,),
        geocoder=services.gazetteer,
        now=services.clock(),
        mapping=followed,
        max_bytes=services.settings.max_file_mb * 1_000_000,
        bassins=services.repository.load_bassins(),
        find_name=services.repository.find_name,
        sheet=sheet,
    )
    return list(islice(records(run), rows)), run.doubts


def summarise(entry: SourcedRecord) -> dict[str, str]:
    """A listing in a few French words: what it is → what is said of it."""
    record = entry.record
    contacts = [" ".join(filter(None, (c.name, c.phone, c.email, c.url))) for c in record.contacts]
    dates = [occurrence.start.strftime("%d/%m/%Y %H:%M") for occurrence in record.occurrences]
    ages = "" if record.age_min is None and record.age_max is None else f"{record.age_min or '–'} à {record.age_max or '–'} ans"
    return {
        "nom": record.name,
        "catégorie": categories()[record.category].label,
        "adresse": " ".join(filter(None, (record.address, record.code_postal))),
        "commune": record.code_commune or "",
        "contacts": " ; ".join(contacts),
        "dates": " ; ".join(dates),
        "identifiants": " ; ".join(filter(None, (record.siret, record.uai, record.naf))),
        "âges": ages,
        "propose": ", ".join((*record.pathways, *record.thematiques, *record.occupations)),
        "bassin": record.bassin_label or ", ".join(coverage.token for coverage in record.coverage),
        "description": record.description[:200],
    }


@mapping.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """Donner les correspondances gardées."""
    kept = list_mappings(read_settings().data)
    if as_json:
        print_json({name: str(path) for name, path in kept.items()})
        return
    for name, path in kept.items():
        click.echo(f"{name}  ({path})")
    if not kept:
        click.echo("Aucune correspondance gardée : « relais mapping propose FICHIER --save NOM ».")
