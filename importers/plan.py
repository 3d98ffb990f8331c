"""What a run would change: pure, from what is known and what the files now say."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from directory.models.changes import AppliedCounts, KnownRecord, digest_of
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.published import BassinRecord, ReferentialEntry
from directory.models.record import SourcedRecord
from importers.errors import ExpectationMissed
from importers.run import Run

Stated = SourcedRecord | BassinRecord | ReferentialEntry
"""What a source yields."""


class Spool:
    """Records that wait on disk for the decision to publish them, so that a large file weighs little in memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="relais-")  # noqa: SIM115  (closed with the spool)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, record: SourcedRecord) -> None:
        """Add a record at the end."""
        pickle.dump(record, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[SourcedRecord]:
        """The records, in order, from the first; several times if need be."""
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)  # noqa: S301  (written by this very process, in a file without a name)

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


@dataclass(slots=True)
class Plan:
    """What a run would change.

    Attributes:
        added: Records of which nothing was known.
        changed: Records that differ from what is known, or that had vanished and are back.
        unchanged: Ids of the records that are as they were.
        missing: Ids of the records that the source no longer holds.
        bassins: The bassins that it states.
        entries: The entries of referentials that it states.
        refused: Rows or records set aside.
        entry_counts: What publishing the entries would do.
    """

    added: Spool = field(default_factory=Spool)
    changed: Spool = field(default_factory=Spool)
    unchanged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    bassins: list[BassinRecord] = field(default_factory=list)
    entries: list[ReferentialEntry] = field(default_factory=list)
    refused: int = 0
    entry_counts: AppliedCounts = field(default_factory=AppliedCounts)

    def close(self) -> None:
        """Give back what the spools hold."""
        self.added.close()
        self.changed.close()


def make_plan(run: Run, stated: Iterable[Stated], known: Mapping[str, KnownRecord]) -> Plan:
    """Compare what a source states with what is known of it, and check what source.toml expects.

    A record that was refused this time is still held by its source: it is not missing. Two records of one id are a refusal of the
    second, which names both lines.

    Args:
        run: The run; its doubts are added to.
        stated: What the source yields. It is read to its end before anything is decided.
        known: What is known of the source, by record id.

    Raises:
        ExpectationMissed: Nothing may be published.
    """
    plan = Plan()
    try:
        lines = _read(run, stated, known, plan)
        kept_back = {doubt.record_id for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED}
        plan.refused = sum(1 for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED)
        if run.source.complete:
            present = {
                record_id for record_id, entry in known.items() if entry.missing_since is None and _covered(run, record_id)
            }
            plan.missing = sorted(present - lines.keys() - kept_back)
            _check_removed(run, len(plan.missing), len(present))
        _check_read(run, len(lines) + len(plan.bassins) + len(plan.entries), plan.refused)
    except BaseException:
        plan.close()
        raise
    return plan


def _read(run: Run, stated: Iterable[Stated], known: Mapping[str, KnownRecord], plan: Plan) -> dict[str, int | None]:
    lines: dict[str, int | None] = {}
    bassins: dict[str, BassinRecord] = {}
    for record in stated:
        if isinstance(record, BassinRecord):
            bassins[record.code] = record
        elif isinstance(record, ReferentialEntry):
            plan.entries.append(record)
        elif record.record_id in lines:
            run.doubts.append(_twice(record, lines[record.record_id]))
        else:
            lines[record.record_id] = record.line
            _sort(record, known.get(record.record_id), plan)
    plan.bassins = list(bassins.values())
    return lines


def _sort(record: SourcedRecord, entry: KnownRecord | None, plan: Plan) -> None:
    if entry is None:
        plan.added.append(record)
    elif entry.digest == digest_of(record) and entry.missing_since is None:
        plan.unchanged.append(record.record_id)
    else:
        plan.changed.append(record)


def _twice(record: SourcedRecord, first: int | None) -> Doubt:
    return Doubt(
        line=record.line,
        field="identifiant",
        value=record.record_id[:500],
        message=f"Identifiant déjà lu ligne {first} : la fiche de la ligne {record.line} est mise de côté.",
        level=DoubtLevel.REFUSED,
        record_id=record.record_id,
        raw=record.raw,
    )


def _covered(run: Run, record_id: str) -> bool:
    covered = run.covers is None or record_id.startswith(run.covers)
    return covered and not record_id.startswith(run.spares) and record_id not in run.spared


def _check_read(run: Run, records: int, refused: int) -> None:
    expect = run.source.expect
    if run.read == 0:
        raise ExpectationMissed("nothing was read", public="Le fichier ne contient aucune ligne à lire : rien n’est publié.")
    total = max(1, records + refused)
    if refused / total > expect.max_refused_share:
        raise ExpectationMissed(
            f"{refused} refused of {total}",
            public=f"{refused} lignes sur {total} refusées : plus de {expect.max_refused_share * 100:.0f} %, rien n’est publié.",
        )
    if records < expect.min_records and not run.departement:
        raise ExpectationMissed(
            f"{records} records, {expect.min_records} expected",
            public=f"Le fichier donne {records} fiche(s), il en faut au moins {expect.min_records} : rien n’est publié.",
        )


def compare_entries(run: Run, plan: Plan, counts: AppliedCounts) -> None:
    """Keep what publishing the entries of referentials would do.

    Raises:
        ExpectationMissed: Too many of them would vanish.
    """
    plan.entry_counts = counts
    _check_removed(run, counts.removed, counts.removed + counts.changed + counts.unchanged)


def _check_removed(run: Run, missing: int, present: int) -> None:
    limit = run.source.expect.max_removed_share
    if present and missing / present > limit:
        raise ExpectationMissed(
            f"{missing} of {present} records would vanish",
            public=f"{missing} fiches sur {present} disparaîtraient, plus de {limit * 100:.0f} % (fichier incomplet ?) : "
            "rien n’est publié.",
        )
