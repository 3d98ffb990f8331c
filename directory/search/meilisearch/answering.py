"""One question to the server: the stage that answers, its total and facets, the page asked for, its hits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from directory.geo import haversine_km
from directory.search.cursor import read_cursor, write_cursor
from directory.search.forms import FACETS, StoredListing, read_stored
from directory.search.highlights import Marker
from directory.search.hits import make_hit
from directory.search.meilisearch import meta
from directory.search.meilisearch.asking import Stage, Typed, exact, fewer, in_core, looser
from directory.search.meilisearch.filters import (
    HAS_A_POINT,
    HAS_NO_POINT,
    IS_REMOTE,
    Filter,
    build_filters,
    of_keys,
    serving,
    within,
)
from directory.search.meilisearch.meta import Meta
from directory.search.ranking import Candidate, Relevance, says_all
from directory.search.stages import COMPLETED, FEW_ANSWERS, MISSPELT, Word, completed_by
from directory.search.types import Near, SearchPage, SearchQuery

Ask = Callable[[Sequence[Mapping[str, Any]]], list[dict[str, Any]]]
"""Several questions in one request, answered in their order."""

_RERANKED = 100
_AROUND = 60
_NEIGHBOURHOODS_KM = (5.0, 25.0, 100.0)
_UNION = 1000
"""Listings taken of each choice of fewer words."""
_DATED = ["day:asc", "pk:asc"]
_FRESHEST = ["updated:desc", "pk:asc"]
_HIT = ["pk", "stored", "updated", "_geo"]

_Page = list[tuple[float, StoredListing, float]]


@dataclass(frozen=True, slots=True)
class _Answers:
    """All the answers of the stage that answers: its part of the query, and its conditions.

    Attributes:
        hits: The first of them in the server's order.
        choices: The questions whose answers are united, when there are several; empty when ``ask`` is the one.
        keys: The listings that these found.
        firsts: Those that the few first answers are, when they were completed by others.
        exact: How many of these say the words as they were typed.
    """

    ask: dict[str, Any]
    filters: Filter
    total: int = 0
    words: tuple[Word, ...] = ()
    stage: Stage | None = None
    hits: list[dict[str, Any]] = field(default_factory=list)
    choices: tuple[dict[str, Any], ...] = ()
    keys: tuple[int, ...] | None = None
    firsts: frozenset[int] = frozenset()
    exact: int = 0
    widened: str | None = None

    @property
    def loose(self) -> bool:
        return bool(self.firsts or (self.stage and self.stage.loose))

    def where(self, *more: str) -> dict[str, Any]:
        """The question that these answer, with more conditions."""
        return {**self.ask, "filter": [*self.filters, *more]}


def answer(ask: Ask, query: SearchQuery) -> SearchPage:
    """Answer a checked question.

    Raises:
        InvalidQuery: Its cursor is forged or stale.
        IndexUnavailable: The server does not answer, or its index cannot serve.
    """
    answers, state = _first_answering_stage(ask, query)
    offset = read_cursor(query, state.key)
    page, answers = _page(ask, query, answers, offset)
    end = offset + len(page)
    marker = Marker(answers.words, loose=answers.loose)
    return SearchPage(
        hits=tuple(make_hit(marker, *one) for one in page),
        total=answers.total,
        facets=_facets(ask, query, answers) if query.with_facets else {},
        exact=answers.exact if answers.firsts else 0 if answers.loose else answers.total,
        close=answers.total - len(answers.firsts) if answers.firsts else 0,
        widened=answers.widened if answers.total else None,
        next=write_cursor(end, query, state.key) if page and end < answers.total else None,
        revision=state.revision,
    )


# ---------------------------------------------------------------- stages


def _first_answering_stage(ask: Ask, query: SearchQuery) -> tuple[_Answers, Meta]:
    nothing = _Answers({"q": ""}, build_filters(query))
    typed = Typed.of(query.text)
    if not query.text.strip() or not typed.words:
        (told,) = ask([meta.ASK])
        return replace(nothing, total=0 if query.text.strip() else -1), Meta.read(told)
    strict = replace(nothing, ask=exact(typed.words).ask, stage=exact(typed.words))
    first = [meta.ASK, strict.where() | _FIRST, {**in_core(typed.words), "filter": [*nothing.filters], "limit": 0}]
    told, found, core, *counts = ask([*first, *typed.questions()])
    words = typed.read([count["estimatedTotalHits"] for count in counts])
    state = Meta.read(told)
    answers = replace(_found(strict, found), words=words)
    if answers.total and (core["estimatedTotalHits"] or says_all(words, _listing(answers.hits[0]))):
        return _completed(ask, query, answers), state
    if tuple(word.text for word in words) != typed.words:  # a compound was joined
        strict = replace(strict, ask=exact([word.text for word in words]).ask, words=words)
        (found,) = ask([strict.where() | _FIRST])
        answers = max(answers, _found(strict, found), key=lambda each: each.total)
        if answers.total:
            return _completed(ask, query, answers), state
    return _completed(ask, query, _loosen(ask, answers)), state


_FIRST = {"limit": _RERANKED, "attributesToRetrieve": _HIT}


def _found(asked: _Answers, found: Mapping[str, Any]) -> _Answers:
    widened = asked.stage.widened if asked.stage else None
    return replace(asked, hits=found["hits"], total=found["estimatedTotalHits"], widened=widened)


def _loosen(ask: Ask, answers: _Answers) -> _Answers:
    for found in _looser(ask, answers):
        if found.total > answers.total:
            return found
    if answers.total:
        return answers
    for way in fewer(answers.words):
        keys = _keys_of(ask, way.choices, answers.filters)
        if keys:
            return _united(answers, way.choices, keys, way.widened)
    return answers


def _looser(ask: Ask, answers: _Answers, *more: str) -> list[_Answers]:
    """What each looser way to read every word finds; the first of them alone, where descriptions say the words already."""
    stages = [replace(answers, ask=stage.ask, stage=stage) for stage in looser(answers.words)][: 1 if answers.total else None]
    found = ask([stage.where(*more) | _FIRST for stage in stages]) if stages else []
    return [_found(asked, each) for asked, each in zip(stages, found, strict=True) if _is_so(asked, each["hits"])]


def _is_so(asked: _Answers, hits: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a word was completed where that is said: the server corrects it too (« salut » begins « salaire » for it)."""
    if asked.stage is None or asked.stage.widened != COMPLETED:
        return True
    begun = asked.words[-1].text
    return any(word.startswith(begun) for hit in hits for word in _listing(hit).words)


def _completed(ask: Ask, query: SearchQuery, answers: _Answers) -> _Answers:
    """Few answers, and after them those of the next ways to read the question that make them enough."""
    if query.sort != "relevance" or answers.keys is not None or not 0 < answers.total < FEW_ANSWERS:
        return answers
    listings = [_listing(hit) for hit in answers.hits]
    relevance = Relevance(answers.words, _documents(ask), loose=answers.loose)
    if any(map(relevance.names, listings)):
        return answers
    firsts = frozenset(hit["pk"] for hit in answers.hits)
    best: tuple[tuple[dict[str, Any], ...], tuple[int, ...]] = ((), ())
    for choices in _next_ways(ask, answers):
        keys = tuple(pk for pk in _keys_of(ask, choices, answers.filters) if pk not in firsts)
        if len(keys) > len(best[1]):
            best = (choices, keys)
        if len(firsts) + len(best[1]) >= FEW_ANSWERS:
            break
    choices, keys = best
    if not keys:
        return answers
    widened = completed_by(len(firsts), len(keys), answers.widened)
    both = _united(answers, (answers.ask, *choices), (*firsts, *keys), widened)
    return replace(both, firsts=firsts, exact=0 if answers.loose else len(firsts))


def _next_ways(ask: Ask, answers: _Answers) -> Iterator[tuple[dict[str, Any], ...]]:
    if answers.stage and not answers.stage.loose:
        all_known = all(word.known for word in answers.words)
        ways = _looser(ask, replace(answers, total=0))
        yield from ((way.ask,) for way in ways if not (all_known and way.widened == MISSPELT))
    yield from (way.choices for way in fewer(answers.words) if not way.last_resort)


def _united(answers: _Answers, choices: tuple[dict[str, Any], ...], keys: tuple[int, ...], widened: str) -> _Answers:
    stage = Stage({"q": ""}, widened, loose=True)
    return replace(
        answers,
        ask=stage.ask,
        stage=stage,
        choices=choices,
        filters=(of_keys(keys),),
        keys=keys,
        total=len(keys),
        widened=widened,
    )


def _keys_of(ask: Ask, choices: Sequence[Mapping[str, Any]], filters: Filter) -> tuple[int, ...]:
    found_by = ask([{**choice, "filter": [*filters], "limit": _UNION, "attributesToRetrieve": ["pk"]} for choice in choices])
    return tuple(dict.fromkeys(hit["pk"] for found in found_by for hit in found["hits"]))


def _documents(ask: Ask) -> int:
    (told,) = ask([{"q": "", "limit": 0}])
    return int(told["estimatedTotalHits"])


# ---------------------------------------------------------------- the page asked for


def _page(ask: Ask, query: SearchQuery, answers: _Answers, offset: int) -> tuple[_Page, _Answers]:
    if answers.total == 0:
        return [], answers
    near = query.near if query.near and query.near.latitude is not None else None
    if query.sort == "date":
        return _in_order(ask, query, answers, _DATED, offset)
    if near and (query.sort == "distance" or answers.stage is None):
        return _nearest_first(ask, query, near, answers, offset)
    if answers.stage is None:
        return _in_order(ask, query, answers, _FRESHEST, offset)
    return _by_relevance(ask, query, near, answers, offset), answers


def _in_order(ask: Ask, query: SearchQuery, answers: _Answers, sort: list[str], offset: int) -> tuple[_Page, _Answers]:
    asked = answers.where() | {"sort": sort, "offset": offset, "limit": query.limit, "attributesToRetrieve": _HIT}
    (found,) = ask([asked])
    return _with_distances(query.near, found["hits"]), replace(answers, total=found["estimatedTotalHits"])


def _nearest_first(ask: Ask, query: SearchQuery, near: Near, answers: _Answers, offset: int) -> tuple[_Page, _Answers]:
    """Four groups that share none, as the embedded index makes them: by distance, then by key."""
    parts = _groups(near)
    by_distance = [f"_geoPoint({near.latitude}, {near.longitude}):asc", "pk:asc"]
    asked = [
        answers.where(part) | {"sort": by_distance if rank == 0 else ["pk:asc"], "attributesToRetrieve": _HIT}
        for rank, part in enumerate(parts)
    ]
    limit = query.limit
    found = ask([each | {"limit": 0 if offset else limit} for each in asked])
    totals = [each["estimatedTotalHits"] for each in found]
    if offset:
        slices, start = [], offset
        for each, total in zip(asked, totals, strict=True):
            slices.append(each | {"offset": min(start, total), "limit": limit if start < total else 0})
            start = max(0, start - total)
        found = ask(slices)
    hits = [hit for each in found for hit in each["hits"]]
    return _with_distances(near, hits[:limit]), replace(answers, total=sum(totals))


def _groups(near: Near) -> list[str]:
    territorial = serving(near)
    placed, served = within(near), f"({territorial} AND {HAS_NO_POINT})" if territorial else None
    taken = " AND ".join(f"NOT {part}" for part in (placed, served) if part)
    groups = [placed, *([served] if served else []), f"({IS_REMOTE} AND {taken})"]
    if near.radius_km is None:
        others = f"NOT {IS_REMOTE}" + (f" AND NOT {served}" if served else "")
        groups.append(f"({HAS_NO_POINT} AND {others})")
    return groups


def _by_relevance(ask: Ask, query: SearchQuery, near: Near | None, answers: _Answers, offset: int) -> _Page:
    if not query.limit:
        return []
    candidates = _candidates(ask, near, answers)
    ranked = _rank(ask, query, answers, candidates)
    end = offset + query.limit
    page = ranked[offset:end]
    if end > len(ranked) and len(ranked) < answers.total:
        more = {"offset": max(0, offset - len(ranked)), "limit": end - max(offset, len(ranked)), "attributesToRetrieve": _HIT}
        (found,) = ask([answers.where(f"NOT {of_keys([hit['pk'] for hit in candidates])}") | more])
        page += _with_distances(query.near, found["hits"])
    return page


def _candidates(ask: Ask, near: Near | None, answers: _Answers) -> list[dict[str, Any]]:
    """What is ranked by our own score: the first for the server, and when these are not all, what nearness may lift."""
    asked = []
    if answers.keys is not None:
        asked.append({"q": "", "filter": [of_keys(answers.keys[:_RERANKED])], **_FIRST})
    if near and answers.total > _RERANKED:
        asked += [answers.where(*part) | _FIRST | {"limit": _AROUND} | order for part, order in _lifted(near)]
    found = [hit for each in (ask(asked) if asked else ()) for hit in each["hits"]]
    best = [] if answers.keys is not None else answers.hits
    return list({hit["pk"]: hit for hit in [*best, *found]}.values())


def _lifted(near: Near) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """The nearest, the best of each neighbourhood, the best that serve the territory: conditions, and their order."""
    yield (HAS_A_POINT,), {"sort": [f"_geoPoint({near.latitude}, {near.longitude}):asc"]}
    for km in _NEIGHBOURHOODS_KM:
        yield (within(replace(near, radius_km=km)),), {}
    if territorial := serving(near):
        yield (territorial, HAS_NO_POINT), {}


def _rank(ask: Ask, query: SearchQuery, answers: _Answers, hits: Sequence[Mapping[str, Any]]) -> _Page:
    serves = _serving(ask, query.near, [hit["pk"] for hit in hits if "_geo" not in hit])
    candidates = [
        Candidate(partial(_listing, hit), hit["pk"], _kilometres(query.near, hit), hit["updated"], hit["pk"] in serves)
        for hit in hits
    ]
    relevance = Relevance(answers.words, _documents(ask), loose=answers.loose, asked=query)
    ordered = relevance.order(candidates)
    ordered.sort(key=lambda pair: pair[1].pk not in answers.firsts)
    return [(score, candidate.listing, candidate.km) for score, candidate in ordered]


def _serving(ask: Ask, near: Near | None, keys: Sequence[int]) -> frozenset[int]:
    territorial = serving(near) if near else None
    if territorial is None or not keys:
        return frozenset()
    (found,) = ask([{"q": "", "filter": [of_keys(keys), territorial], "limit": len(keys), "attributesToRetrieve": ["pk"]}])
    return frozenset(hit["pk"] for hit in found["hits"])


# ---------------------------------------------------------------- facets and hits


def _facets(ask: Ask, query: SearchQuery, answers: _Answers) -> dict[str, Mapping[str, int]]:
    """Counts over all the answers; a facet that is filtered by is counted without its own filter."""
    if answers.total == 0:
        return {name: {} for name in FACETS}
    active = [name for name, values in (("kind", query.kinds), *query.filters.items()) if values]
    asked = [answers.where() | {"facets": list(FACETS), "limit": 0}]
    for name in active:
        filters: Filter = build_filters(query, but=name)
        if answers.choices:
            filters = (of_keys(_keys_of(ask, answers.choices, filters)),)
        asked.append({**answers.ask, "filter": [*filters], "facets": [name], "limit": 0})
    found, *others = ask(asked)
    counts: dict[str, Mapping[str, int]] = {name: _by_count(found["facetDistribution"].get(name, {})) for name in FACETS}
    for name, other in zip(active, others, strict=True):
        counts[name] = _by_count(other["facetDistribution"].get(name, {}))
    return counts


def _by_count(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _with_distances(near: Near | None, hits: Iterable[Mapping[str, Any]]) -> _Page:
    return [(0.0, _listing(hit), _kilometres(near, hit)) for hit in hits]


def _kilometres(near: Near | None, hit: Mapping[str, Any]) -> float:
    if near is None or near.latitude is None or near.longitude is None or "_geo" not in hit:
        return math.nan
    return float(haversine_km(near.latitude, near.longitude, [hit["_geo"]["lat"]], [hit["_geo"]["lng"]])[0])


def _listing(hit: Mapping[str, Any]) -> StoredListing:
    return read_stored(hit["stored"])
