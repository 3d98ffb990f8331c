"""Who sees a dossier: never another lycée; handed over, recorded, exported, erased, counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape

from flask.testing import FlaskClient

from directory.dossiers import DossierFields
from directory.models.accounts import Area, Role
from directory.models.dossiers import AccessKind, DossierState, StepState
from directory.services import Services
from relais.commands.dossiers import purge_now
from tests.web.accounts import LYCEE, OTHER, add_account, sign_in
from tests.web.dossiers.conftest import FIELDS, School, tokens_of
from web import create_app


def test_every_route_of_a_dossier_refuses_another_lycee_and_every_other_role(
    school: School, make_school: Callable[..., School]
) -> None:
    code = school.open(note="à nous")
    school.send(f"/dossiers/{code}/demarches", {"partenaire": "Boulangerie"}, f"/dossiers/{code}")
    step = school.step_of(code)
    other = make_school(OTHER, "ailleurs@essai.example")
    before = school.get(code)
    app = other.client.application
    rules = [rule for rule in app.url_map.iter_rules() if "dossier_id" in rule.arguments]
    others = {role: app.test_client() for role in Role if role != Role.REFERENT}
    for role, client in others.items():
        sign_in(client, add_account(school.services, role).email)
    answers: dict[tuple[str, str], int] = {}

    for rule in rules:
        path = rule.build({"dossier_id": code, "step": step} if "step" in rule.arguments else {"dossier_id": code})[1]  # type: ignore[index]
        for method in rule.methods - {"HEAD", "OPTIONS"}:  # type: ignore[operator]
            fields = FIELDS | {"version": "0", "partenaire": "x", "etape": "accepte", "referent": other.account.id}
            jeton = tokens_of(other.client.get("/dossiers/nouveau").text)[-1]
            answer = other.client.open(path, method=method, data=fields | {"jeton": jeton})
            answers[rule.endpoint, method] = answer.status_code
            assert "à nous" not in answer.text
            for client in others.values():
                jeton = tokens_of(client.get("/connexion").text)[-1]
                assert client.open(path, method=method, data=fields | {"jeton": jeton}).status_code == 403

    proposed = other.send("/proposer/demonstration--resto", {"dossier": code}, "/dossiers/nouveau")
    assert len(answers) >= 9
    assert set(answers.values()) == {404}, answers
    assert proposed.status_code == 404
    assert school.get(code) == before
    assert code not in other.client.get("/dossiers").text
    assert code not in other.client.get("/proposer/demonstration--resto").text


def test_a_step_of_another_dossier_is_not_reached_through_mine(school: School, make_school: Callable[..., School]) -> None:
    theirs = school.open()
    school.send(f"/dossiers/{theirs}/demarches", {"partenaire": "Boulangerie"}, f"/dossiers/{theirs}")
    step = school.step_of(theirs)
    other = make_school(OTHER, "ailleurs@essai.example")
    mine = other.open()

    answer = other.send(f"/dossiers/{mine}/demarches/{step}", {"etape": "accepte"}, f"/dossiers/{mine}")

    assert answer.status_code == 404
    assert school.get(theirs)["demarches"][0]["etape"] == StepState.PROPOSED  # type: ignore[index]


def test_a_dossier_is_handed_over_to_a_referent_of_the_lycee_and_to_nobody_else(
    school: School, make_school: Callable[..., School]
) -> None:
    code = school.open()
    colleague = make_school(LYCEE, "collegue@essai.example")
    stranger = make_school(OTHER, "ailleurs@essai.example")

    refused = school.send(f"/dossiers/{code}/transmettre", {"referent": stranger.account.id}, f"/dossiers/{code}")
    given = school.send(f"/dossiers/{code}/transmettre", {"referent": colleague.account.id}, f"/dossiers/{code}")

    assert (refused.status_code, given.status_code) == (422, 303)
    assert 'href="#referent"' in refused.text
    assert "Choisissez un référent de votre lycée" in refused.text
    assert "Suivi par collegue@essai.example" in school.page(code)
    assert code in colleague.client.get("/dossiers?vue=miens").text
    assert code not in school.client.get("/dossiers?vue=miens").text


def test_every_access_is_recorded_and_shown(school: School) -> None:
    code = school.open()
    school.change(code, etat="contacte")
    school.client.get(f"/dossiers/{code}/liaison")
    school.client.get(f"/dossiers/{code}/export.json")
    school.client.get("/dossiers")
    page = school.page(code)
    school.send(f"/dossiers/{code}/effacer", {})

    kinds = {each.kind for each in school.services.repository.dossiers.read_journal(LYCEE)}
    assert {"opened", "read", "changed", "printed", "exported", "listed", "erased"} <= {kind.name.lower() for kind in kinds}
    assert "fiche de liaison affichée, referent@essai.example" in page


def test_a_dossier_is_exported_whole_as_it_is_kept(school: School) -> None:
    code = school.open(note="rappeler lundi")
    school.send("/proposer/demonstration--resto", {"dossier": code})

    answer = school.client.get(f"/dossiers/{code}/export.json")

    assert answer.json == school.get(code) | {"acces": answer.json["acces"]}
    assert [each["quoi"] for each in answer.json["acces"]][-2:] == ["démarche notée ou retirée", "dossier ouvert"]
    assert "essai.example" not in answer.text
    assert answer.json["note"] == "rappeler lundi"
    assert answer.json["demarches"][0]["fiche"] == "demonstration--resto"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_erased_dossier_is_gone_from_the_very_file_of_the_database(school: School) -> None:
    mark = "marque-unique-de-la-note"
    code = school.open(note=mark)
    folder = school.services.settings.data
    written = any(mark.encode() in path.read_bytes() for path in folder.glob("relais.sqlite3*"))

    erased = school.send(f"/dossiers/{code}/effacer", {})

    assert written
    assert erased.status_code == 303
    assert school.client.get(f"/dossiers/{code}").status_code == 404
    assert not any(mark.encode() in path.read_bytes() for path in folder.glob("relais.sqlite3*"))


def test_a_dossier_deletes_itself_and_is_not_shown_from_its_day_on(people: Services, make_school: Callable[..., School]) -> None:
    moments = [people.clock()]
    services = replace(people, clock=lambda: moments[0])
    school = make_school(services=services)
    code = school.open()
    repository = services.repository
    early = purge_now(services)
    moments[0] = moments[0].replace(year=2027, month=4, day=1)
    sign_in(school.client, school.account.email)

    hidden = school.client.get(f"/dossiers/{code}").status_code
    purged, again = purge_now(services), purge_now(services)

    assert (early, hidden, purged, again) == (0, 404, 1, 0)
    assert AccessKind.PURGED in {each.kind for each in repository.dossiers.read_journal(LYCEE)}
    moments[0] = moments[0].replace(year=2028, month=6)
    purge_now(services)
    assert repository.dossiers.read_journal(LYCEE) == []


def test_counts_are_shown_above_a_minimum_group_and_only_to_whom_they_are_for(people: Services) -> None:
    kept, now = people.repository.dossiers, people.clock()
    here, there = (
        add_account(people, Role.REFERENT, f"{uai}@essai.example".lower(), {Area.LYCEE: uai}) for uai in (LYCEE, OTHER)
    )
    for each in range(12):
        fields = DossierFields(state=DossierState.ENROLLED if each < 6 else DossierState.SPOTTED, born="")
        kept.open(here, fields, f"a{each}", now, 3)
    for each in range(4):
        kept.open(there, DossierFields(state=DossierState.SOLVED), f"b{each}", now, 3)
    viewers = {
        "rennes": add_account(people, Role.ACADEMIE, "rennes@essai.example", {Area.ACADEMIE: "Rennes"}),
        "lille": add_account(people, Role.ACADEMIE, "lille@essai.example", {Area.ACADEMIE: "Lille"}),
        "admin": add_account(people, Role.ADMINISTRATOR),
        "small": there,
    }
    pages = {}
    for name, account in viewers.items():
        client = create_app(people).test_client()
        sign_in(client, account.email)
        pages[name] = re.sub(r"\s+", " ", client.get("/effectifs").text)

    assert "<td>12</td><td>0</td><td>6</td><td>6</td><td>0</td>" in pages["rennes"].replace("</td> <td>", "</td><td>")
    assert "<td>16</td>" not in pages["rennes"] + pages["admin"]
    assert "Académie : Rennes" in pages["admin"].replace("\xa0", " ")
    assert "Académie" not in pages["rennes"]
    assert "automne 2026" in pages["rennes"]
    assert "pas encore assez" in pages["lille"]
    assert "pas encore assez" in pages["small"]


def test_the_notice_needs_no_account_and_says_how_long_things_are_kept(client: FlaskClient) -> None:
    page = client.get("/notice-parcours").text

    assert "3 mois après" in unescape(page).replace("\xa0", " ")
    assert "gardé 12 mois" in unescape(page).replace("\xa0", " ")


def test_the_sheet_for_the_mission_locale_leaves_the_name_to_the_paper(school: School) -> None:
    code = school.open(note="secret de la note")
    school.send("/proposer/demonstration--resto", {"dossier": code})

    page = school.client.get(f"/dossiers/{code}/liaison").text

    assert "Restaurant du Nançon" in page
    assert "03/2009" in page
    assert "secret de la note" not in page
    assert date(2026, 11, 24) == school.services.clock().date()
