"""How many students, by lycée and académie, above a minimum group; and the notice that pupils and parents are given."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from directory.dossiers import SMALLEST_CELL, publishable, publishable_by_academie
from directory.models.accounts import Account, Area, Role
from directory.services import Services
from directory.territory import academie_of
from directory.text import fold
from web.access import account, for_roles, public, services

pages = Blueprint("counts", __name__)


@pages.get("/effectifs")
@for_roles(Role.REFERENT, Role.ACADEMIE, Role.ADMINISTRATOR)
def counts() -> str:
    """The counts of what the account may see: its lycée, its bassin, its académie, everything."""
    core, viewer = services(), account()
    today = core.clock().date()
    years = {
        year: seen
        for year, counted in core.repository.dossiers.count(today).items()
        if (seen := {uai: each for uai, each in counted.items() if _sees(viewer, uai, core)})
    }
    year = _year(tuple(years), request.args.get("annee", 0, type=int), today)
    seen = years.get(year, {})
    shown, total = publishable(seen, core.settings.smallest_group)
    academies: dict[str, dict[str, str]] = {}
    if viewer.area == Area.EVERYTHING:
        named = {uai: _academie(uai, core) or "Académie inconnue" for uai in seen}
        academies, total = publishable_by_academie(seen, named, core.settings.smallest_group)
    return render_template(
        "counts.html",
        rows={uai: (_name(uai, core), each) for uai, each in shown.items()},
        academies=academies,
        total=total,
        smallest=core.settings.smallest_group,
        smallest_cell=SMALLEST_CELL,
        hidden=len(seen) - len(shown),
        labels=_LABELS,
        scope=viewer.code,
        years=tuple(years),
        year=year,
    )


@pages.get("/notice-parcours")
@public
def notice() -> str:
    """What a lycée keeps of a student, why, how long, and what the student may ask: one page, to print."""
    settings = services().settings
    return render_template("notice.html", months=settings.dossier_months, journal=settings.journal_months)


_LABELS = {
    "spotted": "Repérés",
    "without_diploma": "Sans le diplôme préparé",
    "met": "Reçus en entretien",
    "enrolled": "Inscrits dans le parcours",
    "solved": "Avec une solution",
}


def _year(years: tuple[int, ...], asked: int, today: date) -> int:
    """The parcours that is counted: the one asked for, else the last that has begun to be prepared (from June on)."""
    if asked in years:
        return asked
    begun = [year for year in years if date(year, 6, 1) <= today]
    return max(begun or years, default=today.year)


def _sees(viewer: Account, uai: str, core: Services) -> bool:
    match viewer.area:
        case Area.EVERYTHING:
            return True
        case Area.LYCEE:
            return uai == viewer.code
        case Area.BASSIN:
            return viewer.code in core.repository.load_bassins().of_uai(uai)
        case Area.ACADEMIE:
            return bool(academie := _academie(uai, core)) and fold(academie) == fold(viewer.code)


def _academie(uai: str, core: Services) -> str:
    entry = core.gazetteer.find_lycee(uai) or core.repository.find_lycee(uai)
    return academie_of(entry.code_departement) if entry else ""


def _name(uai: str, core: Services) -> str:
    entry = core.gazetteer.find_lycee(uai) or core.repository.find_lycee(uai)
    return entry.label if entry else uai
