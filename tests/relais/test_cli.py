"""The command line keeps its contract: statuses, French, one JSON document."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from directory.database import open_engine
from directory.models.accounts import Area, Role
from directory.models.companies import Terms
from directory.repository import Repository
from relais.cli import relais
from tests.ban_server import serve_ban
from tests.serving import serving

Write = Callable[[str, str | bytes], Path]
SOURCES = Path(__file__).resolve().parents[2] / "importers/sources"
PROFILE: dict[str, Any] = {"age": 17, "place": "35300 Fougères", "needs": ["logement"]}


def test_help_is_french(command: Any) -> None:
    done = command("--help")

    assert done.status == 0
    assert "Utilisation :" in done.out
    assert "Commandes" in done.out
    assert not {"Usage:", "Commands:", "Show"} & set(done.out.split())


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("chercher",), "Commande inconnue : chercher"),
        (("search", "--rayon", "3"), "Option inconnue : --rayon"),
        (("search", "--limit", "0"), "« 0 » n’est pas dans l’intervalle"),
        (("search", "--near", "Rennes", "--radius", "abc"), "« abc » n’est pas un nombre"),
        (("search", "--near", "Rennes", "--radius", "-5"), "rayon"),
        (("search", "--cursor", "xyz"), "plus valable"),
        (("import", "ecoles", "x.csv"), "Source inconnue"),
        (("import", "psad"), "au moins un fichier"),
        (("search", "--kind", "ecole"), "--kind"),
        (("search", "--radius", "5"), "--radius demande un lieu"),
        (("search", "cio", "--near", "35", "--radius", "10"), "est un département"),
        (("search", "cio", "--near", "Bretagne", "--radius", "10"), "est une région"),
        (("search", "--filter", "category=cioo"), "Vouliez-vous dire : cio"),
        (("search", "--filter", "category"), "NOM=VALEUR"),
        (("search", "cio", "--near", "Trifouillis-les-Oies"), "Lieu inconnu"),
        (("search", "cio", "--near", "Saint-Denis"), "Lieu ambigu"),
        (("match", "x.json", "--limit", "0"), "n’est pas dans l’intervalle"),
        (("match",), "Il manque l’argument PROFIL.JSON"),
        (("match", "x.json", "--at", "31/02/2026"), "n’est pas une date"),
    ],
)
def test_wrong_usage_is_told_in_french_with_status_2(command: Any, args: tuple[str, ...], said: str) -> None:
    done = command(*args)

    assert done.status == 2
    assert said in done.err
    assert done.out == ""


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


def test_a_refused_file_leaves_the_directory_as_it_was(command: Any, write: Write, data: Path) -> None:
    def listings() -> list[tuple[Any, ...]]:
        with sqlite3.connect(data / "relais.sqlite3") as connection:
            return connection.execute("SELECT id, revision FROM listing ORDER BY id").fetchall()

    before = listings()

    for name, content in {
        "vide.json": b"",
        "tronque.json": b'[{"id": 1, "nom_agence": "51 - Mission Locale',
        "page.csv": b"<!DOCTYPE html><html><body>Erreur 404</body></html>",
        "rapport.csv": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
        "binaire.xlsx": bytes(range(256)) * 40,
    }.items():
        done = command("import", "missions_locales" if name.endswith("json") else "psad", write(name, content), "--json")
        assert done.status == 1, (name, done)
        assert name in done.err, (name, done.err)
        assert done.out == ""

    assert listings() == before


def test_an_absent_file_and_an_unknown_source_are_told(command: Any) -> None:
    absent = command("import", "psad", "nulle-part.csv")
    unknown = command("import", "annuaire-du-tout", "x.csv")

    assert (absent.status, unknown.status) == (1, 2)
    assert "nulle-part.csv" in absent.err
    assert "annuaire-du-tout" in unknown.err


def test_a_dry_run_reports_and_writes_nothing(command: Any, data: Path) -> None:
    sample = Path(__file__).parents[2] / "importers/sources/psad/sample.csv"
    before = (data / "relais.sqlite3").read_bytes()

    report = command("import", "psad", sample, "--dry-run", "--json").json()

    assert report["added"] > 0
    assert {"source", "run", "read", "added", "changed", "unchanged", "removed", "merged", "refused", "doubts", "seconds"} <= set(
        report
    )
    assert (data / "relais.sqlite3").read_bytes() == before


def test_importing_twice_changes_nothing_the_second_time(command: Any) -> None:
    sample = Path(__file__).parents[2] / "importers/sources/psad/sample.csv"

    first = command("import", "psad", sample, "--json").json()
    second = command("import", "psad", sample, "--json").json()

    assert first["added"] > 0
    assert second["unchanged"] == first["added"] + first["merged"] or second["unchanged"] == first["added"]
    assert (second["added"], second["changed"], second["removed"]) == (0, 0, 0)


def test_what_was_imported_is_found_at_once(command: Any) -> None:
    sample = Path(__file__).parents[2] / "importers/sources/psad/sample.csv"
    command("import", "psad", sample)

    found = command("search", "psad", "--filter", "category=psad", "--json").json()

    assert any(hit["id"].startswith("psad--") for hit in found["hits"])


def lose(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()


def of_another_version(folder: Path) -> None:
    pointer = folder / "current.json"
    pointer.write_text(json.dumps(json.loads(pointer.read_text()) | {"schema": 1}))


def write_over(folder: Path) -> None:
    for path in folder.glob("g-*/*"):
        if path.suffix in {".term", ".store"}:
            path.write_bytes(bytes(byte ^ 0x5A for byte in path.read_bytes()))


def garble_its_list(folder: Path) -> None:
    for path in folder.glob("g-*/meta.json"):
        path.write_bytes(b"[" * path.stat().st_size)


@pytest.mark.parametrize("damage", [lose, of_another_version, write_over, garble_its_list])
def test_a_search_builds_again_an_index_that_cannot_answer_and_says_so(
    command: Any, data: Path, damage: Callable[[Path], None]
) -> None:
    damage(data / "index")

    mended, again = command("search", "mission locale", "--json"), command("search", "mission locale", "--json")

    assert (mended.status, mended.json()["total"]) == (0, again.json()["total"])
    assert "il est reconstruit" in mended.err
    assert again.err == ""


def test_reindex_builds_the_index_again(command: Any, data: Path) -> None:
    lose(data / "index")

    assert command("reindex", "--json").json()["listings"] > 100
    assert command("search", "mission locale").err == ""


def test_doctor_finds_a_sound_installation_sound_and_a_stale_index_stale(command: Any, data: Path) -> None:
    sound = command("doctor", "--json")
    with sqlite3.connect(data / "relais.sqlite3") as connection:
        connection.execute("UPDATE directory_state SET revision = revision + 1")
    stale = command("doctor", "--json").json()

    assert sound.status == 0
    assert all(finding["level"] != "error" for finding in sound.json()["findings"])
    assert any(finding["check"] == "Index" and finding["level"] == "warning" for finding in stale["findings"])


def test_doctor_says_that_the_search_server_does_not_answer(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_SEARCH", "http://127.0.0.1:9")

    done = command("doctor", "--json")
    (found,) = (each for each in done.json()["findings"] if each["check"] == "Index")

    assert (done.status, found["level"]) == (1, "error")
    assert "ne répond pas" in found["text"]
    assert "l’index de secours répond" in found["text"]


def test_sources_are_listed_with_licence_and_last_run(command: Any) -> None:
    rows = {row["name"]: row for row in command("sources", "--json").json()}

    assert {"missions_locales", "psad", "clee", "calendars", "cfa", "tableur", "entreprises", "bassins"} <= set(rows)
    assert rows["demonstration"]["last_run"]["status"] == "done"
    assert rows["psad"]["last_run"] is None
    assert all(row["licence"] for row in rows.values())


def test_a_second_demo_imports_nothing(command: Any) -> None:
    done = command("demo")

    assert done.status == 0
    assert "Lecture" not in done.err


def test_a_misspelt_setting_is_refused(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_PROT", "8001")

    done = command("search", "cio")

    assert done.status == 1
    assert "RELAIS_PROT" in done.err


def test_a_taken_port_is_told(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("RELAIS_PORT", str(taken.getsockname()[1]))
        done = command("serve")

    assert done.status == 1
    assert "déjà pris" in done.err


@pytest.fixture
def published_list() -> Iterator[str]:
    """The address of a list of agencies, served by this very machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write((SOURCES / "missions_locales/sample_milo.json").read_bytes())

        def log_message(self, *args: object) -> None:
            pass

    with serving(Handler) as url:
        yield f"{url}/agences.json?cle=zqx7391"


def test_an_address_is_imported_like_a_file_and_its_key_is_kept_nowhere(
    command: Any, published_list: str, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    refused = command("import", "missions_locales", published_list)
    monkeypatch.setenv("RELAIS_LOOPBACK", "oui")

    done = command("import", "missions_locales", published_list, "--json")

    assert (refused.status, done.status) == (1, 0)
    assert "n’est pas une adresse publique" in refused.err
    assert done.json()["added"] == 4
    assert "zqx7391" not in refused.err + done.err + done.out
    assert b"zqx7391" not in (data / "relais.sqlite3").read_bytes()


def test_a_key_for_a_source_that_is_not_is_refused_and_not_repeated(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_KEY_NULLE_PART", "la-clef")

    refused = command("sources")

    assert (refused.status, refused.err) == (1, "Erreur : RELAIS_KEY_NULLE_PART : aucune source n’a de clé de ce nom.\n")


def test_the_help_of_every_command_is_french(command: Any) -> None:
    for name in relais.commands:
        assert "Utilisation : " in command(name, "--help").out


def test_a_data_folder_that_is_a_file_is_named(command: Any, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_DATA", str(write("file", "x")))

    done = command("search", "cio")

    assert done.status == 1
    assert "RELAIS_DATA" in done.err
    assert "ce n’est pas un dossier" in done.err


def test_an_event_kept_out_is_listed_let_in_and_published_by_the_next_import(command: Any, write: Write) -> None:
    path = write("liste.csv", "Événement;Ville;Date\nEscape game des métiers (inventé);Rennes;6 février 2027\n")
    imported = command("import", "calendars", path)

    listed = command("events", "aside", "--find", "escape", "--json").json()
    admitted = command("events", "admit", listed[0]["record_id"])
    again = command("import", "calendars", path, "--json").json()

    assert "gardés à part : 1" in imported.out
    assert [event["value"] for event in listed] == ["Escape game des métiers (inventé)"]
    assert admitted.status == 0
    assert again["added"] == 1


def test_an_unknown_event_cannot_be_let_in(command: Any) -> None:
    refused = command("events", "admit", "nulle-part")

    assert refused.status == 1
    assert "nulle-part" in refused.err


def test_a_departement_is_loaded_from_the_files_of_a_folder(command: Any, tmp_path: Path) -> None:
    folder = tmp_path / "fichiers"
    folder.mkdir()
    for source, name in (("missions_locales", "sample_milo.json"), ("education", "sample.csv"), ("rome", "sample_rome.csv")):
        (folder / f"{source}.{name.rpartition('.')[2]}").write_bytes((SOURCES / source / name).read_bytes())
    (folder / "notes.txt").write_text("rien de connu", encoding="utf-8")

    done = command("bootstrap", "--departement", "35", "--folder", folder, "--json")

    answer = done.json()
    reports = {entry["source"]: entry["report"] for entry in answer["sources"]}
    assert done.status == 0
    assert [*reports] == ["rome", "dispositifs", "education", "missions_locales"]
    assert (reports["missions_locales"]["added"], reports["education"]["added"], reports["rome"]["added"]) == (1, 9, 3)
    assert answer["unknown"] == ["notes.txt"]
    found = command("search", "lycée professionnel de l’Exemple", "--json").json()
    assert found["hits"][0]["name"] == "Lycée professionnel de l’Exemple inventé"


def test_a_bad_file_stops_its_source_and_not_the_others(command: Any, tmp_path: Path) -> None:
    folder = tmp_path / "fichiers"
    folder.mkdir()
    whole = (SOURCES / "education/sample.csv").read_text(encoding="utf-8-sig")
    (folder / "education.csv").write_text(whole.replace("Code_commune", "Autre"), encoding="utf-8")
    (folder / "milo.json").write_bytes((SOURCES / "missions_locales/sample_milo.json").read_bytes())

    done = command("bootstrap", "--departement", "35", "--folder", folder, "--json")

    answers = {entry["source"]: entry for entry in done.json()["sources"]}
    assert done.status == 1
    assert "code_insee" in answers["education"]["error"]
    assert answers["missions_locales"]["report"]["added"] == 1


@pytest.mark.parametrize("code", ["99", "Bretagne", ""])
def test_a_departement_that_is_none_is_wrong_usage(command: Any, code: str) -> None:
    refused = command("bootstrap", "--departement", code)

    assert refused.status == 2
    assert "département" in refused.err


def test_a_cohort_shares_the_places_of_the_demonstration(command: Any, write: Write) -> None:
    cook = {"age": 18, "place": "35300 Fougères", "wishes": {"occupations": ["G1602"], "paths": ["internship"]}}
    path = write("cohorte.json", json.dumps({"students": [cook | {"reference": f"eleve-{n}"} for n in range(4)]}))

    answer = command("cohort", path, "--json").json()
    printed = command("cohort", path)

    assert {one["student"] for one in answer["assignments"]} == {f"eleve-{n}" for n in range(4)}
    assert set(answer["assignments"][0]) >= {"student", "listing", "rank", "points", "reason"}
    assert answer["usefulness"] >= answer["greedy_usefulness"]
    assert "4 élèves sur 4 ont une place" in printed.out


def test_a_cohort_takes_the_places_that_the_bureau_of_its_lycee_noted(command: Any, write: Write, data: Path) -> None:
    cook = {"age": 18, "place": "35300 Fougères", "wishes": {"occupations": ["G1602"], "paths": ["internship"]}}
    path = write("cohorte.json", json.dumps({"students": [cook]}))
    first = command("cohort", path, "--json", "--at", "2026-11-24").json()["assignments"][0]["listing"]
    repository = Repository(open_engine(f"sqlite:///{data / 'relais.sqlite3'}"))
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    bureau = repository.accounts.add("b@essai.example", Role.BUREAU, (Area.LYCEE, "0350011X"), now)
    repository.companies.set_terms(bureau, first, Terms(not_before=date(2026, 12, 31)), now)

    own = command("cohort", path, "--json", "--at", "2026-11-24", "--lycee", "0350011X").json()["assignments"][0]["listing"]
    wrong = command("cohort", path, "--lycee", "x")

    assert own != first == command("cohort", path, "--json", "--at", "2026-11-24").json()["assignments"][0]["listing"]
    assert (wrong.status, "UAI" in wrong.err) == (1, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "JSON"),
        ("[]", "objet JSON"),
        ('{"students": []}', "« students »"),
        ('{"eleves": []}', "Champ inconnu : « eleves »"),
        ('{"students": [{"age": 18}]}', "students[0].place"),
        ('{"students": [{"age": 18, "place": "Rennes"}], "places": [{"id": "x", "capacity": "deux"}]}', "places[0].capacity"),
        ('{"students": [{"age": 18, "place": "Rennes"}], "places": [{"id": "x", "capacity": 2}]}', "places[0].id"),
    ],
)
def test_a_cohort_that_cannot_be_read_is_told_by_its_field(command: Any, write: Write, content: str, said: str) -> None:
    done = command("cohort", write("cohorte.json", content))

    assert done.status == 1
    assert said in done.err


def test_addresses_that_wait_are_located_by_the_service_that_is_set(
    command: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("liste.csv", "Structure;Adresse;CP;Ville\nStructure inventée;1 rue du Port inventé;35000;Rennes\n")
    command("import", "tableur", path)
    waiting = command("geocode", "--dry-run", "--json").json()
    off = command("geocode")
    with serve_ban() as ban:
        monkeypatch.setenv("RELAIS_BAN_URL", ban.url)
        monkeypatch.setenv("RELAIS_LOOPBACK", "oui")
        done = command("geocode", "--json").json()
        ban.mood = "500"
        again = command("import", "tableur", path)

    assert waiting == {"waiting": 1}
    assert (off.status, "RELAIS_BAN_URL" in off.err) == (1, True)
    assert (done["found"], done["moved"], done["waiting"]) == (1, 1, 0)
    assert again.status == 0
    assert "1 inchangé" in again.out


def test_an_outage_of_the_address_service_does_not_stop_an_import(
    command: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("liste.csv", "Structure;Adresse;CP;Ville\nStructure inventée;1 rue du Port inventé;35000;Rennes\n")
    monkeypatch.setenv("RELAIS_LOOPBACK", "oui")
    monkeypatch.setenv("RELAIS_BAN_URL", "http://127.0.0.1:9")

    imported = command("import", "tableur", path)
    asked = command("geocode")

    assert imported.status == 0
    assert "ne répond pas" in imported.err
    assert (asked.status, "1 adresse en attente" in asked.err) == (1, True)
