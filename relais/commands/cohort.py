"""``relais cohort``: few places shared among many students."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import click

from directory.services import Services
from directory.vocabulary import Kind
from importers.errors import UnreadableFile
from matching.cohort import CohortAnswer, Place, Student, assign
from matching.errors import CohortError, ProfileError
from matching.profile import parse_profile
from matching.weights import read_policy
from relais.commands.options import Day, json_option, open_services
from relais.output import french_number, print_json

_MAX_BYTES = 50_000_000
_FIELDS = ("students", "places", "previous")


@click.command()
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True), metavar="COHORTE.json")
@click.option("--each", type=click.IntRange(1, 10), default=1, metavar="N", help="Places par élève, au plus (1).")
@click.option("--at", type=Day(), metavar="DATE", help="Rejouer à une date (AAAA-MM-JJ).")
@json_option
def cohort(path: Path, each: int, at: date | None, *, as_json: bool) -> None:
    """Partager des places peu nombreuses entre les élèves d’une cohorte, avec les raisons."""
    data = _read(path)
    services = open_services()
    answer = share_places(services, data, each=each, at=at or services.clock().date())
    if as_json:
        print_json(to_json(answer))
    else:
        _print(answer)


def share_places(services: Services, data: Mapping[str, Any], *, each: int, at: date) -> CohortAnswer:
    """Understand a cohort as JSON gives it (contracts, « The command line »), and share its places.

    Raises:
        CohortError: A field of the cohort cannot be used; it is named.
        ProfileError: A field of a student's profile; likewise, with the student's position.
    """
    unknown = sorted(data.keys() - set(_FIELDS))
    if unknown:
        raise CohortError(unknown[0], "unknown field", public=f"Champ inconnu : « {unknown[0]} ». Champs : {', '.join(_FIELDS)}.")
    students = _students(services, data.get("students"), at)
    places = _places(services, data.get("places"))
    previous = [(_text(pair, "student", "previous"), _text(pair, "listing", "previous")) for pair in _list(data, "previous")]
    policy = read_policy(services.settings.weights)
    return assign(students, places, services.catalogue.current(), at=at, each=each, previous=previous, policy=policy)


def _students(services: Services, given: object, at: date) -> list[Student]:
    if not isinstance(given, list) or not given:
        raise CohortError("students", "not a list", public="« students » doit être la liste des profils, un au moins.")
    bassins, students = services.repository.load_bassins(), []
    for rank, profile in enumerate(given):
        try:
            parsed = parse_profile(profile, gazetteer=services.gazetteer, bassins=bassins, today=at)
        except ProfileError as error:
            name = f"students[{rank}].{error.field}"
            raise CohortError(name, str(error), public=f"Élève {rank + 1} (« {name} ») : {error.public}") from error
        students.append(Student(reference=parsed.reference or f"élève {rank + 1}", profile=parsed))
    return students


def _places(services: Services, given: object) -> list[Place]:
    if given is None:
        catalogue = services.catalogue.current()
        rows = catalogue.by_kind[Kind.COMPANY]
        return [
            Place(listing=catalogue.ids[row], capacity=int(catalogue.places[row])) for row in rows if catalogue.places[row] > 0
        ]
    if not isinstance(given, list):
        raise CohortError("places", "not a list", public="« places » doit être une liste de {« id », « capacity »}.")
    places = []
    for rank, place in enumerate(given):
        capacity = place.get("capacity") if isinstance(place, dict) else None
        if not isinstance(capacity, int) or isinstance(capacity, bool):
            name = f"places[{rank}].capacity"
            raise CohortError(name, repr(capacity)[:80], public=f"« {name} » doit être un nombre entier.")
        places.append(Place(listing=_text(place, "id", f"places[{rank}]"), capacity=capacity))
    return places


def _list(data: Mapping[str, Any], name: str) -> Sequence[Any]:
    given = data.get(name, [])
    if not isinstance(given, list):
        raise CohortError(name, "not a list", public=f"« {name} » doit être une liste.")
    return given


def _text(data: object, name: str, where: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise CohortError(f"{where}.{name}", repr(value)[:80], public=f"« {where}.{name} » doit être un texte.")
    return value


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


def to_json(answer: CohortAnswer) -> dict[str, Any]:
    """The answer in the shape of the contract; points in points, not hundredths."""
    assignments = [{**asdict(one), "points": one.points / 100} for one in answer.assignments]
    return {
        "assignments": assignments,
        "unassigned": [asdict(one) for one in answer.unassigned],
        "usefulness": answer.usefulness,
        "greedy_usefulness": answer.greedy_usefulness,
        "greedy_served": answer.greedy_served,
    }


def _print(answer: CohortAnswer) -> None:
    served = len({one.student for one in answer.assignments})
    total = served + len(answer.unassigned)
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
