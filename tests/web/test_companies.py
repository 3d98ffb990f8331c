"""The companies of a lycée on the pages: by filière, places net of PFMP, exchanges, people; never another lycée's."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.models.accounts import Account, Area, Role
from directory.models.companies import Terms
from directory.models.responses import Outcome
from directory.services import Services
from directory.vocabulary import Visibility
from tests.factories import sourced
from tests.web.accounts import OTHER, add_account, hidden_of, sign_in
from tests.web.conftest import NOW
from tests.web.test_desk import publish
from web import create_app

RESTO = "/bureau/entreprises/demonstration--resto"
PLACES = {"places-du": "2026-11-16", "places-au": "2026-12-18", "places-voie": "internship", "places-nombre": "4"}
STAY = {
    "accueil-du": "2026-11-02", "accueil-au": "2026-11-20", "accueil-voie": "internship", "accueil-nombre": "3",
    "classe": "T CAP cuisine",
}  # fmt: skip
EXCHANGE = {"echange-jour": "2026-11-20", "moyen": "appel", "retour": "accepte", "resume": "d’accord pour quatre"}
PERSON = {"nom": "Dominique Essai", "fonction": "cheffe", "telephone": "01 99 00 01 77", "courriel": "d@essai.example"}
PERSON |= {"but": "accueil", "origine": "donnée au salon"}
HTML = '<b>gras</b> "><script>alert(1)</script>'


@pytest.fixture
def account(people: Services) -> Account:
    return add_account(people, Role.BUREAU)


@pytest.fixture
def bureau(people: Services, account: Account) -> FlaskClient:
    """The pages, as a bureau des entreprises sees them."""
    client = create_app(people).test_client()
    sign_in(client, account.email)
    return client


def send(client: FlaskClient, path: str, **typed: str) -> TestResponse:
    """Fill in a form of a company's page and send it."""
    page = client.get(RESTO).text
    return client.post(path, data={**hidden_of(page), **{name.replace("_", "-"): text for name, text in typed.items()}})


def note(client: FlaskClient, part: str, typed: dict[str, str]) -> TestResponse:
    return client.post(f"{RESTO}/{part}", data={"jeton": hidden_of(client.get(RESTO).text)["jeton"], **typed})


def text_of(page: str) -> str:
    """What is read of a page, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").split())


def test_a_companys_file_is_filled_in_and_read_back(bureau: FlaskClient, people: Services, account: Account) -> None:
    for part, typed in (("places", PLACES), ("accueils", STAY), ("echanges", EXCHANGE), ("contacts", PERSON)):
        answer = note(bureau, part, typed)
        assert answer.location.endswith(f"fait={part}#{part}"), text_of(answer.text)
    note(bureau, "conditions", {"pas-avant": "2026-12-05", "raison": "clôture", "visible": "bassin"})

    page = text_of(bureau.get(RESTO).text)

    assert "Ne pas contacter avant le 5 décembre 2026 : clôture" in page
    assert "du 16 novembre 2026 au 18 décembre 2026 Stage (PFMP) 4 0 4" in page  # the class is gone by now
    assert "T CAP cuisine : 3 élèves" in page
    assert "20 novembre 2026, appel a accepté d’accord pour quatre" in page
    assert "Pour demander un stage ou une immersion. Source : donnée au salon, 24 novembre 2026" in page
    assert people.repository.list_responses("demonstration--resto")[0].accepted == 1
    assert people.repository.companies.get(account, "demonstration--resto").terms == Terms(
        visibility=Visibility.BASSIN, not_before=NOW.date().replace(month=12, day=5), reason="clôture"
    )


def test_places_are_shown_net_of_what_classes_take_from_today_on(bureau: FlaskClient) -> None:
    note(bureau, "places", PLACES)
    note(bureau, "accueils", STAY | {"accueil-au": "2026-12-04"})

    sheet, listed = text_of(bureau.get(RESTO).text), text_of(bureau.get("/bureau/entreprises").text)

    assert "Stage (PFMP) 4 3 1" in sheet
    assert "Places libres jusqu’au 31 décembre 2026 1" in sheet
    assert "Joindre 01 99 00 04 56" in sheet
    assert re.search(r"Restaurant du Nançon Fougères 1 [^·]*?Apprentissage, Stage \(PFMP\)", listed)


@pytest.mark.parametrize(
    ("part", "typed", "message"),
    [
        ("places", PLACES | {"places-au": "2026-11-01"}, "avant le premier"),
        ("places", PLACES | {"places-au": ""}, "Écrivez le dernier jour"),
        ("places", PLACES | {"places-au": "2026-13-45"}, "Écrivez le dernier jour"),
        ("places", PLACES | {"places-au": "2028-11-01"}, "plus d’un an"),
        ("places", PLACES | {"places-du": "1926-11-01"}, "à plus de deux ans"),
        ("places", PLACES | {"places-nombre": "0"}, "de 1 à 1000"),
        ("places", PLACES | {"places-nombre": "٣"}, "de 1 à 1000"),
        ("places", PLACES | {"places-nombre": "9" * 5000}, "de 1 à 1000"),
        ("places", PLACES | {"places-voie": "visit"}, "stage, immersion, apprentissage ou emploi"),
        ("accueils", STAY | {"dossier": "ABCD2345"}, "l’un des deux"),
        ("accueils", STAY | {"classe": ""}, "l’un des deux"),
        ("accueils", STAY | {"classe": "", "dossier": "ABCD2345"}, "Aucun dossier de votre lycée ne porte le code ABCD2345"),
        *(
            ("accueils", STAY | {"classe": name}, "jamais un nom d’élève")
            for name in ("Mme Essai", "camille durand", "Kévin", "Léa, TMELEC", "Mohamed B.", "T CAP cuisine Camille")
        ),
        ("echanges", EXCHANGE | {"echange-jour": "2026-11-25"}, "pas encore eu lieu"),
        ("echanges", EXCHANGE | {"resume": " "}, "ce qui s’est dit"),
        ("echanges", EXCHANGE | {"resume": "x" * 501}, "500 caractères au plus"),
        ("echanges", EXCHANGE | {"retour": "dragon"}, "ce que l’échange a donné"),
        ("contacts", PERSON | {"telephone": "", "courriel": ""}, "un téléphone ou une adresse"),
        ("contacts", PERSON | {"telephone": "12"}, "n’est pas un numéro"),
        ("contacts", PERSON | {"courriel": "d@essai"}, "n’est pas une adresse"),
        ("contacts", PERSON | {"origine": ""}, "d’où viennent"),
        ("contacts", PERSON | {"but": ""}, "pourquoi"),
        ("conditions", {"visible": "dragon"}, "qui voit les places"),
    ],
)
def test_what_cannot_be_noted_is_said_and_given_back(
    bureau: FlaskClient, people: Services, account: Account, part: str, typed: dict[str, str], message: str
) -> None:
    answer = note(bureau, part, typed)

    assert answer.status_code == 422
    assert message in text_of(answer.text)
    kept = [value for name, value in typed.items() if value and not name.endswith(("voie", "retour", "but")) and len(value) < 100]
    assert [value for value in kept if value not in unescape(answer.text) and value != "dragon"] == []
    assert people.repository.companies.list_all(account) == {}


def test_places_that_overlap_are_refused_and_a_form_sent_twice_notes_once(bureau: FlaskClient) -> None:
    page = hidden_of(bureau.get(RESTO).text)
    twice = [bureau.post(f"{RESTO}/places", data={**page, **PLACES}).status_code for _ in range(2)]

    again = note(bureau, "places", PLACES)

    assert (twice, again.status_code) == ([303, 303], 409)
    assert "du 16/11/2026 au 18/12/2026" in text_of(again.text)
    assert text_of(bureau.get(RESTO).text).count("du 16 novembre 2026") == 2  # its row, and what its button takes away


def test_a_stay_that_is_over_asks_for_a_review_which_says_nothing_of_the_student(bureau: FlaskClient) -> None:
    note(bureau, "accueils", STAY)
    waiting = text_of(bureau.get("/bureau/entreprises?vue=avis").text)
    path = re.findall(rf'action="({RESTO}/accueils/\d+)#', bureau.get(RESTO).text)[0]
    form = {"jeton": hidden_of(bureau.get(RESTO).text)["jeton"], "geste": "avis", "avis": "bien"}

    named = bureau.post(path, data={**form, "avis-note": "bien pour Kevin, suivi par un psychologue"})
    done = bureau.post(path, data={**form, "avis-note": "tuteur présent"})

    assert "Avis attendu : 1" in waiting
    assert named.status_code == 422
    assert "jamais de l’élève" in text_of(named.text)
    assert done.location.endswith("fait=avis#accueils")
    assert "bon accueil, noté le 24 novembre 2026 tuteur présent" in text_of(bureau.get(RESTO).text)
    assert "Avis attendu" not in text_of(bureau.get("/bureau/entreprises").text)


def test_the_second_of_two_colleagues_sees_what_the_first_did_and_loses_nothing(bureau: FlaskClient) -> None:
    note(bureau, "accueils", STAY)
    shown = bureau.get(RESTO).text
    terms = {"jeton": hidden_of(shown)["jeton"], "vu": re.findall(r'name="vu" value="([^"]+)"', shown)[0], "visible": "private"}
    review = {**terms, "vu": re.findall(r'name="vu" value="([^"]+)"', shown)[1], "geste": "avis"}
    path = re.findall(rf'action="({RESTO}/accueils/\d+)#', shown)[0]
    bureau.post(f"{RESTO}/conditions", data={**terms, "raison": "premier"})
    bureau.post(path, data={**review, "avis": "bien", "avis-note": "premier"})

    second = bureau.post(f"{RESTO}/conditions", data={**terms, "raison": "second", "pas-avant": "2026-12-05"})
    judged = bureau.post(path, data={**review, "avis": "mal", "avis-note": "second"})
    again = bureau.post(path, data={**review, "avis": "bien", "avis-note": "premier"})

    assert (second.status_code, judged.status_code, again.status_code) == (409, 409, 303)
    assert "Ce qui est noté maintenant : à tout moment (premier)" in text_of(second.text)
    assert 'value="second"' in second.text
    assert "bon accueil, noté le 24 novembre 2026 premier" in text_of(judged.text)
    assert 'value="second"' in judged.text


def test_a_person_is_erased_or_opposes_and_does_not_come_back(bureau: FlaskClient) -> None:
    note(bureau, "contacts", PERSON)
    path = re.findall(rf'action="({RESTO}/contacts/\d+)"', bureau.get(RESTO).text)[0]
    jeton = hidden_of(bureau.get(RESTO).text)["jeton"]

    opposed = bureau.post(path, data={"jeton": jeton, "geste": "opposition"})
    again = note(bureau, "contacts", PERSON | {"nom": "D. Essai", "courriel": ""})

    assert opposed.location.endswith("fait=opposition#contacts")
    assert again.status_code == 422
    assert "s’est opposée le 24/11/2026" in text_of(again.text)
    assert "Dominique" not in bureau.get(RESTO).text
    assert bureau.post(path, data={"jeton": jeton, "geste": "retirer"}).status_code == 404
    assert bureau.post(path, data={"jeton": jeton, "geste": "dragon"}).status_code == 400


def test_markup_in_every_field_is_only_text(bureau: FlaskClient) -> None:
    note(bureau, "conditions", {"visible": "private", "raison": HTML, "pas-avant": "2026-12-05"})
    note(bureau, "echanges", EXCHANGE | {"resume": HTML})
    note(bureau, "contacts", PERSON | {"nom": HTML, "fonction": HTML, "origine": HTML})
    refused = note(bureau, "places", PLACES | {"places-nombre": HTML})

    for page in (bureau.get(RESTO).text, bureau.get("/bureau/entreprises").text, refused.text):
        assert "<script>alert" not in page
        assert "<b>gras" not in page


def test_companies_are_found_by_diploma_filiere_activity_offer_and_name(own: Services) -> None:
    here = {"kind": "company", "category": "entreprise", "coverage": (), "code_departement": "35"}
    publish(
        own,
        "entreprises",
        sourced("1", "entreprises", name="Cantine de la gare", naf="56.10A", **here),
        sourced("2", "entreprises", name="Garage des essais", occupations=("I1606",), **here),
    )
    client = create_app(own).test_client()
    sign_in(client, add_account(own, Role.BUREAU).email)
    resto, canteen, garage = "Restaurant du Nançon", "Cantine de la gare", "Garage des essais"
    cases: list[tuple[dict[str, str], list[str], str]] = [
        ({"formation": "cuisine"}, [resto, canteen], "Commis / Commise de cuisine (G1602)"),
        ({"formation": "G16"}, [resto, canteen], "Domaine G16"),
        ({"formation": "56.10A"}, [canteen], "Activité 56.10A"),
        ({"formation": "carrosserie"}, [garage], "1 entreprise"),
        ({"propose": "apprenticeship"}, [resto], "Apprentissage"),
        ({"mots": "gar"}, [canteen, garage], "2 entreprises"),
        ({"page": "999999999"}, [canteen, garage, resto], "3 entreprises"),
        ({"mots": "nulle part"}, [], "Aucune entreprise ne répond"),
    ]
    wrong = []

    for asked, found, told in cases:
        page = client.get("/bureau/entreprises", query_string={"vue": "annuaire", **asked}).text
        names = re.findall(r'<th scope="row"><a [^>]*>([^<]+)', page)
        if names != found or told not in text_of(page):
            wrong.append((asked, names, text_of(page)[:2000]))

    assert wrong == []


def test_what_names_no_training_is_said(bureau: FlaskClient) -> None:
    answer = bureau.get("/bureau/entreprises?formation=zz%3Cscript%3Eqq&vue=dragon")

    assert answer.status_code == 422
    assert "« zz<script>qq » n’est ni un diplôme, ni une filière" in text_of(answer.text)


def test_what_is_no_company_has_no_file(bureau: FlaskClient) -> None:
    jeton = hidden_of(bureau.get(RESTO).text)["jeton"]

    assert bureau.get("/bureau/entreprises/demonstration--ml").status_code == 404
    assert bureau.get("/bureau/entreprises/rien").status_code == 404
    assert bureau.post(f"{RESTO}/dragon", data={"jeton": jeton}).status_code == 404
    assert bureau.post(f"{RESTO}/places/999", data={"jeton": jeton, "geste": "retirer"}).status_code == 404


def test_nothing_that_a_bureau_keeps_is_on_any_page_of_another_lycee_or_role(bureau: FlaskClient, people: Services) -> None:
    secrets = ("clôture gardée", "résumé gardé", "Dominique", "d@essai.example", "199000177", "T CAP secrète")
    note(bureau, "conditions", {"pas-avant": "2026-12-05", "raison": "clôture gardée", "visible": "public"})
    note(bureau, "places", PLACES)
    note(bureau, "accueils", STAY | {"classe": "T CAP secrète"})
    note(bureau, "echanges", EXCHANGE | {"resume": "résumé gardé"})
    note(bureau, "contacts", PERSON)
    pages = (RESTO, "/bureau/entreprises", "/fiches/demonstration--resto", "/bureau/fiches/demonstration--resto", "/bureau")
    pages += ("/bureau/journal", "/api/v1/fiches/demonstration--resto", "/api/v1/exports", "/bureau/exporter?forme=csv&dep=")
    pages += (
        "/bureau/fiches/demonstration--resto/histoire",
        "/recherche?q=dominique",
        "/suggestions?q=domin",
        "/api/v1/changements",
    )
    leaks = []

    for role in (None, *Role):
        client = create_app(people).test_client()
        if role is not None:
            scope = {Area.LYCEE: OTHER} if role in {Role.BUREAU, Role.REFERENT} else None
            sign_in(client, add_account(people, role, f"{role}2@essai.example", scope).email)
        for path in pages:
            body = client.get(path).get_data().decode(errors="replace")
            leaks += [(role, path, each) for each in secrets if each in unescape(body)]

    assert leaks == []


PASTED = {"eleves": "\n".join(f"A{rank} ; 18 ; 35300 Fougères ; G1602 ; stage" for rank in range(4)), "chacun": "1"}


def served(client: FlaskClient) -> str:
    return re.findall(r"\d élèves? sur 4", text_of(client.post("/cohorte/places", data=PASTED).text))[0]


def test_the_cohort_shares_what_the_bureau_noted_and_only_with_whom_it_shows_it(bureau: FlaskClient, people: Services) -> None:
    visitor, referent = create_app(people).test_client(), create_app(people).test_client()
    sign_in(referent, add_account(people, Role.REFERENT).email)
    before = [served(client) for client in (bureau, referent, visitor)]
    note(bureau, "places", PLACES)
    note(bureau, "accueils", STAY | {"accueil-au": "2026-12-04", "accueil-nombre": "1"})
    private = [served(client) for client in (bureau, referent, visitor)]
    note(bureau, "conditions", {"visible": "public"})
    public = [served(client) for client in (bureau, referent, visitor)]
    note(bureau, "conditions", {"visible": "private", "pas-avant": "2026-12-05"})

    assert before == ["2 élèves sur 4"] * 3  # what the listing declares
    assert private == ["3 élèves sur 4"] * 2 + ["2 élèves sur 4"]
    assert public == ["3 élèves sur 4"] * 3
    assert "Aucune place" in text_of(bureau.post("/cohorte/places", data=PASTED).text)
    assert served(visitor) == "2 élèves sur 4"


def test_proposals_say_the_day_before_which_nobody_calls_to_whom_may_see_it(
    bureau: FlaskClient, people: Services, profile: dict[str, Any]
) -> None:
    said = "Ne pas contacter avant le 5 décembre 2026"
    visitor, referent = create_app(people).test_client(), create_app(people).test_client()
    sign_in(referent, add_account(people, Role.REFERENT).email)
    note(bureau, "conditions", {"visible": "private", "pas-avant": "2026-12-05"})
    private = [said in text_of(client.post("/propositions", data=profile).text) for client in (bureau, referent, visitor)]
    note(bureau, "conditions", {"visible": "public", "pas-avant": "2026-12-05"})

    public = [said in text_of(client.post("/propositions", data=profile).text) for client in (bureau, referent, visitor)]

    kept = {**profile, "keep": ["demonstration--resto"]}
    sheets = [
        text_of(client.post(path, data=kept).text) for client in (referent, visitor) for path in ("/fiche-eleve", "/fiche-suivi")
    ]

    assert [
        each in sheet
        for each, sheet in zip(
            ("N’appelez pas avant le 5 décembre 2026", "Pas avant le 5 décembre 2026") * 2, sheets, strict=True
        )
    ] == [True] * 4
    assert "Scanner pour appeler" not in sheets[0]
    assert (private, public) == ([True, True, False], [True, True, True])
    assert said in text_of(visitor.get("/fiches/demonstration--resto").text)


def test_a_company_that_is_not_to_be_called_leaves_the_queues_that_would_have_it_called(
    bureau: FlaskClient, people: Services
) -> None:
    for _ in range(3):
        people.repository.record_response("demonstration--resto", Outcome.SILENT, "", people.clock())

    def waits() -> list[bool]:
        queues = (bureau.get(f"/bureau/file/{queue}?dep=").text for queue in ("sans-reponse", "a-verifier"))
        return ["Restaurant du Nançon" in text for text in queues]

    before = waits()
    note(bureau, "conditions", {"visible": "private", "pas-avant": "2026-12-05"})

    assert (before, waits()) == ([True, True], [False, False])


def test_a_bureau_of_a_bassin_keeps_its_own_files_and_names_no_dossier_that_is_not_its(people: Services) -> None:
    client = create_app(people).test_client()
    sign_in(client, add_account(people, Role.BUREAU, "bassin@essai.example", {Area.BASSIN: "essai"}).email)

    noted = note(client, "places", PLACES)
    refused = note(client, "accueils", STAY | {"classe": "", "dossier": "ABCD2345"})

    assert (noted.status_code, refused.status_code) == (303, 422)
    assert "1 entreprise" in text_of(client.get("/bureau/entreprises").text)
    assert client.get("/bureau/entreprises?vue=annuaire").status_code == 200
