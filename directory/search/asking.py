"""Asks the index what a text was understood to mean: where that finds nothing or too little, wider, step by step, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import process
from rapidfuzz.distance import OSA

from directory.geocoding.types import Place
from directory.occupations import codes_of_domaine
from directory.search.analysis import keep_meaningful, split_words, stem
from directory.search.near import near_place
from directory.search.needs import categories_named, with_needs
from directory.search.stages import allowed_edits
from directory.search.types import Near, Search, SearchPage, SearchQuery
from directory.search.understanding import FindPlace, field_words, understand
from directory.search.understood import FREE, KIND, NEED, PERIOD, PLACE, REMOTE, TRADE, Recognition, Understood
from directory.territory import Bassins, departements, epcis, zone_emploi_of
from directory.text import fold
from directory.vocabulary import Kind, Scope, categories

ENOUGH = 5
"""Fewer answers than this that say the question, in the place asked, and a wider place is tried."""

_RESEMBLES = 0.7
"""How much, of 1, a proposed word resembles the one that was typed, at least."""

_FAR_KM = 30.0
"""Farther than this, the nearest answer is not near the place: it is said."""

_LOOKED_AT = 10
"""The first answers, among which the one that a name names stands."""

_HELPING = (Kind.PARTNER, Kind.SCHEME, Kind.EVENT)

_TAKEN_BACK = (NEED, TRADE, FREE, REMOTE, PERIOD, KIND)
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
        meant: The plural of what the text names (« Missions locales »), of which the steps count those that are one; or empty.
        past: How many events that are over were left out; None where nobody counted.
        only_past: Whether events that are over were let in, because nothing else says the question.
    """

    page: SearchPage
    understood: Understood
    taken_back: tuple[Recognition, ...]
    place: Place | None
    steps: tuple[Step, ...] = ()
    suggestion: str | None = None
    meant: str = ""
    past: int | None = None
    only_past: bool = False

    @property
    def widened(self) -> str | None:
        """What was widened or loosened, in French, or None."""
        parts = [f"Rien ne répond pour « {each.label} » : {self._instead(each)}." for each in self.taken_back]
        if self.only_past:
            parts.append("Rien à venir ne répond : ce qui est passé est montré aussi.")
        if self.steps:
            parts.append(self._steps())
        elif (km := self._nearest_km()) > _FAR_KM:
            parts.append(f"Rien n’a été trouvé à proximité : la fiche située la plus proche est à {km:.0f} km.")
        if self.page.widened:
            parts.append(self.page.widened)
        return " ".join(parts) or None

    def _instead(self, taken_back: Recognition) -> str:
        if taken_back.what == TRADE and self.understood.kinds == _HELPING:
            return "voici qui peut aider à trouver une entreprise"
        return "ce critère a été laissé de côté"

    def _steps(self) -> str:
        """The places tried, each with its count."""
        if self.meant and not self.steps[0].total:
            tried = " ; ".join(f"{step.label} : {step.total or 'aucune'}" for step in self.steps)
            return f"« {self.meant} » : rien là où vous cherchez, la recherche a été élargie. {tried}."
        tried = " ; ".join(f"{step.label} : {step.total} fiche{'s' if step.total > 1 else ''}" for step in self.steps)
        return f"Peu de réponses là où vous cherchez, la recherche a été élargie. {tried}."

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
    reading = _Reading(query.text, find_place, today, but, told=bool(query.filters.get("thematique")))
    probe = replace(query, cursor=None, limit=0, with_facets=False) if query.cursor else query
    understood, taken_back = reading.read(), list[Recognition]()
    while True:
        where = place or understood.place
        near = near_place(where, radius_km=radius_km, bassins=bassins) if where else None
        asked = _question(probe, understood, near, today)
        asked, page = _with_past(search, asked, today)
        steps, meant = tuple[Step, ...](), _Meant.by(asked)
        if where and near:
            asked, page, steps = _wider(search, asked, page, where, near, bassins, meant)
        back = next((each for what in _TAKEN_BACK for each in understood.recognitions if each.what == what), None)
        if page.total or back is None:
            break
        taken_back.append(back)
        understood = _without(search, reading, probe, understood, back, near)
    if query.cursor:
        page = search.search(replace(asked, cursor=query.cursor, limit=query.limit, with_facets=query.with_facets))
    return Answer(
        page=page,
        understood=understood,
        taken_back=tuple(taken_back),
        place=where,
        steps=steps,
        suggestion=_suggestion(search, asked, page) if not page.exact and understood.text and not query.cursor else None,
        meant=meant.label,
        past=_count_past(search, asked, page, today) if query.with_facets and not query.past else None,
        only_past=asked.past and not query.past,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text, to be understood with more or less of what may be recognised in it."""

    text: str
    find_place: FindPlace
    today: date
    but: frozenset[str]
    told: bool

    def read(self, *but: str) -> Understood:
        refused = self.but.union(but)
        understood = understand(self.text, self.find_place, self.today, refused)
        return understood if NEED in refused else with_needs(understood, told=self.told)


@dataclass(frozen=True, slots=True)
class _Meant:
    """What a text names, so that a listing that only mentions it is not taken for it."""

    categories: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()

    @classmethod
    def by(cls, asked: SearchQuery) -> _Meant:
        """What is meant, unless the question already keeps nothing else."""
        found = () if asked.filters.get("category") else categories_named(asked.text)
        return cls(found, frozenset(map(stem, keep_meaningful(split_words(asked.text)))))

    @property
    def label(self) -> str:
        return ", ".join(categories()[code].plural for code in self.categories)

    def count(self, search: Search, asked: SearchQuery) -> int:
        """How many answers are what is meant; how many say the words, where these name no category."""
        if not self.categories:
            return _count_exact(search, asked)
        of_it = _count_exact(search, replace(asked, filters={**asked.filters, "category": self.categories}))
        return max(of_it, self.count_named(search, asked))

    def count_named(self, search: Search, asked: SearchQuery) -> int:
        """How many of the first answers have a name of which the words are the most."""
        if len(self.words) < 2:
            return 0
        page = search.search(replace(asked, limit=_LOOKED_AT, with_facets=False, exact_only=True, sort="relevance"))
        names = (frozenset(map(stem, keep_meaningful(split_words(hit.name)))) for hit in page.hits[: page.exact])
        return sum(self.words <= name and len(self.words) > len(name) / 2 for name in names)


def _without(
    search: Search, reading: _Reading, query: SearchQuery, understood: Understood, back: Recognition, near: Near | None
) -> Understood:
    """The text without what was recognised and finds nothing. Its words are searched only where something says them all."""
    if back.what not in (TRADE, NEED):
        return understood.without(back)
    if back.what == NEED:
        return reading.read(NEED)
    if back.words in understood.text:  # the name of a trade alone: what mentions it answers
        return reading.read(TRADE)
    for other in (_with_near_trades(understood, back), reading.read(TRADE, NEED)):
        if _count_exact(search, _question(query, other, near, reading.today)):
            return other
    # no company exercises it: those that exercise anything else are no answer, those who help to find one are
    left = tuple(each for each in understood.without(back).recognitions if each.what != KIND)
    return replace(understood.without(back), text=understood.text or "entreprise", recognitions=left, kinds=_HELPING)


def _with_near_trades(understood: Understood, trade: Recognition) -> Understood:
    """The same, with the other occupations of the same ROME domaine in place of those that nobody offers."""
    asked = understood.filters["occupation"]
    codes = dict.fromkeys(code for each in asked for code in codes_of_domaine(each))
    near = replace(trade, label=f"Métiers voisins de « {trade.words} »")
    return replace(
        understood,
        filters={**understood.filters, "occupation": tuple(codes)},
        recognitions=tuple(near if each == trade else each for each in understood.recognitions),
    )


def _with_past(search: Search, asked: SearchQuery, today: date) -> tuple[SearchQuery, SearchPage]:
    """The question and its answers; with what is over where nothing to come says the question and something over does."""
    page = search.search(asked)
    if page.exact or asked.after != today or asked.past or (asked.kinds and Kind.EVENT not in asked.kinds):
        return asked, page
    with_them = replace(asked, after=None, past=True)
    if not _count_exact(search, with_them):
        return asked, page
    return with_them, search.search(with_them)


def _count_past(search: Search, asked: SearchQuery, page: SearchPage, today: date) -> int:
    """How many answers are events that are over, and were left out."""
    if asked.after != today or (asked.kinds and Kind.EVENT not in asked.kinds):
        return 0
    return max(0, _count_exact(search, replace(asked, after=None, cursor=None)) - page.exact)


def _count_exact(search: Search, asked: SearchQuery) -> int:
    """How many answers say the question as it was typed."""
    return search.search(replace(asked, limit=0, with_facets=False, exact_only=True)).exact


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
    """What is asked of the index. Events that are over are left out unless a period was said that may hold some."""
    after, before = query.after or understood.after, query.before or understood.before
    if after is None and not query.past and (before is None or before >= today):
        after = today
    filters: Mapping[str, tuple[str, ...]] = {**understood.filters, **query.filters}
    nearest = near is not None and near.latitude is not None and not understood.text.strip()
    return replace(
        query,
        text=understood.text,
        near=near,
        kinds=query.kinds or understood.kinds,
        filters=filters,
        after=after,
        before=before,
        needs=understood.needs,
        sort="distance" if nearest and query.sort == "relevance" else query.sort,
        today=today,
        place_words=next((each.words for each in understood.recognitions if each.what == PLACE), ""),
    )


def _wider(
    search: Search, asked: SearchQuery, page: SearchPage, place: Place, near: Near, bassins: Bassins | None, meant: _Meant
) -> tuple[SearchQuery, SearchPage, tuple[Step, ...]]:
    """The question in the first wider place that gives enough, or the most; its answers; and the places tried.

    Where the text names what is wanted, a category or a listing, a place is enough that has one.
    """
    if near.radius_km is None and not near.inside:
        return asked, page, ()
    count = meant.count(search, asked) if meant.categories else page.exact
    named = _is_elsewhere(search, asked, page, near, meant)
    if page.exact >= ENOUGH and count and not named:
        return asked, page, ()
    radius = near.radius_km
    begun = f"À moins de {radius:.0f} km de {place.label}" if radius is not None else place.label
    steps, wider = [Step(begun, count)], asked
    for label, inside in _areas(place, bassins):
        tried = replace(asked, near=replace(near, radius_km=None, inside=inside))
        found = meant.count(search, tried)
        if found > steps[-1].total:
            steps.append(Step(label, found))
            wider = tried
        is_enough = found >= ENOUGH or (meant.categories and found and page.exact >= ENOUGH)
        if is_enough and not (named and not meant.count_named(search, tried)):
            break
    if wider is asked:
        return asked, page, ()
    return wider, search.search(wider), tuple(steps)


def _is_elsewhere(search: Search, asked: SearchQuery, page: SearchPage, near: Near, meant: _Meant) -> bool:
    """Whether what is said here is only mentioned, while a listing of this name stands elsewhere."""
    if page.exact < ENOUGH or meant.categories or meant.count_named(search, asked):
        return False
    return bool(meant.count_named(search, replace(asked, near=replace(near, radius_km=None, inside=()))))


def _suggestion(search: Search, asked: SearchQuery, page: SearchPage) -> str | None:
    """The text with each unknown word replaced by the known one that it resembles; None unless that finds what it says.

    Where nothing at all answers, the words that resemble none are left out of it.
    """
    known = field_words() | {word for hit in page.hits for word in fold(f"{hit.name} {hit.commune}").split()}
    words = fold(asked.text).split()
    better = [word if word in known else _closest(word, known) for word in words]
    if better == words:
        return None
    suggestions = [better] if page.total else [better, [word for word in better if word in known]]
    texts = map(" ".join, filter(None, suggestions))
    return next((text for text in texts if _count_exact(search, replace(asked, text=text))), None)


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
