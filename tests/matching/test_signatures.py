"""What records alone decide, asked once for each signature or listing by listing: the answers are the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from directory.vocabulary import PUBLICS, THEMATIQUES, Kind, Pathway, Visibility
from matching import candidates, ranking
from matching.everywhere import Everywhere, promising
from matching.needs import needs
from matching.question import Question
from matching.ranking import match
from matching.types import Diploma, DiplomaLevel, Mode, Profile, Situation
from tests.matching.factories import catalogue_of, listing, student

AT = date(2026, 11, 24)
PARTNERS = [
    "association",
    "association",
    "association",
    "mission_locale",
    "psad",
    "ccas",
    "cio",
    "siao",
    "bureau_des_entreprises",
]
TOKENS = ["commune:35360", "departement:35", "region:53", "france", "remote", "commune:75056", "bassin:B-1"]
URGENT = "personnes-en-situation-durgence"
ROME = ["G1602", "G1605", "I1604", "D1106"]


def invented_listings(chance: random.Random, count: int) -> list[Any]:
    """Partners and companies, many of them far and for everyone; few values, so that scores are often equal."""
    return [listing(f"l-{rank:03}", **_fields(chance)) for rank in range(count)]


def _fields(chance: random.Random) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "kind": "company" if chance.random() < 0.2 else "partner",
        "at_km": chance.choice([1, 8, 30, 90, 200, 380]) * chance.choice([1, 1, 1.1]),
        "name": chance.choice(["Un", "Deux", "Trois", "Quatre", "Cinq", "Six"]) + chance.choice(["", " bis", " ter"]),
        "thematiques": chance.sample(sorted(THEMATIQUES), chance.randint(0, 4)),
        "publics": chance.choice([[], [], [], [URGENT], ["seniors"], ["jeunes", "femmes"]]),
        "coverage": chance.choice([["france"], ["remote"], ["france"], [], chance.sample(TOKENS, 2)]),
        "pathways": chance.choice([[], [], ["internship"], ["apprenticeship", "job"]]),
        "age_min": chance.choice([None, None, None, 18]),
        "updated_at": chance.choice([None, date(2026, 1, 1), date(2026, 10, 1), date(2020, 1, 1)]),
        "modes_accueil": chance.choice([[], ["a-distance"]]),
        "contacts": chance.choice([[], [{"phone": "+33261910001"}], [{"email": "a@example.org"}]]),
        "visibility": chance.choice([*[Visibility.PUBLIC] * 9, Visibility.BASSIN]),
        "occupations": chance.choice([[], [], chance.sample(ROME, 2)]),
    }
    if fields["kind"] == "partner":
        fields["category"] = chance.choice(PARTNERS)
    if chance.random() < 0.1:
        fields["at_km"] = None
    return {name: value for name, value in fields.items() if value is not None}


def invented_student(chance: random.Random) -> Profile:
    return student(
        birth_date=date(chance.randint(2003, 2010), chance.randint(1, 12), 5),
        situation=chance.choice([None, *Situation]),
        diploma=Diploma(level=chance.choice([None, *DiplomaLevel])),
        needs=tuple(chance.sample(sorted(needs()), chance.randint(0, 3))),
        publics=tuple(chance.sample(sorted(PUBLICS), chance.randint(0, 2))),
        pathways=tuple(chance.sample(list(Pathway), chance.randint(0, 2))),
        occupations=tuple(chance.sample(ROME, chance.randint(0, 2))),
        mode=chance.choice([None, *Mode]),
        max_minutes=chance.choice([None, 30, 90]),
    )


@pytest.mark.parametrize("seed", range(6))
def test_an_answer_by_signature_is_that_of_judging_listings_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)  # noqa: S311 - invented students
    catalogue = catalogue_of(*invented_listings(chance, 400))
    asked = [(invented_student(chance), chance.choice([1, 3, 10])) for _ in range(10)]
    viewer = chance.choice([Visibility.PUBLIC, Visibility.BASSIN])

    def answers(many: int) -> list[Any]:
        monkeypatch.setattr(candidates, "MANY", many)
        return [match(profile, catalogue, at=AT, limit=limit, viewer=viewer) for profile, limit in asked]

    by_signature, one_by_one = answers(many=0), answers(many=10_000)

    assert len(catalogue.signatures(Kind.PARTNER)[1]) < len(catalogue.by_kind[Kind.PARTNER])
    assert by_signature == one_by_one


@pytest.mark.parametrize("seed", range(8))
def test_what_serves_everyone_and_cannot_be_among_the_best_changes_no_answer(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(100 + seed)  # noqa: S311 - invented students
    catalogue = catalogue_of(*invented_listings(chance, 500))
    asked = [(invented_student(chance), chance.choice([1, 2, 5])) for _ in range(12)]
    viewer = chance.choice([Visibility.PUBLIC, Visibility.BASSIN])
    monkeypatch.setattr(ranking, "POOL", 20)  # few are looked at, so that many are left
    everyone = catalogue.serving_everyone(Kind.PARTNER)
    judged: list[int] = []

    def answers(choose: Callable[..., Everywhere]) -> list[Any]:
        monkeypatch.setattr(ranking, "promising", choose)
        return [match(profile, catalogue, at=AT, limit=limit, viewer=viewer) for profile, limit in asked]

    def told(question: Question, kind: Kind, pool: int, nearest: int) -> Everywhere:
        found = promising(question, kind, pool, nearest)
        judged.extend([len(found.rows)] if kind is Kind.PARTNER else [])
        return found

    def all_of_them(question: Question, kind: Kind, _pool: int, _nearest: int) -> Everywhere:
        rows = question.catalogue.serving_everyone(kind)
        return Everywhere(rows, rows[:0])

    some, all_judged = answers(told), answers(all_of_them)

    assert some == all_judged
    assert min(judged) < len(everyone) / 2
