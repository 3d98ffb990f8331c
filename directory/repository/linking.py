"""Which records are one thing (by decision, by identity, by comparison), and which listing is theirs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from directory.models.duplicates import Verdict
from directory.vocabulary import Visibility

_OUTSIDE = re.compile(r"[^A-Za-z0-9._@~-]")
_MARKED = re.compile(r"~[0-9a-f]{16}$")
_LONGEST = 300


@dataclass(slots=True)
class Node:
    """A record, as far as linking it goes.

    Attributes:
        listing_pk: The listing it has until now.
        live: Whether its source still holds it.
        reason: Why it does not, in French.
        visibility: For whom its source states it; empty for what a person decided, which speaks of whatever listing it is about.
    """

    pk: int
    source: str
    record_id: str
    kind: str
    listing_pk: int | None
    identities: Sequence[str]
    live: bool = True
    reason: str = ""
    visibility: str = Visibility.PUBLIC


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


@dataclass(frozen=True, slots=True)
class Bond:
    """What is known of two records beside their identities.

    Attributes:
        verdict: SAME or DIFFERENT (PROBABLE binds nothing).
        rank: Of two bonds that contradict each other the lower rank holds: the earlier decision, the likelier comparison.
        by_person: Decided by a person, rather than by comparing them.
    """

    left: int
    right: int
    verdict: Verdict
    rank: float
    by_person: bool = False


class _Sets:
    """Disjoint sets of nodes (union–find, the smallest ``pk`` as root), some of which must stay apart."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.parent = {node.pk: node.pk for node in nodes}
        self.tied: set[int] = set()
        self._apart: dict[int, set[int]] = {}

    def find(self, pk: int) -> int:
        while self.parent[pk] != pk:
            self.parent[pk] = self.parent[self.parent[pk]]
            pk = self.parent[pk]
        return pk

    def part(self, one: int, other: int) -> None:
        """Hold the sets of two nodes apart from now on, whatever they become."""
        first, second = self.find(one), self.find(other)
        self._apart.setdefault(first, set()).add(other)
        self._apart.setdefault(second, set()).add(one)

    def join(self, one: int, other: int) -> bool:
        """Make one set of two, unless they are held apart. Whether they are one now."""
        first, second = sorted((self.find(one), self.find(other)))
        if first != second:
            if any(self.find(pk) == second for pk in self._apart.get(first, ())):
                return False
            self.parent[second] = first
            if held := self._apart.pop(second, None):
                self._apart.setdefault(first, set()).update(held)
        self.tied.update((one, other))
        return True


def link(nodes: Iterable[Node], bonds: Iterable[Bond] = ()) -> list[list[Node]]:
    """Put together the records that are one thing, transitively; each group and the groups themselves in order of ``pk``.

    In this order, each of which what follows cannot undo: what people hold apart, and what they join; records that share an
    identity; records that comparing holds apart, and those that it joins.

    Only records of one kind and of one visibility are ever joined: what is stated for everyone must neither be hidden by what is
    stated for some, nor the other way round be told to everyone. A record that its source no longer holds follows what it was the
    same as, and never joins two others (unless a person said so): a false identity that was withdrawn must stop merging.
    """
    ordered = sorted(nodes, key=lambda node: (not node.live, node.pk))
    sets = _Sets(ordered)
    by_pk = {node.pk: node for node in ordered}
    known = [bond for bond in bonds if binds(by_pk.get(bond.left), by_pk.get(bond.right))]
    _decide(sets, [bond for bond in known if bond.by_person])
    _identify(sets, ordered)
    compared = [bond for bond in known if not bond.by_person]
    _decide(sets, [bond for bond in compared if by_pk[bond.left].live and by_pk[bond.right].live])
    for bond in _in_order(compared):
        gone = [pk for pk in (bond.left, bond.right) if not by_pk[pk].live]
        if bond.verdict is Verdict.SAME and gone and sets.tied.isdisjoint(gone):
            sets.join(bond.left, bond.right)
    groups: dict[int, list[Node]] = {}
    for node in sorted(ordered, key=lambda node: node.pk):
        groups.setdefault(sets.find(node.pk), []).append(node)
    return list(groups.values())


def binds(left: Node | None, right: Node | None) -> bool:
    """Whether what is said of two records may make them one listing, or hold them apart."""
    return left is not None and right is not None and (left.kind, left.visibility) == (right.kind, right.visibility)


def _in_order(bonds: Iterable[Bond]) -> list[Bond]:
    return sorted(bonds, key=lambda bond: (bond.rank, bond.left, bond.right))


def _decide(sets: _Sets, bonds: Sequence[Bond]) -> None:
    for bond in bonds:
        if bond.verdict is Verdict.DIFFERENT:
            sets.part(bond.left, bond.right)
    for bond in _in_order(bonds):
        if bond.verdict is Verdict.SAME:
            sets.join(bond.left, bond.right)


def _identify(sets: _Sets, ordered: Iterable[Node]) -> None:
    holders: dict[tuple[str, str, str], int] = {}
    for node in sorted(ordered, key=lambda node: not node.visibility):  # what people decided comes last
        for holder in _same_things(node, holders):
            if node.live or node.pk not in sets.tied:
                sets.join(node.pk, holder)
        for identity in node.identities:
            holders.setdefault((node.kind, node.visibility, identity), node.pk)


def _same_things(node: Node, holders: Mapping[tuple[str, str, str], int]) -> list[int]:
    """Those who bear an identity of this record, as widely seen; of a decision, those of the listing that most people see."""
    for visibility in [node.visibility] if node.visibility else [*reversed(Visibility), ""]:
        found = [holders[key] for one in node.identities if (key := (node.kind, visibility, one)) in holders]
        if found:
            return found
    return []


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


def own_ids(source: str, record_id: str) -> tuple[str, str]:
    """The ids that a listing opened by this record may bear: the usual one, and the one given when that is another's."""
    usual = listing_id(source, record_id)
    return usual, marked_id(usual, source, record_id)


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
