"""Missions locales: i-Milo's list and the administration directory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.models.doubt import DoubtLevel
from directory.vocabulary import Precision
from importers.agency_names import display_name, named_commune
from importers.errors import StructureChanged

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

SAMPLES = Path(__file__).resolve().parents[2] / "importers/sources/missions_locales"


@pytest.mark.parametrize(
    ("written", "commune", "shown"),
    [
        ("Mission Locale Des Pays D'Epernay", "Épernay", "Mission locale des Pays d’Épernay"),
        ("Mission Locale De La Ciotat", "La Ciotat", "Mission locale de La Ciotat"),
        ("Mission Locale De La Bièvre", "", "Mission locale de la Bièvre"),
        ("Mission Locale St Brieuc", "Saint-Brieuc", "Mission locale Saint-Brieuc"),
        ("Mission Locale De L'Aigle", "L'Aigle", "Mission locale de L’Aigle"),
        ("Mission Locale Le Creusot / Montceau - Agire", "Le Creusot", "Mission locale Le Creusot / Montceau - Agire"),
        ("Mission Locale Bearn Adour", "", "Mission locale Bearn Adour"),
    ],
)
def test_a_name_is_shown_with_french_typography_and_nothing_invented(written: str, commune: str, shown: str) -> None:
    assert display_name(written, commune) == shown


@pytest.mark.parametrize(
    ("name", "departement", "code"),
    [
        ("Mission Locale Fontaine", "38", "38169"),
        ("Mission Locale De L'Arrondissement De Beaune", "21", "21054"),
        ("Mission Locale Porte De Bretagne - Pays De Vitre", "35", "35360"),
        ("Mission Locale Saint-Pierre", "974", "97416"),
        ("Mission Locale De La Mayenne", "53", ""),
        ("Mission Locale Sud Isère", "38", ""),
        ("Mission Locale De Cournon", "63", ""),
        ("Mission Locale Fontaine", "51", ""),
        ("Mission Locale De Lure / Luxeuil-Les-Bains / Champagney", "70", ""),
    ],
)
def test_a_name_states_a_commune_only_when_it_states_one(name: str, departement: str, code: str, gazetteer: Gazetteer) -> None:
    assert named_commune(name, departement, gazetteer) == code


def test_the_list_gives_departements_as_they_are_written_elsewhere(read: Callable[..., Any]) -> None:
    found, _ = read("missions_locales", SAMPLES / "sample_milo.json")

    assert [record.record.code_departement for record in found] == ["35", "07", "07", "2B"]
    assert found[0].record.precision is Precision.NAME
    assert found[1].record.precision is Precision.DEPARTEMENT
    assert found[1].record.coverage == ()


def test_two_entries_of_one_name_and_departement_make_one_listing_with_two_records(directory: Directory) -> None:
    report = directory.load("missions_locales", SAMPLES / "sample_milo.json")

    assert report.merged == 1
    assert sum(directory.repository.count_listings().values()) == 3
    assert [(doubt.line, doubt.level) for doubt in report.doubts] == [(3, DoubtLevel.NOTED)]


def test_the_directory_gives_the_address_where_one_is_received_its_hours_and_not_whom_it_serves(read: Callable[..., Any]) -> None:
    found, run = read("missions_locales", SAMPLES / "sample_annuaire.json")

    record = found[0].record
    assert len(found) == 1
    assert (record.address, record.code_postal, record.code_commune) == ("1 rue de l'Exemple", "35300", "35115")
    assert record.opening_hours == "Mo-Th 09:00-12:00,13:30-17:00; Fr 09:00-12:00"
    assert [contact.phone for contact in record.contacts if contact.phone] == ["+33261910001", "+33261910002"]
    assert record.coverage == ()
    assert [doubt.field for doubt in run.doubts] == ["pivot"]


def test_json_inside_a_string_that_is_broken_is_a_doubt(tmp_path: Path, read: Callable[..., Any]) -> None:
    whole = json.loads((SAMPLES / "sample_annuaire.json").read_text(encoding="utf-8"))
    whole["results"][0] |= {"telephone": "[{", "plage_ouverture": '[{"nom_jour_debut": "Lunedi"}]'}
    path = tmp_path / "annuaire.json"
    path.write_text(json.dumps(whole), encoding="utf-8")

    found, run = read("missions_locales", path)

    assert found[0].record.opening_hours == ""
    assert [(doubt.line, doubt.field, doubt.value) for doubt in run.doubts[:2]] == [
        (1, "telephone", "[{"),
        (1, "plage_ouverture", "Lunedi"),
    ]


def test_a_json_of_another_shape_stops(tmp_path: Path, read: Callable[..., Any]) -> None:
    path = tmp_path / "autre.json"
    path.write_text('[{"nom": "A"}]', encoding="utf-8")

    with pytest.raises(StructureChanged) as stopped:
        read("missions_locales", path)

    assert "nom_agence" in stopped.value.public


def test_importing_one_shape_makes_nothing_of_the_other_vanish(directory: Directory) -> None:
    directory.load("missions_locales", SAMPLES / "sample_milo.json")

    report = directory.load("missions_locales", SAMPLES / "sample_annuaire.json")

    assert (report.added, report.removed) == (1, 0)


def test_the_published_list_is_read_whole(published: Path, directory: Directory) -> None:
    report = directory.load("missions_locales", published / "missions_locales/agences_milo.json")

    listings = directory.listings()
    placed = Counter(listing.record.precision for listing in listings.values())
    assert (report.read, report.added, report.refused, report.merged) == (459, 459, 0, 3)
    assert all(listing.record.code_departement for listing in listings.values())
    assert listings["Mission locale des Pays d’Épernay"].record.code_commune == "51230"
    assert listings["Mission locale - We Ker"].record.code_commune == "35238"
    assert placed[Precision.NAME] > 140


def test_the_published_page_of_the_directory_is_read(published: Path, read: Callable[..., Any]) -> None:
    found, _ = read("missions_locales", published / "missions_locales/annuaire_administration_api.json")

    record = found[0].record
    assert (record.address, record.code_commune) == ("29-31 rue des Boulets", "75111")
    assert record.opening_hours == "Mo-Th 09:00-11:30,13:30-16:30; Fr 09:00-11:30,13:30-15:30"
