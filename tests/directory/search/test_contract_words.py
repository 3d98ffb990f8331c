"""What every SearchIndex must do with what is typed: found, misspelt, completed, marked, suggested."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from directory.search.types import Near, SearchIndex, SearchQuery
from tests.directory.search.conftest import Ask
from tests.directory.search.samples import (
    AUTO_ECOLE,
    CEJ,
    CFA,
    CIO_RENNES,
    DESCRIBED,
    E2C,
    ETAPE,
    FOUGERES,
    GARAGE,
    MARKUP,
    MISSION_EPERNAY,
    MISSION_FOUGERES,
    MISSION_RENNES,
    OEUVRES,
    PERMIS,
    PRIVATE_TWIN,
    PSAD,
    PSY,
    RESTAURANT,
    SALON,
    make_document,
    near_rennes,
)

# ---------------------------------------------------------------- what is typed is found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mission Locale Des Pays D'Épernay", MISSION_EPERNAY),
        ("mission locale epernay", MISSION_EPERNAY),
        ("MISSIONS LOCALES ÉPERNAY", MISSION_EPERNAY),
        ("épernay mission", MISSION_EPERNAY),
        ("l'étape", ETAPE),
        ("l’etape", ETAPE),
        ("étapes", ETAPE),
        ("letape", ETAPE),
        ("oeuvres sociales", OEUVRES),
        ("œuvre sociale", OEUVRES),
        ("cfa saint michel", CFA),
        ("cfa saintmichel", CFA),
        ("cfa st michel", CFA),
        ("cfa du batiment", CFA),
        ("auto ecole", AUTO_ECOLE),
        ("autoecole", AUTO_ECOLE),
        ("e2c", E2C),
        ("E.2.C.", E2C),
        ("ml épernay", MISSION_EPERNAY),
        ("cuisine d'été", RESTAURANT),
        ("été", RESTAURANT),
        ("centre d'information et d'orientation", CIO_RENNES),
        ("mécanicien automobile rennes", GARAGE),
        ("psychologue", PSY),
        ("décrochage", PSAD),
    ],
)
def test_a_listing_is_first_for_its_own_words(ask: Ask, text: str, expected: int) -> None:
    found = ask(text)

    assert found[0] == expected


@pytest.mark.parametrize(
    "text", ["mission locale", "misson locale epernay", "psychologue", "étap", "garage couture", "de la", "zzzz", ""]
)
@pytest.mark.parametrize("near", [None, near_rennes()])
def test_exact_answers_are_the_same_number_when_nothing_else_is_asked(index: SearchIndex, text: str, near: Near | None) -> None:
    question = SearchQuery(text=text, near=near, with_facets=False)

    alone = index.search(replace(question, exact_only=True, limit=0))

    assert alone.exact == index.search(question).exact


def test_an_exact_answer_is_not_said_to_be_widened(index: SearchIndex) -> None:
    page = index.search(SearchQuery(text="mission locale épernay"))

    assert page.widened is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mision locale epernai", MISSION_EPERNAY),
        ("mission locale eprenay", MISSION_EPERNAY),
        ("nission locale epernay", MISSION_EPERNAY),
        ("mission localle fouger", MISSION_FOUGERES),
        ("restorant cuisine", RESTAURANT),
        ("psicologue", PSY),
        ("sycologue", PSY),
        ("salon aprentisage", SALON),
        ("boulengerie tabor", PRIVATE_TWIN),
        ("garaje solidaire", GARAGE),
        ("contrat angagement jeune", CEJ),
    ],
)
def test_a_misspelt_question_finds_its_listing_and_says_so(ask: Ask, index: SearchIndex, text: str, expected: int) -> None:
    found = ask(text)

    assert found[0] == expected
    assert index.search(SearchQuery(text=text)).widened


def test_an_unfinished_last_word_is_completed_and_said(ask: Ask, index: SearchIndex) -> None:
    found = ask("mission locale fou")

    assert found[0] == MISSION_FOUGERES
    assert "complété" in str(index.search(SearchQuery(text="mission locale fou")).widened)


def test_a_word_too_many_gives_the_majority_and_says_how_many(index: SearchIndex) -> None:
    page = index.search(SearchQuery(text="mission locale fougères zanzibar"))

    assert page.hits[0].name == "Mission locale de Fougères"
    assert "3 mots sur 4" in str(page.widened)


def test_what_nothing_resembles_finds_nothing(index: SearchIndex) -> None:
    page = index.search(SearchQuery(text="xqzwkvbn"))

    assert (page.hits, page.total, page.next, page.widened) == ((), 0, None, None)


def test_articles_alone_do_not_kill_a_question(ask: Ask) -> None:
    assert ask("la mission locale de la ville d'Épernay")[0] == MISSION_EPERNAY


def test_a_description_alone_never_lifts_a_listing_above_one_whose_name_says_it(ask: Ask) -> None:
    found = ask("boulangerie")

    assert found == [PRIVATE_TWIN, DESCRIBED]


def test_a_description_alone_stays_below_even_when_it_is_nearer(index: SearchIndex, ask: Ask) -> None:
    found = ask("boulangerie", near=near_rennes(latitude=FOUGERES[0], longitude=FOUGERES[1]))

    assert found[0] == PRIVATE_TWIN


def _found(index: SearchIndex, text: str, **facts: Any) -> list[int]:
    return [int(hit.id.removeprefix("invente--")) for hit in index.search(SearchQuery(text=text, **facts)).hits]


@pytest.fixture
def missions(empty_index: SearchIndex) -> SearchIndex:
    """Invented missions locales in a line to the south of Fougères, one each 2 km; the shortest names are the farthest."""
    listed = [
        make_document(
            1000 - rank,
            f"Mission locale {'du pays ' * (rank < 150)}{'et des marches ' * (rank < 100)}n° {rank}",
            category="mission_locale",
            latitude=FOUGERES[0] - rank * 0.018,
            longitude=FOUGERES[1],
        )
        for rank in range(400)
    ]
    empty_index.rebuild(listed, 1)
    return empty_index


def test_among_many_equal_matches_the_nearest_come_first_whatever_their_names(missions: SearchIndex) -> None:
    near = Near(latitude=FOUGERES[0], longitude=FOUGERES[1])

    page = missions.search(SearchQuery(text="mission locale", near=near, limit=60))

    assert page.total == 400
    assert [hit.id for hit in page.hits] == [f"invente--{1000 - rank}" for rank in range(60)]


def test_what_serves_the_place_without_a_point_is_among_the_first_of_many(missions: SearchIndex) -> None:
    served = make_document(5, "Mission locale des communes d’ici", category="mission_locale", coverage=("commune:35115",))
    missions.update([served], [], 2)
    near = Near(latitude=FOUGERES[0], longitude=FOUGERES[1], territories=("commune:35115", "departement:35", "france"))

    assert 5 in _found(missions, "mission locale", near=near, limit=12)


def test_what_a_listing_is_counts_as_its_name_when_it_is_near(empty_index: SearchIndex) -> None:
    known = {"category": "cio", "words": "Centre d’information et d’orientation"}
    empty_index.rebuild(
        [
            make_document(1, "Centre d’information et d’orientation", "Rennes", **known),
            make_document(2, "CIO de Saint-Malo", "Saint-Malo", **known),
        ],
        1,
    )

    assert _found(empty_index, "orientation", near=Near(latitude=48.6493, longitude=-2.0257)) == [2, 1]


def test_a_word_is_not_another_that_only_begins_alike(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Vent debout"), make_document(2, "Magasin", words="vente commerce")], 1)

    assert _found(empty_index, "vente")[0] == 2


def test_few_answers_are_completed_by_close_ones_after_them_and_it_is_said(empty_index: SearchIndex) -> None:
    others = [make_document(pk, f"Mobilité solidaire {pk}", words="permis") for pk in range(2, 32)]
    empty_index.rebuild([make_document(1, "Aide au permis de conduire des jeunes"), *others], 1)

    page = empty_index.search(SearchQuery(text="permis de conduire", limit=10))
    rest = empty_index.search(SearchQuery(text="permis de conduire", limit=100, cursor=page.next))

    assert page.hits[0].id == "invente--1"
    assert (page.total, page.close) == (31, 30)
    assert "30 fiches proches" in str(page.widened)
    assert len({hit.id for hit in (*page.hits, *rest.hits)}) == 31
    assert rest.next is None


def test_completed_answers_are_counted_in_the_facets_the_filtered_one_included(empty_index: SearchIndex) -> None:
    facts = {"words": "permis", "category": "mobilite"}
    others = [make_document(pk, f"Mobilité {pk}", **(facts | ({"category": "cfa"} if pk % 2 else {}))) for pk in range(2, 12)]
    empty_index.rebuild([make_document(1, "Aide au permis de conduire des jeunes", category="mobilite"), *others], 1)

    everything = empty_index.search(SearchQuery(text="permis de conduire"))
    one = empty_index.search(SearchQuery(text="permis de conduire", filters={"category": ("mobilite",)}))

    assert everything.facets["category"] == {"mobilite": 6, "cfa": 5}
    assert one.facets["category"] == {"mobilite": 6, "cfa": 5}
    assert one.total == 6


def test_a_listing_asked_by_its_name_is_not_completed(index: SearchIndex) -> None:
    page = index.search(SearchQuery(text="mission locale de fougeres"))

    assert (page.total, page.close, page.widened) == (1, 0, None)


def test_a_number_is_never_corrected_into_another(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "École de la 2eme chance", words="stage"), make_document(2, "Stage de 3eme")], 1)

    assert _found(empty_index, "stage 3eme")[0] == 2
    assert empty_index.search(SearchQuery(text="3eme")).total == 1


def test_a_word_spelt_so_elsewhere_passes_one_that_only_resembles_it_in_a_name(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Atelier bonnet"), make_document(2, "Atelier du lac", words="bonne humeur")], 1)

    page = empty_index.search(SearchQuery(text="atelier bonne"))

    assert page.hits[0].id == "invente--2"
    assert page.exact == 1


def test_a_name_spelt_so_passes_one_letter_away(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Garage Dupont"), make_document(2, "Garage Dupond")], 1)

    assert _found(empty_index, "garage dupond")[0] == 2
    assert empty_index.search(SearchQuery(text="garage dupond")).exact == 1


def test_one_useful_word_is_enough_when_the_others_are_nowhere(ask: Ask) -> None:
    assert ask("permis zanzibar xylophone")[0] == PERMIS


def test_of_two_listings_named_alike_the_nearer_is_first(ask: Ask) -> None:
    from_fougeres = Near(latitude=FOUGERES[0], longitude=FOUGERES[1])

    found = ask("mission locale", near=from_fougeres)

    assert found[:2] == [MISSION_FOUGERES, MISSION_RENNES]


# ---------------------------------------------------------------- highlights


def test_the_words_found_are_marked_as_they_were_written(index: SearchIndex) -> None:
    hit = index.search(SearchQuery(text="missions epernay")).hits[0]

    assert hit.highlights["name"] == "<mark>Mission</mark> Locale Des Pays D&#39;<mark>Épernay</mark>"


def test_what_a_listing_holds_is_escaped_in_highlights(index: SearchIndex) -> None:
    page = index.search(SearchQuery(text="couture script img"))
    hit = next(hit for hit in page.hits if hit.id == f"invente--{MARKUP}")
    texts = " ".join(hit.highlights.values()).replace("<mark>", "").replace("</mark>", "")

    assert "<mark>couture</mark>" in hit.highlights["description"]
    assert "<" not in texts
    assert "&lt;" in texts


def test_marks_written_in_a_listing_are_not_ours(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Le </mark><b>marché</b> <mark>"), make_document(2, "autre")], 1)

    hit = empty_index.search(SearchQuery(text="marché")).hits[0]

    assert hit.highlights["name"] == "Le &lt;/mark&gt;&lt;b&gt;<mark>marché</mark>&lt;/b&gt; &lt;mark&gt;"


def test_without_text_nothing_is_marked(index: SearchIndex) -> None:
    assert all(not hit.highlights for hit in index.search(SearchQuery()).hits)


# ---------------------------------------------------------------- suggestions


def test_suggestions_complete_any_word_accents_aside(index: SearchIndex) -> None:
    assert index.suggest("eper") == ("Mission Locale Des Pays D'Épernay",)
    assert "Les Œuvres sociales" in index.suggest("oeuv")


def test_suggestions_that_start_so_come_first(index: SearchIndex) -> None:
    found = index.suggest("mission locale")

    assert found[0] == "Mission locale de Fougères"
    assert len(found) == 3


def test_suggestions_are_public_only(index: SearchIndex) -> None:
    assert index.suggest("secrete") == ()
    assert not any("référents" in name for name in index.suggest("re", 100))


def test_suggestions_are_each_given_once(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Point jeunes"), make_document(2, "POINT JEUNES"), make_document(3, "Point relais")], 1)

    assert len(empty_index.suggest("point")) == 2


def test_suggestions_keep_to_their_limit(index: SearchIndex) -> None:
    assert len(index.suggest("re", limit=1)) == 1
    assert index.suggest("re", limit=0) == ()


def test_a_word_is_completed_or_corrected_but_not_both(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Fiche de salaire"), make_document(2, "Le site")], 1)

    texts = ("salai", "salare", "salut", "lorem ipsum sit amet")

    assert [empty_index.search(SearchQuery(text=text)).total for text in texts] == [1, 1, 0, 0]
