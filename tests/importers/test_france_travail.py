"""France Travail's agencies: a name and a département."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.models.doubt import DoubtLevel
from directory.vocabulary import Precision
from importers.agency_names import in_title_case

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

SAMPLE = Path(__file__).resolve().parents[2] / "importers/sources/france_travail/sample.json"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("REIMS MONT D'ARENE", "Reims Mont d'Arene"),
        ("LA SEYNE SUR MER", "La Seyne sur Mer"),
        ("Saint-Ouen", "Saint-Ouen"),
        ("RPE YSSINGEAUX", "RPE Yssingeaux"),
        ("MORNE A L'EAU", "Morne a l'Eau"),
    ],
)
def test_a_name_in_capitals_is_shown_word_by_word(written: str, shown: str) -> None:
    assert in_title_case(written) == shown


def test_an_agency_is_shown_under_the_name_of_today_and_its_original_name_stays(read: Callable[..., Any]) -> None:
    found, run = read("france_travail", SAMPLE)

    first = found[0]
    assert first.record.name == "Agence France Travail Fougères Exemple Invente"
    assert first.raw["nom_agence"] == "Agence Pôle emploi FOUGERES EXEMPLE INVENTE"
    assert (first.record.code_commune, first.record.precision) == ("35115", Precision.NAME)
    assert [doubt.message for doubt in run.doubts if doubt.level is DoubtLevel.NOTED] == [
        "« Pôle emploi » s’appelle France Travail depuis le 1er janvier 2024."
    ]


def test_an_agency_whose_name_states_no_commune_is_known_by_its_departement(read: Callable[..., Any]) -> None:
    found, _ = read("france_travail", SAMPLE)

    second = found[1]
    assert (second.record.name, second.record.code_departement) == ("Relais France Travail Exemple Invente", "01")
    assert (second.record.code_commune, second.record.latitude) == (None, None)
    assert found[3].record.code_departement == "2B"


def test_the_published_agencies_are_all_read_and_the_second_import_changes_nothing(directory: Directory, published: Path) -> None:
    path = published / "france_travail" / "agences_pe.json"

    first, second = directory.load("france_travail", path), directory.load("france_travail", path)

    assert (first.read, first.refused, first.added) == (894, 0, 894)
    assert (second.added, second.changed, second.unchanged) == (0, 0, 894)


def test_a_list_of_missions_locales_is_refused_row_by_row(read: Callable[..., Any]) -> None:
    found, run = read("france_travail", SAMPLE.parents[1] / "missions_locales" / "sample_milo.json")

    assert not found
    assert {doubt.level for doubt in run.doubts} == {DoubtLevel.REFUSED}
