"""Gazetteer: every commune, département and région of France, offline; the Geocoder that needs no network."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from directory.errors import GeocodingError, InvalidValue
from directory.geocoding.choosing import Found, choose
from directory.geocoding.lookup import Candidate, Lookup
from directory.geocoding.lycees import Lycees
from directory.geocoding.names import typed_key
from directory.geocoding.reading import LONGEST, departements_of, read_cedex, read_code
from directory.geocoding.resemblance import Resemblance
from directory.geocoding.store import ensure_store
from directory.geocoding.types import AmbiguousPlace, LyceeEntry, NoSuchPlace, Place
from directory.geocoding.understanding import Understanding
from directory.identifiers import parse_code_postal
from directory.territory import FRANCE, departements
from directory.vocabulary import Precision

_FRANCE = Place(
    label="France",
    level="france",
    code="",
    code_commune="",
    code_departement="",
    code_region="",
    latitude=None,
    longitude=None,
    precision=Precision.DEPARTEMENT,
    reach_km=0.0,
    territories=(FRANCE,),
)
_SAME_NAME = 88.0


def open_gazetteer(cache_folder: Path) -> Gazetteer:
    """Open the gazetteer, building its store first when this version of the data has none (a second or two, once).

    Args:
        cache_folder: Where the store is kept; the system's temporary folder serves when it cannot be written.

    Raises:
        OSError: Neither folder can be written.
        GeocodingError: The store is unreadable, and so is one made anew.
    """
    store = ensure_store(cache_folder)
    try:
        return Gazetteer(store)
    except GeocodingError:
        store.unlink(missing_ok=True)
        return Gazetteer(ensure_store(cache_folder))


class Gazetteer:
    """Finds places among those of the Code officiel géographique. Implements Geocoder; safe from several threads.

    Attributes:
        store: The file that it reads: another process opens its own on it.
        imported_lycee: Finds a lycée in the imported education directory; None without.
    """

    def __init__(self, store: Path) -> None:
        self.store = store
        self.imported_lycee: Callable[[str], LyceeEntry | None] | None = None
        self._lookup = Lookup(store)
        self._understanding = Understanding(self._lookup)
        self._resemblance = Resemblance(self._lookup)
        self._lycees = Lycees(self._lookup)
        # questions ask again and again whether the same words are a place; most are none
        self._named = lru_cache(maxsize=8192)(self._find_named)
        # the rows of a file write the same towns again and again
        self._confirm = lru_cache(maxsize=32_768)(self._by_name_and_code)

    def close(self) -> None:
        """Close the store's connections."""
        self._lookup.close()

    def find(self, text: str, *, near_departement: str = "") -> Place | AmbiguousPlace | NoSuchPlace:
        """Understand a text, as Geocoder says. ``choosing.choose`` states when a homonym is taken without asking."""
        if len(text) > LONGEST:
            return NoSuchPlace(text[:LONGEST])
        key = typed_key(text)
        if key in {"france", "france entiere", "toute la france"}:
            return _FRANCE
        answer = choose(text, self._understanding.read(text), near_departement)
        if isinstance(answer, NoSuchPlace):
            return NoSuchPlace(text, self._suggestions(key))
        return answer

    def find_named(self, text: str) -> Place | AmbiguousPlace | NoSuchPlace:
        """As ``find``, without looking for what resembles it: for texts of which most are no place."""
        return self._named(text) if len(text) <= LONGEST else NoSuchPlace(text[:LONGEST])

    def _find_named(self, text: str) -> Place | AmbiguousPlace | NoSuchPlace:
        return choose(text, self._understanding.read(text), "")

    def get_commune(self, code_commune: str) -> Place | None:
        """The commune of an INSEE code, today's for a former one's; None if unknown."""
        found = self._lookup.by_code(code_commune)
        return found.place if found else None

    def commune_name(self, code_commune: str) -> str:
        """The name of a commune, as INSEE writes it; empty for an unknown code."""
        found = self._lookup.by_code(code_commune)
        return found.name if found else ""

    def list_points(self, departement: str) -> list[tuple[str, float, float, int]]:
        """Name, latitude, longitude and population of each commune of a département, for drawing; none for an unknown one."""
        return self._lookup.points(departement)

    def suggest(self, text: str, limit: int = 8) -> tuple[Place, ...]:
        """Places with a word that starts so (or a postal code), exact ones first, then the most populous."""
        key = typed_key(text[:LONGEST])
        if not key or limit < 1:
            return ()
        return tuple(candidate.place for candidate in self._lookup.completions(key, limit))

    def find_commune(self, name: str, code_postal: str = "", departement: str = "") -> str | None:
        """The INSEE code of a commune as a file writes it, when it is certain; None otherwise.

        Certain is: the name and the code agree; the name is that of one commune of the code's département (a CEDEX code, a postal
        code that the referential lacks); the code has one commune and the name resembles no other; the name is unique.

        Args:
            name: « STRASBOURG CEDEX 2 », « St Denis », « 35000 RENNES ».
            code_postal: Postal or CEDEX code; whatever is not one counts as absent.
            departement: A département that the name must be in, if known.
        """
        key = typed_key(name[:LONGEST])
        code = _postcode(code_postal)
        if coded := read_code(key):
            key, code = coded.after or coded.before, code or coded.code
        inside = frozenset({departement}) if departement in departements() else frozenset()
        if code:
            return self._confirm(key, code, inside)
        found = self._understanding.communes_named(key) if key else []
        return _only(found, inside)

    def find_likeliest_commune(self, name: str) -> Place | AmbiguousPlace | NoSuchPlace:
        """The commune that a name alone most likely means: ``find``'s choice among homonyms, communes only."""
        key = typed_key(name[:LONGEST])
        return choose(name[:LONGEST], Found(self._understanding.communes_named(key) if key else ()), "")

    def find_lycee(self, uai: str) -> LyceeEntry | None:
        """A lycée by its UAI, as the imported education directory says it, else as the one that ships; None if neither does."""
        if self.imported_lycee is not None and (entry := self.imported_lycee(uai.strip().upper())):
            return entry
        row = self._lookup.lycee(uai.strip().upper())
        if row is None:
            return None
        name, town, postcode, departement = row
        known = departement if departement in departements() else ""
        code_commune = self.find_commune(town, postcode, known) or ""
        found = self._lookup.commune(code_commune) if code_commune else None
        return LyceeEntry(
            uai.strip().upper(), name, code_commune, found.departement if found else known, found.name if found else town
        )

    def find_lycees(self, text: str, limit: int = 8) -> tuple[LyceeEntry, ...]:
        """Lycées whose name, town and postal code hold every word typed; the shortest names first."""
        entries = (self.find_lycee(uai) for uai in self._lycees.matching(text[:LONGEST], limit))
        return tuple(entry for entry in entries if entry)

    def _by_name_and_code(self, key: str, code: str, inside: frozenset[str]) -> str | None:
        if confirmed := self._understanding.with_code(key, code) if key else []:
            return _only(confirmed, inside)
        reachable = departements_of(code) & inside if inside else departements_of(code)
        named = self._understanding.communes_named(key) if key else []
        if named:  # of another département: the name and the code contradict each other
            within = [candidate for candidate in named if candidate.departement in reachable]
            return _only(within, inside)
        shared = self._lookup.by_postcode(code)
        if len(shared) > 1:
            name, _ = read_cedex(key)
            shared = [c for c in shared if fuzz.ratio(name, typed_key(c.name)) >= _SAME_NAME]
        return _only(shared, inside)

    def _suggestions(self, key: str) -> tuple[Place, ...]:
        """What may have been meant: communes that begin or end the text, names it resembles or starts, a code's département."""
        coded = read_code(key)
        inside = departements_of(coded.code) if coded else frozenset()
        name, _ = read_cedex((coded.after or coded.before) if coded else key)
        words = name.split(" ")[-12:]
        pieces = [" ".join(words[start:]) for start in range(1, len(words))]
        pieces += [" ".join(words[:end]) for end in range(len(words) - 1, 0, -1)]
        found = [c for piece in pieces if len(piece) > 2 for c in self._understanding.communes_named(piece)[:2]][:3]
        found += self._lookup.completions(name, 3) if len(name) > 3 else []
        found += self._resemblance.resembling(name, limit=6, departements=inside)
        kept = {(c.place.level, c.place.code): c.place for c in found if not inside or c.departement in inside}
        if not kept:
            kept = {("", code): c.place for code in sorted(inside) if (c := self._lookup.territory("departement", code))}
        return tuple(kept.values())[:6]


def _postcode(text: str) -> str:
    try:
        return parse_code_postal(text)
    except InvalidValue:
        return ""


def _only(candidates: list[Candidate], inside: frozenset[str]) -> str | None:
    kept = [candidate for candidate in candidates if not inside or candidate.departement in inside]
    of_today = [candidate for candidate in kept if not candidate.former] or kept
    codes = {candidate.place.code for candidate in of_today}
    return codes.pop() if len(codes) == 1 else None
