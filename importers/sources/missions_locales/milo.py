"""i-Milo's list of agencies: a name and a département, no address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from directory.models.record import SourcedRecord
from directory.territory import departements
from directory.text import fold
from directory.vocabulary import Kind, Precision
from importers.building import build_record
from importers.lookups import find_lookup
from importers.places import commune_point
from importers.row import Row
from importers.run import Run
from importers.sources.missions_locales.names import display_name, named_commune, significant_words
from importers.values import tidy

PREFIX = "milo-"
_SOURCE = "missions_locales"
_NUMBERED = re.compile(r"^\d{1,3}\s*[-–]\s*")


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
    row.ignore("nom_region", "timezone")
    number = tidy(row.take("id"))
    record_id = f"{PREFIX}{number}"
    written = tidy(row.take("nom_agence", to=("name", "code_commune")))
    structure = row.take("structure")
    code = row.take("code_departement", to="code_departement")
    if not number or not written:
        run.refuse(
            row,
            "id" if not number else "nom_agence",
            written,
            "Valeur obligatoire absente.",
            record_id=record_id if number else "",
        )
        return None
    if structure != "MILO":
        run.refuse(row, "structure", structure, "Ce n’est pas une mission locale (« MILO » attendu).", record_id=record_id)
        return None
    name = _NUMBERED.sub("", written)
    departement = _departement(run, row, code, name, record_id)
    commune = _commune(run, written, name, departement)
    fields: dict[str, Any] = {
        "kind": Kind.PARTNER,
        "category": "mission_locale",
        "name": display_name(name, run.geocoder.commune_name(commune) if commune else ""),
        "networks": ("mission-locale",),
        "code_departement": departement or None,
        "code_commune": commune or None,
        "precision": None if commune or not departement else Precision.DEPARTEMENT,
        **commune_point(run, commune, Precision.NAME),
    }
    words = significant_words(name)
    identities = (f"mission_locale:{departement}:{words}",) if departement and words else ()
    return build_record(run, row, record_id, fields, identities=identities)


def _departement(run: Run, row: Row, code: str, name: str, record_id: str) -> str:
    """« 7 » → « 07 »; « 20 » is one of Corsica's two, told by the name or by its commune; empty and a doubt when it is none."""
    if code == "20":
        entry = next((entry for words in _endings(name) if (entry := find_lookup(_SOURCE, "departement", words))), None)
        if entry is not None:
            return entry["code_commune"]
        found = [half for half in ("2A", "2B") if named_commune(name, half, run.geocoder)]
        if len(found) == 1:
            return found[0]
    elif re.fullmatch(r"\d{1,3}", code):
        padded = code.zfill(2)
        if padded in departements():
            return padded
    run.doubt(row, "code_departement", code, "Département non reconnu.", record_id=record_id)
    return ""


def _commune(run: Run, written: str, name: str, departement: str) -> str:
    known = find_lookup(_SOURCE, "nom_agence", written)
    if known is not None:
        return known["code_commune"]
    return named_commune(name, departement, run.geocoder) if departement else ""


def _endings(name: str) -> Iterator[str]:
    words = fold(name).split()
    yield from (" ".join(words[start:]) for start in range(len(words)))
