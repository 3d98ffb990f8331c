"""INSEE's Sirene files: StockEtablissement (CSV or Parquet), and StockUniteLegale, which names what has no sign of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from directory.errors import InvalidValue
from directory.models.record import SourcedRecord
from importers.errors import StructureChanged
from importers.guards import Content, check_file
from importers.parquet import read_parquet
from importers.reading import read_table
from importers.row import Row
from importers.run import Run
from importers.sources.entreprises.establishment import Establishment, bracket, name_of, to_record

OPEN, DIFFUSED = "A", "O"
CLOSED = "Établissement fermé"
HIDDEN = "Établissement non diffusible (article A123-96 du code de commerce)"
_LONG_AGO = 3 * 366
"""Days: what the register has not treated since was out before it could be published here (and the list of all is very long)."""

_MARKS = {"stock": "etatAdministratifEtablissement", "units": "etatAdministratifUniteLegale"}
_REQUIRED = {
    "stock": (
        "siret", "statutDiffusionEtablissement", "etatAdministratifEtablissement", "enseigne1Etablissement",
        "activitePrincipaleEtablissement", "codeCommuneEtablissement", "trancheEffectifsEtablissement",
    ),
    "units": ("siren", "statutDiffusionUniteLegale", "denominationUniteLegale", "nomUniteLegale"),
}  # fmt: skip
_SIGNS = (
    "enseigne1Etablissement", "denominationUsuelleEtablissement", "enseigne2Etablissement", "enseigne3Etablissement",
)  # fmt: skip
_UNIT_NAMES = ("denominationUsuelle1UniteLegale", "denominationUniteLegale", "sigleUniteLegale")
_STREET = (
    "complementAdresseEtablissement", "numeroVoieEtablissement", "indiceRepetitionEtablissement", "typeVoieEtablissement",
    "libelleVoieEtablissement", "distributionSpecialeEtablissement",
)  # fmt: skip
_ORIGINS = {
    "siret": ("siret",),
    "name": _SIGNS,
    "naf": ("activitePrincipaleEtablissement",),
    "employees_min": ("trancheEffectifsEtablissement",),
    "employees_max": ("trancheEffectifsEtablissement",),
    "address": _STREET,
    "code_postal": ("codePostalEtablissement",),
    "code_commune": ("codeCommuneEtablissement", "libelleCommuneEtablissement"),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "updated_at": ("dateDernierTraitementEtablissement",),
}
_ENDINGS = ("Etablissement", "UniteLegale")
_OTHERS = frozenset(
    {
        "siren", "nic", "siret", "etablissementSiege", "dateDebut", "dateFin", "longitude", "latitude", "geo_score", "geo_type",
        "geo_adresse", "geo_id", "geo_ligne", "geo_l4", "geo_l5", "uniteLegale", "adresseEtablissement", "adresse2Etablissement",
        "periodesEtablissement", "categorieEntreprise", "anneeCategorieEntreprise", "score",
    }
)  # fmt: skip


@dataclass(slots=True)
class LeftOut:
    """Establishments that are not published, by French reason: too many to be told one by one."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, run: Run, reason: str, siret: str, *, treated: date | None = None) -> None:
        """Leave an establishment out; what is published of it closes, and what is kept of a hidden one goes.

        One that the register last treated years ago is only remembered where the directory holds it.

        Args:
            run: The run.
            reason: CLOSED or HIDDEN.
            siret: Its number.
            treated: When the register last treated it; None for an answer about it, which is of today.
        """
        self.counts[reason] += 1
        if treated is None or (run.now.date() - treated).days < _LONG_AGO or siret in run.held:
            message = f"{reason}, d’après Sirene."
            if reason == HIDDEN:
                run.forget(siret, message)
            else:
                run.closed[siret] = message

    def tell(self, run: Run) -> None:
        """Note how many."""
        for reason, count in self.counts.items():
            run.note("etablissement", str(count), f"Laissés de côté : {reason}.")


def recognise(path: Path, content: Content) -> str:
    """``stock`` for a file of establishments, ``units`` for one of legal units, else an empty text; by its header alone."""
    if content is Content.PARQUET:
        first = next(iter(islice(read_parquet(path), 1)), None)
        header = ",".join(first[1]) if first else ""
    else:
        with path.open("rb") as file:
            header = file.readline(20_000).decode("utf-8", errors="replace")
    return next((form for form, mark in _MARKS.items() if mark in header), "")


def _rows(run: Run, path: Path, form: str) -> Iterator[tuple[int, Mapping[str, str]]]:
    """The rows of a file, column → text, once its columns have been checked."""
    if check_file(path, run.max_bytes) is Content.PARQUET:
        rows: Iterator[tuple[int, Mapping[str, Any]]] = read_parquet(path)
    else:
        rows = ((row.line, row.cells) for row in read_table(path, {}, run.max_bytes).rows)
    for rank, (line, cells) in enumerate(rows):
        if rank == 0:
            _check(run, path, form, cells)
        yield line, cells


def _check(run: Run, path: Path, form: str, cells: Iterable[str]) -> None:
    columns = list(cells)
    missing = [column for column in _REQUIRED[form] if column not in columns]
    if missing:
        names = " », « ".join(missing)
        raise StructureChanged(
            f"{path}: missing {missing}", public=f"Fichier Sirene « {path.name} » : il manque « {names} ». Rien n’est publié."
        )
    for column in columns:
        if not known_column(column):
            run.note(column, "", "Colonne inconnue : elle n’est pas lue.")


def known_column(column: str) -> bool:
    """Whether a column is one of Sirene's: read, or left out on purpose."""
    return column.endswith(_ENDINGS) or column in _OTHERS


class UnitNames:
    """Names of the legal units whose establishments have none of their own: kept for those alone, so that memory stays small."""

    def __init__(self, run: Run, units: Iterable[Path], stocks: Iterable[Path]) -> None:
        wanted = {
            int(cells["siret"][:9])
            for path in stocks
            for _, cells in _rows(run, path, "stock")
            if is_published(cells) and cells["siret"][:9].isdecimal()
        }
        self._found: dict[int, str | None] = {}
        for path in units:
            for _, cells in _rows(run, path, "units"):
                siren = cells["siren"]
                if siren.isdecimal() and int(siren) in wanted:
                    diffused = cells["statutDiffusionUniteLegale"] == DIFFUSED
                    self._found[int(siren)] = unit_name(cells) if diffused else None

    def find(self, siret: str) -> str | None:
        """The name of an establishment's legal unit, empty when it is unknown; None when the unit is not to be diffused."""
        return self._found.get(int(siret[:9]), "") if siret[:9].isdecimal() else ""


def read_stock(run: Run, path: Path, names: UnitNames | None, left: LeftOut) -> Iterator[SourcedRecord]:
    """The establishments of a file that are open and may be diffused."""
    for line, cells in _rows(run, path, "stock"):
        run.count()
        record = read_establishment(run, cells, line, left, names)
        if record is not None:
            yield record


def is_published(cells: Mapping[str, Any]) -> bool:
    """Whether an establishment is open and may be diffused; partly (« P ») is not enough: its name and its address may not be."""
    return bool(cells["etatAdministratifEtablissement"] == OPEN and cells["statutDiffusionEtablissement"] == DIFFUSED)


def read_establishment(
    run: Run, cells: Mapping[str, Any], line: int, left: LeftOut, names: UnitNames | None = None, *, asked: bool = False
) -> SourcedRecord | None:
    """The record of a row of StockEtablissement, which may hold its legal unit's columns too (the API's do).

    Args:
        run: The run.
        cells: Column → value.
        line: Where it stood.
        left: Told of what is left out.
        names: Names of the legal units.
        asked: Whether this answers a question about the establishment, so that it says how it is today.
    """
    if not is_published(cells):
        treated = None if asked else _day(_text(cells, "dateDernierTraitementEtablissement"))
        reason = CLOSED if cells["etatAdministratifEtablissement"] != OPEN else HIDDEN
        left.add(run, reason, _text(cells, "siret"), treated=treated)
        return None
    name = _name(cells, names)
    if name is None:
        left.add(run, HIDDEN, _text(cells, "siret"))
        return None
    if not name:
        left.counts[_UNNAMED] += 1
        return None
    row = Row({column: str(value) for column, value in cells.items() if value not in (None, "")}, line)
    told = Establishment(
        siret=_text(cells, "siret"),
        name=name,
        naf=_naf(cells),
        size=_size(run, row, cells),
        street=" ".join(filter(None, (_text(cells, column) for column in _STREET))),
        postal=_text(cells, "codePostalEtablissement"),
        commune=_text(cells, "codeCommuneEtablissement"),
        town=_text(cells, "libelleCommuneEtablissement"),
        latitude=_text(cells, "latitude"),
        longitude=_text(cells, "longitude"),
        updated_at=_day(_text(cells, "dateDernierTraitementEtablissement")),
        origins=_ORIGINS,
    )
    return to_record(run, row, told)


_UNNAMED = "Établissement sans enseigne (donner aussi StockUniteLegale, qui nomme les entreprises)"


def _text(cells: Mapping[str, Any], column: str) -> str:
    value = cells.get(column)
    return "" if value is None else str(value).strip()


def _name(cells: Mapping[str, Any], names: UnitNames | None) -> str | None:
    """The establishment's sign, else its usual name, else its legal unit's; None when the unit is not to be diffused."""
    if _text(cells, "statutDiffusionUniteLegale") not in {"", DIFFUSED}:
        return None
    unit = names.find(_text(cells, "siret")) if names else unit_name(cells)
    if unit is None:
        return None
    return name_of(next((sign for column in _SIGNS if (sign := _text(cells, column))), ""), unit)


def unit_name(cells: Mapping[str, Any]) -> str:
    """The name of a legal unit: usual, official, acronym; a person's first and last names, under which they trade."""
    name = next((name for column in _UNIT_NAMES if (name := _text(cells, column))), "")
    first = _text(cells, "prenomUsuelUniteLegale") or _text(cells, "prenom1UniteLegale")
    last = _text(cells, "nomUsageUniteLegale") or _text(cells, "nomUniteLegale")
    return name or (f"{first} {last}".strip() if last else "")


def _naf(cells: Mapping[str, Any]) -> str:
    """The activity where it is told in NAF rév. 2: older nomenclatures say other things under the same codes."""
    return (
        _text(cells, "activitePrincipaleEtablissement")
        if _text(cells, "nomenclatureActivitePrincipaleEtablissement") in {"", "NAFRev2"}
        else ""
    )


def _size(run: Run, row: Row, cells: Mapping[str, Any]) -> tuple[int | None, int | None]:
    try:
        return bracket(_text(cells, "trancheEffectifsEtablissement"))
    except InvalidValue as error:
        run.doubt(row, "trancheEffectifsEtablissement", str(error.value), error.public, record_id=_text(cells, "siret"))
        return None, None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
