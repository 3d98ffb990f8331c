"""Figures of duplicates on published lists of training bodies, where they are beside the checkout: our rule, and a learned one.

    python -m bench.linkage [--show 10]

1. Pairs of rows that carry one UAI in two lists (``linkage/cfa_pairs_same_uai.csv``: noisy positives, since a UAI may stand for a
   legal unit and its sites), against pairs of one list that share a blocking key and carry two UAIs and two SIRETs (negatives).
   With their SIRETs, and with SIRETs hidden. The UAI itself is never shown.
2. The networks' lists with their numbers hidden (as a référent's own table would be), against the prépa-apprentissage list with
   its own: the same SIRET is the truth.
3. A logistic regression on the same facts, fitted on half of 1 (by UAI) and told on the other half, beside the rule on that half.
   It would replace the rule only where it finds more at no more errors, without numbers too.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from directory.errors import InvalidValue
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.identifiers import parse_siret
from directory.models.duplicates import Verdict
from directory.text import fold
from importers.addresses import place_address
from importers.run import Run
from importers.source import get_source
from importers.sources.cfa.body import choose_name
from importers.sources.cfa.lookups import meaning_of_name
from matching.duplicates import DuplicateComparer, Entry, find_pairs
from matching.duplicates.agreement import Agreement, agree
from matching.duplicates.blocks import pairs_of
from matching.duplicates.entry import block_keys
from matching.duplicates.scoring import weigh, weights

PUBLISHED = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "published"
Floats = npt.NDArray[np.float64]
_HIDDEN = {"siret": "unknown"}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", type=int, default=0, help="so many wrong merges of each part")
    given = parser.parse_args()
    if not PUBLISHED.is_dir():
        print("no published lists beside the checkout")
        return
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
        gazetteer = open_gazetteer(Path(folder))
        prepa = _read(gazetteer, "cfa/organismes-prepa-apprentissage.csv")
        positives, uais = _same_uai(gazetteer)
        negatives = _two_uais(prepa)
        print(f"{len(positives)} pairs of one UAI, {len(negatives)} pairs of two UAIs and two SIRETs that share a block")
        tell("rule, with SIRETs", _rule, positives, negatives)
        tell("rule, SIRETs hidden", _rule, _hide(positives), _hide(negatives))
        _hidden_lists(gazetteer, prepa, given.show)
        _learn(positives, uais, negatives)


def _read(gazetteer: Gazetteer, *files: str) -> list[dict[str, Any]]:
    run = Run(
        source=get_source("cfa"), paths=tuple(PUBLISHED / file for file in files), geocoder=gazetteer, now=datetime.now(UTC),
        find_name=lambda _: None,
    )  # fmt: skip
    return [
        found.record.model_dump(mode="json", exclude_defaults=True)
        for found in import_module("importers.sources.cfa").records(run)
    ]


def _same_uai(gazetteer: Gazetteer) -> tuple[list[Agreement], list[str]]:
    comparer = DuplicateComparer()
    with (PUBLISHED / "linkage" / "cfa_pairs_same_uai.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    sides = [tuple(comparer.read(_side(row, side, gazetteer)) for side in "ab") for row in rows]
    return [agree(one, other) for one, other in sides], [row["uai"] for row in rows]


def _side(row: Mapping[str, str], side: str, gazetteer: Gazetteer) -> dict[str, Any]:
    legal, _, sign = row[f"nom_{side}"].partition(" / ")
    address = place_address(row[f"adresse_{side}"], gazetteer)
    return {
        "kind": "partner", "category": meaning_of_name(fold(f"{legal} {sign}")).category or "cfa",
        "name": choose_name(legal, sign), "address": address.street, "code_postal": address.code_postal or None,
        "code_commune": address.code_commune or None, "siret": _siret(row[f"siret_{side}"]),
    }  # fmt: skip


def _siret(text: str) -> str | None:
    try:
        return parse_siret(text) if text else None
    except InvalidValue:
        return None


def _two_uais(records: Sequence[Mapping[str, Any]]) -> list[Agreement]:
    comparer = DuplicateComparer()
    entries = [comparer.read(record) for record in records if record.get("uai") and record.get("siret")]
    keys = [block_keys(entry) for entry in entries]
    sizes = [len(found) for found in keys]
    left, right = pairs_of(np.array([key for found in keys for key in found]), np.repeat(np.arange(len(keys)), sizes))
    both = ((entries[one], entries[other]) for one, other in zip(left.tolist(), right.tolist(), strict=True))
    return [agree(one, other)._replace(uai="unknown") for one, other in both if one.uai != other.uai and one.siret != other.siret]


def _hide(agreements: Sequence[Agreement]) -> list[Agreement]:
    return [agreement._replace(**_HIDDEN) for agreement in agreements]


def _rule(agreements: Sequence[Agreement]) -> Floats:
    """Probabilities; those that only a person may merge count as just below the threshold."""
    said = [weigh(agreement) for agreement in agreements]
    return np.array([min(probability, weights().same - 0.001) if asked else probability for probability, _, asked in said])


def tell(
    name: str,
    judge: Callable[[Sequence[Agreement]], Floats],
    positives: Sequence[Agreement],
    negatives: Sequence[Agreement],
    merged: float | None = None,
) -> None:
    """Print what is merged and what is merged or proposed, of pairs that are one thing and of pairs that are not."""
    right, wrong = judge(positives), judge(negatives)
    for label, threshold in (("merged", weights().same if merged is None else merged), ("or proposed", weights().probable)):
        found, false = int((right >= threshold).sum()), int((wrong >= threshold).sum())
        precision = found / max(1, found + false)
        print(
            f"{name:32} {label:12} precision {precision:.4f}   recall {found / len(right):.4f}   ({false} false of {len(wrong)})"
        )


def _hidden_lists(gazetteer: Gazetteer, prepa: Sequence[Mapping[str, Any]], show: int) -> None:
    files = [f"cfa/referentiel-reseau-{name}.csv" for name in ("aftral", "greta", "mfr", "uimm")]
    networks = [record for record in _read(gazetteer, *files) if record.get("siret")]
    comparer = DuplicateComparer()
    hidden = [
        comparer.read({name: value for name, value in record.items() if name not in {"siret", "uai"}}) for record in networks
    ]
    known = {record["siret"]: rank for rank, record in enumerate(prepa) if record.get("siret")}
    truth = {(known[record["siret"]], len(prepa) + rank) for rank, record in enumerate(networks) if record["siret"] in known}
    entries: list[Entry] = [comparer.read(record) for record in prepa] + hidden
    across = [pair for pair in find_pairs(entries) if pair.left < len(prepa) <= pair.right]
    merged = {(pair.left, pair.right) for pair in across if pair.verdict is Verdict.SAME}
    either = {(pair.left, pair.right) for pair in across}
    for label, found in (("merged", merged), ("or proposed", either)):
        right = len(found & truth)
        print(f"{'lists without numbers':32} {label:12} precision {right / len(found):.4f}   recall {right / len(truth):.4f}")
    everything = [*prepa, *networks]
    for pair in islice(sorted(merged - truth), show):
        print("   ", " | ".join(f"{everything[rank]['name']}, {everything[rank].get('address')}" for rank in pair))


def _learn(positives: Sequence[Agreement], uais: Sequence[str], negatives: Sequence[Agreement]) -> None:
    random = np.random.default_rng(0)
    chosen = set(random.permutation(sorted(set(uais)))[: len(set(uais)) // 2].tolist())
    taught = [agreement for agreement, uai in zip(positives, uais, strict=True) if uai in chosen]
    asked = [agreement for agreement, uai in zip(positives, uais, strict=True) if uai not in chosen]
    half = random.random(len(negatives)) < 0.5
    wrong_taught = [agreement for agreement, is_taught in zip(negatives, half, strict=True) if is_taught]
    wrong_asked = [agreement for agreement, is_taught in zip(negatives, half, strict=True) if not is_taught]
    columns = [level for level in weights().levels if level[1] != "unknown"]
    train = [*taught, *_hide(taught), *wrong_taught, *_hide(wrong_taught)]
    coefficients = _fit(_matrix(train, columns), np.repeat([1.0, 0.0], [2 * len(taught), 2 * len(wrong_taught)]))

    def learned(agreements: Sequence[Agreement]) -> Floats:
        probabilities: Floats = 1 / (1 + np.exp(-_matrix(agreements, columns) @ coefficients))
        return probabilities

    print(f"on the half not learned from: {len(asked)} and {len(wrong_asked)} pairs")
    for name, change in (("with SIRETs", list), ("SIRETs hidden", _hide)):
        one, other = change(asked), change(wrong_asked)
        tell(f"rule, {name}", _rule, one, other)
        tell(f"learned, {name}", learned, one, other)
        # the learned rule at the rule's own number of errors
        allowed = int((_rule(other) >= weights().same).sum())
        threshold = float(np.sort(learned(other))[::-1][allowed]) + 1e-9
        tell(f"learned, {name}, p ≥ {threshold:.3f}", learned, one, other, merged=threshold)


def _matrix(agreements: Sequence[Agreement], columns: Sequence[tuple[str, str]]) -> Floats:
    rank = {column: place for place, column in enumerate(columns)}
    matrix = np.zeros((len(agreements), len(columns) + 1))
    matrix[:, -1] = 1
    for row, agreement in enumerate(agreements):
        for level in zip(Agreement._fields, agreement, strict=True):
            if level in rank:
                matrix[row, rank[level]] = 1
    return matrix


def _fit(matrix: Floats, truth: Floats, penalty: float = 0.5) -> Floats:
    """Coefficients of a ridge logistic regression, by Newton's method."""
    found = np.zeros(matrix.shape[1])
    for _ in range(50):
        probabilities = 1 / (1 + np.exp(-matrix @ found))
        gradient = matrix.T @ (probabilities - truth) + penalty * found
        curvature = (matrix * (probabilities * (1 - probabilities))[:, None]).T @ matrix + penalty * np.eye(len(found))
        step = np.linalg.solve(curvature, gradient)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    return found


if __name__ == "__main__":
    main()
