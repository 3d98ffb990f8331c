"""Figures of duplicates: our rule and Splink, on the same records of an invented national corpus, in one run.

    python -m bench.duplicates FOLDER [--without-splink]

FOLDER is what the shared ``corpus.py`` wrote with ``--listings 400000``: 110,000 structures, of which 5,000 are disguised
twins and 5,000 false friends. Splink (with DuckDB) is not among our dependencies: what ``bench/requirements-splink.txt``
names is installed into a folder of its own (``.relais/bench``) when it is first asked for; where it cannot be, that is said.
It is told what our rule is told: the same columns, normalised in the same way (that time counts for both), the same kinds of
blocks. The best F1 of all its thresholds is printed.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from directory.models.duplicates import Verdict
from importers.values import parse_phones
from matching.duplicates import DuplicateComparer, find_pairs

ROOT = Path(__file__).resolve().parents[1]
_REQUIREMENTS = ROOT / "bench" / "requirements-splink.txt"
_INSTALLED = ROOT / ".relais" / "bench"

Pair = tuple[str, str]


def read_records(folder: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """The ids and the records of a corpus, as the directory keeps them."""
    ids, records = [], []
    with (folder / "structures.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            ids.append(row["id"])
            records.append(_record(row))
    return ids, records


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    phones = parse_phones(row["telephone"] or "")
    contacts = [{"phone": phone} for phone in phones] + ([{"email": row["courriel"]}] if row["courriel"] else [])
    return {
        "kind": "partner", "category": "association", "name": row["nom"], "address": row["adresse"] or "",
        "code_postal": row["code_postal"], "code_commune": row["code_insee"], "contacts": contacts, "siret": row["siret"],
        "latitude": row["latitude"], "longitude": row["longitude"], "precision": "point",
    }  # fmt: skip


def read_truth(folder: Path) -> set[Pair]:
    """The injected duplicates, each as a sorted pair of ids."""
    with (folder / "duplicates.csv").open(encoding="utf-8", newline="") as file:
        return {_sorted(row["id_a"], row["id_b"]) for row in csv.DictReader(file)}


def _sorted(one: str, other: str) -> Pair:
    return (one, other) if one <= other else (other, one)


def tell(name: str, found: Collection[Pair], truth: Collection[Pair], seconds: float | None = None) -> None:
    """Print precision, recall, F1 and the time."""
    right = len(set(found) & set(truth))
    precision, recall, f1 = right / max(1, len(found)), right / len(truth), 2 * right / (len(found) + len(truth))
    took = "" if seconds is None else f"   {seconds:5.1f} s"
    print(f"{name:34} precision {precision:.4f}   recall {recall:.4f}   F1 {f1:.4f}{took}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without-splink", action="store_true")
    given = parser.parse_args()
    truth = read_truth(given.folder)
    ids, records = read_records(given.folder)
    comparer = DuplicateComparer()
    print(f"{len(records)} records, {len(truth)} duplicates")
    started = time.perf_counter()
    entries = [comparer.read(record) for record in records]
    reading = time.perf_counter() - started
    pairs = list(find_pairs(entries))
    seconds = time.perf_counter() - started
    print(f"reading the words of names and addresses (given to both): {reading:.1f} s; the rest: {seconds - reading:.1f} s")
    named = [(_sorted(ids[pair.left], ids[pair.right]), pair.verdict) for pair in pairs]
    tell("relais, merged", [pair for pair, verdict in named if verdict is Verdict.SAME], truth, seconds)
    tell("relais, merged or proposed", [pair for pair, _ in named], truth)
    if not given.without_splink:
        _run_splink(ids, records, comparer, truth, reading)


def _run_splink(
    ids: list[str], records: list[dict[str, Any]], comparer: DuplicateComparer, truth: set[Pair], reading: float
) -> None:
    problem = _install()
    if problem:
        print(f"splink: skipped, could not be installed ({problem})")
        return
    with tempfile.TemporaryDirectory(prefix="relais-splink-") as folder:
        rows, answer = Path(folder) / "records.jsonl", Path(folder) / "answer.json"
        with rows.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in _columns(ids, records, comparer))
        # a process of its own: its packages are not ours
        script = Path(__file__).with_name("splink_side.py")
        command = [sys.executable, str(script), str(_INSTALLED), str(rows), str(answer)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"splink: failed\n{done.stderr[-2000:]}")
            return
        found = json.loads(answer.read_text(encoding="utf-8"))
    for name, result in found.items():
        best = max(_thresholds(result["pairs"], truth), key=lambda chosen: chosen[0])
        tell(f"splink, {name} (p ≥ {best[1]:.4g})", best[2], truth, reading + result["seconds"])


def _thresholds(pairs: list[tuple[str, str, float]], truth: set[Pair]) -> Iterator[tuple[float, float, list[Pair]]]:
    for threshold in (0.5, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999):
        chosen = [_sorted(one, other) for one, other, probability in pairs if probability >= threshold]
        right = len(set(chosen) & truth)
        yield 2 * right / max(1, len(chosen) + len(truth)), threshold, chosen


def _columns(ids: list[str], records: list[dict[str, Any]], comparer: DuplicateComparer) -> Iterator[dict[str, Any]]:
    """The columns that our rule compares, normalised as it does."""
    for unique_id, record in zip(ids, records, strict=True):
        entry = comparer.read(record)
        yield {
            "unique_id": unique_id,
            "name": " ".join(entry.name) or None,
            "start": "".join(entry.name)[:4] or None,
            "commune": entry.code_commune or None,
            "address": " ".join((entry.address.number, *entry.address.street)).strip() or None,
            "phone": next(iter(entry.phones), None),
            "siret": entry.siret or None,
            "lat": record["latitude"],
            "lon": record["longitude"],
        }


def _install() -> str:
    """Install Splink beside, once. Returns what went wrong, empty when nothing did."""
    stamp = _INSTALLED / ".installed"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return ""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(_INSTALLED)]
    done = subprocess.run([*command, "--upgrade", "-r", str(_REQUIREMENTS)], capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1]
    stamp.write_text(wanted, encoding="utf-8")
    return ""


if __name__ == "__main__":
    main()
