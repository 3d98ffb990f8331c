"""The mapping assistant: what a column is, told by its header and its values; what rows are; mappings kept under a name."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from directory.vocabulary import Kind
from importers.errors import StructureChanged
from importers.source import get_source
from importers.sources.tableur.guesses import Proposal
from importers.sources.tableur.mapping import parse_mapping
from importers.sources.tableur.proposal import examine, propose
from importers.sources.tableur.saved import NameRefused, find_mapping, list_mappings, mapping_text, save_mapping

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

MAX = 10_000_000


def table(folder: Path, *rows: list[str], name: str = "liste.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def examined(path: Path) -> Proposal:
    return examine(path, get_source("tableur"), MAX)


def fields(proposal: Proposal) -> dict[str, str]:
    return {guess.header: guess.field for guess in proposal.guesses}


def test_a_table_without_header_is_known_by_its_contents(tmp_path: Path, directory: Directory) -> None:
    rows = [[f"Atelier {word}", f"02 61 91 40 0{rank}", f"{rank}@exemple.fr"] for rank, word in enumerate("ABCDE")]
    path = table(tmp_path, *rows)

    report = directory.load("tableur", path)

    assert fields(examined(path)) == {"Colonne 1": "nom", "Colonne 2": "telephone", "Colonne 3": "courriel"}
    assert report.added == 5


# what a column's values are, under a header that says nothing, then the field they are known as
BY_VALUES = [
    ("telephone", ["02 61 91 40 01", "06.39.98.10.01", "+33 2 61 91 40 02"]),
    ("siret", ["10000000900017", "100 000 017 00010", "2,12101E+13"]),
    ("uai", ["0350042F", "0350009v", "0350022J"]),
    ("courriel", ["a@exemple.fr", "Mél : b@exemple.fr", "c@exemple.fr"]),
    ("site", ["https://exemple.fr/page", "www.exemple.fr", "exemple.org"]),
    ("code_postal", ["35600", "35400", "67068 CEDEX"]),
    ("commune", ["Redon", "ST MALO", "35000 Rennes"]),
    ("adresse", ["5 rue de l’Exemple", "ZA du Modèle", "12 bis, place Inventée 35000 Rennes"]),
    ("code_naf", ["10.71C", "4520A", "56.10A"]),
    ("rome", ["G1602", "D1102;G1602", "K1304"]),
    ("latitude", ["47.6514", "48,6493", "47.25"]),
    ("longitude", ["-2.0841", "-2,0257", "-1.55"]),
    ("contact", ["Mme Fictive", "Sacha MODÈLE", "M. Jean Exemple"]),
    ("propose", ["stage;apprentissage", "immersion", "emploi, visite"]),
]


@pytest.mark.parametrize(("field", "values"), BY_VALUES, ids=[field for field, _ in BY_VALUES])
def test_a_column_is_known_by_its_values_whatever_its_header(field: str, values: list[str], tmp_path: Path) -> None:
    path = table(tmp_path, ["Structure", "Colonne A"], *[[f"Exemple {rank}", value] for rank, value in enumerate(values)])

    guess = examined(path).guesses[1]

    assert (guess.field, guess.confidence >= 0.5, bool(guess.reasons)) == (field, True, True)


@pytest.mark.parametrize(
    ("header", "values", "field"),
    [
        ("Nombre de visites", ["12", "35", "56"], ""),  # as many départements
        ("Année", ["2014", "2015", "2016"], ""),
        ("Code", ["10200", "10201", "10202"], "id"),
        ("Fax", ["02 61 91 40 01", "02 61 91 40 02", ""], ""),
        ("SIREN", ["100000009", "100000017", "100000025"], ""),
        ("Téléphone", ["02 61 91 40 01", "voir le site", "néant"], "telephone"),
        ("Tél", ["261914001", "261914002", "261914003"], "telephone"),
        ("Date de création", ["01/02/2003", "02/03/2004", "03/04/2005"], ""),
        ("Public", ["Jeunes sans emploi", "Tous", "Salariés"], "conditions"),
        ("Téléphone du secrétariat", ["02 61 91 40 01", "02 61 91 40 02", "02 61 91 40 03"], "telephone"),
        ("Nom", ["a@exemple.fr", "b@exemple.fr", "c@exemple.fr"], "courriel"),
        ("Thèmes", ["logement", "santé ; mobilité", "emploi"], "thematiques"),
        ("Tranche d’âge", ["16-25 ans", "moins de 30 ans", "dès 16 ans"], "ages"),
        ("dept", ["35", "22", "56"], "departement"),
    ],
)
def test_headers_and_values_are_weighed_together(header: str, values: list[str], field: str, tmp_path: Path) -> None:
    path = table(tmp_path, ["Structure", header], *[[f"Exemple {rank}", value] for rank, value in enumerate(values)])

    assert fields(examined(path))[header] == field


def test_the_parts_of_an_address_and_several_phones_are_read_together(read: Callable[..., Any], tmp_path: Path) -> None:
    head = ["Structure", "Adresse 1", "Adresse 2", "CP", "Ville", "Tél. fixe", "Portable"]
    path = table(
        tmp_path, head, ["CCAS", "Bâtiment B", "5 rue de l’Exemple", "35600", "Redon", "02 61 91 40 01", "06 39 98 10 01"]
    )

    found, _ = read("tableur", path)

    assert found[0].record.address == "Bâtiment B 5 rue de l’Exemple"
    assert [contact.phone for contact in found[0].record.contacts] == ["+33261914001", "+33639981001"]
    assert found[0].origins["address"] == ("Adresse 1", "Adresse 2")


def test_a_list_of_sirets_and_signs_is_one_of_companies(read: Callable[..., Any], tmp_path: Path) -> None:
    path = table(
        tmp_path, ["SIRET", "Enseigne", "Ville"], ["10000000900017", "Fournil d’exemple", "Redon"], ["", "Garage", "Vitré"]
    )

    found, _ = read("tableur", path)

    assert [(entry.record.kind, entry.record.category) for entry in found] == [(Kind.COMPANY, "entreprise")] * 2
    assert found[0].identities == ("company:siret:10000000900017",)


def test_each_row_of_a_list_gets_the_category_that_its_name_says(read: Callable[..., Any], tmp_path: Path) -> None:
    names = ["Mission locale d’exemple", "CFA inventé", "CCAS d’exemple", "Les Amis inventés"]

    found, run = read("tableur", table(tmp_path, ["Nom", "Ville"], *[[name, "Redon"] for name in names]))

    assert [entry.record.category for entry in found] == ["mission_locale", "cfa", "ccas", "autre"]
    assert [doubt.value for doubt in run.doubts if "non reconnue" in doubt.message] == ["Les Amis inventés"]


def test_rows_with_dates_are_events(read: Callable[..., Any], tmp_path: Path) -> None:
    path = table(
        tmp_path,
        ["Intitulé", "Type", "Date", "Heures", "Ville"],
        ["Forum d’exemple", "Salon", "14/01/2027\n15/01/2027", "9h-17h30", "Redon"],
        ["Atelier inventé", "Atelier", "3 février 2027", "", "Vitré"],
        ["Rien", "Atelier", "bientôt", "", "Vitré"],
    )

    found, run = read("tableur", path)

    spans = [
        [(o.start.isoformat(timespec="minutes"), o.end.isoformat(timespec="minutes")) for o in e.record.occurrences]
        for e in found
    ]
    assert [entry.record.category for entry in found] == ["salon", "atelier"]
    assert spans == [
        [("2027-01-14T09:00+01:00", "2027-01-14T17:30+01:00"), ("2027-01-15T09:00+01:00", "2027-01-15T17:30+01:00")],
        [("2027-02-03T00:00+01:00", "2027-02-04T00:00+01:00")],
    ]
    assert [doubt.line for doubt in run.doubts if "sans date" in doubt.message]


def test_titles_and_notes_between_the_rows_are_set_aside(read: Callable[..., Any], tmp_path: Path) -> None:
    path = table(
        tmp_path,
        ["Structure", "Ville", "Tél"],
        ["Ille-et-Vilaine", "", ""],
        ["CCAS", "Redon", ""],
        ["Les Amis inventés", "", ""],
        ["Source : rectorat", "", ""],
    )

    found, run = read("tableur", path)

    assert [entry.record.name for entry in found] == ["CCAS", "Les Amis inventés"]
    assert [doubt.value for doubt in run.doubts if "seul sur sa ligne" in doubt.message] == [
        "Ille-et-Vilaine",
        "Source : rectorat",
    ]


def test_rows_that_follow_one_another_and_name_the_same_thing_are_one_with_all_its_contacts(
    read: Callable[..., Any], tmp_path: Path
) -> None:
    head = ["Structure", "Ville", "Tél"]
    rows = [["CCAS", "Redon", "02 61 91 40 01"], ["CCAS", "Redon", "02 61 91 55 17"], ["CCAS", "Vitré", "02 61 91 80 44"]]

    found, _ = read("tableur", table(tmp_path, head, *rows))

    phones = [[contact.phone for contact in entry.record.contacts] for entry in found]
    assert phones == [["+33261914001", "+33261915517"], ["+33261918044"]]
    assert found[0].raw["Tél (2)"] == "02 61 91 55 17"


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["Ville", "CP"], ["Redon", "35600"], ["Vitré", "35500"]], "ne donne de « nom »"),
        ([["Libellé", "Code ROME"], ["Cuisine", "G1602"], ["Boulangerie", "D1102"]], "n’a ni lieu, ni contact"),
    ],
)
def test_a_table_that_is_no_list_of_structures_stops(rows: list[list[str]], reason: str, tmp_path: Path) -> None:
    with pytest.raises(StructureChanged) as stopped:
        propose(table(tmp_path, *rows), get_source("tableur"), MAX)

    assert reason in stopped.value.public


# ---------------------------------------------------------------- kept under a name
LIST = [
    ["Boîte à « idées » \\", "@", "Où"],
    ["Fournil d’exemple", "a@exemple.fr", "Redon"],
    ["Garage inventé", "b@exemple.fr", "Vitré"],
]


def test_a_proposal_is_kept_as_a_mapping_that_reads_the_file(read: Callable[..., Any], tmp_path: Path) -> None:
    path = table(tmp_path, ["Structure", *LIST[0][1:], "Fax"], *[[*row, "1"] for row in LIST[1:]])

    saved = save_mapping(tmp_path, "liste-lycee", examined(path), path.name)
    found, run = read("tableur", path, mapping=tomllib.loads(saved.read_text(encoding="utf-8")))

    assert list_mappings(tmp_path) == {"liste-lycee": saved}
    assert find_mapping(tmp_path, "liste_lycee") == saved
    assert [entry.record_id for entry in found] == ["liste-lycee-fournil-d-exemple-redon", "liste-lycee-garage-invente-vitre"]
    assert [entry.record.contacts[0].email for entry in found] == ["a@exemple.fr", "b@exemple.fr"]
    assert not [doubt for doubt in run.doubts if doubt.field == "Fax"]


def test_a_kept_mapping_refuses_a_file_whose_headers_changed_and_names_them(read: Callable[..., Any], tmp_path: Path) -> None:
    path = table(tmp_path, ["Structure", "Où"], *[[row[0], row[2]] for row in LIST[1:]])
    saved = save_mapping(tmp_path, "liste", examined(path), path.name)
    renamed = table(tmp_path, ["Structure", "Lieu"], *[[row[0], row[2]] for row in LIST[1:]], name="liste2.csv")

    with pytest.raises(StructureChanged) as stopped:
        read("tableur", renamed, mapping=tomllib.loads(saved.read_text(encoding="utf-8")))

    assert "La colonne « commune » (« Où ») est absente du fichier « liste2.csv »" in stopped.value.public


@pytest.mark.parametrize("name", ["psad", "missions-locales", "../x", "Majuscule", "", "a" * 50])
def test_a_mapping_takes_no_impossible_name_nor_a_source_s(name: str, tmp_path: Path) -> None:
    with pytest.raises(NameRefused):
        save_mapping(tmp_path, name, examined(table(tmp_path, *LIST)), "liste.csv")

    assert list_mappings(tmp_path) == {}


def test_a_kept_mapping_is_never_overwritten(tmp_path: Path) -> None:
    proposal = examined(table(tmp_path, *LIST))
    path = save_mapping(tmp_path, "liste", proposal, "liste.csv")
    path.write_text("changed", encoding="utf-8")

    with pytest.raises(NameRefused):
        save_mapping(tmp_path, "liste", proposal, "liste.csv")

    assert path.read_text(encoding="utf-8") == "changed"


@pytest.mark.parametrize("header", ['a "b" \\ c', "é\x7f\x01", "x # y = [z]", "l'un\nl’autre"])
def test_any_header_is_written_as_toml(header: str, tmp_path: Path) -> None:
    path = table(tmp_path, ["Structure", header], ["CCAS d’exemple", "a@exemple.fr"], ["Autre", "b@exemple.fr"])

    text = mapping_text("liste", examined(path), f"{header}.csv")

    mapping = parse_mapping(tomllib.loads(text), get_source("tableur"))
    assert mapping.columns["courriel"].headers == (" ".join(header.split()),)


# ---------------------------------------------------------------- published files
# What each column of the published tables is, judged by eye; the columns that are not named here are not to be read.
PUBLISHED: dict[str, tuple[Kind, str, dict[str, str]]] = {
    "cfa/organismes-prepa-apprentissage.csv": (Kind.PARTNER, "", {
        "uai": "uai", "siret": "siret", "raison_sociale": "nom", "enseigne": "enseigne", "departement": "departement",
        "commune": "commune", "adresse": "adresse",
    }),
    "cfa/referentiel-reseau-afpa.csv": (Kind.PARTNER, "afpa", {"UAI validée": "uai", "Siret": "siret"}),
    **{
        f"cfa/referentiel-reseau-{name}.csv": (Kind.PARTNER, category, {
            "UAI validée": "uai", "Siret": "siret", "Raison sociale": "nom", "Enseigne": "enseigne", "Adresse": "adresse",
        })
        for name, category in (("aftral", "organisme_formation"), ("greta", ""), ("mfr", ""), ("uimm", "organisme_formation"))
    },
    "companies/liste_handi_engages.csv": (Kind.COMPANY, "entreprise", {
        "SIRET": "siret", "Enseigne": "nom", "Commune étab.": "commune",
    }),
    "companies/stock_etablissement_sample.csv": (Kind.COMPANY, "entreprise", {
        "siret": "siret", "numeroVoieEtablissement": "adresse", "typeVoieEtablissement": "adresse",
        "libelleVoieEtablissement": "adresse", "codePostalEtablissement": "code_postal",
        "libelleCommuneEtablissement": "commune", "codeCommuneEtablissement": "code_insee", "enseigne1Etablissement": "nom",
        "activitePrincipaleEtablissement": "code_naf", "longitude": "longitude", "latitude": "latitude",
    }),
    "education/fr-en-annuaire-education_35.csv": (Kind.PARTNER, "", {
        "Identifiant_de_l_etablissement": "uai", "Nom_etablissement": "nom", "Type_etablissement": "categorie",
        "Adresse_1": "adresse", "Adresse_2": "adresse", "Adresse_3": "adresse", "Code postal": "code_postal",
        "Code_commune": "code_insee", "Nom_commune": "commune", "Code_departement": "departement", "Telephone": "telephone",
        "Web": "site", "Mail": "courriel", "SIREN_SIRET": "siret", "latitude": "latitude", "longitude": "longitude",
        "date_maj_ligne": "mis_a_jour",
    }),
    "linkage/cfa_pairs_same_uai.csv": (Kind.PARTNER, "", {
        "uai": "uai", "siret_a": "siret", "nom_a": "nom", "adresse_a": "adresse",
    }),
}  # fmt: skip
NO_LISTS = [
    f"referentials/{name}.csv"
    for name in ("certif_info", "departements_academies_regions", "familles_metiers", "n_mef", "rome_appellations", "rome_v460")
]


def test_the_columns_of_published_tables_are_proposed_right(published: Path) -> None:
    right = judged = 0
    wrong = []
    for name, (kind, category, wanted) in PUBLISHED.items():
        proposal = examined(published / name)
        assert (proposal.kind, proposal.category) == (kind, category), name
        for header, field in fields(proposal).items():
            judged += 1
            right += field == wanted.get(header, "")
            wrong += [] if field == wanted.get(header, "") else [(name, header, field)]

    print(f"{right} columns right of {judged}; wrong: {wrong}")
    assert right / judged >= 0.98


@pytest.mark.parametrize("name", NO_LISTS)
def test_published_referentials_are_not_taken_for_lists_of_structures(name: str, published: Path) -> None:
    with pytest.raises(StructureChanged):
        propose(published / name, get_source("tableur"), MAX)


def test_published_tables_are_imported_without_a_mapping(published: Path, directory: Directory) -> None:
    companies = directory.load("tableur", published / "companies/liste_handi_engages.csv")
    schools = directory.load("tableur", published / "education/fr-en-annuaire-education_35.csv")

    assert companies.refused / companies.read < 0.06
    assert (schools.refused, schools.read) == (0, 996)
