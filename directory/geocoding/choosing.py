"""One place or several: the rule by which a homonym is taken without asking, and the reasons that are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from directory.geocoding.lookup import Candidate
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place

_LARGE = 20_000
_TIMES = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What a way of reading the text gave.

    Attributes:
        reason: How it was understood, where that is not plain; French.
        doubt: Why there are several, where it is not that they share a name; French.
        ask: Whether several are always asked, however populous the first.
    """

    candidates: Sequence[Candidate] = ()
    reason: str = ""
    doubt: str = ""
    ask: bool = False

    def __bool__(self) -> bool:
        return bool(self.candidates)


def choose(text: str, found: Found, near_departement: str = "") -> Place | AmbiguousPlace | NoSuchPlace:
    """The place, or the places, that answer.

    Several answer to a text when they share a name, a postal code, or when the text can be read in two ways. One is taken without
    asking only if the context says the département, if the accents typed are those of one alone (« Ribeauvillé »), or if it is a
    hundred times more populous than all the others together and has 20,000 inhabitants: « La Rochelle » (75,000 against 39) is
    taken, and the reason names the other; « Saint-Denis », « Valence » and « Montreuil » are asked. A name of today comes before
    a former commune's.
    """
    candidates = _of_today(_distinct(found.candidates))
    for kept in (
        [c for c in candidates if near_departement and c.departement == near_departement],
        [c for c in candidates if not found.ask and not text.isascii() and c.written.casefold() == text.strip().casefold()],
    ):
        candidates = kept or candidates
    if not candidates:
        return NoSuchPlace(text)
    ordered = sorted(candidates, key=lambda c: (-c.population, c.place.code))
    first, others = ordered[0], ordered[1:]
    if not others:
        return _with_reason(first.place, found.reason)
    if not found.ask and first.population >= max(_LARGE, _TIMES * sum(other.population for other in others)):
        labels = ", ".join(other.place.label for other in others[:3]) + ("…" if len(others) > 3 else "")
        return _with_reason(first.place, found.reason or found.doubt or f"Aussi de ce nom : {labels}.")
    doubt = found.doubt or f"{len(ordered)} lieux portent ce nom."
    return AmbiguousPlace(text, tuple(_with_reason(candidate.place, found.reason) for candidate in ordered), doubt)


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    return list({(c.place.level, c.place.code): c for c in reversed(candidates)}.values())[::-1]


def _of_today(candidates: list[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if not candidate.former] or candidates


def _with_reason(place: Place, reason: str) -> Place:
    reasons = " ".join(part for part in (place.reason, reason) if part)
    return replace(place, reason=reasons) if reasons != place.reason else place
