"""PreparedRecord: a record in the very form that is kept and compared, made once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json

from directory.models.record import ListingRecord, SourcedRecord


class PreparedRecord(NamedTuple):
    """A record of a source as it will be kept: JSON texts, ready to be written.

    Attributes:
        record: Its fields that do not hold their default.
        raw: Header → text.
        origins: Field → headers.
        digest: Changes when anything of these or of the identities changes. The order of the columns does not count.
    """

    source: str
    record_id: str
    kind: str
    name: str
    line: int | None
    identities: tuple[str, ...]
    record: str
    raw: str
    origins: str
    digest: str

    def read_record(self) -> dict[str, Any]:
        """The record as plain JSON values, without the fields that hold their default."""
        values: dict[str, Any] = from_json(self.record)
        return values

    def read_raw(self) -> dict[str, str]:
        """Header → text, in the file's order."""
        values: dict[str, str] = from_json(self.raw)
        return values


def prepare(sourced: SourcedRecord) -> PreparedRecord:
    """A record in the form that is kept."""
    record = _dump(sourced.record)
    origins = _origins(tuple(sourced.origins.items()))
    compared = (record, to_json(_sorted(sourced.raw)), origins[1], to_json(sourced.identities))
    digest = blake2b(b"\0".join(compared), digest_size=16).hexdigest()
    return PreparedRecord(
        sourced.source,
        sourced.record_id,
        sourced.record.kind.value,
        sourced.record.name,
        sourced.line,
        sourced.identities,
        record.decode(),
        to_json(sourced.raw).decode(),
        origins[0],
        digest,
    )


def digest_of(sourced: SourcedRecord) -> str:
    """32 hexadecimal characters that change when anything of the record changes, its line excepted."""
    return prepare(sourced).digest


def _dump(record: ListingRecord) -> bytes:
    text: bytes = record.__pydantic_serializer__.to_json(record, exclude_defaults=True)
    return text


@lru_cache(maxsize=1024)  # the rows of a file are read from a few sets of columns
def _origins(items: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[str, bytes]:
    """The text that is kept of a record's origins, and the one that is compared."""
    return to_json(dict(items)).decode(), to_json(_sorted(dict(items)))


def _sorted(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(values.items()))
