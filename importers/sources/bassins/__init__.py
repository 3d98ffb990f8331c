"""Bassins d'éducation and districts: an académie's own map, one row a bassin (lists in a cell) or one row a commune."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from directory.errors import InvalidValue
from directory.identifiers import parse_uai
from directory.models.published import BassinRecord
from directory.territory import academie_of
from importers.network_rows import slug
from importers.places import read_code_commune, read_departement
from importers.row import Row
from importers.run import Run
from importers.values import tidy


@dataclass(slots=True)
class _Bassin:
    label: str
    academie: str
    line: int
    communes: dict[str, None] = field(default_factory=dict)
    uais: dict[str, None] = field(default_factory=dict)


def records(run: Run) -> Iterator[BassinRecord]:
    """The bassins of the tables. A code is made unique in France by its académie: ``rennes-bef3``."""
    bassins: dict[str, _Bassin] = {}
    for path in run.paths:
        for row in run.rows(path):
            _read(run, row, bassins)
    for code, bassin in bassins.items():
        if not bassin.communes and not bassin.uais:
            run.note(
                "communes",
                bassin.label,
                f"Le bassin « {bassin.label} » ne contient ni commune ni établissement.",
                line=bassin.line,
            )
            continue
        yield BassinRecord(
            code=code,
            label=bassin.label,
            academie=bassin.academie,
            communes=tuple(bassin.communes),
            establishments=tuple(bassin.uais),
        )


def _read(run: Run, row: Row, bassins: dict[str, _Bassin]) -> None:
    label = tidy(row.take("label"))
    departement = read_departement(run, row)
    academie = tidy(row.find("academie") or "") or academie_of(departement)
    own_code = tidy(row.find("code") or "") or label
    texts = row.take("communes"), row.find("uais") or ""
    if not label:
        run.refuse(row, "label", "", "Un bassin sans nom : la ligne est mise de côté.")
        return
    code = own_code if slug(own_code).startswith(slug(academie) or "\0") else slug(academie, own_code)
    bassin = bassins.setdefault(slug(code), _Bassin(label, academie, row.line))
    if bassin.label != label:
        run.doubt(row, "label", label, f"Le code « {own_code} » est déjà celui de « {bassin.label} » (ligne {bassin.line}).")
    bassin.communes.update(dict.fromkeys(_each(run, row, "communes", texts[0], lambda text: _commune(run, text, departement))))
    bassin.uais.update(dict.fromkeys(_each(run, row, "uais", texts[1], parse_uai)))


def _each(run: Run, row: Row, column: str, text: str, parse: Callable[[str], str]) -> Iterator[str]:
    for part in re.split(r"[;,|\n\r]+", text):
        if part.strip():
            try:
                yield parse(part.strip())
            except InvalidValue as error:
                run.doubt(row, column, part.strip(), error.public)


def _commune(run: Run, text: str, departement: str) -> str:
    """The INSEE code of a commune given by its code, or by its name in a known département."""
    if re.search(r"\d", text):
        place = run.geocoder.get_commune(read_code_commune(text))
        code = place.code_commune if place else None
    else:
        code = run.geocoder.find_commune(text, departement=departement) if departement else None
    if code is None:
        raise InvalidValue("communes", text, "unknown commune", public=f"« {text[:80]} » n’est pas une commune connue.")
    return code
