"""Reading listings: one, some, all of them, and where their facts come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import JSON, ColumnElement, Connection, Engine, RowMapping, String, case, func, select, type_coerce

from directory.database import reading
from directory.errors import ListingNotFound
from directory.merging import UNITED
from directory.models.changes import CURATION
from directory.models.curation import Statement
from directory.models.published import Changes, FactOrigin, ListingLink, PublishedListing
from directory.models.record import FIELDS
from directory.repository import carrying, overlay, tables
from directory.repository.carrying import with_carriers
from directory.repository.rows import RECORD_COLUMNS, chunks, may_see, to_record
from directory.vocabulary import Kind, Visibility

_listing = tables.listing
_coverage = tables.listing_coverage
_BESIDE = ("pk", "id", "revision", "first_seen", "last_changed", "closed_at", "closed_reason")
WHOLE = (*_BESIDE, *RECORD_COLUMNS)
_PAGE = 2000
_MOST_LISTS = 20_000


def count_listings(connection: Connection) -> dict[Kind, int]:
    """How many listings of each kind are open, every kind told."""
    question = select(_listing.c.kind, func.count()).where(tables.open_listing())
    question = question.group_by(_listing.c.kind)
    counts: dict[str, int] = dict(connection.execute(question).all())
    return {kind: counts.get(kind, 0) for kind in Kind}


def find_name(connection: Connection, identity: str) -> str | None:
    """The name of the open public listing that a record with this identity makes; None when none does."""
    record, key = tables.source_record, tables.record_identity
    question = (
        select(_listing.c.name)
        .join(record, record.c.listing_pk == _listing.c.pk)
        .join(key, key.c.source_record_pk == record.c.pk)
        .where(key.c.identity == identity, tables.open_listing(), _listing.c.visibility == Visibility.PUBLIC)
        .order_by(_listing.c.pk)
        .limit(1)
    )
    return connection.scalar(question)


def find_lycee(connection: Connection, uai: str) -> tuple[str, str, str] | None:
    """Name, commune and département (or empty) of the open, public lycée of a UAI; None when there is none."""
    record, key = tables.source_record, tables.record_identity
    question = (
        select(_listing.c.name, _listing.c.code_commune, _listing.c.code_departement)
        .join(record, record.c.listing_pk == _listing.c.pk)
        .join(key, key.c.source_record_pk == record.c.pk)
        .where(key.c.identity == f"lycee:uai:{uai}", _listing.c.closed_at.is_(None), _listing.c.visibility == Visibility.PUBLIC)
        .limit(1)
    )
    row = connection.execute(question).first()
    return (row.name, row.code_commune or "", row.code_departement or "") if row else None


def list_listings(connection: Connection, ids: Sequence[str], viewer: Visibility) -> list[PublishedListing]:
    """The listings of these ids (or those that took them over), in their order, once each; absent and hidden ones left out."""
    pks = resolve(connection, ids)
    wanted = list(dict.fromkeys(pks[listing_id] for listing_id in ids if listing_id in pks))
    found: dict[int, PublishedListing] = {}
    for chunk in chunks(wanted):
        rows = connection.execute(select(*(_listing.c[name] for name in WHOLE)).where(_listing.c.pk.in_(chunk))).all()
        found.update((each.pk, each) for each in publish_rows(connection, rows, viewer))
    return [found[pk] for pk in wanted if pk in found]


def publish_rows(connection: Connection, rows: Sequence[Any], viewer: Visibility) -> list[PublishedListing]:
    """Rows of ``WHOLE`` as a viewer may see them, in their order: hidden listings and contacts left out. One place decides."""
    coverage = _group(connection.execute(select(_coverage).where(_coverage.c.listing_pk.in_([row.pk for row in rows]))))
    found = []
    for row in rows:
        values = dict(zip(WHOLE, row, strict=True))
        if may_see(viewer, values["visibility"]):
            values["contacts"] = [contact for contact in values["contacts"] if may_see(viewer, contact["visibility"])]
            found.append(_publish(values, coverage.get(row.pk, ())))
    return with_carriers(connection, found)


def resolve(connection: Connection, ids: Iterable[str]) -> dict[str, int]:
    """The primary keys of the listings of these ids, or of those that took them over; unknown ids are left out."""
    pks: dict[str, int] = {}
    for chunk in chunks(dict.fromkeys(ids)):
        alias = tables.listing_alias
        pks.update(connection.execute(select(alias.c.id, alias.c.listing_pk).where(alias.c.id.in_(chunk))).all())
        own = select(_listing.c.id, _listing.c.pk).where(_listing.c.id.in_(chunk), tables.shown_listing())
        pks.update(connection.execute(own).all())
    return pks


def _group(rows: Iterable[Any]) -> dict[int, list[tuple[str, str]]]:
    grouped: dict[int, list[tuple[str, str]]] = {}
    for pk, scope, code in rows:
        grouped.setdefault(pk, []).append((scope, code))
    return grouped


def _publish(values: Mapping[str, Any], coverage: Iterable[tuple[str, str]]) -> PublishedListing:
    record = to_record({name: values[name] for name in RECORD_COLUMNS}, coverage)
    return PublishedListing(record=record, **{name: values[name] for name in _BESIDE})


def iterate_listings(engine: Engine) -> Iterator[PublishedListing]:
    """Every open listing, by primary key, in one state of the directory."""
    with reading(engine) as connection:
        for page in pages_of_listings(connection):
            yield from page


def pages_of_listings(connection: Connection) -> Iterator[list[PublishedListing]]:
    """Every open listing, by primary key, some thousands at a time."""
    c = _coverage.c
    for rows in _pages(connection, WHOLE):
        within = c.listing_pk.between(rows[0][0], rows[-1][0])
        coverage = _group(connection.execute(select(c.listing_pk, c.scope, c.code).where(within)))
        published = [_publish(dict(zip(WHOLE, row, strict=True)), coverage.get(row[0], ())) for row in rows]
        yield with_carriers(connection, published)


def list_services(connection: Connection, listing_id: str, viewer: Visibility) -> list[ListingLink]:
    """The services that a structure carries and that the viewer may see, by name."""
    pk = resolve(connection, [listing_id]).get(listing_id)
    return [] if pk is None else carrying.list_carried(connection, pk, viewer)


def list_changes(connection: Connection, since: int, most: int) -> Changes | None:
    """What changed since a revision, and the services of structures that changed; None when it is more than ``most`` listings."""
    gone, state = tables.listing_gone, tables.directory_state
    revision = connection.scalar(select(state.c.revision)) or 0
    changed = connection.scalars(
        select(_listing.c.pk).where(_listing.c.revision > since, tables.shown_listing()).limit(most + 1)
    ).all()
    if len(changed) > most:
        return None
    pks = list(dict.fromkeys((*changed, *carrying.list_services_of(connection, changed))))
    found: list[PublishedListing] = []
    for chunk in chunks(pks):
        coverage = _group(connection.execute(select(_coverage).where(_coverage.c.listing_pk.in_(chunk))))
        rows = connection.execute(select(*(_listing.c[name] for name in WHOLE)).where(_listing.c.pk.in_(chunk)))
        found += (_publish(dict(zip(WHOLE, row, strict=True)), coverage.get(row[0], ())) for row in rows)
    forgotten = connection.scalars(select(gone.c.listing_pk).where(gone.c.revision > since)).all()
    return Changes(revision=revision, listings=tuple(with_carriers(connection, found)), gone=tuple(forgotten))


def iterate_columns(engine: Engine, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """The named columns of every open listing, by primary key, in one state of the directory.

    Lists of equal text are one object, not to be changed: reading each anew takes most of the time.
    """
    lists = [rank for rank, name in enumerate(names) if isinstance(_listing.c[name].type, JSON)]
    known: dict[str, Any] = {}
    with reading(engine) as connection:
        for rows in _pages(connection, ("pk", *names), raw=True):
            for row in rows:
                values = list(row[1:])
                for rank in lists:
                    text = values[rank]
                    if isinstance(text, str):  # PostgreSQL's driver has read it already
                        if text not in known:
                            known[text] = from_json(text)
                        values[rank] = known[text]
                yield tuple(values)
            if len(known) > _MOST_LISTS:
                known.clear()


def _pages(connection: Connection, names: Sequence[str], *, raw: bool = False) -> Iterator[Sequence[Any]]:
    """Pages of rows, by primary key; ``raw`` gives the text of JSON columns where the database keeps text."""
    own: list[ColumnElement[Any]] = [_listing.c[name] for name in names]
    if raw:
        own = [type_coerce(column, String) if isinstance(column.type, JSON) else column for column in own]
    columns = [column.label(f"c{rank}") for rank, column in enumerate(own)]
    # SQLite then walks the listings by key; given the bare condition, it sorts them all for each page
    not_closed = case((_listing.c.closed_at.is_(None), 1), else_=0) == 1
    question = select(*columns).where(not_closed, tables.shown_listing()).order_by(_listing.c.pk).limit(_PAGE)
    last = 0
    while rows := connection.execute(question.where(_listing.c.pk > last)).all():
        yield rows
        last = rows[-1][0]


def iterate_coverage(engine: Engine) -> Iterator[tuple[int, str, str]]:
    """Listing's primary key, scope and code of every territory that an open listing serves, by primary key."""
    c = _coverage.c
    opened = select(c.listing_pk, c.scope, c.code).join(_listing, _listing.c.pk == c.listing_pk)
    opened = opened.where(tables.open_listing())
    with reading(engine) as connection:
        rows = connection.execution_options(yield_per=_PAGE).execute(opened.order_by(c.listing_pk, c.scope, c.code))
        yield from rows


def list_origins(connection: Connection, listing_id: str, viewer: Visibility) -> list[FactOrigin]:
    """Where each published field comes from, field by field; for a united list, each source that tells a part of it.

    Raises:
        ListingNotFound: There is no such listing, or the viewer may not see it.
    """
    pk = resolve(connection, [listing_id]).get(listing_id)
    question = select(_listing.c.winners, _listing.c.visibility, _listing.c.closed_at).where(_listing.c.pk == pk)
    found = None if pk is None else connection.execute(question).one_or_none()
    if found is None or not may_see(viewer, found.visibility):
        raise ListingNotFound(listing_id)
    records = records_of(connection, pk)
    tellers = {field: [winner] for field, winner in found.winners.items()}
    for field in UNITED:
        for record_pk, record in records.items():
            if (
                field in tellers
                and record_pk not in tellers[field]
                and record["record"].get(field)
                and not record["missing_since"]
            ):
                tellers[field].append(record_pk)
    stated = {
        field: said
        for said in overlay.standing(overlay.load(connection, records), records).values()
        for field in said.values
        if field not in tellers
    }
    origins = [_origin(field, records[record_pk], viewer) for field in FIELDS for record_pk in tellers.get(field, ())]
    return [*origins, *(_stated(field, stated[field]) for field in FIELDS if field in stated)]


def records_of(connection: Connection, listing_pk: int | None) -> dict[int, RowMapping]:
    """The records of a listing by key, each with ``seen_at``, when its whole source was last seen."""
    record, seen = tables.source_record, tables.source_seen
    question = (
        select(record, seen.c.seen_at)
        .join(seen, seen.c.source == record.c.source, isouter=True)
        .where(record.c.listing_pk == listing_pk)
        .order_by(record.c.pk)
    )
    return {row["pk"]: row for row in connection.execute(question).mappings()}


def _stated(field: str, said: Statement) -> FactOrigin:
    """A fact that a curator states: nobody published it, and who said it is not told to everyone."""
    moment = said.stated_at
    return FactOrigin(field=field, source=CURATION, record_id=str(said.number), original={}, first_seen=moment, last_seen=moment)


def _origin(field: str, record: RowMapping, viewer: Visibility) -> FactOrigin:
    hidden = _hidden_headers(record, viewer)
    headers = [header for header in record["origins"].get(field, ()) if header in record["raw"] and header not in hidden]
    return FactOrigin(
        field=field,
        source=record["source"],
        record_id=record["record_id"],
        original={header: record["raw"][header] for header in headers},
        first_seen=record["first_seen"],
        last_seen=last_seen(record),
    )


def _hidden_headers(record: RowMapping, viewer: Visibility) -> set[str]:
    """Headers that a contact was read from, where the viewer may not see every contact of the record."""
    contacts = record["record"].get("contacts", ())
    if all(may_see(viewer, contact.get("visibility", Visibility.PUBLIC)) for contact in contacts):
        return set()
    return set(record["origins"].get("contacts", ()))


def last_seen(record: RowMapping) -> datetime:
    """When a record was last seen: its source's whole sight counts for each record that the source still holds."""
    own: datetime = record["last_seen"]
    whole: datetime | None = record["seen_at"]
    held = record["missing_since"] is None and record["missed_at"] is None
    return max(own, whole) if whole is not None and held else own
