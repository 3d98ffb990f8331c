"""The bassin that a row names: its coverage where its table is known, its name and a doubt where it is not."""

from __future__ import annotations

from dataclasses import dataclass

from directory.models.record import Coverage
from directory.text import fold
from directory.vocabulary import Scope
from importers.row import Row
from importers.run import Run
from importers.values import tidy


@dataclass(frozen=True, slots=True)
class NamedBassin:
    """A bassin as a row names it: ``coverage`` is empty when no table says what it holds."""

    label: str
    coverage: tuple[Coverage, ...] = ()


def read_bassin(run: Run, row: Row, *, academie: str = "", record_id: str = "") -> NamedBassin:
    """Understand the declared column ``bassin``.

    Args:
        run: The run, which knows the bassins.
        row: The row.
        academie: The académie, which settles homonyms.
        record_id: For the doubt.
    """
    label = tidy(row.take("bassin", to=("bassin_label", "coverage")))
    if not label or run.bassins is None:
        return NamedBassin(label)
    codes = run.bassins.find_label(label)
    if len(codes) > 1 and academie:
        codes = tuple(code for code in codes if _academie(run, code) == fold(academie))
    if len(codes) == 1:
        return NamedBassin(label, (Coverage(scope=Scope.BASSIN, code=codes[0]),))
    why = "plusieurs bassins portent ce nom" if codes else "sa table n’est pas importée (relais import bassins …)"
    run.doubt(row, "bassin", label, f"Bassin gardé par son nom seul : {why}.", record_id=record_id)
    return NamedBassin(label)


def _academie(run: Run, code: str) -> str:
    bassin = run.bassins.get(code) if run.bassins is not None else None
    return fold(bassin.academie) if bassin else ""
