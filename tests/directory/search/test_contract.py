"""What every SearchIndex must do, asked of each engine on an invented directory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from directory.errors import IndexUnavailable, InvalidQuery
from directory.search.types import Near, SearchDocument, SearchIndex, SearchQuery
from directory.vocabulary import Kind, Visibility
from tests.directory.search.conftest import REVISION, Ask
from tests.directory.search.samples import (
    AUTO_ECOLE,
    BASSIN_ONLY,
    CEJ,
    CFA,
    CIO_RENNES,
    DEPARTEMENT_ONLY,
    DESCRIBED,
    E2C,
    ETAPE,
    FORUM_PAST,
    FOUGERES,
    GARAGE,
    HIDDEN,
    MARKUP,
    MISSION_EPERNAY,
    MISSION_FOUGERES,
    MISSION_RENNES,
    NANTES_HELP,
    OEUVRES,
    PERMIS,
    PRIVATE_TWIN,
    PSAD,
    PSY,
    REMOTE_HELP,
    RESTAURANT,
    SAINT_MALO,
    SALON,
    documents,
    make_document,
    near_rennes,
)

PUBLIC = [document.pk for document in documents() if document.visibility is Visibility.PUBLIC]


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


def test_one_useful_word_is_enough_when_the_others_are_nowhere(ask: Ask) -> None:
    assert ask("permis zanzibar xylophone")[0] == PERMIS


def test_of_two_listings_named_alike_the_nearer_is_first(ask: Ask) -> None:
    from_fougeres = Near(latitude=FOUGERES[0], longitude=FOUGERES[1])

    found = ask("mission locale", near=from_fougeres)

    assert found[:2] == [MISSION_FOUGERES, MISSION_RENNES]


# ---------------------------------------------------------------- hostile and odd texts


@pytest.mark.parametrize(
    "text",
    [
        '"garage',
        "nom:garage",
        "garage*",
        "+garage -rennes",
        "garage AND rennes",
        "garage OR NOT (",
        "24/7",
        "_geoRadius(48.1, -1.6, 1000)",
        "visibility = private",
        "garage^10~2",
        "[a TO z]",
        "\\",
        "\x00garage\x00",
        "\u202egarage\u202c",
        "عيادة",
        "🙂🙂",
        "a" * 10_000,
        "garage " * 2_000,
        "é" * 5_000,
        "\ud800garage",
        "ﬁ ﬀ ½ ²",
        "' OR 1=1 --",
        "<script>",
        "\n\t\r",
        "%00%ff",
        "?",
    ],
)
def test_any_text_is_a_question(index: SearchIndex, text: str) -> None:
    page = index.search(SearchQuery(text=text))

    assert all(hit.id != f"invente--{HIDDEN}" for hit in page.hits)
    assert len(page.hits) <= page.total <= len(PUBLIC)
    assert isinstance(index.suggest(text), tuple)


def test_signs_around_words_change_nothing(ask: Ask) -> None:
    assert ask('"garage: (solidaire)*"') == ask("garage solidaire")


def test_a_blank_text_lists_everything(ask: Ask) -> None:
    assert sorted(ask("  \t ")) == PUBLIC


def test_signs_alone_find_nothing(ask: Ask) -> None:
    assert ask("*") == []


# ---------------------------------------------------------------- filters


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"category": ("mission_locale",)}, {MISSION_RENNES, MISSION_EPERNAY, MISSION_FOUGERES}),
        ({"category": ("cio", "psad")}, {CIO_RENNES, PSAD}),
        ({"thematique": ("sante--sante-mentale",)}, {PSY}),
        ({"thematique": ("mobilite",)}, {PERMIS}),
        ({"thematique": ("mobilite", "sante")}, {PERMIS, PSY}),
        ({"network": ("ecoles-de-la-deuxieme-chance",)}, {E2C}),
        ({"pathway": ("apprenticeship",)}, {GARAGE, CFA}),
        ({"pathway": ("apprenticeship",), "category": ("cfa",)}, {CFA}),
        ({"frais": ("gratuit",)}, {ETAPE, REMOTE_HELP}),
        ({"mode_accueil": ("a-distance",)}, {REMOTE_HELP}),
        ({"occupation": ("I1604",)}, {GARAGE}),
        ({"demonstration": ("false",)}, {NANTES_HELP}),
        ({"departement": ("44",)}, {AUTO_ECOLE, NANTES_HELP}),
    ],
)
def test_a_filter_keeps_what_has_one_of_its_values(ask: Ask, filters: dict[str, tuple[str, ...]], expected: set[int]) -> None:
    assert set(ask(filters=filters)) == expected


def test_a_filter_without_values_keeps_everything(ask: Ask) -> None:
    assert sorted(ask(filters={"category": ()})) == PUBLIC


def test_tous_publics_passes_any_filter_on_publics(ask: Ask) -> None:
    assert set(ask(filters={"public": ("personnes-en-situation-de-handicap",)})) == {PERMIS, ETAPE}


def test_a_departement_keeps_what_stands_there_and_what_serves_it(ask: Ask) -> None:
    found = set(ask(filters={"departement": ("35",)}))

    assert {MISSION_RENNES, SAINT_MALO, PSAD, DEPARTEMENT_ONLY} <= found
    assert not {MISSION_EPERNAY, AUTO_ECOLE, CEJ} & found


def test_kinds_keep_their_own(ask: Ask) -> None:
    assert set(ask(kinds=(Kind.EVENT,))) == {SALON, FORUM_PAST}
    assert set(ask(kinds=(Kind.EVENT, Kind.SCHEME))) == {SALON, FORUM_PAST, CEJ}


@pytest.mark.parametrize(("age", "kept"), [(16, True), (25, True), (15, False), (26, False)])
def test_the_real_age_is_tested_against_the_bracket_bounds_included(ask: Ask, age: int, kept: bool) -> None:
    assert (MISSION_RENNES in ask(age=age)) is kept


def test_an_unknown_bound_excludes_nobody(ask: Ask) -> None:
    assert {CIO_RENNES, CFA} <= set(ask(age=60))
    assert {CIO_RENNES, PSY} <= set(ask(age=3))


def test_events_over_before_a_day_are_left_out_and_what_has_no_dates_stays(ask: Ask) -> None:
    found = ask(after=date(2026, 11, 24))

    assert FORUM_PAST not in found
    assert {SALON, MISSION_RENNES, CEJ} <= set(found)


def test_an_event_in_progress_counts(ask: Ask) -> None:
    assert SALON in ask(after=date(2026, 12, 6))
    assert SALON not in ask(after=date(2026, 12, 7))


def test_events_that_start_after_a_day_are_left_out(ask: Ask) -> None:
    assert SALON in ask(before=date(2026, 12, 4))
    assert SALON not in ask(before=date(2026, 12, 3))


# ---------------------------------------------------------------- who may see


def test_the_public_never_sees_narrower_listings(ask: Ask) -> None:
    found = ask("rennes")

    assert HIDDEN not in found
    assert BASSIN_ONLY not in found


def test_each_viewer_sees_his_own_level_and_the_wider_ones(ask: Ask) -> None:
    bassin, private = ask(viewer=Visibility.BASSIN), ask(viewer=Visibility.PRIVATE)

    assert sorted(bassin) == sorted([*PUBLIC, BASSIN_ONLY])
    assert sorted(private) == sorted([*PUBLIC, BASSIN_ONLY, HIDDEN])


def test_what_may_not_be_seen_is_in_no_count_nor_facet(index: SearchIndex) -> None:
    public = index.search(SearchQuery(text="secrète référents"))
    facets = index.search(SearchQuery()).facets

    assert public.total == 0
    assert facets["category"]["mission_locale"] == 3
    assert "clee" not in facets["category"]


def test_a_text_cannot_widen_what_is_seen(ask: Ask) -> None:
    assert HIDDEN not in ask("mission locale secrète de Rennes")


# ---------------------------------------------------------------- facets and totals


def test_facets_count_all_the_answers_not_the_page(index: SearchIndex) -> None:
    page = index.search(SearchQuery(text="mission locale", limit=1))

    assert page.facets["category"] == {"mission_locale": 3}
    assert page.facets["departement"] == {"35": 2, "51": 1}
    assert page.total == 3


def test_facets_count_thematiques_and_their_domains(index: SearchIndex) -> None:
    facets = index.search(SearchQuery()).facets

    assert facets["thematique"]["mobilite"] == 1
    assert facets["thematique"]["mobilite--preparer-un-permis"] == 1
    assert facets["demonstration"] == {"true": len(PUBLIC) - 1, "false": 1}


def test_facets_follow_the_filters_and_the_radius(index: SearchIndex) -> None:
    page = index.search(SearchQuery(near=near_rennes(radius_km=5.0), kinds=(Kind.COMPANY,)))

    assert sum(page.facets["category"].values()) == page.total == 3


def test_a_facet_that_is_filtered_by_counts_what_its_other_values_would_give(index: SearchIndex) -> None:
    narrow = {"category": ("mission_locale",), "departement": ("35",)}

    page = index.search(SearchQuery(text="rennes", kinds=(Kind.PARTNER,), filters=narrow))

    for name, others in (("kind", {"filters": narrow}), *((name, {"filters": narrow | {name: ()}}) for name in narrow)):
        wider = {"text": "rennes", "kinds": (Kind.PARTNER,)} | others | ({"kinds": ()} if name == "kind" else {})
        assert page.facets[name] == index.search(SearchQuery(**wider)).facets[name]  # type: ignore[arg-type]
    assert len(page.facets["category"]) > 1


def test_facets_are_not_counted_unless_asked(index: SearchIndex) -> None:
    assert index.search(SearchQuery(with_facets=False)).facets == {}


# ---------------------------------------------------------------- near


def test_a_radius_keeps_the_near_and_loses_neither_the_remote_nor_the_territorial(ask: Ask) -> None:
    found = set(ask(near=near_rennes(radius_km=10.0)))

    assert {MISSION_RENNES, PSAD, REMOTE_HELP, CEJ, DEPARTEMENT_ONLY} <= found
    assert not {MISSION_FOUGERES, AUTO_ECOLE, MISSION_EPERNAY, SAINT_MALO} & found


def test_what_serves_another_territory_is_lost_under_a_radius(ask: Ask) -> None:
    elsewhere = near_rennes(territories=("commune:51230", "departement:51", "france"), latitude=49.04, longitude=3.96)

    found = ask(near=replace(elsewhere, radius_km=10.0))

    assert PSAD not in found
    assert set(found) == {MISSION_EPERNAY, REMOTE_HELP, CEJ}


def test_distances_are_in_km_and_none_without_a_point(index: SearchIndex) -> None:
    page = index.search(SearchQuery(near=near_rennes(), sort="distance", limit=100))
    km = {hit.id: hit.distance_km for hit in page.hits}

    assert km[f"invente--{MISSION_RENNES}"] == pytest.approx(0.0, abs=0.01)
    assert km[f"invente--{MISSION_FOUGERES}"] == pytest.approx(44.6, abs=0.5)
    assert km[f"invente--{PSAD}"] is None


@pytest.mark.parametrize(("radius", "kept"), [(44.0, False), (45.2, True)])
def test_a_radius_is_a_circle_not_a_box(ask: Ask, radius: float, kept: bool) -> None:
    assert (MISSION_FOUGERES in ask(near=near_rennes(radius_km=radius))) is kept


def test_nearest_first_puts_distances_then_territory_then_remote(ask: Ask) -> None:
    found = ask(near=near_rennes(), sort="distance")
    ranks = [found.index(pk) for pk in (MISSION_RENNES, MISSION_FOUGERES, NANTES_HELP, MISSION_EPERNAY, PSAD)]

    assert ranks == sorted(ranks)
    assert sorted(found) == PUBLIC


def test_nearest_first_of_a_text_keeps_to_its_answers(ask: Ask) -> None:
    found = ask("mission locale", near=near_rennes(), sort="distance")

    assert found == [MISSION_RENNES, MISSION_FOUGERES, MISSION_EPERNAY]


def test_nearest_first_under_a_radius_leaves_the_far_out(ask: Ask) -> None:
    found = ask(near=near_rennes(radius_km=50.0), sort="distance")

    assert AUTO_ECOLE not in found
    assert found.index(MISSION_FOUGERES) < found.index(PSAD) < len(found)
    assert sorted(found) == sorted(ask("", near=near_rennes(radius_km=50.0)))


def test_inside_a_territory_keeps_what_stands_in_it_or_serves_it(ask: Ask) -> None:
    bretagne = Near(territories=("region:53", "france"), inside=("region:53",))

    found = set(ask(near=bretagne))

    assert {MISSION_RENNES, SAINT_MALO, CEJ, REMOTE_HELP} <= found
    assert not {AUTO_ECOLE, MISSION_EPERNAY} & found


def test_inside_a_departement_keeps_what_is_known_no_finer(ask: Ask) -> None:
    ille = Near(territories=("departement:35", "region:53", "france"), inside=("departement:35",))

    assert {PSAD, DEPARTEMENT_ONLY, MISSION_FOUGERES} <= set(ask(near=ille))


def test_a_radius_around_a_place_without_a_point_keeps_its_territory(ask: Ask) -> None:
    no_point = near_rennes(latitude=None, longitude=None, radius_km=20.0)

    found = set(ask(near=no_point))

    assert {MISSION_RENNES, PSAD, REMOTE_HELP} <= found
    assert MISSION_EPERNAY not in found


def test_a_remote_listing_with_a_far_point_is_not_lost(empty_index: SearchIndex) -> None:
    far = make_document(1, "Cours en ligne", "Nantes", modes_accueil=("a-distance", "en-presentiel"))
    empty_index.rebuild([far], 1)

    page = empty_index.search(SearchQuery(near=near_rennes(radius_km=5.0), sort="distance"))

    assert [hit.id for hit in page.hits] == ["invente--1"]


def test_a_radius_holds_across_the_antimeridian_and_near_a_pole(empty_index: SearchIndex) -> None:
    places = [(-16.5, 179.95), (-16.5, -179.95), (89.9, 0.0), (89.9, 180.0)]
    listed = [make_document(pk, f"Poste {pk}", latitude=lat, longitude=lon) for pk, (lat, lon) in enumerate(places, 1)]
    empty_index.rebuild(listed, 1)

    def keys(latitude: float, longitude: float) -> list[str]:
        near = Near(latitude=latitude, longitude=longitude, radius_km=40.0)
        return sorted(hit.id for hit in empty_index.search(SearchQuery(near=near)).hits)

    assert keys(-16.5, 180.0) == ["invente--1", "invente--2"]
    assert keys(90.0, 12.0) == ["invente--3", "invente--4"]


# ---------------------------------------------------------------- order and pages


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    "question",
    [
        SearchQuery(),
        SearchQuery(text="rennes"),
        SearchQuery(text="mission locale zanzibar"),
        SearchQuery(near=near_rennes(), sort="distance"),
        SearchQuery(near=near_rennes(radius_km=50.0)),
        SearchQuery(sort="date"),
        SearchQuery(text="rennes", sort="date", viewer=Visibility.PRIVATE),
    ],
    ids=["everything", "text", "widened", "nearest", "radius", "date", "private"],
)
def test_pages_neither_skip_nor_repeat(index: SearchIndex, question: SearchQuery, size: int) -> None:
    whole = [hit.id for hit in index.search(replace(question, limit=100)).hits]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = index.search(replace(question, limit=size, cursor=cursor))
        seen += [hit.id for hit in page.hits]
        cursor = page.next
        if cursor is None:
            break

    assert seen == whole
    assert len(seen) == len(set(seen)) == page.total


def test_pages_of_many_equal_answers_neither_skip_nor_repeat(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(pk, f"Atelier couture {pk % 7}", "Rennes") for pk in range(1, 701)], 1)
    for facts in (
        {"text": "couture"},
        {"text": "couture", "near": near_rennes()},
        {},
        {"near": near_rennes(), "sort": "distance"},
    ):
        seen: list[str] = []
        page = empty_index.search(SearchQuery(limit=90, **facts))
        seen += [hit.id for hit in page.hits]
        while page.next:
            page = empty_index.search(SearchQuery(limit=90, cursor=page.next, **facts))
            seen += [hit.id for hit in page.hits]

        assert len(seen) == len(set(seen)) == page.total == 700


def test_dated_listings_come_soonest_first_then_the_undated(ask: Ask) -> None:
    found = ask(sort="date")

    assert found[:2] == [FORUM_PAST, SALON]


def test_without_text_the_freshest_comes_first(ask: Ask) -> None:
    assert ask()[0] == MISSION_RENNES


def test_a_cursor_serves_another_page_size(index: SearchIndex) -> None:
    first = index.search(SearchQuery(text="rennes", limit=2))

    second = index.search(SearchQuery(text="rennes", limit=5, cursor=first.next, with_facets=False))

    assert not {hit.id for hit in first.hits} & {hit.id for hit in second.hits}


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "!!!!", "é", "A" * 500, "\ud800", "AAAAAAAAAAAAAAAAAAAAAA=="])
def test_a_forged_cursor_is_refused(index: SearchIndex, cursor: str) -> None:
    with pytest.raises(InvalidQuery) as refused:
        index.search(SearchQuery(text="rennes", cursor=cursor))

    assert refused.value.field == "cursor"


def test_a_cursor_of_another_question_is_refused(index: SearchIndex) -> None:
    cursor = index.search(SearchQuery(text="rennes", limit=1)).next

    with pytest.raises(InvalidQuery, match="cursor"):
        index.search(SearchQuery(text="rennes", limit=1, cursor=cursor, viewer=Visibility.PRIVATE))


def test_a_cursor_of_an_index_rebuilt_since_is_refused(empty_index: SearchIndex) -> None:
    empty_index.rebuild(documents(), 1)
    cursor = empty_index.search(SearchQuery(limit=2)).next
    empty_index.rebuild(documents(), 2)

    with pytest.raises(InvalidQuery, match="cursor"):
        empty_index.search(SearchQuery(limit=2, cursor=cursor))


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


# ---------------------------------------------------------------- questions refused


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("limit", {"limit": 0}),
        ("limit", {"limit": 101}),
        ("limit", {"limit": -5}),
        ("sort", {"sort": "pertinence"}),
        ("age", {"age": -1}),
        ("age", {"age": 121}),
        ("before", {"after": date(2026, 2, 1), "before": date(2026, 1, 1)}),
        ("couleur", {"filters": {"couleur": ("bleu",)}}),
        ("visibility", {"filters": {"visibility": ("private",)}}),
        ("pk", {"filters": {"pk": ("1",)}}),
        ("demonstration", {"filters": {"demonstration": ("peut-être",)}}),
        ("category", {"filters": {"category": ("x",) * 501}}),
        ("category", {"filters": {"category": ("introuvable",)}}),
        ("category", {"filters": {"category": ("x' OR 1=1", '"')}}),
        ("thematique", {"filters": {"thematique": ("mobilité",)}}),
        ("public", {"filters": {"public": ("jeune",)}}),
        ("departement", {"filters": {"departement": ("Ille-et-Vilaine",)}}),
        ("frais", {"filters": {"frais": ("gratis",)}}),
        ("mode_accueil", {"filters": {"mode_accueil": ("distance",)}}),
        ("network", {"filters": {"network": ("mission locale",)}}),
        ("pathway", {"filters": {"pathway": ("stage",)}}),
        ("occupation", {"filters": {"occupation": ("cuisinier",)}}),
        ("near", {"near": Near(latitude=float("nan"), longitude=2.0)}),
        ("near", {"near": Near(latitude=48.0, longitude=float("inf"))}),
        ("near", {"near": Near(latitude=91.0, longitude=2.0)}),
        ("near", {"near": Near(latitude=48.0, longitude=-180.5)}),
        ("near", {"near": Near(latitude=48.0)}),
        ("radius", {"near": near_rennes(radius_km=0.0)}),
        ("radius", {"near": near_rennes(radius_km=-3.0)}),
        ("radius", {"near": near_rennes(radius_km=float("nan"))}),
        ("radius", {"near": near_rennes(radius_km=float("inf"))}),
        ("radius", {"near": near_rennes(radius_km=1e9)}),
    ],
)
def test_an_impossible_question_is_refused_by_the_name_of_its_part(index: SearchIndex, field: str, facts: dict[str, Any]) -> None:
    with pytest.raises(InvalidQuery) as refused:
        index.search(SearchQuery(**facts))

    assert refused.value.field == field
    assert refused.value.public


@pytest.mark.parametrize(
    ("name", "value", "proposed"),
    [
        ("category", "cioo", "cio"),
        ("category", "mission locale", "mission_locale"),
        ("thematique", "mobilité", "mobilite"),
        ("departement", "Ille-et-Vilaine", "35"),
        ("frais", "gratuits", "gratuit"),
        ("network", "mission locale", "mission-locale"),
        ("pathway", "stage", "internship"),
    ],
)
def test_an_unknown_value_of_a_filter_is_refused_with_those_that_resemble_it(
    index: SearchIndex, name: str, value: str, proposed: str
) -> None:
    with pytest.raises(InvalidQuery) as refused:
        index.search(SearchQuery(filters={name: (value,)}))

    assert proposed in str(refused.value.public).partition("Vouliez-vous dire")[2]


# ---------------------------------------------------------------- rebuilding


def test_the_index_says_which_revision_it_holds(index: SearchIndex) -> None:
    assert index.revision() == REVISION
    assert index.search(SearchQuery()).revision == REVISION


def test_an_index_never_built_is_unavailable(empty_index: SearchIndex) -> None:
    assert empty_index.revision() is None
    with pytest.raises(IndexUnavailable):
        empty_index.search(SearchQuery())
    with pytest.raises(IndexUnavailable):
        empty_index.suggest("a")


def test_a_rebuild_replaces_everything(empty_index: SearchIndex) -> None:
    empty_index.rebuild(documents(), 1)

    held = empty_index.rebuild([make_document(99, "Nouvelle fiche")], 2)

    assert held == 1
    assert [hit.name for hit in empty_index.search(SearchQuery()).hits] == ["Nouvelle fiche"]
    assert empty_index.revision() == 2


def test_an_update_replaces_adds_and_takes_away(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(1, "Mission locale"), make_document(2, "Garage"), make_document(3, "Salon")], 1)

    empty_index.update([make_document(2, "Boulangerie"), make_document(4, "Chapellerie")], [3, 99], 2)

    page = empty_index.search(SearchQuery())
    assert sorted(hit.name for hit in page.hits) == ["Boulangerie", "Chapellerie", "Mission locale"]
    assert (page.total, page.revision, empty_index.revision()) == (3, 2, 2)
    assert empty_index.search(SearchQuery(text="garage")).total == 0
    assert empty_index.suggest("chapel") == ("Chapellerie",)


def test_many_updates_keep_everything(empty_index: SearchIndex) -> None:
    empty_index.rebuild([make_document(pk, f"Fiche {pk}") for pk in range(1, 6)], 1)

    for revision in range(2, 12):
        empty_index.update([make_document(revision, f"Fiche refaite {revision}")], [], revision)

    assert empty_index.search(SearchQuery(limit=100)).total == 11
    assert empty_index.search(SearchQuery(text="refaite")).total == 10


def test_an_index_never_built_cannot_be_updated(empty_index: SearchIndex) -> None:
    with pytest.raises(IndexUnavailable):
        empty_index.update([make_document(1, "Mission locale")], [], 2)


def test_an_update_that_fails_leaves_what_served(empty_index: SearchIndex) -> None:
    def broken() -> Iterator[SearchDocument]:
        yield make_document(2, "Garage")
        raise ValueError("source gone")

    empty_index.rebuild([make_document(1, "Mission locale")], 1)

    with pytest.raises(ValueError, match="source gone"):
        empty_index.update(broken(), [1], 2)

    assert [hit.name for hit in empty_index.search(SearchQuery()).hits] == ["Mission locale"]
    assert empty_index.revision() == 1


def test_an_index_of_nothing_answers_nothing(empty_index: SearchIndex) -> None:
    empty_index.rebuild([], 3)

    page = empty_index.search(SearchQuery(text="mission locale"))

    assert (page.total, page.hits, empty_index.suggest("m"), empty_index.revision()) == (0, (), (), 3)


def test_a_rebuild_that_fails_leaves_what_served(empty_index: SearchIndex) -> None:
    empty_index.rebuild(documents(), 1)

    def broken() -> Any:
        yield make_document(1, "Une fiche")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        empty_index.rebuild(broken(), 2)

    assert empty_index.revision() == 1
    assert empty_index.search(SearchQuery(text="épernay")).total == 1
