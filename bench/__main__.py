"""``make bench``: prints the figures, with the machine they were taken on. Never part of the tests.

The national corpus is made by the generator beside the checkout, where it is there; each part says what it skipped.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PARTS = (
    "search",
    "pages",
    "load",
    "api",
    "widget",
    "match",
    "travel",
    "cohort",
    "import",
    "data_inclusion",
    "duplicates",
    "linkage",
    "published",
)
_WITHOUT_CORPUS = ("linkage", "travel", "published")
_MODULES = {"import": "imports"}  # a keyword is no name for a module
_LISTINGS = {"duplicates": 400_000, "cohort": 20_000}  # 110,000 structures: what the figures of duplicates are told on
GENERATOR = ROOT.parent / "shared" / "bench" / "corpus.py"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listings", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--only", choices=list(_PARTS), action="append")
    given = parser.parse_args()
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    parts = given.only or _PARTS
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
        for part in parts:
            print(f"\n== {part}")
            if part in _WITHOUT_CORPUS:
                subprocess.run([sys.executable, "-m", f"bench.{part}"], check=True, cwd=ROOT)
                continue
            if not GENERATOR.is_file():
                print("no generator beside the checkout: nothing to measure at national size")
                continue
            corpus = _make_corpus(Path(folder), _LISTINGS.get(part, given.listings), given.seed, given.questions)
            subprocess.run([sys.executable, "-m", f"bench.{_MODULES.get(part, part)}", str(corpus)], check=True, cwd=ROOT)


def _make_corpus(folder: Path, listings: int, seed: int, questions: int) -> Path:
    """A corpus of this size, made once."""
    corpus = folder / str(listings)
    if not corpus.is_dir():
        command = [sys.executable, str(GENERATOR), str(corpus), "--listings", str(listings), "--seed", str(seed)]
        command += ["--questions", str(questions)]
        subprocess.run(command, check=True)
    return corpus


if __name__ == "__main__":
    main()
