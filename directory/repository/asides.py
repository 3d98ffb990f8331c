"""What is kept beside the listings: records kept out and let in, and the answers of the geocoding service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from directory.database import reading, writing
from directory.geocoding.ban import Answer
from directory.models.record import SourcedRecord
from directory.repository import addresses, admissions, kept
from directory.repository.addresses import LocatedAddress
from directory.repository.admissions import KeptOut


class Asides:
    """The part of the Repository that no listing needs to be read."""

    _engine: Engine

    def list_kept_out(self, source: str, record_ids: Sequence[str] | None = None) -> list[KeptOut]:
        """The records (all, or these) of a source that its rule keeps out, each as it was last seen, the latest first."""
        with reading(self._engine) as connection:
            return admissions.kept_out(connection, source, record_ids)

    def list_admitted(self, source: str) -> frozenset[str]:
        """The records of a source that a person lets in although its rule keeps them out."""
        with reading(self._engine) as connection:
            return admissions.admitted(connection, source)

    def load_addresses(self) -> dict[str, LocatedAddress]:
        """Every address that the geocoding service has found, by key (``directory.geocoding.addresses``)."""
        with reading(self._engine) as connection:
            return addresses.load(connection)

    def list_asked_addresses(self, now: datetime) -> frozenset[str]:
        """The keys of the addresses that need not be asked: found, or asked not long ago."""
        with reading(self._engine) as connection:
            return addresses.asked_since(connection, now)

    def iterate_waiting(self) -> Iterator[SourcedRecord]:
        """The records that have an address and only their commune's point, source by source."""
        with reading(self._engine) as connection:
            sources = addresses.waiting_sources(connection)
        for source in sources:
            yield from kept.iterate(self._engine, source, addresses.waiting())

    def keep_addresses(self, answers: Mapping[str, Answer], now: datetime) -> None:
        """Keep what the geocoding service answered."""
        with writing(self._engine) as connection:
            addresses.keep(connection, answers, now)

    def admit(self, source: str, record_ids: Sequence[str], now: datetime) -> int:
        """Let records in from the next import on, whatever their source's rule says; returns how many were not yet."""
        with writing(self._engine) as connection:
            return admissions.admit(connection, source, record_ids, now)

    def withdraw_admission(self, source: str, record_ids: Sequence[str]) -> int:
        """Leave records to their source's rule again; returns how many had been let in."""
        with writing(self._engine) as connection:
            return admissions.withdraw(connection, source, record_ids)
