"""Lists of agencies that give a name and a département and no address: i-Milo's missions locales, France Travail's agencies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from directory.territory import departements
from directory.text import fold
from directory.vocabulary import Kind, Precision
from importers.agency_names import named_commune
from importers.lookups import find_lookup
from importers.places import commune_point
from importers.row import Row
from importers.run import Run
from importers.values import tidy


@dataclass(frozen=True, slots=True)
class Agency:
    """One row of such a list, understood.

    Attributes:
        record_id: Its id in the list, with the list's prefix.
        written: The name as written.
        name: The name without the number of its département.
        departement: Code; empty when it was not understood (which was then doubted).
        commune: INSEE code of the commune that the name states; empty when it states none, or several.
    """

    record_id: str
    written: str
    name: str
    departement: str
    commune: str

    def place(self, run: Run) -> dict[str, Any]:
        """The place fields of its record: the commune's point, known by its name only, or no more than the département."""
        return {
            "kind": Kind.PARTNER,
            "code_departement": self.departement or None,
            "code_commune": self.commune or None,
            "precision": None if self.commune or not self.departement else Precision.DEPARTEMENT,
            **commune_point(run, self.commune, Precision.NAME),
        }


def read_agency(
    run: Run, row: Row, *, prefix: str, structures: frozenset[str], refusal: str, opening: re.Pattern[str]
) -> Agency | None:
    """The agency of a row; None when it is refused.

    Args:
        run: The run.
        row: The row: ``id``, ``nom_agence``, ``structure``, ``code_departement``.
        prefix: What its record ids begin with.
        structures: The values of ``structure`` in this list.
        refusal: What is said of a row that has another; French.
        opening: What every name begins with and does not belong to it.
    """
    row.ignore("nom_region", "timezone")
    number = tidy(row.take("id"))
    record_id = f"{prefix}{number}" if number else ""
    written = tidy(row.take("nom_agence", to=("name", "code_commune")))
    found = row.take("structure")
    code = row.take("code_departement", to="code_departement")
    if not number or not written:
        column = "nom_agence" if number else "id"
        run.refuse(row, column, written, "Valeur obligatoire absente.", record_id=record_id)
        return None
    if found not in structures:
        run.refuse(row, "structure", found, refusal, record_id=record_id)
        return None
    name = opening.sub("", written)
    departement = _departement(run, row, code, name, record_id)
    return Agency(record_id, written, name, departement, _commune(run, written, name, departement))


def _departement(run: Run, row: Row, code: str, name: str, record_id: str) -> str:
    """« 7 » → « 07 »; « 20 » is one of Corsica's two, told by the name or by its commune; empty and a doubt when it is none."""
    if code == "20":
        entries = (find_lookup(run.source.name, "departement", words) for words in _endings(name))
        if entry := next(filter(None, entries), None):
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
    known = find_lookup(run.source.name, "nom_agence", written)
    if known is not None:
        return known["code_commune"]
    return named_commune(name, departement, run.geocoder) if departement else ""


def _endings(name: str) -> list[str]:
    words = fold(name).split()
    return [" ".join(words[start:]) for start in range(len(words))]
