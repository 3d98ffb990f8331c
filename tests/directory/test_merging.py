"""Which record wins which field, by example and by property."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.merging import UNITED, merge_records
from directory.models.changes import CURATION, StoredRecord
from directory.models.record import FIELDS, ListingRecord
from directory.vocabulary import Visibility
from tests.factories import listing

TRUST = {"education": 80, "missions_locales": 60, "tableur": 20}


def stored(pk: int = 1, source: str = "missions_locales", *, changed: int = 1, **changes: Any) -> StoredRecord:
    return StoredRecord(
        pk=pk, source=source, record_id=str(pk), record=listing(**changes), changed_at=datetime(2026, 11, changed, tzinfo=UTC)
    )


def merged(*records: StoredRecord) -> tuple[ListingRecord, dict[str, int]]:
    return merge_records(records, TRUST)


def test_the_more_trusted_source_wins_a_field_and_the_other_fills_what_it_lacks() -> None:
    trusted = stored(1, "education", name="CIO de Fougères", category="cio", description="")
    other = stored(2, "tableur", name="C.I.O.", category="cio", description="Au lycée.")

    record, winners = merged(other, trusted)

    assert (record.name, record.description) == ("CIO de Fougères", "Au lycée.")
    assert (winners["name"], winners["description"]) == (1, 2)


def test_between_equals_the_fresher_record_wins() -> None:
    older = stored(1, name="Ancien nom", updated_at=date(2025, 1, 1), changed=20)
    newer = stored(2, name="Nouveau nom", updated_at=date(2026, 1, 1), changed=10)

    assert merged(older, newer)[0].name == "Nouveau nom"


def test_what_a_person_decided_outranks_the_most_trusted_source() -> None:
    decided = stored(1, CURATION, name="Nom corrigé", changed=1)
    imported = stored(2, "education", name="Nom importé", changed=20)

    assert merged(imported, decided)[0].name == "Nom corrigé"


def test_lists_are_united_but_a_persons_list_replaces_them() -> None:
    one = stored(1, coverage=({"scope": "departement", "code": "35"},), networks=("mission-locale",))
    two = stored(2, coverage=({"scope": "commune", "code": "35115"},), networks=("mission-locale",))
    decided = stored(3, CURATION, coverage=({"scope": "france"},))

    united, _ = merged(one, two)
    replaced, winners = merged(one, two, decided)

    assert {territory.token for territory in united.coverage} == {"departement:35", "commune:35115"}
    assert united.networks == ("mission-locale",)
    assert [territory.token for territory in replaced.coverage] == ["france"]
    assert winners["coverage"] == 3


def test_the_place_comes_whole_from_one_record_and_never_mixes_two_addresses() -> None:
    trusted = stored(1, "education", address="1 rue A", code_commune="35115", code_postal="35300")
    other = stored(2, "tableur", address="2 rue B", code_commune="35115", latitude=48.0, longitude=-1.0)

    record, _ = merged(trusted, other)

    assert (record.address, record.latitude) == ("1 rue A", None)


def test_a_place_that_lacks_a_point_takes_it_from_a_record_of_the_same_address() -> None:
    trusted = stored(1, "education", address="1 rue A", code_commune="35115")
    other = stored(2, "tableur", address="1 Rue A", code_commune="35115", latitude=48.0, longitude=-1.0, precision="address")

    record, winners = merged(trusted, other)

    assert (record.address, record.latitude, record.precision) == ("1 rue A", 48.0, "address")
    assert (winners["address"], winners["latitude"], winners["precision"]) == (1, 2, 2)


def test_a_known_commune_is_better_than_a_more_trusted_departement() -> None:
    vague = stored(1, "education", code_commune=None, code_departement="35")
    precise = stored(2, "tableur", code_commune="35115")

    record, winners = merged(vague, precise)

    assert (record.code_commune, winners["code_commune"]) == ("35115", 2)


def test_ages_come_from_one_record_so_that_they_never_contradict() -> None:
    one = stored(1, "education", age_min=26)
    two = stored(2, "tableur", age_min=16, age_max=25)

    record, _ = merged(one, two)

    assert (record.age_min, record.age_max) == (26, None)


def test_age_zero_and_longitude_zero_are_facts() -> None:
    record, winners = merged(stored(1, "education"), stored(2, "tableur", age_min=0, latitude=48.0, longitude=0.0))

    assert (record.age_min, record.longitude) == (0, 0.0)
    assert (winners["age_min"], winners["longitude"]) == (2, 2)


def test_the_latest_check_is_kept_with_who_made_it() -> None:
    one = stored(1, "education", checked_at=date(2025, 1, 1), checked_by="Une personne")
    two = stored(2, "tableur", checked_at=date(2026, 6, 1), checked_by="Une autre")

    record, winners = merged(one, two)

    assert (record.checked_at, record.checked_by, winners["checked_at"]) == (date(2026, 6, 1), "Une autre", 2)


def test_the_narrowest_visibility_is_heard() -> None:
    record, winners = merged(stored(1, "education"), stored(2, "tableur", visibility="bassin"))

    assert (record.visibility, winners["visibility"]) == ("bassin", 2)


def test_the_same_contact_stands_once_as_hidden_as_the_most_discreet_source_wants_it() -> None:
    one = stored(1, "education", contacts=({"label": "Accueil", "phone": "+33261910001"},))
    two = stored(2, "tableur", contacts=({"phone": "+33261910001", "visibility": "bassin"}, {"email": "a@exemple.fr"}))

    record, _ = merged(one, two)

    assert [(c.label, c.phone, c.email, str(c.visibility)) for c in record.contacts] == [
        ("Accueil", "+33261910001", "", "bassin"),
        ("", "", "a@exemple.fr", "public"),
    ]


def test_more_contacts_than_a_record_may_hold_are_cut_and_the_best_stay() -> None:
    many = [stored(pk, contacts=tuple({"phone": f"+33261{pk:02}{i:04}"} for i in range(40))) for pk in (1, 2)]

    record, _ = merged(*many)

    assert len(record.contacts) == 50


def test_an_invented_record_gives_nothing_once_a_real_one_is_there() -> None:
    invented = stored(1, "education", demonstration=True, name="Inventé", description="Inventée", address="1 rue inventée")
    real = stored(2, "tableur", name="Réel")

    record, winners = merged(invented, real)

    assert (record.name, record.description, record.address, record.demonstration) == ("Réel", "", "", False)
    assert set(winners.values()) == {2}


def test_a_decision_about_an_invented_listing_does_not_make_it_real() -> None:
    record, winners = merged(stored(1, demonstration=True), stored(2, CURATION, name="Nom choisi"))

    assert (record.name, record.demonstration, winners["demonstration"]) == ("Nom choisi", True, 1)


def test_records_of_several_kinds_are_never_merged() -> None:
    with pytest.raises(ValueError, match="kinds"):
        merged(stored(1), stored(2, kind="company", category="entreprise"))


# ------------------------------------------------------------ properties


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


TEXTS = st.sampled_from(["", "un", "deux"])
COMMUNES = optional(st.sampled_from(["35115", "35238"]))
CONTACTS = st.lists(
    st.fixed_dictionaries(
        {"phone": st.sampled_from(["+33261910001", "+33261910002"]), "visibility": st.sampled_from(list(Visibility))}
    ),
    max_size=3,
)
TERRITORIES = st.lists(
    st.sampled_from([{"scope": "france"}, {"scope": "region", "code": "53"}, {"scope": "departement", "code": "35"}])
)
DAYS = optional(st.dates(date(2026, 1, 1), date(2026, 1, 3)))


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    point = draw(st.booleans())
    return {
        "name": draw(st.sampled_from(["A", "B"])),
        "description": draw(TEXTS),
        "address": draw(TEXTS),
        "visibility": draw(st.sampled_from(list(Visibility))),
        "code_commune": draw(COMMUNES),
        "latitude": 48.0 if point else None,
        "longitude": draw(st.sampled_from([0.0, -1.0])) if point else None,
        "contacts": tuple(draw(CONTACTS)),
        "coverage": tuple(draw(TERRITORIES)),
        "age_min": draw(optional(st.integers(0, 20))),
        "age_max": draw(optional(st.integers(20, 30))),
        "checked_at": draw(DAYS),
        "updated_at": draw(DAYS),
        "demonstration": draw(st.booleans()),
    }  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> list[StoredRecord]:
    sources = draw(st.lists(st.sampled_from([CURATION, *TRUST]), min_size=1, max_size=4))
    return [stored(pk, source, changed=draw(st.integers(1, 3)), **draw(changes())) for pk, source in enumerate(sources, start=1)]


@given(records())
def test_the_order_of_the_records_does_not_matter(given_records: Sequence[StoredRecord]) -> None:
    outcomes = [merge_records(order, TRUST) for order in permutations(given_records)]

    assert all(outcome == outcomes[0] for outcome in outcomes)


def is_empty(value: object) -> bool:
    return value is None or value is False or value in ("", ())


@given(records())
def test_each_field_that_says_something_has_a_winner_that_states_it(given_records: Sequence[StoredRecord]) -> None:
    by_pk = {record.pk: record.record for record in given_records}

    record, winners = merge_records(given_records, TRUST)

    assert set(winners) == {field for field in FIELDS if not is_empty(getattr(record, field))}
    for field, pk in winners.items():
        theirs, ours = getattr(by_pk[pk], field), getattr(record, field)
        if field == "contacts":
            assert {contact.phone for contact in theirs} <= {contact.phone for contact in ours}
        elif field in UNITED:
            assert set(theirs) <= set(ours)
        else:
            assert theirs == ours


@given(records())
def test_nothing_is_more_visible_than_its_most_discreet_source_wants(given_records: Sequence[StoredRecord]) -> None:
    rank: Callable[[str], int] = list(map(str, Visibility)).index

    record, _ = merge_records(given_records, TRUST)

    assert rank(record.visibility) == min(rank(stored.record.visibility) for stored in given_records)


@given(records())
def test_a_merge_is_a_valid_record_and_is_invented_only_if_all_that_was_imported_is(
    given_records: Sequence[StoredRecord],
) -> None:
    record, _ = merge_records(given_records, TRUST)

    imported = [stored.record.demonstration for stored in given_records if stored.source != CURATION]
    assert ListingRecord.model_validate(record.model_dump()) == record
    if imported:
        assert record.demonstration == all(imported)
