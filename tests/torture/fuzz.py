"""Fuzzes one reader with atheris: ``python fuzz.py READER CORPUS [libFuzzer options]``. Run by test_fuzzing.py."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["importers"]):
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    from tests.torture.readers import READERS, RelaisError


def main() -> None:
    """Fuzz until the time is over, or an error other than a refusal is raised."""
    reader = READERS[sys.argv[1]]

    def one_input(content: bytes) -> None:
        try:
            reader(content)
        except RelaisError as refused:
            if not refused.public:
                raise

    atheris.Setup([sys.argv[0], *sys.argv[2:]], one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
