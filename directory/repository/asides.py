"""What is kept beside the listings: visitors' reports, records kept out, addresses, outcomes, keys; and what leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from zipfile import ZipFile

from sqlalchemy import Engine
from sqlmodel import SQLModel

from directory.database import find_damage, reading, writing
from directory.geocoding.ban import Answer
from directory.models.doubt import KeptDoubt
from directory.models.keys import ApiKey
from directory.models.published import ListingChange, PublishedListing
from directory.models.record import SourcedRecord
from directory.models.report import KeptReport, Report
from directory.models.responses import Outcome, ResponseCounts
from directory.models.statistics import AskedQuestion, QuestionCount
from directory.repository import (
    addresses,
    admissions,
    backups,
    doubts,
    kept,
    keys,
    outgoing,
    reports,
    responses,
    runs,
    signing,
    statistics,
    undoing,
)
from directory.repository.addresses import LocatedAddress
from directory.repository.admissions import KeptOut
from directory.repository.answers import PartnerAnswers
from directory.repository.campaigns import Campaigns
from directory.repository.links import Links
from directory.repository.undoing import Undoing
from directory.vocabulary import Kind, Visibility


class Asides:
    """The part of the Repository that no listing needs to be read."""

    _engine: Engine

    @property
    def campaigns(self) -> Campaigns:
        """Letters to partners."""
        return Campaigns(self._engine)

    @property
    def links(self) -> Links:
        """The web addresses of listings, and what checks found."""
        return Links(self._engine)

    @property
    def answers(self) -> PartnerAnswers:
        """What partners answer."""
        return PartnerAnswers(self._engine)

    def close(self) -> None:
        """Close the connections that wait for the next question; asked again, it opens others."""
        self._engine.dispose()

    def find_damage(self) -> str:
        """What is damaged of the database, told to people; empty for a sound one.

        Raises:
            DatabaseError: It cannot be read.
        """
        return find_damage(self._engine, SQLModel.metadata.tables)

    def save_to(self, archive: ZipFile) -> dict[str, int]:
        """Write the whole directory into an archive, whatever is written meanwhile. Returns how many rows of each table."""
        with reading(self._engine) as connection:
            return backups.save(connection, archive)

    def restore_from(self, archive: ZipFile) -> dict[str, int]:
        """Fill this directory, which is empty, from an archive: all of it, or nothing. Returns how many rows of each table.

        Raises:
            BackupRefused: It is not empty, or the archive is no backup of this version, whole.
        """
        with writing(self._engine) as connection:
            return backups.restore(connection, archive)

    def get_doubt(self, pk: int) -> KeptDoubt:
        """The doubt of this number.

        Raises:
            DoubtNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return doubts.get(connection, pk)

    def iterate_kept(self, source: str) -> Iterator[SourcedRecord]:
        """The records that a source still holds, as it stated them."""
        return kept.iterate(self._engine, source)

    def keep_replaced(self, run_pk: int, source: str, added: Iterable[str], known: Iterable[str]) -> None:
        """Keep what the records of a run are before it publishes, so that it can be undone."""
        undoing.keep_replaced(self._engine, run_pk, source, added, known)

    def forget_replaced(self, before: datetime) -> None:
        """Keep no longer what was replaced by runs that began before a moment, or that published nothing."""
        undoing.forget_replaced(self._engine, before)

    def can_undo(self, run_pk: int) -> bool:
        """Whether what a run replaced is still kept."""
        with reading(self._engine) as connection:
            return undoing.is_kept(connection, run_pk)

    def plan_undoing(self, run_pk: int) -> Undoing:
        """What undoing a run would do now.

        Raises:
            RunNotFound: There is no such run.
        """
        with reading(self._engine) as connection:
            return undoing.plan_undoing(connection, runs.get(connection, run_pk))

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

    def last_imports(self) -> dict[str, datetime]:
        """Source → when its last import that was published ended."""
        with reading(self._engine) as connection:
            return runs.last_done(connection)

    def signing_key(self, name: str) -> bytes:
        """A key that every server of this directory shares, and nobody else; made at the first need."""
        with reading(self._engine) as connection:
            known = signing.find_key(connection, name)
        if known is not None:
            return known
        with writing(self._engine) as connection:
            return signing.make_key(connection, name)

    def list_keys(self) -> list[ApiKey]:
        """Every key of the API, the newest first."""
        with reading(self._engine) as connection:
            return keys.list_all(connection)

    def find_key(self, key_id: str) -> ApiKey | None:
        """The key of this id, whatever its state; None when there is none."""
        with reading(self._engine) as connection:
            return keys.find(connection, key_id)

    def get_key(self, key_id: str) -> ApiKey:
        """The key of this id, whatever its state.

        Raises:
            KeyNotFound: There is none.
        """
        with reading(self._engine) as connection:
            return keys.get(connection, key_id)

    def keep_keys(self, *, new: ApiKey | None = None, changed: ApiKey | None = None) -> None:
        """Keep a new key, and what changed of another, together."""
        with writing(self._engine) as connection:
            if new is not None:
                keys.keep(connection, new)
            if changed is not None:
                keys.change(connection, changed)

    def note_key_use(self, key_id: str, moment: datetime) -> None:
        """Note that a key was used."""
        with writing(self._engine) as connection:
            keys.note_use(connection, key_id, moment)

    def list_page(
        self,
        after: int = 0,
        limit: int = 100,
        viewer: Visibility = Visibility.PUBLIC,
        *,
        kinds: Sequence[Kind] = (),
        departement: str = "",
    ) -> list[PublishedListing]:
        """The open listings that a viewer may see, by primary key.

        Args:
            after: The ``pk`` of the last listing of the page before; 0 to begin.
            limit: At most so many.
            viewer: What the asker may see.
            kinds: Of these kinds; empty for all.
            departement: Placed in this département (its code); empty for all.
        """
        with reading(self._engine) as connection:
            return outgoing.list_page(connection, after, limit, viewer, kinds=kinds, departement=departement)

    def list_changes_after(
        self, after: tuple[int, int], limit: int, viewer: Visibility = Visibility.PUBLIC
    ) -> tuple[list[ListingChange], tuple[int, int] | None]:
        """What changed after a (revision, key), in that order, closed listings too; and where the last of it stands."""
        with reading(self._engine) as connection:
            return outgoing.list_changes_after(connection, after, limit, viewer)

    def list_newest(
        self, limit: int, viewer: Visibility = Visibility.PUBLIC, *, kinds: Sequence[Kind] = (), departement: str = ""
    ) -> list[PublishedListing]:
        """The open listings that a viewer may see, the last to have come first."""
        with reading(self._engine) as connection:
            return outgoing.list_newest(connection, limit, viewer, kinds=kinds, departement=departement)

    def keep_questions(self, asked: Sequence[AskedQuestion], today: date) -> None:
        """Add questions to the counts of their months, and erase the counts that are too old."""
        with writing(self._engine) as connection:
            statistics.keep(connection, asked, today)

    def list_question_counts(self, since: str) -> list[QuestionCount]:
        """What was asked from a month (``2026-11``) on, counted."""
        with reading(self._engine) as connection:
            return statistics.list_counts(connection, since)

    def list_unanswered(self, since: str) -> list[tuple[str, str, int]]:
        """Département, words and number of the questions that found nothing from a month on."""
        with reading(self._engine) as connection:
            return statistics.list_words(connection, since)
