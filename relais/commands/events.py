"""``relais events``: the events that a source's rule keeps out, and those that a person lets in."""

from __future__ import annotations

import click

from directory.errors import RelaisError
from importers.source import get_source
from relais.commands.options import json_option, open_services
from relais.french import FrenchGroup
from relais.output import counted, french_number, print_json


class NotKeptOut(RelaisError):
    """No record kept out has this id."""


source_option = click.option("--source", "source_name", default="calendars", help="Source des événements (calendars).")


@click.group(cls=FrenchGroup)
def events() -> None:
    """Voir les événements écartés par la règle, et en admettre."""


@events.command()
@source_option
@click.option("--limit", type=click.IntRange(1), default=50, help="Nombre d’événements à montrer (50).")
@click.option("--find", "text", default="", help="Seulement ceux dont le titre ou le motif contient ce texte.")
@json_option
def aside(*, source_name: str, limit: int, text: str, as_json: bool) -> None:
    """Lister les événements gardés à part, avec le motif de chacun."""
    name = get_source(source_name).name
    found = [
        one for one in open_services().repository.list_kept_out(name) if text.casefold() in f"{one.value} {one.reason}".casefold()
    ]
    if as_json:
        fields = ("source", "record_id", "value", "reason", "admitted", "raw")
        print_json([{field: getattr(one, field) for field in fields} for one in found[:limit]])
        return
    for one in found[:limit]:
        click.echo(f"{'✓' if one.admitted else ' '} {one.record_id}\n    {one.value[:100]}\n    {one.reason}")
    shown = f" ({counted(limit, 'montrés')})" if len(found) > limit else ""
    click.echo(f"{counted(len(found), 'événements gardés')} à part{shown} ; ✓ : admis, publié au prochain import.")


@events.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@source_option
@click.option("--undo", is_flag=True, help="Revenir à la règle pour ces événements.")
@json_option
def admit(ids: tuple[str, ...], *, source_name: str, undo: bool, as_json: bool) -> None:
    """Admettre des événements écartés : décision gardée, suivie par chaque prochain import."""
    name = get_source(source_name).name
    services = open_services()
    if undo:
        count = services.repository.withdraw_admission(name, ids)
    else:
        known = {one.record_id for one in services.repository.list_kept_out(name, ids)}
        for one in ids:
            if one not in known:
                raise NotKeptOut(f"{name}: {one!r}", public=f"Aucun événement gardé à part ne porte l’identifiant « {one} ».")
        count = services.repository.admit(name, ids, services.clock())
    if as_json:
        print_json({"source": name, "ids": list(ids), "changed": count, "admitted": not undo})
        return
    done = "Rendus à la règle, qui les jugera" if undo else "Admis, pour paraître"
    click.echo(f"{done} au prochain import de « {name} » : {french_number(count)}.")
