"""``relais runs`` and ``relais record``: what imports did, and what is kept of each source record."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

import click

from directory.field_labels import field_label
from directory.models.changes import KeptRecord, RunSummary
from directory.models.doubt import Doubt
from relais.commands.options import json_option, open_services
from relais.commands.plans import print_plan
from relais.output import counted, french_number, print_json

STATUSES = {"done": "terminé", "failed": "échoué", "interrupted": "interrompu", "running": "en cours"}
COUNTS = {
    "read": "lus",
    "added": "ajoutés",
    "changed": "modifiés",
    "unchanged": "inchangés",
    "missed": "absents",
    "removed": "disparus",
    "merged": "fusionnés",
    "proposed": "doublons à examiner",
    "refused": "refusés",
    "doubts": "doutes",
}
_SHOWN = 10


@click.command()
@click.argument("run", required=False, type=click.IntRange(1), metavar="[N°]")
@click.option("--source", help="Seulement cette source.")
@click.option("--limit", type=click.IntRange(1), default=20, help="Nombre d’imports à lister (20).")
@json_option
def runs(run: int | None, *, source: str | None, limit: int, as_json: bool) -> None:
    """Lister les imports, ou tout dire de l’un d’eux : fichiers, changements, alarmes, doutes."""
    services = open_services()
    repository = services.repository
    repository.close_dead_runs(services.clock())
    if run is None:
        found = repository.list_runs(source.replace("-", "_") if source else None, limit)
        if as_json:
            print_json([_to_json(summary) for summary in found])
            return
        for summary in found:
            _print_line(summary)
        if not found:
            click.echo("Aucun import.")
        return
    summary, doubts = repository.get_run(run), repository.list_doubts(run)
    if as_json:
        print_json(_to_json(summary) | {"doubts": [doubt.to_json() for doubt in doubts]})
        return
    _print_line(summary)
    for entry in summary.inputs:
        click.echo(f"  {entry['name']} · {french_number(entry['size'])} octets · sha256 {entry['sha256'][:16]}…")
    print_plan(summary.plan)
    print_doubts(doubts, f"relais doubts --run {run}")


def print_doubts(doubts: list[Doubt], all_of_them: str) -> None:
    """Print the first doubts, and where the others are."""
    for doubt in doubts[:_SHOWN]:
        where = f"ligne {doubt.line}, " if doubt.line else ""
        click.echo(f"  ? {where}{doubt.field} « {doubt.value[:60]} » : {doubt.message}")
    if len(doubts) > _SHOWN:
        click.echo(f"  … et {counted(len(doubts) - _SHOWN, 'autres doutes')} (« {all_of_them} »).")


def _print_line(run: RunSummary) -> None:
    counts = " · ".join(counted(run.counts[name], label) for name, label in COUNTS.items() if run.counts.get(name))
    click.echo(f"n° {run.pk} · {run.source} · {french_moment(run.started_at)} · {STATUSES.get(run.status, run.status)}")
    for text in (counts, run.message):
        if text:
            click.echo(f"  {text}")
    for alarm in run.alarms:
        click.echo(f"  ⚠ {alarm}")


def french_moment(moment: datetime) -> str:
    """A moment as French writes it."""
    return f"{moment:%d/%m/%Y à %H:%M}"


def _to_json(run: RunSummary) -> dict[str, Any]:
    facts = asdict(run)
    finished = run.finished_at.isoformat() if run.finished_at else None
    return {"run": facts.pop("pk"), **facts, "started_at": run.started_at.isoformat(), "finished_at": finished}


@click.command()
@click.argument("listing_id", metavar="FICHE")
@json_option
def record(listing_id: str, *, as_json: bool) -> None:
    """Montrer d’où vient une fiche : chaque ligne de source telle que publiée, les champs qu’elle donne, ses dates."""
    found = open_services().repository.list_records(listing_id)
    if as_json:
        print_json([_record_json(kept) for kept in found])
        return
    for kept in found:
        _print_record(kept)


def _record_json(kept: KeptRecord) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(kept).items()}


def _print_record(kept: KeptRecord) -> None:
    click.echo(f"{kept.source} · {kept.record_id}")
    click.echo(
        f"  vue du {french_moment(kept.first_seen)} au {french_moment(kept.last_seen)}"
        f", modifiée le {french_moment(kept.changed_at)}" + (f" (import n° {kept.run})" if kept.run else "")
    )
    if kept.missing_since is not None:
        click.echo(f"  disparue le {french_moment(kept.missing_since)} : {kept.missing_reason}")
    elif kept.missed_at is not None:
        click.echo(
            f"  absente depuis l’import du {french_moment(kept.missed_at)} : fermée si le suivant ne la tient pas non plus"
        )
    fields = ", ".join(
        f"{field_label(name)} ({', '.join(headers)})" if headers else field_label(name) for name, headers in kept.fields.items()
    )
    click.echo(f"  donne : {fields or 'rien que d’autres ne donnent mieux'}")
    for header, text in kept.raw.items():
        if text:
            click.echo(f"    {header} = {' '.join(text.split())[:200]}")
