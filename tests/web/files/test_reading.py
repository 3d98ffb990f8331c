"""What is read of a list that is sent: its sheet, its rows, what is hostile, what is refused, who may."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook

from directory.errors import UploadNotFound
from directory.models.accounts import Area, Role
from directory.models.uploads import UploadState
from directory.services import Services
from directory.uploads import find_file
from directory.vocabulary import Visibility
from importers.source import get_source
from relais.uploads import UNDONE_WITHIN, clean, work_on
from tests.web.accounts import LYCEE, OTHER, add_account, sign_in
from tests.web.files.conftest import HEADER, ROWS, press, seen, send, to_plan, to_published
from web import create_app
from web.upload_words import FIELD_LABELS, MOST_COLUMNS


def test_a_sheet_of_a_workbook_is_chosen_and_read(bureau: FlaskClient, queued: Services) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Partenaires"
    second = book.create_sheet("Entreprises")
    for sheet, rows in (
        (first, (HEADER, *ROWS)),
        (second, ("Raison sociale;Code postal;Commune", "Garage Essai;35300;Fougères")),
    ):
        for row in rows:
            sheet.append(row.split(";"))
    packed = io.BytesIO()
    book.save(packed)
    path = send(bureau, packed.getvalue(), "classeur.xlsx").location
    work_on(queued, 1)

    before = seen(bureau, path)
    press(bureau, path, "feuille", feuille="Entreprises")
    work_on(queued, 1)
    after = seen(bureau, path)
    press(bureau, path, "colonnes")
    work_on(queued, 1)

    assert ("Association des Essais" in before, "Garage Essai" in before) == (True, False)
    assert ("Association des Essais" in after, "Garage Essai" in after) == (False, True)
    assert queued.repository.uploads.get(1).mapping["feuille"] == "Entreprises"
    assert "1 lu" in seen(bureau, path)


def test_a_list_of_which_half_the_rows_are_wrong_is_told_row_by_row_and_publishes_nothing(
    bureau: FlaskClient, queued: Services
) -> None:
    rows = [
        f"Association {n};{n} rue Neuve;35300;Fougères;;" if n % 2 else ";;35300;Fougères;;x@asso.example" for n in range(400)
    ]
    before = queued.repository.revision()

    path = to_plan(bureau, queued, "\n".join((HEADER, *rows)))

    page = seen(bureau, path)
    assert queued.repository.revision() == before
    assert "200 lignes sur 400 refusées" in page
    assert "Ce qui n’a pas été compris : 200" in page
    assert "Une fiche sans nom" in page
    assert "Page 1 sur 4" in page


def test_a_list_is_stopped_before_anything_is_published(bureau: FlaskClient, queued: Services) -> None:
    path = to_plan(bureau, queued, "\n".join((HEADER, *ROWS)))
    before = queued.repository.revision()
    press(bureau, path, "publier")
    press(bureau, path, "arreter")

    work_on(queued, 1)

    assert queued.repository.uploads.get(1).state is UploadState.PLANNED
    assert queued.repository.revision() == before
    assert "Arrêté : rien n’a été publié" in seen(bureau, path)


def test_another_lycee_neither_sees_nor_overwrites_a_list(bureau: FlaskClient, queued: Services) -> None:
    to_published(bureau, queued, "\n".join((HEADER, ROWS[0])))
    with create_app(queued).test_client() as other:
        sign_in(other, add_account(queued, Role.BUREAU, "autre@essai.example", {Area.LYCEE: OTHER}).email)
        status = [other.get(f"/bureau/fichiers/1{end}").status_code for end in ("", "/annuler")]
        told = other.get("/bureau/fichiers").text

        theirs = to_published(other, queued, "\n".join((HEADER, ROWS[0].replace("1 rue Neuve", "ailleurs"))))

    assert status == [404, 404]
    assert "liste.csv" not in told
    assert theirs.endswith("/2")
    names = {record.record_id.split("-")[0] for record in queued.repository.iterate_kept("tableur")}
    assert names == {LYCEE.lower(), OTHER.lower()}


def test_a_bureau_cannot_publish_what_only_an_administrator_sees(bureau: FlaskClient, queued: Services) -> None:
    path = send(bureau, "\n".join((HEADER, *ROWS))).location
    work_on(queued, 1)

    press(bureau, path, "colonnes", visibilite="private")

    assert queued.repository.uploads.get(1).mapping["visibility"] == Visibility.PUBLIC


def bomb() -> bytes:
    """A workbook that unfolds to a thousand times its size."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 20_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "file_name", "message"),
    [
        (b"", "vide.csv", "« vide.csv » est vide"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 200, "photo.csv", "n’est pas ce que son nom dit"),
        (bomb(), "bombe.xlsx", "archive piégée"),
        (b"PK\x03\x04" + b"0" * 300, "coupe.xlsx", "tronqué ou abîmé"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    bureau: FlaskClient, queued: Services, data: bytes, file_name: str, message: str
) -> None:
    path = send(bureau, data, file_name).location

    work_on(queued, 1)

    assert message in seen(bureau, path)
    assert queued.repository.uploads.get(1).state is UploadState.FAILED


@pytest.mark.parametrize(
    ("file_name", "name", "message"),
    [
        ("", "partenaires", "Choisissez le fichier"),
        ("programme.exe", "partenaires", "Il faut un tableau"),
        ("liste.csv", "…", "Donnez un nom à la liste"),
        ("../../liste", "partenaires", "Il faut un tableau"),
    ],
)
def test_what_is_not_a_list_is_not_even_kept(
    bureau: FlaskClient, queued: Services, file_name: str, name: str, message: str
) -> None:
    answer = send(bureau, HEADER, file_name, name)

    assert answer.status_code == 422
    assert message in unescape(answer.text)
    assert not (queued.settings.data / "uploads").exists()


def test_a_list_of_many_pieces_is_kept_whole(bureau: FlaskClient, queued: Services) -> None:
    text = "\n".join((HEADER, *(f"Association {n};{n} rue Neuve;35300;Fougères;;" for n in range(9000))))

    answer = send(bureau, text)

    assert answer.status_code == 303
    assert find_file(queued.settings.data, 1).read_text() == text


def test_a_file_too_large_is_refused_before_it_is_kept(queued: Services) -> None:
    small = replace(queued, settings=replace(queued.settings, max_upload_mb=1))
    with create_app(small).test_client() as client:
        sign_in(client, add_account(small, Role.BUREAU).email)

        body = b'--x\r\nContent-Disposition: form-data; name="fichier"; filename="liste.csv"\r\n\r\n' + b"x" * 1_200_000
        answer = client.post("/bureau/fichiers", data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 413
    assert "dépasse 1 Mo" in unescape(answer.text).replace("\u00a0", " ")
    assert not (queued.settings.data / "uploads").exists()


def test_a_form_that_names_no_name_or_invents_a_field_is_given_back(bureau: FlaskClient, queued: Services) -> None:
    path = send(bureau, "\n".join((HEADER, *ROWS))).location
    work_on(queued, 1)

    answers = [press(bureau, path, "colonnes", **{"colonne-0": chosen}) for chosen in ("", "inconnu")]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "quelle colonne donne le nom" in answers[0].text
    assert queued.repository.uploads.get(1).state is UploadState.PROPOSED


def test_what_is_hostile_in_a_list_stays_text(bureau: FlaskClient, queued: Services) -> None:
    row = '<script>alert(1)</script>;"=cmd()";35300;Fougères;{{ 7*7 }};<b>'

    path = to_plan(bureau, queued, "\n".join((HEADER, *ROWS, row)), file_name="<i>liste.csv")

    pages = bureau.get(path).text + bureau.get("/bureau/fichiers").text
    assert not re.search(r"<script>alert|<b>|<i>liste", pages)


def test_a_table_wider_than_the_form_is_read_for_the_columns_that_it_shows(bureau: FlaskClient, queued: Services) -> None:
    header = ";".join(("Structure", "CP", "Ville", *(f"Note {n}" for n in range(MOST_COLUMNS + 20))))
    rows = [f"Association {n};35300;Fougères;" + ";".join("x" for _ in range(MOST_COLUMNS + 20)) for n in range(3)]

    path = to_plan(bureau, queued, "\n".join((header, *rows)))

    assert queued.repository.uploads.get(int(path[-1])).state is UploadState.PLANNED


def test_what_nobody_came_back_to_and_what_can_no_longer_be_undone_is_taken_away(bureau: FlaskClient, queued: Services) -> None:
    to_published(bureau, queued, "\n".join((HEADER, ROWS[0])))
    to_plan(bureau, queued, "\n".join((HEADER, ROWS[1])), name="autre liste")

    clean(replace(queued, clock=lambda: queued.repository.uploads.get(2).changed_at + UNDONE_WITHIN * 2))

    run_pk = queued.repository.uploads.get(1).run_pk
    assert run_pk is not None
    assert queued.repository.plan_undoing(run_pk).brought == []
    assert queued.repository.uploads.get(2).state is UploadState.CANCELLED
    assert not list((queued.settings.data / "uploads").iterdir())


def test_what_is_published_and_not_indexed_is_told_as_published_and_can_be_undone(bureau: FlaskClient, queued: Services) -> None:
    path = to_plan(bureau, queued, "\n".join((HEADER, *ROWS)))
    press(bureau, path, "publier")
    lock = queued.settings.data / "index-keeper.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()  # no index can be brought up to date: its lock is a folder

    work_on(queued, 1)
    published = seen(bureau, path)
    press(bureau, f"{path}/annuler", "annuler")
    work_on(queued, 1)

    assert "C’est publié, mais la recherche ne le montre pas encore" in published
    assert "Annuler cette publication" in published
    assert queued.repository.uploads.get(1).state is UploadState.UNDONE


def test_each_field_of_a_table_has_its_word() -> None:
    assert set(FIELD_LABELS) == set(get_source("tableur").columns)


def test_a_list_that_does_not_exist_is_not_found(queued: Services) -> None:
    work_on(queued, 7)

    with pytest.raises(UploadNotFound):
        queued.repository.uploads.get(7)
