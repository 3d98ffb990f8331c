"""What every SearchIndex must do with filters: kept, counted, and seen by whom."""

from __future__ import annotations

from datetime import date

import pytest

from directory.search.types import SearchIndex, SearchQuery
from directory.territory import departements
from directory.vocabulary import Kind, Visibility
from tests.directory.search.conftest import Ask
from tests.directory.search.samples import (
    AUTO_ECOLE,
    BASSIN_ONLY,
    CEJ,
    CFA,
    CIO_RENNES,
    DEPARTEMENT_ONLY,
    E2C,
    ETAPE,
    FORUM_PAST,
    GARAGE,
    HIDDEN,
    MISSION_EPERNAY,
    MISSION_FOUGERES,
    MISSION_RENNES,
    NANTES_HELP,
    PERMIS,
    PSAD,
    PSY,
    REMOTE_HELP,
    SAINT_MALO,
    SALON,
    documents,
    make_document,
    near_rennes,
)

PUBLIC = [document.pk for document in documents() if document.visibility is Visibility.PUBLIC]


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
        ({"accessibility": ("decrite",)}, {PERMIS}),
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


def test_every_departement_is_counted(empty_index: SearchIndex) -> None:
    codes = sorted(departements())
    empty_index.rebuild([make_document(pk, "Fiche", code_departement=code) for pk, code in enumerate(codes, 1)], 1)

    counted = empty_index.search(SearchQuery()).facets["departement"]

    assert len(codes) > 100
    assert counted == dict.fromkeys(codes, 1)
