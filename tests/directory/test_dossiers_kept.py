"""Accounts and dossiers as both databases keep them: a whole life, what comes at the same moment, what is counted and erased."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from directory.accounts import AccountExists, AccountNeeded, NotPermitted
from directory.dossiers import Counts, DossierChanged, DossierFields, DossierNotFound, DossierRefused
from directory.models.accounts import Account, Area, Role
from directory.models.dossiers import AccessKind, DossierState, StepState
from directory.models.record import ListingRecord, SourcedRecord
from directory.repository import Repository
from directory.repository.accounts import IDLE
from tests.directory.conftest import NOW, Publish

LYCEE, OTHER = "0350011X", "0352009U"
CIO = SourcedRecord(
    source="missions_locales",
    record_id="ml",
    record=ListingRecord(kind="partner", category="cio", name="CIO d’essai"),
    identities=("essai:1",),
    raw={},
)
SPOTTED = DossierFields(state=DossierState.SPOTTED)
Add = Callable[..., Account]


@pytest.fixture
def add(repository: Repository) -> Add:
    def make(email: str = "a@essai.example", uai: str = LYCEE) -> Account:
        return repository.accounts.add(email, Role.REFERENT, (Area.LYCEE, uai), NOW)

    return make


def test_a_dossier_lives_from_its_opening_to_its_erasure(repository: Repository, add: Add, publish: Publish) -> None:
    publish(CIO)
    kept, mine, colleague = repository.dossiers, add(), add("b@essai.example")
    code = kept.open(
        mine, DossierFields(state=DossierState.ENROLLED, born="2009-03", filiere="G16", remind_on=NOW.date()), "n", NOW, 3
    )

    kept.add_step(mine, code, "CIO d’essai", "s1", NOW, listing_id="missions_locales--ml")
    kept.add_step(mine, code, "Boulangerie", "s2", NOW)
    first, second = kept.get(mine, code, NOW).steps
    kept.set_step(mine, code, first.pk, StepState.ACCEPTED, NOW)
    counted = [each.accepted for each in repository.list_responses("missions_locales--ml")]
    kept.remove_step(mine, code, first.pk, NOW)
    kept.change(mine, code, 0, SPOTTED, NOW)
    due = (kept.count_due(mine, NOW.date()), kept.count_due(colleague, NOW.date()))
    kept.hand_over(mine, code, colleague.id, NOW)
    found = kept.get(colleague, code, NOW)
    kept.erase(mine, code, NOW)
    kept.erase(mine, code, NOW)

    assert (counted, [each.accepted for each in repository.list_responses("missions_locales--ml")]) == ([1], [0])
    assert (found.state, found.referent, found.enrolled_on, found.steps) == (DossierState.SPOTTED, colleague.id, None, (second,))
    assert due == (0, 0)  # the reminder went with the change
    with pytest.raises(DossierNotFound):
        kept.get(mine, code, NOW)
    kinds = [each.kind for each in reversed(kept.read_journal(LYCEE))]
    assert kinds == [
        *(AccessKind.OPENED, AccessKind.STEP, AccessKind.STEP, AccessKind.READ, AccessKind.STEP, AccessKind.STEP),
        *(AccessKind.CHANGED, AccessKind.HANDED_OVER, AccessKind.READ, AccessKind.ERASED),
    ]


def test_a_reminder_counts_from_its_day_on(repository: Repository, add: Add) -> None:
    mine, day = add(), NOW.date()
    for number, each in enumerate((day, day + timedelta(days=1), None)):
        repository.dossiers.open(mine, DossierFields(state=DossierState.SPOTTED, remind_on=each), f"n{number}", NOW, 3)

    assert [repository.dossiers.count_due(mine, day + timedelta(days=after)) for after in (-1, 0, 1, 200)] == [0, 1, 2, 0]


def test_another_lycee_finds_nothing_and_an_older_page_writes_over_nothing(repository: Repository, add: Add) -> None:
    kept, mine, stranger = repository.dossiers, add(), add("b@essai.example", OTHER)
    code = kept.open(mine, SPOTTED, "n", NOW, 3)
    kept.change(mine, code, 0, DossierFields(state=DossierState.CONTACTED, note="premier"), NOW)

    for attempt in (
        lambda: kept.get(stranger, code, NOW),
        lambda: kept.erase(stranger, code, NOW),
        lambda: kept.add_step(stranger, code, "x", "s", NOW),
        lambda: kept.change(stranger, code, 1, SPOTTED, NOW),
    ):
        with pytest.raises(DossierNotFound):
            attempt()
    with pytest.raises(DossierChanged):
        kept.change(mine, code, 0, SPOTTED, NOW)
    with pytest.raises(DossierRefused):
        kept.hand_over(mine, code, stranger.id, NOW)
    with pytest.raises(NotPermitted):
        kept.get(repository.accounts.add("c@essai.example", Role.ADMINISTRATOR, (Area.EVERYTHING, ""), NOW), code, NOW)

    assert kept.get(mine, code, NOW).note == "premier"
    assert kept.list_all(stranger, NOW) == []


def test_the_same_form_sent_by_several_at_the_same_moment_opens_one_dossier(repository: Repository, add: Add) -> None:
    mine = add()

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(lambda _: repository.dossiers.open(mine, SPOTTED, "la même", NOW, 3), range(6)))

    assert len(set(codes)) == 1
    assert len(repository.dossiers.list_all(mine, NOW)) == 1


def test_dossiers_are_counted_by_lycee_and_purged_on_their_day(repository: Repository, add: Add) -> None:
    kept, mine, other = repository.dossiers, add(), add("b@essai.example", OTHER)
    for number in range(3):
        kept.open(mine, DossierFields(state=DossierState.INTERVIEWED), f"a{number}", NOW, 3)
    kept.open(other, DossierFields(state=DossierState.SOLVED), "b", NOW, 3)

    kept.open(mine, DossierFields(state=DossierState.SPOTTED), "c", NOW.replace(year=2027, month=2), 3)
    counted = kept.count(NOW.date())
    day = NOW.replace(year=2027, month=4, day=1)
    purged = [kept.purge(moment, NOW - timedelta(days=1)) for moment in (day - timedelta(days=1), day, day)]

    assert counted == {
        2026: {LYCEE: Counts(spotted=3, met=3), OTHER: Counts(spotted=1, solved=1)},
        2027: {LYCEE: Counts(spotted=1)},
    }
    assert purged == [0, 4, 0]
    assert kept.count(date(2026, 12, 1)) == {2027: {LYCEE: Counts(spotted=1)}}


def test_an_account_is_removed_once_it_follows_nobody_and_closed_when_nobody_uses_it(repository: Repository, add: Add) -> None:
    accounts, mine, idle = repository.accounts, add(), add("b@essai.example")
    code = repository.dossiers.open(mine, SPOTTED, "n", NOW, 3)
    accounts.open_session(mine, NOW + timedelta(days=300))

    with pytest.raises(AccountNeeded):
        accounts.remove(mine)
    closed = accounts.close_idle(NOW + timedelta(days=100), NOW + timedelta(days=400))
    repository.dossiers.erase(mine, code, NOW)
    accounts.remove(mine)

    assert closed == 1
    assert accounts.find(mine.id) is None
    assert accounts.get_by_email(idle.email).disabled_at is not None
    assert {each.who for each in repository.dossiers.read_journal(LYCEE)} == {"un compte supprimé"}


def test_a_session_ends_and_an_address_is_one_account(repository: Repository, add: Add) -> None:
    accounts, mine = repository.accounts, add()
    secret = accounts.open_session(mine, NOW)

    found = [accounts.find_session(secret, NOW + after) for after in (timedelta(0), IDLE - timedelta(seconds=1))]
    over = accounts.find_session(secret, NOW + 2 * IDLE)

    assert [each and each.id for each in found] == [mine.id, mine.id]
    assert over is None
    with pytest.raises(AccountExists):
        add()
