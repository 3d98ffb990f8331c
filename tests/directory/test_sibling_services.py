"""Services of structures that are one listing: the same service twice is one, and comes apart with its structures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from directory.models.changes import AppliedCounts
from directory.models.duplicates import Decision, PairState, Verdict
from directory.models.record import SourcedRecord
from directory.repository import Repository
from matching.duplicates import DuplicateComparer
from tests.directory.conftest import NOW
from tests.factories import sourced

Publish = Callable[..., AppliedCounts]
TRUST = {"education": 80, "tableur": 20}
WORKSHOP, LODGING, HEALTH = "Atelier de recherche d’emploi", "Aide au logement des jeunes", "Permanence santé"


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine, DuplicateComparer())


def structure(source: str, record_id: str = "s", **changes: Any) -> SourcedRecord:
    facts = {"address": "12 avenue de la Gare", "coverage": ()} | changes
    return sourced(record_id, source, identities=(f"{source}:{record_id}",), **facts)


def service(source: str, record_id: str, name: str, **changes: Any) -> SourcedRecord:
    facts = {"address": "12 avenue de la Gare", "coverage": (), "category": "service", "structure": f"{source}:s"} | changes
    return sourced(record_id, source, name=name, **facts)


def services(repository: Repository) -> list[str]:
    return sorted(found.record.name for found in repository.iterate_listings() if found.record.structure)


def both(publish: Publish, **changes: Any) -> AppliedCounts:
    """One structure in two sources: the workshop in both, a service of its own in each."""
    first = [structure("education"), service("education", "1", WORKSHOP), service("education", "2", LODGING)]
    second = [structure("tableur"), service("tableur", "1", WORKSHOP.upper(), **changes), service("tableur", "3", HEALTH)]
    publish(*first, source="education", trust=TRUST)
    return publish(*second, source="tableur", trust=TRUST, day=1)


def test_the_same_service_twice_under_one_merged_structure_is_one_and_no_other_is_lost(
    repository: Repository, publish: Publish
) -> None:
    counts = both(publish)

    assert counts.merged == 2
    assert services(repository) == [LODGING, WORKSHOP, HEALTH]
    assert {link.name for link in repository.list_services("education--s")} == {LODGING, WORKSHOP, HEALTH}


def test_the_same_service_twice_in_one_import_is_one(repository: Repository, publish: Publish) -> None:
    twice = [structure("tableur", f"s{rank}") for rank in (1, 2)]
    offered = [service("tableur", f"w{rank}", WORKSHOP, structure=f"tableur:s{rank}") for rank in (1, 2)]

    counts = publish(*twice, *offered, source="tableur", trust=TRUST)

    assert counts.merged == 2
    assert services(repository) == [WORKSHOP]


def test_the_same_files_again_change_nothing(repository: Repository, publish: Publish) -> None:
    both(publish)
    revision = repository.revision()

    counts = both(publish)

    assert (counts.added, counts.changed, counts.merged, repository.revision()) == (0, 0, 0, revision)


def test_a_service_that_changes_stays_with_its_twin(repository: Repository, publish: Publish) -> None:
    both(publish)

    both(publish, description="Le mardi")

    assert services(repository) == [LODGING, WORKSHOP, HEALTH]


def test_services_of_two_structures_that_are_not_one_stay_two(repository: Repository, publish: Publish) -> None:
    publish(structure("education"), service("education", "1", WORKSHOP), source="education", trust=TRUST)
    elsewhere = {"name": "Maison des associations", "address": "3 rue Pasteur", "contacts": ()}
    publish(structure("tableur", **elsewhere), service("tableur", "1", WORKSHOP), source="tableur", trust=TRUST)

    assert services(repository) == [WORKSHOP, WORKSHOP]


def test_services_come_apart_with_the_structures_that_a_person_parts_and_join_again_with_them(
    repository: Repository, publish: Publish
) -> None:
    both(publish)
    merged = repository.list_pairs(PairState.MERGED)
    pair = next(pair for pair in merged if "structure" not in pair.left.record)

    def decide(verdict: Verdict, day: int) -> list[str]:
        moment = NOW + timedelta(days=day)
        repository.judge(pair.number, Decision(verdict=verdict, by="Une référente", note="", now=moment, trust=TRUST))
        return services(repository)

    assert decide(Verdict.DIFFERENT, 2) == sorted([LODGING, WORKSHOP, WORKSHOP.upper(), HEALTH])
    assert decide(Verdict.SAME, 3) == [LODGING, WORKSHOP, HEALTH]


def test_comparing_everything_anew_finds_them_too(engine: Engine, repository: Repository, publish: Publish) -> None:
    both(publish)
    before = services(repository)

    repository.compare_all(TRUST, NOW + timedelta(days=5))

    assert services(repository) == before == [LODGING, WORKSHOP, HEALTH]
