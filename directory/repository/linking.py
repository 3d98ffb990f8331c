"""Which records are one thing, and which listing is theirs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

_OUTSIDE = re.compile(r"[^A-Za-z0-9._@~-]")
_MARKED = re.compile(r"~[0-9a-f]{16}$")
_LONGEST = 300


@dataclass(slots=True)
class Node:
    """A record, as far as linking it goes.

    Attributes:
        listing_pk: The listing it has until now.
        live: Whether its source still holds it.
    """

    pk: int
    source: str
    record_id: str
    kind: str
    listing_pk: int | None
    identities: Sequence[str]
    live: bool = True


@dataclass(slots=True)
class Group:
    """Records that are one thing, with their listing.

    Attributes:
        listing_pk: None when they have none yet.
        new_id: The id of a listing that is to be opened.
        taken_over: Listings that this one takes over.
    """

    members: list[Node]
    listing_pk: int | None = None
    new_id: str = ""
    taken_over: list[int] = field(default_factory=list)


class _Sets:
    """Disjoint sets of nodes (union–find, the smallest ``pk`` as root)."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.parent = {node.pk: node.pk for node in nodes}

    def find(self, pk: int) -> int:
        while self.parent[pk] != pk:
            self.parent[pk] = self.parent[self.parent[pk]]
            pk = self.parent[pk]
        return pk

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self.parent[second] = first


def link(nodes: Iterable[Node]) -> list[list[Node]]:
    """Put together the records that share an identity, transitively; each group and the groups themselves in order of ``pk``.

    An identity joins records of one kind only. A record that its source no longer holds follows what it was the same as, and
    never joins two others: a false identity that was withdrawn must stop merging.
    """
    ordered = sorted(nodes, key=lambda node: (not node.live, node.pk))
    sets = _Sets(ordered)
    holders: dict[tuple[str, str], int] = {}
    for node in ordered:
        keys = [(node.kind, identity) for identity in node.identities]
        known = [holders[key] for key in keys if key in holders]
        for holder in known if node.live else known[:1]:
            sets.join(node.pk, holder)
        for key in keys:
            holders.setdefault(key, node.pk)
    groups: dict[int, list[Node]] = {}
    for node in sorted(ordered, key=lambda node: node.pk):
        groups.setdefault(sets.find(node.pk), []).append(node)
    return list(groups.values())


def assign(components: Iterable[list[Node]]) -> Iterator[Group]:
    """Give each group of records its listing: the oldest of those that its records founded, else none yet.

    The founder of a listing is the first of its records; records that no longer belong with it leave without the listing.
    ``components`` must hold every record of each listing they touch.
    """
    groups = [Group(members) for members in components]
    founders: dict[int, int] = {}
    for node in sorted((node for group in groups for node in group.members), key=lambda node: node.pk):
        if node.listing_pk is not None:
            founders.setdefault(node.listing_pk, node.pk)
    for group in groups:
        founded = sorted({pk for node in group.members if (pk := node.listing_pk) is not None and founders[pk] == node.pk})
        if founded:
            group.listing_pk, *group.taken_over = founded
        yield group


def listing_id(source: str, record_id: str) -> str:
    """The id of the listing that a record opens: ``source--record_id``, made of ``A-Za-z0-9._@~-`` only.

    Two records never have the same: what had to be replaced or cut is told apart by 16 characters of a digest.
    """
    whole = record_id if record_id.startswith(f"{source}--") else f"{source}--{record_id}"
    safe = _OUTSIDE.sub("-", whole)
    if safe == whole and len(safe) <= _LONGEST and not _MARKED.search(safe):
        return safe
    return marked_id(safe, source, record_id)


def marked_id(safe: str, source: str, record_id: str) -> str:
    """An id that bears a digest of the record it is for."""
    mark = blake2b(f"{source}\0{record_id}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{safe[:_LONGEST]}~{mark}"
