"""What a run would change: pure, from what is known and what the files now say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from directory.models.changes import AppliedCounts, KnownRecord
from directory.models.doubt import Doubt, DoubtLevel
from directory.models.prepared import PreparedRecord, prepare
from directory.models.published import BassinRecord, ReferentialEntry
from directory.models.record import SourcedRecord
from directory.spool import Spool
from importers.drift import Profile
from importers.errors import ExpectationMissed
from importers.run import Run

Stated = SourcedRecord | PreparedRecord | BassinRecord | ReferentialEntry
"""What a source yields; a record that another process made is prepared already."""


@dataclass(slots=True)
class Plan:
    """What a run would change.

    Attributes:
        added: Records of which nothing was known.
        changed: Records that differ from what is known, or that had vanished and are back.
        unchanged: Ids of the records that are as they were.
        missed: Ids of the records that this run is the first not to find: they stay published until another does not either.
        missing: Ids of the records that the source no longer holds.
        reasons: Why, for those of ``missing`` whose source says it.
        forgotten: Record ids of which nothing may be kept any longer.
        bassins: The bassins that it states.
        entries: The entries of referentials that it states.
        refused: Rows or records set aside.
        whole: Whether the run met every record that the source holds.
        profile: What the source looks like.
    """

    added: Spool = field(default_factory=Spool)
    changed: Spool = field(default_factory=Spool)
    unchanged: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    bassins: list[BassinRecord] = field(default_factory=list)
    entries: list[ReferentialEntry] = field(default_factory=list)
    refused: int = 0
    whole: bool = True
    profile: Profile = field(default_factory=Profile)

    def close(self) -> None:
        """Give back what the spools hold."""
        self.added.close()
        self.changed.close()


def make_plan(
    run: Run,
    stated: Iterable[Stated],
    known: Mapping[str, KnownRecord],
    *,
    allow_removals: bool = False,
) -> Plan:
    """Compare what a source states with what is known of it, and check what source.toml expects.

    A record that was refused this time is still held by its source: it is not missing, unless the source says that it is over
    (``Run.close``). One that is absent is missed a first time, and missing when the run before missed it already. Two records of
    one id are a refusal of the second, which names both lines.

    Args:
        run: The run; its doubts are added to.
        stated: What the source yields. It is read to its end before anything is decided.
        known: What is known of the source, by record id.
        allow_removals: A person said yes to the vanishing of more records than source.toml accepts.

    Raises:
        ExpectationMissed: Nothing may be published.
    """
    plan = Plan()
    try:
        lines = _read(run, stated, known, plan)
        kept_back = {doubt.record_id for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED}
        plan.refused = sum(1 for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED)
        living = {record_id: entry for record_id, entry in known.items() if entry.missing_since is None}
        plan.reasons = {
            record_id: reason for record_id, reason in run.closed.items() if record_id in living and record_id not in lines
        }
        if run.source.complete:
            present = {record_id for record_id in living if _covered(run, record_id)}
            absent = sorted(present - lines.keys() - kept_back - plan.reasons.keys())
            plan.missed = [record_id for record_id in absent if known[record_id].missed_at is None]
            plan.missing = [record_id for record_id in absent if known[record_id].missed_at is not None]
            if not allow_removals:
                _check_removed(run, len(absent) + len(plan.reasons.keys() & present), len(present))
        plan.missing = sorted({*plan.missing, *plan.reasons})
        plan.forgotten = sorted(run.forgotten - lines.keys())
        plan.whole = not living.keys() - lines.keys() - {*plan.missed, *plan.missing}
        # a record that its source says is over was understood
        over = sum(1 for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED and doubt.record_id in run.closed)
        _check_read(run, len(lines) + len(plan.bassins) + len(plan.entries), plan.refused - over)
        plan.profile.count(run, plan.refused)
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


def _sort(record: SourcedRecord | PreparedRecord, entry: KnownRecord | None, plan: Plan) -> None:
    prepared = record if isinstance(record, PreparedRecord) else prepare(record)
    plan.profile.see(prepared)
    if entry is None:
        plan.added.append(prepared)
    elif entry.digest == prepared.digest and entry.missing_since is None:
        plan.unchanged.append(record.record_id)
    else:
        plan.changed.append(prepared)


def _twice(record: SourcedRecord | PreparedRecord, first: int | None) -> Doubt:
    return Doubt(
        line=record.line,
        field="identifiant",
        value=record.record_id[:500],
        message=f"Identifiant déjà lu ligne {first} : la fiche de la ligne {record.line} est mise de côté.",
        level=DoubtLevel.REFUSED,
        record_id=record.record_id,
        raw=record.read_raw() if isinstance(record, PreparedRecord) else dict(record.raw),
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
    # what a file says is over was read and understood as well: a register's answer may hold nothing else
    if records + len(run.closed) < expect.min_records and not run.departement:
        raise ExpectationMissed(
            f"{records} records, {expect.min_records} expected",
            public=f"Le fichier donne {records} fiche(s), il en faut au moins {expect.min_records} : rien n’est publié.",
        )


def check_entries(run: Run, counts: AppliedCounts) -> None:
    """Check what publishing the entries of referentials would do.

    Raises:
        ExpectationMissed: Too many of them would vanish.
    """
    _check_removed(run, counts.removed, counts.removed + counts.changed + counts.unchanged)


def _check_removed(run: Run, missing: int, present: int) -> None:
    limit = run.source.expect.max_removed_share
    if present and missing / present > limit:
        raise ExpectationMissed(
            f"{missing} of {present} records would vanish",
            public=f"{missing} fiches sur {present} disparaîtraient, plus de {limit * 100:.0f} % (fichier incomplet ?) : "
            "rien n’est publié. Si c’est voulu, relancer avec --allow-removals.",
        )
