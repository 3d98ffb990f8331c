"""From a typed text to the places it may name: each way of reading it, in the order they are tried."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from directory.geocoding.choosing import Found
from directory.geocoding.lookup import Candidate, Lookup
from directory.geocoding.names import qualified_key, typed_key
from directory.geocoding.reading import (
    WithCode,
    departements_of,
    parts_of,
    read_arrondissement,
    read_cedex,
    read_code,
    splits_of,
)
from directory.territory import city_of, departements

_LEVELS = {
    "departement": "departement",
    "departements": "departement",
    "dept": "departement",
    "dpt": "departement",
    "dep": "departement",
    "region": "region",
}
_SHORTEST_BEGINNING, _MOST_LONGER = 4, 6
_TOWN, _TIMES = 5_000, 10
"""A longer name is proposed beside an exact one when it is a town's, so many times more populous."""
_INSEE = re.compile(r"^(?:code )?(?:insee|commune) (\d{5}|2[ab]\d{3})$")
_PREPOSITION = re.compile(r"^(?:a|en|dans|vers|sur|chez|pres de|pres d|autour de|autour d) ")
_POSTAL = re.compile(r"^(?:code postal|cp) (\d{5})$")


class Understanding:
    """Reads a text against the store. Every method answers a Found, empty when that reading does not apply."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def read(self, text: str) -> Found:
        """Every reading in turn: a code, a code among words, a name, a qualified name, an address before a commune."""
        key = typed_key(text)
        coded = read_code(key)
        if coded and key == coded.code.lower():
            return self._code_alone(coded.code)
        if coded:
            labelled = self._labelled_code(key)
            return self._coded(coded) if labelled is None else labelled
        in_brackets = re.search(r"\(\s*13\s*\)", text) is not None
        for name in _wordings(key):
            if found := self._named(name, arrondissements=not in_brackets):
                return self._with_longer_names(name, found)
            if found := self._qualified(name):
                return found
        return self._after_an_address(text) or self._begun(_wordings(key)[0])

    def _begun(self, key: str) -> Found:
        """« Vitry », « Cherbourg »: the beginning of a name, whole words of it, that nothing is called."""
        begun = self._beginning_with(key) if len(key) >= _SHORTEST_BEGINNING else []
        doubt = f"« {key} » : le début du nom de plusieurs communes."
        return Found(begun, reason=f"Compris par le début de son nom : {begun[0].name}." if begun else "", doubt=doubt)

    def _beginning_with(self, key: str) -> list[Candidate]:
        completed = self._lookup.completions(f"{key} ", _MOST_LONGER)
        return [c for c in completed if c.place.level == "commune" and typed_key(c.name).startswith(f"{key} ")]

    def _with_longer_names(self, key: str, found: Found) -> Found:
        """« Villefranche » was a commune of the Yonne, « Asnières » is a village of the Eure, « fougere » may be Fougeré.

        Villefranche-sur-Saône, Asnières-sur-Seine and Fougères are meant as well, more often than not: all are proposed.
        """
        if any(candidate.place.level != "commune" for candidate in found.candidates):
            return found
        longer, reason = self._beginning_with(key), "le début de celui d’autres"
        if not all(candidate.former for candidate in found.candidates):
            known = sum(candidate.population for candidate in found.candidates if not candidate.former)
            longer = [c for c in longer if c.population >= max(_TOWN, _TIMES * known)]
            plural = [c for c in self._lookup.by_key(f"{key}s") if c.population >= max(_TOWN, _TIMES * known)]
            longer, reason = [*longer, *plural], "presque celui d’une commune bien plus peuplée"
        if not longer:
            return found
        doubt = f"Le nom d’une commune, et {reason}."
        return Found([*(replace(candidate, former=False) for candidate in found.candidates), *longer], doubt=doubt, ask=True)

    def communes_named(self, name: str) -> list[Candidate]:
        """Communes (former ones too) and arrondissements of this folded name, CEDEX and a final « France » aside."""
        for wording in _wordings(name):
            if found := [candidate for candidate in self._named(wording).candidates if candidate.place.level == "commune"]:
                return found
        return []

    def with_code(self, name: str, code: str) -> list[Candidate]:
        """The communes of this name that a postal, CEDEX or INSEE code confirms; the arrondissement where the code says which."""
        named = self.communes_named(name) or [
            candidate for candidate in self._qualified(name).candidates if candidate.place.level == "commune"
        ]
        return self._confirmed(read_cedex(name)[0], named, code)

    def _confirmed(self, key: str, named: list[Candidate], code: str) -> list[Candidate]:
        own = self._lookup.by_code(code)
        coded = {c.place.code: c for c in (*self._lookup.by_postcode(code), *([own] if own else []))}
        cities = {candidate.place.code for candidate in named}
        arrondissements = [c for c in coded.values() if city_of(c.place.code) in cities]
        agreed = [candidate for candidate in named if candidate.place.code in coded]
        # « Saint-Ouen 93400 » is Saint-Ouen-sur-Seine: the code makes the beginning of a name enough
        return arrondissements or agreed or [c for c in coded.values() if typed_key(c.name).startswith(f"{key} ")]

    def _labelled_code(self, key: str) -> Found | None:
        """« INSEE 35238 », « code postal 35000 »; None when no such word comes first."""
        if insee := _INSEE.match(key):
            found = self._lookup.by_code(insee[1].upper())
            return Found([found]) if found else Found()
        postal = _POSTAL.match(key)
        return self._postcode(postal[1]) if postal else None

    def _code_alone(self, code: str) -> Found:
        postal, own = self._postcode(code), self._lookup.by_code(code)
        if own is None or own.place.code in {candidate.place.code for candidate in postal.candidates}:
            return postal
        if not postal:
            return Found([own], reason=f"{code} : code INSEE.")
        # people type postal codes: the other reading is told, and has its own way of being typed
        other = f"(le code INSEE {code} est celui de {own.name} : écrire « INSEE {code} »)"
        return Found(postal.candidates, reason=f"{code} : code postal {other}.", doubt=f"{postal.doubt[:-1]} {other}.")

    def _postcode(self, code: str) -> Found:
        shared = self._lookup.by_postcode(code)
        return Found(shared, doubt=f"{code} : code postal de {len(shared)} communes.")

    def _coded(self, coded: WithCode) -> Found:
        for name, address in ((coded.after, coded.before), (coded.before, "")):
            if name and (confirmed := self.with_code(name, coded.code)):
                return Found(confirmed, reason=_address_reason(address))
        shared = self._postcode(coded.code)
        if ending := [c for c in shared.candidates if f" {coded.before}".endswith(f" {typed_key(c.name)}")]:
            return Found(ending, reason=_address_reason(coded.before))
        named = self.communes_named(coded.after or coded.before)
        if not shared:
            return self._by_departement(named, coded)
        if named:
            doubt = f"{coded.code} : code postal ({_names(shared.candidates)}), mais pas pour {named[0].name}."
            return Found([*shared.candidates, *named], doubt=doubt)
        return Found(shared.candidates, reason=f"Seul le code postal {coded.code} a été compris.", doubt=shared.doubt)

    def _by_departement(self, named: list[Candidate], coded: WithCode) -> Found:
        """A code that no commune has is a CEDEX's or a company's own: its first digits still say the département."""
        inside = [candidate for candidate in named if candidate.departement in departements_of(coded.code)]
        return Found(inside, reason=_address_reason(coded.before) if coded.after else "")

    def _named(self, key: str, *, arrondissements: bool = True) -> Found:
        levelled = self._levelled(key)
        if levelled:
            return levelled
        if key == "20":
            corse = [self._lookup.territory("departement", code) for code in ("2A", "2B")]
            return Found([half for half in corse if half], doubt="20 : l’ancien numéro de la Corse, aujourd’hui 2A et 2B.")
        arrondissement = read_arrondissement(key) if arrondissements else None
        if arrondissement and (own := self._lookup.commune(arrondissement.code)):
            city = self._lookup.commune(arrondissement.city)
            if arrondissement.sure or city is None:
                return Found([own])
            return Found([city, own], doubt=f"« {key} » peut être la ville (département 13) ou son 13e arrondissement.")
        found = self._lookup.by_key(key)
        return Found(found, reason=self._code_reason(key, found))

    def _levelled(self, key: str) -> Found:
        first, _, rest = key.partition(" ")
        level = _LEVELS.get(first)
        return Found(self._lookup.by_key(qualified_key(level, rest))) if level and rest else Found()

    def _code_reason(self, key: str, found: Sequence[Candidate]) -> str:
        region = self._lookup.territory("region", key) if len(key) == 2 and found else None
        if region is None:
            return ""
        return f"{key} : le département ({found[0].name}) ; c’est aussi le code de la région {region.name}."

    def _qualified(self, key: str) -> Found:
        for name, qualifier in splits_of(key):
            inside = self._departements_named(qualifier)
            if inside:
                candidates = self._named(name).candidates or self._qualified(name).candidates
                if kept := [candidate for candidate in candidates if candidate.departement in inside]:
                    return Found(kept)
        return Found()

    def _departements_named(self, key: str) -> set[str]:
        codes: set[str] = set()
        for candidate in self._levelled(key).candidates or self._lookup.by_key(key):
            if candidate.place.level == "departement":
                codes.add(candidate.place.code)
            elif candidate.place.level == "region":
                codes |= {entry.code for entry in departements().values() if entry.region == candidate.place.code}
        return codes

    def _after_an_address(self, text: str) -> Found:
        parts = parts_of(text)
        for cut in range(1, len(parts)):
            name, _ = read_cedex(" ".join(parts[cut:]))
            found = self._named(name) or self._qualified(name)
            if any(candidate.place.level == "region" for candidate in found.candidates):
                continue
            if communes := [candidate for candidate in found.candidates if candidate.place.level == "commune"]:
                return Found(communes, reason=_address_reason(parts[0]))
        return Found()


def _address_reason(address: str) -> str:
    return "La commune a été comprise, l’adresse n’a pas été située." if address else ""


def _names(candidates: Sequence[Candidate]) -> str:
    return ", ".join(candidate.name for candidate in candidates[:3]) + ("…" if len(candidates) > 3 else "")


def _wordings(key: str) -> tuple[str, ...]:
    """What to look for, the most faithful first: without CEDEX, without a final « France », without « dans » or « à »."""
    name, _ = read_cedex(key)
    return tuple(dict.fromkeys((name, name.removesuffix(" france"), _PREPOSITION.sub("", name))))
