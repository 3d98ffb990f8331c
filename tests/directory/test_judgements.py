"""Same thing, twice, in the directory: merged, proposed, judged, undone, and imported again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from directory.database import reading
from directory.errors import JudgementRefused
from directory.models.changes import CURATION, AppliedCounts
from directory.models.duplicates import Decision, DuplicatePair, PairState, Verdict
from directory.models.record import SourcedRecord
from directory.models.staging import STAGING
from directory.repository import Repository, tables
from matching.duplicates import DuplicateComparer
from tests.directory.conftest import NOW
from tests.factories import sourced

Publish = Callable[..., AppliedCounts]
TRUST = {"education": 80, "tableur": 20, "psad": 50}
PHONE = "+33261910001"
LEFT, RIGHT = "education--1", "tableur--9"


@pytest.fixture
def repository(engine: Engine) -> Repository:
    return Repository(engine, DuplicateComparer())


def record(record_id: str, source: str, **changes: Any) -> SourcedRecord:
    """A record of the same mission locale, unless said otherwise."""
    facts = {"address": "12 avenue de la Gare", "coverage": ()} | changes
    return sourced(record_id, source, **facts)


def two(publish: Publish, **changes: Any) -> AppliedCounts:
    """One record in each of two sources."""
    publish(record("1", "education"), source="education", trust=TRUST)
    return publish(record("9", "tableur", **changes), source="tableur", trust=TRUST)


DOUBTFUL = {"name": "Mission locale du Pays de Fougères", "contacts": (), "address": ""}
ELSEWHERE = {"address": "40 rue de Nantes", "contacts": ({"phone": "+33261910077"},)}


def ids(repository: Repository) -> list[str]:
    return [published.id for published in repository.iterate_listings()]


def decide(verdict: Verdict | None, *, day: int = 1, note: str = "") -> Decision:
    return Decision(verdict=verdict, by="Une référente", note=note, now=NOW + timedelta(days=day), trust=TRUST)


def only(repository: Repository, state: PairState) -> DuplicatePair:
    (pair,) = repository.list_pairs(state)
    return pair


def test_two_records_that_are_one_thing_become_one_listing(repository: Repository, publish: Publish) -> None:
    counts = two(publish, name="ML PAYS DE FOUGERES", description="Sur rendez-vous")

    merged = repository.get_listing(LEFT)
    pair = only(repository, PairState.MERGED)
    assert counts == AppliedCounts(added=1, merged=1)
    assert ids(repository) == [LEFT]
    assert (merged.record.name, merged.record.description) == ("Mission locale du Pays de Fougères", "Sur rendez-vous")
    assert (pair.verdict, pair.is_merged, pair.left.listing_id) == (Verdict.SAME, True, LEFT)
    assert "même adresse" in pair.reasons


def test_no_unique_fact_of_the_poorer_copy_is_lost(repository: Repository, publish: Publish) -> None:
    poor = {
        "thematiques": ("mobilite--financer-ma-mobilite",),
        "contacts": ({"phone": PHONE}, {"label": "Garantie jeunes", "email": "jeunes@exemple.fr"}),
        "coverage": ({"scope": "commune", "code": "35115"},),
        "opening_hours": "Mo-Fr 09:00-17:00",
    }

    two(publish, **poor)

    kept = repository.get_listing(LEFT).record
    assert kept.thematiques == poor["thematiques"]
    assert [contact.email for contact in kept.contacts if contact.email] == ["jeunes@exemple.fr"]
    assert [str(territory.token) for territory in kept.coverage] == ["commune:35115"]
    assert kept.opening_hours == "Mo-Fr 09:00-17:00"


def test_a_service_is_never_merged_with_its_structure_and_leads_to_it_when_that_is_merged(
    repository: Repository, publish: Publish
) -> None:
    publish(record("1", "education", identities=("di:1",)), source="education", trust=TRUST)

    publish(
        record("9", "tableur"),
        record("10", "tableur", category="service", structure="di:1"),
        source="tableur",
        trust=TRUST,
    )

    assert ids(repository) == [LEFT, "tableur--10"]
    assert repository.get_listing("tableur--10").record.structure == "di:1"
    assert repository.list_pairs(PairState.PROPOSED) == []


def test_what_may_be_one_thing_is_proposed_and_not_merged(repository: Repository, publish: Publish) -> None:
    counts = two(publish, **DOUBTFUL)

    pair = only(repository, PairState.PROPOSED)
    assert counts == AppliedCounts(added=1, proposed=1)
    assert ids(repository) == [LEFT, RIGHT]
    assert (pair.verdict, pair.is_merged) == (Verdict.PROBABLE, False)
    assert 0.25 <= (pair.probability or 0) < 0.8


def test_an_import_that_finds_nothing_new_proposes_nothing_again(repository: Repository, publish: Publish) -> None:
    two(publish, **DOUBTFUL)
    before = only(repository, PairState.PROPOSED)

    counts = publish(record("9", "tableur", **DOUBTFUL, description="Nouveau"), source="tableur", trust=TRUST, day=2)

    assert counts == AppliedCounts(changed=1)
    assert only(repository, PairState.PROPOSED).number == before.number


def test_a_person_merges_what_was_proposed_and_it_stays_so_when_imported_again(repository: Repository, publish: Publish) -> None:
    two(publish, **DOUBTFUL)
    proposed = only(repository, PairState.PROPOSED)

    judged = repository.judge(proposed.number, decide(Verdict.SAME, note="Vu sur place"))
    publish(record("9", "tableur", **{**DOUBTFUL, **ELSEWHERE}), source="tableur", trust=TRUST, day=3)

    kept = repository.get_pair(proposed.number)
    assert (judged.judgement, judged.judged_by, judged.note, judged.is_merged) == (
        Verdict.SAME,
        "Une référente",
        "Vu sur place",
        True,
    )
    assert (kept.judgement, kept.verdict, kept.is_merged) == (Verdict.SAME, None, True)
    assert ids(repository) == [LEFT]
    assert repository.get_listing(RIGHT).id == LEFT
    assert repository.list_pairs(PairState.PROPOSED) == []


def test_what_a_person_holds_apart_is_never_merged_nor_proposed_again(repository: Repository, publish: Publish) -> None:
    two(publish, **DOUBTFUL)
    number = only(repository, PairState.PROPOSED).number

    repository.judge(number, decide(Verdict.DIFFERENT))
    counts = publish(record("9", "tableur", description="Les mêmes mots"), source="tableur", trust=TRUST, day=3)

    assert counts == AppliedCounts(changed=1)
    assert ids(repository) == [LEFT, RIGHT]
    assert repository.list_pairs(PairState.PROPOSED) == []
    assert (repository.get_pair(number).verdict, repository.get_pair(number).stands) == (Verdict.SAME, Verdict.DIFFERENT)


def test_undoing_a_merge_gives_each_its_listing_and_its_id_again_for_good(repository: Repository, publish: Publish) -> None:
    publish(record("1", "education"), source="education", trust=TRUST)
    publish(record("9", "tableur", **ELSEWHERE, name="Mission locale"), source="tableur", trust=TRUST)
    publish(record("9", "tableur", name="Mission locale"), source="tableur", trust=TRUST, day=1)
    together = ids(repository)

    pair = repository.judge(only(repository, PairState.MERGED).number, decide(None, day=2))
    publish(record("9", "tableur", name="Mission locale", description="Encore"), source="tableur", trust=TRUST, day=3)

    assert together == [LEFT]
    assert (pair.judgement, pair.is_merged) == (Verdict.DIFFERENT, False)
    assert ids(repository) == [LEFT, RIGHT]
    assert [repository.get_listing(asked).record.name for asked in (LEFT, RIGHT)] == [
        "Mission locale du Pays de Fougères",
        "Mission locale",
    ]


def test_taking_a_decision_back_gives_the_word_to_the_comparison_again(
    repository: Repository, publish: Publish, engine: Engine
) -> None:
    two(publish)
    number = only(repository, PairState.MERGED).number
    repository.judge(number, decide(None))
    apart = ids(repository)

    repository.judge(number, decide(None, day=2))

    with reading(engine) as connection:
        history = list(connection.scalars(select(tables.judgement.c.decision).order_by(tables.judgement.c.pk)))
    assert (apart, ids(repository)) == ([LEFT, RIGHT], [LEFT])
    assert history == ["different", None]
    assert repository.list_pairs(PairState.JUDGED) == []


def test_a_changed_record_breaks_what_comparing_had_merged(repository: Repository, publish: Publish) -> None:
    two(publish)

    publish(record("9", "tableur", name="Épicerie solidaire", **ELSEWHERE), source="tableur", trust=TRUST, day=1)

    assert ids(repository) == [LEFT, RIGHT]
    assert repository.get_listing(RIGHT).record.name == "Épicerie solidaire"
    assert [repository.list_pairs(state) for state in PairState] == [[], [], []]


def test_two_listings_that_nothing_brought_together_are_merged_by_their_ids(repository: Repository, publish: Publish) -> None:
    two(publish, name="Espace jeunes", **ELSEWHERE)

    pair = repository.judge((RIGHT, LEFT), decide(Verdict.SAME))

    assert (pair.verdict, pair.judgement, pair.is_merged) == (None, Verdict.SAME, True)
    assert ids(repository) == [LEFT]


def test_a_person_parts_records_that_share_an_identity(repository: Repository, publish: Publish) -> None:
    publish(record("1", "education", identities=("uai:1",)), source="education", trust=TRUST)
    publish(record("9", "tableur", identities=("uai:1",), **ELSEWHERE, name="Autre"), source="tableur", trust=TRUST)

    repository.judge((LEFT, RIGHT), decide(Verdict.DIFFERENT))
    publish(record("9", "tableur", identities=("uai:1",), **ELSEWHERE, name="Autre nom"), source="tableur", trust=TRUST, day=3)

    assert ids(repository) == [LEFT, RIGHT]


def test_the_ids_of_a_listing_that_leaves_with_several_records_lead_to_it(repository: Repository, publish: Publish) -> None:
    publish(record("1", "education"), source="education", trust=TRUST)
    other = {"name": "Espace jeunes", **ELSEWHERE}
    publish(record("9", "tableur", **other | {"name": "Pas encore la même"}), source="tableur", trust=TRUST)
    publish(record("2", "psad", **other), source="psad", trust=TRUST)
    publish(record("9", "tableur", **other), source="tableur", trust=TRUST)
    number = repository.judge((LEFT, "psad--2"), decide(Verdict.SAME)).number
    together = {repository.get_listing(asked).id for asked in (LEFT, "psad--2", RIGHT)}

    repository.judge(number, decide(None, day=2))

    assert together == {LEFT}
    assert repository.get_listing(LEFT).record.name == "Mission locale du Pays de Fougères"
    assert {repository.get_listing(asked).record.name for asked in ("psad--2", RIGHT)} == {"Espace jeunes"}


def test_judging_leaves_nothing_staged(repository: Repository, publish: Publish, engine: Engine) -> None:
    two(publish, **DOUBTFUL)

    repository.judge(only(repository, PairState.PROPOSED).number, decide(Verdict.SAME))

    with reading(engine) as connection:
        assert not any(connection.scalar(select(func.count()).select_from(table)) for table in STAGING)


def test_two_listings_are_proposed_once_however_many_records_they_have(repository: Repository, publish: Publish) -> None:
    publish(record("1", "education"), record("2", "education"), source="education", trust=TRUST)

    publish(record("9", "tableur", **DOUBTFUL), source="tableur", trust=TRUST)

    assert ids(repository) == [LEFT, RIGHT]
    assert len(repository.list_pairs(PairState.PROPOSED)) == 1


def test_a_record_that_its_source_dropped_is_not_compared_and_is_again_when_it_is_back(
    repository: Repository, publish: Publish
) -> None:
    publish(record("1", "education"), record("x", "education", name="Autre chose", **ELSEWHERE), source="education", trust=TRUST)
    publish(record("x", "education", name="Autre chose", **ELSEWHERE), source="education", trust=TRUST)
    publish(record("9", "tableur"), source="tableur", trust=TRUST)
    alone = ids(repository)

    publish(record("1", "education"), record("x", "education", name="Autre chose", **ELSEWHERE), source="education", trust=TRUST)

    assert sorted(alone) == ["education--x", RIGHT]
    assert sorted(ids(repository)) == [LEFT, "education--x"]


def test_what_a_curator_states_is_not_taken_for_another_copy(repository: Repository, publish: Publish) -> None:
    publish(record("1", "education"), source="education", trust=TRUST)

    publish(record("1", CURATION), source=CURATION, trust=TRUST)

    assert [repository.list_pairs(state) for state in PairState] == [[], [], []]


def test_of_a_chain_whose_ends_are_two_things_the_doubtful_link_is_proposed(repository: Repository, publish: Publish) -> None:
    """The middle record has no SIRET: it is like both, which are two establishments."""
    one, other = "26350115100009", "26350115100017"
    publish(record("1", "education", siret=one), source="education", trust=TRUST)
    publish(record("2", "psad", siret=other), source="psad", trust=TRUST)

    publish(record("9", "tableur"), source="tableur", trust=TRUST)

    open_ids = ids(repository)
    assert len(open_ids) == 2
    assert not {LEFT, "psad--2"} - set(open_ids)


def test_everything_compared_anew_says_what_importing_said(repository: Repository, publish: Publish) -> None:
    two(publish)
    publish(record("5", "psad", **DOUBTFUL), source="psad", trust=TRUST)
    before = [(pair.number, pair.verdict, pair.is_merged) for state in PairState for pair in repository.list_pairs(state)]

    counts = repository.compare_all(TRUST, NOW + timedelta(days=1))

    after = [(pair.number, pair.verdict, pair.is_merged) for state in PairState for pair in repository.list_pairs(state)]
    assert (counts, after) == (AppliedCounts(unchanged=3), before)


def test_records_imported_before_anything_was_compared_are_found_by_comparing_all(engine: Engine, publish: Publish) -> None:
    repository = Repository(engine, DuplicateComparer())
    publish(record("1", "education", demonstration=True), source="education", trust=TRUST)
    two(publish)
    with engine.begin() as connection:
        connection.execute(tables.duplicate_pair.delete())
        connection.execute(tables.record_keys.delete())

    repository.compare_all(TRUST, NOW)

    assert ids(repository) == [LEFT]


def test_a_public_listing_and_one_for_a_bassin_are_never_made_one(repository: Repository, publish: Publish) -> None:
    two(publish, visibility="bassin")

    assert repository.list_pairs(PairState.PROPOSED) == []
    with pytest.raises(JudgementRefused) as refused:
        repository.judge((LEFT, RIGHT), decide(Verdict.SAME))

    assert "publique" in refused.value.public
    assert sorted(ids(repository)) == [LEFT, RIGHT]


def test_a_decision_of_before_one_of_two_was_kept_for_a_bassin_hinders_no_other(repository: Repository, publish: Publish) -> None:
    two(publish, **DOUBTFUL)
    repository.judge((LEFT, RIGHT), decide(Verdict.SAME))

    publish(record("9", "tableur", visibility="bassin", **DOUBTFUL), source="tableur", trust=TRUST, day=2)
    parted = sorted(ids(repository))
    publish(record("5", "psad", **DOUBTFUL), source="psad", trust=TRUST, day=3)
    repository.judge((LEFT, "psad--5"), decide(Verdict.SAME, day=4))

    assert len(parted) == 2
    assert len(ids(repository)) == 2
