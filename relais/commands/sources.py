"""``relais sources``: the sources known, with licence, freshness and last run."""

from __future__ import annotations

from typing import Any

import click

from directory.sources import source_to_json
from relais.commands.options import json_option, open_services
from relais.output import french_number, print_json


@click.command()
@json_option
def sources(*, as_json: bool) -> None:
    """Lister les sources connues : licence, fraîcheur, dernier import."""
    services = open_services()
    services.repository.close_dead_runs(services.clock())
    today = services.clock().date()
    rows = [source_to_json(source, services.repository.list_runs(source.name, limit=1), today) for source in services.sources]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['name']:<20} {row['label']}")
        click.echo(f"{'':<20} {row['publisher']} · licence : {row['licence']} · {_state(row)}")


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
