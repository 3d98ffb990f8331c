"""i-Milo's list of agencies: a name and a département, no address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from directory.models.record import SourcedRecord
from importers.agencies import read_agency
from importers.agency_names import display_name, significant_words
from importers.building import build_record
from importers.row import Row
from importers.run import Run

PREFIX = "milo-"
_NUMBERED = re.compile(r"^\d{1,3}\s*[-–]\s*")
_REFUSAL = "Ce n’est pas une mission locale (« MILO » attendu)."


def records(run: Run, rows: Iterable[Row]) -> Iterator[SourcedRecord]:
    """The agencies of the list.

    Two entries of one name in one département are one structure: they carry the same identity, and the second is noted.
    """
    seen: dict[str, int] = {}
    for row in rows:
        record = _record(run, row)
        if record is None:
            continue
        for identity in record.identities:
            first = seen.setdefault(identity, row.line)
            if first != row.line:
                message = f"Même nom et même département que l’élément {first} : une seule fiche est publiée."
                run.note("nom_agence", row.raw["nom_agence"], message, line=row.line)
        yield record


def _record(run: Run, row: Row) -> SourcedRecord | None:
    agency = read_agency(run, row, prefix=PREFIX, structures=frozenset({"MILO"}), refusal=_REFUSAL, opening=_NUMBERED)
    if agency is None:
        return None
    commune = run.geocoder.commune_name(agency.commune) if agency.commune else ""
    fields = agency.place(run) | {
        "category": "mission_locale",
        "name": display_name(agency.name, commune),
        "networks": ("mission-locale",),
    }
    words = significant_words(agency.name)
    identities = (f"mission_locale:{agency.departement}:{words}",) if agency.departement and words else ()
    return build_record(run, row, agency.record_id, fields, identities=identities)
