"""Dossiers on the pages: opened, followed step by step, found among many, told when a date has come."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from directory.dossiers import DossierFields
from directory.models.dossiers import AccessKind, DossierState
from directory.models.responses import Outcome
from tests.web.accounts import LYCEE
from tests.web.dossiers.conftest import FIELDS, HTML, School, tokens_of


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
