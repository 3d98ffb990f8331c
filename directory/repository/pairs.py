"""The pairs of records that are, or may be, one thing: found among what is published and what is staged, and how they bind."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Engine, or_, select

from directory.database import reading
from directory.models.duplicates import ComparedPair, Comparer, IntArray, Verdict
from directory.repository import tables
from directory.repository.linking import Bond, Node
from directory.repository.rows import chunks
from directory.repository.siblings import Carrier, under_carriers

_KEY = np.dtype("<u4")
_LARGEST_CHAIN = 40
_pair = tables.duplicate_pair
_record = tables.source_record


@dataclass(slots=True)
class Fresh:
    """What a piece of work says of records, in place of what is kept of them.

    Attributes:
        keys: The records that it compares anew, with their packed keys: what was said of them is no longer said.
        read: The record of a key, as ``PreparedRecord.read_record`` gives it; None when it is as it is kept.
        first_new: Records from this ``pk`` on are new: nothing is kept of them.
        found: What comparing says.
        carriers: Identity of a structure → the group of records that it belongs to from now on (``siblings``).
        entries: What the comparer read of some of these records already; emptied once they are compared.
    """

    keys: dict[int, bytes] = field(default_factory=dict)
    read: Callable[[int], Mapping[str, Any] | None] = lambda _: None
    first_new: int = sys.maxsize
    found: list[ComparedPair] = field(default_factory=list)
    carriers: Mapping[str, Carrier] = field(default_factory=dict)
    entries: dict[int, Any] = field(default_factory=dict)
    _of: dict[int, list[ComparedPair]] = field(default_factory=dict)

    def add(self, pairs: Iterable[ComparedPair]) -> None:
        """Keep what comparing says."""
        for pair in pairs:
            self.found.append(pair)
            for pk in (pair.left, pair.right):
                self._of.setdefault(pk, []).append(pair)

    def unsay(self, pks: Set[int]) -> None:
        """Take back what comparing said of these records: they are about to be compared again."""
        self.found = [pair for pair in self.found if pks.isdisjoint((pair.left, pair.right))]
        self._of = {}
        for pair in self.found:
            for pk in (pair.left, pair.right):
                self._of.setdefault(pk, []).append(pair)

    def touching(self, pks: Iterable[int]) -> Iterator[ComparedPair]:
        """The pairs found that one of these records is of, once each."""
        return iter({(pair.left, pair.right): pair for pk in pks for pair in self._of.get(pk, ())}.values())


def pack_keys(keys: Sequence[int]) -> bytes:
    """Blocking keys as they are kept."""
    return np.asarray(keys, dtype=_KEY).tobytes()


def find(engine: Engine, comparer: Comparer, nodes: Mapping[int, Node], fresh: Fresh) -> set[frozenset[int]]:
    """Compare the records of an import with one another and with what is published; ``fresh`` keeps what is said of them.

    Where three records and more are joined in a chain, those that are not alike themselves are said to be different.

    Args:
        engine: The database.
        comparer: What compares.
        nodes: The records that the import touches, by ``pk``; those that it makes missing are not live.
        fresh: What it says of them, added to.

    Returns:
        The pairs that may be one thing and were not known, by ``pk``.
    """
    touched = np.array(sorted(pk for pk, node in nodes.items() if node.live), dtype=np.int64)
    if not len(touched):
        return set()
    with reading(engine) as connection:
        gone = {pk for pk, node in nodes.items() if not node.live}
        left, right = _candidates(connection, comparer, touched, gone, fresh)
        found = _compare(connection, comparer, left, right, fresh)
        found += _across_chains(connection, comparer, found, set(touched.tolist()), fresh)
        known = _known_pairs(connection, (pair for pair in found if pair.verdict is Verdict.PROBABLE))
    fresh.entries.clear()
    fresh.add(found)
    return {
        frozenset((pair.left, pair.right))
        for pair in found
        if pair.verdict is Verdict.PROBABLE and (pair.left, pair.right) not in known
    }


def to_row(pair: ComparedPair) -> dict[str, Any]:
    """A pair as it is staged."""
    return {
        "left_pk": pair.left,
        "right_pk": pair.right,
        "verdict": str(pair.verdict),
        "probability": pair.probability,
        "reasons": list(pair.reasons),
        "apart": pair.apart,
    }


def _candidates(
    connection: Connection, comparer: Comparer, touched: IntArray, gone: Set[int], fresh: Fresh
) -> tuple[IntArray, IntArray]:
    """The pairs worth comparing of which one at least is touched, both of records that their sources hold."""
    keys, owners = _read_keys(connection, fresh.keys)
    asked = np.isin(keys, keys[np.isin(owners, touched)])
    left, right = comparer.pairs(keys[asked], owners[asked])
    chosen = np.isin(left, touched) | np.isin(right, touched)
    left, right = left[chosen], right[chosen]
    others = np.setdiff1d(np.union1d(left, right), touched)
    missing = gone | _missing(connection, others.tolist())
    held = ~np.isin(left, list(missing)) & ~np.isin(right, list(missing)) if missing else np.ones(len(left), dtype=np.bool_)
    return left[held], right[held]


def _read_keys(connection: Connection, staged: Mapping[int, bytes]) -> tuple[IntArray, IntArray]:
    """Every key and whose it is: anew, else as kept."""
    kept = connection.execute(select(tables.record_keys))
    rows = [*staged.items(), *((pk, keys) for pk, keys in kept if pk not in staged)]
    owners = np.fromiter((pk for pk, _ in rows), np.int64, len(rows))
    sizes = np.fromiter((len(keys) // _KEY.itemsize for _, keys in rows), np.int64, len(rows))
    flat = np.frombuffer(b"".join(keys for _, keys in rows), dtype=_KEY).astype(np.int64)
    return flat, np.repeat(owners, sizes)


def _missing(connection: Connection, pks: Iterable[int]) -> set[int]:
    found: set[int] = set()
    for chunk in chunks(pks):
        found.update(
            connection.scalars(select(_record.c.pk).where(_record.c.pk.in_(chunk), _record.c.missing_since.is_not(None)))
        )
    return found


def _compare(connection: Connection, comparer: Comparer, left: IntArray, right: IntArray, fresh: Fresh) -> list[ComparedPair]:
    wanted = np.union1d(left, right).tolist()
    known = ((pk, fresh.entries[pk]) for pk in wanted if pk in fresh.entries)
    left_over = [pk for pk in wanted if pk not in fresh.entries]
    read = ((pk, comparer.read(record)) for pk, record in read_records(connection, left_over, fresh.read))
    compared = comparer.compare(dict(under_carriers(connection, chain(known, read), fresh.carriers)), left, right)
    return [pair for pair in compared if pair.verdict is not Verdict.DIFFERENT]


def read_records(
    connection: Connection, pks: Sequence[int], read: Callable[[int], Mapping[str, Any] | None] = lambda _: None
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The records of these keys without the fields that hold their default: as ``read`` gives them, else as kept."""
    for chunk in chunks(pks):
        anew = {pk: record for pk in chunk if (record := read(pk)) is not None}
        yield from anew.items()
        left = [pk for pk in chunk if pk not in anew]
        if left:
            rows = connection.execute(select(_record.c.pk, _record.c.record).where(_record.c.pk.in_(left)))
            yield from ((pk, record) for pk, record in rows)


def _across_chains(
    connection: Connection, comparer: Comparer, found: Sequence[ComparedPair], touched: Set[int], fresh: Fresh
) -> list[ComparedPair]:
    """DIFFERENT for each two records of a chain of SAME that are not alike themselves."""
    links = [(pair.left, pair.right) for pair in found if pair.verdict is Verdict.SAME]
    ends = {pk for link in links for pk in link}
    links += [
        (bond.left, bond.right) for bond in _kept_bonds(connection, ends - touched, touched) if bond.verdict is Verdict.SAME
    ]
    said = {(pair.left, pair.right) for pair in found}
    crossing = [
        pair for joined in _chains(links) if len(joined) <= _LARGEST_CHAIN for pair in combinations(joined, 2) if pair not in said
    ]
    left = np.array([one for one, _ in crossing], dtype=np.int64)
    right = np.array([other for _, other in crossing], dtype=np.int64)
    alike = {(pair.left, pair.right) for pair in _compare(connection, comparer, left, right, fresh)} if crossing else set()
    return [
        ComparedPair(left=one, right=other, probability=0.0, verdict=Verdict.DIFFERENT, apart=True)
        for one, other in crossing
        if (one, other) not in alike
    ]


def _chains(links: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The sets of records that links join, of three and more."""
    home: dict[int, int] = {}
    members: dict[int, list[int]] = defaultdict(list)
    for one, other in links:
        first, second = (home.setdefault(pk, pk) for pk in (one, other))
        for pk, root in ((one, first), (other, second)):
            if not members[root]:
                members[root].append(pk)
        if first != second:
            small, large = sorted((first, second), key=lambda root: (len(members[root]), root))
            for pk in members[small]:
                home[pk] = large
            members[large] += members.pop(small)
    return [sorted(joined) for joined in members.values() if len(joined) > 2]


def _known_pairs(connection: Connection, pairs: Iterable[ComparedPair]) -> set[tuple[int, int]]:
    known: set[tuple[int, int]] = set()
    for chunk in chunks({pair.left for pair in pairs}):
        question = select(_pair.c.left_pk, _pair.c.right_pk).where(_pair.c.left_pk.in_(chunk))
        known.update((left, right) for left, right in connection.execute(question))
    return known


def bonds_among(
    connection: Connection, pks: Iterable[int], fresh: Fresh, undone: Set[tuple[int, int]] = frozenset()
) -> list[Bond]:
    """What binds or parts these records and others: what people decided, and what comparing says.

    Args:
        connection: To read.
        pks: Records.
        fresh: What is said anew.
        undone: Pairs of which what a person decided no longer counts.
    """
    asked = list(pks)
    known = [pk for pk in asked if pk < fresh.first_new]
    bonds = {(bond.left, bond.right): bond for bond in _kept_bonds(connection, known, fresh.keys.keys(), undone)}
    for pair in fresh.touching(asked):
        decided = bonds.get((pair.left, pair.right))
        if decided is None or not decided.by_person:
            bonds.update({(bond.left, bond.right): bond for bond in _compared_bond(pair)})
    return list(bonds.values())


def tied_to(connection: Connection, pks: Iterable[int], fresh: Fresh) -> set[int]:
    """The records that are bound to one of these as the same thing."""
    bonds = bonds_among(connection, pks, fresh)
    return {pk for bond in bonds if bond.verdict is Verdict.SAME for pk in (bond.left, bond.right)}


def _kept_bonds(
    connection: Connection, pks: Iterable[int], compared: Set[int], undone: Set[tuple[int, int]] = frozenset()
) -> Iterator[Bond]:
    for row in _touching(connection, _pair, pks):
        if row.judgement is not None and (row.left_pk, row.right_pk) not in undone:
            yield Bond(row.left_pk, row.right_pk, Verdict(row.judgement), row.judged_at.timestamp(), by_person=True)
        elif row.verdict is not None and compared.isdisjoint((row.left_pk, row.right_pk)):
            yield from _compared_bond(
                ComparedPair(
                    left=row.left_pk,
                    right=row.right_pk,
                    probability=row.probability,
                    verdict=Verdict(row.verdict),
                    apart=row.apart,
                )
            )


def _compared_bond(pair: ComparedPair) -> Iterator[Bond]:
    if pair.apart or pair.verdict is Verdict.SAME:
        verdict = Verdict.DIFFERENT if pair.apart else Verdict.SAME
        yield Bond(pair.left, pair.right, verdict, -pair.probability)


def _touching(connection: Connection, table: Any, pks: Iterable[int]) -> Iterator[Any]:
    for chunk in chunks(pks):
        touching: ColumnElement[bool] = or_(table.c.left_pk.in_(chunk), table.c.right_pk.in_(chunk))
        yield from connection.execute(select(table).where(touching))
