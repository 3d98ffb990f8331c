"""A list on the pages: sent, foreseen, published, undone in any order."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from directory.models.changes import ChangeSet
from directory.models.curation import Curation, Topic, Wish
from directory.models.duplicates import Decision, Verdict
from directory.models.uploads import UploadState
from directory.services import Services
from relais.uploads import work_on
from tests.factories import sourced
from tests.web.accounts import LYCEE, hidden_of
from tests.web.files.conftest import HEADER, ROWS, press, seen, send, to_plan, to_published


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
