"""What a lycée keeps of its companies: places left beside the classes' own PFMP, whom it shows what, who is forgotten."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from directory.accounts import NotPermitted
from directory.companies import KEPT, EntryNotFound, PeriodOverlaps, PersonOpposed, places_left, taken, to_review
from directory.dossiers import DossierFields
from directory.errors import ListingNotFound
from directory.models.accounts import Account, Area, Role
from directory.models.companies import (
    Channel,
    CompanyContact,
    CompanyFile,
    Exchange,
    Period,
    Purpose,
    Review,
    Stay,
    Terms,
)
from directory.models.dossiers import Diploma, DossierState
from directory.models.published import BassinRecord
from directory.repository import Repository
from directory.territory import Bassins
from directory.vocabulary import Pathway, Visibility
from tests.directory.conftest import NOW, Publish
from tests.factories import sourced

TODAY = NOW.date()
HERE, NEAR, FAR = "0350011X", "0352009U", "0440001A"
BASSINS = Bassins([BassinRecord(code="nord", label="Nord", establishments=(HERE, NEAR))])
BAKERY, GARAGE = "entreprises--1", "entreprises--2"
UNTIL = date(2026, 12, 31)


def day(text: str) -> date:
    """« 30/11 » of 2026."""
    number, month = text.split("/")
    return date(2026, int(month), int(number))


def period(starts: str, ends: str, places: int, pathway: Pathway = Pathway.INTERNSHIP) -> Period:
    return Period(pathway=pathway, starts=day(starts), ends=day(ends), places=places)


def stay(starts: str, ends: str, students: int = 1, **more: Any) -> Stay:
    return Stay(**{"pathway": Pathway.INTERNSHIP, "starts": day(starts), "ends": day(ends), "students": students, **more})


@pytest.fixture
def kept(repository: Repository, publish: Publish) -> Repository:
    """Two companies, nothing noted of them yet."""
    company = {"kind": "company", "category": "entreprise", "coverage": ()}
    records = [sourced(each, "entreprises", name=f"Essai {each}", **company) for each in ("1", "2")]
    publish(*records, source="entreprises")
    return repository


def bureau(repository: Repository, code: str = HERE, role: Role = Role.BUREAU, area: Area = Area.LYCEE) -> Account:
    email = f"{role}-{code}@essai.example".lower()
    return repository.accounts.find_by_email(email) or repository.accounts.add(email, role, (area, code), NOW)


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        ([], 0),
        ([stay("16/11", "20/11")], 0),  # before it
        ([stay("20/11", "23/11", 2)], 2),  # its first day
        ([stay("18/12", "19/12", 2)], 2),  # its last day
        ([stay("23/11", "27/11", 2), stay("30/11", "04/12", 3)], 3),  # one after the other: the fullest counts
        ([stay("23/11", "30/11", 2), stay("30/11", "04/12", 3)], 5),  # both on the 30th
        ([stay("01/11", "31/12", 1), stay("30/11", "04/12", 3)], 4),
        ([stay("23/11", "27/11", 2, pathway=Pathway.APPRENTICESHIP)], 0),  # takes no place of a stage
    ],
)
def test_what_classes_and_students_take_of_a_period_is_its_fullest_day(stays: list[Stay], expected: int) -> None:
    assert taken(period("23/11", "18/12", 4), stays) == expected


@pytest.mark.parametrize(
    ("since", "fields", "expected"),
    [
        ("24/11", {"periods": ()}, None),
        ("24/11", {"periods": (period("01/10", "31/10", 3),)}, 0),  # over
        ("24/11", {"periods": (period("01/11", "30/11", 3),)}, 3),
        ("24/11", {"periods": (period("01/11", "30/11", 3),), "stays": (stay("02/11", "20/11", 3),)}, 3),  # gone by now
        ("24/11", {"periods": (period("01/11", "30/11", 3),), "stays": (stay("20/11", "27/11", 2),)}, 1),
        ("24/11", {"periods": (period("01/11", "30/11", 3), period("01/12", "18/12", 2)), "stays": (stay("30/11", "01/12"),)}, 3),
        ("24/11", {"periods": (period("01/11", "30/11", 3),), "stays": (stay("24/11", "27/11", 9),)}, 0),  # never below
        ("24/11", {"periods": (period("01/11", "30/11", 3),), "terms": Terms(not_before=day("25/11"))}, 0),
        ("25/11", {"periods": (period("01/11", "30/11", 3),), "terms": Terms(not_before=day("25/11"))}, 3),
        # of two listings that became one: their places are not added up, nor is a class counted twice
        (
            "24/11",
            {"periods": (period("01/11", "30/11", 2), period("01/11", "30/11", 3)), "stays": (stay("24/11", "27/11", 2),)},
            1,
        ),
        ("24/11", {"periods": (period("01/11", "28/11", 2), period("28/11", "30/11", 1))}, 2),
    ],
)
def test_the_places_left_are_those_of_the_periods_to_come_net_of_who_is_hosted(
    since: str, fields: dict[str, Any], expected: int | None
) -> None:
    file = CompanyFile(**{"listing_id": BAKERY, "known": True, "terms": Terms(), **fields})

    assert places_left(file, day(since), UNTIL) == expected


@pytest.mark.parametrize(
    ("ended", "review", "expected"),
    [(0, None, False), (1, None, True), (60, None, True), (61, None, False), (5, Review.GOOD, False)],
)
def test_a_stay_is_to_be_reviewed_once_it_is_over_and_not_long_ago(ended: int, review: Review | None, expected: bool) -> None:
    over = TODAY - timedelta(days=ended)
    hosted = Stay(pathway=Pathway.INTERNSHIP, starts=over - timedelta(days=4), ends=over, review=review)

    assert to_review(hosted, TODAY) is expected


def test_a_form_sent_twice_notes_once_and_overlapping_places_are_refused(kept: Repository) -> None:
    mine = bureau(kept)
    for _ in range(2):
        kept.companies.add_period(mine, BAKERY, period("23/11", "18/12", 4), "a")
    kept.companies.add_period(mine, BAKERY, period("18/12", "19/12", 1, Pathway.IMMERSION), "b")
    kept.companies.add_period(mine, GARAGE, period("18/12", "19/12", 1), "c")

    with pytest.raises(PeriodOverlaps, match="overlap"):
        kept.companies.add_period(mine, BAKERY, period("18/12", "19/12", 1), "d")

    assert [each.places for each in kept.companies.get(mine, BAKERY).periods] == [4, 1]


# ---------------------------------------------------------------- who sees what


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        (Visibility.PRIVATE, {"own bureau", "own référent"}),
        (Visibility.BASSIN, {"own bureau", "own référent", "near référent", "bassin bureau"}),
        (Visibility.PUBLIC, {"own bureau", "own référent", "near référent", "bassin bureau", "far référent", "visitor"}),
    ],
)
def test_places_and_days_are_seen_by_whom_the_lycee_chose(kept: Repository, visibility: Visibility, seen_by: set[str]) -> None:
    mine = bureau(kept)
    viewers = {
        "own bureau": mine,
        "own référent": bureau(kept, HERE, Role.REFERENT),
        "near référent": bureau(kept, NEAR, Role.REFERENT),
        "bassin bureau": bureau(kept, "nord", Role.BUREAU, Area.BASSIN),
        "far référent": bureau(kept, FAR, Role.REFERENT),
        "visitor": None,
    }
    keepers = {who: viewer and (viewer.area, viewer.code) for who, viewer in viewers.items()}
    kept.companies.add_period(mine, BAKERY, period("23/11", "18/12", 4), "a")
    kept.companies.add_stay(mine, BAKERY, stay("30/11", "04/12", 3, class_name="T CAP"), "b", uais=(), today=TODAY)
    kept.companies.set_terms(mine, BAKERY, Terms(visibility=visibility), NOW)
    kept.companies.set_terms(mine, GARAGE, Terms(visibility=visibility, not_before=day("05/12"), reason="ne pas dire"), NOW)

    seats = {who for who, keeper in keepers.items() if kept.companies.seats(keeper, BASSINS, TODAY, UNTIL) == {BAKERY: 1}}
    holds = {who for who, keeper in keepers.items() if kept.companies.holds(keeper, BASSINS, TODAY) == {GARAGE: day("05/12")}}

    assert seats == holds == seen_by
    assert kept.companies.holds((Area.LYCEE, HERE), BASSINS, day("05/12")) == {}


def test_places_without_terms_are_the_lycees_own(kept: Repository) -> None:
    kept.companies.add_period(bureau(kept), BAKERY, period("23/11", "18/12", 4), "a")

    assert kept.companies.seats((Area.LYCEE, HERE), BASSINS, TODAY, UNTIL) == {BAKERY: 4}
    assert kept.companies.seats(None, BASSINS, TODAY, UNTIL) == {}
    assert kept.companies.seats((Area.LYCEE, NEAR), BASSINS, TODAY, UNTIL) == {}


def test_nobody_but_the_bureau_reads_or_writes_a_file_and_each_lycee_has_its_own(kept: Repository) -> None:
    mine, near = bureau(kept), bureau(kept, NEAR)
    kept.companies.add_exchange(mine, BAKERY, Exchange(happened_on=TODAY, channel=Channel.CALL, summary="vu"), "a", NOW)
    number = kept.companies.get(mine, BAKERY).exchanges[0].number

    assert kept.companies.get(near, BAKERY).exchanges == ()
    with pytest.raises(EntryNotFound):
        kept.companies.remove(near, BAKERY, "echanges", number, NOW)
    for role, code, area in ((Role.REFERENT, HERE, Area.LYCEE), (Role.ADMINISTRATOR, "", Area.EVERYTHING)):
        with pytest.raises(NotPermitted):
            kept.companies.get(bureau(kept, code, role, area), BAKERY)
        with pytest.raises(NotPermitted):
            kept.companies.set_terms(bureau(kept, code, role, area), BAKERY, Terms(), NOW)
    with pytest.raises(ListingNotFound):
        kept.companies.get(mine, "entreprises--9")


# ---------------------------------------------------------------- lives of listings and people


def test_what_is_kept_of_two_listings_found_to_be_one_is_kept_of_that_one(kept: Repository, publish: Publish) -> None:
    mine = bureau(kept)
    kept.companies.set_terms(mine, BAKERY, Terms(visibility=Visibility.PUBLIC, not_before=day("05/12"), reason="d’accord"), NOW)
    kept.companies.set_terms(mine, GARAGE, Terms(not_before=day("01/12")), NOW)
    kept.companies.add_period(mine, BAKERY, period("23/11", "18/12", 4), "a")
    kept.companies.add_period(mine, GARAGE, period("19/12", "31/12", 2), "b")
    company = {"kind": "company", "category": "entreprise", "coverage": (), "identities": ("company:siret:1",)}
    publish(*(sourced(each, "entreprises", name=f"Essai {each}", **company) for each in ("1", "2")), source="entreprises", day=1)

    (whole,) = kept.companies.list_all(mine).values()

    assert whole.listing_id == kept.get_listing(GARAGE).id == kept.get_listing(BAKERY).id
    assert whole.terms == Terms(visibility=Visibility.PRIVATE, not_before=day("05/12"), reason="d’accord")
    assert [each.places for each in whole.periods] == [4, 2]
    assert kept.companies.get(mine, BAKERY) == kept.companies.get(mine, GARAGE) == whole


def test_an_answer_of_an_exchange_is_counted_and_taken_back_with_it(kept: Repository) -> None:
    mine = bureau(kept)
    silent = Exchange(happened_on=TODAY, channel=Channel.MAIL, summary="relancé", outcome="sans-reponse")
    for _ in range(2):
        kept.companies.add_exchange(mine, BAKERY, silent, "a", NOW)
    counted = kept.list_responses(BAKERY)[0].silent

    kept.companies.remove(mine, BAKERY, "echanges", kept.companies.get(mine, BAKERY).exchanges[0].number, NOW)

    assert (counted, kept.list_responses(BAKERY)[0].silent) == (1, 0)


def test_a_student_is_named_by_a_dossier_of_the_lycee_and_forgotten_with_it(kept: Repository) -> None:
    mine, referent = bureau(kept), bureau(kept, HERE, Role.REFERENT)
    fields = DossierFields(state=DossierState.SPOTTED, born="", diploma=Diploma.UNKNOWN, filiere="", note="", remind_on=None)
    code = kept.dossiers.open(referent, fields, "n", NOW, 3)
    with pytest.raises(EntryNotFound):
        kept.companies.add_stay(mine, BAKERY, stay("30/11", "04/12", dossier_id=code), "a", uais=(NEAR,), today=TODAY)
    kept.companies.add_stay(mine, BAKERY, stay("30/11", "04/12", dossier_id=code), "b", uais=(HERE,), today=TODAY)
    hosted = kept.companies.get(mine, BAKERY).stays[0]

    kept.dossiers.erase(referent, code, NOW)

    assert hosted.dossier_id == code
    assert [(each.dossier_id, each.students) for each in kept.companies.get(mine, BAKERY).stays] == [("", 1)]


def test_a_review_says_how_a_stay_went(kept: Repository) -> None:
    mine = bureau(kept)
    kept.companies.add_stay(mine, BAKERY, stay("02/11", "20/11", 2, class_name="T CAP"), "a", uais=(), today=TODAY)
    number = kept.companies.get(mine, BAKERY).stays[0].number

    kept.companies.review_stay(mine, BAKERY, number, (Review.GOOD, "tuteur présent"), TODAY)

    found = kept.companies.get(mine, BAKERY).stays[0]
    assert (found.review, found.review_note, found.reviewed_on, found.reviewed_by) == (
        Review.GOOD, "tuteur présent", TODAY, mine.label,
    )  # fmt: skip
    with pytest.raises(EntryNotFound):
        kept.companies.review_stay(mine, GARAGE, number, (Review.BAD, ""), TODAY)


PERSON = CompanyContact(
    name="Dominique Essai", phone="+33199000123", email="d.essai@essai.example", purpose=Purpose.HOSTING, origin="salon"
)


def test_who_opposes_is_erased_under_every_company_and_is_not_entered_again(kept: Repository) -> None:
    mine, near = bureau(kept), bureau(kept, NEAR)
    kept.companies.add_contact(mine, BAKERY, PERSON, "a", TODAY)
    kept.companies.add_contact(mine, GARAGE, CompanyContact(**{**_fields(PERSON), "phone": ""}), "b", TODAY)
    number = kept.companies.get(mine, BAKERY).contacts[0].number

    kept.companies.oppose(mine, BAKERY, number, TODAY)

    assert [kept.companies.get(mine, each).contacts for each in (BAKERY, GARAGE)] == [(), ()]
    for reached in ({"email": ""}, {"phone": "", "email": "D.Essai@essai.example"}):
        with pytest.raises(PersonOpposed):
            kept.companies.add_contact(mine, BAKERY, CompanyContact(**{**_fields(PERSON), **reached}), "c", TODAY)
    kept.companies.add_contact(near, BAKERY, PERSON, "d", TODAY)  # another controller, whom the person did not speak to
    assert len(kept.companies.get(near, BAKERY).contacts) == 1


def test_who_answers_at_the_same_switchboard_is_another_person(kept: Repository) -> None:
    mine, shared = bureau(kept), {"phone": "+33299000100", "email": "contact@essai.example"}
    for rank, name in enumerate(("Dominique Essai", "Claude Autre")):
        kept.companies.add_contact(mine, BAKERY, CompanyContact(**{**_fields(PERSON), **shared, "name": name}), f"{rank}", TODAY)
    number = next(each.number for each in kept.companies.get(mine, BAKERY).contacts if each.name == "Dominique Essai")

    kept.companies.oppose(mine, BAKERY, number, TODAY)

    assert [each.name for each in kept.companies.get(mine, BAKERY).contacts] == ["Claude Autre"]
    kept.companies.add_contact(mine, GARAGE, CompanyContact(**{**_fields(PERSON), **shared, "name": "Camille Tiers"}), "n", TODAY)
    again = CompanyContact(**{**_fields(PERSON), **shared, "name": "Mme D. ESSAI"})
    with pytest.raises(PersonOpposed):
        kept.companies.add_contact(mine, GARAGE, again, "o", TODAY)


@pytest.mark.parametrize("gesture", ["oppose", "remove"])
def test_who_is_erased_is_in_no_word_that_the_bureau_wrote_of_the_company(kept: Repository, gesture: str) -> None:
    mine, near = bureau(kept), bureau(kept, NEAR)
    said = "Mme Essai propose deux places, Claude Autre confirme ; essai de machine"
    for account, company in ((mine, BAKERY), (mine, GARAGE), (near, BAKERY)):
        exchange = Exchange(happened_on=TODAY, channel=Channel.CALL, summary=said)
        kept.companies.add_exchange(account, company, exchange, f"e-{account.code}-{company}", NOW)
    kept.companies.set_terms(mine, BAKERY, Terms(reason="Dominique ESSAI en congé"), NOW)
    kept.companies.add_contact(mine, BAKERY, PERSON, "a", TODAY)
    number = kept.companies.get(mine, BAKERY).contacts[0].number

    if gesture == "oppose":
        kept.companies.oppose(mine, BAKERY, number, TODAY)
    else:
        kept.companies.remove(mine, BAKERY, "contacts", number, NOW)

    file = kept.companies.get(mine, BAKERY)
    gone = "Mme (nom effacé) propose deux places, Claude Autre confirme ; essai de machine"
    assert (file.exchanges[0].summary, file.terms.reason) == (gone, "(nom effacé) en congé")
    assert [kept.companies.get(account, each).exchanges[0].summary for account, each in ((mine, GARAGE), (near, BAKERY))] == [
        said
    ] * 2


def _fields(contact: CompanyContact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in contact.__slots__}


def test_contacts_exchanges_and_stays_are_erased_when_their_time_is_over_unless_confirmed(kept: Repository) -> None:
    mine = bureau(kept)
    kept.companies.add_contact(mine, BAKERY, PERSON, "a", TODAY)
    kept.companies.add_contact(mine, GARAGE, PERSON, "b", TODAY)
    kept.companies.add_exchange(mine, BAKERY, Exchange(happened_on=TODAY, channel=Channel.CALL, summary="vu"), "c", NOW)
    hosted = Stay(
        pathway=Pathway.INTERNSHIP, starts=TODAY - timedelta(days=9), ends=TODAY, students=3, class_name="T CAP cuisine"
    )
    kept.companies.add_stay(mine, BAKERY, hosted, "d", uais=(), today=TODAY)
    confirmed = kept.companies.get(mine, GARAGE).contacts[0].number
    kept.companies.confirm_contact(mine, GARAGE, confirmed, TODAY + timedelta(days=300))

    early = kept.companies.purge(TODAY + KEPT - timedelta(days=1))
    purged = kept.companies.purge(TODAY + KEPT)

    gone = kept.companies.get(mine, BAKERY)
    assert (early, purged) == (0, 3)
    assert gone.contacts == gone.exchanges == gone.stays == ()
    assert len(kept.companies.get(mine, GARAGE).contacts) == 1
