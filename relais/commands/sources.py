"""``relais sources``: the sources known, with licence, freshness and last run."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from directory.services import Services
from importers.source import Source, stale_since
from importers.source import sources as known_sources
from relais.commands.options import json_option, open_services
from relais.output import french_number, print_json


@click.command()
@json_option
def sources(*, as_json: bool) -> None:
    """Lister les sources connues : licence, fraîcheur, dernier import."""
    services = open_services()
    services.repository.close_dead_runs(services.clock())
    rows = [_row(services, source, services.clock().date()) for source in known_sources().values()]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['name']:<20} {row['label']}")
        click.echo(f"{'':<20} {row['publisher']} · licence : {row['licence']} · {_state(row)}")


def _row(services: Services, source: Source, today: date) -> dict[str, Any]:
    runs = services.repository.list_runs(source.name, limit=1)
    last = runs[0] if runs else None
    done = last.finished_at.date() if last and last.finished_at else None
    return {
        "name": source.name,
        "label": source.label,
        "publisher": source.publisher,
        "licence": source.licence,
        "homepage": source.homepage,
        "freshness_days": source.freshness_days,
        "last_run": None
        if last is None
        else {
            "run": last.pk,
            "status": last.status,
            "started_at": last.started_at.isoformat(),
            "finished_at": last.finished_at.isoformat() if last.finished_at else None,
            "counts": last.counts,
            "message": last.message,
            "alarms": last.alarms,
        },
        "stale_days": stale_since(source, done, today) if done else None,
    }


def _state(row: dict[str, Any]) -> str:
    last = row["last_run"]
    if last is None:
        return "jamais importée"
    read = french_number(last["counts"].get("read", 0))
    late = f", périmée depuis {row['stale_days']} jours" if row["stale_days"] else ""
    ended = {"done": f"{read} lus", "failed": f"échec : {last['message']}", "interrupted": "interrompu"}
    outcome = ended.get(last["status"], "en cours")
    alarms = "".join(f" ⚠ {alarm}" for alarm in last["alarms"])
    return f"dernier import le {last['started_at'][:10]} ({outcome}{late}){alarms}"
