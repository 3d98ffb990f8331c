"""The occupations that a diploma leads to, by its specialty, where the referential of diplomas was imported.

Certif Info writes the 532 ROME codes of before 2023, each of which stands for several of today's (« code_rome_parent »): of these
the ones whose titles answer the specialty best are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz

from directory import referentials
from directory.occupations import codes_of_domaine, find_occupations, title
from directory.referentials import Referential
from directory.text import fold

_TYPES: Mapping[str, frozenset[str]] = {
    "cap": frozenset({"certificat d aptitude professionnelle", "certificat d aptitude professionnelle agricole"}),
    "bac_pro": frozenset({"baccalaureat professionnel", "baccalaureat professionnel agricole"}),
    "bma": frozenset({"brevet des metiers d art"}),
    "dtms": frozenset({"diplome de technicien"}),
}
_EVERY_TYPE = frozenset[str]().union(*_TYPES.values())
_EMPTY_WORDS = frozenset(
    "a au aux d de des du e en et l la le les ou par pour sur un une option specialite cap bac pro bma dt dtms capa".split()  # noqa: SIM905
)
_LEAST_RESEMBLANCE = 88.0
_MOST_CODES = 8
_MOST_TITLES = 40
_NAMED = 97.0
"""Score (of 100) of a title that a specialty names outright: « maçon »."""
_NEAR = 5.0
"""How far below the best of its kin a title may answer and still be meant."""


@dataclass(frozen=True, slots=True)
class _Diploma:
    type: str
    label: str
    words: frozenset[str]
    initials: str
    cfd: str
    codes: tuple[str, ...]


def occupations_of_diploma(level: str, specialty: str) -> tuple[str, ...]:
    """The ROME codes that a diploma leads to, those that its specialty names first; empty when nothing certain is known.

    Args:
        level: ``cap``, ``bac_pro``, ``bma``, ``dtms``; empty for any of them.
        specialty: As people write it (« Cuisine »), the name of a family of bac pro, a CFD code (8 digits) or a MEF (10 or 11).
    """
    known = _diplomas(referentials.get("diplomes"))
    found = [diploma for diploma in _named(known, specialty) if not level or diploma.type in _TYPES.get(level, frozenset())]
    if _cfds(specialty):  # its own words say more than a number does
        each = (code for diploma in found for code in _of_today(diploma.codes, diploma.label))
        return tuple(dict.fromkeys(each))[:_MOST_CODES]
    codes = list(dict.fromkeys(code for diploma in found for code in diploma.codes))
    return _of_today(codes, specialty)[:_MOST_CODES]


def _named(known: tuple[_Diploma, ...], specialty: str) -> list[_Diploma]:
    """The diplomas that a specialty names: by its code, its family, its initials, all its words, or by resemblance."""
    if cfds := _cfds(specialty):
        return [diploma for diploma in known if diploma.cfd in cfds]
    words = _words(specialty)
    if not words:
        return []
    for chosen in (
        [diploma for diploma in known if diploma.words == words],
        [diploma for diploma in known if {diploma.initials} == words],
        [diploma for diploma in known if words <= diploma.words],
    ):
        if chosen:
            return chosen
    text = " ".join(sorted(words))
    scores = [(fuzz.ratio(text, " ".join(sorted(diploma.words))), diploma) for diploma in known]
    best = max((score for score, _ in scores), default=0.0)
    return [diploma for score, diploma in scores if score == best] if best >= _LEAST_RESEMBLANCE else []


def _cfds(specialty: str) -> frozenset[str]:
    """The CFD codes that a specialty is, or those of its MEF, or of the specialties of its family of bac pro."""
    code = specialty.strip()
    if re.fullmatch(r"\d{8}", code):
        return frozenset({code})
    if re.fullmatch(r"\d{10,11}", code):
        entry = referentials.get("mef").entries.get(code[:10])
        return frozenset({entry["cfd"]}) if entry else frozenset()
    return _families(referentials.get("familles")).get(fold(code), frozenset())


def _of_today(codes: Sequence[str], specialty: str) -> tuple[str, ...]:
    """Codes as ROME has them today: of those that one became, the ones whose titles answer the specialty, else itself."""
    children = _children(referentials.get("rome"))
    precise = [code for code in codes if not code.endswith("00")]
    domaines = [code for code in codes if code.endswith("00")] if not precise else []
    scores = {found.code: found.score for found in find_occupations(specialty, limit=_MOST_TITLES)}
    grands = {code[0] for code in codes}
    kept = [code for code, score in scores.items() if score >= _NAMED and code[0] in grands]
    alone: list[str] = []
    for code in precise:
        kin = {child: scores[child] for child in children.get(code, (code,)) if child in scores}
        best = max(kin.values(), default=0.0)
        kept += [child for child, score in kin.items() if score >= best - _NEAR]
        alone += [] if kin else [code]
    kept.sort(key=lambda code: -scores[code])
    wide = [code for domaine in domaines for code in codes_of_domaine(domaine)]
    return tuple(dict.fromkeys(code for code in (*kept, *alone, *wide) if title(code)))


@lru_cache(maxsize=2)
def _diplomas(referential: Referential) -> tuple[_Diploma, ...]:
    """The diplomas that a student of the parcours may hold; the last published of a label stands for the others."""
    found: dict[tuple[str, frozenset[str]], tuple[str, _Diploma]] = {}
    for entry in referential.entries.values():
        kind = fold(entry.get("type", ""))
        if kind not in _EVERY_TYPE or not entry.get("rome"):
            continue
        diploma = _Diploma(
            kind, entry["label"], _words(entry["label"]), _initials(entry["label"]), entry.get("cfd", ""), tuple(entry["rome"])
        )
        last = entry.get("last_session", "9999")
        held = found.get((kind, diploma.words))
        if held is None or held[0] < last:
            found[kind, diploma.words] = last, diploma
    return tuple(diploma for _, diploma in found.values())


@lru_cache(maxsize=2)
def _families(referential: Referential) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for cfd, entry in referential.entries.items():
        found.setdefault(fold(entry["family"]), set()).add(cfd)
    return {name: frozenset(codes) for name, codes in found.items()}


@lru_cache(maxsize=2)
def _children(referential: Referential) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, entry in referential.entries.items():
        found.setdefault(_parent(entry) or code, []).append(code)
    return {parent: tuple(codes) for parent, codes in found.items()}


def _parent(entry: Mapping[str, Any]) -> str:
    return str(entry.get("parent", ""))


def _initials(label: str) -> str:
    """« Bac pro accompagnement, soins et services à la personne » → « assp »."""
    head = re.split(r"\boption\b|:", label)[0]
    return "".join(word[0] for word in fold(head).split(" ") if word and word not in _EMPTY_WORDS)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in fold(text).split(" ") if word and word not in _EMPTY_WORDS)
