"""What a typed text says besides the words to search: a place, a period, a kind, a trade, free of charge, at a distance. Pure."""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any

from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.occupations import find_occupations, is_named_by
from directory.search.analysis import clean, is_grammatical, synonyms
from directory.search.needs import categories_named, says_a_need
from directory.search.understood import FREE, KIND, PERIOD, PLACE, REMOTE, TRADE, PlaceChoice, Recognition, Understood
from directory.specialties import find_specialty
from directory.text import fold, fold_place
from directory.vocabulary import KIND_LABELS, THEMATIQUES, Kind, categories

READ_CHARACTERS = 300
"""A longer text is a description, not a question: nothing is recognised in it."""

_WORD = re.compile(r"[^\W_]+(?:[-./][^\W_]+)*")
_MOST_PLACE_WORDS = 5
_MOST_CHOICES = 4
_BEFORE_A_PLACE = frozenset(
    ("a", "vers", "pres de", "pres d", "autour de", "autour d", "dans le", "dans la", "dans l", "dans les", "en", "sur")
)
_OF = frozenset(("de", "des", "du", "d"))
_ARTICLES = frozenset(("l", "la", "le", "les"))
_MONTHS = "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre".split(" ")  # noqa: SIM905 - a line
_BEFORE_A_MONTH = frozenset(("en", "mois de", "mois d", "d ici", "avant", "fin", "debut", "des"))
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?")
_DEPARTEMENT = re.compile(r"\d{2,3}|2[ab]", re.ASCII)
# how well an occupation's title answers, of 100: to be meant, to be kindred (« commis » for « cuisinier »)
_SURE, _KINDRED = 93.0, 55.0
_MOST_TRADES, _MOST_KINDRED = 6, 60

FindPlace = Callable[[str], Place | AmbiguousPlace | NoSuchPlace]


def understand(text: str, find_place: FindPlace, today: date, but: Iterable[str] = ()) -> Understood:
    """Read a text.

    Args:
        text: What was typed, any text.
        find_place: Finds the place of a name (``Gazetteer.find_named``).
        today: For « demain », and for a month without its year (its next occurrence).
        but: What is not to be recognised (``RECOGNISED``): taken back by the asker, or told elsewhere.
    """
    text = clean(text)  # an accent apart from its letter would cut the word
    words = [_Token(match.start(), match.end(), fold(match.group())) for match in _WORD.finditer(text)]
    if not words or len(text) > READ_CHARACTERS:
        return Understood(text=text)
    reading = _Reading(text, words, today, frozenset(but))
    reading.read_fillers()
    reading.read_terms(FREE, _words("free"), "Gratuit", {"frais": ("gratuit",)})
    reading.read_terms(REMOTE, _words("remote"), "À distance", {"mode_accueil": ("a-distance",)})
    reading.read_period()
    reading.read_place(find_place)
    reading.read_kind()
    reading.read_trade()
    return reading.understood()


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    key: str


@dataclass(slots=True)
class _Reading:
    """The text, which of its words are taken, and what they said."""

    text: str
    words: list[_Token]
    today: date
    but: frozenset[str]
    taken: set[int] = field(default_factory=set)
    shared: set[int] = field(default_factory=set)
    """Words of a name that several places bear: no place is meant by a part of them, nor a trade."""
    found: Understood = field(default_factory=lambda: Understood(text=""))

    def understood(self) -> Understood:
        """What was found, with the words left. Articles alone are not worth searching."""
        if not self.taken:
            return replace(self.found, text=self.text)
        pieces, start = [], 0
        for position in sorted(self.taken):
            pieces.append(self.text[start : self.words[position].start])
            start = self.words[position].end
        left = _squeezed("".join([*pieces, self.text[start:]]))
        words = [match for match in _WORD.finditer(left) if not is_grammatical(fold(match.group()))]
        return replace(self.found, text=left[words[0].start() : words[-1].end()] if words else "")

    # ------------------------------------------------------------------ each thing

    def read_fillers(self) -> None:
        """Leave out what says nothing, where something else is said."""
        for span in self._spans_of(_words("fillers")):
            if len(self.taken) + len(span) < len(self.words):
                self.taken.update(span)

    def read_terms(self, what: str, terms: Sequence[str], label: str, filters: Mapping[str, tuple[str, ...]]) -> None:
        """Something that fixed words say."""
        spans = [] if what in self.but else self._spans_of(terms)
        if spans and any(set(span) < set(range(len(self.words))) for span in spans):
            self._take(what, spans[0], label, filters={**self.found.filters, **filters})
            self.taken.update(*spans[1:])

    def read_period(self) -> None:
        """A day, a week, a month."""
        if PERIOD in self.but:
            return
        for position in range(len(self.words)):
            period = self._period_at(position)
            if period is not None:
                first, last, span = period
                label = f"Date : {first:%d/%m/%Y}" if first == last else f"Dates : du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
                self._take(PERIOD, self._with_before(span, _BEFORE_A_MONTH), label, after=first, before=last)
                return

    def read_place(self, find_place: FindPlace) -> None:
        """A place: after « à » or « près de », or at an end of what is left, the longest name first."""
        if PLACE in self.but:
            return
        for span in self._possible_places():
            if self.shared.issuperset(span):
                continue
            first = self.words[span[0]].start
            written = self.text[first : self.words[span[-1]].end]
            place = find_place(written)
            sure = isinstance(place, Place) and (written[0].isdecimal() or not _in_part(place))
            if isinstance(place, AmbiguousPlace) and (bearers := _bearing(place, written)):
                self.shared.update(span)
                start = self.words[self._with_before(span, _BEFORE_A_PLACE)[0]].start
                left = _squeezed(self.text[:start] + self.text[self.words[span[-1]].end :])
                self.found = replace(self.found, choice=self.found.choice or PlaceChoice(written, left, bearers))
            if isinstance(place, Place) and (sure or self._introduced(span)):
                self.found = replace(self.found, choice=None)
                self._take(PLACE, self._with_before(span, _BEFORE_A_PLACE), f"Lieu : {place.label}", words=span, place=place)
                return

    def read_kind(self) -> None:
        """A kind of listing."""
        if KIND in self.but:
            return
        for kind, table in _file()["kinds"].items():
            refused = tuple(map(fold, table.get("not_before", ())))
            for said in (True, False):
                for span in self._spans_of(tuple(map(fold, table["said" if said else "kept"]))):
                    after = " ".join(word.key for word in self.words[span[-1] + 1 : span[-1] + 3])
                    if any(f"{after} ".startswith(f"{other} ") for other in refused):
                        continue
                    if said and span[0] and self.words[span[0] - 1].key in _OF:
                        continue  # « bureau des entreprises »
                    label = f"Genre : {KIND_LABELS[Kind(kind)]}"
                    self._take(KIND, span if said else (), label, words=span, kinds=(Kind(kind),))
                    return

    def read_trade(self) -> None:
        """An occupation, when a word such as « stage » says that one is meant, or when its name is all that is left."""
        left = [position for position in range(len(self.words)) if position not in self.taken | self.shared]
        signs = [position for span in self._spans_of(_words("trade")) for position in span]
        named = [position for position in left if position not in signs and not is_grammatical(self.words[position].key)]
        intended = signs or self.found.kinds == (Kind.COMPANY,)
        if TRADE in self.but or not named or named != list(range(named[0], named[-1] + 1)):
            return
        written = self.text[self.words[named[0]].start : self.words[named[-1]].end]
        if not intended:
            self._read_trade_alone(named, written)
            return
        best = [each for each in find_occupations(written, _MOST_TRADES) if each.score >= _SURE]
        codes, label = tuple(each.code for each in best), best[0].title if best else ""
        if not codes and (specialty := find_specialty(written)):
            codes, label = specialty.occupations, specialty.name
        if codes:
            # « stage de 3e boulangerie » : of the sign, the word « stage » is what companies say
            signs_of_class = [span for span in self._spans_of(_words("trade")) if self.words[span[0]].key == "stage"]
            self.taken.update(*(span[1:] for span in signs_of_class))
            label = label if len(best) == 1 or not best else f"{written} ({len(best)} métiers)"
            self._take(TRADE, named, f"Métier : {label}", filters={**self.found.filters, "occupation": codes})

    def _read_trade_alone(self, named: list[int], written: str) -> None:
        """« cuisinier »: what is of an occupation so called, not what mentions it; the word stays, and says the order."""
        best = find_occupations(written, _MOST_TRADES)
        meant_otherwise = fold(written) in _words("not_a_trade") or categories_named(written) or says_a_need(written)
        if meant_otherwise or not is_named_by(written, best):
            return
        codes = tuple(each.code for each in find_occupations(written, _MOST_KINDRED) if each.score >= _KINDRED)
        self._take(TRADE, (), f"Métier : {best[0].title}", words=named, filters={**self.found.filters, "occupation": codes})

    # ------------------------------------------------------------------ where

    def _period_at(self, position: int) -> tuple[date, date, list[int]] | None:
        keys = [word.key for word in self.words[position : position + 3]]
        written = self.text[self.words[position].start : self.words[position].end]
        if match := _DAY.fullmatch(written):
            return _one_day(self.today, int(match[1]), int(match[2]), match[3], [position])
        for said, (first, last) in _days_from(self.today).items():
            if tuple(keys[: len(said)]) == said:
                return first, last, list(range(position, position + len(said)))
        return self._month_at(position, keys)

    def _month_at(self, position: int, keys: list[str]) -> tuple[date, date, list[int]] | None:
        if keys[0] not in _MONTHS:
            return None
        month = _MONTHS.index(keys[0]) + 1
        year = int(keys[1]) if len(keys) > 1 and re.fullmatch(r"20\d\d", keys[1], re.ASCII) else 0
        span = [position, *([position + 1] if year else [])]
        before = self.words[position - 1].key if position else ""
        if before.removesuffix("er").isdecimal() and len(before) <= 4:
            return _one_day(self.today, int(before.removesuffix("er")), month, str(year or ""), [position - 1, *span])
        if not (year or self._before(position) & _BEFORE_A_MONTH or self._tells_an_event()):
            return None  # « mars » and « mai » are also something else
        year = year or self.today.year + (month < self.today.month)
        first = date(year, month, 1)
        return (
            max(first, self.today) if (year, month) == (self.today.year, self.today.month) else first,
            _last_day(year, month),
            span,
        )

    def _tells_an_event(self) -> bool:
        table = _file()["kinds"]["event"]
        return bool(self._spans_of(tuple(map(fold, [*table["said"], *table["kept"]]))))

    def _possible_places(self) -> Iterable[list[int]]:
        """Runs of free words that may be a place's name, the likeliest first."""
        introduced, ending, beginning = [], [], []
        for run in self._free_runs():
            for size in range(min(_MOST_PLACE_WORDS, len(run)), 0, -1):
                spans = [run[start : start + size] for start in range(len(run) - size + 1)]
                introduced += [span for span in spans if self._introduced(span)]
                if self._may_be_a_place(spans[-1]):
                    ending.append(spans[-1])
                if run[0] == 0 and self._may_be_a_place(spans[0]):
                    beginning.append(spans[0])
        return [*introduced, *ending, *beginning]

    def _free_runs(self) -> list[list[int]]:
        """The words that nothing took, by runs of neighbours."""
        runs: list[list[int]] = []
        for position in range(len(self.words)):
            if position in self.taken:
                continue
            if runs and runs[-1][-1] == position - 1:
                runs[-1].append(position)
            else:
                runs.append([position])
        return runs

    def _may_be_a_place(self, span: list[int]) -> bool:
        keys = [word for position in span for word in self.words[position].key.split()]
        if len(keys) == 1 and keys[0][0].isdecimal():
            return bool(re.fullmatch(r"\d{5}", keys[0], re.ASCII) or (_DEPARTEMENT.fullmatch(keys[0]) and span[0] > 0))
        if self._is_common(span) or all(len(key) < 3 for key in keys):
            return False
        if len(span) == 1 and len(keys) > 1:
            return True  # « Salon-de-Provence »: who writes the hyphens means the place
        if keys[0] in _ARTICLES and len(keys) > 1:
            keys = keys[1:]
        return keys[0] not in field_words() and not is_grammatical(keys[0])

    def _introduced(self, span: list[int]) -> bool:
        first, last = self.words[span[0]], self.words[span[-1]]
        if is_grammatical(first.key) or not self._before(span[0]) & _BEFORE_A_PLACE:
            return False
        # « apprendre à lire » is no place, « à Lire » is one
        return not self._is_common(span) or self.text[first.start : last.end][0].isupper()

    def _is_common(self, span: list[int]) -> bool:
        written = self.text[self.words[span[0]].start : self.words[span[-1]].end].lower()
        return " ".join(self.words[position].key for position in span) in _not_places() or written in _not_places_so_written()

    def _before(self, position: int) -> set[str]:
        keys = [word.key for word in self.words[max(0, position - 2) : position]]
        return {" ".join(keys[-size:]) for size in range(1, len(keys) + 1)}

    def _with_before(self, span: Sequence[int], introducing: frozenset[str]) -> list[int]:
        for size in (2, 1):
            start = span[0] - size
            if start >= 0 and " ".join(word.key for word in self.words[start : span[0]]) in introducing:
                return [*range(start, span[0]), *span]
        return list(span)

    def _spans_of(self, terms: Sequence[str]) -> list[list[int]]:
        """Where some folded terms stand among the free words, the longest first, none over another."""
        spans: list[list[int]] = []
        busy = set(self.taken)
        said = {key for word in self.words for key in word.key.split()}
        # nearly all terms are not in the text: their first word tells
        for term in sorted((term for term in terms if term.partition(" ")[0] in said), key=len, reverse=True):
            wanted = term.split()
            for start in range(len(self.words)):
                span, keys = [], []
                for position in range(start, len(self.words)):
                    span.append(position)
                    keys += self.words[position].key.split()
                    if len(keys) >= len(wanted):
                        break
                if keys == wanted and not busy & set(span):
                    spans.append(span)
                    busy.update(span)
        return spans

    def _take(self, what: str, taken: Sequence[int], label: str, *, words: Sequence[int] = (), **facts: Any) -> None:
        said = words or taken
        written = self.text[self.words[said[0]].start : self.words[said[-1]].end]
        self.taken.update(taken)
        self.found = replace(self.found, recognitions=(*self.found.recognitions, Recognition(what, written, label)), **facts)


def _bearing(place: AmbiguousPlace, written: str) -> tuple[Place, ...]:
    """The places whose whole name was written."""
    bearers = [each for each in place.candidates if fold_place(each.label.partition(" (")[0]) == fold_place(written)]
    return tuple(bearers[:_MOST_CHOICES]) if len(bearers) > 1 else ()


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _in_part(place: Place) -> bool:
    """Whether only a part, or the beginning of its name, was understood: a commune's reason says so, and « Compris par … »."""
    return bool(place.reason) and (place.level == "commune" or place.reason.startswith("Compris par"))


def _days_from(today: date) -> Mapping[tuple[str, ...], tuple[date, date]]:
    """Ways to say some days, counted from today."""
    tomorrow, monday = today + timedelta(days=1), today + timedelta(days=7 - today.weekday())
    next_week = (monday, monday + timedelta(days=6))
    next_month = _last_day(today.year, today.month) + timedelta(days=1)
    return {
        ("aujourd", "hui"): (today, today),
        ("ce", "jour"): (today, today),
        ("demain",): (tomorrow, tomorrow),
        ("cette", "semaine"): (today, monday - timedelta(days=1)),
        ("la", "semaine", "prochaine"): next_week,
        ("semaine", "prochaine"): next_week,
        ("ce", "mois ci"): (today, _last_day(today.year, today.month)),
        ("ce", "mois"): (today, _last_day(today.year, today.month)),
        ("le", "mois", "prochain"): (next_month, _last_day(next_month.year, next_month.month)),
    }


def _one_day(today: date, day: int, month: int, year: str, span: list[int]) -> tuple[date, date, list[int]] | None:
    try:
        found = date(int(year or today.year), month, day)
        if not year and found < today:
            found = date(today.year + 1, month, day)
    except ValueError:
        return None
    return found, found, span


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("directory").joinpath("data", "understanding.toml").read_text(encoding="utf-8"))


@cache
def _words(name: str) -> tuple[str, ...]:
    return tuple(map(fold, _file()[name]))


@cache
def _not_places() -> frozenset[str]:
    return frozenset(_words("not_a_place"))


@cache
def _not_places_so_written() -> frozenset[str]:
    return frozenset(_file()["not_a_place_so_written"])


@cache
def field_words() -> frozenset[str]:
    """The words that the field is described with: alone, or at the beginning of a name, they are no place."""
    texts = [text for category in categories().values() for text in (category.label, category.plural, *category.words)]
    texts += [*THEMATIQUES.values(), *KIND_LABELS.values()]
    for table in synonyms().values():
        texts += [text for typed, meanings in table.items() if "--" not in typed for text in (typed, *meanings)]
        texts += [text for typed, meanings in table.items() if "--" in typed for text in meanings]
    of_places = {"france", "saint", "sainte", "st", "ste"}
    return frozenset(word for text in texts for word in fold(text).split() if not is_grammatical(word)) - of_places
