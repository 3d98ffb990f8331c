"""Lists of open days: dates in words, missing years, doubts; and events kept aside that a person lets in. All invented."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from directory.models.doubt import DoubtLevel
from directory.vocabulary import EventState, Pathway
from importers.errors import StructureChanged

Read = Callable[..., tuple[list[Any], Any]]


@pytest.fixture
def open_days(tmp_path: Path, read: Read) -> Callable[..., tuple[dict[str, Any], Any]]:
    """Reads a list, and gives its events by id and its run."""

    def of(text: str, name: str = "jpo.csv") -> tuple[dict[str, Any], Any]:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        records, run = read("calendars", path)
        return {record.record_id: record.record for record in records}, run

    return of


def times(event: Any) -> list[str]:
    return [f"{sitting.start:%Y-%m-%d %H:%M}-{sitting.end:%H:%M}" for sitting in event.occurrences]


def doubts(run: Any) -> list[str]:
    return [doubt.message for doubt in run.doubts if doubt.level is not DoubtLevel.NOTED]


def test_an_open_day_is_placed_by_its_lycee_and_dated_in_words(open_days: Any) -> None:
    found, run = open_days(
        "UAI;Établissement;Date portes ouvertes;Site\n"
        "0350030T;LP inventé;Vendredi 5 février 2027 de 17h à 20h et samedi 6 février 2027 de 9h à 13h;exemple.fr\n"
    )

    event = found["liste-0350030T"]
    assert (event.name, event.category) == ("Portes ouvertes : LP inventé", "portes_ouvertes")
    assert times(event) == ["2027-02-05 17:00-20:00", "2027-02-06 09:00-13:00"]
    assert event.uai == "0350030T"
    assert event.code_commune is not None
    assert not doubts(run)


def test_a_missing_year_is_that_of_the_school_year_and_is_to_be_confirmed(open_days: Any) -> None:
    found, run = open_days("Lycée;Ville;JPO\nLycée inventé;Rennes;samedi 6 février de 9h à 13h\n")

    event = found["liste-lycee-invente-rennes"]
    assert times(event) == ["2027-02-06 09:00-13:00"]
    assert event.description.startswith("Dates à confirmer : l’année n’est pas écrite")
    assert ["À confirmer" in message for message in doubts(run)] == [True]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("lundi 99 septembre 3019", "n’existe pas"),
        ("lundi 6 février 2027", "est un samedi"),
        ("courant mars", "un mois sans jour"),
        ("nous consulter", "aucune date lisible"),
        ("", "Aucune date"),
    ],
)
def test_a_date_that_cannot_be_sets_the_row_aside_whole(open_days: Any, written: str, reason: str) -> None:
    found, run = open_days(f"Lycée;Ville;Date(s)\nLycée inventé;Rennes;{written}\nAutre lycée;Rennes;6 février 2027\n")

    (refused,) = (doubt for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED)
    assert set(found) == {"liste-autre-lycee-rennes"}
    assert reason in refused.message
    assert refused.raw == {"Lycée": "Lycée inventé", "Ville": "Rennes", "Date(s)": written}


def test_the_rows_of_one_establishment_are_one_event(open_days: Any) -> None:
    found, _ = open_days(
        "Lycée;Ville;Dates;Horaires\nLycée inventé;Rennes;06/02/2027;9h-12h\nLycée inventé;Rennes;13/03/2027;9h-12h\n"
    )

    assert times(found["liste-lycee-invente-rennes"]) == ["2027-02-06 09:00-12:00", "2027-03-13 09:00-12:00"]


def test_a_cancelled_open_day_is_published_as_cancelled(open_days: Any) -> None:
    found, _ = open_days("Lycée;Ville;Dates\nLycée inventé;Rennes;6 février 2027 (annulé)\n")

    assert found["liste-lycee-invente-rennes"].event_state is EventState.CANCELLED


def test_a_list_of_titles_is_judged_title_by_title(open_days: Any) -> None:
    found, run = open_days(
        "Événement;Organisateur;Ville;Date\n"
        "Forum de l’alternance;CCI inventée;Rennes;6 février 2027\n"
        "Concert de jazz;Café inventé;Rennes;6 février 2027\n"
    )

    (event,) = found.values()
    assert (event.name, event.category) == ("Forum de l’alternance", "salon")
    assert Pathway.APPRENTICESHIP in event.pathways
    assert [(d.level, d.value) for d in run.doubts if d.level is DoubtLevel.ASIDE] == [(DoubtLevel.ASIDE, "Concert de jazz")]


def test_a_text_of_one_line_each_is_a_list_too(open_days: Any) -> None:
    found, run = open_days(
        "Portes ouvertes des lycées\n\n"
        "• Lycée Un inventé (Rennes) : samedi 6 février 2027 de 9h à 12h\n"
        "• Lycée Deux inventé (Fougères) : samedi 13 mars 2027\n",
        name="jpo.txt",
    )

    assert {event.name for event in found.values()} == {
        "Portes ouvertes : Lycée Un inventé",
        "Portes ouvertes : Lycée Deux inventé",
    }
    assert {event.code_commune for event in found.values()} == {"35238", "35115"}
    assert run.read == 2


def test_a_workbook_is_read_with_its_real_dates(tmp_path: Path, read: Read) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Établissement", "Ville", "Date JPO", "Horaires"], ["Lycée inventé", "Rennes", date(2027, 2, 6), "9h-12h"]):
        sheet.append(row)
    path = tmp_path / "jpo.xlsx"
    book.save(path)

    records, _ = read("calendars", path)

    assert times(records[0].record) == ["2027-02-06 09:00-12:00"]


def test_a_table_without_dates_is_no_calendar(open_days: Any) -> None:
    with pytest.raises(StructureChanged) as stopped:
        open_days("Lycée;Ville\nLycée inventé;Rennes\n")

    assert "dates" in stopped.value.public


def test_an_event_that_a_person_lets_in_is_published_by_each_next_import(directory: Any, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text("Événement;Ville;Date\nEscape game des métiers;Rennes;6 février 2027\n", encoding="utf-8")
    first = directory.load("calendars", path)
    (kept_out,) = directory.repository.list_kept_out("calendars")

    directory.repository.admit("calendars", [kept_out.record_id], datetime(2026, 11, 24, 9, tzinfo=UTC))
    again = directory.load("calendars", path)
    directory.repository.withdraw_admission("calendars", [kept_out.record_id])

    assert (first.added, again.added) == (0, 1)
    assert "Écarté de peu" in kept_out.reason
    assert kept_out.raw["Événement"] == "Escape game des métiers"
    assert set(directory.listings()) == {"Escape game des métiers"}
    assert directory.repository.list_admitted("calendars") == frozenset()


def test_the_sample_is_read_and_its_doubts_are_told(read: Read) -> None:
    sample = Path(__file__).parents[2] / "importers/sources/calendars/sample-portes-ouvertes.csv"

    records, run = read("calendars", sample)

    assert [len(record.record.occurrences) for record in records] == [2, 2, 1]
    assert [doubt.level for doubt in run.doubts if doubt.level is not DoubtLevel.NOTED] == [
        DoubtLevel.DOUBTED, DoubtLevel.DOUBTED, DoubtLevel.REFUSED,
    ]  # fmt: skip
