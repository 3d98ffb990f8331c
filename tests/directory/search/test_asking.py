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


def test_a_trade_typed_alone_leaves_out_what_only_mentions_it_until_that_is_all_there_is(
    asked: Asked, empty: EmbeddedIndex
) -> None:
    mention = make_document(1, "Défi cuisinier", "Rennes", category="association")
    practised = make_document(2, "La Table", "Rennes", kind=Kind.COMPANY, occupations=("G1609",), words="Cuisinier")
    empty.rebuild([mention, practised], 1)
    first = asked("cuisinier", on=empty)
    without = asked("cuisinier", on=empty, but=frozenset(("metier",)))
    empty.rebuild([mention], 2)
    alone = asked("cuisinier", on=empty)

    assert names(first) == ["La Table"]
    assert sorted(names(without)) == ["Défi cuisinier", "La Table"]
    assert names(alone) == ["Défi cuisinier"]
    assert alone.widened is not None
    assert "Cuisinier" in alone.widened


def test_what_is_of_one_lycee_comes_after_what_is_there_for_all(asked: Asked, empty: EmbeddedIndex) -> None:
    topics = ("sante--acces-aux-soins", "sante--sante-mentale")
    facts = {"thematiques": topics, "words": "psychologue"}
    nurse = make_document(1, "Infirmerie", "Rennes", category="lycee", **facts)
    house = make_document(2, "Maison des adolescents", "Rennes", category="maison_des_adolescents", **facts)
    empty.rebuild([nurse, house], 1)

    answer = asked("psychologue", "Rennes", on=empty)

    assert names(answer)[0] == "Maison des adolescents"


def test_a_listing_that_only_mentions_what_is_named_does_not_keep_the_search_from_widening(
    asked: Asked, empty: EmbeddedIndex
) -> None:
    mentions = [make_document(pk, f"Atelier {pk}", "Fougères", description="Avec le Cap emploi.") for pk in range(1, 9)]
    empty.rebuild([*mentions, make_document(20, "Bureau de Rennes", "Rennes", category="cap_emploi", words="Cap emploi")], 1)

    answer = asked("cap emploi", "Fougères", on=empty, radius_km=5.0)

    assert [(step.label, step.total) for step in answer.steps] == [
        ("À moins de 5 km de Fougères (35300)", 0),
        ("Ille-et-Vilaine", 1),
    ]
    assert names(answer)[0] == "Bureau de Rennes"
    assert "« Cap emploi » : rien là où vous cherchez" in str(answer.widened)


def test_a_name_that_is_only_mentioned_here_is_looked_for_elsewhere(asked: Asked, empty: EmbeddedIndex) -> None:
    mentions = [make_document(pk, f"Atelier {pk}", "Fougères", description="Au Garage du Canal.") for pk in range(1, 9)]
    empty.rebuild([*mentions, make_document(20, "Le Garage du Canal", "Rennes")], 1)

    answer = asked("garage du canal", "Fougères", on=empty, radius_km=5.0)

    assert names(answer)[0] == "Le Garage du Canal"
    assert answer.steps[-1].label == "Ille-et-Vilaine"


def test_a_kind_is_looked_for_wider_before_it_is_taken_back(asked: Asked) -> None:
    answer = asked("salon", "Fougères", radius_km=5.0)

    assert names(answer) == ["Salon de l'apprentissage de Rennes"]
    assert (answer.taken_back, answer.steps[-1].label) == ((), "Ille-et-Vilaine")


def test_a_trade_that_nobody_exercises_gives_way_to_who_helps_to_find_one(asked: Asked) -> None:
    answer = asked("stage de 3e vétérinaire rennes")

    assert not {hit.kind for hit in answer.page.hits} & {Kind.COMPANY}
    assert "« Métier : vétérinaire (2 métiers) » : voici qui peut aider à trouver une entreprise" in str(answer.widened)


def test_a_trade_that_nobody_exercises_gives_way_to_a_near_one(asked: Asked, empty: EmbeddedIndex) -> None:
    garage = {"kind": Kind.COMPANY, "category": "entreprise", "words": "Stage", "occupations": ("I1604",)}
    bakery = garage | {"occupations": ("D1102",)}
    empty.rebuild([make_document(1, "Le Garage", "Rennes", **garage), make_document(2, "Le Fournil", "Rennes", **bakery)], 1)

    answer = asked("stage carrossier rennes", on=empty)

    assert names(answer) == ["Le Garage"]
    assert answer.understood.recognitions[-1].label == "Métiers voisins de « carrossier »"


def test_what_is_over_is_left_out_and_counted_unless_it_is_asked_for(asked: Asked) -> None:
    answer, whole, dated = (
        asked("rennes", kinds=(Kind.EVENT,), **facts)
        for facts in ({}, {"past": True}, {"after": date(2026, 10, 1), "before": date(2026, 10, 31)})
    )

    assert (names(answer), answer.past) == (["Salon de l'apprentissage de Rennes"], 1)
    assert len(names(whole)) == 2
    assert names(dated) == ["Forum des métiers de Rennes"]


def test_what_is_over_is_shown_where_nothing_else_says_the_question_and_it_is_said(asked: Asked) -> None:
    answer = asked("forum des métiers de rennes")

    assert (names(answer)[0], answer.only_past) == ("Forum des métiers de Rennes", True)
    assert answer.page.hits[0].last_day == date(2026, 10, 2)
    assert "Rien à venir ne répond" in str(answer.widened)


def test_of_a_need_who_is_there_for_it_and_near_comes_before_a_far_name_that_says_it(asked: Asked, empty: EmbeddedIndex) -> None:
    housing, food = "logement-hebergement--louer-un-logement", "equipement-et-alimentation--alimentation"
    home = {"words": "Louer un logement"}
    empty.rebuild(
        [
            make_document(1, "Action Logement", "Rennes", thematiques=(housing,), **home),
            make_document(2, "Résidence des Cordonniers", "Fougères", thematiques=(housing,), **home),
            make_document(3, "Aide de la commune", "Fougères", thematiques=(food, food, housing), **home),
            make_document(4, "Le Logement des idées", "Fougères", thematiques=(food,), **home),
        ],
        1,
    )

    answer = asked("logement", "Fougères", on=empty)

    assert names(answer) == ["Résidence des Cordonniers", "Aide de la commune", "Action Logement", "Le Logement des idées"]


def test_a_need_said_in_a_sentence_is_a_chip_and_searched_by_its_name(asked: Asked, empty: EmbeddedIndex) -> None:
    food = "equipement-et-alimentation--alimentation"
    empty.rebuild([make_document(1, "La Table partagée", "Rennes", thematiques=(food,), words="Alimentation")], 1)

    answer = asked("un élève qui ne mange pas à midi", on=empty)

    assert names(answer) == ["La Table partagée"]
    assert [each.label for each in answer.understood.recognitions] == ["Besoin : Alimentation"]
    assert asked("un élève qui ne mange pas à midi", on=empty, but=frozenset(("besoin",))).understood.recognitions == ()


def test_a_cancelled_event_is_said_to_be_and_comes_after_one_that_takes_place(asked: Asked, empty: EmbeddedIndex) -> None:
    fair: dict[str, Any] = {"kind": Kind.EVENT, "category": "salon"}
    here, there = make_document(1, "Forum", "Rennes", cancelled=True, **fair), make_document(2, "Forum", "Nantes", **fair)
    empty.rebuild([here, there], 1)

    hits = asked("forum rennes", on=empty).page.hits

    assert [(hit.commune, hit.cancelled) for hit in hits] == [("Nantes", False), ("Rennes", True)]
