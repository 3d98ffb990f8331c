"""ROME, diplomas, zones d'emploi and académies: imported from their files, and used where they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from directory import referentials
from directory.company_filter import find_trades
from directory.diplomas import occupations_of_diploma
from directory.errors import DatabaseError
from directory.occupations import find_occupations, title
from directory.territory import academie_of, zone_emploi_of
from importers.errors import ExpectationMissed, StructureChanged

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

SOURCES = Path(__file__).resolve().parents[2] / "importers/sources"
SAMPLES = {
    "rome": ("sample_rome.csv", "sample_appellations.csv"),
    "diplomes": ("sample_certif_info.csv", "sample_n_mef.csv", "sample_familles.csv"),
    "zones_emploi": ("sample_zones.json", "sample_academies.csv"),
}
FILES = [(source, name) for source, names in SAMPLES.items() for name in names]
TABLES = [(source, name) for source, name in FILES if name.endswith(".csv")]


def samples(source: str) -> list[Path]:
    return [SOURCES / source / name for name in SAMPLES[source]]


@pytest.fixture
def in_use(directory: Directory) -> Iterator[Directory]:
    """A directory whose referentials are this process's."""
    referentials.use(directory.repository)
    yield directory
    referentials.use(None)


@pytest.mark.parametrize("source", SAMPLES)
def test_a_referential_is_kept_and_a_second_import_changes_nothing(source: str, directory: Directory) -> None:
    dry = directory.load(source, *samples(source), dry_run=True)
    first = directory.load(source, *samples(source))
    versions = directory.repository.referential_versions()

    again = directory.load(source, *samples(source))

    assert (dry.run, dry.added, first.added) == (None, first.added, dry.added)
    assert (again.added, again.changed, again.removed, again.unchanged) == (0, 0, 0, first.added)
    assert directory.repository.referential_versions() == versions
    assert sum(directory.repository.count_listings().values()) == 0


@pytest.mark.parametrize(("source", "name"), TABLES)
def test_an_added_column_is_noted(source: str, name: str, directory: Directory, tmp_path: Path) -> None:
    separator = "," if name == "sample_rome.csv" else ";"
    lines = (SOURCES / source / name).read_text(encoding="utf-8-sig").splitlines()
    path = tmp_path / name
    path.write_text("\n".join([f"{lines[0]}{separator}nouveau", *(f"{line}{separator}x" for line in lines[1:])]) + "\n")

    report = directory.load(source, path)

    assert [doubt.field for doubt in report.doubts if "Colonne inconnue" in doubt.message] == ["nouveau"]


@pytest.mark.parametrize(
    ("file", "column"),
    [
        *zip(
            FILES,
            ("code_rome_parent", "code_ogr", "Code_Rome_3", "LIBELLE_LONG", "CFD_COMMUN", "code_commune", "codeAcademie"),
            strict=True,
        )
    ],
)
def test_a_removed_column_stops(file: tuple[str, str], column: str, directory: Directory, tmp_path: Path) -> None:
    source, name = file
    text = (SOURCES / source / name).read_text(encoding="utf-8-sig")
    path = tmp_path / name
    path.write_text(text.replace(column, "autre"), encoding="utf-8")

    with pytest.raises(StructureChanged, match=column):
        directory.load(source, path)


def test_a_file_of_another_kind_stops(directory: Directory, tmp_path: Path) -> None:
    path = tmp_path / "autre.csv"
    path.write_text("a;b\n1;2\n")

    with pytest.raises(StructureChanged) as stopped:
        directory.load("rome", path)

    assert "« libelle_rome », « libelle_appellation_long »" in stopped.value.public


def test_a_file_that_would_empty_a_referential_stops(directory: Directory, tmp_path: Path) -> None:
    directory.load("zones_emploi", *samples("zones_emploi"))
    path = tmp_path / "zones.json"
    path.write_text(json.dumps([{"code_commune": "35115", "code_zone_emploi": "5301"}]))

    with pytest.raises(ExpectationMissed):
        directory.load("zones_emploi", path)

    assert len(directory.repository.load_referential("zones_emploi")) == 3


def test_one_file_leaves_what_the_others_hold(directory: Directory) -> None:
    directory.load("rome", *samples("rome"))

    report = directory.load("rome", samples("rome")[0])

    assert (report.unchanged, report.removed) == (3, 0)
    assert len(directory.repository.load_referential("appellations")) == 2


@pytest.mark.parametrize(
    ("text", "code"), [("toiturier-zingueur", "F1619"), ("toiturière zingueuse", "F1619"), ("marmiton", "G1602")]
)
def test_an_occupation_is_found_by_its_job_title_once_rome_is_imported(text: str, code: str, in_use: Directory) -> None:
    before = [found.code for found in find_occupations(text, limit=1)]

    in_use.load("rome", *samples("rome"))
    referentials.use(in_use.repository)

    assert before != [code]
    assert find_occupations(text)[0].code == code
    assert title("F1619") == "Couvreur / Couvreuse (exemple)"
    assert title("G1801") == "Barman / Barmaid"


@pytest.mark.parametrize(
    ("level", "specialty", "codes"),
    [
        ("cap", "Couvreur (exemple)", ("F1619",)),  # Certif Info says F1610, which became F1610 and F1619
        ("cap", "cuisine", ("G1602", "G1609")),
        ("bac_pro", "cuisine", ()),
        ("", "cuisine", ("G1602", "G1609")),
        ("bac_pro", "AESP", ("K1302",)),
        ("bac_pro", "Métiers inventés du toit", ("F1619",)),
        ("cap", "50099001", ("F1619",)),
        ("cap", "2412990121", ("F1619",)),
        ("cap", "2412990122", ()),
        ("cap", "plomberie", ()),
        ("cap", "", ()),
    ],
)
def test_a_diploma_leads_to_the_occupations_of_its_specialty(
    level: str, specialty: str, codes: tuple[str, ...], in_use: Directory
) -> None:
    in_use.load("rome", *samples("rome"))
    in_use.load("diplomes", *samples("diplomes"))
    referentials.use(in_use.repository)

    assert set(codes) == set(occupations_of_diploma(level, specialty))


def test_a_diploma_that_names_a_domaine_only_leads_to_all_of_it(in_use: Directory) -> None:
    in_use.load("diplomes", *samples("diplomes"))
    referentials.use(in_use.repository)

    found = occupations_of_diploma("bac_pro", "exemples de la restauration")

    assert found
    assert all(code.startswith("G16") for code in found)


@pytest.mark.parametrize(
    ("text", "level", "codes"),
    [
        ("Métiers inventés du toit", "", ("F1619",)),  # a family of bac pro
        ("50099001", "", ("F1619",)),  # a CFD code
        ("2412990121", "", ("F1619",)),  # a MEF
        ("cuisine", "cap", ("G1602", "G1609")),  # the referential tells levels apart …
        ("cuisine", "", ("G1602", "G1609", "G1606", "G1607")),  # … and the shipped table says it without one
    ],
)
def test_companies_are_asked_for_by_family_code_and_level_of_a_diploma(
    text: str, level: str, codes: tuple[str, ...], in_use: Directory
) -> None:
    in_use.load("rome", *samples("rome"))
    in_use.load("diplomes", *samples("diplomes"))
    referentials.use(in_use.repository)

    assert set(find_trades(text, level).occupations) == set(codes)


def test_without_the_referentials_a_diploma_is_said_to_lead_nowhere() -> None:
    assert occupations_of_diploma("cap", "cuisine") == ()


def test_zones_and_academies_are_those_of_the_files(in_use: Directory) -> None:
    shipped = academie_of("35")

    in_use.load("zones_emploi", *samples("zones_emploi"))
    referentials.use(in_use.repository)

    assert (shipped, academie_of("35"), academie_of("29")) == ("Rennes", "Rennes (exemple)", "Rennes")
    assert [zone_emploi_of(code) for code in ("35137", "75111", "29019")] == ["5301", "1109", ""]


def test_what_is_in_memory_serves_while_the_database_is_away() -> None:
    class Store:
        away = False

        def referential_versions(self) -> dict[str, int]:
            if self.away:
                raise DatabaseError("away", public="La base ne répond pas.")
            return {"rome": 1}

        def load_referential(self, name: str) -> dict[str, dict[str, str]]:
            return {"G1602": {"label": name}}

    store = Store()
    held = referentials.Referentials(store, check_every=0)
    before = held.get("rome")
    store.away = True

    assert held.get("rome") is before
    assert before.entries == {"G1602": {"label": "rome"}}


@pytest.mark.parametrize(
    ("source", "names", "added"),
    [
        ("rome", ("rome_v460.csv", "rome_appellations.csv"), 13106),
        ("diplomes", ("certif_info.csv", "n_mef.csv", "familles_metiers.csv"), 9622),
        ("zones_emploi", ("bassins_emploi_communes.json", "departements_academies_regions.csv"), 35052),
    ],
)
def test_the_published_files_are_read_whole(
    source: str, names: tuple[str, ...], added: int, published: Path, directory: Directory
) -> None:
    report = directory.load(source, *(published / "referentials" / name for name in names))

    assert (report.added, report.refused) == (added, 0)
