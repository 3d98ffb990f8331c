"""What leaves the directory, page by page in a total order: the listings that a viewer may see, and what changed since a cursor.

Each page is a transaction of its own, so that a reader who takes an hour keeps nobody waiting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from directory.models.published import ListingChange, PublishedListing
from directory.repository import tables
from directory.repository.listings import WHOLE, publish_rows
from directory.repository.rows import visible_to
from directory.vocabulary import Kind, Visibility

_listing = tables.listing


def list_page(
    connection: Connection, after: int, limit: int, viewer: Visibility, *, kinds: Sequence[Kind] = (), departement: str = ""
) -> list[PublishedListing]:
    """The open listings that a viewer may see, by primary key, after one of them."""
    question = _whole().where(*_wanted(viewer, kinds, departement), _listing.c.pk > after).order_by(_listing.c.pk).limit(limit)
    return publish_rows(connection, connection.execute(question).all(), viewer)


def _wanted(viewer: Visibility, kinds: Sequence[Kind], departement: str) -> list[ColumnElement[bool]]:
    wanted = [tables.open_listing(), _listing.c.visibility.in_(visible_to(viewer))]
    if kinds:
        wanted.append(_listing.c.kind.in_(kinds))
    if departement:
        wanted.append(in_departement(departement))
    return wanted


def in_departement(code: str) -> ColumnElement[bool]:
    """Condition of the listings that are placed in a département."""
    # communes of the overseas départements begin with three digits, those of Corsica with 2A or 2B
    return or_(_listing.c.code_departement == code, _listing.c.code_commune.startswith(code, autoescape=True))


def list_changes_after(
    connection: Connection, after: tuple[int, int], limit: int, viewer: Visibility
) -> tuple[list[ListingChange], tuple[int, int] | None]:
    """What changed after a (revision, key), in that order, and where the last of it stands; None when nothing did.

    A listing that the viewer may not see is told by the digest of its id alone: who knew it can forget it, and who did not
    learns nothing.
    """
    revision, pk = after
    later = or_(_listing.c.revision > revision, and_(_listing.c.revision == revision, _listing.c.pk > pk))
    question = _whole().where(later, tables.shown_listing()).order_by(_listing.c.revision, _listing.c.pk).limit(limit)
    rows = connection.execute(question).all()
    seen = {each.pk: each for each in publish_rows(connection, rows, viewer)}
    replaced = _replaced(connection, list(seen))
    changes = [
        ListingChange(
            revision=row.revision,
            digest=hashlib.sha256(row.id.encode()).hexdigest(),
            listing=seen.get(row.pk),
            replaces=tuple(replaced.get(row.pk, ())),
        )
        for row in rows
    ]
    return changes, (rows[-1].revision, rows[-1].pk) if rows else None


def _replaced(connection: Connection, pks: Sequence[int]) -> dict[int, list[str]]:
    alias = tables.listing_alias
    found: dict[int, list[str]] = {}
    for listing_id, pk in connection.execute(
        select(alias.c.id, alias.c.listing_pk).where(alias.c.listing_pk.in_(pks)).order_by(alias.c.id)
    ):
        found.setdefault(pk, []).append(listing_id)
    return found


def _whole() -> Select[Any]:
    return select(*(_listing.c[name] for name in WHOLE))


def list_newest(
    connection: Connection, limit: int, viewer: Visibility, *, kinds: Sequence[Kind] = (), departement: str = ""
) -> list[PublishedListing]:
    """The open listings that a viewer may see, the last to have come first."""
    question = _whole().where(*_wanted(viewer, kinds, departement)).order_by(_listing.c.pk.desc()).limit(limit)
    return publish_rows(connection, connection.execute(question).all(), viewer)
