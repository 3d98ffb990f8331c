"""``relais mapping`` and ``relais template``, as a person types them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

LIST = "Structure;Tél;Ville\nPoint écoute d’exemple (inventé);02 61 91 40 01;Redon\nCCAS inventé;02 61 91 40 02;Vitré\n"


@pytest.fixture
def liste(tmp_path: Path) -> Path:
    path = tmp_path / "liste.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def test_a_mapping_is_proposed_kept_tried_and_followed(command: Any, liste: Path) -> None:
    proposed = command("mapping", "propose", str(liste), "--save", "ma-liste", "--json").json()
    shown = command("mapping", "preview", str(liste), "--name", "ma-liste", "--json").json()
    kept = command("mapping", "list", "--json").json()
    report = command("import", "ma-liste", str(liste), "--json").json()

    assert [column["field"] for column in proposed["columns"]] == ["nom", "telephone", "commune"]
    assert [listing["commune"] for listing in shown["listings"]] == ["35236", "35360"]
    assert list(kept) == ["ma-liste"]
    assert (report["source"], report["added"]) == ("tableur", 2)


def test_a_kept_mapping_refuses_other_headers_and_nothing_changes(command: Any, liste: Path) -> None:
    command("mapping", "propose", str(liste), "--save", "ma-liste")
    liste.write_text(LIST.replace("Ville", "Lieu"), encoding="utf-8")

    done = command("import", "ma-liste", str(liste))

    assert done.status == 1
    assert "« commune » (« Ville »)" in done.err


def test_the_proposal_is_shown_with_its_reasons(command: Any, liste: Path) -> None:
    done = command("mapping", "propose", str(liste))

    assert "Tél" in done.out
    assert "100\u00a0% des valeurs ont la forme « numéro de téléphone »" in done.out


def test_a_table_that_a_source_of_its_own_reads_better_is_told(command: Any) -> None:
    sample = Path(__file__).resolve().parents[2] / "importers/sources/clee/sample.pdf"

    done = command("mapping", "propose", sample)

    assert "relais import clee" in done.out


def test_an_unknown_mapping_is_an_error(command: Any, liste: Path) -> None:
    done = command("mapping", "preview", str(liste), "--name", "autre")

    assert done.status == 2
    assert "Correspondance inconnue : « autre »" in done.err


def test_a_template_is_written_once(command: Any, tmp_path: Path) -> None:
    path = tmp_path / "modele.csv"

    first = command("template", "psad", "--format", "csv", "--output", str(path))
    again = command("template", "psad", "--format", "csv", "--output", str(path))

    assert (first.status, again.status) == (0, 1)
    assert path.read_text(encoding="utf-8-sig").startswith("Académie;Département;")
    assert "existe déjà" in again.err
