"""Ages of free French: youngest and oldest, and the words that say more than two numbers can."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from directory.errors import InvalidValue
from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy, unaccented

_OLDEST = 120
Bounds = tuple[int | None, int | None]

_N = r"(\d{1,3})(?!\d|[.,]\d)"
_EVE = r"la veille (?:de |des |du )?(?:ses |leurs? |son )?(?:anniversaire des )?"
_YEARS = r"\s*(?:ans?\b)?\s*"
_OTHER = r"(?:%|h\b|km|euros?|mois|jours|semaines)"
_NOT_DONE = r"((?:non|pas) revolus|exclus?)?"
_RANGE = re.compile(
    rf"\b{_N}{_YEARS}(?:(?:revolus?|inclus|minimum|mini)\s*)?(?:-|/|>|\b(?:a|et|au|aux|jusqu'a)\b)\s*"
    rf"(moins de\s*|{_EVE})?{_N}(?!\s*{_OTHER}|\s*(?:ans)?\s*(?:et plus|\+)){_YEARS}{_NOT_DONE}"
)
_UNDER = re.compile(
    r"(?:moins de|moins d'|(?<!\w)-\s?de|(?<![\w\s])\s*-\s?(?=\d)|<(?!=)|\bavant(?: l'age de)?|ne pas avoir(?: atteint)?)"
    rf"\s*{_N}(?=\s*ans|\s*$)"
)
_UP_TO = re.compile(
    rf"(?:jusqu'a(?: l'age de| {_EVE})?|≤|<=|\bmax(?:i|imum)?\b\.?\s*:?|\bau plus|pas plus de)"
    rf"\s*{_N}{_YEARS}{_NOT_DONE}(?:\s*revolus)?"
)
_UP_TO_AFTER = re.compile(rf"\b{_N}\s*(?:ans)?\s*(?:max(?:i|imum)?\b|au plus|inclus\b|et moins|ou moins)")
_OVER = re.compile(
    r"(?:plus de|\+\s?de|(?<!\w)\+\s?(?=\d)|a partir de(?: l'age de)?|\bdes(?: l'age de)?|\bdepuis|≥|>=?"
    rf"|\bmin(?:i|imum)?\b\.?\s*:?|\bau moins|\bages? de plus de|\bavoir)\s*{_N}(?=\s*(?:ans|$|[;,.)+]))"
)
_OVER_AFTER = re.compile(rf"\b{_N}\s*(?:ans?)?\s*(?:\+|et plus|et \+|ou plus|min(?:i|imum)?\b|revolus?\b|passes\b)")
_MINORS, _ADULTS = re.compile(r"\bmineur(?:e?s)?\b"), re.compile(r"\b(?:majeur(?:e?s)?|adultes?)\b")
_EVERYONE = re.compile(
    r"\btou(?:t|s|te|tes)\b.{0,20}\b(?:ages?|publics?)\b|(?:sans|aucune?|pas de) (?:limite|condition)s? d'ages?"
    r"|\btous\b|\btout le monde\b"
)
_SEGMENTS = re.compile(
    r"[;()\n|]|,(?!\d)|\bou\b|\.\s|\bsauf\b|\bmais\b|\s-\s(?=\D)|\bpuis\b|\bet (?=jusqu|moins de|\d{1,3}\s*ans (?:pour|si))"
)
# Who has another bracket than the rest: what a second bracket is said of.
_EXCEPTION = re.compile(
    r"rqth|handicap|\bth\b|\bboeth\b|\baah\b|derog|except|qpv|zrr|situation de|sans (?:limite|diplome)|\bpour les?\b|\bsi\b"
)
_OTHER_UNITS = re.compile(r"\d\s*(?:mois|semaines|jours|h\b|heures|km|€|euros|%)")
_EXPERIENCE = re.compile(r"\d\s*ans? d(?:e |')(?:experience|anciennete|pratique|permis|residence)")
_PLAIN_WORDS = frozenset(
    (
        "de", "d", "a", "ans", "an", "age", "ages", "agee", "agees", "entre", "les", "jeunes", "jeune", "le", "la", "et",
        "au", "aux", "jusqu", "jusqu'a", "inclus", "revolus", "revolu", "moins", "plus", "partir", "des", "public",
        "publics", "tranche", "personne", "personnes", "avoir", "min", "mini", "minimum", "max", "maxi", "maximum",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ages:
    """Who is served, by age.

    Attributes:
        youngest: In years, inclusive; None when none is set.
        oldest: In years, inclusive.
        words: The text itself, where it says more than the two numbers (« 16 à 25 ans ; RQTH moins de 30 ans »); else empty.
    """

    youngest: int | None = None
    oldest: int | None = None
    words: str = ""


_ABOUT_AGES = re.compile(
    r"(?:\W*\b(?:jeunes?|publics?|personnes?|femmes?|hommes?|filles|garcons|adultes|agee?s?|ages?|avoir|de|d|entre|tous|toutes|les?|des|pour"
    r"|accueil|reserve|ouvert|aux?|et|a|partir|moins|plus|jusqu)\b)*\W*\d{1,2}"
    r"(?: ans?\b| ?(?:[-/]|a\b|et\b|au\b) ?\d{2}(?: ans\b|\W*$))"
)
_PLAUSIBLE_YOUNGEST, _PLAUSIBLE_OLDEST = range(10, 66), range(15, 100)


def find_ages(text: str) -> Ages:
    """The ages that a sentence about who may come begins with (« Jeunes de 16 à 25 ans sans diplôme »); none where it speaks of
    something else (« chômage de plus de 2 ans »), or where they are not certain.
    """  # noqa: D205
    if not _ABOUT_AGES.match(unaccented(tidy(text).replace("’", "'")).lower()):
        return Ages()
    try:
        reading = read_ages(text)
    except InvalidValue:
        return Ages()
    found = reading.value
    plausible = (found.youngest is None or found.youngest in _PLAUSIBLE_YOUNGEST) and (
        found.oldest is None or found.oldest in _PLAUSIBLE_OLDEST
    )
    return found if plausible and found.youngest != found.oldest and not reading.doubts else Ages()


def parse_ages(text: str) -> Bounds:
    """Youngest and oldest age, in years, inclusive (« 16-25 ans », « moins de 26 ans », « à partir de 16 ans »).

    Raises:
        InvalidValue: See read_ages.
    """
    ages = read_ages(text).value
    return ages.youngest, ages.oldest


def read_ages(text: str) -> Reading[Ages]:
    """The ages of a cell; no bound for an empty one, or one that says that everyone may come.

    « Moins de 26 ans » ends at 25, « jusqu’à 25 ans » and « 25 ans révolus » include 25. A second bracket kept for some (« RQTH
    moins de 30 ans ») is not merged with the first: its words are kept.

    Raises:
        InvalidValue: There is a text, and no age in it, or several that do not make one bracket, or impossible ones.
    """
    cell = tidy(text)[:1000]
    plain = unaccented(cell).replace("–", "-").replace("—", "-").replace("`", "'").replace("´", "'")
    if not cell or says_nothing(cell):
        return Reading(Ages())
    if not re.search(r"\d", plain):
        return Reading(_by_words(text, cell, plain))
    if _OTHER_UNITS.search(plain) or _EXPERIENCE.search(plain):
        raise _refused(text, cell)
    usual: list[Bounds] = []
    others: list[Bounds] = []
    for segment in _SEGMENTS.split(plain):
        found, left = _brackets(segment)
        excepted = _EXCEPTION.search(segment) is not None
        (others if excepted else usual).extend(found)
        if re.search(r"\d", left) and not excepted:
            raise _refused(text, cell)
    bounds = _together(usual or others[:1])
    if bounds is None or not _possible(bounds):
        raise _refused(text, cell)
    more = bool(others) or bool(set(re.findall(r"[a-z']{2,}", plain)) - _PLAIN_WORDS)
    return Reading(Ages(*bounds, words=cell if more else ""))


def _refused(text: str, cell: str) -> InvalidValue:
    return InvalidValue("ages", text, "no ages", public=f"« {cell[:80]} » : âges non compris (ex. « 16-25 ans »).")


def _by_words(text: str, cell: str, plain: str) -> Ages:
    minors, adults = _MINORS.search(plain), _ADULTS.search(plain)
    if _EVERYONE.search(plain) or (minors and adults):
        return Ages(words=cell if re.search(r"rqth|handicap|sauf", plain) else "")
    if minors or adults:
        return Ages(None if minors else 18, 17 if minors else None, words=cell)
    raise _refused(text, cell)


def _brackets(segment: str) -> tuple[list[Bounds], str]:
    """The brackets and bounds that a segment states, and what is left of it: one age alone may be either bound, and is left."""
    found: list[Bounds] = []
    for pattern, read in _STATEMENTS:
        found.extend(map(read, pattern.finditer(segment)))
        segment = pattern.sub(" . ", segment)
    return found, segment


def _eve(match: re.Match[str], *groups: int) -> bool:
    return "veille" in match.group(0) or any(match.group(group) for group in groups)


# The surer first: each takes its words away from the next.
_STATEMENTS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Bounds]], ...] = (
    (_RANGE, lambda match: (int(match.group(1)), int(match.group(3)) - _eve(match, 2, 4))),
    (_UP_TO, lambda match: (None, int(match.group(1)) - _eve(match, 2))),
    (_UP_TO_AFTER, lambda match: (None, int(match.group(1)))),
    (_UNDER, lambda match: (None, int(match.group(1)) - 1)),
    (_OVER, lambda match: (int(match.group(1)), None)),
    (_OVER_AFTER, lambda match: (int(match.group(1)), None)),
)


def _together(brackets: Iterable[Bounds]) -> Bounds | None:
    """One bracket of several: a lower and an upper bound said apart, or brackets that touch; None when they do not."""
    kept = list(dict.fromkeys(brackets))
    if not kept:
        return None
    if len(kept) == 2 and {(a is None, b is None) for a, b in kept} == {(False, True), (True, False)}:
        return next(a for a, _ in kept if a is not None), next(b for _, b in kept if b is not None)
    if any(a is None or b is None for a, b in kept):
        return kept[0] if len(kept) == 1 else None
    (low, high), *others = sorted(kept, key=lambda bracket: bracket[0] or 0)
    for first, last in others:
        if (first or 0) > (high or 0) + 1:
            return None
        high = max(high or 0, last or 0)
    return low, high


def _possible(bounds: Bounds) -> bool:
    low, high = bounds
    return (low or 0) <= (_OLDEST if high is None else high) <= _OLDEST
