"""Several records of one thing, merged field by field into the listing that is published. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from directory.models.changes import ADDED, ADDED_TRUST, CURATION, StoredRecord
from directory.models.record import FIELDS, Contact, ListingRecord
from directory.vocabulary import EventState, Visibility

Winners = dict[str, int]
"""Field → ``pk`` of the record that states it best."""

UNITED: tuple[str, ...] = (
    "coverage", "publics", "contacts", "modes_mobilisation", "mobilisable_par", "thematiques", "types", "modes_accueil",
    "networks", "pathways", "occupations",
)  # fmt: skip
"""Lists of which each source tells a part. What a person decided replaces them; otherwise they are united."""

TOGETHER: tuple[tuple[str, ...], ...] = (
    ("age_min", "age_max"),
    ("frais", "frais_details"),
    ("hours_per_week", "weeks"),
    ("employees_min", "employees_max"),
    ("occurrences", "event_state"),
    ("valid_from", "valid_until"),
)
"""Fields that mean something only together: they are taken from one record, all of them."""

PLACE: tuple[str, ...] = ("address", "code_postal", "code_commune", "code_departement", "latitude", "longitude", "precision")
_POINT = ("latitude", "longitude", "precision")
_LATEST = (("checked_at", "checked_by"), ("updated_at",))
_BESIDE = ("kind", "category", "visibility", "demonstration")
_ALONE: tuple[str, ...] = tuple(
    field for field in FIELDS if field not in {*UNITED, *PLACE, *_BESIDE, *chain.from_iterable((*TOGETHER, *_LATEST))}
)
_VISIBILITIES = tuple(Visibility)
_MAX_CONTACTS = 50


def merge_records(records: Sequence[StoredRecord], trust: Mapping[str, int]) -> tuple[ListingRecord, Winners]:
    """Merge records that are one thing. The order of ``records`` does not matter.

    What a person decided comes first, then the more trusted source, then the fresher record (the day it was checked or updated,
    else the day it changed here). By field, the first record that states it wins; with these exceptions:

    * lists are united (``UNITED``), and fields that belong together come from one record (``TOGETHER``);
    * the place comes whole from the first record that knows a commune or a point; what it lacks is filled from records of the
      same commune whose address does not contradict it;
    * the latest check and the latest update are kept, whoever they come from;
    * the visibility is the narrowest of all: a person who says « not for everyone » is heard (what sources state of one thing for
      everyone and for some makes two listings: ``repository.linking``);
    * an invented record (demonstration) gives nothing as soon as a real one is there.

    Returns:
        The merged record, and for each of its fields that is not empty the record that states it.

    Raises:
        ValueError: There is no record, or they are of several kinds.
    """
    everyone = sorted(records, key=lambda stored: _rank(stored, trust))
    if len({stored.record.kind for stored in everyone}) != 1:
        raise ValueError(f"cannot merge {len(records)} records of several kinds, or none")
    chosen = _without_invented(everyone)
    narrowest = min((*chosen, *everyone), key=lambda stored: _VISIBILITIES.index(stored.record.visibility))
    if len(everyone) == 1:
        only = everyone[0]
        return only.record, {field: only.pk for field, value in only.record if not _is_empty(value)}
    merge = _Merge(chosen)
    merge.take_from(chosen[0], ("kind", "category"))
    merge.take_from(next((stored for stored in chosen if stored.record.demonstration), chosen[0]), ("demonstration",))
    merge.take_from(narrowest, ("visibility",))
    merge.take_alone(_ALONE)
    for fields in TOGETHER:
        merge.take_together(fields, chosen)
    for fields in _LATEST:
        merge.take_latest(fields)
    merge.take_place()
    for field in UNITED:
        merge.unite(field)
    return ListingRecord(**merge.values), merge.winners


def _rank(stored: StoredRecord, trust: Mapping[str, int]) -> tuple[bool, int, int, str, str, int]:
    record = stored.record
    told = [day for day in (record.checked_at, record.updated_at) if day is not None]
    fresh = max(told, default=stored.changed_at.date())
    return (
        stored.source != CURATION,
        -(ADDED_TRUST if stored.source == ADDED else trust.get(stored.source, 0)),
        -fresh.toordinal(),
        stored.source,
        stored.record_id,
        stored.pk,
    )


def _without_invented(everyone: list[StoredRecord]) -> list[StoredRecord]:
    if any(not stored.record.demonstration and stored.source != CURATION for stored in everyone):
        return [stored for stored in everyone if not stored.record.demonstration]
    # a decision about an invented listing does not make it real: the invented record stays the one that says what it is
    return everyone


def _is_empty(value: object) -> bool:
    # 0 is an age, and a longitude: it is told from False
    return value is None or value is False or value in ("", ())


def _states(record: ListingRecord, fields: Iterable[str]) -> bool:
    values = (getattr(record, field) for field in fields)
    return any(not _is_empty(value) and value is not EventState.OPEN for value in values)


class _Merge:
    """The values chosen so far, and who stated them. ``records`` come in their order of preference."""

    def __init__(self, records: Sequence[StoredRecord]) -> None:
        self.records = records
        self.values: dict[str, Any] = {}
        self.winners: Winners = {}

    def take_from(self, stored: StoredRecord, fields: Iterable[str]) -> None:
        for field in fields:
            value = getattr(stored.record, field)
            self.values[field] = value
            if not _is_empty(value):
                self.winners[field] = stored.pk

    def take_alone(self, fields: Iterable[str]) -> None:
        for field in fields:
            self.take_together((field,), self.records)

    def take_together(self, fields: Sequence[str], records: Sequence[StoredRecord]) -> None:
        stating = (stored for stored in records if _states(stored.record, fields))
        self.take_from(next(stating, records[0]), fields)

    def take_latest(self, fields: Sequence[str]) -> None:
        day = fields[0]
        dated = [stored for stored in self.records if getattr(stored.record, day) is not None]
        # max() keeps the first of equals, which is the preferred one
        best = max(dated, key=lambda stored: getattr(stored.record, day), default=self.records[0])
        self.take_from(best, fields)

    def take_place(self) -> None:
        placed = sorted(self.records, key=lambda stored: (stored.source != CURATION, -_detail(stored.record)))
        self.take_together(PLACE, placed)
        for stored in placed:
            if self._same_place(stored.record):
                lacking = [part for part in (("address",), ("code_postal",), _POINT) if _is_empty(self.values[part[0]])]
                for part in lacking:
                    if _states(stored.record, part):
                        self.take_from(stored, part)

    def _same_place(self, record: ListingRecord) -> bool:
        commune, address = self.values["code_commune"], self.values["address"]
        agrees = not (address and record.address) or address.casefold() == record.address.casefold()
        return commune is not None and record.code_commune == commune and agrees

    def unite(self, field: str) -> None:
        stating = [stored for stored in self.records if getattr(stored.record, field)]
        decided = [stored for stored in stating if stored.source == CURATION]
        told = chain.from_iterable(getattr(stored.record, field) for stored in decided or stating)
        self.values[field] = tuple(_unite_contacts(told)) if field == "contacts" else tuple(dict.fromkeys(told))
        if stating:
            self.winners[field] = stating[0].pk


def _detail(record: ListingRecord) -> int:
    if record.code_commune is not None or record.latitude is not None:
        return 2
    return 1 if _states(record, PLACE) else 0


def _unite_contacts(contacts: Iterable[Contact]) -> Iterator[Contact]:
    """The same way to reach someone once, under its first label, as hidden as the most discreet source wants it."""
    kept: dict[tuple[str, ...], Contact] = {}
    for contact in contacts:
        key = (contact.name.casefold(), contact.phone, contact.email.casefold(), contact.url)
        known = kept.get(key)
        if known is None:
            kept[key] = contact
        else:
            narrowest = min(known.visibility, contact.visibility, key=_VISIBILITIES.index)
            kept[key] = known.model_copy(update={"label": known.label or contact.label, "visibility": narrowest})
    return iter(list(kept.values())[:_MAX_CONTACTS])
