"""The demonstration territory: Ille-et-Vilaine's real communes and lycées, with invented partners, companies and events.

What is invented says so (``demonstration``); phone numbers are of the ranges that ARCEP keeps for fiction, SIRETs of a series
that INSEE never gives (SIREN 000…). The tables are edited by hand, in any spreadsheet, and have their dates relative to the
school year.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from directory.models.published import BassinRecord
from directory.models.record import SourcedRecord
from directory.vocabulary import Kind
from importers.run import Run
from importers.sources.demonstration.listings import read_listing

TABLES = {"partners.csv": Kind.PARTNER, "companies.csv": Kind.COMPANY, "events.csv": Kind.EVENT}


def records(run: Run) -> Iterator[SourcedRecord | BassinRecord]:
    """The bassins, then the listings of the packaged tables.

    The tables are ours: source.toml lets no row be set aside, so a mistake in one stops the run with its reason.
    """
    with resources.as_file(resources.files(__name__)) as folder:
        yield from _bassins(run, folder / "bassins.csv")
        for name, kind in TABLES.items():
            for row in run.rows(folder / name):
                record = read_listing(run, row, kind)
                if record is not None:
                    yield record


def _bassins(run: Run, path: Path) -> Iterator[BassinRecord]:
    labels: dict[str, tuple[str, str]] = {}
    members: dict[tuple[str, str], list[str]] = {}
    for row in run.rows(path):
        row.ignore("nom")
        code = row.take("bassin")
        labels[code] = row.take("libelle"), row.take("academie")
        members.setdefault((code, row.take("membre")), []).append(row.take("code"))
    for code, (label, academie) in labels.items():
        yield BassinRecord(
            code=code,
            label=label,
            academie=academie,
            communes=tuple(members.get((code, "commune"), ())),
            establishments=tuple(members.get((code, "etablissement"), ())),
            demonstration=True,
        )
