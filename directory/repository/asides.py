"""What is kept beside the listings: visitors' reports, records kept out and let in, located addresses, outcomes of contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine

from directory.database import reading, writing
from directory.geocoding.ban import Answer
from directory.models.record import SourcedRecord
from directory.models.report import KeptReport, Report
from directory.models.responses import Outcome, ResponseCounts
from directory.repository import addresses, admissions, kept, reports, responses
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

    def responses_version(self) -> str:
        """A text that changes whenever the count of a contact does; empty while nothing is counted."""
        with reading(self._engine) as connection:
            return responses.version(connection)

    def load_responses(self) -> list[ResponseCounts]:
        """What came of contacts with partners, by listing and filière."""
        with reading(self._engine) as connection:
            return responses.load(connection)

    def list_responses(self, listing_id: str) -> list[ResponseCounts]:
        """What came of contacts with one listing, by filière.

        Raises:
            ListingNotFound: There is no such listing.
        """
        with reading(self._engine) as connection:
            return responses.of_listing(connection, listing_id)

    def record_response(self, listing_id: str, outcome: Outcome, filiere: str, now: datetime, *, undo: bool = False) -> None:
        """Count one contact with a listing, or take one back.

        Args:
            listing_id: Its id, or one that it took over.
            outcome: What came of it.
            filiere: The ROME domaine (``G16``) for which it was asked; empty when none was said.
            now: The clock.
            undo: Take one such contact back.

        Raises:
            ListingNotFound: There is no such listing.
            NothingToUndo: None is counted.
        """
        with writing(self._engine) as connection:
            responses.record(connection, listing_id, outcome, filiere, now, undo=undo)

    def keep_report(self, report: Report, now: datetime) -> bool:
        """Keep what a visitor says is wrong with a listing; False when the same form was sent before.

        Raises:
            TooManyReports: Too many wait already.
        """
        with writing(self._engine) as connection:
            return reports.keep(connection, report, now)

    def list_reports(self, limit: int = 50, *, closed: bool = False) -> list[KeptReport]:
        """The reports that wait, the oldest first; the closed ones too where asked, after them."""
        with reading(self._engine) as connection:
            return reports.find(connection, limit, closed=closed)

    def count_reports(self) -> int:
        """How many reports wait."""
        with reading(self._engine) as connection:
            return reports.count_open(connection)

    def close_report(self, number: int, now: datetime, *, note: str = "", author: str = "") -> KeptReport:
        """Close a report: its text is erased, what was decided of it stays.

        Raises:
            ReportNotFound: There is none of this number.
        """
        with writing(self._engine) as connection:
            return reports.close(connection, number, now, note=note, author=author)

    def signing_key(self, name: str) -> bytes:
        """A key that every server of this directory shares, and nobody else; made at the first need."""
        with reading(self._engine) as connection:
            known = reports.signing_key(connection, name)
        if known is not None:
            return known
        with writing(self._engine) as connection:
            return reports.make_signing_key(connection, name)
