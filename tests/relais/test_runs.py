"""Imports looked at later: runs, doubts, records, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HEADER = "nom;siret;code_postal;commune\n"


def companies(folder: Path, *rows: str) -> Path:
    path = folder / "entreprises.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def imported(command: Any, tmp_path: Path) -> Path:
    path = companies(tmp_path, "Garage Exemple;00000000000018;35300;Fougères", "Fournil Exemple;123;35300;Fougères")
    assert command("import", "entreprises", path).status == 0
    return path


def test_a_dry_run_and_an_import_tell_what_changes_field_by_field(command: Any, imported: Path, tmp_path: Path) -> None:
    path = companies(tmp_path, "Garage Exemple;00000000000018;35500;Vitré", "Fournil Exemple;123;35300;Fougères")

    dry = command("import", "entreprises", path, "--dry-run")
    real = command("import", "entreprises", path, "--json").json()

    assert "Essai (rien n’est écrit)" in dry.out
    assert "Modifiées : 1" in dry.out
    assert "Code postal : 35300 → 35500" in dry.out
    changes = real["plan"]["changed"]["examples"][0]["fields"]
    assert {"field": "code_postal", "before": "35300", "after": "35500"} in changes


def test_the_same_file_again_says_that_there_is_nothing_to_do(command: Any, imported: Path) -> None:
    again = command("import", "entreprises", imported)

    assert "identiques à ceux de l’import n° 3" in again.out  # the first two loaded the demonstration
    assert "2 inchangés" in again.out


def test_runs_are_listed_and_one_is_told_whole(command: Any, imported: Path) -> None:
    listed = command("runs")
    one = command("runs", "3")
    told = command("runs", "3", "--json").json()

    assert "n° 3 · entreprises" in listed.out
    assert "2 ajoutés" in listed.out
    assert "entreprises.csv" in one.out
    assert "Ajoutées : 2" in one.out
    assert (told["status"], told["counts"]["added"], told["doubts"][0]["value"]) == ("done", 2, "123")
    assert command("runs", "99").status == 1
    assert "Aucun import ne porte le numéro 99" in command("runs", "99").err


def test_a_doubt_is_resolved_and_stays_so_at_the_next_import(command: Any, imported: Path, tmp_path: Path) -> None:
    (doubt,) = command("doubts", "--open", "--json").json()["doubts"]

    resolved = command("doubts", "resolve", doubt["id"], "--note", "Vu avec le boulanger", "--by", "DDFPT")
    path = companies(
        tmp_path, "Autre Exemple;00000000000026;35300;Fougères", "Garage Exemple;00000000000018;35300;Fougères",
        "Fournil Exemple;123;35300;Fougères",
    )  # fmt: skip
    command("import", "entreprises", path)

    assert doubt["value"] == "123"
    assert "accepté le" in resolved.out
    assert "Vu avec le boulanger" in resolved.out
    assert command("doubts", "--open", "--json").json()["total"] == 0
    assert command("doubts", "--source", "entreprises", "--json").json()["doubts"][0]["decision"] == "accepted"
    reopened = command("doubts", "resolve", doubt["id"], "--reopen", "--json").json()
    assert reopened[0]["decision"] == ""
    assert command("doubts", "--open", "--level", "doubted", "--json").json()["total"] == 1


def test_the_records_of_a_listing_are_shown_as_they_came_with_the_fields_they_give(command: Any, imported: Path) -> None:
    shown = command("record", "entreprises--00000000000018")
    (told,) = command("record", "entreprises--00000000000018", "--json").json()

    assert "commune = Fougères" in shown.out
    assert "Nom (nom)" in shown.out
    assert told["raw"]["siret"] == "00000000000018"
    assert told["fields"]["name"] == ["nom"]
    assert command("record", "absente").status == 1


def test_many_vanished_records_stop_until_a_person_says_yes(command: Any, tmp_path: Path) -> None:
    def agencies(*names: str) -> Path:
        path = tmp_path / "agences.json"
        items = [{"id": rank, "nom_agence": name, "code_departement": 35, "structure": "MILO"} for rank, name in enumerate(names)]
        path.write_text(json.dumps(items), encoding="utf-8")
        return path

    names = [f"35 - Mission Locale Exemple {rank}" for rank in range(6)]
    assert command("import", "missions_locales", agencies(*names)).status == 0

    stopped = command("import", "missions_locales", agencies(*names[:2]))
    said_yes = command("import", "missions_locales", agencies(*names[:2]), "--allow-removals")

    assert stopped.status == 1
    assert "--allow-removals" in stopped.err
    assert "Absentes une première fois" in said_yes.out


def test_a_failure_that_a_later_import_made_good_is_no_longer_told(command: Any, tmp_path: Path) -> None:
    command("import", "entreprises", companies(tmp_path, "Entreprise Un;;35300;Fougères"))
    (tmp_path / "vide.csv").write_text("a;b\n1;2\n", encoding="utf-8")
    failed = command("import", "entreprises", tmp_path / "vide.csv")

    told = command("doctor").out
    command("import", "entreprises", companies(tmp_path, "Entreprise Deux;;35300;Fougères"))

    assert (failed.status, "dernier échec, entreprises" in told) == (1, True)
    assert "aucun échec récent" in command("doctor").out


def test_the_drift_of_a_source_is_told_in_its_report_by_doctor_and_by_sources(command: Any, tmp_path: Path) -> None:
    rows = [f"Entreprise {rank};;35300;Fougères" for rank in range(40)]
    command("import", "entreprises", companies(tmp_path, *rows))

    report = command("import", "entreprises", companies(tmp_path, *rows[:20]), "--json").json()

    assert report["alarms"] == ["Moins de lignes que d’habitude : 20, au lieu de 40."]
    assert "Moins de lignes" in command("doctor").out
    assert "Moins de lignes" in command("sources").out
    assert "Moins de lignes" in command("runs", report["run"]).out


def test_a_whole_import_is_undone_by_its_number_once(command: Any, tmp_path: Path) -> None:
    path = tmp_path / "partenaires.csv"
    path.write_text("Structure;CP;Ville;Mail\nAtelier Essai;35300;Fougères;atelier@essai.example\n", encoding="utf-8")
    run = command("import", "tableur", path, "--undoable", "--json").json()["run"]

    dry = command("undo", run, "--dry-run", "--json").json()
    kept = command("search", "Atelier Essai", "--json").json()["hits"][0]["name"]
    done = command("undo", run)
    again = command("undo", run)

    assert (dry["undoes"], dry["brought"], dry["kept"]) == (run, 1, 0)
    assert kept == "Atelier Essai"
    assert f"Import n° {run} défait par l’import n° {run + 1}" in done.out
    assert "1 fiche qu’il a apportée : retirée" in done.out
    assert command("search", "Atelier Essai", "--json").json()["hits"][0]["name"] != "Atelier Essai"
    assert again.status == 1
    assert "ne peut pas être défait" in again.err
    assert command("import", "psad", path, "--undoable").status == 2
