"""A text as it was understood, asked of a real index: where it finds too little, wider, and it is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from directory.errors import InvalidQuery
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.types import Place
from directory.models.published import BassinRecord
from directory.search.asking import Answer, ask
from directory.search.embedded import EmbeddedIndex
from directory.search.types import SearchQuery
from directory.territory import Bassins
from directory.vocabulary import Kind
from tests.directory.search.samples import documents, make_document

TODAY = date(2026, 11, 25)
Asked = Callable[..., Answer]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    built = EmbeddedIndex(tmp_path_factory.mktemp("asking") / "index")
    built.rebuild(documents(), 1)
    return built


@pytest.fixture
def empty(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path / "index")


@pytest.fixture
def asked(index: EmbeddedIndex, gazetteer: Gazetteer) -> Asked:
    def one(text: str = "", place: str = "", on: EmbeddedIndex = index, **facts: Any) -> Answer:
        told = gazetteer.find(place) if place else None
        assert told is None or isinstance(told, Place)
        names = ("radius_km", "but", "bassins")
        options = {name: facts.pop(name) for name in names if name in facts}
        query = SearchQuery(text=text, **facts)
        return ask(on, query, find_place=gazetteer.find_named, today=TODAY, place=told, **options)

    return one


def names(answer: Answer) -> list[str]:
    return [hit.name for hit in answer.page.hits]


def test_what_is_recognised_is_asked(asked: Asked) -> None:
    answer = asked("salon apprentissage rennes décembre")

    assert names(answer) == ["Salon de l'apprentissage de Rennes"]
    assert [each.what for each in answer.understood.recognitions] == ["date", "lieu", "genre"]


def test_what_finds_nothing_is_taken_back_and_it_is_said(asked: Asked) -> None:
    answer = asked("garage gratuit rennes")

    assert names(answer)[0] == "Garage solidaire de l’Ille"
    assert [each.what for each in answer.taken_back] == ["gratuit"]
    assert "« Gratuit »" in str(answer.widened)


def test_what_is_told_is_never_taken_back(asked: Asked) -> None:
    answer = asked("garage", filters={"frais": ("gratuit",)})

    assert (names(answer), answer.taken_back) == ([], ())


def test_a_place_that_is_told_is_not_looked_for_in_the_text(asked: Asked) -> None:
    answer = asked("mission locale fougères", "Rennes")

    assert answer.place is not None
    assert answer.place.code == "35238"
    assert answer.understood.text == "mission locale fougères"


def test_too_few_answers_around_a_place_are_widened_step_by_step_each_with_its_count(asked: Asked) -> None:
    answer = asked("mission locale", "Fougères", radius_km=5.0)

    assert [(step.label, step.total) for step in answer.steps][1:] == [("Ille-et-Vilaine", 2), ("France", 3)]
    assert answer.steps[0].total == 1
    assert names(answer)[0] == "Mission locale de Fougères"
    assert "Ille-et-Vilaine : 2 fiches" in str(answer.widened)


def test_a_bassin_that_was_imported_is_a_step_between_the_commune_and_the_departement(asked: Asked, empty: EmbeddedIndex) -> None:
    bassin = BassinRecord(code="35F", label="Bassin de Fougères", communes=("35115", "35360"))
    near = [make_document(pk, "Mission locale", latitude=48.12, longitude=-1.21, code_commune="35360") for pk in range(1, 7)]
    empty.rebuild(near, 1)

    answer = asked("mission locale", "Fougères", on=empty, radius_km=1.0, bassins=Bassins([bassin]))

    assert [(step.label, step.total) for step in answer.steps][1:] == [("Bassin de Fougères", 6)]


def test_a_territory_is_widened_too(asked: Asked) -> None:
    answer = asked("mission locale 44")

    assert [step.label for step in answer.steps] == ["Loire-Atlantique (44)", "France"]
    assert answer.page.total == 3


def test_enough_answers_are_not_widened(asked: Asked) -> None:
    assert asked("", "Rennes", radius_km=10.0).steps == ()


def test_pages_of_a_widened_question_neither_skip_nor_repeat(asked: Asked) -> None:
    first = asked("mission locale", "Fougères", radius_km=5.0, limit=2)
    second = asked("mission locale", "Fougères", radius_km=5.0, limit=2, cursor=first.page.next)

    assert len({*names(first), *names(second)}) == 3
    assert second.page.next is None


def test_what_is_far_is_said_to_be(asked: Asked) -> None:
    answer = asked("auto-école rennes")

    assert "est à 100 km" in str(answer.widened)


def test_what_was_perhaps_meant_is_proposed_and_finds_something(asked: Asked) -> None:
    answer = asked("psicologue")

    assert answer.suggestion == "psychologue"
    assert asked(answer.suggestion).page.exact


@pytest.mark.parametrize("text", ["psychologue", "xqzwkvbn"])
def test_nothing_is_proposed_where_nothing_better_is_known(asked: Asked, text: str) -> None:
    assert asked(text).suggestion is None


def test_a_radius_around_a_departement_is_refused(asked: Asked) -> None:
    with pytest.raises(InvalidQuery) as refused:
        asked("cio", "Ille-et-Vilaine", radius_km=10.0)

    assert refused.value.field == "radius"


def test_equal_companies_take_turns_day_by_day_the_same_for_everyone_and_partners_never(
    tmp_path: Path, gazetteer: Gazetteer
) -> None:
    companies = [make_document(pk, f"Boulangerie {pk}", "Rennes", kind=Kind.COMPANY, category="entreprise") for pk in range(1, 9)]
    partners = [make_document(pk, f"Boulangerie {pk}", "Nantes") for pk in range(11, 19)]
    index = EmbeddedIndex(tmp_path / "index")
    index.rebuild([*companies, *partners], 1)

    def order(day: date, place: str) -> list[str]:
        where = gazetteer.find(place)
        assert isinstance(where, Place)
        query = SearchQuery(text="boulangerie", limit=8)
        return names(ask(index, query, find_place=gazetteer.find_named, today=day, place=where))

    days = [date(2026, 11, day) for day in range(20, 30)]

    assert order(days[0], "Rennes") == order(days[0], "Rennes")
    assert len({order(day, "Rennes")[0] for day in days}) > 2
    assert len({tuple(order(day, "Nantes")) for day in days}) == 1
