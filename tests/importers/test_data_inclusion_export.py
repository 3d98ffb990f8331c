"""What data·inclusion gave goes back to it as it was; the rest in its words; all of it valid by the schema's own package."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from data_inclusion.schema import v1
from sqlalchemy import delete, update

from directory.cells import neutral_cell
from directory.data_inclusion import DECIMALS, LISTS, WHOLES
from directory.errors import ExportError
from directory.exports.exporting import ExportReport, export_folder
from directory.exports.files import FORMS, LinesFile
from directory.repository import tables
from importers.parquet import read_parquet
from tests.importers.test_data_inclusion import SERVICES, STRUCTURES, lines, services, structures, written

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

MODELS: dict[str, Any] = {"structures": v1.Structure, "services": v1.Service}


def export(directory: Directory, folder: Path, **options: Any) -> ExportReport:
    return export_folder(directory.repository, directory.gazetteer, folder, **options)


def read_lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def whole(item: dict[str, Any], model: Any) -> dict[str, Any]:
    """Every column of the schema, sets without an order."""
    full = {column: item.get(column) for column in model.model_fields}
    return {column: sorted(value) if isinstance(value, list) else value for column, value in full.items()}


def by_id(items: list[dict[str, Any]], model: Any) -> dict[str, dict[str, Any]]:
    return {item["id"]: whole(item, model) for item in items}


def test_what_came_from_data_inclusion_goes_back_as_it_was(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)

    report = export(directory, tmp_path / "out", with_persons=True)

    assert (report.structures, report.services, report.orphans) == (3, 2, 0)
    assert by_id(read_lines(tmp_path / "out", "structures"), v1.Structure) == by_id(structures(), v1.Structure)
    assert by_id(read_lines(tmp_path / "out", "services"), v1.Service) == by_id(services(), v1.Service)


def test_a_named_person_stays_here_unless_asked_for(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)

    export(directory, tmp_path / "out")

    text = (tmp_path / "out/services.jsonl").read_text(encoding="utf-8")
    assert "Camille" not in text
    assert "camille" not in text
    assert "+33261913001" in text


def invented(seed: int, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Structures and services with any of the values that the schema admits, or none."""
    draw = random.Random(seed)  # noqa: S311  (the same at each run)

    def some(values: Any, most: int) -> list[str] | None:
        found = draw.sample([member.value for member in values], draw.randint(0, most))
        return sorted(found) or None

    def maybe(value: Any) -> Any:
        return value if draw.random() < 0.7 else None

    places = [("35236", "35600", "Redon", -2.084, 47.651), ("35288", "35400", "Saint-Malo", -2.0076, 48.6497)]
    for rank in range(count):
        code, postal, commune, longitude, latitude = draw.choice(places)
        common = {
            "source": "exemple", "id": f"exemple--{rank}", "nom": f"Inventé n° {rank}",
            "date_maj": f"2025-0{draw.randint(1, 9)}-15",
            "lien_source": maybe(f"https://exemple.fr/{rank}"), "commune": commune, "code_postal": postal, "code_insee": code,
            "adresse": maybe(f"{rank} rue de l’Exemple"), "complement_adresse": maybe("Escalier B"), "longitude": longitude,
            "latitude": latitude, "telephone": maybe("+33261913001"), "courriel": maybe(f"contact{rank}@exemple.fr"),
            "horaires_accueil": maybe("Mo-Fr 09:00-12:00"),
        }  # fmt: skip
        yield "structures", common | {
            "description": maybe("Une structure inventée."), "siret": maybe("10000001700010"), "site_web": maybe("https://exemple.fr"),
            "accessibilite_lieu": maybe("https://exemple.fr/acces"), "reseaux_porteurs": some(v1.ReseauPorteur, 2),
        }  # fmt: skip
        yield "services", common | {
            "structure_id": f"exemple--{draw.randrange(count)}",
            "description": "Un service inventé, long ou non. " * draw.randint(1, 9),
            "type": maybe(draw.choice(list(v1.TypeService)).value), "thematiques": some(v1.Thematique, 3),
            "frais": maybe(draw.choice(list(v1.Frais)).value), "frais_precisions": maybe("5 € l’année"),
            "publics": draw.choice([None, ["tous-publics"], ["femmes", "jeunes"]]), "publics_precisions": maybe("De 16 à 25 ans"),
            "conditions_acces": maybe("Habiter la commune"), "modes_accueil": some(v1.ModeAccueil, 2),
            "zone_eligibilite": draw.choice([None, ["35"], ["35236", "35288"], ["france"], ["243500139"]]),
            "contact_nom_prenom": maybe("Camille Exemple"), "lien_mobilisation": maybe("https://exemple.fr/rdv"),
            "modes_mobilisation": some(v1.ModeMobilisation, 3), "mobilisable_par": some(v1.PersonneMobilisatrice, 2),
            "mobilisation_precisions": maybe("Appeler."), "volume_horaire_hebdomadaire": maybe(2.5), "nombre_semaines": maybe(6),
        }  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_round_trip_by_each_form_gives_the_same_objects_all_of_them_valid(
    form: str, directory: Directory, tmp_path: Path
) -> None:
    given: dict[str, list[dict[str, Any]]] = {"structures": [], "services": []}
    for kind, item in invented(5, 150):
        given[kind].append(item)
    paths = [lines(tmp_path / f"{kind}.jsonl", items) for kind, items in given.items()]
    first = directory.load("data_inclusion", *paths)

    export(directory, tmp_path / "out", forms=[form], with_persons=True)
    again = directory.load("data_inclusion", *(tmp_path / f"out/{kind}.{form}" for kind in given))

    assert (first.added, first.doubts) == (300, ())
    assert (again.added, again.removed, again.refused, again.doubts) == (0, 0, 0, ())
    for kind, items in given.items():
        found = list(_read(tmp_path / f"out/{kind}.{form}"))
        assert by_id(found, MODELS[kind]) == by_id(items, MODELS[kind])
        for item in found:
            MODELS[kind].model_validate(item)


def _read(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix == ".jsonl":
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())
    elif path.suffix == ".json":
        yield from json.loads(path.read_text(encoding="utf-8"))
    elif path.suffix == ".parquet":
        yield from (row for _, row in read_parquet(path))
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield {column: _cell(column, text) for column, text in row.items()}


def _cell(column: str, text: str) -> Any:
    if not text:
        return None
    if column in LISTS:
        return json.loads(text)
    return float(text) if column in DECIMALS | WHOLES else text


def test_our_own_partners_go_in_the_schemas_words_without_the_networks_that_it_lacks(
    directory: Directory, tmp_path: Path
) -> None:
    directory.load("psad", Path(__file__).resolve().parents[2] / "importers/sources/psad/sample.csv")
    directory.load("missions_locales", STRUCTURES.parents[1] / "missions_locales/sample_annuaire.json")

    report = export(directory, tmp_path)

    found = read_lines(tmp_path, "structures")
    assert report.structures == len(found) > 3
    assert {item["source"] for item in found} == {"relais"}
    assert all(item["id"].startswith("relais--") for item in found)
    assert {network for item in found for network in item["reseaux_porteurs"] or ()} == {"mission-locale"}
    for item in found:
        v1.Structure.model_validate(item)


def test_a_structure_found_twice_goes_once_and_keeps_the_services_of_both(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)
    listings = directory.listings()
    heir, taken = listings["Mission locale inventée de Redon"], listings["CCAS inventé de Saint-Malo, France services"]
    _join(directory, heir.pk, taken.pk)

    report = export(directory, tmp_path)

    assert (report.structures, report.services, report.orphans) == (2, 2, 0)
    assert {item["structure_id"] for item in read_lines(tmp_path, "services")} == {"exemple--1"}


def _join(directory: Directory, heir: int, taken: int) -> None:
    """Make two listings one, as a judgement on duplicates does, as far as an export sees it."""
    record = tables.source_record
    with directory.repository._engine.begin() as connection:
        connection.execute(update(record).where(record.c.listing_pk == taken).values(listing_pk=heir))
        connection.execute(delete(tables.listing).where(tables.listing.c.pk == taken))


def test_what_the_schema_refuses_is_left_out_and_told(directory: Directory, tmp_path: Path) -> None:
    bad = [
        {**structures()[0], "nom": "N" * 200, "reseaux_porteurs": ["inconnu"], "date_maj": "1998-01-01"},
        {**structures()[1], "nom": "AB"},
        structures()[2],
    ]
    directory.load("data_inclusion", written(tmp_path / "bad.json", bad))

    report = export(directory, tmp_path / "out")

    found = read_lines(tmp_path / "out", "structures")
    assert [len(item["nom"]) for item in found] == [150, len(structures()[2]["nom"])]
    assert found[0]["reseaux_porteurs"] is None
    assert found[0]["date_maj"] >= "2026"
    assert report.left_out == {"valeur obligatoire que le schéma refuse": 1}
    assert report.replaced == {"nom": 1, "reseaux_porteurs": 1, "date_maj": 1}


def test_a_filter_keeps_what_search_would_keep_and_the_structures_of_its_services(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)

    report = export(directory, tmp_path, filters={"thematique": ["mobilite"]})

    assert [item["id"] for item in read_lines(tmp_path, "services")] == ["exemple--2b"]
    assert [item["id"] for item in read_lines(tmp_path, "structures")] == ["exemple--2"]
    assert report.left_out == {"hors du filtre": 3}


def test_an_unknown_filter_and_a_folder_that_is_a_file_are_refused_and_write_nothing(
    directory: Directory, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    with pytest.raises(ExportError, match="couleur"):
        export(directory, tmp_path / "out", filters={"couleur": ["vert"]})
    with pytest.raises(ExportError):
        export(directory, tmp_path / "file")

    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".sqlite3" and "sqlite" not in path.name] == ["file"]


def test_a_failed_export_leaves_the_files_that_were_there(tmp_path: Path) -> None:
    (tmp_path / "structures.jsonl").write_text("before", encoding="utf-8")
    file = LinesFile(tmp_path, "structures")
    file.add({"id": "a"})

    file.abandon()

    assert [path.name for path in tmp_path.iterdir()] == ["structures.jsonl"]
    assert (tmp_path / "structures.jsonl").read_text(encoding="utf-8") == "before"


FORMULAS = [
    ("=1+1", "'=1+1"), ("@SUM(A1)", "'@SUM(A1)"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"),
    ("\t=1", "'\t=1"), ("+33261913001", "+33261913001"), ("-2.084", "-2.084"), ("Redon", "Redon"), ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cell"), FORMULAS)
def test_a_cell_is_never_a_formula(text: str, cell: str) -> None:
    assert neutral_cell(text) == cell


def test_a_formula_in_a_name_is_neutralised_in_the_csv_and_whole_elsewhere(directory: Directory, tmp_path: Path) -> None:
    named = [{**structures()[0], "nom": '=HYPERLINK("http://exemple.fr")'}]
    directory.load("data_inclusion", written(tmp_path / "in.json", named))

    export(directory, tmp_path / "out", forms=["csv", "json"])

    assert "'=HYPERLINK" in (tmp_path / "out/structures.csv").read_text(encoding="utf-8-sig")
    assert json.loads((tmp_path / "out/structures.json").read_text(encoding="utf-8"))[0]["nom"].startswith("=HYPERLINK")


def test_the_command_writes_what_it_says(new_data: Callable[[Path], Path], tmp_path: Path) -> None:
    relais = [sys.executable, "-m", "relais"]
    environment = {"RELAIS_DATA": str(new_data(tmp_path / "data")), "PATH": ""}
    subprocess.run([*relais, "import", "data_inclusion", str(STRUCTURES), str(SERVICES)], env=environment, check=True)

    done = subprocess.run(
        [*relais, "export", str(tmp_path / "out"), "--as", "csv", "--as", "parquet", "--json"],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip

    report = json.loads(done.stdout)
    assert (report["structures"], report["services"]) == (3, 2)
    assert sorted(Path(path).name for path in report["files"]) == [
        "services.csv", "services.parquet", "structures.csv", "structures.parquet",
    ]  # fmt: skip
