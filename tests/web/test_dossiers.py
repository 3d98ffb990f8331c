"""Dossiers on the pages: opened, followed, handed over, erased; never another lycée's; nothing typed is lost or done twice."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from html import unescape
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.dossiers import DossierFields
from directory.models.accounts import Account, Area, Role
from directory.models.dossiers import AccessKind, DossierState, StepState
from directory.models.responses import Outcome
from directory.services import Services
from relais.commands.dossiers import purge_now
from tests.web.accounts import LYCEE, OTHER, add_account, hidden_of, sign_in
from web import create_app
from web.pages.dossier_acts import dossier_to_json

FIELDS = {"etat": "repere", "diplome": "non-obtenu", "naissance": "03/2009", "metier": "cuisinier", "note": "", "rappel": ""}
HTML = '<b>gras</b> "><script>alert(1)</script>'


@dataclass
class School:
    """A lycée with its référent at a browser, and what tests do there."""

    services: Services
    account: Account
    client: FlaskClient

    def open(self, **fields: str) -> str:
        answer = self.send("/dossiers/nouveau", FIELDS | fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].split("/")[2].partition("?")[0]

    def send(self, path: str, fields: dict[str, str], form_at: str = "") -> TestResponse:
        """Fill a form in and send it, with the token that its page gives."""
        page = self.client.get(form_at or path)
        return self.client.post(path, data=fields | {"jeton": tokens_of(page.text)[-1]})

    def page(self, code: str) -> str:
        return self.client.get(f"/dossiers/{code}").text

    def change(self, code: str, **fields: str) -> TestResponse:
        version = re.findall(r'name="version" value="(\d*)"', self.page(code))[0]
        return self.send(f"/dossiers/{code}", FIELDS | {"version": version} | fields)

    def step_of(self, code: str) -> int:
        return int(re.findall(rf"/dossiers/{code}/demarches/(\d+)", self.page(code))[-1])

    def get(self, code: str) -> dict[str, object]:
        return dossier_to_json(self.services.repository.dossiers.get(self.account, code, self.services.clock()))


def tokens_of(page: str) -> list[str]:
    return re.findall(r'name="jeton" value="([^"]*)"', page)


@pytest.fixture
def make_school(people: Services) -> Callable[..., School]:
    def make(uai: str = LYCEE, email: str = "referent@essai.example", services: Services = people) -> School:
        account = services.repository.accounts.find_by_email(email) or add_account(
            services, Role.REFERENT, email, {Area.LYCEE: uai}
        )
        client = create_app(services).test_client()
        sign_in(client, account.email)
        return School(services, account, client)

    return make


@pytest.fixture
def school(make_school: Callable[..., School]) -> School:
    return make_school()


def test_a_dossier_passes_from_spotted_to_a_solution(school: School) -> None:
    code = school.open()
    for state in ("contacte", "entretien", "volontaire", "inscrit", "solution"):
        assert school.change(code, etat=state).status_code == 303

    kept = school.get(code)
    page = school.page(code)

    assert {name: kept[name] for name in ("etat", "naissance", "diplome", "filiere", "entretien_le", "inscrit_le")} == {
        "etat": "solution",
        "naissance": "2009-03",
        "diplome": "non-obtenu",
        "filiere": "G16",
        "entretien_le": "2026-11-24",
        "inscrit_le": "2026-11-24",
    }
    assert kept["effacement_le"] == "2027-04-01"
    assert "A une solution" in page


def test_the_cohort_shows_who_has_nothing_yet_which_minors_have_no_solution_and_who_is_past_a_date(school: School) -> None:
    nothing = school.open(naissance="")
    minor = school.open(etat="non-volontaire")
    late = school.open(naissance="", rappel="2026-11-01", etat="solution")

    def shown(view: str) -> set[str]:
        return set(re.findall(r'href="/dossiers/([A-Z0-9]{8})"', school.client.get(f"/dossiers?vue={view}").text))

    assert shown("") == {nothing, minor, late} == shown("miens")
    assert (shown("rien"), shown("mineurs"), shown("dates")) == ({nothing}, {minor}, {late})


def test_a_view_that_does_not_exist_shows_everyone(school: School) -> None:
    code = school.open()

    page = school.client.get("/dossiers?vue=inconnue").text

    assert f'href="/dossiers/{code}"' in page
    assert "Aucun dossier" not in page


def test_a_note_far_too_long_is_refused_for_that_alone(school: School) -> None:
    refused = school.send("/dossiers/nouveau", FIELDS | {"note": "a@" * 20_000})

    assert refused.status_code == 422
    assert "1000 caractères au plus" in refused.text
    assert "ressemble" not in refused.text


def test_an_answer_of_a_partner_feeds_the_response_history_once_and_moves_with_it(school: School) -> None:
    code, repository = school.open(), school.services.repository
    for _ in range(2):
        school.send("/proposer/demonstration--resto", {"dossier": code})
    step = f"/dossiers/{code}/demarches/{school.step_of(code)}"

    def counted() -> list[tuple[str, int, int, int]]:
        found = repository.list_responses("demonstration--resto")
        return [(each.filiere, each.accepted, each.declined, each.silent) for each in found]

    for _ in range(2):
        school.send(step, {"etape": "refuse"}, f"/dossiers/{code}")
    refused = counted()
    school.send(step, {"etape": "accepte"}, f"/dossiers/{code}")
    accepted = counted()
    school.send(step, {"etape": "contacte"}, f"/dossiers/{code}")

    assert len(school.get(code)["demarches"]) == 1  # type: ignore[arg-type]
    assert refused == [("G16", 0, 1, 0)]
    assert accepted == [("G16", 1, 0, 0)]
    assert counted() == [("G16", 0, 0, 0)]
    assert Outcome.ACCEPTED == "accepte"


def test_a_closed_listing_is_proposed_to_nobody(school: School) -> None:
    code = school.open()
    jeton = tokens_of(school.client.get("/proposer/demonstration--resto").text)[-1]
    with closing(sqlite3.connect(school.services.settings.data / "relais.sqlite3")) as database, database:
        database.execute("UPDATE listing SET closed_at = '2026-11-20 10:00:00.000000' WHERE id = 'demonstration--resto'")

    refused = school.client.post("/proposer/demonstration--resto", data={"dossier": code, "jeton": jeton})

    assert refused.status_code == 422
    assert "Cette fiche est fermée" in refused.text
    assert school.get(code)["demarches"] == []
    assert "Proposer à un élève" not in school.client.get("/fiches/demonstration--resto").text


def test_what_was_counted_stays_counted_when_the_dossier_is_erased(school: School) -> None:
    code = school.open()
    school.send("/proposer/demonstration--resto", {"dossier": code})
    school.send(f"/dossiers/{code}/demarches/{school.step_of(code)}", {"etape": "accepte"}, f"/dossiers/{code}")

    school.send(f"/dossiers/{code}/effacer", {})

    assert school.services.repository.list_responses("demonstration--resto")[0].accepted == 1


def test_reminders_that_have_come_are_told_on_every_page_to_who_follows_the_student(
    school: School, make_school: Callable[..., School]
) -> None:
    colleague = make_school(LYCEE, "collegue@essai.example")
    for day in ("2026-11-24", "01/11/2026", "2026-11-25", ""):
        school.open(rappel=day)

    mine, theirs = (re.sub(r"<[^>]+>", "", each.client.get("/recherche").text) for each in (school, colleague))

    assert "Mes élèves (2 rappels)" in mine
    assert "Mes élèves\n" in theirs


def test_the_trade_that_is_looked_for_is_told_in_words(school: School) -> None:
    code = school.open(metier="cuisinier")

    assert "G16 (chef de cuisine, commis de cuisine…)" in school.page(code)
    assert "G16 (chef de cuisine" in school.client.get(f"/dossiers/{code}/liaison").text


def test_a_reminder_is_written_as_the_french_write_dates(school: School) -> None:
    code = school.open(rappel="15/12/2026")

    assert school.get(code)["rappel_le"] == "2026-12-15"


def test_a_step_noted_by_mistake_is_taken_away_with_what_was_counted_of_it(school: School) -> None:
    code = school.open()
    school.send("/proposer/demonstration--resto", {"dossier": code})
    step = f"/dossiers/{code}/demarches/{school.step_of(code)}"
    school.send(step, {"etape": "accepte"}, f"/dossiers/{code}")

    answers = [school.send(step, {"etape": "retirer"}, f"/dossiers/{code}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert school.get(code)["demarches"] == []
    assert [each.accepted for each in school.services.repository.list_responses("demonstration--resto")] == [0]


def test_a_step_taken_away_is_gone_from_the_very_file_of_the_database(school: School) -> None:
    mark = "marque-unique-de-la-demarche"
    code = school.open()
    school.send(f"/dossiers/{code}/demarches", {"partenaire": mark}, f"/dossiers/{code}")
    step = f"/dossiers/{code}/demarches/{school.step_of(code)}"

    school.send(step, {"etape": "retirer"}, f"/dossiers/{code}")

    assert not any(mark.encode() in path.read_bytes() for path in school.services.settings.data.glob("relais.sqlite3*"))


def test_erasing_and_handing_over_twice_is_doing_it_once(school: School, make_school: Callable[..., School]) -> None:
    colleague = make_school(LYCEE, "collegue@essai.example")
    code = school.open()
    given = {"referent": colleague.account.id}
    over = [school.send(f"/dossiers/{code}/transmettre", given, f"/dossiers/{code}").status_code for _ in range(2)]
    erased = {"jeton": tokens_of(school.client.get(f"/dossiers/{code}/effacer").text)[-1]}

    gone = [school.client.post(f"/dossiers/{code}/effacer", data=erased) for _ in range(2)]

    assert (over, [each.status_code for each in gone]) == ([303, 303], [303, 303])
    kinds = [each.kind for each in school.services.repository.dossiers.read_journal(LYCEE)]
    assert (kinds.count(AccessKind.HANDED_OVER), kinds.count(AccessKind.ERASED)) == (1, 1)


def test_the_students_of_a_large_lycee_are_shown_by_pages_and_found_by_their_code(school: School) -> None:
    kept, fields = school.services.repository.dossiers, DossierFields(state=DossierState.SPOTTED)
    codes = {kept.open(school.account, fields, f"n{each}", school.services.clock(), 3) for each in range(120)}

    pages = [school.client.get(f"/dossiers?vue=rien&page={page}").text for page in (1, 2, 3)]
    shown = [set(re.findall(r'href="/dossiers/([A-Z0-9]{8})"', page)) for page in pages]
    one = min(codes)
    found = school.client.get("/dossiers", query_string={"code": f" {one.lower()[:4]} {one.lower()[4:]}"})
    beginning = school.client.get("/dossiers", query_string={"code": one[:7]}).text
    none = school.client.get("/dossiers?code=0000").text

    assert [len(each) for each in shown] == [50, 50, 20]
    assert set.union(*shown) == codes
    assert "du 51e au 100e" in pages[1]
    assert 'rel="prev"' not in pages[0]
    assert 'rel="next"' not in pages[2]
    assert found.headers["Location"] == f"/dossiers/{one}"
    assert f'href="/dossiers/{one}"' in beginning
    assert "Aucun dossier de votre lycée ne commence par" in none
    for odd in ("0", "-3", "9999999999999999999999", "x", "4"):
        assert school.client.get(f"/dossiers?page={odd}").status_code == 200


def test_a_lycee_that_has_all_the_dossiers_it_may_is_told_so_and_loses_nothing(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = school.open()
    monkeypatch.setattr("directory.repository.dossiers.MOST_OPEN", 1)
    monkeypatch.setattr("directory.repository.dossiers.MOST_STEPS", 0)

    full = school.send("/dossiers/nouveau", FIELDS | {"note": "à garder"})
    stepped = school.send(f"/dossiers/{code}/demarches", {"partenaire": "Boulangerie"}, f"/dossiers/{code}")
    proposed = school.send("/proposer/demonstration--resto", {"dossier": code})

    assert [each.status_code for each in (full, stepped, proposed)] == [422, 422, 422]
    assert "à garder</textarea>" in full.text
    assert "le plus qu’il peut" in full.text
    assert 'value="Boulangerie"' in stepped.text
    assert "retirez celles" in stepped.text
    assert "retirez celles" in proposed.text


def test_a_partner_outside_the_directory_is_noted_and_a_person_is_not(school: School) -> None:
    code = school.open()

    person = school.send(f"/dossiers/{code}/demarches", {"partenaire": "Mme Essai 06 12 34 56 78"}, f"/dossiers/{code}")
    empty = school.send(f"/dossiers/{code}/demarches", {"partenaire": "  "}, f"/dossiers/{code}")
    long = school.send(f"/dossiers/{code}/demarches", {"partenaire": "x" * 201}, f"/dossiers/{code}")
    kept = school.send(f"/dossiers/{code}/demarches", {"partenaire": HTML}, f"/dossiers/{code}")

    assert [each.status_code for each in (person, empty, long, kept)] == [422, 422, 422, 303]
    assert 'value="Mme Essai 06 12 34 56 78"' in person.text
    assert "<script>alert" not in school.page(code)
    assert "&lt;b&gt;gras" in school.page(code)


def test_a_note_with_a_name_or_health_is_asked_to_be_read_again_and_kept_as_typed(school: School) -> None:
    note = "Vu avec Kevin, en traitement"

    asked = school.send("/dossiers/nouveau", FIELDS | {"note": note})
    sent = hidden_of(asked.text) | FIELDS | {"note": note, "relu": "1"}
    kept = school.client.post("/dossiers/nouveau", data=sent)

    assert asked.status_code == 422
    assert "« Kevin » ressemble à un nom" in unescape(asked.text).replace("\xa0", " ")
    assert note in unescape(asked.text)
    assert kept.status_code == 303


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("naissance", "12/05/2009", "mois et l’année seulement"),
        ("metier", "zzqqxxyy", "pas un métier connu"),
        ("rappel", "2026-02-31", "n’existe pas"),
        ("rappel", "31/02/2026", "l’écrire comme 24/11/2026"),
        ("rappel", "2036-01-01", "un an d’ici"),
        ("etat", "dragon", "où en est"),
        ("diplome", "", "Choisissez une réponse"),
        ("note", "x" * 1001, "1000 caractères au plus"),
    ],
)
def test_what_cannot_be_understood_is_said_beside_its_field_and_the_rest_is_kept(
    school: School, field: str, text: str, message: str
) -> None:
    typed = FIELDS | {"note": "à garder"} | {field: text}

    refused = school.send("/dossiers/nouveau", typed)

    assert refused.status_code == 422
    assert message in refused.text
    assert f'id="{field}-message"' in refused.text
    if field != "note":
        assert "à garder" in refused.text
    assert school.services.repository.dossiers.list_all(school.account, school.services.clock()) == []


def test_markup_in_a_note_is_only_text_on_every_page(school: School) -> None:
    code = school.open(note=HTML, relu="1")

    for path in (f"/dossiers/{code}", f"/dossiers/{code}/liaison", "/dossiers", f"/dossiers/{code}/effacer"):
        page = school.client.get(path).text
        assert "<script>alert" not in page
        assert "<b>gras" not in page
    assert unescape(school.page(code)).count(HTML) == 1


def test_a_form_sent_twice_is_one_thing(school: School) -> None:
    sent = FIELDS | {"jeton": tokens_of(school.client.get("/dossiers/nouveau").text)[-1]}

    first, second = (school.client.post("/dossiers/nouveau", data=sent) for _ in range(2))
    code = first.headers["Location"].split("/")[2].partition("?")[0]
    step = {"partenaire": "Boulangerie", "jeton": tokens_of(school.page(code))[-1]}
    for _ in range(2):
        school.client.post(f"/dossiers/{code}/demarches", data=step)
    changed = FIELDS | {"etat": "contacte", "version": "0", "jeton": tokens_of(school.page(code))[0]}
    twice = [school.client.post(f"/dossiers/{code}", data=changed).status_code for _ in range(2)]

    assert first.headers["Location"] == second.headers["Location"]
    assert len(school.services.repository.dossiers.list_all(school.account, school.services.clock())) == 1
    assert len(school.get(code)["demarches"]) == 1  # type: ignore[arg-type]
    assert twice == [303, 303]


def test_what_several_send_at_the_same_moment_is_done_once_and_nobody_writes_over_another(
    school: School, make_school: Callable[..., School]
) -> None:
    code = school.open()
    other = [make_school() for _ in range(4)]
    jeton = {"jeton": tokens_of(school.client.get("/dossiers/nouveau").text)[-1]}
    versions = [hidden_of_change(each.page(code)) for each in other]
    proposals = [tokens_of(each.client.get("/proposer/demonstration--resto").text)[-1] for each in other]
    start = Barrier(4)

    def together(send: Callable[[int], TestResponse]) -> list[int]:
        def at_once(rank: int) -> int:
            start.wait()
            return send(rank).status_code

        with ThreadPoolExecutor(4) as pool:
            return sorted(pool.map(at_once, range(4)))

    proposed = together(
        lambda rank: other[rank].client.post("/proposer/demonstration--resto", data={"dossier": code, "jeton": proposals[rank]})
    )
    changed = together(
        lambda rank: other[rank].client.post(f"/dossiers/{code}", data=FIELDS | versions[rank] | {"note": f"n{rank}"})
    )
    step = f"/dossiers/{code}/demarches/{school.step_of(code)}"
    answered = together(
        lambda rank: other[rank].client.post(step, data={"etape": "accepte", "jeton": versions[rank]["jeton"]}, buffered=True)
    )
    with ThreadPoolExecutor(4) as pool:
        copies = [app.test_client() for app in [school.client.application] * 4]
        for copy in copies:
            copy.set_cookie("relais", school.client.get_cookie("relais").value)  # type: ignore[union-attr]
        opened = set(pool.map(lambda each: each.post("/dossiers/nouveau", data=FIELDS | jeton).headers["Location"], copies))

    assert (proposed, changed, answered) == ([303] * 4, [303, 409, 409, 409], [303] * 4)
    assert len(opened) == 1
    assert len(school.get(code)["demarches"]) == 1  # type: ignore[arg-type]
    assert [each.accepted for each in school.services.repository.list_responses("demonstration--resto")] == [1]


def test_a_second_tab_does_not_write_over_the_first_and_loses_nothing(school: School) -> None:
    code = school.open()
    first = hidden_of_change(school.page(code))
    second = hidden_of_change(school.page(code))

    school.client.post(f"/dossiers/{code}", data=FIELDS | first | {"note": "premier onglet"})
    refused = school.client.post(f"/dossiers/{code}", data=FIELDS | second | {"note": "second onglet"})
    again = school.client.post(f"/dossiers/{code}", data=FIELDS | hidden_of_change(refused.text) | {"note": "les deux"})

    assert refused.status_code == 409
    assert "premier onglet" in refused.text
    assert "second onglet</textarea>" in refused.text
    assert again.status_code == 303
    assert school.get(code)["note"] == "les deux"


def hidden_of_change(page: str) -> dict[str, str]:
    version = re.findall(r'name="version" value="(\d*)"', page)[0]
    return {"version": version, "jeton": tokens_of(page)[0]}


def test_a_session_that_is_over_loses_no_note(school: School, make_school: Callable[..., School]) -> None:
    code = school.open()
    page = school.page(code)
    school.client.post("/deconnexion", data=hidden_of(school.client.get("/connexion").text))

    lost = school.client.post(f"/dossiers/{code}", data=FIELDS | hidden_of_change(page) | {"note": "dix minutes de saisie"})
    sign_in(school.client, school.account.email)
    again = school.client.post(f"/dossiers/{code}", data=hidden_of(lost.text))
    kept = school.client.post(f"/dossiers/{code}", data=hidden_of(again.text))

    assert (lost.status_code, again.status_code, kept.status_code) == (401, 422, 303)
    assert re.findall(r"<dt>(.+?)</dt><dd>(.+?)</dd>", lost.text) == [
        ("Où en est-on", "repéré"),
        ("Diplôme préparé", "non obtenu"),
        ("Mois de naissance", "03/2009"),
        ("Métier ou domaine visé", "cuisinier"),
        ("Note", "dix minutes de saisie"),
    ]
    assert school.get(code)["note"] == "dix minutes de saisie"


def test_an_expired_token_writes_nothing_and_keeps_the_text(people: Services, make_school: Callable[..., School]) -> None:
    moments = [people.clock()]
    school = make_school(services=replace(people, clock=lambda: moments[0]))
    code = school.open()
    old = hidden_of_change(school.page(code))
    for _ in range(10):
        moments[0] += timedelta(minutes=25)
        school.client.get("/dossiers")

    answer = school.client.post(f"/dossiers/{code}", data=FIELDS | old | {"note": "tardive"})

    assert answer.status_code == 422
    assert "tardive" in answer.text
    assert school.get(code)["note"] == ""


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
