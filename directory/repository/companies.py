"""What a lycée keeps of its companies, kept: its bureau writes and reads it whole, others see places and days that it shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, delete, func, insert, or_, select, update

from directory.accounts import NotPermitted
from directory.companies import (
    KEPT,
    EntryChanged,
    EntryNotFound,
    PeriodOverlaps,
    PersonOpposed,
    places_left,
    seal_of,
)
from directory.database import forgetting, reading, writing
from directory.errors import ListingNotFound, NothingToUndo
from directory.models.accounts import Account, Area, Role
from directory.models.companies import (
    Channel,
    CompanyContact,
    CompanyFile,
    Exchange,
    Keeper,
    Period,
    Purpose,
    Review,
    Stay,
    Terms,
)
from directory.models.responses import Outcome
from directory.repository import company_people, responses, tables
from directory.repository.company_rows import PLACES, files, ids_of, to_period, to_stay, today_of
from directory.territory import Bassins
from directory.vocabulary import Pathway, Visibility

MOST_ENTRIES = 500
"""Lines of one kind for one company of one lycée."""
PARTS: Mapping[str, Table] = {
    "places": tables.company_period,
    "accueils": tables.company_stay,
    "echanges": tables.company_exchange,
    "contacts": tables.company_contact,
}
"""Kinds of lines, as addresses of pages say them."""

_terms, _period, _stay = tables.company_terms, tables.company_period, tables.company_stay
_exchange, _contact = tables.company_exchange, tables.company_contact
_dossier = tables.dossier


class Companies:
    """The companies of lycées. Writing, and reading a file whole, is for a bureau des entreprises, of its own scope alone.

    Methods that take a ``viewer`` raise ``NotPermitted`` for another role; those that take a listing raise ``ListingNotFound``.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # ------------------------------------------------------------ reading

    def list_all(self, viewer: Account) -> dict[str, CompanyFile]:
        """Id of today's listing → what the viewer's own bureau keeps of it."""
        with reading(self._engine) as connection:
            return files(connection, lambda table: _own(viewer, table))

    def get(self, viewer: Account, listing_id: str) -> CompanyFile:
        """What the viewer's bureau keeps of one company; nothing yet, for one that it never noted anything of."""
        with reading(self._engine) as connection:
            ids = ids_of(connection, listing_id)
            found = files(connection, lambda table: _own(viewer, table) & table.c.listing_id.in_(ids))
        return found.get(ids[0]) or CompanyFile(listing_id=ids[0], known=False, terms=Terms())

    def seats(self, viewer: Keeper | None, bassins: Bassins, since: date, until: date) -> dict[str, int]:
        """Id of today's listing → students that it can still take between two days, 0 included, from what a viewer may see.

        Only companies of which someone whom the viewer may see noted places. Several lycées' places add up.

        Args:
            viewer: For whom: a lycée or a bassin; None for a visitor.
            bassins: The académies' maps: who shares a bassin.
            since: The first day.
            until: The last one.
        """
        left: dict[str, int] = defaultdict(int)
        for file in self._visible(viewer, bassins):
            places = places_left(file, since, until)
            if places is not None:
                left[file.listing_id] += places
        return dict(left)

    def holds(self, viewer: Keeper | None, bassins: Bassins, today: date) -> dict[str, date]:
        """Id of today's listing → the day before which nobody calls, of those still to come, from what a viewer may see."""
        found: dict[str, date] = {}
        with reading(self._engine) as connection:
            rows = connection.execute(select(_terms).where(_terms.c.not_before > today, _maybe(viewer))).mappings().all()
            seen = [row for row in rows if _sees(viewer, bassins, row)]
            standing = today_of(connection, [row["listing_id"] for row in seen])
        for row in seen:
            listing = standing.get(row["listing_id"], row["listing_id"])
            found[listing] = max(found.get(listing, row["not_before"]), row["not_before"])
        return found

    def _visible(self, viewer: Keeper | None, bassins: Bassins) -> Iterator[CompanyFile]:
        """The files of each lycée that a viewer may see, with nothing of anyone in them."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_terms).where(_maybe(viewer))).mappings().all()
            whose = {(row["area"], row["code"]) for row in rows}
            if viewer is not None:
                whose.add((str(viewer[0]), viewer[1]))  # places may stand without terms: they are then their own
            shared = {(row["area"], row["code"], row["listing_id"]) for row in rows if _sees(viewer, bassins, row)}
            for area, code in sorted(whose):
                mine = viewer is not None and (area, code) == viewer
                ids = [listing for own_area, own_code, listing in shared if (own_area, own_code) == (area, code)]

                def chosen(table: Table, area: str = area, code: str = code, ids: Any = None if mine else ids) -> Any:
                    here = (table.c.area == area) & (table.c.code == code)
                    return here if ids is None else here & table.c.listing_id.in_(ids)

                yield from files(connection, chosen, PLACES).values()

    # ------------------------------------------------------------ writing

    def set_terms(self, viewer: Account, listing_id: str, terms: Terms, now: datetime, seen: str | None = None) -> None:
        """Say who else sees the places of a company, and before which day nobody calls it.

        Args:
            viewer: Who says it.
            listing_id: The company.
            terms: What is so.
            now: The clock.
            seen: The seal of what the form was shown; None when it does not count.

        Raises:
            EntryChanged: A colleague said something else meanwhile.
        """
        with writing(self._engine) as connection:
            ids = ids_of(connection, listing_id)
            mine = and_(_own(viewer, _terms), _terms.c.listing_id.in_(ids))
            held = files(connection, lambda table: _own(viewer, table) & table.c.listing_id.in_(ids), ()).get(ids[0])
            before = held.terms if held is not None else Terms()
            if seen not in {None, seal_of(before)} and before != terms:
                raise EntryChanged
            connection.execute(delete(_terms).where(mine))
            row = {**_whose(viewer), "listing_id": ids[0], **asdict(terms), "author": viewer.label, "changed_at": now}
            connection.execute(insert(_terms), [{**row, "visibility": str(terms.visibility)}])

    def add_period(self, viewer: Account, listing_id: str, period: Period, nonce: str) -> None:
        """Note places of a company in a period.

        Raises:
            PeriodOverlaps: Places for some of these days are noted already.
        """
        with writing(self._engine) as connection:
            ids = ids_of(connection, listing_id)
            if _sent_before(connection, _period, nonce):
                return
            other = connection.execute(
                select(_period).where(
                    _own(viewer, _period),
                    _period.c.listing_id.in_(ids),
                    _period.c.pathway == period.pathway,
                    _period.c.starts <= period.ends,
                    _period.c.ends >= period.starts,
                )
            ).first()
            if other is not None:
                raise PeriodOverlaps(to_period(other._mapping))
            _add(connection, _period, viewer, ids, {**asdict(period), "nonce": nonce})

    def add_stay(self, viewer: Account, listing_id: str, stay: Stay, nonce: str, *, uais: Collection[str], today: date) -> None:
        """Note who was, is or will be hosted.

        Args:
            viewer: Who notes it.
            listing_id: The company.
            stay: Who, when, for what.
            nonce: The form's.
            uais: The lycées whose dossiers the viewer may name.
            today: A dossier that is over is none.

        Raises:
            EntryNotFound: No dossier of these lycées has the code.
        """
        with writing(self._engine) as connection:
            ids = ids_of(connection, listing_id)
            if _sent_before(connection, _stay, nonce):
                return
            if stay.dossier_id:
                known = select(_dossier.c.id).where(
                    _dossier.c.id == stay.dossier_id, _dossier.c.uai.in_(list(uais)), _dossier.c.delete_on > today
                )
                if connection.scalar(known) is None:
                    raise EntryNotFound
            _add(connection, _stay, viewer, ids, {**asdict(stay), "review": "", "nonce": nonce})

    def review_stay(
        self, viewer: Account, listing_id: str, number: int, said: tuple[Review, str], today: date, seen: str | None = None
    ) -> None:
        """Say how a stay went.

        Args:
            viewer: Who says it.
            listing_id: The company.
            number: The stay.
            said: What they think of it, and a note.
            today: The day.
            seen: The seal of what the form was shown; None when it does not count.

        Raises:
            EntryNotFound: There is no such stay.
            EntryChanged: A colleague said something else meanwhile.
        """
        review, note = said
        values = {"review": str(review), "review_note": note, "reviewed_on": today, "reviewed_by": viewer.label[:254]}
        with writing(self._engine) as connection:
            mine = _one(connection, viewer, _stay, listing_id, number)
            row = connection.execute(select(_stay).where(mine)).mappings().first()
            if row is None:
                raise EntryNotFound
            before = to_stay(row)
            if seen not in {None, seal_of(before)} and (before.review, before.review_note) != (review, note):
                raise EntryChanged
            connection.execute(update(_stay).where(mine).values(**values))

    def add_exchange(self, viewer: Account, listing_id: str, exchange: Exchange, nonce: str, now: datetime) -> None:
        """Note an exchange; an answer, or none, is counted in the response history of the listing."""
        with writing(self._engine) as connection:
            ids = ids_of(connection, listing_id)
            if _sent_before(connection, _exchange, nonce):
                return
            _add(connection, _exchange, viewer, ids, {**asdict(exchange), "nonce": nonce})
            if exchange.outcome:
                responses.record(connection, ids[0], Outcome(exchange.outcome), "", now, undo=False)

    def add_contact(self, viewer: Account, listing_id: str, contact: CompanyContact, nonce: str, today: date) -> None:
        """Note a person of a company.

        Raises:
            PersonOpposed: Their number or their address is that of someone who does not want to be kept.
        """
        with writing(self._engine) as connection:
            ids = ids_of(connection, listing_id)
            if _sent_before(connection, _contact, nonce):
                return
            day = company_people.opposed_on(connection, partial(_own, viewer), contact)
            if day is not None:
                raise PersonOpposed(day)
            dated = {"noted_on": today, "keep_until": today + KEPT}
            _add(connection, _contact, viewer, ids, {**asdict(contact), **dated, "nonce": nonce})

    def confirm_contact(self, viewer: Account, listing_id: str, number: int, today: date) -> None:
        """Keep a person's data for as long again: they are still dealt with.

        Raises:
            EntryNotFound: There is no such contact.
        """
        with writing(self._engine) as connection:
            mine = _one(connection, viewer, _contact, listing_id, number)
            if not connection.execute(update(_contact).where(mine).values(keep_until=today + KEPT)).rowcount:
                raise EntryNotFound

    def oppose(self, viewer: Account, listing_id: str, number: int, today: date) -> None:
        """Erase a person who does not want to be kept, and remember it by digests that name nobody.

        Raises:
            EntryNotFound: There is no such contact.
        """
        with forgetting(self._engine) as connection:
            mine = _one(connection, viewer, _contact, listing_id, number)
            row = connection.execute(select(_contact).where(mine)).first()
            if row is None:
                raise EntryNotFound
            company_people.oppose(connection, partial(_own, viewer), _whose(viewer), row, today)

    def remove(self, viewer: Account, listing_id: str, part: str, number: int, now: datetime) -> None:
        """Take a line away, for good; what an exchange counted in the response history is taken back.

        Raises:
            EntryNotFound: There is no such line.
        """
        table = PARTS[part]
        with forgetting(self._engine) as connection:
            mine = _one(connection, viewer, table, listing_id, number)
            row = connection.execute(select(table).where(mine)).first()
            if row is None:
                raise EntryNotFound
            connection.execute(delete(table).where(mine))
            if table is _contact:
                company_people.forget(connection, partial(_own, viewer), row)
            elif table is _exchange and row.outcome:
                with suppress(ListingNotFound, NothingToUndo):
                    responses.record(connection, row.listing_id, Outcome(row.outcome), "", now, undo=True)

    def purge(self, today: date) -> int:
        """Erase the contacts, the exchanges and the stays whose time is over; returns how many."""
        due = (
            (_contact, _contact.c.keep_until <= today),
            (_exchange, _exchange.c.happened_on <= today - KEPT),
            (_stay, _stay.c.ends <= today - KEPT),
        )
        with reading(self._engine) as connection:
            count = sum(connection.scalar(select(func.count()).select_from(table).where(late)) or 0 for table, late in due)
        if count:
            with forgetting(self._engine) as connection:
                for table, late in due:
                    connection.execute(delete(table).where(late))
        return count


def _check(viewer: Account) -> None:
    if viewer.role is not Role.BUREAU or not viewer.code or viewer.disabled_at is not None:
        raise NotPermitted


def _whose(viewer: Account) -> dict[str, str]:
    _check(viewer)
    return {"area": str(viewer.area), "code": viewer.code}


def _own(viewer: Account, table: Table) -> ColumnElement[bool]:
    return and_(*(table.c[name] == value for name, value in _whose(viewer).items()))


def _maybe(viewer: Keeper | None) -> ColumnElement[bool]:
    """Terms that a viewer may see, as far as SQL can tell: their own, and those that are shared with somebody."""
    shared = _terms.c.visibility != Visibility.PRIVATE
    if viewer is None:
        return _terms.c.visibility == Visibility.PUBLIC
    return or_(shared, and_(_terms.c.area == str(viewer[0]), _terms.c.code == viewer[1]))


def _sees(viewer: Keeper | None, bassins: Bassins, terms: Any) -> bool:
    if terms["visibility"] == Visibility.PUBLIC:
        return True
    if viewer is None:
        return False
    if (terms["area"], terms["code"]) == viewer:
        return True
    shared = _bassins(bassins, terms["area"], terms["code"]) & _bassins(bassins, *viewer)
    return terms["visibility"] == Visibility.BASSIN and bool(shared)


def _bassins(bassins: Bassins, area: str, code: str) -> set[str]:
    if area == Area.BASSIN:
        return {code}
    return set(bassins.of_uai(code)) if area == Area.LYCEE else set()


def _one(connection: Connection, viewer: Account, table: Table, listing_id: str, number: int) -> ColumnElement[bool]:
    return and_(_own(viewer, table), table.c.listing_id.in_(ids_of(connection, listing_id)), table.c.pk == number)


def _sent_before(connection: Connection, table: Table, nonce: str) -> bool:
    return connection.scalar(select(table.c.pk).where(table.c.nonce == nonce)) is not None


def _add(connection: Connection, table: Table, viewer: Account, ids: list[str], values: Mapping[str, Any]) -> None:
    count = select(func.count()).select_from(table).where(_own(viewer, table), table.c.listing_id.in_(ids))
    if (connection.scalar(count) or 0) >= MOST_ENTRIES:
        raise NotPermitted("too many lines")
    row = {name: str(value) if isinstance(value, (Pathway, Channel, Purpose)) else value for name, value in values.items()}
    row.pop("number")
    connection.execute(insert(table), [{**_whose(viewer), "listing_id": ids[0], **row, "author": viewer.label[:254]}])
