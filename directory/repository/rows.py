"""Records into rows, rows into records. What was kept was validated then: reading does not validate again.

Objects are made by ``model_copy``, which does not validate and is several times faster than ``model_construct``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from pydantic_core import to_jsonable_python

from directory.models.record import FIELDS, Contact, Coverage, ListingRecord, Occurrence
from directory.vocabulary import EventState, Kind, Pathway, Precision, Scope, Visibility

T = TypeVar("T")
_Word = TypeVar("_Word", bound=StrEnum)

CHUNK = 1000
"""Rows written or read at once. SQLite accepts 32,766 values in a statement."""

RECORD_COLUMNS: tuple[str, ...] = tuple(field for field in ListingRecord.model_fields if field != "coverage")
"""Columns of a listing that are fields of its record, all but the coverage, which has a table."""

_DAYS = ("checked_at", "updated_at", "valid_from", "valid_until")
_WORDS = ("publics", "modes_mobilisation", "mobilisable_par", "thematiques", "types", "modes_accueil", "networks", "occupations")
_VISIBILITIES: dict[str, int] = {visibility: rank for rank, visibility in enumerate(Visibility)}


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items, ``size`` at a time."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def may_see(viewer: Visibility, visibility: Visibility | str) -> bool:
    """Whether a viewer as wide as ``viewer`` (PUBLIC: anyone) may see what is for ``visibility``."""
    return _VISIBILITIES[visibility] >= _VISIBILITIES[viewer]


def visible_to(viewer: Visibility) -> list[Visibility]:
    """What such a viewer may see."""
    return [visibility for visibility in Visibility if may_see(viewer, visibility)]


def to_row(record: ListingRecord) -> dict[str, Any]:
    """The values of ``RECORD_COLUMNS``."""
    row = record.model_dump(mode="json", exclude={"coverage"})
    row.update({day: getattr(record, day) for day in _DAYS})
    return row


def dumped_row(dumped: Mapping[str, Any]) -> dict[str, Any]:
    """``to_row`` of a record that is kept without its defaults, without building the record: several times faster."""
    row = {**_DEFAULTS, **dumped}
    row.pop("coverage", None)
    for day in _DAYS:
        if row[day] is not None:
            row[day] = date.fromisoformat(row[day])
    if row["contacts"]:
        row["contacts"] = [{**_BLANK_CONTACT, **contact} for contact in row["contacts"]]
    return row


def stated_fields(dumped: Mapping[str, Any]) -> list[str]:
    """The fields of a record kept without its defaults that say something, as a merge of this record alone would have them."""
    return [
        name
        for name in FIELDS
        if name in _ALWAYS or ((value := dumped.get(name)) is not None and value is not False and value not in ("", []))
    ]


def to_record(values: Mapping[str, Any], coverage: Iterable[tuple[str, str]]) -> ListingRecord:
    """A record from values that were kept: a row of ``RECORD_COLUMNS``, or what is kept of it (defaults left out).

    Args:
        values: Column → value; days may be ISO texts.
        coverage: (scope, code) pairs.
    """
    fields = dict(values)
    fields["coverage"] = tuple(_coverage(scope, code) for scope, code in coverage)
    for name, parse in _PARSERS.items():
        if (value := fields.get(name)) is not None:
            fields[name] = parse(value) if value else ()
    return _RECORD.model_copy(update=fields)


def dumped_coverage(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The (scope, code) pairs of a record that is kept without its defaults."""
    return [(entry["scope"], entry.get("code", "")) for entry in record.get("coverage", ())]


@lru_cache(maxsize=100_000)
def _coverage(scope: str, code: str) -> Coverage:
    return Coverage.model_construct(scope=Scope(scope), code=code)


def _contacts(values: Sequence[Mapping[str, Any]]) -> tuple[Contact, ...]:
    return tuple(
        _CONTACT.model_copy(update={**value, "visibility": _VISIBILITY[value.get("visibility", Visibility.PUBLIC)]})
        for value in values
    )


def _occurrences(values: Sequence[Mapping[str, str]]) -> tuple[Occurrence, ...]:
    moment = datetime.fromisoformat
    return tuple(
        _OCCURRENCE.model_copy(update={"start": moment(value["start"]), "end": moment(value["end"])}) for value in values
    )


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _words_of(enum: type[_Word]) -> dict[str, _Word]:
    """Word → member: calling the class takes ten times as long."""
    return {member.value: member for member in enum}


_VISIBILITY = _words_of(Visibility)
_DEFAULTS = {
    name: to_jsonable_python(field.get_default(call_default_factory=True))
    for name, field in ListingRecord.model_fields.items()
    if not field.is_required() and name != "coverage"
}
_BLANK_CONTACT = Contact().model_dump(mode="json")
# their defaults say something
_ALWAYS = frozenset({"visibility", "event_state"})
_RECORD = ListingRecord(kind=Kind.PARTNER, category="association", name="-")
_CONTACT = Contact()
_OCCURRENCE = Occurrence(start=datetime.min.replace(tzinfo=UTC), end=datetime.min.replace(tzinfo=UTC))
_PARSERS: dict[str, Any] = {
    "kind": _words_of(Kind).__getitem__,
    "visibility": _VISIBILITY.__getitem__,
    "precision": _words_of(Precision).__getitem__,
    "event_state": _words_of(EventState).__getitem__,
    "contacts": _contacts,
    "occurrences": _occurrences,
    "pathways": lambda values: tuple(map(Pathway, values)),
    **dict.fromkeys(_WORDS, tuple),
    **dict.fromkeys(_DAYS, _day),
}
