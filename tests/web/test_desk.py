"""The desk: what waits for a decision, decided by one gesture, undone by another; nothing that is not for the asker."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.models.accounts import Role
from directory.models.changes import ChangeSet
from directory.models.curation import Curation, Topic, Wish
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.duplicates import PairState
from directory.models.record import SourcedRecord
from directory.models.report import Report, ReportReason
from directory.models.responses import Outcome
from directory.services import Services
from directory.vocabulary import Visibility
from tests.factories import sourced
from tests.web.accounts import add_account, sign_in
from tests.web.conftest import NOW
from web import create_app

EDUCATION = {"name": "Mission locale du Pays de Fougères", "address": "12 avenue de la Gare", "coverage": ()}
SHEET = EDUCATION | {"contacts": (), "address": ""}
HIDDEN = "Association réservée au bassin"


def publish(core: Services, source: str, *records: SourcedRecord, doubts: tuple[Doubt, ...] = (), **more: Any) -> None:
    """A run of a source, as an import does it."""
    run = core.repository.start_run(source, [], NOW)
    changes = ChangeSet(source=source, run_pk=run, added=records, doubts=doubts, trust=core.trust, **more)
    core.repository.apply(changes, NOW)
    core.repository.finish_run(run, "done", {}, [], "", NOW)


@pytest.fixture
def curator(own: Services) -> FlaskClient:
    """The pages, as a bureau des entreprises sees them."""
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.BUREAU).email)
    return client


@pytest.fixture
def keeper(own: Services) -> FlaskClient:
    """The pages, as an administrator sees them."""
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.ADMINISTRATOR).email)
    return client


def counts(client: FlaskClient, departement: str = "") -> dict[str, int]:
    """Queue → how many wait, as the desk says it."""
    page = unescape(client.get("/bureau", query_string={"dep": departement}).text)
    lines = re.findall(r'relais-queues__count">([^<]+)</span>(?:<a href="[^"]*">)?([^<]+)<', page)
    return {label: int(count.replace("\u202f", "")) for count, label in lines}


def give(client: FlaskClient, queue: str, gesture: str, page: str = "", **more: Any) -> TestResponse:
    """Press a button of a queue's page, of the form that holds it."""
    page = page or client.get(f"/bureau/file/{queue}?dep=").text
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{gesture}"' in each)
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(unescape(value))
    return client.post(f"/bureau/file/{queue}", data={**fields, "geste": gesture, **more})


def test_two_listings_side_by_side_are_joined_by_one_button_and_parted_by_the_next(curator: FlaskClient, own: Services) -> None:
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    shown = curator.get("/bureau/file/doublons?dep=").text

    joined = give(curator, "doublons", "meme", shown)
    own_id = own.repository.get_listing("tableur--9").id
    after = curator.get(joined.location).text
    parted = give(curator, "doublons", "annuler", after)

    assert '<tr class="relais-sides__differ">' in shown
    assert "12 avenue de la Gare" in shown
    assert own_id == "education--1"
    assert "Les deux fiches n’en font plus qu’une" in after
    assert parted.status_code == 303
    assert own.repository.get_listing("tableur--9").id == "tableur--9"


def test_who_is_unsure_puts_a_pair_off_and_can_take_it_up_again(curator: FlaskClient, own: Services) -> None:
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    before = counts(curator)["Peut-être en double"]

    after = curator.get(give(curator, "doublons", "plus-tard").location).text
    left = counts(curator)["Peut-être en double"]
    give(curator, "doublons", "reprendre", after)

    assert (before, left, counts(curator)["Peut-être en double"]) == (1, 0, 1)
    assert len(own.repository.list_pairs(PairState.PROPOSED)) == 1


def test_the_same_answer_sent_twice_is_one_decision(curator: FlaskClient, own: Services) -> None:
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    shown = curator.get("/bureau/file/doublons?dep=").text

    answers = [give(curator, "doublons", "different", shown).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert "1 décision aujourd’hui" in curator.get("/bureau").text.replace("\u00a0", " ")


def test_a_pair_of_listings_that_are_not_for_everyone_is_not_shown_to_a_bureau(
    curator: FlaskClient, keeper: FlaskClient, own: Services
) -> None:
    publish(own, "education", sourced("1", "education", **EDUCATION, visibility="bassin"))
    publish(own, "tableur", sourced("9", "tableur", **SHEET, visibility="bassin"))
    (pair,) = own.repository.list_pairs(PairState.PROPOSED)
    forged = {"cle": [str(pair.number)]}

    answer = give(curator, "a-verifier", "verifier", cle=[]).status_code
    page = curator.get("/bureau/file/a-verifier?dep=").text
    token = re.findall(r'name="jeton" value="([^"]*)"', page)[-1]
    refused = curator.post("/bureau/file/doublons", data={"jeton": token, "geste": "meme", **forged})

    assert (counts(curator)["Peut-être en double"], counts(keeper)["Peut-être en double"]) == (0, 1)
    assert answer == 303
    assert refused.status_code == 404
    assert own.repository.get_listing("tableur--9", Visibility.PRIVATE).id == "tableur--9"


def test_a_report_is_read_closed_with_a_note_and_its_text_erased(curator: FlaskClient, own: Services) -> None:
    said = Report(listing_id="demonstration--ml", reason=ReportReason.CONTACT, text="<b>le numéro est faux</b>", nonce="n")
    own.repository.keep_report(said, NOW)
    shown = curator.get("/bureau/file/signalements").text

    give(curator, "signalements", "traite", shown, note="numéro corrigé")

    (closed,) = own.repository.list_reports(closed=True)
    assert "&lt;b&gt;le numéro est faux&lt;/b&gt;" in shown
    assert "Mission locale de Fougères" in shown
    assert (closed.text, closed.note, closed.closed_by) == ("", "numéro corrigé", "bureau@essai.example")
    assert counts(curator)["Erreurs signalées"] == 0


def test_several_listings_are_checked_together_after_they_were_shown_and_unchecked_again(
    curator: FlaskClient, own: Services
) -> None:
    page = curator.get("/bureau/file/a-verifier?dep=35").text
    keys = ["demonstration--cio", "demonstration--fjt"]

    preview = give(curator, "a-verifier", "verifier", page, cle=keys)
    untouched = own.repository.get_listing(keys[0]).record.checked_at
    done = give(curator, "a-verifier", "verifier", preview.text)
    checked = [own.repository.get_listing(each).record.checked_at for each in keys]
    give(curator, "a-verifier", "annuler", curator.get(done.location).text)

    assert "CIO de Fougères" in preview.text
    assert (preview.status_code, untouched) == (200, None)
    assert checked == [NOW.date()] * 2
    assert [own.repository.get_listing(each).record.checked_at for each in keys] == [None, None]


def test_the_queue_of_checks_holds_a_departement_its_stale_listings_and_no_secret(curator: FlaskClient) -> None:
    page = unescape(curator.get("/bureau/file/a-verifier?dep=35").text)

    assert "CIO de Fougères" in page
    assert "Mission locale de Fougères" not in page  # checked this month
    assert "Job dating" not in page  # over before it is stale
    assert HIDDEN not in page
    assert counts(curator, "29")["Pas vérifiées depuis longtemps"] == 0


def test_an_event_without_a_date_and_a_listing_that_vanished_wait_to_be_seen(curator: FlaskClient, own: Services) -> None:
    event = {"kind": "event", "category": "job_dating", "coverage": (), "name": "Forum sans date"}
    publish(own, "education", sourced("1", "education", **EDUCATION), sourced("2", "education", **event))
    publish(own, "education", missing=["1"], unchanged=["2"])

    undated, vanished = (curator.get(f"/bureau/file/{queue}?dep=").text for queue in ("sans-date", "disparues"))
    give(curator, "disparues", "plus-tard", vanished, cle="education--1")

    assert "Forum sans date" in undated
    assert "Mission locale du Pays de Fougères" in vanished
    assert counts(curator)["Disparues de leur source"] == 0


def test_a_listing_closed_by_hand_has_not_vanished(curator: FlaskClient, own: Services) -> None:
    by = Curation(author="x", reason="", now=NOW, nonce="", trust=own.trust)

    own.repository.curation.curate([Wish(listing_id="demonstration--cio", topic=Topic.CLOSING, values={"closed": True})], by)

    assert counts(curator)["Disparues de leur source"] == 0


def test_a_partner_that_never_answers_and_a_source_that_says_something_new_come_up(curator: FlaskClient, own: Services) -> None:
    for _ in range(3):
        own.repository.record_response("demonstration--resto", Outcome.SILENT, "", NOW)
    publish(own, "education", sourced("1", "education", **EDUCATION))
    by = Curation(author="x", reason="", now=NOW, nonce="", trust=own.trust)
    own.repository.curation.curate([Wish(listing_id="education--1", topic=Topic.NAME, values={"name": "Corrigé"})], by)
    run = own.repository.start_run("education", [], NOW)
    changed = [sourced("1", "education", **EDUCATION | {"name": "Nouveau"})]
    own.repository.apply(ChangeSet(source="education", run_pk=run, changed=changed, trust=own.trust), NOW)
    own.repository.finish_run(run, "done", {}, [], "", NOW)

    pages = [unescape(curator.get(f"/bureau/file/{queue}").text) for queue in ("sans-reponse", "nouvelles")]

    assert "Restaurant du Nançon" in pages[0]
    assert "Corrigé" in pages[1]
    assert "La source dit autre chose" in curator.get("/bureau/fiches/education--1").text


def test_doubts_of_imports_are_the_administrators_who_can_change_their_mind(
    curator: FlaskClient, keeper: FlaskClient, own: Services
) -> None:
    doubt = Doubt(line=3, field="Âge", value="douze", message="Âge illisible.", level=DoubtLevel.REFUSED, raw={"Âge": "douze"})
    publish(own, "education", doubts=(doubt,))
    before = counts(keeper)["Doutes des imports"]

    after = keeper.get(give(keeper, "doutes", "ignorer").location).text
    left = counts(keeper)["Doutes des imports"]
    give(keeper, "doutes", "annuler", after)

    assert curator.get("/bureau/file/doutes").status_code == 404
    assert "Doutes des imports" not in counts(curator)
    assert (before, left, counts(keeper)["Doutes des imports"]) == (1, 0, 1)


def test_the_journal_tells_who_did_what_and_nothing_of_hidden_listings(
    curator: FlaskClient, keeper: FlaskClient, own: Services
) -> None:
    for listing_id, name in (("demonstration--cio", "CIO corrigé"), ("demonstration--secret", "Secret corrigé")):
        by = Curation(author="Une curatrice", reason="appelé", now=NOW, nonce="", trust=own.trust)
        own.repository.curation.curate([Wish(listing_id=listing_id, topic=Topic.NAME, values={"name": name})], by)

    seen = [unescape(client.get("/bureau/journal").text) for client in (curator, keeper)]

    assert ["CIO corrigé" in page for page in seen] == [True, True]
    assert ["Secret corrigé" in page for page in seen] == [False, True]


def test_the_journal_tells_the_other_decisions_too_each_to_who_may_know_of_it(
    curator: FlaskClient, keeper: FlaskClient, own: Services
) -> None:
    doubt = Doubt(record_id="7", line=7, field="nom", value="?", message="Nom douteux", level=DoubtLevel.DOUBTED, raw={})
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET), doubts=(doubt,))
    give(curator, "doublons", "different", note="deux antennes")
    for listing_id in ("demonstration--cio", "demonstration--secret"):
        own.repository.keep_report(Report(listing_id=listing_id, reason=ReportReason.CONTACT, text="x", nonce=listing_id), NOW)
    for report in own.repository.list_reports(2):
        own.repository.close_report(report.number, NOW, note="rappelé", author="Une collègue")
    give(keeper, "doutes", "ignorer")

    def read(client: FlaskClient, query: str = "") -> str:
        return " ".join(
            unescape(re.sub(r"<[^>]+>", "", client.get(f"/bureau/journal{query}").text)).replace("\u00a0", " ").split()
        )

    seen, whole = read(curator), read(keeper)

    assert "bureau@essai.example : doublon jugé : deux choses" in seen
    assert "deux antennes" in seen
    assert [page.count("erreur signalée traitée") for page in (seen, whole)] == [1, 2]
    assert ["doute d’un import jugé : sans importance" in page for page in (seen, whole)] == [False, True]
    assert "doublon" not in read(curator, "?auteur=Une+coll%C3%A8gue")
    assert "doublon" not in read(curator, f"?jusqua={10**15}")
    assert curator.get(f"/bureau/journal?jusqua={'9' * 17}").status_code == 200


def test_the_second_of_two_curators_does_not_overturn_unknowingly_what_the_first_decided(
    curator: FlaskClient, own: Services
) -> None:
    publish(own, "education", sourced("1", "education", **EDUCATION))
    publish(own, "tableur", sourced("9", "tableur", **SHEET))
    with create_app(own).test_client() as other:
        sign_in(other, add_account(own, Role.BUREAU, "autre@essai.example").email)
        shown = other.get("/bureau/file/doublons?dep=").text
        done = give(curator, "doublons", "different", note="deux antennes")
        undoing = curator.get(done.location).text

        refused = unescape((answer := give(other, "doublons", "meme", shown)).text)

    (pair,) = own.repository.list_pairs(PairState.JUDGED)
    assert answer.status_code == 409
    assert "bureau@essai.example a répondu « deux choses » (deux antennes)" in refused.replace("\u00a0", " ")
    assert (pair.judged_by, pair.judgement) == ("bureau@essai.example", "different")
    assert give(curator, "doublons", "annuler", undoing).status_code == 303


def test_two_administrators_do_not_overturn_each_others_word_on_a_doubt(keeper: FlaskClient, own: Services) -> None:
    doubt = Doubt(line=3, field="Âge", value="douze", message="Âge illisible.", level=DoubtLevel.REFUSED, raw={"Âge": "douze"})
    publish(own, "education", doubts=(doubt,))
    with create_app(own).test_client() as other:
        sign_in(other, add_account(own, Role.ADMINISTRATOR, "autre@essai.example").email)
        shown = other.get("/bureau/file/doutes").text
        give(keeper, "doutes", "ignorer", shown_to_me := keeper.get("/bureau/file/doutes").text)

        answers = [
            give(other, "doutes", "accepter", shown).status_code,
            give(keeper, "doutes", "ignorer", shown_to_me).status_code,
        ]

    assert answers == [409, 303]


def test_undoing_a_check_brings_back_the_one_before_and_undoing_twice_changes_nothing(
    curator: FlaskClient, own: Services
) -> None:
    listing_id, values = "demonstration--cio", {"checked_at": "2025-03-01", "checked_by": "une autre équipe"}
    earlier = Curation(author="Une autre", reason="", now=NOW - timedelta(days=9), nonce="", trust=own.trust)
    own.repository.curation.curate([Wish(listing_id=listing_id, topic=Topic.CHECK, values=values)], earlier)
    done = give(curator, "a-verifier", "verifier", curator.get("/bureau/file/a-verifier?dep=35").text, cle=[listing_id])
    page = curator.get(done.location).text
    checked = own.repository.get_listing(listing_id).record.checked_at

    for _ in range(2):
        give(curator, "a-verifier", "annuler", page)
        give(curator, "a-verifier", "annuler", curator.get(done.location).text)

    record = own.repository.get_listing(listing_id).record
    assert checked == NOW.date()
    assert (str(record.checked_at), record.checked_by) == ("2025-03-01", "une autre équipe")


def test_nobody_undoes_the_check_that_another_made_since(curator: FlaskClient, own: Services) -> None:
    listing_id = "demonstration--cio"
    done = give(curator, "a-verifier", "verifier", curator.get("/bureau/file/a-verifier?dep=35").text, cle=[listing_id])
    values = {"checked_at": NOW.date().isoformat(), "checked_by": "une autre équipe"}
    later = Curation(author="Une autre", reason="sur place", now=NOW, nonce="", trust=own.trust)
    own.repository.curation.curate([Wish(listing_id=listing_id, topic=Topic.CHECK, values=values)], later)

    answer = give(curator, "a-verifier", "annuler", curator.get(done.location).text)

    assert answer.status_code == 409
    assert own.repository.get_listing(listing_id).record.checked_by == "une autre équipe"


@pytest.mark.parametrize(
    ("data", "status"),
    [({"geste": "meme", "cle": "999999"}, 404), ({"geste": "meme", "cle": "x"}, 404), ({"geste": "inconnu", "cle": "1"}, 400)],
)
def test_what_is_not_in_a_queue_or_not_a_gesture_is_refused(curator: FlaskClient, data: dict[str, str], status: int) -> None:
    page = curator.get("/bureau/file/a-verifier?dep=").text
    token = re.findall(r'name="jeton" value="([^"]*)"', page)[-1]

    assert curator.post("/bureau/file/doublons", data={"jeton": token, **data}).status_code == status
    assert curator.get("/bureau/file/inconnue").status_code == 404
