"""What a run says of cells: series that a spreadsheet dragged, zeros lost, mended texts, several ways to reach somebody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from directory.models.doubt import DoubtLevel
from directory.vocabulary import Visibility

Read = Callable[..., tuple[list[Any], Any]]
HEADER = "Structure;Tél.;Mail;CP;Ville;Âge;Horaires;Tarif"


@pytest.fixture
def table(tmp_path: Path, read: Read) -> Callable[..., tuple[list[Any], Any]]:
    """Reads a spreadsheet of the given rows, and gives its records and its run."""

    def of(*rows: str, header: str = HEADER) -> tuple[list[Any], Any]:
        path = tmp_path / "liste.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return read("tableur", path)

    return of


def messages(run: Any, level: DoubtLevel = DoubtLevel.DOUBTED) -> list[str]:
    return [doubt.message for doubt in run.doubts if doubt.level is level]


def test_phones_that_a_spreadsheet_dragged_down_are_left_out_but_the_first(table: Any) -> None:
    records, run = table(*(f"Structure {rank};02 61 91 12 {34 + rank};;35000;Rennes;;;" for rank in range(5)))

    assert [[contact.phone for contact in r.record.contacts] for r in records] == [["+33261911234"], [], [], [], []]
    assert sum("recopiée vers le bas" in message for message in messages(run)) == 4
    assert any("se suivent de ligne en ligne" in message for message in messages(run, DoubtLevel.NOTED))


def test_two_neighbouring_lines_of_one_structure_are_believed(table: Any) -> None:
    records, run = table(
        "CIO;02 61 91 12 34;;35000;Rennes;;;", "PSAD;02 61 91 12 35;;35000;Rennes;;;", "MLDS;02 61 91 00 10;;35000;Rennes;;;"
    )

    assert all(record.record.contacts for record in records)
    assert not messages(run)


def test_a_cell_of_several_phones_and_mails_gives_a_contact_for_each_with_its_label(table: Any) -> None:
    (record,), run = table("CIO;std 02 61 91 12 34 / mob. 06 39 98 12 34;cio(at)exemple.fr, b@exemple.fr;35000;Rennes;;;")

    contacts = [(contact.label, contact.phone, contact.email) for contact in record.record.contacts]

    assert contacts == [
        ("Standard", "+33261911234", ""), ("Portable", "+33639981234", ""), ("", "", "cio@exemple.fr"), ("", "", "b@exemple.fr"),
    ]  # fmt: skip
    assert not messages(run)


def test_a_number_beside_a_persons_name_is_for_the_bassin_only(table: Any) -> None:
    (record,), _ = table("CIO;02 61 91 12 34 / Mme EXEMPLE 06 39 98 12 34;;35000;Rennes;;;")

    assert [contact.visibility for contact in record.record.contacts] == [Visibility.PUBLIC, Visibility.BASSIN]


def test_a_zero_lost_is_given_back_when_the_commune_confirms_it(table: Any) -> None:
    records, run = table("Un;;;1000;Bourg-en-Bresse;;;", "Deux;;;1000;;;;", "Trois;;;3500;Rennes;;;")

    assert [record.record.code_postal for record in records] == ["01000", None, None]
    assert sum("zéro perdu" in message for message in messages(run)) == 2
    assert any("confirme" in message for message in messages(run, DoubtLevel.NOTED))


def test_ages_hours_and_prices_in_words_are_read_and_their_words_kept(table: Any) -> None:
    (record,), run = table("CIO;;;35000;Rennes;16 à 25 ans, 29 ans si RQTH;du lundi au vendredi 9h-12h sauf mercredi;15 € par an")

    facts = record.record
    assert (facts.age_min, facts.age_max, facts.conditions) == (16, 25, "16 à 25 ans, 29 ans si RQTH")
    assert (facts.opening_hours, facts.frais, facts.frais_details) == ("Mo-Tu,Th-Fr 09:00-12:00", "payant", "15 € par an")
    assert not messages(run)


def test_hours_that_are_not_certain_are_a_doubt_and_no_fact(table: Any) -> None:
    (record,), run = table("CIO;;;35000;Rennes;;le matin;")

    assert record.record.opening_hours == ""
    assert "non compris avec certitude" in messages(run)[0]


def test_accents_that_an_encoding_destroyed_are_mended_and_lost_letters_told(table: Any) -> None:
    records, run = table("Ã‰cole de la deuxiÃ¨me chance;;;35000;Rennes;;;", "Fr?d?ric et compagnie;;;35000;Rennes;;;")

    assert [record.record.name for record in records] == ["École de la deuxième chance", "Fr?d?ric et compagnie"]
    assert records[0].raw["Structure"] == "Ã‰cole de la deuxiÃ¨me chance"
    assert any("lettre perdue" in message for message in messages(run))
    assert any("réparés" in message for message in messages(run, DoubtLevel.NOTED))


def test_markup_in_a_name_is_taken_out(table: Any) -> None:
    (record,), _ = table("<b>CIO</b> de Rennes;;;35000;Rennes;;;")

    assert record.record.name == "CIO de Rennes"
