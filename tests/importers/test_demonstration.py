"""The demonstration territory: credible, complete, and never taken for real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from directory.errors import InvalidValue
from directory.geocoding.gazetteer import Gazetteer
from directory.models.published import BassinRecord
from directory.models.record import ListingRecord, SourcedRecord
from directory.vocabulary import EventState, Kind, Pathway, Scope, Visibility, categories
from importers.run import Run
from importers.source import get_source
from importers.sources.demonstration import records
from importers.sources.demonstration.dates import parse_day, parse_sittings, school_year
from matching.needs import needs

PARIS = ZoneInfo("Europe/Paris")
FICTION = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649", "+3363998")
DAYS = ("2026-11-24", "2027-02-01", "2027-07-14", "2027-09-01", "2028-02-29")
TOWNS = {
    "Rennes": "35238", "Fougères": "35115", "Vitré": "35360", "Redon": "35236", "Saint-Malo": "35288",
    "Montfort-sur-Meu": "35188", "Combourg": "35085", "Bain-de-Bretagne": "35012",
}  # fmt: skip


@pytest.fixture(scope="module")
def run_on(gazetteer: Gazetteer):
    """Reads the territory as it is told on a day; answers the run and what it stated."""

    @cache
    def read(day: str) -> tuple[Run, tuple[SourcedRecord | BassinRecord, ...]]:
        now = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=PARIS)
        run = Run(source=get_source("demonstration"), paths=(), geocoder=gazetteer, now=now)
        return run, tuple(records(run))

    return read


@pytest.fixture(scope="module")
def listings(run_on) -> dict[str, ListingRecord]:
    return {stated.record_id: stated.record for stated in run_on(DAYS[0])[1] if isinstance(stated, SourcedRecord)}


@pytest.fixture(scope="module")
def bassins(run_on) -> tuple[BassinRecord, ...]:
    return tuple(stated for stated in run_on(DAYS[0])[1] if isinstance(stated, BassinRecord))


def events_on(run_on, day: str) -> Iterator[ListingRecord]:
    for stated in run_on(day)[1]:
        if isinstance(stated, SourcedRecord) and stated.record.kind is Kind.EVENT:
            yield stated.record


@pytest.mark.parametrize("day", DAYS)
def test_the_tables_are_read_without_a_single_doubt(run_on, day: str) -> None:
    run, stated = run_on(day)

    assert run.doubts == []
    assert len(stated) > get_source("demonstration").expect.min_records


def test_all_of_it_is_marked_as_a_demonstration(listings, bassins) -> None:
    assert all(record.demonstration and "Fiche de démonstration" in record.description for record in listings.values())
    assert all(bassin.demonstration for bassin in bassins)


def test_ids_are_unique(run_on) -> None:
    ids = Counter(stated.record_id for stated in run_on(DAYS[0])[1] if isinstance(stated, SourcedRecord))

    assert [name for name, times in ids.items() if times > 1] == []


def test_every_phone_is_of_a_range_kept_for_fiction_and_every_mail_goes_nowhere(listings) -> None:
    contacts = [contact for record in listings.values() for contact in record.contacts]

    assert len([contact for contact in contacts if contact.phone]) > 400
    assert [contact.phone for contact in contacts if contact.phone and not contact.phone.startswith(FICTION)] == []
    assert {contact.email.partition("@")[2] for contact in contacts if contact.email} == {"relais-demonstration.example"}


def test_a_named_person_is_never_public(listings) -> None:
    named = [contact for record in listings.values() for contact in record.contacts if contact.name]

    assert len(named) >= 30
    assert {contact.visibility for contact in named} == {Visibility.BASSIN}


def test_no_siret_can_be_a_real_one_and_nothing_can_merge_with_a_real_body(run_on, listings) -> None:
    sirets = [record.siret for record in listings.values() if record.kind is Kind.COMPANY]

    assert all(siret.startswith("000") for siret in sirets)
    assert len(set(sirets)) == len(sirets)
    assert [stated.record_id for stated in run_on(DAYS[0])[1] if isinstance(stated, SourcedRecord) and stated.identities] == []


def test_places_are_real_communes_of_the_departement(listings, gazetteer: Gazetteer) -> None:
    codes = {record.code_commune for record in listings.values() if record.code_commune}

    assert all(code.startswith("35") and gazetteer.get_commune(code) is not None for code in codes)
    assert codes.issuperset(TOWNS.values())
    assert len(codes) >= 45


def test_every_commune_has_exactly_one_competent_mission_locale(listings, gazetteer: Gazetteer, bassins) -> None:
    missions = [record for record in listings.values() if record.category == "mission_locale"]
    communes = {code for bassin in bassins for code in bassin.communes}

    for code in communes:
        territories = set(gazetteer.get_commune(code).territories)
        competent = [record.name for record in missions if territories & {part.token for part in record.coverage}]
        assert len(competent) == 1, code


def test_every_commune_and_every_lycee_has_exactly_one_bassin(bassins) -> None:
    communes = Counter(code for bassin in bassins for code in bassin.communes)
    lycees = Counter(uai for bassin in bassins for uai in bassin.establishments)

    assert len(communes) >= 332
    assert set(communes.values()) == {1}
    assert len(lycees) >= 60
    assert set(lycees.values()) == {1}


@pytest.mark.parametrize("category", ["psad", "mlds", "clee"])
def test_every_bassin_has_its_networks(listings, bassins, category: str) -> None:
    served = Counter(part.code for record in listings.values() if record.category == category for part in record.coverage)

    assert served == {bassin.code: 1 for bassin in bassins}


def test_a_clee_has_two_leaders(listings) -> None:
    for record in listings.values():
        if record.category == "clee":
            assert [contact.label for contact in record.contacts[1:]] == ["Pilote école", "Pilote entreprise"]


def test_what_serves_a_lycee_serves_one_that_exists(listings, gazetteer: Gazetteer, bassins) -> None:
    known = {uai for bassin in bassins for uai in bassin.establishments}
    served = [part.code for record in listings.values() for part in record.coverage if part.scope is Scope.ESTABLISHMENT]

    assert len(served) >= 50
    assert all(uai in known and gazetteer.find_lycee(uai) is not None for uai in served)


@pytest.mark.parametrize("need", sorted(needs()))
def test_every_need_has_several_answers(listings, need: str) -> None:
    first = set(needs()[need].first)
    partners = [name for name, record in listings.items() if record.kind is Kind.PARTNER and first & set(record.thematiques)]

    assert len(partners) >= 3


@pytest.mark.parametrize("pathway", list(Pathway))
def test_every_path_has_several_answers(listings, pathway: Pathway) -> None:
    assert len([name for name, record in listings.items() if pathway in record.pathways]) >= 3


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_every_town_has_partners_and_companies(listings, town: str) -> None:
    kinds = Counter(record.kind for record in listings.values() if record.code_commune == TOWNS[town])

    assert kinds[Kind.PARTNER] >= 5
    assert kinds[Kind.COMPANY] >= 2


def test_every_kind_of_partner_that_a_student_may_need_is_there(listings) -> None:
    absent = {"foquale", "autre", "service"} | {
        code for code, category in categories().items() if category.kinds == (Kind.SCHEME,)
    }

    assert categories().keys() - absent <= {record.category for record in listings.values()}


def test_remote_services_say_that_they_are_remote(listings) -> None:
    remote = [record for record in listings.values() if Scope.REMOTE in {part.scope for part in record.coverage}]

    assert len(remote) >= 5
    assert {record.modes_accueil for record in remote} == {("a-distance",)}


def test_companies_say_what_they_offer_in_many_trades(listings) -> None:
    companies = [record for record in listings.values() if record.kind is Kind.COMPANY]

    assert len(companies) >= 120
    assert all(record.pathways and record.occupations and record.naf and record.places for record in companies)
    assert len({code for record in companies for code in record.occupations}) >= 80


def test_who_hires_adults_only_says_so_in_its_age_too(listings) -> None:
    adults = [record for record in listings.values() if record.conditions.startswith("18 ans et plus")]

    assert len(adults) >= 3
    assert {record.age_min for record in adults} == {18}


@pytest.mark.parametrize("day", DAYS)
def test_there_are_always_events_to_come(run_on, day: str) -> None:
    now = datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=PARIS)
    states = {EventState.OPEN, EventState.POSTPONED}
    kept = [record for record in events_on(run_on, day) if record.event_state in states]
    coming = [record for record in kept if any(sitting.end > now for sitting in record.occurrences)]

    assert len(coming) >= 8


@pytest.mark.parametrize("day", DAYS)
def test_events_are_inside_the_school_year_or_near_today_on_days_when_people_work(run_on, day: str) -> None:
    year = school_year(date.fromisoformat(day))

    for record in events_on(run_on, day):
        if record.name.startswith("Réunion d’information sur les métiers de la fibre"):
            continue  # told as yesterday, whatever the day
        for sitting in record.occurrences:
            near = abs((sitting.start.date() - date.fromisoformat(day)).days) <= 30
            assert near or date(year, 9, 1) <= sitting.start.date() <= date(year + 1, 6, 30), record.name
            assert sitting.start.weekday() != 6, record.name
            assert sitting.start.utcoffset() == sitting.start.astimezone(PARIS).utcoffset()
            assert sitting.start < sitting.end


def test_the_window_of_the_parcours_holds_many_events_and_spring_some(run_on) -> None:
    months = Counter(sitting.start.month for record in events_on(run_on, DAYS[0]) for sitting in record.occurrences)

    assert sum(months[month] for month in (9, 10, 11, 12)) >= 30
    assert sum(months[month] for month in (1, 2, 3, 4, 5, 6)) >= 8


def test_there_is_one_event_of_each_state_and_one_that_was_yesterday(run_on) -> None:
    events = list(events_on(run_on, DAYS[0]))

    assert {record.event_state for record in events} == set(EventState)
    assert any({sitting.start.date() for sitting in record.occurrences} == {date(2026, 11, 23)} for record in events)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("rentree+35", "2026-10-06"),
        ("2e mardi d’octobre", "2026-10-13"),
        ("3e jeudi de novembre", "2026-11-19"),
        ("dernier samedi de janvier", "2027-01-30"),
        ("dernier jeudi de décembre", "2026-12-31"),
        ("prochain mardi", "2026-12-01"),
        ("prochain mercredi+14", "2026-12-09"),
        ("hier", "2026-11-23"),
    ],
)
def test_a_relative_day_is_understood(text: str, day: str) -> None:
    assert parse_day(text, date(2026, 11, 24)) == date.fromisoformat(day)  # a Tuesday


@pytest.mark.parametrize(("today", "year"), [("2027-06-30", 2026), ("2027-07-01", 2027), ("2027-09-01", 2027)])
def test_the_school_year_turns_in_summer(today: str, year: int) -> None:
    assert school_year(date.fromisoformat(today)) == year


def test_an_event_of_armistice_day_is_a_week_later() -> None:
    (sitting,) = parse_sittings("2e mercredi de novembre 14:00-17:00", date(2026, 11, 24))

    assert sitting.start.date() == date(2026, 11, 18)


@pytest.mark.parametrize("text", ["mardi prochain 10:00-12:00", "5e mardi d’octobre 10:00-12:00", "hier", "", "rentree+35 matin"])
def test_a_date_that_is_not_understood_is_refused_in_french(text: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        parse_sittings(text, date(2026, 11, 24))

    assert raised.value.public.startswith("«")
