"""One question to one open index: the stage that answers, its total and facets, the page asked for, its hits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tantivy import DocAddress, Occur, Order, Query

from directory.search.around import FEW, Around, found, keys_of, serving_among
from directory.search.cursor import read_cursor, write_cursor
from directory.search.facets import count_facets
from directory.search.filters import any_of, both, build_filters, but_not, numbers
from directory.search.forms import FACETS, StoredListing, read_stored
from directory.search.generations import Generation
from directory.search.highlights import Marker
from directory.search.hits import make_hit
from directory.search.ranking import Candidate, Relevance, says_all
from directory.search.stages import FEW_ANSWERS, MISSPELT, Stage, Vocabulary, Word, completed_by, stages
from directory.search.types import Hit, SearchPage, SearchQuery

_RERANKED = 150
"""The engine's best, ranked by our own score; those beyond follow in the engine's order."""

_AROUND = 60
"""Those of each neighbourhood of the asker that are ranked with them."""

_NEAR_BONUSES = ((5.0, 6.0), (25.0, 4.0), (100.0, 2.0))
"""Km around the asker, and what the engine's score gains there: picks the near ones among too many candidates."""


@dataclass(frozen=True, slots=True)
class _Answers:
    """All the answers of the stage that answers.

    Attributes:
        stage: None when no text was typed.
        query: Within every filter and the radius.
        hits: The first of them, best first for the engine.
        groups: The same in the groups of nearest-first, when that is the order.
        close: Those that complete too few; ``query`` and ``total`` count them in, ``hits`` does not.
    """

    words: tuple[Word, ...]
    stage: Stage | None
    query: Query
    total: int
    hits: list[DocAddress] = field(default_factory=list)
    groups: list[tuple[Query, int]] = field(default_factory=list)
    close: _Answers | None = None

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
    page = _page(generation, query, around, answers, offset) if offset < answers.total else []
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
        if answers.total and _is_enough(generation, answers, stage):
            break
    if query.sort == "relevance" and 0 < answers.total < FEW_ANSWERS and not _is_named(generation, answers):
        return _completed(generation, query, around, answers, ways)
    return answers


def _is_named(generation: Generation, answers: _Answers) -> bool:
    relevance = Relevance(answers.words, generation.pointer.documents, loose=answers.loose)
    return any(relevance.names(_stored(generation, address)) for address in answers.hits)


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
    return replace(answers, query=any_of(answers.query, best.query), total=answers.total + best.total, close=best)


def _run(generation: Generation, query: SearchQuery, around: Around | None, wide: Query, asked: _Answers) -> _Answers:
    searcher = generation.searcher
    if around and (query.sort == "distance" or (query.sort == "relevance" and asked.stage is None)):
        groups = around.groups(searcher, wide)
        return replace(
            asked, query=any_of(*(group for group, _ in groups)), groups=groups, total=sum(total for _, total in groups)
        )
    within_radius = around is not None and around.near.radius_km is not None
    result = found(searcher, wide, FEW if within_radius else _RERANKED)
    addresses = [address for _, address in result.hits]
    if around is None or not within_radius:
        return replace(asked, query=wide, total=result.count, hits=addresses)
    if result.count <= FEW:
        kept = around.keep_within(searcher, addresses)
        chosen = numbers(generation.schema, "pk", keys_of(searcher, kept))
        return replace(asked, query=both(wide, Query.const_score_query(chosen, 0.0)), total=len(kept), hits=kept)
    narrowed = around.within(searcher, wide)
    result = found(searcher, narrowed, _RERANKED)
    return replace(asked, query=narrowed, total=result.count, hits=[address for _, address in result.hits])


def _facets(generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers) -> dict[str, Mapping[str, int]]:
    """Counts over all the answers; a facet that is filtered by is counted without its own filter."""
    if not answers.total:
        return {name: {} for name in FACETS}
    counts = count_facets(generation.searcher, answers.query)
    for name in (name for name, values in (("kind", query.kinds), *query.filters.items()) if values):
        filters = build_filters(query, generation.schema, but=name)
        others = _run(generation, query, around, filters.narrow(answers.text), answers)
        counts |= count_facets(generation.searcher, others.query, (name,))
    return counts


def _is_enough(generation: Generation, answers: _Answers, stage: Stage) -> bool:
    """Whether an answer of this stage says the words otherwise than in its description."""
    if stage.core is None:
        return True
    if answers.hits and says_all(answers.words, _stored(generation, answers.hits[0])):
        return True
    return bool(generation.searcher.search(both(answers.query, stage.core), 1, False).hits)


# ---------------------------------------------------------------- the page asked for

_Page = list[tuple[float, StoredListing, float]]
"""Score, listing, and distance in km (NaN without one) of each hit, in order."""


def _page(generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers, offset: int) -> _Page:
    searcher = generation.searcher
    if query.sort == "date":
        return _with_distances(generation, around, _by_field(generation, answers.query, "day", Order.Asc, offset, query.limit))
    if around and answers.groups:
        return _with_distances(generation, around, around.nearest_first(searcher, answers.groups, offset, query.limit))
    if answers.stage is None:
        return _with_distances(generation, around, _by_field(generation, answers.query, "fresh", Order.Desc, offset, query.limit))
    return _by_relevance(generation, query, around, answers, offset)


def _by_field(generation: Generation, query: Query, field: str, order: Order, offset: int, limit: int) -> list[DocAddress]:
    result = generation.searcher.search(query, limit, False, order_by_field=field, offset=offset, order=order)
    return [address for _, address in result.hits]


def _with_distances(generation: Generation, around: Around | None, addresses: list[DocAddress]) -> _Page:
    km = _kilometres(generation, around, addresses)
    return [(0.0, _stored(generation, address), distance) for address, distance in zip(addresses, km, strict=True)]


def _kilometres(generation: Generation, around: Around | None, addresses: Sequence[DocAddress]) -> list[float]:
    if around is None or not addresses:
        return [math.nan] * len(addresses)
    kilometres: list[float] = around.distances(generation.searcher, addresses).tolist()
    return kilometres


def _by_relevance(generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers, offset: int) -> _Page:
    end = offset + query.limit
    candidates = _candidates(generation, around, answers)
    page = _rerank(generation, query, around, answers, candidates)
    ranked = len(page)
    page = page[offset:end]
    start, missing = max(0, offset - ranked), end - max(offset, ranked)
    if missing <= 0:
        return page
    if answers.close:
        return page + _by_relevance(generation, replace(query, limit=missing), around, answers.close, start)
    if ranked < answers.total:
        picked = _prefer_near(answers.query, around) if around else answers.query
        taken = set(keys_of(generation.searcher, candidates))
        others = [address for _, address in found(generation.searcher, picked, ranked + start + missing).hits]
        beyond = [place for place, pk in zip(others, keys_of(generation.searcher, others), strict=True) if pk not in taken]
        page += _with_distances(generation, around, beyond[start : start + missing])
    return page


def _candidates(generation: Generation, around: Around | None, answers: _Answers) -> list[DocAddress]:
    """What is ranked by our own score: the engine's best, and when these are not all, what nearness may lift."""
    best = answers.hits
    if around is None or answers.close or answers.total <= len(best):
        return best
    more = around.best_around(generation.searcher, answers.query, _AROUND)
    addresses = [*best[:_RERANKED], *more]
    return list(dict(zip(keys_of(generation.searcher, addresses), addresses, strict=True)).values())


def _prefer_near(query: Query, around: Around) -> Query:
    bonuses = [Query.const_score_query(around.neighbourhood(km), bonus) for km, bonus in _NEAR_BONUSES]
    return Query.boolean_query([(Occur.Must, query), *((Occur.Should, bonus) for bonus in bonuses)])


def _rerank(
    generation: Generation, query: SearchQuery, around: Around | None, answers: _Answers, addresses: Sequence[DocAddress]
) -> _Page:
    searcher = generation.searcher
    keys = keys_of(searcher, addresses)
    km = _kilometres(generation, around, addresses)
    without_point = [pk for pk, distance in zip(keys, km, strict=True) if math.isnan(distance)]
    serving = serving_among(searcher, generation.schema, query.near, without_point)
    updated = searcher.fast_field_values("updated", list(addresses))
    candidates = (
        Candidate(_stored(generation, address), pk, distance, int(day or 0), pk in serving)
        for pk, address, distance, day in zip(keys, addresses, km, updated, strict=True)
    )
    relevance = Relevance(answers.words, generation.pointer.documents, loose=answers.loose, asked=query)
    return [(score, candidate.listing, candidate.km) for score, candidate in relevance.order(candidates)]


# ---------------------------------------------------------------- hits


def _hits(answers: _Answers, page: _Page) -> tuple[Hit, ...]:
    marker = Marker(answers.words, loose=answers.loose or answers.close is not None)
    return tuple(make_hit(marker, *one) for one in page)


def _stored(generation: Generation, address: DocAddress) -> StoredListing:
    return read_stored(str(generation.searcher.doc(address).get_first("stored")))
