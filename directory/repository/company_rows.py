"""Rows of what a lycée keeps of its companies, to values; under which id a listing stands today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from directory.errors import ListingNotFound
from directory.models.companies import Channel, CompanyContact, CompanyFile, Exchange, Period, Purpose, Review, Stay, Terms
from directory.repository import tables
from directory.repository.listings import resolve
from directory.vocabulary import Pathway, Visibility

_terms, _period, _stay = tables.company_terms, tables.company_period, tables.company_stay
_exchange, _contact = tables.company_exchange, tables.company_contact
_listing = tables.listing
_BESIDE = frozenset({"pk", "area", "code", "listing_id", "nonce"})
PLACES = (_period, _stay)
EVERYTHING = (_period, _stay, _exchange, _contact)


def ids_of(connection: Connection, listing_id: str) -> list[str]:
    """The id of a listing today, then those that it took over.

    Raises:
        ListingNotFound: There is none.
    """
    pk = resolve(connection, [listing_id]).get(listing_id)
    own = connection.scalar(select(_listing.c.id).where(_listing.c.pk == pk)) if pk is not None else None
    if own is None:
        raise ListingNotFound(listing_id)
    alias = tables.listing_alias
    return [str(own), *connection.scalars(select(alias.c.id).where(alias.c.listing_pk == pk))]


def today_of(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Id as it was noted → id of the listing today."""
    pks = resolve(connection, ids)
    own = dict(connection.execute(select(_listing.c.pk, _listing.c.id).where(_listing.c.pk.in_(set(pks.values())))).all())
    return {listing_id: own[pk] for listing_id, pk in pks.items() if pk in own}


def files(
    connection: Connection, chosen: Callable[[Table], ColumnElement[bool]], parts: tuple[Table, ...] = EVERYTHING
) -> dict[str, CompanyFile]:
    """Today's listing → its file, of the rows that a condition chooses; each part in its order."""
    terms = connection.execute(select(_terms).where(chosen(_terms))).mappings().all()
    orders = {_period: (_period.c.starts,), _stay: (_stay.c.starts.desc(),), _exchange: (_exchange.c.happened_on.desc(),)}
    rows = {
        table: connection.execute(
            select(table).where(chosen(table)).order_by(*orders.get(table, ()), table.c.pk.desc())
        ).mappings().all()
        for table in parts
    }  # fmt: skip
    ids = today_of(connection, {row["listing_id"] for found in (terms, *rows.values()) for row in found})
    sorted_rows: dict[str, dict[Table, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for table, found in ((_terms, terms), *rows.items()):
        for row in found:
            sorted_rows[ids.get(row["listing_id"], row["listing_id"])][table].append(_PARSERS[table](row))
    return {
        listing: CompanyFile(
            listing_id=listing,
            known=True,
            terms=_strictest(of[_terms]),
            periods=tuple(of[_period]),
            stays=tuple(of[_stay]),
            exchanges=tuple(of[_exchange]),
            contacts=tuple(of[_contact]),
        )
        for listing, of in sorted_rows.items()
    }


def _strictest(found: list[Terms]) -> Terms:
    """The terms of two listings that became one: the fewest see them, the latest day holds."""
    if len(found) < 2:
        return found[0] if found else Terms()
    order = list(Visibility)
    latest = max(found, key=lambda terms: terms.not_before or date.min)
    return Terms(
        visibility=min((each.visibility for each in found), key=order.index), not_before=latest.not_before, reason=latest.reason
    )


def _plain(row: Any, without: Collection[str] = ()) -> dict[str, Any]:
    return {"number": row["pk"]} | {name: value for name, value in row.items() if name not in _BESIDE | set(without)}


def to_period(row: Any) -> Period:
    """A row of places as the value that it is."""
    return Period(**_plain(row, ("author",)) | {"pathway": Pathway(row["pathway"])})


def to_stay(row: Any) -> Stay:
    """A row of who was hosted as the value that it is."""
    review = Review(row["review"]) if row["review"] else None
    return Stay(**_plain(row, ("author",)) | {"pathway": Pathway(row["pathway"]), "review": review})


_PARSERS: Mapping[Table, Any] = {
    _terms: lambda row: Terms(visibility=Visibility(row["visibility"]), not_before=row["not_before"], reason=row["reason"]),
    _period: to_period,
    _stay: to_stay,
    _exchange: lambda row: Exchange(**_plain(row) | {"channel": Channel(row["channel"])}),
    _contact: lambda row: CompanyContact(**_plain(row) | {"purpose": Purpose(row["purpose"])}),
}
