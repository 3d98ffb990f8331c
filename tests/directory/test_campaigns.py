"""Campaigns sent to a real SMTP server, from real databases: each letter once, whatever stops."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from directory.campaigns import KEY, LASTS, MailOff, digest_of, open_link, open_stop, send_all, send_one
from directory.campaigns import PartnerLinkRefused as Refused
from directory.models.accounts import Area, Role
from directory.models.campaigns import Aim, CampaignState, LetterState
from directory.models.companies import Terms
from directory.models.desk import DeedKind
from directory.repository import Repository
from directory.repository.campaigns import ASKED_AGAIN_AFTER, KEPT
from directory.repository.letters import HANDING_OVER, REMIND_AFTER, RETRY_AFTER
from directory.settings import Settings, read_settings
from directory.vocabulary import Kind
from tests.directory.conftest import NOW, Publish
from tests.factories import sourced
from tests.serving import free_port
from tests.smtp_server import LetterBox, smtp_server

AIM = Aim(departement="35", kinds=(Kind.PARTNER,), days=365)
SAID = {
    "message": "Merci de votre aide.",
    "author": "Une curatrice",
    "reply_to": "bureau@lycee.example",
    "signed": "Le bureau des entreprises (lycée d’essai)",
}


class Clock:
    """A clock that a test moves; sleeping moves it too."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def box() -> Iterator[LetterBox]:
    with smtp_server() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def settings_for(box: LetterBox, tmp: Path, url: str = "") -> Settings:
    """The settings with which letters are sent to a box (or to another server)."""
    given = {
        "RELAIS_DATA": str(tmp),
        "RELAIS_SMTP_URL": url or box.url,
        "RELAIS_SMTP_FROM": "Relais <relais@essai.example>",
        "RELAIS_PUBLIC_URL": "https://relais.example",
    }
    return read_settings(given)


@pytest.fixture
def settings(box: LetterBox, tmp_path: Path) -> Settings:
    return settings_for(box, tmp_path)


Open = Callable[..., int]


@pytest.fixture
def opened(repository: Repository, publish: Publish) -> Open:
    """Publishes partners with these addresses and opens a campaign to them; its number."""

    def run(*emails: str) -> int:
        publish(*(sourced(str(rank), name=f"Partenaire {rank}", contacts=({"email": each},)) for rank, each in enumerate(emails)))
        digest = digest_of(repository.signing_key(KEY))
        reach = repository.campaigns.reach(AIM, digest, NOW)
        number = repository.campaigns.prepare(AIM, reach.recipients, SAID, digest, NOW)
        repository.campaigns.set_state(number, CampaignState.OPEN, NOW + LASTS)
        return number

    return run


def sitting(days: int) -> dict[str, str]:
    """A sitting of an event, so many days from now."""
    start = NOW + timedelta(days=days)
    return {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}


def states(repository: Repository, number: int) -> dict[LetterState, int]:
    """How many letters of a campaign are in each state, without the empty ones."""
    return {state: count for state, count in repository.campaigns.get(number).letters.items() if count}


def links_of(box: LetterBox, rank: int = 0) -> list[str]:
    """The tokens of a letter's links, that which stops letters last."""
    return re.findall(r"https://relais\.example/partenaire/(?:stop/)?(\S+)", box.letters[rank].get_content())


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


def test_only_public_listings_that_are_stale_here_and_reachable_are_asked_about(repository: Repository, publish: Publish) -> None:
    email = {"email": "a@un.example"}
    publish(
        sourced("1", contacts=(email,)),
        sourced("2", contacts=(email,), visibility="bassin"),
        sourced("3", contacts=({**email, "visibility": "bassin"},)),
        sourced("4", contacts=(email,), checked_at=NOW.date()),
        sourced("5", contacts=(email,), code_commune="29019"),
        sourced("6", contacts=({"email": "é@un.example"}, {"email": "nom@un.example", "name": "X"}, {"email": "b@un.example"})),
        sourced("7", contacts=(email,), kind="company", category="entreprise"),
        sourced("8", contacts=(email,), kind="event", category="salon", occurrences=(sitting(-3),)),
        sourced("9", contacts=({"email": "salon@un.example"},), kind="event", category="salon", occurrences=(sitting(3),)),
    )

    reach = repository.campaigns.reach(AIM, digest_of(b"k"), NOW)
    events = repository.campaigns.reach(Aim(departement="35", kinds=(Kind.EVENT,), days=365), digest_of(b"k"), NOW)

    assert {each.email: list(each.listings) for each in reach.recipients} == {
        "a@un.example": ["missions_locales--1"], "b@un.example": ["missions_locales--6"],
    }  # fmt: skip
    assert reach.unreachable == 1
    assert [each.email for each in events.recipients] == ["salon@un.example"]
    held = repository.campaigns.reach(AIM, digest_of(b"k"), NOW, {"missions_locales--1"})
    assert ([each.email for each in held.recipients], held.recent) == (["b@un.example"], 1)


def test_nobody_is_asked_about_the_same_listing_twice_in_six_months(repository: Repository, opened: Open) -> None:
    number = opened("a@un.example")
    digest = digest_of(repository.signing_key(KEY))

    def reached(after: timedelta) -> tuple[int, int]:
        reach = repository.campaigns.reach(AIM, digest, NOW + after)
        return len(reach.recipients), reach.recent

    soon, later = reached(timedelta(1)), reached(ASKED_AGAIN_AFTER + timedelta(1))
    repository.campaigns.set_state(number, CampaignState.STOPPED)  # and no letter had left

    assert (soon, later, reached(timedelta(1))) == ((0, 1), (1, 0), (1, 0))


def test_a_link_opens_once_until_its_end_and_no_other_way(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example")
    send_all(repository, settings, clock, sleep=clock.sleep)
    key, token = repository.signing_key(KEY), links_of(box)[0]

    def refusal(text: str, at: datetime = NOW) -> str:
        with pytest.raises(Refused) as refused:
            open_link(key, text, repository.answers.find_invitation, at)
        return refused.value.reason

    invitation = open_link(key, token, repository.answers.find_invitation, NOW)
    forged = [refusal(text) for text in ("", "x", token[:-1], token + "A", links_of(box)[-1], "\x00" * 600, "é")]
    expired = refusal(token, NOW + LASTS)
    first = repository.answers.keep_answer(invitation, {}, "", NOW)
    second = repository.answers.keep_answer(invitation, {}, "", NOW)

    assert set(forged) == {"forged"}
    assert (expired, first, second, refusal(token)) == ("expired", True, False, "used")
    assert len(repository.answers.list_answers()) == 1
    assert repository.campaigns.get(number).answered == 1


def test_the_link_of_a_stopped_campaign_says_so(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example")
    send_all(repository, settings, clock, sleep=clock.sleep)

    repository.campaigns.set_state(number, CampaignState.STOPPED)

    with pytest.raises(Refused) as refused:
        open_link(repository.signing_key(KEY), links_of(box)[0], repository.answers.find_invitation, NOW)
    assert refused.value.reason == "stopped"


def test_who_prepared_a_campaign_and_who_decided_of_its_answers_is_told(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    number = opened("a@un.example")
    send_all(repository, settings, clock, sleep=clock.sleep)
    invitation = open_link(repository.signing_key(KEY), links_of(box)[0], repository.answers.find_invitation, clock())
    repository.answers.keep_answer(invitation, {"nom": {"name": "Autre"}}, "", clock())
    clock.now += timedelta(days=1)
    repository.answers.close_answer(1, clock(), author="Un collègue", accepted=False)
    viewer = repository.accounts.add("k@essai.example", Role.ADMINISTRATOR, (Area.EVERYTHING, ""), NOW)

    told = repository.desk.list_deeds(viewer, 5)

    assert [(deed.kind, deed.author, deed.what, deed.listings) for deed in told] == [
        (DeedKind.ANSWER, "Un collègue", "refused", ("missions_locales--0",)),
        (DeedKind.CAMPAIGN, SAID["author"], str(number), ()),
    ]
    assert [deed.kind for deed in repository.desk.list_deeds(viewer, 5, before=clock())] == [DeedKind.CAMPAIGN]
    assert repository.desk.list_deeds(viewer, 5, author="Personne") == []


def test_campaigns_are_forgotten_after_a_year_with_their_addresses_but_not_oppositions(
    repository: Repository, opened: Open, box: LetterBox, settings: Settings, clock: Clock
) -> None:
    opened("a@un.example")
    repository.campaigns.oppose(digest_of(repository.signing_key(KEY))("a@un.example"), NOW)

    kept, erased = (repository.campaigns.forget(NOW + after) for after in (KEPT, KEPT + timedelta(1)))

    assert (kept, erased, repository.campaigns.list_all()) == (0, 1, [])
    later = repository.campaigns.reach(AIM, digest_of(repository.signing_key(KEY)), NOW + 2 * KEPT)
    assert later.opposed == 1


def test_nothing_is_sent_without_a_server_a_sender_and_an_address(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(MailOff) as refused:
        send_one(repository, read_settings({"RELAIS_DATA": str(tmp_path)}), lambda: NOW)

    assert "RELAIS_SMTP_URL" in refused.value.public
