"""From words to engine queries, stage by stage: exact, completed, misspelt, fewer words. No query parser is involved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tantivy import Occur, Query, Schema, Searcher

from directory.search.analysis import clean, joined_forms, keep_meaningful, sound, split_words, stem

MOST_WORDS = 24
"""Words read of a question: a name of a listing has fewer; what follows in a longer text is not read."""

READ_CHARACTERS = 2000
COMPLETED = "Peu de fiches contiennent exactement ces mots : le dernier a été complété."
MISSPELT = "Aucune fiche ne contient exactement ces mots : des orthographes proches ont été acceptées."

FEW_ANSWERS = 8
"""Fewer answers than this are completed by those of the next ways to read the question, after them and said as such."""

_SHORTEST_PREFIX = 2
_LONGEST_FUZZY = 30

# How much a match weighs when candidates are picked; ``ranking`` then says the order.
_NAME, _CORE, _EVERYTHING = 8.0, 4.0, 0.3
_CLOSE, _SOUND, _FAR = 12.0, 9.0, 6.0


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a question. ``frequency`` counts the documents whose name, words or commune hold it."""

    text: str
    stem: str
    frequency: int
    known: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to read the question.

    Attributes:
        widened: The French sentence to show when this stage is the first that answers; None for the exact one.
        loose: Whether words may match otherwise than exactly.
        core: What must have an answer for this stage to be the last, when its own answers are not enough: descriptions that
            happen to hold the words say little, while a name that one more letter would find says much.
        last_resort: Whether a word found in a description alone is enough: better than nothing, no company for better answers.
    """

    query: Query
    widened: str | None = None
    loose: bool = False
    core: Query | None = None
    last_resort: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The index's own words."""

    schema: Schema
    searcher: Searcher

    def read(self, text: str) -> tuple[Word, ...]:
        """The words of a question, articles left out; a compound that the index only knows in one word is joined."""
        text = clean(text[:READ_CHARACTERS])
        words = split_words(text)
        for joined in joined_forms(text):
            parts = parts_of(words, joined)
            if parts and self._frequency(joined, stem(joined)) and not all(self._frequency(part, stem(part)) for part in parts):
                start = words.index(parts[0])
                words[start : start + len(parts)] = [joined]
        return tuple(map(self._word, keep_meaningful(words)[:MOST_WORDS]))

    def _word(self, text: str) -> Word:
        stemmed = stem(text)
        frequency = self._frequency(text, stemmed)
        return Word(text, stemmed, frequency, bool(frequency or self.searcher.doc_freq("everything", stemmed)))

    def _frequency(self, text: str, stemmed: str) -> int:
        return int(self.searcher.doc_freq("core", stemmed) or self.searcher.doc_freq("plain", text))


def parts_of(words: list[str], joined: str) -> list[str]:
    """The consecutive words that a compound joins; none when they are not there."""
    for start in range(len(words)):
        for end in range(start + 2, min(start + 6, len(words)) + 1):
            if "".join(words[start:end]) == joined:
                return words[start:end]
    return []


def stages(words: tuple[Word, ...], schema: Schema) -> Iterator[Stage]:
    """The ways to read a question, the strictest first."""
    build = _Builder(schema)
    *head, last = words
    yield Stage(build.every([build.exact(word) for word in words]), core=build.in_core(words))
    if len(last.text) >= _SHORTEST_PREFIX:
        completed = build.every([*map(build.exact, head), build.starting(last)])
        yield Stage(completed, COMPLETED, loose=True)
    if not all(word.known for word in words):
        yield Stage(
            build.every([build.exact(w) if w.known else build.close(w, is_last=w is last) for w in words]), MISSPELT, loose=True
        )
    yield Stage(build.every([build.close(w, is_last=w is last) for w in words]), MISSPELT, loose=True)
    for anywhere in (False, True):
        read = build.exact if anywhere else build.named
        for wanted in numbers_of_words(len(words)):
            alone = 2 * wanted <= len(words)
            some = build.some([read(w) if w.known else build.close(w, is_last=w is last, alone=alone) for w in words], wanted)
            yield Stage(some, fewer_words(wanted, len(words)), loose=True, last_resort=anywhere)


def fewer_words(wanted: int, total: int) -> str:
    """The sentence that says that not all words were found."""
    return f"Aucune fiche ne contient tous ces mots : {wanted} mot{'s' if wanted > 1 else ''} sur {total} au moins."


def completed_by(first: int, close: int, widened: str | None) -> str:
    """The sentence that says that few answers were completed by others that are close."""
    many = "fiches contiennent" if first > 1 else "fiche contient"
    others = f"{close} fiche{'s' if close > 1 else ''} proche{'s' if close > 1 else ''}"
    said = widened or f"{first} {many} tous ces mots."
    return f"{said} Voici aussi {others}, à la suite."


def numbers_of_words(total: int) -> list[int]:
    """How many words must be found, in turn: all but one, then a majority, then one."""
    return sorted({total - 1, total // 2 + 1, 1} - {0, total}, reverse=True)


@dataclass(frozen=True, slots=True)
class _Builder:
    schema: Schema

    def every(self, matchers: list[tuple[Query, list[Query]]]) -> Query:
        """Documents that hold every word; the bonuses only order them."""
        must = [(Occur.Must, query) for query, _ in matchers]
        return Query.boolean_query([*must, *((Occur.Should, bonus) for _, bonuses in matchers for bonus in bonuses)])

    def some(self, matchers: list[tuple[Query, list[Query]]], wanted: int) -> Query:
        """Documents that hold this many of the words at least."""
        found = Query.boolean_query([(Occur.Should, query) for query, _ in matchers], wanted)
        return Query.boolean_query(
            [(Occur.Must, found), *((Occur.Should, bonus) for _, bonuses in matchers for bonus in bonuses)]
        )

    def exact(self, word: Word) -> tuple[Query, list[Query]]:
        """Documents that hold the word's stem anywhere; better in the name, then in the core."""
        bonuses = [self._stemmed("name", word, _NAME), self._stemmed("core", word, _CORE)] if word.frequency else []
        return self._stemmed("everything", word, _EVERYTHING), bonuses

    def named(self, word: Word) -> tuple[Query, list[Query]]:
        """Documents that hold the word's stem in their name, words or commune; better in the name."""
        return self._stemmed("core", word, _CORE), [self._stemmed("name", word, _NAME)]

    def in_core(self, words: tuple[Word, ...]) -> Query:
        """Documents that hold every word in their name, words or commune."""
        return Query.boolean_query([(Occur.Must, Query.term_query(self.schema, "core", word.stem, "freq")) for word in words])

    def starting(self, word: Word) -> tuple[Query, list[Query]]:
        """Documents that hold the word anywhere, or of which a word of the core starts so."""
        starts = self._fuzzy("plain", word.text, 0, prefix=True, weight=_EVERYTHING)
        exact, bonuses = self.exact(word)
        return Query.disjunction_max_query([exact, starts]), [
            *bonuses,
            self._fuzzy("title", word.text, 0, prefix=True, weight=_CORE),
        ]

    def close(self, word: Word, *, is_last: bool, alone: bool = False) -> tuple[Query, list[Query]]:
        """Documents of which a word of the core is spelt or sounds nearly so.

        Alone, half the words or more being said by nothing, it may differ by one letter only: « xylophone quantique » is not
        answered by « allophone ».
        """
        if alone:
            return self._fuzzy("plain", word.text, min(1, allowed_edits(word.text)), weight=_CLOSE), []
        ways = [Query.boost_query(Query.term_query(self.schema, "core", word.stem, "freq"), _NAME)]
        edits = allowed_edits(word.text)
        if edits >= 1:
            ways.append(self._fuzzy("plain", word.text, 1, weight=_CLOSE))
        if edits >= 2:
            ways.append(self._fuzzy("plain", word.text, 2, weight=_FAR))
        if key := sound(word.text):
            same_sound = Query.term_query(self.schema, "sound", key, "basic")
            ways.append(Query.const_score_query(same_sound, _SOUND))
        if is_last and len(word.text) >= _SHORTEST_PREFIX:
            ways.append(self._fuzzy("plain", word.text, 0, prefix=True, weight=_CLOSE))
        return Query.disjunction_max_query(ways), []

    def _stemmed(self, name: str, word: Word, weight: float) -> Query:
        return Query.boost_query(Query.term_query(self.schema, name, word.stem, "freq"), weight)

    def _fuzzy(self, name: str, text: str, edits: int, *, prefix: bool = False, weight: float = 1.0) -> Query:
        return Query.const_score_query(Query.fuzzy_term_query(self.schema, name, text, edits, True, prefix), weight)


def allowed_edits(word: str) -> int:
    """Misspellings forgiven in a word: one from four letters (a swap of two is one), two from eight; none beside a digit."""
    if len(word) < 4 or len(word) > _LONGEST_FUZZY or any(letter.isdecimal() for letter in word):
        return 0
    return 1 if len(word) < 8 else 2
