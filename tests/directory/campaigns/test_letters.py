"""Letters of a campaign: what they say, at what pace they leave, what a server does to them, who gets none."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from directory.campaigns import KEY, digest_of, open_link, open_stop, send_all, send_one
from directory.models.accounts import Area, Role
from directory.models.campaigns import CampaignState, LetterState
from directory.models.companies import Terms
from directory.repository import Repository
from directory.repository.campaigns import ASKED_AGAIN_AFTER
from directory.repository.letters import HANDING_OVER, REMIND_AFTER, RETRY_AFTER
from directory.settings import Settings
from tests.directory.campaigns.conftest import AIM, SAID, Clock, Open, links_of, settings_for
from tests.directory.conftest import NOW, Publish
from tests.factories import sourced
from tests.serving import free_port
from tests.smtp_server import LetterBox


def states(repository: Repository, number: int) -> dict[LetterState, int]:
    """How many letters of a campaign are in each state, without the empty ones."""
    return {state: count for state, count in repository.campaigns.get(number).letters.items() if count}


def test_a_letter_is_plain_text_that_says_why_by_whom_and_how_to_stop(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    opened("accueil@un.example", "accueil@un.example")

    send_all(repository, settings, clock, sleep=clock.sleep)

    [letter] = box.letters
    text = letter.get_content()
    assert (letter["To"], letter["From"], letter["Reply-To"]) == (
        "accueil@un.example", "Relais <relais@essai.example>", SAID["reply_to"],
    )  # fmt: skip
    assert letter.get_content_type() == "text/plain"
    # mail programs read these lines as they came: folded or encoded, the one click is lost
    assert re.search(rb"\r\nList-Unsubscribe: <https://relais\.example/partenaire/stop/[\w.-]+>\r\n", box.sent[0])
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in box.sent[0]
    assert str(letter["Message-ID"]).endswith("@essai.example>")
    assert [said in text for said in ("Partenaire 0", "Partenaire 1", SAID["message"], SAID["signed"], "24 décembre 2026")] == [
        True
    ] * 5
    assert len(set(re.findall(r"https?://\S+", text))) == 3  # two listings, one stop: nothing else, no tracker
    assert str(letter["List-Unsubscribe"]) == f"<https://relais.example/partenaire/stop/{links_of(box)[-1]}>"


def test_letters_leave_at_the_pace_that_is_set_and_once(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example", "b@un.example", "c@un.example")

    done = send_all(repository, settings, clock, sleep=clock.sleep)
    again = send_all(repository, settings, clock, sleep=clock.sleep)

    assert box.to() == ["a@un.example", "b@un.example", "c@un.example"]
    assert clock.now - NOW == timedelta(seconds=9)  # twenty a minute
    assert (done, again.total(), states(repository, number)) == ({LetterState.SENT: 3}, 0, {LetterState.SENT: 3})


def test_nothing_leaves_before_a_campaign_is_opened_nor_after_it_is_stopped(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example", "b@un.example")
    send_one(repository, settings, clock)

    repository.campaigns.set_state(number, CampaignState.STOPPED)
    clock.sleep(3600)
    send_all(repository, settings, clock, sleep=clock.sleep)

    assert box.to() == ["a@un.example"]


def test_a_crash_while_a_letter_is_handed_over_sends_it_no_second_time(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example", "b@un.example")
    repository.campaigns.claim(NOW, timedelta(0))  # and the process dies here

    clock.now += HANDING_OVER + timedelta(seconds=1)
    send_all(repository, settings, clock, sleep=clock.sleep)

    assert box.to() == ["b@un.example"]
    assert states(repository, number) == {LetterState.UNCERTAIN: 1, LetterState.SENT: 1}


def test_several_processes_send_each_letter_once(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings
) -> None:
    opened(*(f"a{rank}@un.example" for rank in range(8)))
    moments = iter(NOW + timedelta(seconds=60 * rank) for rank in range(1000))
    lock = threading.Lock()

    def now() -> datetime:
        with lock:
            return next(moments)

    def work() -> None:
        for _ in range(6):
            send_one(repository, settings, now)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(box.to()) == sorted(set(box.to()))
    assert len(box.to()) == 8


def test_a_server_that_is_down_loses_nothing(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    number = opened("a@un.example")
    down = settings_for(box, tmp_path, f"smtp://127.0.0.1:{free_port()}")

    for _ in range(48):  # a day
        send_all(repository, down, clock, sleep=clock.sleep)
        clock.now += RETRY_AFTER
    send_all(repository, down, clock, sleep=clock.sleep)
    waiting = states(repository, number)
    soon = send_one(repository, settings, clock)
    clock.now += RETRY_AFTER
    send_all(repository, settings, clock, sleep=clock.sleep)

    assert (waiting, soon) == ({LetterState.WAITING: 1}, None)
    assert box.to() == ["a@un.example"]


@pytest.mark.parametrize(
    ("reply", "state", "taken"),
    [
        ("451 later", LetterState.WAITING, 0),
        ("421 closing", LetterState.WAITING, 0),
        ("530 5.7.0 give a name first", LetterState.WAITING, 0),
        ("554 5.7.1 relay access denied", LetterState.WAITING, 0),
        ("550 5.1.1 unknown", LetterState.REFUSED, 0),
        ("", LetterState.UNCERTAIN, 1),
    ],
)
def test_what_the_server_answers_is_what_becomes_of_a_letter(
    repository: Repository,
    opened: Open,
    box: LetterBox,
    settings: Settings,
    clock: Clock,
    reply: str,
    state: LetterState,
    taken: int,
) -> None:
    number = opened("a@un.example")
    box.refusals["a@un.example"] = [reply] if reply else []
    box.hangs_up = not reply

    send_all(repository, settings, clock, sleep=clock.sleep)

    assert states(repository, number) == {state: 1}
    assert len(box.letters) == taken
    [told] = repository.campaigns.list_troubled(number)
    assert (told.email, list(told.listings.values()), told.state) == ("a@un.example", ["Partenaire 0"], state)
    assert told.failure


def test_an_address_whose_server_makes_letters_wait_keeps_no_other_waiting(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    opened("a@gris.example", "b@un.example")
    box.refusals["a@gris.example"] = ["450 4.2.0 greylisted"]

    send_all(repository, settings, clock, sleep=clock.sleep)
    clock.now += RETRY_AFTER
    send_all(repository, settings, clock, sleep=clock.sleep)

    assert box.to() == ["b@un.example", "a@gris.example"]


def test_who_did_not_answer_is_reminded_once_and_who_did_is_not(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    opened("a@un.example", "b@un.example")
    send_all(repository, settings, clock, sleep=clock.sleep)
    answered = open_link(repository.signing_key(KEY), links_of(box, 1)[0], repository.answers.find_invitation, clock())
    repository.answers.keep_answer(answered, {}, "", clock())

    for _ in range(3):
        clock.now += REMIND_AFTER
        send_all(repository, settings, clock, sleep=clock.sleep)

    assert box.to() == ["a@un.example", "b@un.example", "a@un.example"]
    assert str(box.letters[2]["Subject"]).startswith("Rappel")


def test_who_wants_no_letter_gets_none_of_any_campaign(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    opened("a@un.example", "b@un.example")
    send_all(repository, settings, clock, sleep=clock.sleep)
    key = repository.signing_key(KEY)

    repository.campaigns.oppose(open_stop(key, links_of(box)[-1]), clock())
    clock.now += REMIND_AFTER
    send_all(repository, settings, clock, sleep=clock.sleep)
    later = repository.campaigns.reach(AIM, digest_of(key), NOW + ASKED_AGAIN_AFTER + timedelta(days=1))

    assert box.to() == ["a@un.example", "b@un.example", "b@un.example"]
    assert ([each.email for each in later.recipients], later.opposed) == (["b@un.example"], 1)


def test_an_address_that_its_listing_took_away_or_a_listing_to_leave_alone_gets_no_letter_that_was_prepared(
    repository: Repository, opened: Open, publish: Publish, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example", "b@un.example", "c@un.example")
    now_said = ("autre@un.example", "b@un.example", "c@un.example")
    publish(*(sourced(str(rank), name=f"Partenaire {rank}", contacts=({"email": each},)) for rank, each in enumerate(now_said)))
    author = repository.accounts.add(SAID["reply_to"], Role.BUREAU, (Area.LYCEE, "0350761M"), NOW)
    terms = Terms(not_before=NOW.date() + timedelta(days=20))
    repository.companies.set_terms(author, "missions_locales--1", terms, NOW)

    send_all(repository, settings, clock, sleep=clock.sleep)

    assert box.to() == ["c@un.example"]
    assert states(repository, number) == {LetterState.SENT: 1, LetterState.SKIPPED: 2}
