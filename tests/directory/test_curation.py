"""What curators state, in the directory: it outranks sources, outlives imports, hides and warns, and is taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from directory.database import reading
from directory.errors import DatabaseBusy, ListingNotFound, StatementOutdated
from directory.models.changes import CURATION, AppliedCounts
from directory.models.curation import Curation, Topic, TopicState, Wish
from directory.models.duplicates import Decision, Verdict
from directory.models.record import Coverage
from directory.repository import Repository, tables
from tests.directory.conftest import NOW
from tests.factories import sourced

Publish = Callable[..., AppliedCounts]
TRUST = {"missions_locales": 60, "tableur": 20}
ML = "missions_locales--1"
OTHER = "tableur--9"
PLACES = {"address": "", "code_postal": None, "code_departement": None, "latitude": None, "longitude": None, "precision": None}


def by(author: str = "Une curatrice", *, day: int = 1, reason: str = "appelé ce matin", nonce: str = "") -> Curation:
    return Curation(author=author, reason=reason, now=NOW + timedelta(days=day), nonce=nonce or f"{author}{day}", trust=TRUST)


def say(repository: Repository, topic: Topic, author: str = "Une curatrice", day: int = 1, **values: Any) -> int:
    return repository.curation.curate([Wish(listing_id=ML, topic=topic, values=values)], by(author, day=day))


def take_back(repository: Repository, topic: Topic, day: int = 5) -> int:
    return repository.curation.curate([Wish(listing_id=ML, topic=topic, values=None)], by(day=day))


def state(repository: Repository, topic: Topic, listing_id: str = ML) -> TopicState:
    return repository.curation.read_states(listing_id, TRUST)[topic]


def name(repository: Repository, listing_id: str = ML) -> str:
    return repository.get_listing(listing_id).record.name


CASES: list[tuple[Topic, dict[str, Any], str, Any]] = [
    (Topic.NAME, {"name": "Nom juste"}, "name", "Nom juste"),
    (Topic.DESCRIPTION, {"description": ""}, "description", ""),
    (Topic.AGES, {"age_min": 0, "age_max": None}, "age_min", 0),
    (Topic.CONTACTS, {"contacts": []}, "contacts", ()),
    (Topic.HOURS, {"opening_hours": "Mo 09:00-12:00"}, "opening_hours", "Mo 09:00-12:00"),
    (Topic.PLACE, {"code_commune": "35238", **PLACES}, "code_commune", "35238"),
    (Topic.PLACES, {"places": 3}, "places", 3),
    (Topic.CATEGORY, {"category": "association"}, "category", "association"),
    (Topic.PUBLICS, {"publics": ["jeunes"]}, "publics", ("jeunes",)),
    (Topic.THEMES, {"thematiques": []}, "thematiques", ()),
    (Topic.TERRITORY, {"coverage": [["departement", "35"]]}, "coverage", (Coverage(scope="departement", code="35"),)),
]


@pytest.mark.parametrize(("topic", "values", "field", "expected"), CASES)
def test_what_a_curator_states_outranks_every_source_and_survives_its_next_import(
    publish: Publish, repository: Repository, topic: Topic, values: dict[str, Any], field: str, expected: object
) -> None:
    facts = {"description": "publié", "age_min": 16, "age_max": 25}
    publish(sourced(**facts), trust=TRUST)
    say(repository, topic, **values)
    stated = getattr(repository.get_listing(ML).record, field)

    publish(sourced(**facts, conditions="la source a changé"), trust=TRUST, day=2)

    record = repository.get_listing(ML).record
    assert stated == getattr(record, field) == expected
    assert record.conditions == "la source a changé"


def test_a_field_goes_back_to_what_its_source_says_today_when_it_is_taken_back(publish: Publish, repository: Repository) -> None:
    publish(sourced(name="Avant", opening_hours="Mo 10:00-12:00"), trust=TRUST)
    say(repository, Topic.NAME, name="Corrigé")
    say(repository, Topic.HOURS, day=2, opening_hours="Tu 10:00-12:00")
    publish(sourced(name="Après", opening_hours="Mo 10:00-12:00"), trust=TRUST, day=3)

    changed = take_back(repository, Topic.NAME)

    record = repository.get_listing(ML).record
    assert (changed, record.name, record.opening_hours) == (1, "Après", "Tu 10:00-12:00")
    assert take_back(repository, Topic.NAME, day=6) == 0


def test_a_statement_shows_what_it_hides_and_warns_when_the_source_says_something_new(
    publish: Publish, repository: Repository
) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    say(repository, Topic.NAME, name="Corrigé")
    hidden = state(repository, Topic.NAME)

    publish(sourced(name="Nouveau nom de la source"), trust=TRUST, day=2)

    now = state(repository, Topic.NAME)
    assert (hidden.told, hidden.news) == ({"name": "Avant"}, False)
    assert (now.shown, now.told, now.news) == ({"name": "Corrigé"}, {"name": "Nouveau nom de la source"}, True)
    say(repository, Topic.NAME, day=3, name="Corrigé")
    assert state(repository, Topic.NAME).news is False


def test_a_source_that_comes_to_say_what_the_curator_says_needs_no_warning(publish: Publish, repository: Repository) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    say(repository, Topic.NAME, name="Corrigé")

    publish(sourced(name="Corrigé"), trust=TRUST, day=2)

    assert state(repository, Topic.NAME).news is False


def test_the_origin_of_a_stated_field_is_curation_and_does_not_name_its_author(publish: Publish, repository: Repository) -> None:
    publish(sourced(), trust=TRUST)

    say(repository, Topic.NAME, name="Corrigé")

    origins = {origin.field: origin for origin in repository.list_origins(ML)}
    assert (origins["name"].source, origins["category"].source) == (CURATION, "missions_locales")
    assert "curatrice" not in str(origins)


def test_the_second_of_two_curators_is_told_and_nothing_of_the_first_is_lost(publish: Publish, repository: Repository) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    seen = state(repository, Topic.NAME).digest
    repository.curation.curate([Wish(listing_id=ML, topic=Topic.NAME, values={"name": "Première"}, seen=seen)], by("A"))

    second = Wish(listing_id=ML, topic=Topic.NAME, values={"name": "Seconde"}, seen=seen)
    with pytest.raises(StatementOutdated):
        repository.curation.curate([second], by("B"))

    assert name(repository) == "Première"


def test_two_curators_on_two_fields_of_one_listing_do_not_disturb_each_other(publish: Publish, repository: Repository) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    seen = repository.curation.read_states(ML, TRUST)

    for topic, values in ((Topic.NAME, {"name": "Corrigé"}), (Topic.HOURS, {"opening_hours": "Mo 09:00-12:00"})):
        wish = Wish(listing_id=ML, topic=topic, values=values, seen=seen[topic].digest)
        repository.curation.curate([wish], by(str(topic)))

    record = repository.get_listing(ML).record
    assert (record.name, record.opening_hours) == ("Corrigé", "Mo 09:00-12:00")


def test_a_form_sent_twice_states_once(publish: Publish, repository: Repository) -> None:
    publish(sourced(), trust=TRUST)
    wish = Wish(listing_id=ML, topic=Topic.NAME, values={"name": "Corrigé"})

    counts = [repository.curation.curate([wish], by(nonce="même formulaire")) for _ in range(2)]

    assert counts == [1, 0]
    assert len(repository.curation.list_statements(ML)) == 1


def test_what_cannot_be_stated_of_one_listing_is_stated_of_none(publish: Publish, repository: Repository) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    wishes = [Wish(listing_id=each, topic=Topic.NAME, values={"name": "Corrigé"}) for each in (ML, "inconnue--1")]

    with pytest.raises(ListingNotFound):
        repository.curation.curate(wishes, by())

    assert name(repository) == "Avant"


def test_a_statement_waits_for_an_import_to_end_and_changes_nothing_meanwhile(
    engine: Engine, publish: Publish, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    monkeypatch.setattr("directory.repository.curation._WAIT_SECONDS", 0)
    other = Repository(engine)
    run = other.start_run("tableur", [], NOW)

    with pytest.raises(DatabaseBusy):
        say(repository, Topic.NAME, name="Corrigé")

    other.finish_run(run, "done", {}, [], "", NOW)
    assert say(repository, Topic.NAME, name="Corrigé") == 1


def test_a_listing_closed_by_a_curator_stays_closed_through_imports_until_it_is_opened_again(
    publish: Publish, repository: Repository
) -> None:
    publish(sourced(), trust=TRUST)
    say(repository, Topic.CLOSING, closed=True)
    publish(sourced(conditions="encore publiée"), trust=TRUST, day=2)
    closed = repository.get_listing(ML)

    take_back(repository, Topic.CLOSING)

    assert (closed.closed_reason, closed.closed_at) == ("appelé ce matin", NOW + timedelta(days=1))
    assert repository.get_listing(ML).closed_at is None


def test_the_latest_check_holds_whether_a_curator_or_a_source_made_it(publish: Publish, repository: Repository) -> None:
    publish(sourced(checked_at="2026-11-01", checked_by="source"), trust=TRUST)
    say(repository, Topic.CHECK, checked_at="2026-11-25", checked_by="le lycée")
    checked = repository.get_listing(ML).record.checked_by

    publish(sourced(checked_at="2027-02-01", checked_by="source"), trust=TRUST, day=2)

    assert (checked, repository.get_listing(ML).record.checked_by) == ("le lycée", "source")


def test_statements_follow_their_listing_when_it_is_merged_and_when_it_parts_again(
    publish: Publish, repository: Repository
) -> None:
    publish(sourced(name="Une"), trust=TRUST)
    publish(sourced("9", "tableur", name="Autre"), source="tableur", trust=TRUST)
    repository.curation.curate([Wish(listing_id=OTHER, topic=Topic.HOURS, values={"opening_hours": "24/7"})], by())
    decide = [Decision(verdict=verdict, by="", note="", now=NOW, trust=TRUST) for verdict in (Verdict.SAME, None)]

    pair = repository.judge((ML, OTHER), decide[0])
    merged = repository.get_listing(OTHER)
    repository.judge(pair.number, decide[1])

    assert (merged.id, merged.record.name, merged.record.opening_hours) == (ML, "Une", "24/7")
    assert [repository.get_listing(each).record.opening_hours for each in (ML, OTHER)] == ["", "24/7"]


def test_the_life_of_a_listing_tells_who_changed_which_field_from_what_to_what(publish: Publish, repository: Repository) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    publish(sourced(name="Entre-deux"), trust=TRUST, day=1)
    say(repository, Topic.NAME, day=2, name="Corrigé")
    take_back(repository, Topic.NAME)

    told = repository.curation.history(ML)

    assert [(each.source, each.author, each.changes["name"]) for each in told] == [
        ("", "Une curatrice", ("Corrigé", "Entre-deux")),
        ("", "Une curatrice", ("Entre-deux", "Corrigé")),
        ("missions_locales", "", ("Avant", "Entre-deux")),
    ]
    assert [each.number for each in repository.curation.journal(10)] == [each.number for each in told[:2]]
    assert repository.curation.journal(10, author="personne") == []


def test_nothing_that_is_forgotten_stays_in_statements_or_in_the_life_of_a_listing(
    engine: Engine, publish: Publish, repository: Repository
) -> None:
    publish(sourced(name="Avant"), trust=TRUST)
    publish(sourced(name="Après"), trust=TRUST, day=1)
    say(repository, Topic.NAME, day=2, name="Nom d’une personne")

    publish(trust=TRUST, day=3, forgotten=["1"])

    with reading(engine) as connection:
        left = [connection.scalar(select(func.count()).select_from(each)) for each in (tables.statement, tables.listing_history)]
    assert left == [0, 0]
    assert name(repository) == "Fiche effacée"
