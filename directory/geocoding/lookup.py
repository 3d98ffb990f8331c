"""Reading the gazetteer's store: candidates by key, by code, by postal code, and the Places they make."""

from __future__ import annotations

import math
import sqlite3
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from directory.errors import GeocodingError
from directory.geocoding.names import typed_key, variants
from directory.geocoding.store import connect
from directory.geocoding.types import Place
from directory.territory import academie_of, city_of, territories_of
from directory.vocabulary import Precision

_COMMUNE_COLUMNS = "code, name, postcodes, departement, region, epci, population, latitude, longitude, surface"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that answers to a text, with what decides between several.

    Attributes:
        population: Inhabitants; 0 where unknown.
        name: Its name of today, as INSEE writes it.
        written: The name it answered by; another than ``name`` for a former commune's, or one that is still in use.
        former: Whether it answered by the name of a former commune, now a part of it.
    """

    place: Place
    population: int
    name: str
    written: str
    former: bool = False

    @property
    def departement(self) -> str:
        """Its département; empty for a région."""
        return self.place.code_departement


class Lookup:
    """Questions to the store. Safe from several threads: each question borrows a connection of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._idle: deque[sqlite3.Connection] = deque()
        self.close = weakref.finalize(self, _close_all, self._idle)
        # the commune asked again is the rule (an importer's rows, a listing's documents): answers are kept, failures raise
        self.commune = lru_cache(maxsize=40_000)(self._commune)  # all of them: 35,000, and the arrondissements
        self.territory = lru_cache(maxsize=256)(self._territory)
        self.completions = lru_cache(maxsize=4096)(self._completions)
        # one text is read in several ways that ask for the same names, and the words of questions come again
        self.by_key = lru_cache(maxsize=16_384)(self._by_key)
        self._query("SELECT 1 FROM name LIMIT 1")

    def _by_key(self, key: str) -> tuple[Candidate, ...]:
        """The places whose name is this folded text, the most faithful reading only (« Le Mans » before « Mans »)."""
        forms = variants(key)
        marks = ", ".join("?" * len(forms))
        rows = self._query(f"SELECT key, rank, level, code, former, former_code FROM name WHERE key IN ({marks})", forms)  # noqa: S608
        ranked = [(forms.index(form) + rank, rest) for form, rank, *rest in rows]
        best = [rest for distance, rest in ranked if distance == min(ranked)[0]]
        return tuple(found for level, code, *other in sorted(best) if (found := self._candidate(level, code, *other)))

    def by_postcode(self, postcode: str) -> list[Candidate]:
        """The communes that share a postal code; the arrondissement rather than its city."""
        codes = [code for (code,) in self._query("SELECT commune FROM postcode WHERE code = ?", (postcode,))]
        cities = {city_of(code) for code in codes}
        return [found for code in codes if code not in cities and (found := self.commune(code))]

    def by_code(self, code: str) -> Candidate | None:
        """The commune of an INSEE code, today's for a former one's."""
        if not code.isascii():  # a lone surrogate cannot even be asked
            return None
        if found := self.commune(code):
            return found
        rows = self._query("SELECT commune FROM former WHERE code = ?", (code,))
        return self.commune(rows[0][0]) if rows else None

    def _completions(self, key: str, limit: int) -> tuple[Candidate, ...]:
        """Places with a word that starts so, exact ones first, then the most populous."""
        exact = self._query("SELECT level, code FROM completion WHERE key = ? ORDER BY weight DESC, code", (key,))
        begun = self._query(
            "SELECT level, code FROM completion WHERE key >= ? AND key < ? ORDER BY weight DESC, code LIMIT ?",
            (key, key + "~", limit * 4),  # a place stands there under its name, its words, its postal codes
        )
        whole = [place for place in exact if (found := self._candidate(*place)) and _is_called(found, key)]
        places = [found for place in dict.fromkeys((*whole, *begun)) if (found := self._candidate(*place))]
        return tuple(places[:limit])

    def names(self) -> list[tuple[str, str, str]]:
        """Every faithful (key, level, code), to compare a misspelt name with."""
        return self._query(
            "SELECT key, level, code FROM name WHERE rank = 0 AND level != 'former'"
            " AND level != 'epci' AND key NOT GLOB '*[0-9]*' AND key NOT GLOB 'departement *' AND key NOT GLOB 'region *'"
        )

    def points(self, departement: str) -> list[tuple[str, float, float, int]]:
        """Name, latitude, longitude and population of each commune of a département that has a point."""
        return self._query(
            "SELECT name, latitude, longitude, population FROM commune WHERE departement = ? AND latitude IS NOT NULL",
            (departement,),
        )

    def lycee(self, uai: str) -> tuple[str, str, str, str] | None:
        """Name, town, postal code and département of a lycée as its directory writes them."""
        rows = self._query("SELECT name, town, postcode, departement FROM lycee WHERE uai = ?", (uai,)) if uai.isascii() else []
        return rows[0] if rows else None

    def lycees(self) -> list[tuple[str, str, str, str]]:
        """UAI, name, town and postal code of every lycée."""
        return self._query("SELECT uai, name, town, postcode FROM lycee")

    def _candidate(self, level: str, code: str, written: str = "", old_code: str = "") -> Candidate | None:
        found = self.territory(level, code) if level in {"departement", "region", "epci"} else self.commune(code)
        return _by_other_name(found, written, old_code, former=level == "former") if found and written else found

    def _commune(self, code: str) -> Candidate | None:
        rows = self._query(f"SELECT {_COMMUNE_COLUMNS} FROM commune WHERE code = ?", (code,))  # noqa: S608
        return _commune_candidate(*rows[0]) if rows else None

    def _territory(self, level: str, code: str) -> Candidate | None:
        rows = self._query(
            "SELECT name, departement, region, academie, population, surface FROM territory WHERE level = ? AND code = ?",
            (level, code),
        )
        return _territory_candidate(level, code, *rows[0]) if rows else None

    def _query(self, sql: str, parameters: Iterable[object] = ()) -> list[Any]:
        try:
            with self._connection() as connection:
                return connection.execute(sql, tuple(parameters)).fetchall()
        except sqlite3.Error as error:
            raise GeocodingError(
                f"cannot read the gazetteer {self._path}: {error}",
                public="Le référentiel des communes est illisible : effacer le dossier « cache », qui est refait seul.",
            ) from error

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.pop()  # atomic, as append below
        except IndexError:
            connection = connect(self._path)
        try:
            yield connection
        finally:
            self._idle.append(connection)


def _is_called(candidate: Candidate, key: str) -> bool:
    """Whether a folded text is a place's whole name or code, and not one word of it."""
    return key in {candidate.place.code.lower(), *variants(typed_key(candidate.name))}


def _close_all(idle: deque[sqlite3.Connection]) -> None:
    while idle:
        idle.pop().close()


def _commune_candidate(  # noqa: PLR0913, PLR0917 one row of the table
    code: str,
    name: str,
    postcodes: str,
    departement: str,
    region: str,
    epci: str,
    population: int,
    latitude: float | None,
    longitude: float | None,
    surface: float | None,
) -> Candidate:
    # a city of arrondissements has no postal code of its own
    shown = departement if code in {"75056", "69123", "13055"} else postcodes.split(";", maxsplit=1)[0]
    place = Place(
        label=f"{name} ({shown})",
        level="commune",
        code=code,
        code_commune=code,
        code_departement=departement,
        code_region=region,
        latitude=latitude,
        longitude=longitude,
        precision=Precision.DEPARTEMENT if latitude is None else Precision.COMMUNE,
        reach_km=reach_km(surface),
        territories=territories_of(code, epci=epci, departement=departement, academie=academie_of(departement), region=region),
    )
    return Candidate(place, population, name, name)


def _territory_candidate(
    level: str, code: str, name: str, departement: str, region: str, academie: str, population: int, surface: float
) -> Candidate:
    # the city of Paris has the plain label; two intercommunalités bear one name
    labels = {"region": f"{name} (région)", "epci": f"{name} (intercommunalité, {departement})"}
    shown = f"Paris, département ({code})" if code == "75" else f"{name} ({code})"
    place = Place(
        label=labels.get(level, shown),
        level=level,
        code=code,
        code_commune="",
        code_departement=departement,
        code_region=region,
        latitude=None,
        longitude=None,
        precision=Precision.DEPARTEMENT,
        reach_km=reach_km(surface),
        territories=territories_of(
            epci=code if level == "epci" else "", departement=departement, academie=academie, region=region
        ),
    )
    return Candidate(place, population, name, name)


def _by_other_name(found: Candidate, written: str, old_code: str, *, former: bool) -> Candidate:
    place = found.place
    own = (f"commune:{old_code}",) if old_code else ()
    territories = tuple(dict.fromkeys((*own, *place.territories)))
    reason = f"{written} : aujourd’hui {found.name}."
    return replace(found, place=replace(place, territories=territories, reason=reason), written=written, former=former)


def reach_km(surface: float | None) -> float:
    """Radius in km of a commune's own ground: the half-diagonal of the square of its surface (km²), √(S/2).

    The disc of the same surface has a smaller radius, √(S/π), and would leave out the corners of a commune that is no disc.
    """
    return round(math.sqrt(surface / 2), 2) if surface else 0.0
