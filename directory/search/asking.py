"""Asks the index what a text was understood to mean: where that finds nothing or too little, wider, step by step, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.geocoding.types import Place
from directory.search.near import near_place
from directory.search.stages import allowed_edits
from directory.search.types import Near, Search, SearchPage, SearchQuery
from directory.search.understanding import FindPlace, field_words, understand
from directory.search.understood import FREE, KIND, PERIOD, PLACE, REMOTE, TRADE, Recognition, Understood
from directory.territory import Bassins, departements, epcis, zone_emploi_of
from directory.text import fold
from directory.vocabulary import Scope

ENOUGH = 5
"""Fewer answers than this that say the question, in the place asked, and a wider place is tried."""

_RESEMBLES = 0.7
"""How much, of 1, a proposed word resembles the one that was typed, at least."""

_FAR_KM = 30.0
"""Farther than this, the nearest answer is not near the place: it is said."""

_TAKEN_BACK = (TRADE, FREE, REMOTE, PERIOD, KIND)
"""What is taken back, in turn, when a text as it was understood finds nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """A place that was tried, and how many answers say the question there."""

    label: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a question was understood to mean, and what answers.

    Attributes:
        page: What the index answered.
        understood: What was recognised in the text, and holds.
        taken_back: What was recognised, found nothing, and was searched as words instead.
        place: Where was searched from: told, else recognised.
        steps: The places tried, the narrowest first; empty when the first was enough.
        suggestion: What was perhaps meant, when nothing says the words as they were typed; it finds something. None otherwise.
    """

    page: SearchPage
    understood: Understood
    taken_back: tuple[Recognition, ...]
    place: Place | None
    steps: tuple[Step, ...] = ()
    suggestion: str | None = None

    @property
    def widened(self) -> str | None:
        """What was widened or loosened, in French, or None."""
        parts = [f"Rien ne répond pour « {each.label} » : ce critère a été laissé de côté." for each in self.taken_back]
        if self.steps:
            tried = " ; ".join(f"{step.label} : {step.total} fiche{'s' if step.total > 1 else ''}" for step in self.steps)
            parts.append(f"Peu de réponses là où vous cherchez, la recherche a été élargie. {tried}.")
        elif (km := self._nearest_km()) > _FAR_KM:
            parts.append(f"Rien n’a été trouvé à proximité : la fiche située la plus proche est à {km:.0f} km.")
        if self.page.widened:
            parts.append(self.page.widened)
        return " ".join(parts) or None

    def _nearest_km(self) -> float:
        """How far the nearest answer is, close ones aside; 0 when one has no distance: it serves the place, or may."""
        hits = self.page.hits[: self.page.exact or None]
        return min((hit.distance_km or 0.0 for hit in hits), default=0.0)


def ask(
    search: Search,
    query: SearchQuery,
    *,
    find_place: FindPlace,
    today: date,
    place: Place | None = None,
    radius_km: float | None = None,
    bassins: Bassins | None = None,
    but: frozenset[str] = frozenset(),
) -> Answer:
    """Answer a text.

    Args:
        search: What answers.
        query: The text as typed, and what was told beside it (kinds, filters, dates): what is told is never taken back, and
            nothing of the sort is then recognised in the text. Its ``near`` is chosen here, and its ``sort`` where none was told.
        find_place: Finds the place of a name.
        today: The day, for dates without a year and for the daily rotation.
        place: A place that was told.
        radius_km: A radius that was told.
        bassins: The académies’ maps.
        but: What is not to be recognised.

    Raises:
        InvalidQuery: The question is not acceptable.
    """
    but |= _told(query, place)
    probe = replace(query, cursor=None, limit=1, with_facets=False) if query.cursor else query
    understood = understand(query.text, find_place, today, but)
    taken_back: list[Recognition] = []
    while True:
        where = place or understood.place
        near = near_place(where, radius_km=radius_km, bassins=bassins) if where else None
        asked = _question(probe, understood, near, today)
        page = search.search(asked)
        back = next((each for what in _TAKEN_BACK for each in understood.recognitions if each.what == what), None)
        if page.total or back is None:
            break
        taken_back.append(back)
        understood = understand(query.text, find_place, today, but | {TRADE}) if back.what == TRADE else understood.without(back)
    steps: tuple[Step, ...] = ()
    if where and near:
        asked, page, steps = _wider(search, asked, page, where, near, bassins)
    if query.cursor:
        page = search.search(replace(asked, cursor=query.cursor, limit=query.limit, with_facets=query.with_facets))
    suggestion = _suggestion(search, asked, page) if not page.exact and understood.text and not query.cursor else None
    return Answer(page=page, understood=understood, taken_back=tuple(taken_back), place=where, steps=steps, suggestion=suggestion)


def _told(query: SearchQuery, place: Place | None) -> frozenset[str]:
    """What was told beside the text, which then is not looked for in it."""
    told = {
        PLACE: place is not None,
        KIND: bool(query.kinds),
        PERIOD: query.after is not None or query.before is not None,
        TRADE: bool(query.filters.get("occupation")),
        FREE: bool(query.filters.get("frais")),
        REMOTE: bool(query.filters.get("mode_accueil")),
    }
    return frozenset(what for what, value in told.items() if value)


def _question(query: SearchQuery, understood: Understood, near: Near | None, today: date) -> SearchQuery:
    filters: Mapping[str, tuple[str, ...]] = {**understood.filters, **query.filters}
    nearest = near is not None and near.latitude is not None and not understood.text.strip()
    return replace(
        query,
        text=understood.text,
        near=near,
        kinds=query.kinds or understood.kinds,
        filters=filters,
        after=query.after or understood.after,
        before=query.before or understood.before,
        sort="distance" if nearest and query.sort == "relevance" else query.sort,
        today=today,
        place_words=next((each.words for each in understood.recognitions if each.what == PLACE), ""),
    )


def _wider(
    search: Search, asked: SearchQuery, page: SearchPage, place: Place, near: Near, bassins: Bassins | None
) -> tuple[SearchQuery, SearchPage, tuple[Step, ...]]:
    """The question in the first wider place that gives enough, or the most; its answers; and the places tried."""
    if page.exact >= ENOUGH or (near.radius_km is None and not near.inside):
        return asked, page, ()
    radius = near.radius_km
    begun = f"À moins de {radius:.0f} km de {place.label}" if radius is not None else place.label
    steps, wider = [Step(begun, page.exact)], asked
    for label, inside in _areas(place, bassins):
        tried = replace(asked, near=replace(near, radius_km=None, inside=inside))
        found = search.search(replace(tried, limit=1, with_facets=False)).exact
        if found > steps[-1].total:
            steps.append(Step(label, found))
            wider = tried
        if found >= ENOUGH:
            break
    if wider is asked:
        return asked, page, ()
    return wider, search.search(wider), tuple(steps)


def _suggestion(search: Search, asked: SearchQuery, page: SearchPage) -> str | None:
    """The text with each unknown word replaced by the known one that it resembles; None unless that finds what it says."""
    known = field_words() | {word for hit in page.hits for word in fold(f"{hit.name} {hit.commune}").split()}
    words = fold(asked.text).split()
    better = [word if word in known else _closest(word, known) for word in words]
    if better == words:
        return None
    suggestion = " ".join(better)
    found = search.search(replace(asked, text=suggestion, limit=1, with_facets=False))
    return suggestion if found.exact else None


def _closest(word: str, known: frozenset[str]) -> str:
    if not allowed_edits(word):
        return word
    best = process.extractOne(word, sorted(known), scorer=OSA.normalized_similarity, score_cutoff=_RESEMBLES)
    return str(best[0]) if best else word


def _areas(place: Place, bassins: Bassins | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The places that contain a place, the nearest first: name, and the tokens to be inside."""
    codes = {token.partition(":")[0]: token.partition(":")[2] for token in place.territories}
    if place.code_commune:
        if epci := codes.get(Scope.EPCI, ""):
            yield epcis().get(epci, "L’intercommunalité"), (f"epci:{epci}",)
        if zone := zone_emploi_of(place.code_commune):
            yield "Sa zone d’emploi", (f"zone_emploi:{zone}",)
        elif bassins is not None:
            yield from _bassins_of(place, bassins)
        if place.code_departement in departements():
            yield departements()[place.code_departement].name, (f"departement:{place.code_departement}",)
    if place.level == Scope.EPCI and place.code_departement in departements():
        yield departements()[place.code_departement].name, (f"departement:{place.code_departement}",)
    names = {entry.region: entry.region_name for entry in departements().values()}
    if place.level != "region" and names.get(place.code_region):
        yield names[place.code_region], (f"region:{place.code_region}",)
    yield "France", ()


def _bassins_of(place: Place, bassins: Bassins) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Its bassins d’éducation, commune by commune: the index knows which ones a listing serves, not in which it stands."""
    for bassin in map(bassins.get, bassins.of_commune(place.code_commune)):
        if bassin is not None:
            yield bassin.label, (f"bassin:{bassin.code}", *(f"commune:{code}" for code in bassin.communes))
