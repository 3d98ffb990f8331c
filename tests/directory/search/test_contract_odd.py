"""What every SearchIndex must do with odd, hostile and impossible questions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from directory.errors import InvalidQuery
from directory.search.types import Near, SearchIndex, SearchQuery
from directory.vocabulary import Visibility
from tests.directory.search.conftest import Ask
from tests.directory.search.samples import (
    HIDDEN,
    documents,
    near_rennes,
)

PUBLIC = [document.pk for document in documents() if document.visibility is Visibility.PUBLIC]


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


# ---------------------------------------------------------------- questions refused


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("limit", {"limit": -1}),
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
        ("accessibility", {"filters": {"accessibility": ("totale",)}}),
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
