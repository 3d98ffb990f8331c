"""Only what is public leaves: no private or bassin listing, no reserved contact, no raw row, by any route or form."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

V1 = "/api/v1"
# of the small directory (conftest): a listing for the bassin, a contact for the bassin, the texts of the raw rows
HIDDEN = (
    "Association réservée au bassin",
    "demonstration--secret",
    "Camille Réservée",
    "99000199",
    "99 00 01 99",
    '"Tél."',
    '"Référent"',
    "private",
    '"visibility"',
    "checked_by",
)


def every_answer(api: FlaskClient, headers: dict[str, str]) -> Iterator[tuple[str, str]]:
    profile = {"place": "35300 Fougères", "age": 18, "needs": ["projet"]}
    reads = (
        "/recherche?limite=100",
        "/recherche?q=association&limite=100",
        "/recherche?lieu=fougeres&rayon=100&limite=100",
        "/fiches?limite=100",
        "/fiches?departement=35",
        "/fiches/demonstration--ml",
        "/changements",
        "/lieux?q=foug",
        "/sources",
        "/exports",
        "/exports/fiches.ndjson",
        "/exports/fiches.csv",
        "/exports/fiches.geojson",
        "/flux/fiches.csv?departement=35",
        "/flux/fiches.geojson?departement=35",
        "/flux/salons.ics?lieu=fougeres",
        "/flux/nouveautes.atom",
        "/flux/nouveautes.atom?departement=35",
    )
    for path in reads:
        yield path, api.get(V1 + path, headers=headers).text
    yield "match", api.post(f"{V1}/propositions?limite=100&et_si=oui", json=profile, headers=headers).text
    cohort = {"students": [profile], "places": [{"id": "demonstration--resto", "capacity": 1}]}
    yield "cohort", api.post(f"{V1}/cohortes", json=cohort, headers=headers).text


def test_nothing_that_is_not_public_leaves_by_any_route(api: FlaskClient, headers: dict[str, str]) -> None:
    for path, text in every_answer(api, headers):
        found = [hidden for hidden in HIDDEN if hidden.lower() in text.lower()]
        assert not found, path


@pytest.mark.parametrize("path", ["/recherche?q=réservée+au+bassin", "/recherche?q=Camille+Réservée"])
def test_a_search_for_what_is_hidden_finds_it_nowhere(api: FlaskClient, path: str) -> None:
    answer = api.get(V1 + path).get_json()

    assert "demonstration--secret" not in [hit["id"] for hit in answer["hits"]]
    assert "Camille" not in json.dumps([answer["hits"], answer["facets"]])


def test_a_hidden_listing_cannot_be_a_place_of_a_cohort(api: FlaskClient, headers: dict[str, str]) -> None:
    cohort = {"students": [{"place": "35300 Fougères", "age": 18}], "places": [{"id": "demonstration--secret", "capacity": 1}]}
    unknown = {**cohort, "places": [{"id": "demonstration--nulle-part", "capacity": 1}]}

    hidden_answer = api.post(f"{V1}/cohortes", json=cohort, headers=headers)
    unknown_answer = api.post(f"{V1}/cohortes", json=unknown, headers=headers)

    assert "Association" not in hidden_answer.text
    assert unknown_answer.status_code == 422


def test_an_export_compressed_holds_the_same_as_plain(api: FlaskClient, headers: dict[str, str]) -> None:
    plain = api.get(f"{V1}/exports/fiches.ndjson", headers=headers)
    squeezed = api.get(f"{V1}/exports/fiches.ndjson", headers={**headers, "Accept-Encoding": "gzip"})

    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    lines = [json.loads(line) for line in plain.text.splitlines()]
    assert len(lines) == 9
    assert all(contact["name"] == "" for line in lines for contact in line["contacts"])
