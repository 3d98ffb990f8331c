"""Lists sent from the page: understood, foreseen, published, undone; by who may; whatever the file and whoever else works."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from directory.errors import UploadNotFound
from directory.models.accounts import Area, Role
from directory.models.changes import ChangeSet
from directory.models.curation import Curation, Topic, Wish
from directory.models.duplicates import Decision, Verdict
from directory.models.uploads import UploadState
from directory.services import Services
from directory.uploads import find_file
from directory.vocabulary import Visibility
from importers.source import get_source
from relais.uploads import UNDONE_WITHIN, clean, work_on
from tests.factories import sourced
from tests.web.accounts import LYCEE, OTHER, add_account, hidden_of, sign_in
from web import create_app
from web.upload_words import FIELD_LABELS, MOST_COLUMNS

HEADER = "Structure;Adresse;CP;Ville;Tél;Mail"
ROWS = (
    "Association des Essais;1 rue Neuve;35300;Fougères;01 99 00 02 01;essais@asso.example",
    "Atelier des Remparts;2 rue Neuve;35300;Fougères;01 99 00 02 02;",
    "Maison des Essais;3 rue Neuve;35500;Vitré;douze;maison@asso.example",
)


@pytest.fixture
def queued(own: Services) -> Services:
    """The services, without the queue: each test sees to what waits by itself, as the worker does."""
    return replace(own, enqueue=lambda _number: None)


@pytest.fixture
def bureau(queued: Services) -> Iterator[FlaskClient]:
    """The pages, as the bureau of a lycée sees them."""
    with create_app(queued).test_client() as client:
        sign_in(client, add_account(queued, Role.BUREAU).email)
        yield client


def send(client: FlaskClient, text: str | bytes, file_name: str = "liste.csv", name: str = "partenaires") -> TestResponse:
    """Send a list by the form of the page."""
    data = text.encode() if isinstance(text, str) else text
    fields = {**hidden_of(client.get("/bureau/fichiers").text), "liste": name, "fichier": (io.BytesIO(data), file_name)}
    return client.post("/bureau/fichiers", data=fields, content_type="multipart/form-data")


def press(client: FlaskClient, path: str, action: str, **typed: str) -> TestResponse:
    """Press the button of a page whose form goes to an action, its choices as they are."""
    page = client.get(path).text
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'/{action}"' in each.split(">")[0])
    chosen = {
        name: unescape((re.findall(r'<option value="([^"]*)" selected', options) or [""])[0])
        for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL)
    }
    return client.post(re.findall(r'action="([^"]+)"', form)[0], data={**chosen, **hidden_of(form), **typed})


def to_plan(client: FlaskClient, core: Services, text: str | bytes, **more: str) -> str:
    """The address of a list that was sent, its columns kept as they were proposed, and foreseen."""
    path = send(client, text, **more).location
    number = int(path.rsplit("/", 1)[1])
    work_on(core, number)
    press(client, path, "colonnes")
    work_on(core, number)
    return path


def to_published(client: FlaskClient, core: Services, text: str | bytes, **more: str) -> str:
    path = to_plan(client, core, text, **more)
    press(client, path, "publier")
    work_on(core, int(path.rsplit("/", 1)[1]))
    return path


def seen(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).text).replace("\u00a0", " ").replace("\u202f", " ")


def test_a_list_is_sent_understood_foreseen_published_and_undone(bureau: FlaskClient, queued: Services) -> None:
    path = send(bureau, "\n".join((HEADER, *ROWS))).location
    reading = bureau.get(path)
    work_on(queued, 1)
    columns = seen(bureau, path)
    press(bureau, path, "colonnes")
    work_on(queued, 1)
    foreseen, before = seen(bureau, path), queued.repository.revision()
    press(bureau, path, "publier")
    work_on(queued, 1)
    published = seen(bureau, path)
    listing_id = f"tableur--{LYCEE.lower()}-partenaires-association-des-essais-35300-fougeres"
    name = queued.repository.get_listing(listing_id).record.name
    press(bureau, f"{path}/annuler", "annuler")
    work_on(queued, 1)

    assert reading.headers["Refresh"] == "2"
    assert "Association des Essais" in columns
    assert "3 nouvelles" in foreseen or "3 ajout" in foreseen, foreseen
    assert "douze" in foreseen
    assert queued.repository.revision() > before
    assert "Publié" in published
    assert name == "Association des Essais"
    assert "Fiches retirées : 3" in seen(bureau, path)
    assert queued.repository.get_listing(listing_id).closed_at is not None
    assert "@" not in queued.repository.get_listing(listing_id).closed_reason  # which everyone reads
    assert "Plus rien n’attend ici" in seen(bureau, "/bureau/file/disparues?dep=")
    assert not list((queued.settings.data / "uploads").iterdir())


def test_the_next_version_of_a_list_changes_its_listings_and_undoing_it_brings_the_first_back(
    bureau: FlaskClient, queued: Services
) -> None:
    to_published(bureau, queued, "\n".join((HEADER, *ROWS[:2])))
    changed = ROWS[0].replace("1 rue Neuve", "9 quai Duguesclin")
    path = to_published(bureau, queued, "\n".join((HEADER, changed, ROWS[2])))
    listing_id = f"tableur--{LYCEE.lower()}-partenaires-association-des-essais-35300-fougeres"
    address = queued.repository.get_listing(listing_id).record.address

    press(bureau, f"{path}/annuler", "annuler")
    work_on(queued, 2)

    record = queued.repository.get_listing(listing_id).record
    assert (address, record.address) == ("9 quai Duguesclin", "1 rue Neuve")
    assert queued.repository.get_listing(listing_id).closed_at is None
    maison = f"tableur--{LYCEE.lower()}-partenaires-maison-des-essais-35500-vitre"
    assert queued.repository.get_listing(maison).closed_at is not None


@pytest.mark.parametrize(("everything", "closed"), [(False, False), (True, True)])
def test_undoing_says_which_listings_were_edited_since_and_loses_nothing(
    bureau: FlaskClient, queued: Services, *, everything: bool, closed: bool
) -> None:
    path = to_published(bureau, queued, "\n".join((HEADER, *ROWS)))
    listing_id = f"tableur--{LYCEE.lower()}-partenaires-atelier-des-remparts-35300-fougeres"
    wish = Wish(listing_id=listing_id, topic=Topic.NAME, values={"name": "Atelier corrigé"})
    after = queued.clock().replace(year=2031)
    by = Curation(author="Une curatrice", reason="", now=after, nonce="", trust=queued.trust)
    queued.repository.curation.curate([wish], by)

    told = seen(bureau, f"{path}/annuler")
    press(bureau, f"{path}/annuler", "annuler", **({"tout": "1"} if everything else {}))
    work_on(queued, 1)

    shown = queued.repository.get_listing(listing_id)
    assert "Corrigées ou vérifiées depuis : 1" in told
    assert "Atelier corrigé" in told
    assert (shown.closed_at is not None, shown.record.name) == (closed, "Atelier corrigé")
    (kept,) = queued.repository.curation.list_statements(listing_id)
    assert kept.ended_at is None


def test_what_a_later_run_wrote_is_not_undone_and_undoing_twice_undoes_once(bureau: FlaskClient, queued: Services) -> None:
    first = to_published(bureau, queued, "\n".join((HEADER, *ROWS[:2])))
    to_published(bureau, queued, "\n".join((HEADER, ROWS[0].replace("1 rue Neuve", "9 quai Duguesclin"))))
    page = bureau.get(f"{first}/annuler").text

    for _ in range(2):
        bureau.post(f"{first}/annuler", data=hidden_of(page))
        work_on(queued, 1)

    listing_id = f"tableur--{LYCEE.lower()}-partenaires-association-des-essais-35300-fougeres"
    assert queued.repository.get_listing(listing_id).record.address == "9 quai Duguesclin"
    assert "Laissées à un import plus récent : 1" in seen(bureau, first)
    undone = [run for run in queued.repository.list_runs("tableur") if "annulé" in run.message]
    assert len(undone) == 1


@pytest.mark.parametrize("order", [(2, 1), (1, 2)])
def test_versions_of_a_list_are_undone_in_any_order_until_nothing_of_it_is_left(
    bureau: FlaskClient, queued: Services, order: tuple[int, int]
) -> None:
    to_published(bureau, queued, "\n".join((HEADER, *ROWS[:2])))
    to_published(bureau, queued, "\n".join((HEADER, ROWS[0].replace("1 rue Neuve", "9 quai Duguesclin"), ROWS[2])))
    listing_id = f"tableur--{LYCEE.lower()}-partenaires-association-des-essais-35300-fougeres"

    addresses = []
    for number in order:
        press(bureau, f"/bureau/fichiers/{number}/annuler", "annuler")
        work_on(queued, number)
        addresses.append(queued.repository.get_listing(listing_id).record.address)

    assert addresses[0] == {1: "9 quai Duguesclin", 2: "1 rue Neuve"}[order[0]]
    assert [record.record.name for record in queued.repository.iterate_kept("tableur")] == []


def test_undoing_a_list_leaves_what_a_person_judged_to_be_the_same_thing(bureau: FlaskClient, queued: Services) -> None:
    run = queued.repository.start_run("education", [], queued.clock())
    other = sourced("1", "education", name="Essais, l’association", coverage=())
    changes = ChangeSet(source="education", run_pk=run, added=[other], trust=queued.trust)
    queued.repository.apply(changes, queued.clock())
    queued.repository.finish_run(run, "done", {}, [], "", queued.clock())
    path = to_published(bureau, queued, "\n".join((HEADER, ROWS[0])))
    listing_id = f"tableur--{LYCEE.lower()}-partenaires-association-des-essais-35300-fougeres"
    decision = Decision(verdict=Verdict.SAME, by="Une curatrice", note="", now=queued.clock(), trust=queued.trust)
    queued.repository.judge((listing_id, "education--1"), decision)

    press(bureau, f"{path}/annuler", "annuler")
    work_on(queued, 1)

    shown = queued.repository.get_listing(listing_id)
    assert (shown.id, shown.record.name, shown.record.address, shown.closed_at) == (
        "education--1",
        "Essais, l’association",
        "",
        None,
    )


def test_the_next_version_is_read_as_the_last_one_was(bureau: FlaskClient, queued: Services) -> None:
    path = send(bureau, "\n".join((HEADER, *ROWS))).location
    work_on(queued, 1)
    press(bureau, path, "colonnes", **{"colonne-1": "description", "colonne-5": "", "categorie": "association"})
    work_on(queued, 1)
    press(bureau, path, "publier")
    work_on(queued, 1)

    path = send(bureau, "\n".join((f"{HEADER};Site", *(f"{row};https://www.essai.example" for row in ROWS)))).location
    work_on(queued, 2)
    page = seen(bureau, path)
    press(bureau, path, "colonnes")

    assert "lues comme celles de la version du" in page
    mapping = queued.repository.uploads.get(2).mapping
    assert (mapping["category"], mapping["ignorees"]) == ("association", ["Mail"])
    assert (mapping["colonnes"]["description"], mapping["colonnes"]["site"]) == ("Adresse", "Site")


def test_who_publishes_what_a_colleague_overtook_is_shown_what_it_would_do_now(bureau: FlaskClient, queued: Services) -> None:
    late = to_plan(bureau, queued, "\n".join((HEADER, *ROWS[:2])))
    to_published(bureau, queued, "\n".join((HEADER, *ROWS)))
    before = queued.repository.revision()

    press(bureau, late, "publier")
    work_on(queued, 1)
    told = seen(bureau, late)
    press(bureau, late, "publier")
    work_on(queued, 1)

    assert "Une autre version de cette liste a été publiée" in told
    assert "2 inchangé" in told
    assert queued.repository.uploads.get(1).state is UploadState.APPLIED
    assert len([run for run in queued.repository.list_runs("tableur") if run.status == "done"]) == 2
    assert queued.repository.revision() == before


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
