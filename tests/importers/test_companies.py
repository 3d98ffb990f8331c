"""Companies: the Sirene register (files and API), company search, La Bonne Boîte, La bonne alternance, lists kept by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.errors import InvalidValue
from directory.models.doubt import DoubtLevel
from directory.vocabulary import Pathway, Precision
from importers.errors import StructureChanged
from importers.sources.entreprises.establishment import bracket, name_of, read_size

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

FOLDER = Path(__file__).resolve().parents[2] / "importers/sources/entreprises"
STOCK, UNITS = FOLDER / "sample-stock-etablissement.csv", FOLDER / "sample-stock-unite-legale.csv"
BAKERY, SECOND, GARAGE = "10000002500013", "10000002500021", "10000003300017"
PAYLOADS = ["api-sirene", "recherche-entreprises", "bonne-boite-v1", "bonne-boite-v2", "bonne-alternance"]


def payload(name: str) -> Path:
    return FOLDER / f"sample-{name}.json"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_open_establishments_that_may_be_diffused_are_read_with_their_sign_size_and_activity(read: Callable[..., Any]) -> None:
    records, run = read("entreprises", STOCK)

    bakery, garage = (entry.record for entry in records)
    assert [entry.record_id for entry in records] == [BAKERY, GARAGE]
    assert records[0].identities == (f"company:siret:{BAKERY}",)
    assert (bakery.name, bakery.naf, bakery.employees_min, bakery.employees_max) == ("BOULANGERIE INVENTEE", "10.71C", 6, 9)
    assert (bakery.address, bakery.code_commune, bakery.precision) == ("3 RUE DE L'EXEMPLE", "35236", Precision.POINT)
    assert garage.name == "GARAGE INVENTE"
    assert garage.naf is None, "an activity of an older nomenclature is not one of NAF rév. 2"
    assert [doubt.level for doubt in run.doubts] == [DoubtLevel.NOTED] * 3


def test_a_file_of_legal_units_names_what_has_no_sign_whatever_the_order(read: Callable[..., Any]) -> None:
    named, _ = read("entreprises", STOCK, UNITS)
    same, _ = read("entreprises", UNITS, STOCK)

    assert [entry.record.name for entry in named] == ["BOULANGERIE INVENTEE", "SOCIETE INVENTEE DE BOULANGERIE", "GARAGE INVENTE"]
    assert [entry.record for entry in same] == [entry.record for entry in named]


@pytest.mark.parametrize("name", ["stock", "units", "api-sirene", "recherche-entreprises"])
def test_who_is_not_to_be_diffused_leaves_no_trace(name: str, directory: Directory) -> None:
    paths = {"stock": (STOCK,), "units": (STOCK, UNITS)}.get(name) or (payload(name),)

    report = directory.load("entreprises", *paths)

    kept = [json.dumps(listing.record.model_dump(mode="json")) for listing in directory.repository.iterate_listings()]
    told = [json.dumps([doubt.value, doubt.message, doubt.raw]) for doubt in report.doubts]
    assert not [text for text in kept + told if "CACHE" in text or "10000005" in text]
    assert [doubt.value for doubt in report.doubts if "non diffusible" in doubt.message] == ["1"]


@pytest.mark.parametrize("before", [{}, {"etatAdministratifEtablissement": "F"}], ids=["open until then", "closed before"])
def test_nothing_is_kept_of_whom_the_register_hides_after_it_was_imported(
    before: dict[str, str], directory: Directory, tmp_path: Path
) -> None:
    rows = rows_of(STOCK)
    directory.load("entreprises", STOCK)
    changed = [{**row, "libelleVoieEtablissement": "DE LA NOUVELLE ADRESSE"} for row in rows]
    directory.load("entreprises", table(tmp_path / "moved.csv", changed))
    if before:
        directory.load(
            "entreprises", table(tmp_path / "closed.csv", [{**changed[0], **before}, *changed[1:]]), allow_removals=True
        )
    hidden = {"statutDiffusionEtablissement": "P", "dateDernierTraitementEtablissement": "2019-11-30T20:00:16"}
    assert _rows_naming(directory, rows[0]["enseigne1Etablissement"]) > 0

    report = directory.load(
        "entreprises", table(tmp_path / "a.csv", [{**changed[0], **hidden}, *changed[1:]]), allow_removals=True
    )

    assert report.removed == (0 if before else 1)
    assert _rows_naming(directory, rows[0]["enseigne1Etablissement"]) == 0
    assert len(directory.listings()) == 1
    again = directory.load("entreprises", STOCK)
    assert rows[0]["enseigne1Etablissement"] in directory.listings()
    assert again.refused == 0


def _rows_naming(directory: Directory, text: str) -> int:
    """How many rows of any table of the directory hold a text."""
    with directory.repository._engine.connect() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        questions = (f'SELECT * FROM "{name}"' for name in tables)  # noqa: S608 our own names
        return sum(text in str(row) for question in questions for row in connection.exec_driver_sql(question))


def test_an_establishment_whose_legal_unit_is_not_to_be_diffused_stays_out(tmp_path: Path, read: Callable[..., Any]) -> None:
    units = [{**row, "statutDiffusionUniteLegale": "P"} for row in rows_of(UNITS)]

    records, _ = read("entreprises", STOCK, table(tmp_path / "units.csv", units))

    assert records == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"etatAdministratifEtablissement": "F"}, "Établissement fermé, d’après Sirene."),
        (
            {"statutDiffusionEtablissement": "P"},
            "Établissement non diffusible (article A123-96 du code de commerce), d’après Sirene.",
        ),
    ],
)
def test_what_the_register_closes_or_hides_leaves_the_directory(
    change: dict[str, str], reason: str, directory: Directory, tmp_path: Path
) -> None:
    directory.load("entreprises", STOCK)
    rows = rows_of(STOCK)

    report = directory.load("entreprises", table(tmp_path / "later.csv", [{**rows[0], **change}, *rows[1:]]))

    assert report.removed == 1
    assert "BOULANGERIE INVENTEE" not in directory.listings()
    closed = directory.repository.get_listing(f"entreprises--{BAKERY}")
    assert closed.closed_reason == reason


REQUIRED = [
    "siret", "statutDiffusionEtablissement", "etatAdministratifEtablissement", "enseigne1Etablissement",
    "activitePrincipaleEtablissement", "codeCommuneEtablissement", "trancheEffectifsEtablissement",
]  # fmt: skip


@pytest.mark.parametrize("column", REQUIRED)
def test_a_removed_column_of_the_register_stops(column: str, directory: Directory, tmp_path: Path) -> None:
    cut = [{name: text for name, text in row.items() if name != column} for row in rows_of(STOCK)]

    with pytest.raises(StructureChanged) as stopped:
        directory.load("entreprises", table(tmp_path / "cut.csv", cut))

    if column != "etatAdministratifEtablissement":  # by which the file is recognised
        assert f"« {column} »" in stopped.value.public
    assert directory.state()[0] == 0


def test_an_added_column_of_the_register_is_noted(tmp_path: Path, read: Callable[..., Any]) -> None:
    longer = [{**row, "couleur": "vert", "nouveauteEtablissement": "x"} for row in rows_of(STOCK)]

    _, run = read("entreprises", table(tmp_path / "longer.csv", longer))

    assert [doubt.field for doubt in run.doubts if "Colonne inconnue" in doubt.message] == ["couleur"]


def test_the_api_gives_todays_period_of_each_establishment(read: Callable[..., Any]) -> None:
    records, _ = read("entreprises", payload("api-sirene"))

    assert [(entry.record_id, entry.record.name) for entry in records] == [
        (BAKERY, "BOULANGERIE INVENTEE"),
        (SECOND, "SOCIETE INVENTEE DE BOULANGERIE"),
    ]
    assert records[0].record.precision is Precision.COMMUNE


def test_an_answer_about_one_establishment_is_read_as_well(tmp_path: Path, read: Callable[..., Any]) -> None:
    item = json.loads(payload("api-sirene").read_text(encoding="utf-8"))["etablissements"][0]
    bare, wrapped = tmp_path / "bare.json", tmp_path / "wrapped.json"
    bare.write_text(json.dumps(item), encoding="utf-8")
    wrapped.write_text(json.dumps({"header": {}, "etablissement": item}), encoding="utf-8")

    assert [entry.record_id for entry in read("entreprises", bare)[0]] == [BAKERY]
    assert [entry.record_id for entry in read("entreprises", wrapped)[0]] == [BAKERY]


def test_company_search_gives_each_open_establishment_once(read: Callable[..., Any]) -> None:
    records, _ = read("entreprises", payload("recherche-entreprises"))

    record = records[0].record
    assert [entry.record_id for entry in records] == [GARAGE]
    assert record.name == "GARAGE INVENTE SARL – ATELIER"
    assert (record.address, record.employees_min, record.employees_max) == ("4 AVENUE DE L'INVENTION", 20, 49)
    assert "CAMILLE" not in json.dumps(records[0].raw)


def test_both_versions_of_la_bonne_boite_say_who_may_hire_and_in_what(read: Callable[..., Any]) -> None:
    first = read("entreprises", payload("bonne-boite-v1"))[0][0].record
    second, run = read("entreprises", payload("bonne-boite-v2"))

    assert (first.occupations, first.pathways) == (("D1102",), (Pathway.JOB, Pathway.APPRENTICESHIP))
    assert (first.employees_min, first.employees_max, first.code_commune) == (6, 9, "35236")
    assert (second[0].record.name, second[0].record.occupations) == ("GARAGE INVENTE", ("I1604",))
    assert (second[0].record.employees_min, second[0].record.employees_max) == (20, 49)
    assert second[1].record.employees_min is None, "0 and 0 say that the size is not known"
    assert [(doubt.value, doubt.level) for doubt in run.doubts] == [("SANS NUMERO INVENTE", DoubtLevel.REFUSED)]


def test_la_bonne_alternance_gives_companies_that_take_apprentices(read: Callable[..., Any]) -> None:
    record = read("entreprises", payload("bonne-alternance"))[0][0].record

    assert (record.name, record.siret, record.pathways) == ("Boulangerie inventée", BAKERY, (Pathway.APPRENTICESHIP,))
    assert (record.latitude, record.longitude, record.precision) == (47.651, -2.084, Precision.POINT)
    assert record.contacts[0].phone == "+33261913001"


@pytest.mark.parametrize("name", PAYLOADS)
def test_an_answer_imported_twice_changes_nothing(name: str, directory: Directory, tmp_path: Path) -> None:
    first = directory.load("entreprises", payload(name))
    state = directory.state()
    again = directory.load("entreprises", payload(name))

    assert first.added > 0
    assert (again.added, again.changed, again.unchanged) == (0, 0, first.added)
    assert directory.state() == state


KEYS = [
    ("api-sirene", "etablissements", "adresseEtablissement"), ("api-sirene", "etablissements", "uniteLegale"),
    ("recherche-entreprises", "results", "siege"), ("bonne-boite-v1", "companies", "siret"),
    ("bonne-boite-v1", "companies", "naf"),
    ("bonne-boite-v2", "items", "location"), ("bonne-alternance", "recruiters", "apply"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "container", "key"), KEYS)
def test_a_removed_key_stops_and_an_added_one_is_noted(
    name: str, container: str, key: str, directory: Directory, tmp_path: Path
) -> None:
    document = json.loads(payload(name).read_text(encoding="utf-8"))
    cut, longer = tmp_path / "cut.json", tmp_path / "longer.json"
    longer.write_text(
        json.dumps(document | {container: [item | {"couleur": "vert"} for item in document[container]]}), encoding="utf-8"
    )
    for item in document[container]:
        del item[key]
    cut.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(StructureChanged) as stopped:
        directory.load("entreprises", cut)
    report = directory.load("entreprises", longer)

    assert f"« {key} »" in stopped.value.public
    assert [doubt.value for doubt in report.doubts if doubt.field == "couleur"] == ["vert"]


def test_a_feed_of_job_offers_is_refused_and_told_for_what_it_is(directory: Directory, tmp_path: Path) -> None:
    feed = tmp_path / "offres.json"
    feed.write_text(
        json.dumps([{"reference": "2026-1", "title": "Vendeur inventé", "contractType": {"label": "CDD"}}]), encoding="utf-8"
    )

    with pytest.raises(StructureChanged) as stopped:
        directory.load("entreprises", feed)

    assert "offres d’emploi" in stopped.value.public


SIZES = [
    ("12", (12, 12)), ("12.0", (12, 12)), ("10 à 19 salariés", (10, 19)), ("1 ou 2 salariés", (1, 2)), ("0 salarié", (0, 0)),
    ("10 000 salariés et plus", (10_000, None)), ("moins de 10", (0, 10)), ("1 000 à 1 999", (1000, 1999)), ("", (None, None)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "size"), SIZES)
def test_sizes_are_read_as_they_are_written(text: str, size: tuple[int | None, int | None]) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["beaucoup", "19 à 10", "1, 2 ou 3"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        read_size(text)


def test_brackets_are_those_of_the_register() -> None:
    assert [bracket(code) for code in ("NN", "", "00", "01", "53")] == [
        (None, None),
        (None, None),
        (0, 0),
        (1, 2),
        (10_000, None),
    ]
    with pytest.raises(InvalidValue):
        bracket("99")


@pytest.mark.parametrize(
    ("sign", "unit", "name"),
    [("MAIRIE", "COMMUNE DE REDON", "COMMUNE DE REDON – MAIRIE"), ("LE FOUR", "SARL X", "LE FOUR"), ("", "SARL X", "SARL X")],
)
def test_a_sign_that_names_nothing_stands_beside_the_company(sign: str, unit: str, name: str) -> None:
    assert name_of(sign, unit) == name


def test_the_published_shapes_are_recognised(published: Path, read: Callable[..., Any], directory: Directory) -> None:
    folder = published / "companies"

    search, _ = read("entreprises", folder / "recherche_entreprises_api_shape.json")
    handi, run = read("entreprises", folder / "liste_handi_engages.csv")

    assert [entry.record.name for entry in search] == ["COMMUNE DE COISE – MAIRIE"]
    assert len(handi) > 7500
    assert not [doubt for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED and doubt.field != "Enseigne"]
    for name, rows in (("stock_etablissement_sample.csv", 3), ("api_sirene_etablissement.json", 1)):
        report = directory.load("entreprises", folder / name)  # closed, or not to be diffused: nothing else is in them
        assert (report.read, report.added) == (rows, 0)
    with pytest.raises(StructureChanged):
        directory.load("entreprises", folder / "offres_cegid.json")


def test_a_town_of_which_the_homonyms_are_villages_is_taken_and_doubted(read: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        "SIRET;Nom;Commune\n5420041500153;Atelier inventé;CASTRES\n;Garage inventé;VALENCE\n;Bar inventé;CAMBON D ALBI\n",
        encoding="utf-8",
    )

    (castres, valence, _), run = read("entreprises", path)

    assert (castres.record.code_commune, castres.record.siret) == ("81065", "05420041500153")
    assert (valence.record.code_commune, valence.record.latitude) == (None, None)
    messages = [doubt.message for doubt in run.doubts]
    assert any("Castres (02680)" in message for message in messages)
    assert any("Zéro perdu" in message for message in messages)
    assert any(message.startswith("Commune ambiguë (Valence (26000)") for message in messages)
    assert any(message.startswith("Commune non reconnue (peut-être Albi (81000), Cambon (81990)") for message in messages)
