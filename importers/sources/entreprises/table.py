"""Lists of companies kept by hand: a table with a SIRET and a name, and what it says of what is offered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from directory.identifiers import parse_code_naf
from directory.models.prepared import PreparedRecord
from directory.models.record import SourcedRecord
from directory.vocabulary import Kind, Pathway
from importers.building import build_record
from importers.identities import number_identities
from importers.lookups import find_lookup
from importers.network_rows import slug, split_names, structure_contacts
from importers.places import read_departement, read_place
from importers.readers import each_row
from importers.row import Row
from importers.run import Run
from importers.sources.entreprises.establishment import NO_SIZE, read_size
from importers.values import optional, parse_count, read_siret, tidy

_SOURCE = "entreprises"


def read_table(run: Run, path: Path) -> Iterator[SourcedRecord | PreparedRecord]:
    """One listing for each establishment.

    Its id is the list's own, else its SIRET, else its name and commune. A SIRET that a spreadsheet destroyed is a doubt, and the
    establishment is kept without it.
    """
    return each_row(run, path, _record)


def _record(run: Run, row: Row) -> SourcedRecord | None:
    name = tidy(row.take("nom", to="name")).strip('"*« »“”')
    own_id = tidy(row.find("id") or "")
    siret = run.read_cell(row, "siret", read_siret, None, to="siret", record_id=own_id)
    record_id = own_id or siret or slug(name, row.find("code_postal") or "", row.find("commune") or "")
    if not name or not record_id:
        run.refuse(row, "nom", name, "Une entreprise sans nom : la ligne est mise de côté.", record_id=record_id)
        return None
    sizes = ("employees_min", "employees_max")
    fewest, most = run.read_value(row, "effectif", read_size, NO_SIZE, to=sizes, record_id=record_id)
    fields: dict[str, Any] = {
        "kind": Kind.COMPANY,
        "category": "entreprise",
        "name": name,
        "siret": siret,
        "naf": run.read_value(row, "code_naf", optional(parse_code_naf), None, to="naf", record_id=record_id),
        "employees_min": fewest,
        "employees_max": most,
        "pathways": _pathways(run, row, record_id),
        "places": run.read_value(row, "places", parse_count, None, to="places", record_id=record_id),
        "contacts": structure_contacts(run, row, record_id=record_id),
        **read_place(run, row, departement=read_departement(run, row), record_id=record_id),
    }
    # prefixed by the kind: a training centre of the same SIRET is another listing, with another page
    return build_record(run, row, record_id, fields, identities=number_identities(Kind.COMPANY, "", siret=siret))


def _pathways(run: Run, row: Row, record_id: str) -> tuple[Pathway, ...]:
    text = (row.find("propose", to="pathways") or "").replace(",", ";").replace("/", ";")
    found: dict[Pathway, None] = {}
    for word in split_names(text):
        entry = find_lookup(_SOURCE, "propose", word)
        if entry is None:
            run.doubt(
                row,
                "propose",
                word,
                "Type d’accueil inconnu (stage, immersion, apprentissage, emploi, visite).",
                record_id=record_id,
            )
        else:
            found[Pathway(entry["pathway"])] = None
    return tuple(found)
