"""The administration directory: services of the field, and the communes that each one serves."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.models.doubt import DoubtLevel
from directory.territory import communes_of
from importers.errors import ExpectationMissed, StructureChanged, UnreadableFile

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

FOLDER = Path(__file__).resolve().parents[2] / "importers/sources/administration"
SERVICES, API, COMPETENCE, COMMUNE = (FOLDER / f"sample_{name}.json" for name in ("services", "api", "competence", "commune"))
FOUGERES = "Mission locale (exemple inventé) - Fougères"
VITRE = "Mission locale (exemple inventé) - Vitré"
MDPH = "Maison départementale des personnes handicapées (exemple inventé) - Ille-et-Vilaine"


def served(directory: Directory, name: str = FOUGERES) -> list[str]:
    return [coverage.token for coverage in directory.listings()[name].record.coverage]


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_the_services_of_the_field_are_read_and_the_others_counted_by_type(read: Callable[..., Any]) -> None:
    found, run = read("administration", SERVICES)

    assert [record.record.category for record in found] == ["mission_locale", "mission_locale", "cio", "mdph"]
    assert [(doubt.value, doubt.message) for doubt in run.doubts] == [
        ("mairie (1)", "Services d’un type hors du champ, non lus : 1."),
        ("guichet_invente", "Type de service inconnu de la table du champ, non lu : 1 service(s)."),
    ]


def test_where_a_service_stands_is_not_whom_it_serves(read: Callable[..., Any]) -> None:
    found, _ = read("administration", SERVICES)

    record = found[0].record
    assert (record.code_commune, record.address, record.coverage) == ("35115", "1 rue de l’Exemple", ())
    assert record.opening_hours == "Mo-Fr 09:00-12:00,14:00-17:00"
    assert str(record.updated_at) == "2026-10-14"


@pytest.mark.parametrize("commune", [35115, "35115", ["35115"], {}, None, ["35115", "35137"], [[]]])
def test_a_pivot_of_any_form_is_read(read: Callable[..., Any], tmp_path: Path, commune: Any) -> None:
    service = json.loads(SERVICES.read_text(encoding="utf-8"))["service"][0]
    service["pivot"] = [{"type_service_local": "cio", "code_insee_commune": commune}, None, "cio"]
    service["adresse"][0] |= {"nom_commune": None, "code_postal": 35300, "numero_voie": ["1"]}

    found, _ = read("administration", write(tmp_path / "s.json", {"service": [service]}))

    assert [record.record.category for record in found] == ["cio"]


def test_the_bulk_file_and_the_api_say_the_same(read: Callable[..., Any]) -> None:
    bulk, _ = read("administration", SERVICES)
    api, _ = read("administration", API)

    assert [record.record for record in api] == [record.record for record in bulk[:3]]


def test_a_service_serves_the_communes_of_which_it_is_competent(directory: Directory) -> None:
    report = directory.load("administration", COMPETENCE, SERVICES)

    assert (report.read, report.added) == (15, 4)
    assert served(directory) == ["commune:35115", "commune:35137"]
    assert served(directory, VITRE) == ["commune:35068", "commune:35360"]
    assert served(directory, MDPH) == []
    assert [doubt.value for doubt in report.doubts if doubt.level is DoubtLevel.DOUBTED] == ["invente-cio-absent"]


@pytest.mark.parametrize("files", [(SERVICES,), (COMPETENCE,), (COMPETENCE, SERVICES)])
def test_either_file_may_come_again_alone_and_nothing_is_lost(directory: Directory, files: tuple[Path, ...]) -> None:
    directory.load("administration", SERVICES, COMPETENCE)

    report = directory.load("administration", *files)

    assert (report.added, report.changed, report.removed, report.unchanged) == (0, 0, 0, 4)
    assert served(directory) == ["commune:35115", "commune:35137"]


def test_a_competence_that_comes_later_completes_the_services_and_keeps_what_they_say(directory: Directory) -> None:
    directory.load("administration", SERVICES)

    report = directory.load("administration", COMPETENCE)

    listing = directory.listings()[FOUGERES]
    origins = {origin.field: origin.original for origin in directory.repository.list_origins(listing.id)}
    assert (report.changed, report.unchanged) == (3, 1)
    assert listing.record.opening_hours == "Mo-Fr 09:00-12:00,14:00-17:00"
    assert origins["coverage"] == {"competence": "commune:35115 commune:35137"}


@pytest.mark.parametrize("form", ["json", "zip"])
def test_a_file_of_one_commune_speaks_for_it_alone(directory: Directory, tmp_path: Path, form: str) -> None:
    path = COMMUNE
    if form == "zip":
        path = tmp_path / "communes.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.write(COMMUNE, "organismes/35/35137.json")
    directory.load("administration", SERVICES, COMPETENCE)

    directory.load("administration", path)

    assert served(directory) == ["commune:35115"]
    assert served(directory, VITRE) == ["commune:35068", "commune:35137", "commune:35360"]


def test_a_service_of_every_commune_of_a_departement_serves_the_departement(directory: Directory, tmp_path: Path) -> None:
    rows = [{"codeInsee": code, "organismes": {"maison_handicapees": ["invente-mdph"]}} for code in sorted(communes_of("35"))]

    directory.load("administration", SERVICES, write(tmp_path / "organismes.json", rows))

    assert served(directory, MDPH) == ["departement:35"]
    directory.load("administration", write(tmp_path / "un.json", [{"codeInsee": "35115", "organismes": {}}]))
    assert len(served(directory, MDPH)) == len(communes_of("35")) - 1


def test_a_former_commune_counts_as_the_one_of_today_and_an_unknown_one_is_told(directory: Directory, tmp_path: Path) -> None:
    rows = [{"codeInsee": code, "services": {"mission_locale": ["invente-ml-fougeres"]}} for code in ("14472", "98735")]

    report = directory.load("administration", SERVICES, write(tmp_path / "anciennes.json", rows))

    assert served(directory) == [f"commune:{directory.gazetteer.get_commune('14472').code_commune}"]  # type: ignore[union-attr]
    assert any("Communes inconnues du référentiel" in doubt.message and doubt.value == "98735" for doubt in report.doubts)


@pytest.mark.parametrize(
    "content",
    [
        [{"codeInsee": "35115"}],
        [{"codeInsee": "35115", "organismes": ["invente-cio"]}],
        [{"code_insee_commune": "35115", "code_type_service_local": "cio"}],
        [{"code_insee_commune": "35115", "code_type_service_local": "cio", "id_service_local": 3}],
        [{"code_insee_commune": "35115", "type_service_local": "cio"}],
        [{"commune": "35115", "service": "cio"}],
        [{"code_insee_commune": 35115, "code_type_service_local": "cio", "id_service_local": "x"}],
        [{"code_insee_commune": "35115", "code_type_service_local": ["cio"], "id_service_local": "x"}],
        [{"codeInsee": ["35115"], "organismes": {}}],
        {"communes": {"35115": ["cio"]}},
    ],
)
def test_another_shape_stops(directory: Directory, tmp_path: Path, content: Any) -> None:
    directory.load("administration", SERVICES, COMPETENCE)
    before = directory.state()

    with pytest.raises(StructureChanged):
        directory.load("administration", SERVICES, write(tmp_path / "autre.json", content))

    assert directory.state() == before


def daily_archive(path: Path, *members: tuple[str, Path]) -> Path:
    with tarfile.open(path, "w:bz2") as archive:
        for name, member in members:
            archive.add(member, name)
    return path


def test_the_daily_archive_is_read_as_its_two_files(directory: Directory, tmp_path: Path) -> None:
    communes = tmp_path / "communes.zip"
    with zipfile.ZipFile(communes, "w") as archive:
        archive.write(COMMUNE, "35137.json")
    members = ("2026-11-24-data.gouv_local.json", SERVICES), ("2026-11-24-data.gouv_commune.zip", communes), ("note", COMMUNE)

    report = directory.load("administration", daily_archive(tmp_path / "all_latest.tar.bz2", *members))

    assert (report.read, report.added) == (7, 4)
    assert served(directory, VITRE) == ["commune:35137"]


@pytest.mark.parametrize(("kept", "said"), [(200, "tronquée"), (10**9, "trop gros"), (0, "est vide")])
def test_an_archive_that_is_cut_or_too_large_is_refused(read: Callable[..., Any], tmp_path: Path, kept: int, said: str) -> None:
    path = daily_archive(tmp_path / "all.tar.bz2", ("data.gouv_local.json", SERVICES))
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(UnreadableFile) as refused:
        read("administration", path, max_bytes=5_000)

    assert said in refused.value.public


def test_an_archive_of_something_else_and_a_table_are_refused(read: Callable[..., Any], tmp_path: Path) -> None:
    archive, table = daily_archive(tmp_path / "all.tar.bz2", ("autre.json", COMMUNE)), tmp_path / "a.csv"
    table.write_text("a;b\n1;2\n", encoding="utf-8")

    for path, said in ((archive, "n’est pas l’archive de la DILA"), (table, "il faut du JSON")):
        with pytest.raises(UnreadableFile) as refused:
            read("administration", path)
        assert said in refused.value.public


def test_a_competence_without_any_service_says_what_to_import_first(directory: Directory) -> None:
    with pytest.raises(ExpectationMissed) as missed:
        directory.load("administration", COMPETENCE)

    assert missed.value.public == "Aucun service n’est connu : importer d’abord leur liste."


def test_an_archive_that_is_not_of_small_files_is_refused(read: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "communes.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("35137.json", " " * 5_000_000)

    with pytest.raises(UnreadableFile, match="members"):
        read("administration", path)


def test_an_added_column_is_noted_in_either_file(directory: Directory, tmp_path: Path) -> None:
    services = json.loads(SERVICES.read_text(encoding="utf-8"))
    services["service"][0]["nouveau"] = "x"
    competence = [{**row, "autre": "y"} for row in json.loads(COMPETENCE.read_text(encoding="utf-8"))]

    report = directory.load("administration", write(tmp_path / "s.json", services), write(tmp_path / "c.json", competence))

    unread = [doubt.field for doubt in report.doubts if doubt.message == "Colonne inconnue : elle n’est pas lue."]
    assert sorted(unread) == ["autre", "nouveau"]


@pytest.mark.parametrize("key", ["id", "nom", "adresse", "pivot", "telephone", "plage_ouverture"])
def test_a_removed_column_stops(directory: Directory, tmp_path: Path, key: str) -> None:
    services = json.loads(SERVICES.read_text(encoding="utf-8"))["service"]
    for service in services:
        del service[key]

    with pytest.raises(StructureChanged):
        directory.load("administration", write(tmp_path / "s.json", {"service": services}))


def test_what_an_extract_lacks_has_not_vanished_and_what_the_bulk_file_lacks_has(directory: Directory, tmp_path: Path) -> None:
    directory.load("administration", SERVICES)
    services = json.loads(SERVICES.read_text(encoding="utf-8"))
    del services["service"][1]

    extract = directory.load("administration", API, dry_run=True)

    assert (extract.removed, extract.added) == (0, 0)
    with pytest.raises(ExpectationMissed, match="1 of 4 records would vanish"):
        directory.load("administration", write(tmp_path / "s.json", services))


def test_a_service_that_the_bulk_file_lacks_has_vanished_though_it_is_said_competent(
    directory: Directory, tmp_path: Path
) -> None:
    services = json.loads(SERVICES.read_text(encoding="utf-8"))["service"]
    many = [service | {"id": f"invente-{rank}"} for rank, service in enumerate([services[0]] * 5)]
    directory.load("administration", write(tmp_path / "plus.json", {"service": [*services, *many]}), COMPETENCE)
    del services[1]
    less = write(tmp_path / "moins.json", {"service": [*services, *many]})

    first = directory.load("administration", less, COMPETENCE)
    second = directory.load("administration", less, COMPETENCE, COMMUNE)  # a second miss closes

    assert (first.removed, first.unchanged) == (0, 8)
    assert second.removed == 1
    assert VITRE not in directory.listings()


def test_the_student_of_a_commune_is_served_by_its_own_mission_locale(directory: Directory) -> None:
    directory.load("administration", SERVICES, COMPETENCE)
    home = directory.gazetteer.get_commune("35137")

    competent = [
        name for name, listing in directory.listings().items()
        if home is not None and {coverage.token for coverage in listing.record.coverage} & set(home.territories)
    ]  # fmt: skip

    assert competent == [FOUGERES]
