"""Naming the territories that a listing serves, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from directory.geocoding.gazetteer import Gazetteer
from directory.models.record import Coverage
from directory.territory import Bassins, departements, epcis
from directory.vocabulary import Scope


def territory_name(coverage: Coverage, gazetteer: Gazetteer, bassins: Bassins) -> str:
    """« commune de Fougères », « Ille-et-Vilaine (35) », « toute la France »; the code where no name is known."""
    code = coverage.code
    names: Mapping[Scope, Callable[[], str]] = {
        Scope.FRANCE: lambda: "toute la France",
        Scope.REMOTE: lambda: "à distance",
        Scope.COMMUNE: lambda: f"commune\u00a0: {_commune(code, gazetteer)}",
        Scope.EPCI: lambda: f"intercommunalité\u00a0: {epcis().get(code, code)}",
        Scope.BASSIN: lambda: f"bassin\u00a0: {bassins.label(code)}",
        Scope.ESTABLISHMENT: lambda: f"établissement\u00a0: {_lycee(code, gazetteer)}",
        Scope.DEPARTEMENT: lambda: f"département\u00a0: {_departement(code)}",
        Scope.ACADEMIE: lambda: f"académie\u00a0: {code}",
        Scope.REGION: lambda: f"région\u00a0: {_region(code)}",
    }
    return names[coverage.scope]()


def _commune(code: str, gazetteer: Gazetteer) -> str:
    place = gazetteer.get_commune(code)
    return place.label if place else code


def _lycee(uai: str, gazetteer: Gazetteer) -> str:
    entry = gazetteer.find_lycee(uai)
    return f"{entry.name} ({uai})" if entry else uai


def _departement(code: str) -> str:
    found = departements().get(code)
    return f"{found.name} ({code})" if found else code


def _region(code: str) -> str:
    return next((found.region_name for found in departements().values() if found.region == code), code)
