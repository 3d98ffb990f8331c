"""Companies that may take students: lists kept by hand, the Sirene register, the company-search API, La Bonne Boîte.

Each file is recognised by what it holds. An establishment that is closed, or that the register does not let be diffused, is left
out, and counted. A feed of job offers is no list of companies: its offers are over within weeks, its employers have no
number.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from directory.models.prepared import PreparedRecord
from directory.models.record import SourcedRecord
from importers.guards import Content, check_file
from importers.run import Run
from importers.sources.entreprises import payloads, stock, table


def records(run: Run) -> Iterator[SourcedRecord | PreparedRecord]:
    """One listing for each establishment. Files of legal units only name the establishments of the others.

    Raises:
        StructureChanged: A JSON file is none of those known, or one of a known shape lacks a mandatory column.
    """
    units, others = _sorted(run)
    names = stock.UnitNames(run, units, [path for path, form in others if form == "stock"]) if units else None
    left = stock.LeftOut()
    for path, form in others:
        if form == "json":
            yield from payloads.read_payload(run, path, left)
        elif form == "stock":
            yield from stock.read_stock(run, path, names, left)
        else:
            yield from table.read_table(run, path)
    left.tell(run)


def _sorted(run: Run) -> tuple[list[Path], list[tuple[Path, str]]]:
    """The files of legal units, and the others with what they are."""
    units: list[Path] = []
    others: list[tuple[Path, str]] = []
    for path in run.paths:
        content = check_file(path, run.max_bytes)
        if content is Content.JSON:
            others.append((path, "json"))
        elif content in {Content.TEXT, Content.PARQUET} and (form := stock.recognise(path, content)):
            if form == "units":
                units.append(path)
            else:
                others.append((path, form))
        else:
            others.append((path, "table"))
    return units, others
