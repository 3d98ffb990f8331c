"""Zones d'emploi by commune, and académies by département."""

from __future__ import annotations

import re
from collections.abc import Iterator

from directory.errors import InvalidValue
from directory.identifiers import parse_code_commune
from directory.models.published import ReferentialEntry
from directory.territory import departements
from importers.referentials import Shape, read_shapes
from importers.row import Row
from importers.run import Run
from importers.values import tidy


def records(run: Run) -> Iterator[ReferentialEntry]:
    """The entries of ``zones_emploi`` (INSEE code → zone) and of ``academies`` (département → académie)."""
    return read_shapes(run, (Shape("code_zone_emploi", _zone), Shape("libelleAcademie", _academie)))


def _zone(run: Run, row: Row) -> ReferentialEntry | None:
    zone = row.take("code_zone_emploi")
    try:
        code = parse_code_commune(row.take("code_commune"))
    except InvalidValue as error:
        run.refuse(row, "code_commune", row.take("code_commune"), error.public)
        return None
    if not re.fullmatch(r"\d{3,4}", zone):
        run.refuse(row, "code_zone_emploi", zone, "Un code de zone d’emploi a quatre chiffres.")
        return None
    return ReferentialEntry(referential="zones_emploi", code=code, data={"zone": zone.zfill(4)})


def _academie(run: Run, row: Row) -> ReferentialEntry | None:
    row.ignore("libelleRegion", "codeRegion", "libelleDepartement")
    text, code, label = row.take("codeDepartement"), row.take("codeAcademie"), tidy(row.take("libelleAcademie"))
    departement = text[1:] if len(text) == 3 and text.startswith("0") else text
    if departement not in departements():
        run.note("codeDepartement", text, "Départements que le référentiel n’a pas : ils ne sont pas lus.", line=row.line)
        return None
    if not label:
        run.refuse(row, "libelleAcademie", "", "Valeur obligatoire absente.")
        return None
    return ReferentialEntry(referential="academies", code=departement, data={"academie": label, "code": code})
