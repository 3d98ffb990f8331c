"""A file is recognised by what it holds; a run for one département takes what stands there or serves it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.models.record import Coverage, ListingRecord
from directory.vocabulary import Kind, Scope
from importers.recognition import recognise
from importers.source import sources
from importers.territory import Territory

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

FOLDER = Path(__file__).resolve().parents[2] / "importers/sources"
MOST = 10_000_000
RECOGNISED = ("rome", "diplomes", "zones_emploi", "education", "cfa", "data_inclusion")
SAMPLES = [(name, path) for name in RECOGNISED for path in sorted((FOLDER / name).glob("sample*"))]
SAMPLES += [("administration", path) for path in sorted((FOLDER / "administration").glob("sample*"))]
SAMPLES += [("missions_locales", FOLDER / "missions_locales/sample_milo.json"), ("calendars", FOLDER / "calendars/sample.ics")]
SAMPLES += [("calendars", FOLDER / f"calendars/sample-{name}.json") for name in ("openagenda", "france-travail")]


@pytest.mark.parametrize(("name", "path"), SAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_file_is_recognised_whatever_its_name(name: str, path: Path, tmp_path: Path) -> None:
    other = tmp_path / f"telechargement{path.suffix}"
    other.write_bytes(path.read_bytes())

    found = recognise(other, MOST)

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "content",
    ["a;b\n1;2\n", "{}", '[{"id": 1}]', "[1, 2]", "<html></html>", "texte", '[{"nom_agence": "A", "structure": "CAP_EMPLOI"}]'],
)
def test_what_no_source_knows_is_left(content: str, tmp_path: Path) -> None:
    path = tmp_path / "fichier"
    path.write_text(content, encoding="utf-8")

    assert recognise(path, MOST) is None


def test_every_mark_says_something() -> None:
    assert all(mark.columns or mark.content for source in sources().values() for mark in source.recognised)


def listing(kind: Kind = Kind.PARTNER, *coverage: tuple[Scope, str], **fields: Any) -> ListingRecord:
    category = {Kind.PARTNER: "association", Kind.SCHEME: "dispositif"}[kind]
    territories = tuple(Coverage(scope=scope, code=code) for scope, code in coverage)
    return ListingRecord(kind=kind, category=category, name="Exemple", coverage=territories, **fields)


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        (listing(code_commune="35115"), True),
        (listing(code_commune="53130"), False),
        (listing(code_departement="35"), True),
        (listing(code_postal="35300"), True),
        (listing(Kind.PARTNER, (Scope.COMMUNE, "35115"), code_commune="53130"), True),
        (listing(Kind.PARTNER, (Scope.DEPARTEMENT, "35")), True),
        (listing(Kind.PARTNER, (Scope.DEPARTEMENT, "22")), False),
        (listing(Kind.PARTNER, (Scope.REGION, "53")), True),
        (listing(Kind.PARTNER, (Scope.REGION, "52")), False),
        (listing(Kind.PARTNER, (Scope.ACADEMIE, "Rennes")), True),
        (listing(Kind.PARTNER, (Scope.EPCI, "200072452")), True),
        (listing(Kind.PARTNER, (Scope.EPCI, "200069193")), False),
        (listing(Kind.PARTNER, (Scope.ESTABLISHMENT, "0350761M")), True),
        (listing(Kind.PARTNER, (Scope.ESTABLISHMENT, "0220001A")), False),
        (listing(Kind.PARTNER, (Scope.FRANCE, "")), True),
        (listing(), False),
        (listing(Kind.SCHEME), True),
    ],
)  # fmt: skip
def test_a_departement_takes_what_stands_there_or_serves_it(record: ListingRecord, kept: bool) -> None:
    assert Territory("35").keeps(record) is kept


def test_a_run_for_a_departement_leaves_the_others_and_nothing_vanishes(directory: Directory) -> None:
    milo = FOLDER / "missions_locales/sample_milo.json"
    directory.load("missions_locales", milo)

    report = directory.load("missions_locales", milo, departement="35")
    nothing = directory.load("missions_locales", milo, departement="974")

    assert (report.unchanged, report.removed) == (1, 0)
    assert (nothing.added, nothing.removed) == (0, 0)
    assert sum(directory.repository.count_listings().values()) == 3


def test_what_was_left_is_told(directory: Directory) -> None:
    report = directory.load("missions_locales", FOLDER / "missions_locales/sample_milo.json", departement="35")

    assert [doubt.message for doubt in report.doubts if doubt.field == "departement"] == [
        "Fiches qui ne sont ni dans ce département ni pour lui, laissées : 3."
    ]
