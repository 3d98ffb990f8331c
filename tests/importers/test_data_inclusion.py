"""data·inclusion: structures, services as their listings, whatever the form of the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from data_inclusion.schema import v1
from pydantic import ValidationError

from directory.models.doubt import DoubtLevel
from directory.models.published import ListingLink
from directory.models.record import Coverage
from directory.search.types import SearchQuery
from directory.vocabulary import Pathway, Precision, Scope, Visibility
from importers.errors import StructureChanged
from importers.sources.data_inclusion.structures import category_of

if TYPE_CHECKING:
    from tests.importers.conftest import Directory

FOLDER = Path(__file__).resolve().parents[2] / "importers/sources/data_inclusion"
STRUCTURES = FOLDER / "sample-structures.json"
SERVICES = FOLDER / "sample-services.jsonl"


def structures() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(STRUCTURES.read_text(encoding="utf-8"))["items"]
    return found


def services() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SERVICES.read_text(encoding="utf-8").splitlines()]


def written(path: Path, items: object) -> Path:
    path.write_text(json.dumps(items, ensure_ascii=False), encoding="utf-8")
    return path


def lines(path: Path, items: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items), encoding="utf-8")
    return path


def test_structures_and_services_are_published_and_a_second_import_changes_nothing(directory: Directory) -> None:
    first = directory.load("data_inclusion", STRUCTURES, SERVICES)
    state = directory.state()
    second = directory.load("data_inclusion", STRUCTURES, SERVICES)

    assert (first.added, first.refused, first.doubts) == (5, 0, ())
    assert (second.added, second.changed, second.removed, second.unchanged) == (0, 0, 0, 5)
    assert directory.state() == state


def test_a_structure_keeps_its_id_its_networks_and_its_place(read: Callable[..., Any]) -> None:
    records, _ = read("data_inclusion", STRUCTURES)

    first, second, third = records
    assert [entry.record_id for entry in records] == ["exemple--1", "exemple--2", "autre-exemple--7"]
    assert first.identities == ("di:exemple--1",)
    assert (first.record.category, first.record.networks) == ("mission_locale", ("mission-locale",))
    assert (first.record.code_commune, first.record.precision) == ("35236", Precision.POINT)
    assert first.record.address == "3 rue de l’Exemple, Bâtiment B"
    assert second.record.category == "ccas"
    assert second.record.contacts[0].phone == "+33261913002"
    assert (third.record.category, third.record.precision) == ("association", Precision.COMMUNE)


def test_a_service_says_its_structure_whom_it_serves_and_how_to_reach_it(read: Callable[..., Any]) -> None:
    records, _ = read("data_inclusion", SERVICES)

    first, second = (entry.record for entry in records)
    assert [entry.record_id for entry in records] == ["service:exemple--1", "service:exemple--2b"]
    assert (first.category, first.structure) == ("service", "di:exemple--1")
    assert first.coverage == (Coverage(scope=Scope.COMMUNE, code="35236"), Coverage(scope=Scope.COMMUNE, code="35288"))
    assert first.pathways == (Pathway.WORKSHOP,)
    assert first.conditions == "Jeunes de 16 à 25 ans\nÊtre inscrit"
    assert (first.hours_per_week, first.weeks) == (3.5, 4)
    assert first.registration_url == "https://exemple.fr/inscription"
    assert first.mobilisable_par == ("usagers", "professionnels")
    assert second.coverage == (Coverage(scope=Scope.DEPARTEMENT, code="35"),)
    assert second.modes_accueil == ("a-distance", "en-presentiel")


def test_a_named_person_is_for_the_bassin_and_so_is_the_mail_that_holds_the_name(read: Callable[..., Any]) -> None:
    records, _ = read("data_inclusion", SERVICES)

    contacts = records[0].record.contacts
    public = [contact for contact in contacts if contact.visibility is Visibility.PUBLIC]
    assert [contact.phone for contact in public] == ["+33261913001"]
    assert not any(contact.email or contact.name for contact in public)
    assert [(c.name, c.email) for c in contacts if c.visibility is Visibility.BASSIN] == [
        ("Camille Exemple", "camille.exemple@exemple.fr")
    ]


REQUIRED = [("structures", column) for column in ("source", "id", "nom", "date_maj")]
REQUIRED += [("services", column) for column in ("source", "id", "nom", "date_maj", "structure_id", "description")]


@pytest.mark.parametrize(("which", "column"), REQUIRED)
def test_a_removed_column_stops(which: str, column: str, directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)
    state = directory.state()
    items = structures() if which == "structures" else services()
    cut = [{name: value for name, value in item.items() if name != column} for item in items]

    with pytest.raises(StructureChanged) as stopped:
        directory.load("data_inclusion", written(tmp_path / "cut.json", cut))

    assert f"« {column} »" in stopped.value.public
    assert directory.state() == state


def test_an_added_column_is_noted_once(tmp_path: Path, read: Callable[..., Any]) -> None:
    longer = [{**item, "couleur": "vert"} for item in structures()]

    _, run = read("data_inclusion", written(tmp_path / "longer.json", longer))

    assert [(doubt.field, doubt.value, doubt.level) for doubt in run.doubts] == [("couleur", "vert", DoubtLevel.NOTED)]


# which, column, what is published, the value of the doubt, what is done
BAD = [
    ("structures", "reseaux_porteurs", ["mission-locale", "plateforme"], "plateforme", DoubtLevel.DOUBTED),
    ("structures", "siret", "10000001700011", "10000001700011", DoubtLevel.DOUBTED),
    ("structures", "siret", "2,12101E+13", "2,12101E+13", DoubtLevel.DOUBTED),
    ("structures", "telephone", "voir le site", "voir le site", DoubtLevel.DOUBTED),
    ("structures", "courriel", "accueil exemple.fr", "accueil exemple.fr", DoubtLevel.DOUBTED),
    ("structures", "site_web", "javascript:alert(1)", "javascript:alert(1)", DoubtLevel.DOUBTED),
    ("structures", "date_maj", "1999-12-31", "1999-12-31", DoubtLevel.DOUBTED),
    ("structures", "date_maj", "2999-01-01", "2999-01-01", DoubtLevel.DOUBTED),
    ("structures", "date_maj", "hier", "hier", DoubtLevel.DOUBTED),
    ("structures", "code_insee", "99999", "99999", DoubtLevel.DOUBTED),
    ("structures", "latitude", 43.3, "43.3 ; -2.084", DoubtLevel.DOUBTED),
    ("structures", "nom", "", "", DoubtLevel.REFUSED),
    ("structures", "id", None, "", DoubtLevel.REFUSED),
    ("services", "structure_id", "", "", DoubtLevel.REFUSED),
    ("services", "thematiques", ["mobilite--teleportation"], "mobilite--teleportation", DoubtLevel.DOUBTED),
    ("services", "thematiques", {"a": 1}, '{"a": 1}', DoubtLevel.DOUBTED),
    ("services", "type", "voyage", "voyage", DoubtLevel.DOUBTED),
    ("services", "type", ["atelier"], '["atelier"]', DoubtLevel.DOUBTED),
    ("services", "frais", "donation", "donation", DoubtLevel.DOUBTED),
    ("services", "publics", ["jeunes", "martiens"], "martiens", DoubtLevel.DOUBTED),
    ("services", "publics", ["tous-publics", "jeunes"], "tous-publics, jeunes", DoubtLevel.DOUBTED),
    ("services", "modes_accueil", ["par-drone"], "par-drone", DoubtLevel.DOUBTED),
    ("services", "modes_mobilisation", ["pigeon"], "pigeon", DoubtLevel.DOUBTED),
    ("services", "mobilisable_par", ["robots"], "robots", DoubtLevel.DOUBTED),
    ("services", "zone_eligibilite", ["35236", "98", "99138"], "98, 99138", DoubtLevel.DOUBTED),
    ("services", "volume_horaire_hebdomadaire", "beaucoup", "beaucoup", DoubtLevel.DOUBTED),
    ("services", "volume_horaire_hebdomadaire", -1, "-1.0", DoubtLevel.DOUBTED),
    ("services", "nombre_semaines", 0, "0", DoubtLevel.DOUBTED),
    ("services", "nombre_semaines", 1.5, "1.5", DoubtLevel.DOUBTED),
]


@pytest.mark.parametrize(("which", "column", "value", "shown", "level"), BAD)
def test_what_is_not_understood_is_a_doubt_and_stays_in_the_original(
    which: str, column: str, value: object, shown: str, level: DoubtLevel, tmp_path: Path, read: Callable[..., Any]
) -> None:
    items = structures() if which == "structures" else services()
    items[0] = {**items[0], column: value}

    records, run = read("data_inclusion", written(tmp_path / "bad.json", items))

    assert (column if column != "id" else "id", shown, level) in [(d.field, d.value, d.level) for d in run.doubts]
    kept = [entry.raw for entry in records if entry.line == 1] + [doubt.raw for doubt in run.doubts if doubt.raw]
    assert kept[0][column] == ("" if value is None else value if isinstance(value, str) else json.dumps(value))


def test_vocabularies_are_refused_exactly_where_the_schemas_own_package_refuses_them(
    tmp_path: Path, read: Callable[..., Any]
) -> None:
    vocabularies: list[tuple[str, type[Any], bool]] = [
        ("type", v1.TypeService, False), ("frais", v1.Frais, False), ("thematiques", v1.Thematique, True),
        ("publics", v1.Public, True), ("modes_accueil", v1.ModeAccueil, True), ("modes_mobilisation", v1.ModeMobilisation, True),
        ("mobilisable_par", v1.PersonneMobilisatrice, True), ("reseaux_porteurs", v1.ReseauPorteur, True),
    ]  # fmt: skip
    for column, vocabulary, several in vocabularies:
        words = [*(member.value for member in vocabulary), "inconnu", vocabulary.__members__.copy().popitem()[1].value.upper()]
        first = structures()[0] if column == "reseaux_porteurs" else services()[0]
        items = [{**first, "id": f"exemple--{rank}", column: [word] if several else word} for rank, word in enumerate(words)]

        _, run = read("data_inclusion", written(tmp_path / f"{column}.json", items))

        doubted = {doubt.line for doubt in run.doubts}
        assert doubted == {rank for rank, item in enumerate(items, start=1) if not _valid(item)}, column


def _valid(item: dict[str, Any]) -> bool:
    try:
        (v1.Service if "structure_id" in item else v1.Structure)(**item)
    except ValidationError:
        return False
    return True


def test_structures_alone_do_not_make_services_vanish_nor_the_reverse(directory: Directory) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)

    assert directory.load("data_inclusion", STRUCTURES).removed == 0
    assert directory.load("data_inclusion", SERVICES).removed == 0


def test_a_structure_that_a_whole_file_no_longer_holds_has_vanished_but_not_one_of_another_page(
    directory: Directory, tmp_path: Path
) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)
    page = {"items": structures()[:2], "page": 1, "pages": 2}

    partial = directory.load("data_inclusion", written(tmp_path / "page.json", page))
    whole = directory.load("data_inclusion", written(tmp_path / "whole.json", structures()[:2]))

    assert (partial.missed, partial.unchanged) == (0, 2)
    assert (whole.missed, whole.unchanged) == (1, 2)


def test_an_extract_of_one_departement_says_nothing_of_another(directory: Directory, tmp_path: Path) -> None:
    elsewhere = {**structures()[2], "id": "exemple--49", "commune": "Angers", "code_postal": "49000", "code_insee": "49007"}
    directory.load("data_inclusion", STRUCTURES, SERVICES)

    other = directory.load("data_inclusion", written(tmp_path / "49.json", [elsewhere]))
    missed = directory.load("data_inclusion", written(tmp_path / "35.json", structures()[:2]))
    back = directory.load("data_inclusion", written(tmp_path / "35.json", structures()[:2]))

    assert (other.added, other.removed, missed.removed) == (1, 0, 0)
    assert (back.removed, back.unchanged) == (1, 2)


def test_answers_of_a_search_make_nothing_vanish(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)
    found = {"items": [{"service": services()[0], "distance": 3}], "total": 1, "page": 1, "size": 50, "pages": 1}

    report = directory.load("data_inclusion", written(tmp_path / "search.json", found))

    assert (report.removed, report.unchanged) == (0, 1)


def test_services_of_structures_that_the_files_lack_are_told(read: Callable[..., Any], tmp_path: Path) -> None:
    orphan = {**services()[0], "structure_id": "exemple--99"}

    records, run = read("data_inclusion", STRUCTURES, lines(tmp_path / "services.jsonl", [orphan]))

    assert records[-1].record.structure == "di:exemple--99"
    assert [(doubt.field, doubt.value) for doubt in run.doubts] == [("structure_id", "exemple--99")]


def test_a_service_given_at_its_structure_shares_what_is_said_of_its_access(directory: Directory, tmp_path: Path) -> None:
    elsewhere = services()[0] | {"id": "exemple--1c", "nom": "Atelier ailleurs (inventé)", "adresse": "9 rue d’Ailleurs"}
    directory.load("data_inclusion", STRUCTURES, lines(tmp_path / "services.jsonl", [*services(), elsewhere]))

    directory.keeper.catch_up()
    found = directory.index.search(SearchQuery(filters={"accessibility": ("decrite",)}))

    assert {hit.name for hit in found.hits} == {"Mission locale inventée de Redon", "Atelier CV (inventé)"}


def test_a_service_and_its_structure_name_each_other(directory: Directory) -> None:
    directory.load("data_inclusion", SERVICES)
    before = directory.listings()["Atelier CV (inventé)"].carried_by

    directory.load("data_inclusion", STRUCTURES)

    found = directory.listings()
    structure, service = found["Mission locale inventée de Redon"], found["Atelier CV (inventé)"]
    assert before is None
    assert service.carried_by == ListingLink(id=structure.id, name=structure.record.name, category="mission_locale")
    assert directory.repository.get_listing(service.id).carried_by == service.carried_by
    assert [link.id for link in directory.repository.list_services(structure.id)] == [service.id]
    assert directory.repository.list_services(service.id) == []


def test_a_service_is_found_with_the_name_of_its_structure(directory: Directory) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES, keeper=directory.keeper)

    page = directory.index.search(SearchQuery(text="atelier CV mission locale Redon"))
    named = directory.index.search(SearchQuery(text="mission locale inventée de redon"))

    assert (page.hits[0].name, page.hits[0].structure) == ("Atelier CV (inventé)", "Mission locale inventée de Redon")
    assert (named.hits[0].name, named.hits[0].structure) == ("Mission locale inventée de Redon", "")


def test_a_structure_that_is_renamed_is_renamed_in_what_is_found_of_its_services(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES, keeper=directory.keeper)
    renamed = [{**structures()[0], "nom": "Mission locale inventée du Pays de Redon"}, *structures()[1:]]

    directory.load("data_inclusion", written(tmp_path / "renamed.json", renamed), keeper=directory.keeper)

    page = directory.index.search(SearchQuery(text="atelier CV"))
    assert page.hits[0].structure == "Mission locale inventée du Pays de Redon"


def test_a_closed_structure_no_longer_carries_its_service(directory: Directory, tmp_path: Path) -> None:
    directory.load("data_inclusion", STRUCTURES, SERVICES)

    for _ in range(2):
        directory.load("data_inclusion", written(tmp_path / "fewer.json", structures()[1:]))

    assert directory.listings()["Atelier CV (inventé)"].carried_by is None


def test_one_number_given_to_a_structure_and_to_a_service_makes_two_listings(directory: Directory) -> None:
    report = directory.load("data_inclusion", STRUCTURES, SERVICES)

    assert {structures()[0]["id"]} & {service["id"] for service in services()}
    assert (report.added, report.merged) == (5, 0)


CATEGORIES = [
    ("Mission locale du Pays de Redon", ("mission-locale",), "mission_locale"),
    ("CCAS de Redon – France services", ("france-service", "ccas-cias"), "ccas"),
    ("Espace de Redon", ("france-service", "ccas-cias"), "ccas"),
    ("Espace de Redon", ("france-service",), "france_services"),
    ("CIO de Redon", (), "cio"),
    ("Antenne de Redon", ("secours-populaire",), "association"),
    ("Association Le Pont", (), "association"),
    ("Le Pont", (), "autre"),
    ("Restaurant du lycée", ("plie",), "plie"),
]


@pytest.mark.parametrize(("name", "networks", "category"), CATEGORIES)
def test_a_structure_is_what_its_network_and_its_name_say(name: str, networks: tuple[str, ...], category: str) -> None:
    assert category_of(name, networks) == category
