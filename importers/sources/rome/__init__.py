"""ROME: its occupations, and their job titles (« appellations »); each file is recognised by its columns."""

from __future__ import annotations

from collections.abc import Iterator

from directory.errors import InvalidValue
from directory.identifiers import parse_code_rome
from directory.models.published import ReferentialEntry
from importers.referentials import Shape, read_shapes
from importers.row import Row
from importers.run import Run
from importers.values import tidy

_MARKS = ("transition_eco", "transition_num", "transition_demo", "emploi_reglemente", "emploi_cadre")


def records(run: Run) -> Iterator[ReferentialEntry]:
    """The entries of ``rome`` (code → title) and of ``appellations`` (OGR code → title and ROME code)."""
    return read_shapes(run, (Shape("libelle_rome", _occupation), Shape("libelle_appellation_long", _job_title)))


def _occupation(run: Run, row: Row) -> ReferentialEntry | None:
    row.ignore(*_MARKS, "code_fiche_metier", "code_ogr")
    code, label, parent = _code(run, row), tidy(row.take("libelle_rome")), row.take("code_rome_parent")
    if not code or not label:
        return None
    # the code that it had before 2023, which the referentials of diplomas still write
    return ReferentialEntry(referential="rome", code=code, data={"label": label, "parent": parent})


def _job_title(run: Run, row: Row) -> ReferentialEntry | None:
    row.ignore(*_MARKS, "libelle_appellation_court", "classification", "origine")
    number, label, code = row.take("code_ogr"), tidy(row.take("libelle_appellation_long")), _code(run, row)
    if not code or not label:
        return None
    if not number.isdecimal():
        run.refuse(row, "code_ogr", number, "Code OGR attendu : un nombre.")
        return None
    return ReferentialEntry(referential="appellations", code=number, data={"label": label, "rome": code})


def _code(run: Run, row: Row) -> str:
    text = row.take("code_rome")
    try:
        return parse_code_rome(text)
    except InvalidValue as error:
        run.refuse(row, "code_rome", text, error.public)
        return ""
