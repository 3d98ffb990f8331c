"""What is asked is counted, without people: what is kept, what is shown, to whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from directory.errors import DatabaseBusy
from directory.models.accounts import Area, Role
from directory.models.statistics import AskedQuestion, Channel, QuestionCount
from directory.repository.statistics import MOST_WORDS_A_MONTH
from directory.services import Services
from directory.statistics import SMALLEST, first_month, group, scrub, shown_words
from relais.commands import statistics as command
from relais.commands.dossiers import purge_now
from tests.web.accounts import add_account, sign_in
from web import counting, create_app

TODAY = date(2026, 11, 24)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts are written without waiting."""
    monkeypatch.setattr(counting, "_EVERY_S", 0.0)


def count(questions: int, unanswered: int = 0, **key: Any) -> QuestionCount:
    usual: dict[str, Any] = {"month": "2026-11", "channel": Channel.PAGES, "departement": "35", "kind": "", "thematique": ""}
    return QuestionCount(**{**usual, **key}, questions=questions, unanswered=unanswered)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("mission locale", "locale mission"),
        ("logement pour Kevin Dupont 06 12 34 56 78", "logement"),
        ("kevin.dupont@mail.example", ""),
        ("stage cuisine 12 rue des Lilas, Bâtiment B", "stage"),
        ("Mon fils est en fauteuil", ""),
        ("", ""),
        ("<script>logement</script>", "logement"),
        ("logement " * 500, "logement"),
    ],
)
def test_of_a_text_only_the_words_of_the_field_are_kept(typed: str, kept: str) -> None:
    assert set(kept.split()) <= set(scrub(typed).split())
    assert not {"kevin", "dupont", "06", "lilas", "fils", "mail", "b", "script"} & set(scrub(typed).split())
    assert len(scrub(typed)) <= 100


def test_small_groups_are_hidden_and_cannot_be_found_by_subtraction() -> None:
    counts = [count(500, kind="partner"), count(40, kind="event"), count(3, kind="company")]

    shown = {each.value: each.questions for each in group(counts, lambda each: each.kind)}

    assert shown == {"partner": 500, "event": None, "company": None}


@pytest.mark.parametrize(
    ("counts", "questions", "unanswered"),
    [
        # two small groups together would be known from the total of another table
        ({"a": (500, 500), "b": (40, 40), "c": (1, 1), "d": (1, 1)}, [500, None, None, None], [500, None, None, None]),
        ({"a": (500, 0), "b": (6, 0), "c": (6, 0)}, [500, None, None], [0, None, None]),
        # so would the three that a group did not find, or the five that it did
        ({"a": (500, 100), "b": (100, 3)}, [500, 100], [None, None]),
        ({"a": (500, 100), "b": (100, 95), "c": (90, 20)}, [500, 100, 90], [100, None, None]),
        ({"a": (500, 100), "b": (100, 0)}, [500, 100], [100, 0]),
        ({"a": (4, 4)}, [None], [None]),
    ],
)
def test_what_is_hidden_is_not_the_difference_of_what_is_shown(
    counts: dict[str, tuple[int, int]], questions: list[int | None], unanswered: list[int | None]
) -> None:
    found = group([count(*numbers, kind=kind) for kind, numbers in counts.items()], lambda each: each.kind)

    assert ([each.questions for each in found], [each.unanswered for each in found]) == (questions, unanswered)


@pytest.mark.parametrize(("unanswered", "shown"), [(0, 0), (3, None), (10, 10), (90, 90), (95, None), (100, 100)])
def test_few_questions_without_an_answer_or_few_with_one_are_not_told(unanswered: int, shown: int | None) -> None:
    assert group([count(100, unanswered)], lambda each: each.kind)[0].unanswered == shown


def test_words_asked_for_in_vain_are_shown_when_enough_questions_share_them() -> None:
    assert shown_words({"logement": SMALLEST, "stage": SMALLEST - 1}) == [("logement", SMALLEST)]


@pytest.mark.parametrize(("day", "first"), [(TODAY, "2025-11"), (date(2026, 12, 31), "2025-12"), (date(2027, 1, 1), "2026-01")])
def test_a_year_and_a_month_are_kept(day: date, first: str) -> None:
    assert first_month(day) == first


def test_counts_add_up_and_old_ones_are_erased(own: Services) -> None:
    kept, asked = (
        own.repository,
        AskedQuestion(month="2026-11", channel=Channel.API, departement="35", answered=False, words="stage"),
    )
    kept.keep_questions([asked, asked, replace(asked, month="2024-01")], TODAY)
    kept.keep_questions([asked, replace(asked, answered=True, words="")], TODAY)

    assert [(each.month, each.questions, each.unanswered) for each in kept.list_question_counts("2000-01")] == [("2026-11", 4, 3)]
    assert kept.list_unanswered("2000-01") == [("35", "stage", 3)]


def test_old_counts_go_though_nobody_asks_any_more(own: Services) -> None:
    own.repository.keep_questions([AskedQuestion(month="2025-11", channel=Channel.API, answered=True)], TODAY)

    purge_now(replace(own, clock=lambda: datetime(2027, 1, 2, tzinfo=UTC)))

    assert own.repository.list_question_counts("2000-01") == []


def test_nonsense_without_end_fills_nothing(own: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directory.repository.statistics.MOST_WORDS_A_MONTH", 3)
    asked = AskedQuestion(month="2026-11", channel=Channel.API, answered=False)

    own.repository.keep_questions([replace(asked, words=f"mot{n}") for n in range(10)] + [replace(asked, words="mot0")], TODAY)

    assert len(own.repository.list_unanswered("2026-11")) == 3
    assert MOST_WORDS_A_MONTH == 5000


@pytest.mark.usefixtures("at_once")
def test_each_channel_counts_what_was_asked_and_nothing_else(own: Services, profile: dict[str, Any]) -> None:
    client = create_app(own).test_client()

    client.get("/recherche?q=logement&lieu=35300+Foug%C3%A8res&genre=partner")
    client.get("/recherche?q=zzqqxx+logement+Kevin+Dupont&departement=53")
    client.get("/api/v1/recherche?q=cio&theme=mobilite")
    client.get("/widget/recherche?q=cio")
    client.get("/widget/recherche?q=cio&asked=1")
    client.post("/propositions", data=profile)
    client.post("/propositions", data={**profile, "action": "keep demonstration--ml"})

    found = {
        (str(each.channel), each.departement, each.kind, each.thematique): (each.questions, each.unanswered)
        for each in own.repository.list_question_counts("2026-11")
    }
    assert found == {
        ("pages", "35", "partner", ""): (1, 0),
        ("pages", "53", "", ""): (1, 1),
        ("api", "", "", "mobilite"): (1, 1),
        ("widget", "", "", ""): (1, 0),
        ("propositions", "35", "", ""): (1, 0),
    }
    with own.repository._engine.connect() as connection:
        rows = [
            *connection.execute(text("SELECT * FROM question_count")),
            *connection.execute(text("SELECT * FROM unanswered_question")),
        ]
    assert not [row for row in rows if "kevin" in str(row).lower() or "Foug" in str(row)]


def test_a_busy_database_makes_no_answer_fail_and_loses_no_count(own: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_EVERY_S", 0.0)
    client = create_app(own).test_client()
    with monkeypatch.context() as patched:
        patched.setattr(type(own.repository), "keep_questions", busy)
        answered = client.get("/recherche?q=cio")

    client.get("/recherche?q=cio")

    assert answered.status_code == 200
    assert sum(each.questions for each in own.repository.list_question_counts("2026-11")) == 2


def busy(*_: object) -> None:
    raise DatabaseBusy("an import", public="Un import est en cours.")


@pytest.fixture
def asked_often(own: Services) -> Services:
    """A directory of which much was asked."""
    rennes = AskedQuestion(
        month="2026-11", channel=Channel.PAGES, departement="35", kind="partner", answered=False, words="logement"
    )
    paris = AskedQuestion(month="2026-10", channel=Channel.WIDGET, departement="75", kind="event")
    own.repository.keep_questions([rennes] * 1234 + [paris] * 987, TODAY)
    return own


@pytest.mark.parametrize(
    ("role", "scope", "seen", "unseen"),
    [
        (Role.ADMINISTRATOR, {}, ["1\u202f234", "987", "Paris (75)", "logement"], []),
        (Role.ACADEMIE, {Area.ACADEMIE: "Rennes"}, ["1\u202f234", "Ille-et-Vilaine (35)", "logement"], ["987", "Paris (75)"]),
        (Role.ACADEMIE, {Area.ACADEMIE: "Paris"}, ["987", "Paris (75)"], ["1\u202f234", "Ille-et-Vilaine", "logement :"]),
        (Role.ACADEMIE, {Area.ACADEMIE: "Lille"}, ["Rien n’a encore été demandé ici"], ["987", "1\u202f234"]),
    ],
)
def test_each_sees_the_counts_of_its_territory(
    asked_often: Services, role: Role, scope: dict[Area, str], seen: list[str], unseen: list[str]
) -> None:
    client: FlaskClient = create_app(asked_often).test_client()
    account = add_account(asked_often, role, scope=scope)
    sign_in(client, account.email)

    page = client.get("/statistiques").text

    assert [each for each in seen if each not in page] == []
    assert [each for each in unseen if each in page] == []


def test_the_command_tells_the_same(asked_often: Services, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(command, "open_services", lambda: asked_often)

    command.statistics.main(["--departement", "35", "--json"], standalone_mode=False)

    told = json.loads(capsys.readouterr().out)
    assert told["departement"] == [{"value": "35", "questions": 1234, "unanswered": 1234}]
    assert told["unanswered"] == [{"words": "logement", "questions": 1234}]


def test_only_accounts_that_may_see_it_are_let_in(make_app: Callable[..., Any]) -> None:
    assert make_app().test_client().get("/statistiques").status_code in {302, 303, 401}
