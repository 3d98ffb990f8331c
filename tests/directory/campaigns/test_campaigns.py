"""Campaigns: whom they ask, their links, who is told of them, how long they are kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from directory.campaigns import KEY, LASTS, MailOff, digest_of, open_link, send_all, send_one
from directory.campaigns import PartnerLinkRefused as Refused
from directory.models.accounts import Area, Role
from directory.models.campaigns import Aim, CampaignState
from directory.models.desk import DeedKind
from directory.repository import Repository
from directory.repository.campaigns import ASKED_AGAIN_AFTER, KEPT
from directory.settings import Settings, read_settings
from directory.vocabulary import Kind
from tests.directory.campaigns.conftest import AIM, SAID, Clock, Open, links_of
from tests.directory.conftest import NOW, Publish
from tests.factories import sourced
from tests.smtp_server import LetterBox


def sitting(days: int) -> dict[str, str]:
    """A sitting of an event, so many days from now."""
    start = NOW + timedelta(days=days)
    return {"start": start.isoformat(), "end": (start + timedelta(hours=2)).isoformat()}


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
