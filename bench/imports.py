"""National size, from file to directory and searchable: rows a second, seconds and memory of each stage; the same files again.

Each stage runs in a process of its own; its memory is the most that it held, with the most that a process it started held for
each that it may start. « parse » makes the records of the rows, by all the processes that do it, and leaves them there;
« prepare » has them in the form in which the directory keeps them, in the one process that would write them.
Importing resolves the duplicates. ``--big-megabytes`` is the size of the CSV that is made on the fly to see whether memory grows
with the file. ``RELAIS_DATABASE_URL`` and ``RELAIS_SEARCH`` say where to, as for every command: an empty database each time.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from directory.database import open_engine
from directory.geocoding.gazetteer import open_gazetteer
from directory.repository import Repository
from directory.settings import read_settings
from directory.territory import Bassins
from importers.readers import PROCESSES, Knowledge, Readers
from importers.run import Run
from importers.source import get_source
from relais.commands.imports import import_files
from relais.services import COLLECTING, build_services, now

FILES = {
    "data_inclusion": ("structures.jsonl", "services.jsonl"),
    "entreprises": ("companies.csv",),
    "calendars": ("events.ics",),
}
TARGETS = "targets on two quiet cores: 180 s and 1,500 MB in all, 15 s again, 20,000 rows/s parsed, constant memory"


def main() -> None:
    """Print every figure, or run one stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--big-megabytes", type=int, default=1000)
    parser.add_argument("--stage", choices=list(STAGES))
    parser.add_argument("--data", type=Path)
    parser.add_argument("--source", default="")
    given = parser.parse_args()
    if given.stage:
        print(json.dumps(_measured(STAGES[given.stage], given)))
        return
    print(TARGETS)
    with tempfile.TemporaryDirectory(prefix="relais-bench-") as folder:
        _print_figures(given.corpus, Path(folder), given.big_megabytes)


def _print_figures(corpus: Path, data: Path, big: int) -> None:
    for source in FILES:
        _tell(f"parse {source}", run_stage("parse", corpus, data, source))
        _tell(f"prepare {source}", run_stage("prepare", corpus, data, source))
    first = [_tell(f"import {source}", run_stage("import", corpus, data, source)) for source in FILES]
    first.append(_tell("index", run_stage("index", corpus, data)))
    seconds, cpu = (sum(stage[name] for stage in first) for name in ("seconds", "cpu"))
    rss = max(stage["rss_mb"] for stage in first)
    print(f"  from files to searchable, duplicates resolved: {seconds:.0f} s ({cpu:.0f} s of CPU), {rss} MB at most")
    again = [_tell(f"again {source}", run_stage("import", corpus, data, source)) for source in FILES]
    print(f"  the same files again: {sum(stage['seconds'] for stage in again):.1f} s")
    changed = data / "changed"
    _change_one(corpus, changed)
    _tell("one row changed", run_stage("import", changed, data, "data_inclusion"))
    for megabytes in (max(1, big // 10), big):
        path = data / "big.csv"
        _write_big(path, megabytes)
        _tell(f"read a CSV of {megabytes} MB", run_stage("big", path, data))
        path.unlink()


def run_stage(stage: str, corpus: Path, data: Path, source: str = "") -> dict[str, Any]:
    """Run one stage of ``STAGES`` in a process of its own: its seconds, its memory, and what it counted."""
    command = [sys.executable, "-m", "bench.imports", str(corpus), "--stage", stage, "--data", str(data), "--source", source]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _tell(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    rows, seconds = figures.get("rows", 0), max(figures["seconds"], 1e-9)
    rate = f", {rows:,} rows, {rows / seconds:,.0f} rows/s ({rows / max(figures['cpu'], 1e-9):,.0f} by CPU time)" if rows else ""
    print(
        f"  {name}: {seconds:.1f} s ({figures['cpu']:.1f} s of CPU), {figures['rss_mb']} MB{rate}{figures.get('note', '')}",
        flush=True,
    )
    return figures


def _measured(stage: Callable[[argparse.Namespace], dict[str, Any]], given: argparse.Namespace) -> dict[str, Any]:
    gc.set_threshold(*COLLECTING)  # as every process of Relais does
    started, cpu = time.perf_counter(), time.process_time()
    figures = stage(given)
    return {
        "seconds": time.perf_counter() - started,
        "cpu": time.process_time() - cpu + _children().ru_utime + _children().ru_stime,
        "rss_mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + _STARTED[given.stage] * _children().ru_maxrss) // 1024,
        **figures,
    }


def _children() -> resource.struct_rusage:
    return resource.getrusage(resource.RUSAGE_CHILDREN)


def _parse(given: argparse.Namespace) -> dict[str, Any]:
    return _read(given.source, [given.corpus / name for name in FILES[given.source]], given.data, _Counting(Knowledge))


def _prepare(given: argparse.Namespace) -> dict[str, Any]:
    return _read(given.source, [given.corpus / name for name in FILES[given.source]], given.data, Readers(Knowledge))


class _Counting(Readers):
    """Counts the records where they were made."""

    def share(self, run: Run, chunks: Iterator[list[Any]], read: Any) -> Iterator[Any]:
        return super().share(run, chunks, _Counted(read))


@dataclass(frozen=True, slots=True)
class _Counted:
    read: Any

    def __call__(self, run: Run, item: Any) -> None:
        run.tally[_MADE] += self.read(run, item) is not None


_MADE = ("bench", "records")


def _read(source: str, paths: list[Path], data: Path, readers: Readers) -> dict[str, Any]:
    gazetteer = open_gazetteer(data / "cache")
    started = time.perf_counter()
    run = Run(source=get_source(source), paths=tuple(paths), geocoder=gazetteer, now=now(), bassins=Bassins(), readers=readers)
    stated = import_module(f"importers.sources.{source}").records(run)
    records = sum(1 for _ in stated) + run.tally[_MADE]
    seconds = time.perf_counter() - started
    readers.close()
    return {"rows": run.read, "seconds": seconds, "note": f", {records:,} records, {len(run.doubts)} doubts"}


def _import(given: argparse.Namespace) -> dict[str, Any]:
    services = build_services(_settings(given.data))
    report = import_files(services, given.source, [given.corpus / name for name in FILES[given.source]], reindex=False)
    counted = {name: getattr(report, name) for name in ("added", "changed", "unchanged", "merged", "proposed")}
    note = "".join(f", {count:,} {name}" for name, count in counted.items())
    return {"rows": report.read, "note": note}


def _index(given: argparse.Namespace) -> dict[str, Any]:
    services = build_services(_settings(given.data))
    services.keeper.catch_up()
    kept = sum(Repository(open_engine(services.settings.database_url)).count_listings().values())
    return {"rows": kept}


def _big(given: argparse.Namespace) -> dict[str, Any]:
    return _read("entreprises", [given.corpus], given.data, Readers(Knowledge))


def _settings(data: Path) -> Any:
    return read_settings({**os.environ, "RELAIS_DATA": str(data)})


def _change_one(corpus: Path, folder: Path) -> None:
    """The files of data·inclusion, the first structure renamed."""
    folder.mkdir()
    structures, services = FILES["data_inclusion"]
    (folder / services).symlink_to((corpus / services).resolve())
    with (corpus / structures).open(encoding="utf-8") as given, (folder / structures).open("w", encoding="utf-8") as written:
        first = json.loads(next(given))
        written.write(json.dumps(first | {"nom": f"{first['nom']} (autre nom)"}, ensure_ascii=False) + "\n")
        shutil.copyfileobj(given, written)


def _write_big(path: Path, megabytes: int) -> None:
    """A list of invented companies with one long column that nobody reads."""
    filler = "remarque sans objet " * 200
    with path.open("w", encoding="utf-8") as file:
        file.write("id;siret;nom;code_postal;commune;remarques\n")
        number = 0
        while file.tell() < megabytes * 1_000_000:
            file.writelines(f"{number + rank};;Entreprise {number + rank};35300;Fougères;{filler}\n" for rank in range(1000))
            number += 1000


STAGES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "parse": _parse,
    "prepare": _prepare,
    "import": _import,
    "index": _index,
    "big": _big,
}
_STARTED = {"parse": PROCESSES, "prepare": PROCESSES, "import": PROCESSES, "index": 1, "big": PROCESSES}
"""How many processes a stage may start."""


if __name__ == "__main__":
    main()
