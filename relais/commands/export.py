"""``relais export``: the directory written out for others."""

from __future__ import annotations

from pathlib import Path

import click

from directory.exports.exporting import ExportReport, export_folder
from directory.exports.files import FORMS
from relais.commands.options import json_option, open_services
from relais.commands.search import parse_filters
from relais.output import counted, french_number, print_json


@click.command()
@click.argument("folder", metavar="DOSSIER", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format", "target", type=click.Choice(["data-inclusion"]), default="data-inclusion", help="Ce que l’export doit respecter."
)
@click.option(
    "--as", "forms", type=click.Choice(FORMS), multiple=True, help="Forme des fichiers, plusieurs si besoin (jsonl sinon)."
)
@click.option("--filter", "filters", multiple=True, metavar="NOM=VALEUR", help="Comme pour « search » : departement=35 …")
@click.option("--with-persons", is_flag=True, help="Rendre les personnes nommées que data·inclusion a publiées.")
@json_option
def export(
    folder: Path, *, target: str, forms: tuple[str, ...], filters: tuple[str, ...], with_persons: bool, as_json: bool
) -> None:
    """Exporter les partenaires publics dans un DOSSIER, au schéma data·inclusion v1."""
    services = open_services()
    report = export_folder(
        services.repository,
        services.gazetteer,
        folder,
        forms=forms or ("jsonl",),
        filters=parse_filters(filters),
        with_persons=with_persons,
    )
    if as_json:
        print_json({"format": target, "folder": str(folder), **report.to_json()})
    else:
        print_export(report)


def print_export(report: ExportReport) -> None:
    """Print what was written, and what was not, for a person."""
    click.echo(f"{counted(report.structures, 'structures')} et {counted(report.services, 'services écrits')} :")
    for path in report.files:
        click.echo(f"  {path}")
    for reason, count in report.left_out.most_common():
        click.echo(f"  laissé de côté, {reason} : {french_number(count)}")
    for column, count in report.replaced.most_common():
        click.echo(f"  « {column} » refusé par le schéma, écrit autrement ou laissé vide : {french_number(count)}")
    if report.orphans:
        click.echo(f"  services dont la structure n’est pas dans l’export : {french_number(report.orphans)}")
