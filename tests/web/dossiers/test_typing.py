"""What is typed in a dossier: said beside its field, never lost, never done twice, only ever text."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape
from threading import Barrier

import pytest
from werkzeug.test import TestResponse

from directory.services import Services
from tests.web.accounts import hidden_of, sign_in
from tests.web.dossiers.conftest import FIELDS, HTML, School, tokens_of


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
