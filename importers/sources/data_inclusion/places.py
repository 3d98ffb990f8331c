"""Where an object is, and whom it serves: its commune, its point, and its zone d'éligibilité as coverage."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from directory.geocoding.nearness import is_plainly_near
from directory.geocoding.types import Place
from directory.models.record import Coverage
from directory.territory import departements, epcis
from directory.text import fold_place
from directory.vocabulary import Precision, Scope
from importers.places import departement_of_commune, read_place
from importers.run import Run
from importers.sources.data_inclusion.item import Item

_FRANCE = frozenset({"france", "99100"})
_SOME = 5


class Territories:
    """The communes and EPCI met so far, asked once each."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._communes: dict[str, Place | None] = {}
        self._named: dict[tuple[str, str], bool] = {}

    def commune(self, code: str) -> Place | None:
        """The commune of an INSEE code, today's for a former one's; None if unknown."""
        if code not in self._communes:
            self._communes[code] = self._run.geocoder.get_commune(code)
        return self._communes[code]

    def place(self, item: Item) -> dict[str, Any]:
        """The place fields of a record."""
        values = item.values
        code, latitude, longitude = values.get("code_insee"), values.get("latitude"), values.get("longitude")
        place = self.commune(code) if isinstance(code, str) and code else None
        postal = values.get("code_postal")
        address = ", ".join(filter(None, (item.text("adresse"), item.text("complement_adresse"))))
        if (
            place is None
            or place.latitude is None
            or place.longitude is None
            or type(latitude) is not float
            or type(longitude) is not float
            or not is_plainly_near(place, latitude, longitude)
            or not (isinstance(postal, str) and len(postal) == 5 and postal.isdecimal())
            or not self._is_named(place.code_commune, values.get("commune"))
        ):
            return {**read_place(self._run, item.row, record_id=item.record_id), "address": address}
        return {
            "address": address,
            "code_postal": postal,
            "code_commune": place.code_commune,
            "code_departement": place.code_departement or departement_of_commune(place.code_commune),
            "latitude": latitude,
            "longitude": longitude,
            "precision": Precision.POINT,
        }

    def _is_named(self, code: str, name: object) -> bool:
        if not name:
            return True
        key = code, str(name)
        if key not in self._named:
            self._named[key] = fold_place(self._run.geocoder.commune_name(code)) == fold_place(key[1])
        return self._named[key]

    def coverage(self, item: Item) -> tuple[Coverage, ...]:
        """The zone d'éligibilité; a code that names nothing is a doubt."""
        zone = item.values.get("zone_eligibilite")
        if not zone:
            return ()
        found: dict[Coverage, None] = {}
        unknown = []
        for code in zone if isinstance(zone, list | tuple) else [zone]:
            token = self._token(str(code).strip())
            if token is None:
                unknown.append(str(code))
            else:
                found[_coverage(*token)] = None
        if unknown:
            shown = ", ".join(unknown[:_SOME]) + (f" … ({len(unknown)})" if len(unknown) > _SOME else "")
            item.doubt("zone_eligibilite", shown, "Territoire inconnu : ni commune, ni EPCI, ni département, ni « france ».")
        return tuple(found)

    def _token(self, code: str) -> tuple[Scope, str] | None:
        if code in _FRANCE:
            return Scope.FRANCE, ""
        if code.upper() in departements():
            return Scope.DEPARTEMENT, code.upper()
        if len(code) == 9 and code.isdecimal():
            return (Scope.EPCI, code) if code in epcis() else None
        place = self.commune(code) if len(code) == 5 else None
        return (Scope.COMMUNE, place.code_commune) if place else None


@lru_cache(maxsize=50_000)
def _coverage(scope: Scope, code: str) -> Coverage:
    return Coverage(scope=scope, code=code)
