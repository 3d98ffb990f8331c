"""Figures of the data·inclusion source: rows read a second in each form, memory, and what the schema's own package says.

    python -m bench.data_inclusion FOLDER

FOLDER is what the shared ``corpus.py`` wrote. Each form is read in a process of its own, into validated records; nothing is
written. The seconds are of the processor, which another program's work changes less than the clock's.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data_inclusion.schema import v1
from pydantic import ValidationError

from directory.exports.exporting import column_types
from directory.exports.files import FORMS, LinesFile
from directory.geocoding.gazetteer import open_gazetteer
from importers.run import Run
from importers.source import get_source
from importers.sources.data_inclusion import records
from relais.services import now

MODELS: dict[str, Any] = {"structures": v1.Structure, "services": v1.Service}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as made:
        for name, model in MODELS.items():
            _say_what_the_package_says(folder / f"{name}.jsonl", name, model)
            _write_forms(folder, Path(made), name, model)
            for form in FORMS:
                _apart(_read, Path(made) / f"{name}.{form}")


def _write_forms(folder: Path, made: Path, name: str, model: Any) -> None:
    file = LinesFile(made, name)
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            file.add(json.loads(line))
    file.finish(FORMS, column_types(model))


def _apart(work: Callable[[Path], None], path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=(path,))
    process.start()
    process.join()


def _read(path: Path) -> None:
    with tempfile.TemporaryDirectory() as cache:
        gazetteer = open_gazetteer(Path(cache))
        run = Run(source=get_source("data_inclusion"), paths=(path,), geocoder=gazetteer, now=now())
        before = time.process_time()
        count = sum(1 for _ in records(run))
        seconds = time.process_time() - before
        gazetteer.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = f"{count:,} records, {count / seconds:,.0f}/s, {seconds:.1f} s, {peak} MB, {len(run.doubts)} doubts"
    print(f"{path.name}: {told}", flush=True)


def _say_what_the_package_says(path: Path, name: str, model: Any) -> None:
    refused = total = 0
    before = time.process_time()
    with path.open("rb") as lines:
        for line in lines:
            total += 1
            try:
                model.model_validate_json(line)
            except ValidationError:
                refused += 1
    rate = total / (time.process_time() - before)
    print(f"{name}: data-inclusion-schema refuses {refused} of {total:,}, and reads {rate:,.0f}/s", flush=True)


if __name__ == "__main__":
    main()
