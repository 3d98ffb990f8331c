"""One question to one open index: the stage that answers, its total and facets, the page asked for, its hits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from tantivy import DocAddress, Occur, Order, Query

from directory.search.around import FEW, Around, Nearest, found, keys_of, serving_among
from directory.search.cursor import read_cursor, write_cursor
from directory.search.facets import count_facets
from directory.search.filters import any_of, both, build_filters, but_not, numbers
from directory.search.forms import FACETS, StoredListing
from directory.search.generations import Generation
from directory.search.highlights import Marker
from directory.search.hits import make_hit
from directory.search.ranking import Candidate, Relevance, says_all
from directory.search.stages import FEW_ANSWERS, MISSPELT, Stage, Vocabulary, Word, completed_by, stages
from directory.search.types import Hit, SearchPage, SearchQuery

_RERANKED = 100
"""The engine's best, ranked by our own score; those beyond follow in the engine's order."""

_RERANKED_BESIDE = 60
"""The same where a place was given: what nearness may lift is ranked with them."""

_RERANKED_CLOSE = 50
"""The same of those that only complete too few answers."""

_MOST_COUNTS = 32
"""Days from which all that there is is counted, kept in memory: the same day is asked for all day."""

_NEAR_BONUSES = ((5.0, 6.0), (25.0, 4.0), (100.0, 2.0))
"""Km around the asker, and what the engine's score gains there: picks the near ones among too many candidates."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """All the answers of the stage that answers.

    Attributes:
        stage: None when no text was typed.
        wide: What they meet, their radius apart.
        hits: The first of them, best first for the engine.
        radius: The circle that they are in; None without one.
        nearest: All of them in the order of nearest-first, when that is the order.
        close: Those that complete too few; ``total`` counts them in, ``wide`` and ``hits`` do not.
    """

    words: tuple[Word, ...]
    stage: Stage | None
    wide: Query
    total: int
    hits: list[DocAddress] = field(default_factory=list)
    radius: Around | None = None
    nearest: Nearest | None = None
    close: _Answers | None = None

    def query(self, generation: Generation) -> Query:
        """What all of them meet and nothing else does."""
        own = self.radius.within(generation.searcher, self.wide) if self.radius else self.wide
        return any_of(own, self.close.query(generation)) if self.close else own

    @property
    def text(self) -> Query | None:
        """What the words ask for, before any filter."""
        if self.stage is None:
            return None
        return any_of(self.stage.query, *([self.close.stage.query] if self.close and self.close.stage else []))

    @property
    def widened(self) -> str | None:
        """What was loosened, in French."""
        if self.stage is None or not self.total:
            return None
        if self.close is None:
            return self.stage.widened
        return completed_by(self.total - self.close.total, self.close.total, self.stage.widened)

    @property
    def loose(self) -> bool:
        return bool(self.stage and self.stage.loose)


def answer(generation: Generation, query: SearchQuery) -> SearchPage:
    """Answer a checked question.

    Raises:
        InvalidQuery: Its cursor is forged or stale.
    """
    offset = read_cursor(query, generation.pointer.key)
    around = Around.of(query.near, generation.schema)
    answers = _first_answering_stage(generation, query, around)
    page = _page(generation, query, around, answers, offset) if query.limit and offset < answers.total else []
    end = offset + len(page)
    return SearchPage(
        hits=_hits(answers, page),
        total=answers.total,
        facets=_facets(generation, query, around, answers) if query.with_facets else {},
        exact=0 if answers.loose else answers.total - (answers.close.total if answers.close else 0),
        close=answers.close.total if answers.close else 0,
        widened=answers.widened,
        next=write_cursor(end, query, generation.pointer.key) if page and end < answers.total else None,
        revision=generation.pointer.revision,
    )


def _first_answering_stage(generation: Generation, query: SearchQuery, around: Around | None) -> _Answers:
    filters = build_filters(query, generation.schema)
    answers = _Answers((), None, Query.empty_query(), 0)
    if not query.text.strip():
        return _run(generation, query, around, filters.narrow(None), answers)
    words = Vocabulary(generation.schema, generation.searcher).read(query.text)
    ways = iter(stages(words, generation.schema) if words else ())
    for stage in ways:
        wider = _run(generation, query, around, filters.narrow(stage.query), replace(answers, words=words, stage=stage))
        if wider.total > answers.total:
            answers = wider
        if query.exact_only and not answers.total:
            return answers  # what only looser ways to read the question find does not say it exactly
        if answers.total and _is_enough(generation, answers, stage):
            break
    if query.exact_only:
        return answers
    if query.sort == "relevance" and 0 < answers.total < FEW_ANSWERS and not _is_named(generation, answers):
        return _completed(generation, query, around, answers, ways)
    return answers


def _is_named(generation: Generation, answers: _Answers) -> bool:
    relevance = Relevance(answers.words, generation.pointer.documents, loose=answers.loose)
    return any(relevance.names(generation.listing(address)) for address in answers.hits)


def _completed(
    generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers, ways: Iterator[Stage]
) -> _Answers:
    """Few answers, and those of the next ways to read the question that make them enough."""
    filters = build_filters(query, generation.schema)
    already = numbers(generation.schema, "pk", keys_of(generation.searcher, answers.hits))
    best: _Answers | None = None
    for stage in ways:
        if stage.last_resort:
            break
        if stage.widened == MISSPELT and all(word.known for word in answers.words):
            continue  # words that are all spelt as listings spell them: dear to look for, and noise
        others = but_not(filters.narrow(stage.query), already)
        close = _run(generation, query, around, others, replace(answers, stage=stage))
        if close.total > (best.total if best else 0):
            best = close
        if best and answers.total + best.total >= FEW_ANSWERS:
            break
    if best is None:
        return answers
    return replace(answers, total=answers.total + best.total, close=best)


def _run(generation: Generation, query: SearchQuery, around: Around | None, wide: Query, asked: _Answers) -> _Answers:
    searcher = generation.searcher
    if around and (query.sort == "distance" or (query.sort == "relevance" and asked.stage is None)):
        nearest = around.nearest(searcher, wide)
        return replace(asked, wide=wide, nearest=nearest, total=nearest.total, radius=around)
    result = found(searcher, wide, _looked_at(query, around, asked.words))
    hits = [address for _, address in result.hits]
    if around is None or around.near.radius_km is None:
        return replace(asked, wide=wide, total=result.count, hits=hits)
    if result.count <= FEW:
        hits = around.keep_within(searcher, hits)
        return replace(asked, wide=wide, total=len(hits), hits=hits, radius=around)
    narrowed = around.within(searcher, wide)
    result = found(searcher, narrowed, FEW)
    return replace(asked, wide=narrowed, total=result.count, hits=[address for _, address in result.hits])


def _looked_at(query: SearchQuery, around: Around | None, words: Sequence[Word]) -> int:
    """How many answers are taken from the engine: as many as are ranked, or all of a few that a place orders or bounds."""
    if around is None:
        return _RERANKED
    # of frequent words alone there are more than a few: these are not worth their half microsecond each
    many = not query.limit or all(word.frequency > FEW for word in words)
    return _RERANKED if many and around.near.radius_km is None else FEW


def _facets(generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers) -> dict[str, Mapping[str, int]]:
    """Counts over all the answers; a facet that is filtered by is counted without its own filter."""
    if not answers.total:
        return {name: {} for name in FACETS}
    counts = dict(_counts_of(generation, query, answers))
    for name in (name for name, values in (("kind", query.kinds), *query.filters.items()) if values):
        filters = build_filters(query, generation.schema, but=name)
        others = _run(generation, query, around, filters.narrow(answers.text), answers)
        counts |= count_facets(generation.searcher, others.query(generation), (name,))
    return counts


def _counts_of(generation: Generation, query: SearchQuery, answers: _Answers) -> Mapping[str, Mapping[str, int]]:
    """Every facet's counts. Those of all that a viewer may see, asked by the page that browses, are counted once."""
    near = query.near
    is_everything = not (answers.stage or query.kinds or any(query.filters.values()) or query.age is not None)
    if not is_everything or query.before is not None or (near and (near.radius_km is not None or near.inside)):
        return count_facets(generation.searcher, answers.query(generation))
    asked = query.viewer, query.after
    counts = generation.counts.get(asked)
    if counts is None:
        counts = count_facets(generation.searcher, answers.query(generation))
        if len(generation.counts) < _MOST_COUNTS:
            generation.counts[asked] = counts
    return counts


def _is_enough(generation: Generation, answers: _Answers, stage: Stage) -> bool:
    """Whether an answer of this stage says the words otherwise than in its description."""
    if stage.core is None:
        return True
    if answers.hits and says_all(answers.words, generation.listing(answers.hits[0])):
        return True
    for looked_at in (1, FEW):
        hits = [address for _, address in generation.searcher.search(both(answers.wide, stage.core), looked_at, False).hits]
        kept = answers.radius.keep_within(generation.searcher, hits) if answers.radius else hits
        if kept or len(hits) < looked_at:
            return bool(kept)
    return False


# ---------------------------------------------------------------- the page asked for

_Page = list[tuple[float, StoredListing, float]]
"""Score, listing, and distance in km (NaN without one) of each hit, in order."""


def _page(generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers, offset: int) -> _Page:
    searcher = generation.searcher
    if query.sort == "date":
        return _with_distances(generation, around, _by_field(generation, answers, "day", Order.Asc, offset, query.limit))
    if around and answers.nearest:
        return _with_distances(generation, around, around.nearest_first(searcher, answers.nearest, offset, query.limit))
    if answers.stage is None:
        return _with_distances(generation, around, _by_field(generation, answers, "fresh", Order.Desc, offset, query.limit))
    return _by_relevance(generation, query, around, answers, offset)


def _by_field(generation: Generation, answers: _Answers, name: str, order: Order, offset: int, limit: int) -> list[DocAddress]:
    query = answers.query(generation)
    result = generation.searcher.search(query, limit, False, order_by_field=name, offset=offset, order=order)
    return [address for _, address in result.hits]


def _with_distances(generation: Generation, around: Around | None, addresses: list[DocAddress]) -> _Page:
    km = _kilometres(generation, around, addresses)
    return [(0.0, generation.listing(address), distance) for address, distance in zip(addresses, km, strict=True)]


def _kilometres(generation: Generation, around: Around | None, addresses: Sequence[DocAddress]) -> list[float]:
    if around is None or not addresses:
        return [math.nan] * len(addresses)
    kilometres: list[float] = around.distances(generation.searcher, addresses).tolist()
    return kilometres


def _by_relevance(
    generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers, offset: int, most: int = _RERANKED
) -> _Page:
    end = offset + query.limit
    candidates = _candidates(generation, around, answers, most)
    ranked = len(candidates)
    page = _rerank(generation, query, around, answers, candidates, end)[offset:end]
    start, missing = max(0, offset - ranked), end - max(offset, ranked)
    if missing <= 0:
        return page
    if answers.close:
        return page + _by_relevance(generation, replace(query, limit=missing), around, answers.close, start, _RERANKED_CLOSE)
    if ranked < answers.total:
        query_of_all = answers.query(generation)
        picked = _prefer_near(query_of_all, around) if around else query_of_all
        taken = set(keys_of(generation.searcher, candidates))
        others = [address for _, address in found(generation.searcher, picked, ranked + start + missing).hits]
        beyond = [place for place, pk in zip(others, keys_of(generation.searcher, others), strict=True) if pk not in taken]
        page += _with_distances(generation, around, beyond[start : start + missing])
    return page


def _candidates(generation: Generation, around: Around | None, answers: _Answers, most: int) -> list[DocAddress]:
    """What is ranked by our own score: the engine's best, and when these are not all, what nearness may lift."""
    best = answers.hits
    if answers.total <= most or around is None:
        return best[:most]
    searcher, all_known = generation.searcher, answers.total <= FEW
    if len(best) < answers.total <= FEW:
        best = [address for _, address in found(searcher, answers.wide, FEW).hits]
    more = around.best_among(searcher, best) if all_known else around.best_around(searcher, answers.wide)
    addresses = [*best[: min(most, _RERANKED_BESIDE)], *more]
    return list(dict(zip(keys_of(searcher, addresses), addresses, strict=True)).values())


def _prefer_near(query: Query, around: Around) -> Query:
    bonuses = [Query.const_score_query(around.neighbourhood(km), bonus) for km, bonus in _NEAR_BONUSES]
    return Query.boolean_query([(Occur.Must, query), *((Occur.Should, bonus) for bonus in bonuses)])


def _rerank(
    generation: Generation,
    query: SearchQuery,
    around: Around | None,
    answers: _Answers,
    addresses: Sequence[DocAddress],
    wanted: int,
) -> _Page:
    searcher = generation.searcher
    keys = keys_of(searcher, addresses)
    km = _kilometres(generation, around, addresses)
    without_point = [pk for pk, distance in zip(keys, km, strict=True) if math.isnan(distance)]
    serving = serving_among(searcher, generation.schema, query.near, without_point)
    updated = searcher.fast_field_values("updated", list(addresses))
    candidates = [
        Candidate(partial(generation.listing, address), pk, distance, int(day or 0), pk in serving)
        for pk, address, distance, day in zip(keys, addresses, km, updated, strict=True)
    ]
    relevance = Relevance(answers.words, generation.pointer.documents, loose=answers.loose, asked=query)
    return [(score, candidate.listing, candidate.km) for score, candidate in relevance.order(candidates, wanted)]


# ---------------------------------------------------------------- hits


def _hits(answers: _Answers, page: _Page) -> tuple[Hit, ...]:
    marker = Marker(answers.words, loose=answers.loose or answers.close is not None)
    return tuple(make_hit(marker, *one) for one in page)
