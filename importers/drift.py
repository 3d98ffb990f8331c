"""Drift: a source that no longer looks like itself (fewer rows, a field suddenly empty, doubts by the dozen) is an alarm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from directory.field_labels import field_label
from directory.models.doubt import DoubtLevel

if TYPE_CHECKING:
    from directory.models.prepared import PreparedRecord
    from importers.run import Run

RUNS = 5
"""How many earlier runs a run is compared with; the median of them is what is usual."""

_ALL_UNTIL, _THEN_EVERY = 5000, 8  # the share of a field is as well known from one record in eight of a large file
_FEW = 20  # below so many rows a share says nothing
_FEWER_ROWS = 0.7
_REACH = {"phone": "Téléphone", "email": "Courriel", "url": "Site"}
"""What of the contacts is watched by itself: a column of phones that empties leaves the contacts their mails."""
_USUALLY_FILLED, _HARDLY_FILLED = 0.2, 0.25
_DOUBTS_TIMES, _DOUBTS_MORE = 3.0, 0.05


@dataclass(slots=True)
class Profile:
    """What a source looks like in one run.

    Attributes:
        records: Records understood.
        read: Rows read.
        doubted: Share (0 to 1) of doubts and refusals for each row read; it may be above 1.
    """

    records: int = 0
    read: int = 0
    doubted: float = 0.0
    _looked: int = 0
    _filled: Counter[str] = field(default_factory=Counter)

    def see(self, prepared: PreparedRecord) -> None:
        """Count a record and the fields that it fills."""
        self.records += 1
        if self.records <= _ALL_UNTIL or self.records % _THEN_EVERY == 0:
            self._looked += 1
            record = prepared.read_record()
            self._filled.update(record.keys())
            contacts = record.get("contacts", ())
            self._filled.update(name for name in _REACH if any(contact.get(name) for contact in contacts))

    def count(self, run: Run, refused: int) -> None:
        """Count the rows of a run that is read, and its doubts."""
        doubts = refused + sum(doubt.level is DoubtLevel.DOUBTED for doubt in run.doubts)
        self.read, self.doubted = run.read, doubts / max(1, run.read)

    def to_json(self) -> dict[str, Any]:
        """The profile as it is kept: shares with four decimals."""
        shares = {name: round(count / self._looked, 4) for name, count in sorted(self._filled.items())}
        return {"read": self.read, "records": self.records, "doubted": round(self.doubted, 4), "fields": shares}


def find_alarms(profile: Mapping[str, Any], earlier: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of a run is unlike the runs before it, in French.

    Args:
        profile: ``Profile.to_json`` of the run.
        earlier: Those of earlier runs of the same files, the latest first. None, no alarm.
    """
    usual = [other for other in earlier[:RUNS] if other.get("records")]
    if not usual:
        return []
    return [*_fewer_rows(profile, usual), *_emptied(profile, usual), *_more_doubts(profile, usual)]


def _fewer_rows(profile: Mapping[str, Any], usual: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    rows = median(other["read"] for other in usual)
    if rows >= _FEW and profile["read"] < rows * _FEWER_ROWS:
        yield f"Moins de lignes que d’habitude : {profile['read']}, au lieu de {rows:.0f}."


def _emptied(profile: Mapping[str, Any], usual: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    if profile["records"] < _FEW:
        return
    for name in sorted({name for other in usual for name in other["fields"]}):
        before = median(other["fields"].get(name, 0.0) for other in usual)
        share = profile["fields"].get(name, 0.0)
        if before >= _USUALLY_FILLED and share < before * _HARDLY_FILLED:
            if name in _REACH and "contacts" not in profile["fields"]:
                continue  # said of the contacts
            label = _REACH.get(name) or field_label(name)
            yield f"« {label} » rempli à {share * 100:.0f} %, au lieu de {before * 100:.0f} % d’habitude."


def _more_doubts(profile: Mapping[str, Any], usual: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    before = median(other["doubted"] for other in usual)
    share = profile["doubted"]
    if profile["read"] >= _FEW and share > before * _DOUBTS_TIMES and share > before + _DOUBTS_MORE:
        yield f"Bien plus de doutes que d’habitude : {share * 100:.0f} pour 100 lignes, au lieu de {before * 100:.0f}."
