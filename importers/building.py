"""From the values of a row to a record: what does not hold is dropped and told, and only what must hold sets the row aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from directory.errors import InvalidValue
from directory.models.record import ListingRecord, SourcedRecord
from importers.row import Row
from importers.run import Run
from importers.values import clean_html, has_markup, tidy

_MANDATORY = frozenset({"kind", "category", "name"})
_SHORT_TEXTS = frozenset({"name", "address", "conditions", "frais_details", "bassin_label"})
_REASONS = {
    "string_too_long": "texte trop long",
    "string_too_short": "texte vide",
    "string_pattern_mismatch": "forme impossible",
    "greater_than_equal": "nombre trop petit",
    "less_than_equal": "nombre trop grand",
    "too_long": "trop de valeurs",
    "missing": "valeur absente",
    "literal_error": "valeur hors du vocabulaire",
    "value_error": "valeur hors du vocabulaire ou contradictoire",
}


def build_record(
    run: Run, row: Row, record_id: str, fields: Mapping[str, Any], *, identities: Iterable[str] = ()
) -> SourcedRecord | None:
    """The record of a row, or None when it had to be set aside (which is then told).

    Args:
        run: Where doubts go.
        row: The row, whose ``origins`` say which headers each field was read from.
        record_id: Stable id in the source.
        fields: Fields of the ListingRecord; an optional one that does not validate is left out with a doubt.
        identities: See SourcedRecord.
    """
    kept = {name: _plain(value) if name in _SHORT_TEXTS else value for name, value in fields.items()}
    while True:
        try:
            record = ListingRecord(**kept)
            break
        except ValidationError as error:
            faults = {str(fault["loc"][0]) if fault["loc"] else "": fault["type"] for fault in error.errors()}
            public = {name: _REASONS.get(kind, "valeur refusée") for name, kind in faults.items()}
        except InvalidValue as error:
            public = {error.field: error.public}
        if not _drop(run, row, record_id, kept, public):
            return None
    origins = {name: headers for name, headers in row.origins.items() if name in kept}
    return SourcedRecord(
        source=run.source.name,
        record_id=record_id,
        record=record,
        identities=tuple(identities),
        raw=row.raw,
        origins=origins,
        line=row.line,
    )


def _drop(run: Run, row: Row, record_id: str, kept: dict[str, Any], faults: Mapping[str, str]) -> bool:
    """Leave out the fields that do not hold. False when the row must be set aside."""
    for name, reason in faults.items():
        header = " + ".join(row.origins.get(name, (name or "fiche",)))
        value = str(kept.get(name, ""))
        if name not in kept or name in _MANDATORY:
            run.refuse(row, header, value, f"{reason[:1].upper()}{reason[1:]}.", record_id=record_id)
            return False
        run.doubt(row, header, value, f"Valeur laissée de côté : {reason}.", record_id=record_id)
        del kept[name]
    return True


def _plain(value: Any) -> Any:
    """A short text without the tags that a publisher's editor left in it."""
    return tidy(clean_html(value)) if isinstance(value, str) and has_markup(value) else value
