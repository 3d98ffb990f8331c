"""Finding the duplicates among many records: block, compare, weigh."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from directory.models.duplicates import ComparedPair, IntArray, Verdict
from directory.territory import commune_names
from matching.duplicates.agreement import UNLIKE, agree, forbid
from matching.duplicates.blocks import pairs_of
from matching.duplicates.entry import Entry, block_keys, read_entry
from matching.duplicates.scoring import explain, weigh

_CORES = -1


class DuplicateComparer:
    """Implements ``directory.models.duplicates.Comparer``."""

    def read(self, record: Mapping[str, Any]) -> Entry:
        """A record, as ``PreparedRecord.read_record`` gives it, as it is compared."""
        code = record.get("code_commune")
        return read_entry(record, commune_names().get(code, "") if code else "")

    def keys(self, entry: Entry) -> Sequence[int]:
        """See the protocol. An invented record (demonstration) is compared with none."""
        return [] if entry.invented else block_keys(entry)

    def pairs(self, keys: IntArray, owners: IntArray) -> tuple[IntArray, IntArray]:
        """See the protocol."""
        return pairs_of(keys, owners)

    def compare(self, entries: Mapping[int, Entry], left: IntArray, right: IntArray) -> Iterator[ComparedPair]:
        """See the protocol."""
        return compare_pairs(entries, left, right)


def compare_pairs(entries: Mapping[int, Entry] | Sequence[Entry], left: IntArray, right: IntArray) -> Iterator[ComparedPair]:
    """Every pair whose names are not plainly different, with its verdict; reasons where it may be one thing.

    Args:
        entries: By key (or rank).
        left: Keys, shape (n,).
        right: Keys, shape (n,).
    """
    chosen = _alike(entries, left, right)
    for one, other in zip(left[chosen].tolist(), right[chosen].tolist(), strict=True):
        first, second = entries[one], entries[other]
        if forbid(first, second):  # most pairs: services of two structures, one event on two days
            yield ComparedPair(left=one, right=other, probability=0.0, verdict=Verdict.DIFFERENT, apart=True)
            continue
        agreement = agree(first, second)
        probability, verdict, asked = weigh(agreement)
        reasons = () if verdict is Verdict.DIFFERENT else explain(first, second, agreement)
        yield ComparedPair(left=one, right=other, probability=probability, verdict=verdict, reasons=reasons, apart=asked)


def _alike(entries: Mapping[int, Entry] | Sequence[Entry], left: IntArray, right: IntArray) -> IntArray:
    """Ranks of the pairs whose names are alike, or that have one SIRET: all at once, since most pairs end here."""
    ones = [entries[key] for key in left.tolist()]
    others = [entries[key] for key in right.tolist()]
    alike = process.cpdist(
        [entry.text for entry in ones], [entry.text for entry in others], scorer=fuzz.token_set_ratio, score_cutoff=UNLIKE,
        workers=_CORES, dtype=np.float32,
    )  # fmt: skip
    one_siret = np.fromiter(
        (bool(a.siret) and a.siret == b.siret for a, b in zip(ones, others, strict=True)), np.bool_, len(ones)
    )
    return np.flatnonzero((alike > 0) | one_siret)


def find_pairs(entries: Sequence[Entry]) -> Iterator[ComparedPair]:
    """The pairs among these records that are, or may be, one thing (by rank, the smaller first)."""
    keys, sizes = array("q"), array("q")
    for entry in entries:
        found = block_keys(entry)
        keys.extend(found)
        sizes.append(len(found))
    owners = np.repeat(np.arange(len(sizes), dtype=np.int64), np.asarray(sizes, dtype=np.int64))
    left, right = pairs_of(np.asarray(keys, dtype=np.int64), owners)
    return (pair for pair in compare_pairs(entries, left, right) if pair.verdict is not Verdict.DIFFERENT)
