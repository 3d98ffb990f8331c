"""What a question leaves out, as engine queries that never change a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tantivy import FieldType, Occur, Query, Schema

from directory.search.analysis import clean
from directory.search.forms import HAS_POINT, NO_AGE_ABOVE, NO_DAY_AFTER, NO_DAY_BEFORE, NO_POINT, REMOTE
from directory.search.types import Near, SearchQuery
from directory.vocabulary import ALL_PUBLICS, Visibility

_NARROWER_THAN = {
    Visibility.PUBLIC: (Visibility.BASSIN, Visibility.PRIVATE),
    Visibility.BASSIN: (Visibility.PRIVATE,),
    Visibility.PRIVATE: (),
}
_MOST_TERMS = 400
"""The engine's set of terms walks its whole dictionary (2 ms for 60,000 listings): worth it for many terms only."""

_LOCAL_SCOPES = ("commune:", "epci:", "bassin:", "departement:")


@dataclass(slots=True)
class Filters:
    """Queries that every answer meets, and queries that none meets."""

    schema: Schema
    must: list[Query] = field(default_factory=list)
    must_not: list[Query] = field(default_factory=list)

    def narrow(self, query: Query | None) -> Query:
        """The query within these filters; every visible listing within them when it is None."""
        parts = [(Occur.Must, Query.const_score_query(part, 0.0)) for part in self.must]
        if query or not parts:
            parts.insert(0, (Occur.Must, query or Query.const_score_query(Query.all_query(), 0.0)))
        parts += [(Occur.MustNot, part) for part in self.must_not]
        return Query.boolean_query(parts) if len(parts) > 1 else parts[0][1]


def build_filters(query: SearchQuery, schema: Schema, *, but: str = "") -> Filters:
    """Every filter of a question but its radius (``around``), and but the one on a facet whose values are counted."""
    filters = Filters(
        schema, must_not=[terms(schema, "visibility", hidden_from(query.viewer))] if hidden_from(query.viewer) else []
    )
    if query.kinds and but != "kind":
        filters.must.append(terms(schema, "kind", query.kinds))
    for name, values in query.filters.items():
        if values and name != but:
            accepted = (*values, ALL_PUBLICS) if name == "public" else values
            filters.must.append(terms(schema, name, accepted))
    if query.age is not None:
        filters.must += [between(schema, "age_min", 0, query.age), between(schema, "age_max", query.age, NO_AGE_ABOVE)]
    filters.must += _days(schema, query.after, query.before)
    if query.near and query.near.inside:
        filters.must.append(_inside(schema, query.near))
    if query.near and query.near.radius_km is not None and query.near.latitude is None:
        filters.must.append(_no_point_to_measure_from(schema, query.near))
    return filters


def hidden_from(viewer: Visibility) -> tuple[Visibility, ...]:
    """What a viewer may not see. Few listings are so, hence they are excluded rather than the others required."""
    return _NARROWER_THAN[viewer]


def terms(schema: Schema, name: str, values: Sequence[str]) -> Query:
    """Documents that hold any of these values in a raw field."""
    return _among(schema, name, [clean(str(value)) for value in values])


def numbers(schema: Schema, name: str, values: Sequence[int]) -> Query:
    """Documents that hold any of these numbers in an indexed field."""
    return _among(schema, name, values)


def _among(schema: Schema, name: str, values: Sequence[str] | Sequence[int]) -> Query:
    if len(values) > _MOST_TERMS:
        return Query.term_set_query(schema, name, values)
    if not values:
        return Query.empty_query()
    return any_of(*(Query.term_query(schema, name, value, "basic") for value in values))


def between(schema: Schema, name: str, low: int, high: int) -> Query:
    """Documents whose number lies between two, inclusive."""
    return Query.range_query(schema, name, FieldType.Integer, low, high)


def any_of(*queries: Query) -> Query:
    """Documents that meet one of the queries at least."""
    return Query.boolean_query([(Occur.Should, query) for query in queries]) if len(queries) > 1 else queries[0]


def but_not(query: Query, *excluded: Query) -> Query:
    """Documents that meet a query and none of the others."""
    return Query.boolean_query([(Occur.Must, query), *((Occur.MustNot, other) for other in excluded)])


def both(*queries: Query) -> Query:
    """Documents that meet every query."""
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def has_point(schema: Schema) -> Query:
    """Documents that have coordinates."""
    return terms(schema, "tag", (HAS_POINT,))


def has_no_point(schema: Schema) -> Query:
    """Documents without coordinates."""
    return terms(schema, "tag", (NO_POINT,))


def is_remote(schema: Schema) -> Query:
    """Documents of services given at a distance."""
    return terms(schema, "tag", (REMOTE,))


def of_territory(schema: Schema, near: Near) -> Query | None:
    """Documents that serve one of the asker's territories, or lie in one as near as his département; None without territories."""
    if not near.territories:
        return None
    local = tuple(token for token in near.territories if token.startswith(_LOCAL_SCOPES))
    serving = terms(schema, "coverage", near.territories)
    return any_of(serving, terms(schema, "territory", local)) if local else serving


def _days(schema: Schema, after: date | None, before: date | None) -> list[Query]:
    found = []
    if after is not None:
        found.append(between(schema, "last_day", after.toordinal(), NO_DAY_AFTER))
    if before is not None:
        found.append(between(schema, "first_day", NO_DAY_BEFORE, before.toordinal()))
    return found


def _inside(schema: Schema, near: Near) -> Query:
    return any_of(
        terms(schema, "territory", near.inside),
        terms(schema, "coverage", tuple(dict.fromkeys((*near.inside, *near.territories)))),
        both(is_remote(schema), has_no_point(schema)),
    )


def _no_point_to_measure_from(schema: Schema, near: Near) -> Query:
    """A radius asked from a place whose point nobody knows (five communes): what serves the place or lies as near."""
    territorial = of_territory(schema, near)
    return any_of(territorial, is_remote(schema)) if territorial else is_remote(schema)
