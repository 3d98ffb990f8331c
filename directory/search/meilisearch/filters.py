"""What a question leaves out, as the server's filters. Values are quoted here, so that none of them is ever read as a filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from directory.search.analysis import clean
from directory.search.forms import HAS_POINT, NO_POINT, REMOTE
from directory.search.types import Near, SearchQuery
from directory.vocabulary import ALL_PUBLICS, Visibility

Filter = tuple[str, ...]
"""Conditions that an answer meets, each in the server's language."""

_SEEN_BY = {
    Visibility.PUBLIC: (Visibility.PUBLIC,),
    Visibility.BASSIN: (Visibility.PUBLIC, Visibility.BASSIN),
    Visibility.PRIVATE: (Visibility.PUBLIC, Visibility.BASSIN, Visibility.PRIVATE),
}
_LOCAL_SCOPES = ("commune:", "epci:", "bassin:", "departement:")

IS_REMOTE = f'tag = "{REMOTE}"'
HAS_A_POINT = f'tag = "{HAS_POINT}"'
HAS_NO_POINT = f'tag = "{NO_POINT}"'


def build_filters(query: SearchQuery, *, but: str = "") -> Filter:
    """Every condition of a question, its radius included.

    Args:
        query: A checked question.
        but: A facet whose own filter is left out, to count its other values.
    """
    found = [visible_to(query.viewer)]
    if query.kinds and but != "kind":
        found.append(among("kind", query.kinds))
    for name, values in query.filters.items():
        if values and name != but:
            found.append(among(name, (*values, ALL_PUBLICS) if name == "public" else values))
    if query.age is not None:
        found += [f"age_min <= {query.age}", f"age_max >= {query.age}"]
    if query.after is not None:
        found.append(f"last_day >= {query.after.toordinal()}")
    if query.before is not None:
        found.append(f"first_day <= {query.before.toordinal()}")
    if query.near is not None:
        found += _around(query.near)
    return tuple(found)


def visible_to(viewer: Visibility) -> str:
    """What a viewer may see. The document that describes the index has no visibility: no question ever finds it."""
    return among("visibility", _SEEN_BY[viewer])


def among(name: str, values: Iterable[str]) -> str:
    """Documents that hold any of these values."""
    return f"{name} IN [{', '.join(quoted(str(value)) for value in values)}]"


def of_keys(keys: Sequence[int]) -> str:
    """Listings of these keys."""
    return f"pk IN [{', '.join(map(str, keys))}]"


def quoted(value: str) -> str:
    """A value that the server's filter language reads as a text, whatever it holds."""
    return '"' + clean(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def any_of(conditions: Iterable[str]) -> str:
    """Documents that meet one of the conditions at least."""
    return "(" + " OR ".join(conditions) + ")"


def serving(near: Near) -> str | None:
    """Documents that serve one of the asker's territories, or lie in one as near as his département; None without territories."""
    if not near.territories:
        return None
    local = tuple(token for token in near.territories if token.startswith(_LOCAL_SCOPES))
    served = among("coverage", near.territories)
    return any_of([served, among("territory", local)]) if local else served


def within(near: Near) -> str:
    """Documents placed within the radius, or anywhere when there is none."""
    if near.radius_km is None:
        return HAS_A_POINT
    return f"_geoRadius({near.latitude}, {near.longitude}, {near.radius_km * 1000})"


def _around(near: Near) -> Iterable[str]:
    territorial = serving(near)
    if near.inside:
        covered = tuple(dict.fromkeys((*near.inside, *near.territories)))
        yield any_of([among("territory", near.inside), among("coverage", covered), f"({IS_REMOTE} AND {HAS_NO_POINT})"])
    if near.radius_km is None:
        return
    if near.latitude is None:
        yield any_of([territorial, IS_REMOTE]) if territorial else IS_REMOTE
    else:
        yield any_of([within(near), IS_REMOTE, *([f"({territorial} AND {HAS_NO_POINT})"] if territorial else [])])
