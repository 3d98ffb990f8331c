"""Publishing what a run found: counts, merges by identity, closing and reopening, provenance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from directory.database import reading
from directory.errors import DatabaseBusy, ListingNotFound
from directory.models.changes import CURATION, AppliedCounts, ChangeSet
from directory.models.record import FIELDS
from directory.models.staging import STAGING
from directory.repository import Repository, tables
from directory.vocabulary import Kind
from tests.directory.conftest import NOW
from tests.factories import listing, sourced

Publish = Callable[..., AppliedCounts]
UAI = "uai:0350001A"


def names(repository: Repository) -> dict[str, str]:
    return {published.id: published.record.name for published in repository.iterate_listings()}


def listings_kept(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(tables.listing)) or 0


def test_a_first_import_publishes_every_record_whole(repository: Repository, publish: Publish) -> None:
    full = {
        "kind": "event", "category": "salon", "name": "Salon", "description": "Un salon", "address": "1 rue A",
        "code_postal": "35300", "latitude": 48.35, "longitude": -1.2, "precision": "address", "age_min": 16,
        "age_max": 25, "frais": "gratuit",
        "coverage": ({"scope": "commune", "code": "35115"}, {"scope": "remote"}), "pathways": ("job", "apprenticeship"),
        "occurrences": ({"start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T17:00:00+01:00"},), "event_state": "postponed",
        "checked_at": "2026-11-01", "checked_by": "Un référent", "updated_at": "2026-10-01", "valid_until": "2026-12-31",
        "siret": "35600000000048", "occupations": ("G1602",), "places": 0, "registration_url": "https://exemple.fr",
    }  # fmt: skip

    counts = publish(sourced("1", **full), sourced("2"))

    assert counts == AppliedCounts(added=2)
    assert repository.get_listing("missions_locales--1").record == listing(**full)
    assert repository.get_listing("missions_locales--2").record == listing()
    assert repository.count_listings() == {Kind.PARTNER: 1, Kind.SCHEME: 0, Kind.COMPANY: 0, Kind.EVENT: 1}


def test_the_same_file_again_writes_nothing_but_when_it_was_seen(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"), sourced("2"))
    before = list(repository.iterate_listings()), repository.revision()

    counts = publish(sourced("1"), sourced("2"), day=3)

    assert counts == AppliedCounts(unchanged=2)
    assert (list(repository.iterate_listings()), repository.revision()) == before
    origin = repository.list_origins("missions_locales--1")[0]
    assert (origin.first_seen, origin.last_seen) == (NOW, NOW + timedelta(days=3))


def test_a_changed_record_changes_its_listing_and_only_it(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", name="Avant"), sourced("2"))

    counts = publish(sourced("1", name="Après"), sourced("2"), day=1)

    changed, same = repository.list_listings(["missions_locales--1", "missions_locales--2"])
    assert counts == AppliedCounts(changed=1, unchanged=1)
    assert (changed.record.name, changed.first_seen, changed.last_changed) == ("Après", NOW, NOW + timedelta(days=1))
    assert (changed.revision, same.revision) == (2, 1)
    assert same.last_changed == NOW


def test_a_column_that_no_field_reads_changes_the_record_but_not_the_listing(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", raw={"Fax": "1"}))

    counts = publish(sourced("1", raw={"Fax": "2"}), day=1)

    assert counts == AppliedCounts(changed=1)
    assert repository.get_listing("missions_locales--1").last_changed == NOW


def test_a_listing_closes_when_its_source_drops_it_and_reopens_when_it_comes_back(
    repository: Repository, publish: Publish
) -> None:
    publish(sourced("1"), sourced("2"))

    dropped = publish(sourced("2"), day=1)
    closed = repository.get_listing("missions_locales--1")
    open_ids = list(names(repository))
    again = publish(sourced("2"), day=2)
    back = publish(sourced("1"), sourced("2"), day=3)

    assert (dropped, again, back) == (
        AppliedCounts(unchanged=1, removed=1),
        AppliedCounts(unchanged=1),
        AppliedCounts(changed=1, unchanged=1),
    )
    assert open_ids == ["missions_locales--2"]
    assert (closed.closed_at, bool(closed.closed_reason), closed.record.name) == (NOW + timedelta(days=1), True, listing().name)
    reopened = repository.get_listing("missions_locales--1")
    assert (reopened.closed_at, reopened.closed_reason, reopened.first_seen) == (None, "", NOW)


def test_a_record_that_one_run_misses_stays_published_and_keeps_the_day_it_was_last_seen(
    repository: Repository, publish: Publish
) -> None:
    publish(sourced("1"), sourced("2"))
    publish(sourced("1"), sourced("2"), day=1)
    revision = repository.revision()

    missed = publish(sourced("2"), day=2, missed=["1"], missing=())
    kept = repository.list_records("missions_locales--1")[0]
    found = publish(sourced("1"), sourced("2"), day=3)

    assert (missed, found) == (AppliedCounts(unchanged=1, missed=1), AppliedCounts(unchanged=2))
    assert repository.revision() == revision
    assert (kept.last_seen, kept.missed_at, kept.missing_since) == (NOW + timedelta(days=1), NOW + timedelta(days=2), None)
    again = repository.list_records("missions_locales--1")[0]
    assert (again.last_seen, again.missed_at) == (NOW + timedelta(days=3), None)


def test_a_listing_closes_for_the_reason_that_its_source_gives(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"), sourced("2"))

    publish(sourced("2"), day=1, missing=["1"], reasons={"1": "Fermé, dit sa source."})

    assert repository.get_listing("missions_locales--1").closed_reason == "Fermé, dit sa source."
    assert repository.list_records("missions_locales--1")[0].missing_reason == "Fermé, dit sa source."


def test_what_would_merge_is_foreseen_without_writing(repository: Repository, publish: Publish, engine: Engine) -> None:
    publish(sourced("1", "education", identities=(UAI,)), source="education")
    publish(sourced("2", "tableur"), source="tableur")
    changes = ChangeSet(
        source="tableur",
        run_pk=0,
        changed=[sourced("2", "tableur", identities=(UAI,))],
        added=[sourced("3", "tableur", identities=("x:1",)), sourced("4", "tableur", identities=("x:1",))],
        trust={},
    )

    foreseen = repository.foresee(changes)

    assert foreseen.counts == AppliedCounts(added=2, changed=1, merged=2)
    assert [(merge.record, merge.into) for merge in foreseen.merges] == [
        ("tableur:2", "education:1"), ("tableur:4", "tableur:3"),
    ]  # fmt: skip
    assert (listings_kept(engine), len(repository.known_records("tableur"))) == (2, 1)
    run_pk = repository.start_run("tableur", [], NOW)
    assert repository.apply(replace(changes, run_pk=run_pk), NOW) == foreseen
    repository.finish_run(run_pk, "done", {}, [], "", NOW)


def test_a_missing_record_keeps_the_day_it_was_last_seen(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"), sourced("2"))
    publish(sourced("1"), sourced("2"), day=1)

    publish(sourced("2"), day=9)

    assert repository.list_origins("missions_locales--1")[0].last_seen == NOW + timedelta(days=1)
    assert repository.list_origins("missions_locales--2")[0].last_seen == NOW + timedelta(days=9)


def test_a_file_that_holds_a_part_of_its_source_says_nothing_of_the_rest(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"), sourced("2"))

    counts = publish(sourced("1"), day=5, missing=())

    assert counts == AppliedCounts(unchanged=1)
    assert len(names(repository)) == 2
    assert repository.list_origins("missions_locales--1")[0].last_seen == NOW + timedelta(days=5)
    assert repository.list_origins("missions_locales--2")[0].last_seen == NOW


def test_records_of_two_sources_that_share_an_identity_are_one_listing(
    repository: Repository, publish: Publish, engine: Engine
) -> None:
    publish(sourced("1", "education", identities=(UAI,), name="CIO", category="cio"), source="education")

    counts = publish(
        sourced("9", "tableur", identities=(UAI,), name="C.I.O.", category="cio", description="Au lycée"),
        source="tableur",
        trust={"education": 80, "tableur": 10},
    )

    merged = repository.get_listing("education--1")
    assert counts == AppliedCounts(added=1, merged=1)
    assert (merged.record.name, merged.record.description, listings_kept(engine)) == ("CIO", "Au lycée", 1)
    assert {origin.field: origin.source for origin in repository.list_origins("education--1")}["description"] == "tableur"


def test_records_of_one_file_that_share_an_identity_are_one_listing(repository: Repository, publish: Publish) -> None:
    counts = publish(
        sourced("1", identities=(UAI,)), sourced("2", identities=(UAI, "siret:x")), sourced("3", identities=("siret:x",))
    )

    assert counts == AppliedCounts(added=3, merged=2)
    assert list(names(repository)) == ["missions_locales--1"]


def test_when_two_listings_prove_to_be_one_the_older_id_stays_and_the_other_still_leads_to_it(
    repository: Repository, publish: Publish, engine: Engine
) -> None:
    publish(sourced("1", "education"), source="education")
    publish(sourced("2", "tableur"), source="tableur")

    counts = publish(sourced("1", "education", identities=(UAI,)), source="education")
    bridge = publish(sourced("2", "tableur", identities=(UAI,)), source="tableur")

    assert (counts, bridge) == (AppliedCounts(changed=1), AppliedCounts(changed=1, merged=1))
    assert repository.get_listing("tableur--2").id == "education--1"
    assert [found.id for found in repository.list_listings(["tableur--2", "education--1"])] == ["education--1"]
    assert listings_kept(engine) == 1


def test_an_id_taken_over_twice_leads_to_the_last_heir(repository: Repository, publish: Publish) -> None:
    for source in ("education", "psad", "tableur"):
        publish(sourced("1", source), source=source)
    publish(sourced("1", "psad", identities=("a:1",)), source="psad")
    publish(sourced("1", "tableur", identities=("a:1", "b:1")), source="tableur")

    publish(sourced("1", "education", identities=("b:1",)), source="education")

    assert {repository.get_listing(f"{source}--1").id for source in ("education", "psad", "tableur")} == {"education--1"}


def test_a_false_identity_that_is_withdrawn_parts_the_listings_and_each_has_its_id_again(
    repository: Repository, publish: Publish
) -> None:
    publish(sourced("1", "education", name="Un"), source="education")
    publish(sourced("2", "tableur", name="Deux"), source="tableur")
    publish(sourced("1", "education", name="Un", identities=(UAI,)), source="education")
    publish(sourced("2", "tableur", name="Deux", identities=(UAI,)), source="tableur")
    together = names(repository)

    publish(sourced("2", "tableur", name="Deux"), source="tableur")

    assert list(together) == ["education--1"]
    assert names(repository) == {"education--1": "Un", "tableur--2": "Deux"}
    assert repository.get_listing("tableur--2").record.name == "Deux"


def test_an_identity_never_merges_a_partner_and_a_company(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", identities=("siret:x",)), sourced("2", identities=("siret:x",), kind="company", category="entreprise"))

    assert len(names(repository)) == 2


def test_a_merged_listing_stays_open_while_one_source_holds_it_and_then_says_only_what_that_one_says(
    repository: Repository, publish: Publish
) -> None:
    trust = {"education": 80}
    publish(sourced("1", "education", identities=(UAI,), name="Éducation", description="Texte"), source="education", trust=trust)
    publish(sourced("2", "tableur", identities=(UAI,), name="Tableur"), source="tableur", trust=trust)

    publish(source="education", trust=trust, day=1)
    left = repository.get_listing("education--1")
    publish(source="tableur", trust=trust, day=2)

    assert (left.record.name, left.record.description, left.closed_at) == ("Tableur", "", None)
    assert repository.get_listing("education--1").closed_at is not None


def test_what_a_person_decided_survives_the_next_import_field_by_field(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", identities=(UAI,), name="Importé"))
    publish(sourced("x", CURATION, identities=(UAI,), name="Corrigé", contacts=(), coverage=()), source=CURATION)

    publish(sourced("1", identities=(UAI,), name="Réimporté", description="Nouveau"), day=1)

    record = repository.get_listing("missions_locales--1").record
    assert (record.name, record.description) == ("Corrigé", "Nouveau")


def test_two_ids_that_would_be_the_same_stay_two(repository: Repository, publish: Publish) -> None:
    publish(
        sourced("1", "psad", name="Un"),
        sourced("psad--1", "psad", name="Deux"),
        sourced("a/b", "psad"),
        sourced("a b", "psad"),
        source="psad",
    )

    assert len(names(repository)) == 4
    assert names(repository)["psad--1"] == "Un"


def test_coverage_follows_the_listing(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", coverage=({"scope": "commune", "code": "35115"}, {"scope": "france"})), sourced("2"))

    publish(sourced("1", coverage=({"scope": "epci", "code": "243500139"},)), day=1)

    assert list(repository.iterate_coverage()) == [(1, "epci", "243500139")]


def test_columns_are_those_of_open_listings_in_order(repository: Repository, publish: Publish) -> None:
    publish(sourced("1"), sourced("2", thematiques=()), sourced("3"))
    publish(sourced("1"), sourced("3"), day=1)

    rows = list(repository.iterate_columns(["id", "pk", "contacts", "valid_from"]))

    assert [row[:2] for row in rows] == [("missions_locales--1", 1), ("missions_locales--3", 3)]
    assert rows[0][2][0]["phone"] == "+33261910001"


def test_every_field_that_says_something_has_an_origin(repository: Repository, publish: Publish) -> None:
    publish(
        sourced("1", raw={"Nom": "MISSION LOCALE", "Tél": "02 61 91 00 01"}, origins={"name": ("Nom",), "contacts": ("Tél",)})
    )

    origins = {origin.field: origin for origin in repository.list_origins("missions_locales--1")}

    record = repository.get_listing("missions_locales--1").record
    assert set(origins) == {field for field in FIELDS if getattr(record, field) not in (None, "", (), False)}
    assert origins["name"].original == {"Nom": "MISSION LOCALE"}
    assert origins["contacts"].original == {"Tél": "02 61 91 00 01"}
    assert (origins["category"].original, origins["category"].record_id) == ({}, "1")


def test_a_united_list_names_each_source_that_tells_a_part_of_it(repository: Repository, publish: Publish) -> None:
    publish(sourced("1", "education", identities=(UAI,)), source="education")
    publish(sourced("2", "tableur", identities=(UAI,), coverage=({"scope": "france"},)), source="tableur")

    told = [origin.source for origin in repository.list_origins("education--1") if origin.field == "coverage"]

    assert sorted(told) == ["education", "tableur"]


@pytest.mark.parametrize("listing_id", ["", "absent", "'; DROP TABLE listing; --", "é" * 500])
def test_an_unknown_id_is_not_found(repository: Repository, listing_id: str) -> None:
    with pytest.raises(ListingNotFound):
        repository.get_listing(listing_id)
    with pytest.raises(ListingNotFound):
        repository.list_origins(listing_id)


def test_a_record_given_twice_publishes_nothing_and_leaves_nothing(
    repository: Repository, publish: Publish, engine: Engine
) -> None:
    publish(sourced("1", name="Avant"))
    run_pk = repository.start_run("missions_locales", [], NOW)
    twice = [sourced("1", name="Après"), sourced("1", name="Encore")]

    with pytest.raises(ValueError, match="twice"):
        repository.apply(ChangeSet(source="missions_locales", run_pk=run_pk, changed=twice, trust={}), NOW)
    repository.finish_run(run_pk, "failed", {}, [], "Deux fois la même fiche.", NOW)
    next_run = repository.start_run("psad", [], NOW)

    assert list(names(repository).values()) == ["Avant"]
    with reading(engine) as connection:
        assert not any(connection.execute(select(table)).first() for table in STAGING)
    repository.finish_run(next_run, "done", {}, [], "", NOW)


def test_only_the_open_run_may_publish(repository: Repository) -> None:
    with pytest.raises(DatabaseBusy):
        repository.apply(ChangeSet(source="psad", run_pk=99, trust={}), NOW)
