"""Search, listings, places, vocabularies, sources, changes: what anyone may read."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.services import Services
from directory.vocabulary import Kind
from relais.cli import relais
from web import create_app

V1 = "/api/v1"


def pages_of(api: FlaskClient, path: str, name: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = api.get(f"{V1}{path}", query_string={"limite": limit, "suite": cursor}).get_json()
        found += page[name]
        cursor = page["next"] or ""
        if not cursor or not page[name]:
            return found


def test_a_search_answers_in_the_shape_of_the_command_line(
    api: FlaskClient, services: Services, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELAIS_DATA", str(services.settings.data))

    asked = api.get(f"{V1}/recherche?q=mission+locale&lieu=35300+Fougères").get_json()
    with pytest.raises(SystemExit):
        relais.main(["search", "mission locale", "--near", "35300 Fougères", "--json"])
    printed = json.loads(capsys.readouterr().out)

    assert asked["hits"][0]["id"] == "demonstration--ml"
    assert asked == printed


def test_the_parameters_of_the_search_page_narrow_the_api_too(api: FlaskClient) -> None:
    asked = api.get(f"{V1}/recherche?genre=event&lieu=fougeres&rayon=10&facettes=non&limite=5").get_json()

    assert [hit["id"] for hit in asked["hits"]] == ["demonstration--dating"]
    assert asked["facets"] == {}
    assert asked["place"]["code_commune"] == "35115"


def test_an_urgency_is_told_before_the_answers(api: FlaskClient) -> None:
    asked = api.get(f"{V1}/recherche?q=je+dors+dehors").get_json()

    assert asked["alerts"]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_listings_give_each_public_listing_once(api: FlaskClient, limit: int) -> None:
    ids = [listing["id"] for listing in pages_of(api, "/fiches", "listings", limit)]

    assert len(ids) == len(set(ids)) == 9
    assert "demonstration--secret" not in ids


def test_listings_are_filtered_by_kind_and_departement(api: FlaskClient) -> None:
    events = api.get(f"{V1}/fiches?genre=event&departement=35").get_json()["listings"]
    elsewhere = api.get(f"{V1}/fiches?departement=974").get_json()["listings"]

    assert [listing["kind"] for listing in events] == [Kind.EVENT]
    assert elsewhere == []


def test_a_listing_tells_the_source_of_each_field(api: FlaskClient) -> None:
    listing = api.get(f"{V1}/fiches/demonstration--ml").get_json()

    assert listing["name"] == "Mission locale de Fougères"
    assert ("name", "demonstration") in {(origin["field"], origin["source"]) for origin in listing["origins"]}
    assert [service["id"] for service in listing["services"]] == ["demonstration--atelier"]


@pytest.mark.parametrize("unknown", ["rien", "demonstration--secret", "%00", "é" * 300])
def test_an_unknown_or_hidden_listing_is_not_found(api: FlaskClient, unknown: str) -> None:
    answer = api.get(f"{V1}/fiches/{unknown}")

    assert (answer.status_code, answer.get_json()["code"]) == (404, "listing_not_found")


def test_changes_bring_a_copy_up_to_date_and_a_hidden_listing_is_told_by_its_digest_alone(api: FlaskClient) -> None:
    changes = pages_of(api, "/changements", "changes", 4)

    assert len(changes) == 10
    assert {change["id"] for change in changes if change["change"] == "updated"} == {
        listing["id"] for listing in pages_of(api, "/fiches", "listings", 100)
    }
    hidden = [change for change in changes if change["change"] == "removed"]
    assert [change["id_sha256"] for change in hidden] == [hashlib.sha256(b"demonstration--secret").hexdigest()]
    assert hidden[0]["id"] is hidden[0]["listing"] is None


def test_the_cursor_of_the_last_change_gives_nothing_more_and_stays_good(api: FlaskClient) -> None:
    last = api.get(f"{V1}/changements").get_json()

    again = api.get(f"{V1}/changements", query_string={"suite": last["next"]}).get_json()

    assert (again["changes"], again["more"], again["next"]) == ([], False, last["next"])


@pytest.mark.parametrize(
    ("restored", "status"),
    [
        ("UPDATE listing SET latitude = latitude", 200),
        # a backup of before, to which nothing or something else was added since
        ("UPDATE directory_state SET revision = revision - 1", 400),
        ("UPDATE revision_mark SET mark = 'ffffffffffffffff'", 400),
        # too old for its mark to be held
        ("DELETE FROM revision_mark", 200),
    ],
)
def test_a_copy_is_told_to_begin_again_when_a_backup_was_restored(people: Services, restored: str, status: int) -> None:
    client = create_app(people).test_client()
    last = client.get(f"{V1}/changements").get_json()["next"]
    with sqlite3.connect(people.settings.data / "relais.sqlite3") as connection:
        connection.execute(restored)
    connection.close()

    assert client.get(f"{V1}/changements", query_string={"suite": last}).status_code == status


def test_places_are_completed_and_a_commune_is_found_by_its_code(api: FlaskClient) -> None:
    places = api.get(f"{V1}/lieux?q=foug").get_json()["places"]
    commune = api.get(f"{V1}/lieux/35115").get_json()

    assert "Fougères (35300)" in [place["label"] for place in places]
    assert commune["label"] == "Fougères (35300)"
    assert api.get(f"{V1}/lieux/99999").status_code == 404


def test_vocabularies_and_sources_are_told_with_their_labels(api: FlaskClient) -> None:
    words = api.get(f"{V1}/vocabulaire").get_json()
    sources = api.get(f"{V1}/sources").get_json()["sources"]

    assert "cio" in {word["code"] for word in words["categories"]}
    demonstration = next(source for source in sources if source["name"] == "demonstration")
    assert demonstration["licence"]
    assert demonstration["last_run"]["status"] == "done"
    assert "message" not in demonstration["last_run"]


@pytest.mark.parametrize("place", ["zzzzqqq", "Saint-Martin"])
def test_a_place_that_is_none_or_several_is_refused_with_what_was_meant(api: FlaskClient, place: str) -> None:
    answer = api.get(f"{V1}/recherche", query_string={"lieu": place})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "unclear_place")
    assert answer.get_json().get("suggestions") or place == "zzzzqqq"


def test_the_same_question_is_answered_the_same_by_head_without_a_body(api: FlaskClient) -> None:
    for path in ("/recherche?q=cio", "/fiches", "/changements", "/vocabulaire", "/flux/fiches.csv?departement=35"):
        full, head = api.get(V1 + path), api.head(V1 + path)

        assert (head.status_code, head.data) == (200, b"")
        assert head.content_type == full.content_type
        assert head.headers["ETag"] == full.headers["ETag"]
        # what a file that is made as it is sent will weigh is not known
        assert head.headers.get("Content-Length") == (None if "fiches.csv" in path else full.headers["Content-Length"])


def test_who_has_the_answer_already_is_told_so_in_few_bytes(api: FlaskClient) -> None:
    for path in ("/recherche?q=cio", "/fiches", "/vocabulaire", "/openapi.json", "/flux/fiches.geojson?departement=35"):
        first = api.get(V1 + path)

        again = api.get(V1 + path, headers={"If-None-Match": first.headers["ETag"]})

        assert (again.status_code, again.data) == (304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == first.headers["Cache-Control"]  # the copy is kept for the next time


def test_another_version_than_the_one_that_is_waited_for_is_a_problem_document(api: FlaskClient) -> None:
    answer = api.get(f"{V1}/fiches", headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.get_json()["code"]) == (412, "precondition_failed")


def test_answers_are_compressed_for_who_accepts_it_and_only_for_them(api: FlaskClient) -> None:
    plain, squeezed = api.get(f"{V1}/vocabulaire"), api.get(f"{V1}/vocabulaire", headers={"Accept-Encoding": "gzip"})
    refused = api.get(f"{V1}/vocabulaire", headers={"Accept-Encoding": "gzip;q=0"})

    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in refused.headers
    assert squeezed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(squeezed.data) == plain.data
    assert "Accept-Encoding" in squeezed.headers["Vary"]


@pytest.mark.parametrize("path", ["/recherche?q=cio", "/fiches", "/rien", "/recherche?x=1"])
def test_every_answer_forbids_sniffing_and_sets_no_cookie(api: FlaskClient, path: str) -> None:
    answer = api.get(V1 + path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
