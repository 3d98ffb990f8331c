"""A campaign from its preview to what is published: pages, letters of a real server, partners without an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.campaigns import KEY, LASTS, digest_of, make_link, make_stop, send_all
from directory.models.accounts import Role
from directory.models.campaigns import Aim
from directory.models.curation import Curation, Topic, Wish
from directory.services import Services
from directory.vocabulary import Kind, Visibility
from tests.factories import sourced
from tests.smtp_server import LetterBox, smtp_server
from tests.web.accounts import add_account, hidden_of, sign_in, token_of
from tests.web.conftest import NOW
from tests.web.test_desk import publish
from web import create_app

ML = "tableur--9"
PARTNER: dict[str, Any] = {
    "name": "Mission locale du Coglais",
    "description": "Accueil.\n\nSans rendez-vous.",
    "age_min": 16,
    "age_max": 25,
    "contacts": (
        {"label": "Accueil", "phone": "+33199000123", "email": "accueil@ml.example"},
        {"label": "Conseillère", "name": "Camille Réservée", "phone": "+33199000199", "visibility": "bassin"},
    ),
}


@pytest.fixture
def box() -> Iterator[LetterBox]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def mailing(own: Services, box: LetterBox) -> Services:
    """The small directory with a mission locale that nobody checked, and a mail server."""
    publish(own, "tableur", sourced("9", "tableur", **PARTNER))
    own.keeper.catch_up()
    settings = replace(own.settings, smtp_url=box.url, smtp_from="relais@essai.example", public_url="http://127.0.0.1")
    return replace(own, settings=settings)


@pytest.fixture
def curator(mailing: Services) -> FlaskClient:
    client = create_app(mailing).test_client()
    sign_in(client, add_account(mailing, Role.BUREAU).email)
    return client


def prepare(client: FlaskClient, gesture: str = "preparer", **typed: Any) -> TestResponse:
    """Fill the form of a campaign in."""
    page = client.get("/bureau/campagnes/nouvelle").text
    form = {"dep": "35", "jours": "365", "nature": ["partner"], "message": "Merci !", **typed}
    return client.post("/bureau/campagnes/nouvelle", data={"jeton": token_of(page), "geste": gesture, **form})


def launch(client: FlaskClient, core: Services) -> str:
    """Prepare, open and send a campaign; the path of its one partner's page."""
    sheet = prepare(client).location
    client.post(f"{sheet}/ouvrir", data={"jeton": token_of(client.get(sheet).text)})
    send_all(core.repository, core.settings, iter_clock(), sleep=lambda _: None)
    return f"/partenaire/{make_link(core.repository.signing_key(KEY), 1, NOW + LASTS)}"


def iter_clock() -> Any:
    moments = iter(range(10_000))
    return lambda: NOW + timedelta(minutes=next(moments))


def corrected(page: str, **changes: str) -> dict[str, Any]:
    """The form of corrections as the page fills it in, with some fields changed (« . » is written « __ »)."""
    form = page[page.rindex("<form") :]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and (" checked" in tag or 'type="checkbox"' not in tag):
            fields.setdefault(unescape(name[1]), []).append(unescape(value[1]) if value else "")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)<', form):
        fields[name] = unescape(text)
    return fields | {name.replace("__", "."): value for name, value in changes.items()} | {"geste": "corriger"}


def decide(client: FlaskClient, gesture: str, **more: Any) -> TestResponse:
    """Press a button of the last form of the answers' page, what is ticked there ticked."""
    page = client.get("/bureau/reponses").text
    form = page[page.rindex("<form") :]
    ticked: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="checkbox"[^>]* name="([^"]+)" value="([^"]*)" checked', form):
        ticked.setdefault(name, []).append(value)
    return client.post("/bureau/reponses", data={**hidden_of(page), **ticked, "geste": gesture, **more})


def test_the_preview_says_whom_and_what_and_writes_nothing(curator: FlaskClient, mailing: Services) -> None:
    page = unescape(prepare(curator, "apercu").text)

    assert "1 lettre partirait" in page
    assert "accueil@ml.example" in page
    assert "Merci !" in page
    assert "Le bureau des entreprises" in page
    assert mailing.repository.campaigns.list_all() == []


def test_no_letter_leaves_before_the_campaign_is_opened(curator: FlaskClient, mailing: Services, box: LetterBox) -> None:
    sheet = prepare(curator).location
    send_all(mailing.repository, mailing.settings, iter_clock(), sleep=lambda _: None)
    before = len(box.letters)

    curator.post(f"{sheet}/ouvrir", data={"jeton": token_of(curator.get(sheet).text)})
    send_all(mailing.repository, mailing.settings, iter_clock(), sleep=lambda _: None)

    assert (before, box.to()) == (0, ["accueil@ml.example"])
    assert "Ouverte" in curator.get(sheet).text


@pytest.mark.parametrize(
    "typed", [{"dep": "29"}, {"dep": "99"}, {"nature": []}, {"nature": ["x"]}, {"jours": "1"}, {"message": "a" * 1001}]
)
def test_what_is_out_of_the_bureaus_reach_or_no_choice_is_refused(curator: FlaskClient, mailing: Services, typed: Any) -> None:
    refused = prepare(curator, **typed)

    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert mailing.repository.campaigns.list_all() == []


def test_a_bureau_sees_its_own_campaigns_only(curator: FlaskClient, mailing: Services) -> None:
    sheet = prepare(curator).location
    other = create_app(mailing).test_client()
    sign_in(other, add_account(mailing, Role.BUREAU, "autre@essai.example").email)
    keeper = create_app(mailing).test_client()
    sign_in(keeper, add_account(mailing, Role.ADMINISTRATOR).email)

    assert [client.get(sheet).status_code for client in (curator, other, keeper)] == [200, 404, 200]


def test_a_partner_that_says_all_is_right_makes_its_listing_checked_by_it_once_a_curator_agrees(
    curator: FlaskClient, mailing: Services
) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    opened = partner.get(path)
    untouched = mailing.repository.answers.list_answers()

    said = partner.post(path, data={"geste": "juste"})
    waiting = unescape(curator.get("/bureau?dep=35").text)
    before = mailing.repository.get_listing(ML).record.checked_by
    decide(curator, "accepter")

    record = mailing.repository.get_listing(ML).record
    assert (opened.status_code, untouched, "Set-Cookie" in opened.headers) == (200, [], False)
    assert said.location.endswith("/partenaire/merci?reponse=juste")
    assert '<span class="relais-queues__count">1</span><a href="/bureau/file/reponses' in waiting
    assert (before, record.checked_by, record.checked_at) == ("", "le partenaire", NOW.date())
    assert "par le partenaire" in unescape(partner.get(f"/fiches/{ML}").text)


def test_a_correction_is_proposed_beside_what_is_published_and_only_what_is_ticked_is_published(
    curator: FlaskClient, mailing: Services
) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    changes = {"nom.valeur": "Mission locale du Nançon", "ages.a": "29", "contacts.phone-0": "01 99 00 09 09"}
    form = corrected(partner.get(path).text) | changes
    partner.post(path, data={**form, "remarque": "Nous avons déménagé."})
    seen = unescape(curator.get("/bureau/reponses").text).replace("\u00a0", " ")

    decide(curator, "accepter", sujet=["nom", "contacts"])

    kept = mailing.repository.get_listing(ML, Visibility.PRIVATE).record
    assert [said for said in (*changes.values(), "Nous avons déménagé.") if said not in seen] == []
    assert "Camille" not in seen
    assert (kept.name, kept.age_max, kept.checked_by) == ("Mission locale du Nançon", 25, "le partenaire")
    assert [(each.phone, each.name) for each in kept.contacts] == [("+33199000909", ""), ("+33199000199", "Camille Réservée")]
    assert mailing.repository.answers.list_answers() == []


def test_an_answer_that_is_set_aside_changes_nothing_and_is_erased(curator: FlaskClient, mailing: Services) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    partner.post(path, data=corrected(partner.get(path).text, nom__valeur="Faux nom"))

    decide(curator, "refuser")

    assert mailing.repository.get_listing(ML).record.name == PARTNER["name"]
    with mailing.repository._engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT content, remark FROM campaign_answer").all()
    assert [tuple(row) for row in kept] == [("{}", "")]


def test_a_topic_that_changed_since_the_curator_looked_is_not_overwritten(curator: FlaskClient, mailing: Services) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    partner.post(path, data=corrected(partner.get(path).text, nom__valeur="Nom proposé"))
    looked = hidden_of(curator.get("/bureau/reponses").text)
    curate(mailing, Topic.NAME, name="Nom d’une collègue")

    refused = curator.post("/bureau/reponses", data={**looked, "sujet": "nom", "geste": "accepter"})
    after = mailing.repository.get_listing(ML).record.name
    decide(curator, "accepter")

    assert refused.status_code == 409
    assert "Relisez" in refused.text
    assert (after, mailing.repository.get_listing(ML).record.name) == ("Nom d’une collègue", "Nom proposé")


def curate(core: Services, topic: Topic, **values: Any) -> None:
    """Another curator states something of the partner's listing."""
    by = Curation(author="autre", reason="", now=NOW, nonce="", trust=core.trust)
    core.repository.curation.curate([Wish(listing_id=ML, topic=topic, values=values)], by)


def test_a_partner_proposes_what_it_changed_and_nothing_that_others_changed_while_it_wrote(
    curator: FlaskClient, mailing: Services
) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    page = partner.get(path).text
    curate(mailing, Topic.AGES, age_min=18, age_max=30)

    sent = corrected(page, nom__valeur="Nom proposé", presentation__valeur="Accueil.\r\n\r\nSans rendez-vous.")
    partner.post(path, data=sent)

    [answer] = mailing.repository.answers.list_answers()
    assert answer.content == {"nom": {"name": "Nom proposé"}}


def test_what_was_accepted_of_an_answer_is_taken_back_by_one_button_and_the_answer_waits_again(
    curator: FlaskClient, mailing: Services
) -> None:
    curate(mailing, Topic.AGES, age_min=18, age_max=30)
    before = mailing.repository.get_listing(ML).record
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    partner.post(path, data=corrected(partner.get(path).text, nom__valeur="Nom proposé", ages__de="16"))
    accepted = decide(curator, "accepter").location
    published = mailing.repository.get_listing(ML).record
    page = curator.get(accepted).text

    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'value="annuler"' in each)
    number = re.findall(r'name="cle" value="(\d+)"', form)
    curator.post("/bureau/reponses", data={**hidden_of(form), "cle": number, "geste": "annuler"})

    record = mailing.repository.get_listing(ML).record
    assert (published.name, published.age_min, published.checked_by) == ("Nom proposé", 16, "le partenaire")
    assert (record.name, record.age_min, record.age_max, record.checked_at) == (before.name, 18, 30, before.checked_at)
    [answer] = mailing.repository.answers.list_answers()
    assert set(answer.content) == {"nom", "ages"}
    assert decide(curator, "accepter").status_code == 303
    assert mailing.repository.get_listing(ML).record.name == "Nom proposé"


def test_an_answer_does_not_take_away_a_check_that_came_after_it(curator: FlaskClient, mailing: Services) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    partner.post(path, data={"geste": "juste"})
    later = NOW.date() + timedelta(days=3)
    curate(mailing, Topic.CHECK, checked_at=later.isoformat(), checked_by="le lycée")

    decide(curator, "accepter")

    record = mailing.repository.get_listing(ML).record
    assert (record.checked_at, record.checked_by) == (later, "le lycée")
    assert mailing.repository.answers.list_answers() == []


def test_a_form_without_a_button_says_nothing_and_the_link_of_a_closed_listing_says_so(
    curator: FlaskClient, mailing: Services
) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()

    robot = [partner.post(path, data=data).status_code for data in ({}, {"geste": "autre"})]
    curate(mailing, Topic.CLOSING, closed=True)
    closed = [partner.get(path), partner.post(path, data={"geste": "juste"})]

    assert robot == [400, 400]
    assert [each.status_code for each in closed] == [410, 410]
    assert "plus dans l’annuaire" in closed[0].text
    assert mailing.repository.answers.list_answers() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"contacts__email-0": "pas une adresse"}, "Contacts"), ({"ages__de": "99", "ages__a": "3"}, "Âges"), ({}, "rien changé"),
     ({"remarque": "x" * 1001}, "1000 caractères")],
)  # fmt: skip
def test_what_cannot_be_understood_comes_back_with_what_was_typed_and_the_link_still_serves(
    curator: FlaskClient, mailing: Services, changes: dict[str, str], said: str
) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()

    refused = partner.post(path, data=corrected(partner.get(path).text, **changes))

    assert refused.status_code == 422
    assert said in unescape(refused.text).replace("\u202f", "").replace("\u00a0", " ")
    assert all(value in unescape(refused.text) for value in changes.values())
    assert partner.get(path).status_code == 200


def test_links_that_served_are_over_or_forged_each_have_their_page(curator: FlaskClient, mailing: Services) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    partner.post(path, data={"geste": "juste"})
    late = create_app(replace(mailing, clock=lambda: NOW + LASTS)).test_client()

    again = [partner.get(path), partner.post(path, data={"geste": "juste"})]
    pages = [*again, late.get(path), partner.get(path[:-2]), partner.get("/partenaire/x")]

    assert [page.status_code for page in pages] == [410] * 5
    assert ["déjà répondu" in pages[0].text, "déjà répondu" in pages[1].text] == [True, True]
    assert "trente jours" in pages[2].text
    assert all("coupé" in page.text for page in pages[3:])
    assert len(mailing.repository.answers.list_answers()) == 1


def test_letters_stop_by_a_button_or_by_the_one_click_of_a_mail_program(curator: FlaskClient, mailing: Services) -> None:
    key, partner = mailing.repository.signing_key(KEY), create_app(mailing).test_client()
    digest = digest_of(key)
    path = f"/partenaire/stop/{make_stop(key, digest('Accueil@ML.example'))}"
    aim = Aim(departement="35", kinds=(Kind.PARTNER,), days=365)

    seen = partner.get(path)
    before = mailing.repository.campaigns.reach(aim, digest, NOW).opposed
    stopped = [partner.post(path, data={"List-Unsubscribe": "One-Click"}) for _ in range(2)]

    assert (seen.status_code, before) == (200, 0)
    assert ["ne recevrez plus" in page.text for page in stopped] == [True, True]
    assert mailing.repository.campaigns.reach(aim, digest, NOW).opposed == 1
    assert partner.post(path[:-1]).status_code == 410


def test_hidden_contacts_and_hostile_text_of_a_listing_stay_harmless_on_the_partners_page(
    curator: FlaskClient, mailing: Services
) -> None:
    path, partner = launch(curator, mailing), create_app(mailing).test_client()
    by = Curation(author="x", reason="", now=NOW, nonce="", trust=mailing.trust)
    mailing.repository.curation.curate([Wish(listing_id=ML, topic=Topic.NAME, values={"name": "<script>alert(1)</script>"})], by)

    page = partner.get(path).text

    assert "<script>alert" not in page
    assert "Camille" not in page
    assert "+33199000199" not in page


def test_without_a_mail_server_a_campaign_is_prepared_and_not_opened(own: Services, mailing: Services) -> None:
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.ADMINISTRATOR).email)
    sheet = prepare(client).location
    page = client.get(sheet).text

    refused = client.post(f"{sheet}/ouvrir", data={"jeton": token_of(page)})

    assert "RELAIS_SMTP_URL" in page
    assert f"{sheet}/ouvrir" not in page
    assert refused.status_code == 409
