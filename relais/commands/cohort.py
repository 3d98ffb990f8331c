"""``relais cohort``: few places shared among many students."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from directory.dossiers import parcours_end
from directory.identifiers import parse_uai
from directory.models.accounts import Area
from importers.errors import UnreadableFile
from matching.cohort import CohortAnswer
from matching.cohort_form import Noted, cohort_to_json, share_places
from matching.weights import read_policy
from relais.commands.options import Day, json_option, open_services
from relais.output import french_number, print_json

_MAX_BYTES = 50_000_000


@click.command()
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True), metavar="COHORTE.json")
@click.option("--each", type=click.IntRange(1, 10), default=1, metavar="N", help="Places par élève, au plus (1).")
@click.option("--at", type=Day(), metavar="DATE", help="Rejouer à une date (AAAA-MM-JJ).")
@click.option("--lycee", default="", metavar="UAI", help="Avec les places que le bureau des entreprises de ce lycée a notées.")
@json_option
def cohort(path: Path, each: int, at: date | None, lycee: str, *, as_json: bool) -> None:
    """Partager des places peu nombreuses entre les élèves d’une cohorte, avec les raisons.

    Sans « places » dans le fichier : celles que les bureaux des entreprises ont notées et montrent, moins celles que prennent les
    classes en PFMP ; pour les autres entreprises, celles que leur fiche déclare.
    """
    data = _read(path)
    keeper = (Area.LYCEE, parse_uai(lycee)) if lycee else None
    services = open_services()
    day = at or services.clock().date()
    bassins, kept = services.repository.load_bassins(), services.repository.companies
    noted = Noted(seats=kept.seats(keeper, bassins, day, parcours_end(day)), holds=kept.holds(keeper, bassins, day))
    answer = share_places(
        data,
        services.catalogue.current(),
        gazetteer=services.gazetteer,
        bassins=bassins,
        policy=read_policy(services.settings.weights),
        at=day,
        each=each,
        noted=noted,
        itineraries=services.itineraries,
        responses=services.responses.current(),
    )
    if as_json:
        print_json(cohort_to_json(answer))
    else:
        _print(answer)


def _read(path: Path) -> dict[str, Any]:
    name = "lue sur l’entrée standard" if str(path) == "-" else path.name
    try:
        with click.open_file(str(path), "rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error}", public=f"La cohorte {path} est introuvable ou illisible.") from error
    if len(content) > _MAX_BYTES:
        raise UnreadableFile(f"{path}: too large", public=f"La cohorte {name} est trop grosse.")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(f"{path}: {error}", public=f"La cohorte {name} n’est pas du JSON en UTF-8 : {error}.") from error
    if not isinstance(data, dict):
        raise UnreadableFile(f"{path}: not an object", public="Une cohorte est un objet JSON : {« students », « places »}.")
    return data


def _print(answer: CohortAnswer) -> None:
    served = len({one.student for one in answer.assignments})
    total = served + len(answer.unassigned)
    for notice in answer.notices:
        click.echo(f"i {notice}")
    click.echo(f"{served} élève{'s' if served > 1 else ''} sur {total} ont une place.")
    for one in answer.assignments:
        click.echo(f"  {one.student} → {one.name} ({french_number(one.points / 100, 1)}/100)  [{one.listing}]")
        click.echo(f"      {one.reason}")
    for left in answer.unassigned:
        click.echo(f"  {left.student} : aucune place. {left.reason}")
    gain = answer.usefulness - answer.greedy_usefulness
    click.echo(
        f"Utilité totale : {french_number(answer.usefulness, 1)} (au plus pressé : {french_number(answer.greedy_usefulness, 1)}"
        f" pour {answer.greedy_served} élèves servis ; écart {french_number(gain, 1)})."
    )
