"""Services of one structure that several records state: known as one structure's, so that the same service twice is recognised.

A service names its structure by an identity of the record that it came with. Where that record and another make one listing, both
their services are that listing's, and are compared as such; where they are parted again, so are their services.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, select

from directory.database import reading
from directory.repository import tables
from directory.repository.linking import Group
from directory.repository.rows import chunks

_record, _key = tables.source_record, tables.record_identity


class Carrier(NamedTuple):
    """Where an identity belongs: its group, and its family, which the groups that one listing parts into share."""

    group: str
    family: str


def carriers_of(groups: Sequence[Group]) -> dict[str, Carrier]:
    """Identity → where it belongs, for groups that join records, or that part those of one listing."""
    shared = Counter(pk for group in groups for pk in {node.listing_pk for node in group.members} if pk is not None)
    return {
        identity: carrier
        for group in groups
        if len(group.members) > 1 or any(shared[pk] > 1 for node in group.members if (pk := node.listing_pk) is not None)
        for carrier in [_carrier(group)]
        for node in group.members
        if node.live
        for identity in node.identities
    }


def _carrier(group: Group) -> Carrier:
    before = [node.listing_pk for node in group.members if node.listing_pk is not None]
    name = f"group:{group.members[0].pk}"
    return Carrier(name, f"listing:{min(before)}" if before else name)


def services_of(engine: Engine, carriers: Mapping[str, Carrier], new: Mapping[str, Sequence[int]]) -> set[int]:
    """The service records (``pk``) of the groups that carry services under two identities and more.

    Args:
        engine: The database.
        carriers: See ``carriers_of``.
        new: Structure → records that an import writes.
    """
    found: dict[str, set[int]] = {identity: set(new.get(identity, ())) for identity in carriers}
    written = {pk for pks in new.values() for pk in pks}
    listing = tables.listing
    with reading(engine) as connection:
        for chunk in chunks(carriers):
            question = (
                select(_record.c.pk, _record.c.record["structure"].as_string())
                .join(listing, listing.c.pk == _record.c.listing_pk)
                .where(listing.c.structure.in_(chunk), _record.c.missing_since.is_(None), tables.shown_record())
            )
            for pk, structure in connection.execute(question):
                if structure in found and pk not in written:
                    found[structure].add(pk)
    several = Counter(carriers[identity].family for identity, pks in found.items() if pks)
    return {pk for identity, pks in found.items() if several[carriers[identity].family] > 1 for pk in pks}


def under_carriers(
    connection: Connection, entries: Iterable[tuple[int, Any]], carriers: Mapping[str, Carrier]
) -> Iterator[tuple[int, Any]]:
    """What is compared, each service under the group or the listing of its structure instead of the identity that it names.

    Args:
        connection: To read.
        entries: ``pk`` and what ``Comparer.read`` gives.
        carriers: See ``carriers_of``.
    """
    for chunk in chunks(entries):
        named = {entry.part_of for _, entry in chunk if entry.part_of}
        known = {
            **_listings_of(connection, named - carriers.keys()),
            **{one: carriers[one].group for one in named & carriers.keys()},
        }
        for pk, entry in chunk:
            carrier = known.get(entry.part_of)
            yield pk, entry._replace(part_of=carrier) if carrier else entry


def _listings_of(connection: Connection, identities: Iterable[str]) -> dict[str, str]:
    """Identity → a name for the listing of the record that bears it."""
    found: dict[str, str] = {}
    for chunk in chunks(sorted(identities)):
        question = select(_key.c.identity, _record.c.listing_pk).join(_record, _record.c.pk == _key.c.source_record_pk)
        rows = connection.execute(question.where(_key.c.identity.in_(chunk), _record.c.missing_since.is_(None)))
        found.update({identity: f"listing:{pk}" for identity, pk in rows if pk is not None})
    return found
