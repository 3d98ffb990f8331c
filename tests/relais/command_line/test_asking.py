"""Search and match by command: the shapes of the contract, and what is refused by field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.relais.command_line.conftest import Write

PROFILE: dict[str, Any] = {"age": 17, "place": "35300 Fougères", "needs": ["logement"]}


def test_a_search_answers_in_the_shape_of_the_contract(command: Any) -> None:
    document = command("search", "mission locale", "--near", "Fougères", "--json").json()

    assert {"hits", "total", "facets", "place", "widened", "next"} <= set(document)
    assert {"id", "kind", "category", "name", "commune", "code_commune", "distance_km", "highlights"} <= set(document["hits"][0])
    assert document["hits"][0]["category"] == "mission_locale"
    assert document["place"]["code_commune"] == "35115"


@pytest.mark.parametrize("kind", ["partner", "scheme", "company", "event"])
def test_each_kind_of_the_contract_is_accepted(command: Any, kind: str) -> None:
    found = command("search", "--kind", kind, "--json").json()

    assert found["hits"]
    assert {hit["kind"] for hit in found["hits"]} == {kind}


@pytest.mark.parametrize(
    ("text", "number"), [("je suis à la rue", "115"), ("je veux mourir", "3114"), ("élève en danger", "119")]
)
def test_a_search_that_says_an_urgency_is_answered_by_a_number_before_anything(command: Any, text: str, number: str) -> None:
    told = command("search", text)
    document = command("search", text, "--json").json()

    assert number in told.out.splitlines()[0]
    assert number in [alert["contact"] for alert in document["alerts"]]


@pytest.mark.parametrize("text", ["permis de conduire", "contrat d'engagement jeune", "1j1s", "permis pas cher", "stage 3eme"])
def test_what_people_type_is_never_without_an_answer(command: Any, text: str) -> None:
    assert command("search", text, "--json").json()["total"] >= 1


def test_the_nearest_centre_comes_before_one_whose_name_says_more(command: Any) -> None:
    found = command("search", "orientation", "--near", "Saint-Malo", "--json").json()

    assert found["hits"][0]["id"] == "demonstration--cio-saint-malo"


def test_pages_of_a_search_neither_skip_nor_repeat(command: Any) -> None:
    whole = [hit["id"] for hit in command("search", "formation", "--limit", "30", "--json").json()["hits"]]
    first = command("search", "formation", "--limit", "15", "--json").json()
    second = command("search", "formation", "--limit", "15", "--cursor", first["next"], "--json").json()

    assert [hit["id"] for page in (first, second) for hit in page["hits"]] == whole


def test_a_match_answers_in_the_shape_of_the_contract(command: Any, write: Write) -> None:
    document = command("match", write("profil.json", json.dumps(PROFILE)), "--json").json()

    assert set(document["sections"]) == {"partners", "schemes", "companies", "events"}
    assert {"excluded", "excluded_total", "notices", "alerts", "needs", "plan"} <= set(document)
    for results in document["sections"].values():
        for result in results:
            assert sum(part["points"] for part in result["contributions"]) == result["score"]
            assert all(part["reason"] and part["source"] for part in result["contributions"])


def test_any_listing_is_explained_and_an_unknown_one_is_told(command: Any, write: Write) -> None:
    path = write("profil.json", json.dumps(PROFILE))

    document = command("match", path, "--why", "demonstration--mission-locale-redon", "--json").json()
    told = command("match", path, "--why", "demonstration--mission-locale-redon")
    unknown = command("match", path, "--why", "nobody")

    assert document["shown"] is False
    assert "n’est pas celle de la commune du domicile" in told.out
    assert (unknown.status, "Aucune fiche" in unknown.err) == (1, True)


def test_what_a_change_would_open_is_told(command: Any, write: Write) -> None:
    path = write("profil.json", json.dumps(PROFILE | {"mobility": {"mode": "transit", "max_minutes": 20}}))

    document = command("match", path, "--what-if", "--json").json()

    assert "minutes" in {change["id"] for change in document["what_if"]}
    assert "Et si ?" in command("match", path, "--what-if").out


def test_what_a_contact_gave_is_counted_shown_and_taken_back(command: Any) -> None:
    listing = "demonstration--brasserie-du-beffroi"

    told = command("outcome", listing, "accepte", "--trade", "cuisinier")

    assert (told.status, told.out.strip()) == (0, "G16 : 1 contact, 1 accord, 0 refus, 0 sans réponse")
    assert command("outcome", listing, "--json").json()[0]["accepted"] == 1
    assert command("outcome", listing, "accepte", "--trade", "G16", "--undo").status == 0
    assert command("outcome", listing, "--json").json()[0]["contacted"] == 0


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (("outcome", "nobody", "accepte"), 1, "nobody"),
        (("outcome", "demonstration--brasserie-du-beffroi", "oui"), 2, "accepte"),
        (("outcome", "demonstration--brasserie-du-beffroi", "accepte", "--trade", "zzzz"), 2, "--trade"),
        (("outcome", "demonstration--brasserie-du-beffroi", "--undo"), 2, "retour"),
        (("outcome", "demonstration--brasserie-du-beffroi", "refuse", "--trade", "I16", "--undo"), 1, "Rien à défaire"),
    ],
)
def test_a_contact_that_cannot_be_counted_is_told(command: Any, args: tuple[str, ...], status: int, said: str) -> None:
    told = command(*args)

    assert told.status == status
    assert said in told.err


def test_a_file_of_weights_that_is_none_is_told_at_once(command: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_WEIGHTS", str(write("poids.toml", "[companies]\ntrajt = 3\n")))

    done = command("match", write("profil.json", json.dumps(PROFILE)))

    assert done.status == 1
    assert "companies.trajt" in done.err
    assert "« trajet »" in done.err


def test_the_first_partner_is_the_mission_locale_of_the_home_commune(command: Any, write: Write) -> None:
    document = command("match", write("profil.json", json.dumps(PROFILE)), "--json").json()

    first = document["sections"]["partners"][0]
    assert first["category"] == "mission_locale"
    assert "Fougères" in first["name"]
    assert first["verdict"] == "eligible"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"place": "Trifouillis-les-Oies"}, "Trifouillis"),
        ({"place": "Saint-Denis"}, "Saint-Denis"),
        ({"age": 12}, "12"),
        ({"age": 240}, "« age »"),
        ({"name": "Jean Dupont"}, "name"),
        ({"birth_date": "2008-02-30"}, "birth_date"),
        ({"needs": ["logemant"]}, "logement"),
        ({"parcours": {"start": "2026-12-31", "end": "2026-09-01"}}, "parcours"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_by_field(command: Any, write: Write, change: dict[str, Any], said: str) -> None:
    done = command("match", write("profil.json", json.dumps(PROFILE | change)), "--json")

    assert done.status in {1, 2}
    assert said in done.err
    assert done.err.startswith("Erreur : ")
    assert done.out == ""


def test_each_refusal_names_its_field_and_offers_needs_in_plain_words(command: Any, write: Write) -> None:
    for change, field in (
        ({"age": 12}, "« age »"),
        ({"needs": ["logment"]}, "« needs[0] »"),
        ({"place": "Atlantide"}, "« place »"),
    ):
        told = command("match", write("profil.json", json.dumps({"place": "35500 Vitré", "age": 18} | change)))

        assert (told.status, field in told.err) == (1, True), told.err
    assert (
        "--" not in command("match", write("p.json", json.dumps({"place": "35500 Vitré", "age": 18, "needs": ["licorne"]}))).err
    )


def test_a_cohort_too_large_is_refused_before_its_profiles_are_read(command: Any, write: Write) -> None:
    told = command("cohort", write("cohorte.json", json.dumps({"students": [{"not": "a profile"}] * 10_001})))

    assert told.status == 1
    assert "« students »" in told.err
    assert "10001" in told.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "est vide"),
        ("pas du json", "ligne 1, colonne 1"),
        ('{"age": 18,', "s’arrête trop tôt"),
        ('{"age": 18,\n "place": Rennes}', "ligne 2"),
        ('{"age": 18, "age": 19}', "« age » est donné deux fois"),
        ('{"place": "Fougères"}'.encode("cp1252"), "pas en UTF-8 (ligne 1)"),
        ('{"age": 18}'.encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\x00\x00", "pas un texte"),
        ("[" * 100_000, "trop de niveaux"),
        ("[]", "objet JSON"),
        ('"texte"', "objet JSON"),
        (" " * 1_000_001, "trop gros"),
    ],
)
def test_a_profile_that_is_not_one_is_refused_with_its_cause(command: Any, write: Write, content: str | bytes, said: str) -> None:
    done = command("match", write("profil.json", content))

    assert done.status == 1
    assert done.err.startswith("Erreur : ")
    assert said in done.err
