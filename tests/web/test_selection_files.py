"""A selection as a file: what each form holds, no formula, nothing that is not public."""

from __future__ import annotations

import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from data_inclusion.schema import v1
from flask.testing import FlaskClient
from openpyxl import load_workbook

from directory.models.accounts import Role
from directory.services import Services
from tests.factories import sourced
from tests.web.accounts import add_account, sign_in
from tests.web.test_desk import publish
from web import create_app
from web.selection_files import FORMS

FORMULA = '=HYPERLINK("http://vol.example";"clic")'
HIDDEN = ("réservée au bassin", "Réservée", "99000199", "01 99 00 01 99")


@pytest.fixture
def curator(own: Services) -> FlaskClient:
    """The pages, as an administrator sees them, and a listing that begins with a formula."""
    hostile = {"kind": "partner", "category": "association", "name": FORMULA, "description": "@SUM(1)\x0b;;\r\nFN:Faux"}
    publish(own, "tableur", sourced("1", "tableur", **hostile))
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.ADMINISTRATOR).email)
    return client


def fetch(client: FlaskClient, form: str, **more: str) -> bytes:
    answer = client.get("/bureau/exporter", query_string={"forme": form, "dep": "", **more})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="fiches.{form}"'
    return answer.data


def unzipped(data: bytes) -> dict[str, Any]:
    """The documents of an archive, by name."""
    with ZipFile(io.BytesIO(data)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


@pytest.mark.parametrize("form", list(FORMS))
def test_no_form_holds_what_is_not_public_even_for_who_may_see_it(curator: FlaskClient, form: str) -> None:
    data = fetch(curator, form)
    text = data.decode(errors="replace")
    if form == "xlsx":
        text = str([[cell.value for cell in row] for row in load_workbook(io.BytesIO(data)).active])

    if form == "zip":
        text = str(unzipped(data))

    assert [hidden for hidden in HIDDEN if hidden in text] == []


def test_the_workbook_holds_text_and_no_formula(curator: FlaskClient) -> None:
    rows = list(load_workbook(io.BytesIO(fetch(curator, "xlsx", nature="partner"))).active)

    cells = [cell for row in rows for cell in row]
    names = [row[3].value for row in rows]
    assert f"'{FORMULA}" in names
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert "Restaurant du Nançon" not in names


def test_the_table_holds_no_formula(curator: FlaskClient) -> None:
    text = fetch(curator, "csv").decode("utf-8-sig")

    assert "\"'=HYPERLINK" in text
    assert ',"=HYPERLINK' not in text


def test_the_map_holds_what_has_a_point(curator: FlaskClient) -> None:
    names = [each["properties"]["name"] for each in json.loads(fetch(curator, "geojson", dep="35"))["features"]]

    assert "CIO de Fougères" in names
    assert FORMULA not in names


def test_the_agenda_holds_each_sitting_of_each_event(curator: FlaskClient, own: Services) -> None:
    text = fetch(curator, "ics").decode()

    sittings = sum(len(each.record.occurrences) for each in own.repository.iterate_listings())
    assert text.count("BEGIN:VEVENT") == sittings > 0
    assert "Job dating des remparts" in text


def test_the_address_book_escapes_what_would_begin_another_line(curator: FlaskClient) -> None:
    lines = fetch(curator, "vcf").decode().replace("\r\n ", "").split("\r\n")

    cards = [line for line in lines if line == "BEGIN:VCARD"]
    first = lines[lines.index("BEGIN:VCARD") + 1]
    assert len(cards) == len([line for line in lines if line.startswith("FN:")]) >= 4
    assert first == "VERSION:4.0"
    assert "TEL:+33199000123" in lines
    assert "ADR:;;12 rue des Essais;Fougères;;35300;France" in lines
    assert 'FN:=HYPERLINK("http://vol.example"\\;"clic")' in [line.replace('\\"', '"') for line in lines]


def test_the_page_chooses_and_an_unknown_form_is_not_found(curator: FlaskClient) -> None:
    assert "Carnet d’adresses" in curator.get("/bureau/exporter").text
    assert curator.get("/bureau/exporter?forme=exe").status_code == 404


def test_a_selection_is_given_as_data_inclusion_that_its_own_package_accepts(curator: FlaskClient, own: Services) -> None:
    structure = sourced(
        "ML", "tableur", name="Structure du Coglais", code_commune="35115", code_postal="35300", identities=("essai:x",)
    )
    service = sourced("S", "tableur", name="Atelier CV", structure="essai:x", description="Un atelier.", types=("atelier",))
    elsewhere = sourced("F", "tableur", name="Structure de Brest", code_commune="29019")
    publish(own, "tableur", structure, service, elsewhere)

    found = unzipped(fetch(curator, "zip", dep="35"))

    for item in found["structures.json"]:
        v1.Structure.model_validate(item)
    for item in found["services.json"]:
        v1.Service.model_validate(item)
    names = {item["nom"] for item in found["structures.json"]}
    assert "Structure du Coglais" in names
    assert "Structure de Brest" not in names
    assert [item["nom"] for item in found["services.json"]] == ["Atelier CV"]
    assert found["rapport.json"]["left_out"]["fiche de démonstration"] >= 1
    assert "autre chose qu’un partenaire" in found["rapport.json"]["left_out"]
    assert (found["rapport.json"]["structures"], found["rapport.json"]["services"]) == (len(names), 1)
