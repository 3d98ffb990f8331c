"""Training centres: the prépa-apprentissage list, the networks' lists, and who is who."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.models.doubt import DoubtLevel
from directory.models.record import ListingRecord, SourcedRecord
from importers.errors import ExpectationMissed, StructureChanged
from importers.run import Run
from importers.source import get_source
from importers.sources.cfa import records
from importers.sources.cfa.body import choose_name

SAMPLES = Path(__file__).parents[2] / "importers/sources/cfa"
PREPA, NETWORK, BARE = (SAMPLES / f"sample-{name}.csv" for name in ("prepa", "reseau", "afpa"))
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def read(gazetteer: Gazetteer, *paths: Path, find_name=None) -> tuple[dict[str, SourcedRecord], Run]:
    run = Run(source=get_source("cfa"), paths=paths, geocoder=gazetteer, now=NOW, find_name=find_name)
    return {record.record_id: record for record in records(run)}, run


def by_name(found: dict[str, SourcedRecord], part: str) -> ListingRecord:
    return next(record.record for record in found.values() if part in record.record.name)


def without_column(path: Path, header: str, folder: Path) -> Path:
    rows = [line.split(";") for line in path.read_text(encoding="utf-8-sig").splitlines()]
    place = rows[0].index(header)
    cut = folder / "cut.csv"
    cut.write_text("\n".join(";".join(row[:place] + row[place + 1 :]) for row in rows) + "\n", encoding="utf-8")
    return cut


def test_the_prepa_list_gives_each_body_its_category_place_and_pathways(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, PREPA)

    cfa = by_name(found, "CFA DE L EXEMPLE")
    assert (cfa.category, cfa.code_commune, cfa.address) == ("cfa", "35238", "12 RUE DE L EXEMPLE")
    assert "support" in cfa.pathways
    assert "prépa-apprentissage" in cfa.description
    assert by_name(found, "MAISON FAMILIALE").category == "mfr"
    assert by_name(found, "MAISON FAMILIALE").code_commune == "35115"  # through a CEDEX code
    assert by_name(found, "ORGANISME INVENTE").category == "organisme_formation"
    assert run.doubts == []


def test_a_lycee_that_trains_apprentices_is_published_as_that_and_not_as_a_lycee_of_its_own_pupils(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, PREPA)

    lycee = by_name(found, "LYCEE PROFESSIONNEL")
    assert lycee.category == "cfa"
    assert set(lycee.networks) == {"cfa", "lycee"}
    assert "pour le compte d’un CFA" in lycee.description


def test_two_lists_meet_in_one_body_by_siret_and_never_by_uai_alone(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, PREPA, NETWORK, BARE)

    shared = Counter(identity for record in found.values() for identity in record.identities)
    assert {identity for identity, count in shared.items() if count > 1} == {
        "formation:siret:00000090000027", "formation:siret:00000090000035", "formation:siret:00000090000050",
    }  # fmt: skip
    assert all(identity.startswith("formation:siret:") for identity in shared)


def test_a_records_id_names_its_list_so_that_no_list_overwrites_another(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, PREPA, NETWORK)

    assert {"prepa-00000090000027", "greta-00000090000027"} <= set(found)
    assert get_source("cfa").complete is False


def test_a_row_with_numbers_only_adds_its_network_to_the_body_that_another_list_names(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, PREPA, BARE)

    assert found["afpa-00000090000050"].record.networks == ("afpa",)
    assert found["afpa-00000090000050"].record.name == "AFPA INVENTEE"
    assert [(doubt.level, doubt.value) for doubt in run.doubts] == [(DoubtLevel.REFUSED, "00000090000084")]
    assert "importez d’abord une liste qui le nomme" in run.doubts[0].message


def test_the_order_of_the_files_does_not_matter(gazetteer: Gazetteer) -> None:
    assert set(read(gazetteer, BARE, PREPA)[0]) == set(read(gazetteer, PREPA, BARE)[0])


def test_a_bare_list_imported_alone_asks_the_directory_for_the_names(gazetteer: Gazetteer) -> None:
    known = {"formation:siret:00000090000050": "AFPA DÉJÀ PUBLIÉE"}

    found, run = read(gazetteer, BARE, find_name=known.get)

    assert [record.record.name for record in found.values()] == ["AFPA DÉJÀ PUBLIÉE"]
    assert len(run.doubts) == 1


def test_a_closed_establishment_is_set_aside_whole(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, NETWORK)

    closed = next(doubt for doubt in run.doubts if doubt.field == "etat_administratif")
    assert closed.level is DoubtLevel.REFUSED
    assert closed.raw is not None
    assert closed.raw["Raison sociale"] == "LYCEE FERME INVENTE"
    assert not any("FERME" in record.record.name for record in found.values())


def test_the_sixty_potential_uais_are_ignored_by_name_and_an_added_column_is_told(gazetteer: Gazetteer, tmp_path: Path) -> None:
    wider = tmp_path / "wider.csv"
    lines = NETWORK.read_text(encoding="utf-8-sig").splitlines()
    wider.write_text("\n".join([lines[0] + ";Nouvelle colonne", *(line + ";x" for line in lines[1:])]) + "\n", encoding="utf-8")

    _, run = read(gazetteer, wider)

    assert [doubt.field for doubt in run.doubts if doubt.level is DoubtLevel.NOTED] == ["Nouvelle colonne"]


@pytest.mark.parametrize(
    "header", ["uai", "siret", "raison_sociale", "enseigne", "nature", "departement", "commune", "adresse", "prepa_apprentissage"]
)
def test_a_column_removed_from_the_prepa_list_stops_the_import(gazetteer: Gazetteer, tmp_path: Path, header: str) -> None:
    with pytest.raises(StructureChanged) as stopped:
        read(gazetteer, without_column(PREPA, header, tmp_path))

    assert "rien n’est publié" in stopped.value.public


@pytest.mark.parametrize(
    "header", ["UAI validée", "Siret", "Raison sociale", "Enseigne", "etat_administratif", "Nature", "Adresse", "Réseaux à  jour"]
)
def test_a_column_removed_from_a_networks_list_stops_the_import(gazetteer: Gazetteer, tmp_path: Path, header: str) -> None:
    with pytest.raises(StructureChanged):
        read(gazetteer, without_column(NETWORK, header, tmp_path))


def test_a_wrong_siret_is_a_doubt_that_names_its_line_and_joins_nothing(gazetteer: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "prepa.csv"
    path.write_text(PREPA.read_text(encoding="utf-8-sig").replace("00000090000019", "2,12101E+13"), encoding="utf-8")

    found, run = read(gazetteer, path)

    assert found["prepa-0359901X"].identities == ()
    assert [(doubt.line, doubt.field, doubt.value) for doubt in run.doubts] == [(2, "siret", "2,12101E+13")]
    assert "tableur" in run.doubts[0].message


def test_a_list_of_which_half_cannot_be_read_publishes_nothing(gazetteer: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "reseau.csv"
    text = NETWORK.read_text(encoding="utf-8-sig")
    path.write_text(text.replace(";actif;", ";brouillon;").replace(";fermé;", ";brouillon;"), encoding="utf-8")

    with pytest.raises(ExpectationMissed) as stopped:
        read(gazetteer, path)

    assert "3 lignes sur 4" in stopped.value.public


@pytest.mark.parametrize(
    ("legal", "sign", "name"),
    [
        ("LYCEE PROFESSIONNEL ALBERT CAMUS", "LP", "LYCEE PROFESSIONNEL ALBERT CAMUS"),
        ("CTRE CONSULAIRE FORMATION PROFESSION AIN", "CECOF", "CECOF (CTRE CONSULAIRE FORMATION PROFESSION AIN)"),
        ("AFTRAL", "AFTRAL", "AFTRAL"),
        ("INST FORMATION", "INST FORMATION DE L OUEST", "INST FORMATION DE L OUEST"),
        ("", "CECOF", "CECOF"),
        ("OGEC SAINT-JOSEPH", "OGEC", "OGEC SAINT-JOSEPH"),
    ],
)
def test_a_body_bears_the_name_that_people_know(legal: str, sign: str, name: str) -> None:
    assert choose_name(legal, sign) == name


def test_a_body_of_two_lists_is_one_listing_of_both_networks_whichever_comes_first(directory: Any) -> None:
    directory.load("cfa", PREPA)
    report = directory.load("cfa", NETWORK)
    directory.load("cfa", BARE)

    found = directory.listings()
    assert report.merged == 2
    assert set(found["LYCEE PROFESSIONNEL DE L EXEMPLE"].record.networks) == {"cfa", "lycee", "greta"}
    assert set(found["AFPA INVENTEE"].record.networks) == {"cfa", "afpa"}
    assert len(found) == 6


def test_importing_one_list_again_closes_nothing_of_the_others(directory: Any) -> None:
    directory.load("cfa", PREPA)
    directory.load("cfa", NETWORK)

    again = directory.load("cfa", PREPA)

    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, 5, 0)


def test_a_body_that_its_list_says_is_closed_does_not_stay_published_unless_another_list_holds_it(
    directory: Any, tmp_path: Path
) -> None:
    directory.load("cfa", PREPA)
    directory.load("cfa", NETWORK)
    path = tmp_path / "reseau.csv"
    lines = NETWORK.read_text(encoding="utf-8-sig").splitlines()
    closing = [line.replace(";actif;", ";fermé;") if "LYCEE" in line else line for line in lines]
    path.write_text("\n".join(closing) + "\n", encoding="utf-8")
    alone = directory.listings()["GRETA DE L EXEMPLE (LYCEE POLYVALENT INVENTE)"].id

    report = directory.load("cfa", path)

    closed = directory.repository.get_listing(alone)
    assert report.removed == 2
    assert (closed.closed_at is not None, closed.closed_reason) == (True, "Établissement fermé, dit sa source.")
    assert "LYCEE PROFESSIONNEL DE L EXEMPLE" in directory.listings()  # the other list holds it
    assert directory.load("cfa", path).removed == 0


def test_the_published_lists_are_read_whole(gazetteer: Gazetteer, published: Path) -> None:
    found, run = read(gazetteer, *sorted((published / "cfa").glob("*.csv")))

    placed = sum(1 for record in found.values() if record.record.code_commune)
    assert run.read == 6894
    assert len({identity for record in found.values() for identity in record.identities}) == 6074
    assert placed > 0.99 * len(found)
    assert not [doubt for doubt in run.doubts if doubt.level is DoubtLevel.NOTED]
