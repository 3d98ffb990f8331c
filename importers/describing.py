"""A plan described: what would change, in counts and in examples, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from directory.models.changes import AppliedCounts, Foreseen, KnownRecord
from directory.models.prepared import PreparedRecord
from directory.models.record import FIELDS
from directory.repository import Repository
from directory.repository.forgetting import FORGOTTEN
from importers.plan import Plan

EXAMPLES = 100
"""Most examples of each sort of change; their counts are whole."""

_CHUNK = 1000
_LONGEST = 300


def describe(plan: Plan, known: Mapping[str, KnownRecord], repository: Repository) -> dict[str, Any]:
    """A plan as JSON: for each sort of change its count and at most ``EXAMPLES`` of it.

    Args:
        plan: The plan.
        known: What was known of the source when it was made.
        repository: Where the values of before are, until it is published.
    """
    fields: Counter[str] = Counter()
    changed: list[dict[str, Any]] = []
    for example in _changes(plan.changed, known, repository):
        fields.update({change["field"] for change in example["fields"]})
        if len(changed) < EXAMPLES:
            changed.append(example)
    missing = {record_id: plan.reasons.get(record_id, "") for record_id in plan.missing}
    return {
        "added": _some(len(plan.added), map(_named, islice(plan.added, EXAMPLES))),
        "changed": _some(len(plan.changed), changed) | {"fields": {name: fields[name] for name in _ordered(fields)}},
        "missed": _some(len(plan.missed), _gone(dict.fromkeys(plan.missed, ""), known, repository)),
        "removed": _some(len(missing), _gone(missing, known, repository, forgotten=plan.forgotten)),
    }


def describe_done(plan: Plan, done: Foreseen) -> dict[str, Any]:
    """What is known once the whole plan is worked out: the records that join another, the bassins, the entries."""
    return {
        "merged": _some(len(done.merges), _merges(done, plan)),
        "bassins": _counts(done.bassins),
        "entries": _counts(done.entries),
    }


def _counts(counts: AppliedCounts) -> dict[str, int]:
    return {name: value for name, value in counts.to_json().items() if name not in {"missed", "merged", "proposed"}}


def _some(count: int, examples: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {"count": count, "examples": list(islice(examples, EXAMPLES))}


def _ordered(names: Iterable[str]) -> list[str]:
    """Fields in their order, then columns that no field is read from."""
    order = {name: rank for rank, name in enumerate(FIELDS)}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def _named(record: PreparedRecord) -> dict[str, Any]:
    return {"record_id": record.record_id, "name": record.name, "line": record.line}


def _changes(
    records: Iterable[PreparedRecord], known: Mapping[str, KnownRecord], repository: Repository
) -> Iterator[dict[str, Any]]:
    iterator = iter(records)
    while chunk := list(islice(iterator, _CHUNK)):
        pks = {known[record.record_id].pk: record for record in chunk if record.record_id in known}
        before = {pk: (dumped, raw) for pk, dumped, raw in repository.read_records(list(pks))}
        for pk, record in pks.items():
            back = known[record.record_id].missing_since is not None
            yield _named(record) | {"back": back, "fields": _differences(*before[pk], record)}


def _differences(dumped: Mapping[str, Any], raw: Mapping[str, str], record: PreparedRecord) -> list[dict[str, Any]]:
    """Field by field, before and after; where no field differs, the columns that do."""
    now = record.read_record()
    differing = [
        {"field": name, "before": _short(dumped.get(name)), "after": _short(now.get(name))}
        for name in FIELDS
        if dumped.get(name) != now.get(name)
    ]
    if differing:
        return differing
    columns = record.read_raw()
    return [
        {"field": f"colonne « {header} »", "before": _short(raw.get(header)), "after": _short(columns.get(header))}
        for header in dict.fromkeys((*raw, *columns))
        if raw.get(header) != columns.get(header)
    ]


def _short(value: Any) -> Any:
    return f"{value[: _LONGEST - 1]}…" if isinstance(value, str) and len(value) > _LONGEST else value


def _gone(
    reasons: Mapping[str, str], known: Mapping[str, KnownRecord], repository: Repository, *, forgotten: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    shown = dict(islice(reasons.items(), EXAMPLES))
    names = {pk: dumped["name"] for pk, dumped, _ in repository.read_records([known[record_id].pk for record_id in shown])}
    for record_id, reason in shown.items():
        name = FORGOTTEN if record_id in forgotten else names[known[record_id].pk]
        yield {"record_id": record_id, "name": name, "reason": reason}


def _merges(foreseen: Foreseen, plan: Plan) -> Iterator[dict[str, Any]]:
    shown = foreseen.merges[:EXAMPLES]
    names = (
        _names({token for merge in shown for token in (merge.record, merge.into)}, (plan.added, plan.changed)) if shown else {}
    )
    for merge in shown:
        yield {
            "record": merge.record,
            "name": names.get(merge.record, ""),
            "into": merge.into,
            "into_name": names.get(merge.into, ""),
        }


def _names(wanted: set[str], spools: Sequence[Iterable[PreparedRecord]]) -> dict[str, str]:
    tokens = ((f"{record.source}:{record.record_id}", record.name) for spool in spools for record in spool)
    return {token: name for token, name in tokens if token in wanted}
