"""Rows understood by several processes: the same records, doubts and errors as by one, whatever becomes of the processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from directory.geocoding.addresses import address_key
from directory.geocoding.gazetteer import Gazetteer
from directory.models.prepared import PreparedRecord, prepare
from directory.models.record import SourcedRecord
from directory.repository.addresses import LocatedAddress
from directory.territory import Bassins
from directory.vocabulary import Kind, Precision
from importers.building import build_record
from importers.errors import ImporterError
from importers.readers import Knowledge, Readers, each_row
from importers.row import Row
from importers.run import Run
from importers.source import get_source
from tests.importers.conftest import NOW, Directory
from tests.serving import PATIENCE_S

ROWS = 1500  # several chunks for each of two processes


@pytest.fixture
def two() -> Iterator[Readers]:
    """Two processes that help from the first row on."""
    yield from _readers(Knowledge())


def _readers(knowledge: Knowledge) -> Iterator[Readers]:
    readers = Readers(lambda: knowledge, processes=2, worth=0.0)
    yield readers
    readers.close()


def structures(folder: Path) -> tuple[Path, ...]:
    """Invented structures: doubts, refusals, a column that nobody knows, two of one number."""
    path = folder / "structures.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for rank in range(ROWS):
            item = {
                "id": f"s{rank % (ROWS - 3)}", "source": "essai", "nom": "" if rank % 97 == 0 else f"Structure {rank}",
                "date_maj": "2026-01-05" if rank % 53 else "1999-01-01", "siret": "123" if rank % 41 == 0 else None,
                "telephone": "+33199000123", "courriel": "a@b" if rank % 31 == 0 else None, "commune": "Fougères",
                "code_postal": "35300", "code_insee": "35115", "adresse": f"{rank} rue de l’Essai",
                "reseaux_porteurs": ["inconnu"],
            }  # fmt: skip
            if rank > ROWS // 2:
                item["colonne_de_trop"] = str(rank)
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
    return (path,)


def companies(folder: Path) -> tuple[Path, ...]:
    """Invented companies: lost SIRETs, dragged phones, columns beyond the header, one that nobody reads."""
    path = folder / "entreprises.csv"
    lines = ["nom;siret;code_postal;commune;telephone;propose;inutile"]
    for rank in range(ROWS):
        siret = "2,12101E+13" if rank % 40 == 0 else ""
        phone = f"01990{rank // 2:05d}" if rank % 300 < 8 else ""
        name = "" if rank % 77 == 0 else f"Entreprise {rank}"
        beyond = ";perdu" if rank % 500 == 3 else ""
        lines.append(
            f"{name};{siret};35300;Fougères;{phone};{'stage' if rank % 9 else 'vacances'};{'x' if rank == 900 else ''}{beyond}"
        )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return (path,)


def events(folder: Path) -> tuple[Path, ...]:
    """Invented events: of the field and not, over, repeated with an occurrence moved, personal, without a date."""
    path = folder / "agenda.ics"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for rank in range(ROWS):
        title = "Forum de l’emploi et de l’alternance" if rank % 3 else "Concert de jazz"
        year = 2026 if rank % 11 else 2020
        lines += [
            "BEGIN:VEVENT",
            f"UID:e{rank}",
            f"SUMMARY:{title} {rank}",
            f"DTSTART:{year}1210T090000Z",
            f"DTEND:{year}1210T120000Z",
        ]
        if rank % 101 == 0:
            lines.append("ATTENDEE:mailto:quelquun@example.org")
        if rank % 100 == 1:
            lines.append("RRULE:FREQ=WEEKLY;COUNT=3")
        lines += ["LOCATION:12 rue de l’Essai\\, 35300 Fougères", "END:VEVENT"]
        if rank % 100 == 1:
            lines += [
                "BEGIN:VEVENT", f"UID:e{rank}", f"SUMMARY:{title} {rank}", "RECURRENCE-ID:20261217T090000Z",
                "DTSTART:20261218T090000Z", "DTEND:20261218T120000Z", "END:VEVENT",
            ]  # fmt: skip
    path.write_text("\r\n".join([*lines, "END:VCALENDAR", ""]), encoding="utf-8")
    return (path,)


def understand(gazetteer: Gazetteer, source: str, paths: tuple[Path, ...], readers: Readers | None) -> tuple[list[Any], Run, str]:
    """The records of files as they are kept, the run, and the error that it ended by."""
    run = Run(source=get_source(source), paths=paths, geocoder=gazetteer, now=NOW, bassins=Bassins(), readers=readers)
    records: list[PreparedRecord] = []
    error = ""
    try:
        stated = import_module(f"importers.sources.{source}").records(run)
        records.extend(record if isinstance(record, PreparedRecord) else prepare(record) for record in stated)
    except ImporterError as failure:
        error = failure.public
    return records, run, error


@pytest.mark.parametrize(
    ("source", "write"),
    [("data_inclusion", structures), ("entreprises", companies), ("calendars", events)],
    ids=["data_inclusion", "entreprises", "calendars"],
)
def test_two_processes_understand_a_file_as_one_does(
    gazetteer: Gazetteer, two: Readers, tmp_path: Path, source: str, write: Callable[[Path], tuple[Path, ...]]
) -> None:
    paths = write(tmp_path)
    alone, run_alone, _ = understand(gazetteer, source, paths, None)

    together, run, _ = understand(gazetteer, source, paths, two)

    assert two.shared > 0
    assert together == alone
    assert run.doubts == run_alone.doubts
    assert len(run.doubts) > 20
    assert (run.read, run.tally, run.closed, run.covers) == (run_alone.read, run_alone.tally, run_alone.closed, run_alone.covers)


def test_a_file_that_breaks_off_is_refused_in_the_same_words_after_the_same_doubts(
    gazetteer: Gazetteer, two: Readers, tmp_path: Path
) -> None:
    (path,) = structures(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:1111], lines[1111][:40], *lines[1112:]]))
    alone, run_alone, refused = understand(gazetteer, "data_inclusion", (path,), None)

    together, run, also = understand(gazetteer, "data_inclusion", (path,), two)

    assert "ligne 1112" in refused
    assert (also, together, run.doubts) == (refused, alone, run_alone.doubts)


def test_a_table_that_is_cut_is_refused_in_the_same_words(gazetteer: Gazetteer, two: Readers, tmp_path: Path) -> None:
    (path,) = companies(tmp_path)
    path.write_text(
        "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if "perdu" not in line)[:-12], "utf-8"
    )
    alone, run_alone, refused = understand(gazetteer, "entreprises", (path,), None)

    together, run, also = understand(gazetteer, "entreprises", (path,), two)

    assert "tronqué" in refused
    assert (also, together, run.doubts) == (refused, alone, run_alone.doubts)


def test_an_import_by_two_processes_publishes_what_one_publishes(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = structures(tmp_path)
    alone = directory.load("data_inclusion", *paths, dry_run=True)
    monkeypatch.setattr("importers.readers.WORTH", 0.0)
    monkeypatch.setattr("importers.readers.PROCESSES", 2)

    report = directory.load("data_inclusion", *paths)

    assert (report.added, report.refused, report.doubts) == (alone.added, alone.refused, alone.doubts)
    assert report.added > ROWS * 0.9
    assert directory.load("data_inclusion", *paths).unchanged == report.added


def test_records_made_elsewhere_are_put_on_the_addresses_that_are_known(gazetteer: Gazetteer, tmp_path: Path) -> None:
    paths = structures(tmp_path)
    located = {address_key("5 rue de l’Essai", "35115"): LocatedAddress(48.35, -1.2, Precision.ADDRESS)}
    for readers in _readers(Knowledge(located=located)):
        together, _, _ = understand(gazetteer, "data_inclusion", paths, readers)

        assert readers.shared > 0
        assert sum('"precision":"address"' in record.record for record in together) == 1


def _ends_elsewhere(run: Run, row: Row) -> SourcedRecord | None:
    if row.line == 800 and not isinstance(run.held, frozenset):
        os.kill(os.getpid(), signal.SIGKILL)
    return _named(run, row)


def _asks_elsewhere(run: Run, row: Row) -> SourcedRecord | None:
    row.find("siret"), row.ignore("telephone", "propose", "commune", "code_postal", "inutile")
    return _named(run, row) if "nobody" not in run.held else None


def _named(run: Run, row: Row) -> SourcedRecord | None:
    fields = {"kind": Kind.COMPANY, "category": "entreprise", "name": row.take("nom", to="name") or "-"}
    return build_record(run, row, str(row.line), fields)


@pytest.mark.parametrize(
    "read", [_ends_elsewhere, _asks_elsewhere], ids=["a process is killed", "a process is asked what it cannot know"]
)
def test_what_another_process_cannot_do_is_done_here(
    gazetteer: Gazetteer, two: Readers, tmp_path: Path, read: Callable[[Run, Row], SourcedRecord | None]
) -> None:
    (path,) = companies(tmp_path)
    runs = [
        Run(source=get_source("entreprises"), paths=(path,), geocoder=gazetteer, now=NOW, readers=readers)
        for readers in (None, two)
    ]

    alone, together = ([record.record_id for record in each_row(run, path, read)] for run in runs)

    assert len(alone) == ROWS
    assert together == alone
    assert runs[0].doubts == runs[1].doubts


_PARENT = """
import os, signal, sys, time
from pathlib import Path
from directory.geocoding.addresses import address_key
from directory.geocoding.gazetteer import Gazetteer
from importers.readers import Knowledge, Readers
from importers.run import Run
from importers.source import get_source
from tests.importers.conftest import NOW

def main():
    readers = Readers(Knowledge, processes=2, worth=0.0)
    run = Run(source=get_source("entreprises"), paths=(), geocoder=Gazetteer(Path(sys.argv[1])), now=NOW)
    readers._pool = readers._open(run)
    list(readers._pool.map(abs, range(50)))
    print(*readers._pool._processes, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    main()
"""


def test_an_import_that_is_killed_leaves_no_process_behind(gazetteer: Gazetteer, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(_PARENT, encoding="utf-8")
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run(
        [sys.executable, str(script), str(gazetteer.store)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
        cwd=root,
        check=False,
    )

    helpers = [int(pid) for pid in done.stdout.split()]
    assert done.returncode == -signal.SIGKILL
    assert helpers
    deadline = time.monotonic() + PATIENCE_S
    while any(map(_lives, helpers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_lives, helpers))


def _lives(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
