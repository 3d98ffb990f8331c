"""``relais reports``: what visitors say is wrong with listings, and closing what was dealt with."""

from __future__ import annotations

import click

from directory.models.report import REASON_LABELS, KeptReport
from relais.commands.options import json_option, open_services
from relais.commands.runs import french_moment
from relais.french import FrenchGroup
from relais.output import french_number, print_json


@click.group(cls=FrenchGroup, invoke_without_command=True)
@click.option("--all", "closed", is_flag=True, help="Ceux qui sont traités aussi.")
@click.option("--limit", type=click.IntRange(1), default=50, help="Nombre de signalements à montrer (50).")
@json_option
@click.pass_context
def reports(context: click.Context, *, closed: bool, limit: int, as_json: bool) -> None:
    """Lister les erreurs que des visiteurs signalent, les plus anciennes d’abord ; « relais reports close » les dit traitées."""
    if context.invoked_subcommand is not None:
        return
    repository = open_services().repository
    found, waiting = repository.list_reports(limit, closed=closed), repository.count_reports()
    if as_json:
        print_json({"open": waiting, "reports": [report.to_json() for report in found]})
        return
    for report in found:
        _print(report)
    click.echo(f"{french_number(waiting)} signalement{'s' if waiting > 1 else ''} à lire.")


@reports.command("close")
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1), metavar="N°…")
@click.option("--note", default="", help="Ce qui a été fait : gardé.")
@click.option("--by", default="", help="Qui l’a fait : gardé.")
@json_option
def close_(numbers: tuple[int, ...], *, note: str, by: str, as_json: bool) -> None:
    """Dire des signalements traités ; leur texte est alors effacé."""
    services = open_services()
    now = services.clock()
    done = [services.repository.close_report(number, now, note=note[:2000], author=by[:200]) for number in dict.fromkeys(numbers)]
    if as_json:
        print_json([report.to_json() for report in done])
        return
    for report in done:
        _print(report)


def _print(report: KeptReport) -> None:
    click.echo(f"n° {report.number} · {french_moment(report.said_at)} · {report.listing_id}")
    click.echo(f"  {REASON_LABELS[report.reason]}" + (f" : {report.text}" if report.text else ""))
    if report.closed_at is not None:
        who = f" par {report.closed_by}" if report.closed_by else ""
        click.echo(f"  traité le {french_moment(report.closed_at)}{who}" + (f" : {report.note}" if report.note else ""))
