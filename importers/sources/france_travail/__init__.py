"""France Travail's agencies: a list with a name and a département for each, no address.

The list still says « Pôle emploi », which became France Travail on 1 January 2024 (loi n° 2023-1196 du 18 décembre 2023): each is
shown under today's name, and the original stays readable. Addresses and hours come from the administration directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from directory.models.record import SourcedRecord
from directory.text import fold
from importers.agencies import Agency, read_agency
from importers.agency_names import display_name, in_title_case
from importers.building import build_record
from importers.row import Row
from importers.run import Run

_PREFIX = "agence-"
_STRUCTURES = frozenset({"POLE_EMPLOI", "FRANCE_TRAVAIL"})
_REFUSAL = "Ce n’est pas une agence de France Travail (« POLE_EMPLOI » ou « FRANCE_TRAVAIL » attendu)."
_OPENING = re.compile(r"^(agence spécialisée|agence|relais?)\s+(p[ôo]le emploi|france travail)\b\s*", re.IGNORECASE)
_TODAY = "« Pôle emploi » s’appelle France Travail depuis le 1er janvier 2024."
_WHAT = {"agence": "Agence", "agence specialisee": "Agence spécialisée", "relai": "Relais", "relais": "Relais"}


def records(run: Run) -> Iterator[SourcedRecord]:
    """The agencies of the list, which is whole: one that it no longer holds has vanished.

    Raises:
        StructureChanged: A file lacks one of the keys.
    """
    for path in run.paths:
        for row in run.items(path):
            agency = read_agency(run, row, prefix=_PREFIX, structures=_STRUCTURES, refusal=_REFUSAL, opening=_OPENING)
            record = _record(run, row, agency) if agency else None
            if record is not None:
                yield record


def _record(run: Run, row: Row, agency: Agency) -> SourcedRecord | None:
    fields = agency.place(run) | {
        "category": "france_travail",
        "name": _shown(run, row, agency),
        "networks": ("france-travail",),
    }
    return build_record(run, row, agency.record_id, fields)


def _shown(run: Run, row: Row, agency: Agency) -> str:
    opening = _OPENING.match(agency.written)
    if opening is None:
        return agency.written
    if fold(opening[2]) != "france travail":
        run.note("nom_agence", agency.written, _TODAY, line=row.line)
    commune = run.geocoder.commune_name(agency.commune) if agency.commune else ""
    return f"{_WHAT[fold(opening[1])]} France Travail {display_name(in_title_case(agency.name), commune)}".strip()
