"""SearchQuery, Hit, SearchPage and the SearchIndex protocol."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from directory.vocabulary import Kind, Visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Where the asker is.

    Attributes:
        latitude: Degrees north, or None when only a territory was named.
        longitude: Degrees east.
        territories: Coverage tokens that contain the place (``commune:35238``, ``departement:35``, ``france`` …): listings that
            serve one of them are never lost under a radius.
        radius_km: Farthest distance of a listing with a point, in km; None for no limit.
        inside: Keep only listings placed in these territories (« 35 », « Bretagne »), or serving them; empty for no limit.
    """

    latitude: float | None = None
    longitude: float | None = None
    territories: tuple[str, ...] = ()
    radius_km: float | None = None
    inside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A question to the index. Pages, API and command line all ask with this object.

    Attributes:
        text: What was typed; any text is accepted, none of it is query syntax.
        kinds: Kinds wanted; empty for all.
        filters: Facet name → accepted values (any of them). Names: ``category``, ``thematique`` (a full code, or its domain
            before ``--``), ``public`` (« tous-publics » always passes), ``departement``, ``network``, ``pathway``, ``frais``,
            ``mode_accueil``, ``accessibility``, ``occupation``, ``demonstration``.
        age: The real age of the person; listings whose bracket excludes it are left out.
        after: Events that end before this day are left out.
        before: Events that start after this day are left out.
        sort: ``relevance``, ``distance`` or ``date``.
        viewer: What the asker may see; a wider viewer sees the narrower listings too.
        today: The day by which companies that answer equally well take turns; None leaves them in their order.
        place_words: The words of the text that named the place of ``near``: among equals, names that hold them come first.
        past: Whether events that are over answer too, where no period is asked for (``directory.search.asking``).
        needs: Thématiques that the text means as a whole (``directory.search.needs``): who is there for them, near, comes first.
        with_facets: Whether to count facets (it costs).
        exact_only: Whether only ``exact`` of the answer is read: an engine may then spare itself what would be loosened.
        limit: Hits wanted, 0 to 100; 0 counts the answers and shows none.
        cursor: The ``next`` of the page before, or None.
    """

    text: str = ""
    near: Near | None = None
    kinds: tuple[Kind, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    age: int | None = None
    after: date | None = None
    before: date | None = None
    sort: str = "relevance"
    viewer: Visibility = Visibility.PUBLIC
    today: date | None = None
    place_words: str = ""
    past: bool = False
    needs: tuple[str, ...] = ()
    with_facets: bool = True
    exact_only: bool = False
    limit: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One answer.

    Attributes:
        highlights: Fragments in which the words found stand between ``<mark>`` and ``</mark>``, escaped.
        structure: Name of the structure that carries this service, or empty.
        demonstration: Invented, and to be shown as such.
        cancelled: An event that will not take place.
        last_day: Of an event; None otherwise.
    """

    id: str
    kind: Kind
    category: str
    name: str
    commune: str
    code_commune: str
    distance_km: float | None
    score: float
    highlights: Mapping[str, str] = field(default_factory=dict)
    structure: str = ""
    demonstration: bool = False
    cancelled: bool = False
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """The answer to a question.

    Attributes:
        total: How many listings answer, exact.
        facets: Facet → value → how many answers have it, the most frequent first. A facet that the question filters by is
            counted as if it did not: one sees what choosing another value would give.
        exact: How many of them say the question as it was typed; 0 when words had to be loosened to find any.
        close: How many of them, the last ones, only come close to the question: they complete too few answers.
        widened: None, or one French sentence that says what was loosened because nothing, or too little, answered.
        next: Cursor of the next page, None at the end.
        revision: The directory's revision that the index had seen.
        notice: None, or one French sentence to show beside the answers (another index than usual gave them).
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    exact: int = 0
    close: int = 0
    widened: str | None = None
    next: str | None = None
    revision: int = 0
    notice: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """What the index is told of a listing. Built by ``directory.search.documents`` from the published row and nothing else."""

    pk: int
    id: str
    kind: Kind
    category: str
    name: str
    description: str
    words: str
    """Other words that find it: category synonyms, acronyms, networks' labels, thématiques' labels, occupations' titles."""
    commune: str
    code_commune: str
    code_departement: str
    latitude: float | None
    longitude: float | None
    coverage: tuple[str, ...]
    visibility: Visibility
    thematiques: tuple[str, ...]
    publics: tuple[str, ...]
    networks: tuple[str, ...]
    pathways: tuple[str, ...]
    occupations: tuple[str, ...]
    frais: str
    modes_accueil: tuple[str, ...]
    age_min: int | None
    age_max: int | None
    first_day: date | None
    last_day: date | None
    updated_at: date | None
    demonstration: bool
    structure: str = ""
    """Name of the structure that carries it; one may search by it, after the listing's own words."""
    accessibility: tuple[str, ...] = ()
    cancelled: bool = False
    territories: tuple[str, ...] = ()
    """Tokens (``region:53``, ``epci:…``) of the territories in which its place, or a commune that it serves, lies."""


class Search(Protocol):
    """What answers a SearchQuery.

    Guarantees: the order is total (pages never skip or repeat while the index does not change); a listing that the viewer may
    not see is in no hit, count, facet or suggestion; a listing without a point is never lost under a radius when it is remote or
    serves a territory of ``near``; closed listings are not there. Engines may differ in the scores, in the highlights' extent,
    and in the order of listings that are equally relevant.
    """

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer one question.

        Raises:
            InvalidQuery: The question is not acceptable.
            IndexUnavailable: There is no usable index.
        """
        ...

    def suggest(self, text: str, limit: int = 8) -> tuple[str, ...]:
        """Names of public listings that complete a text, best first."""
        ...

    def revision(self) -> int | None:
        """The directory's revision that answers come from, None when there is no usable index."""
        ...


class SearchIndex(Search, Protocol):
    """An engine: it answers, and it is told what the directory holds. One contract suite runs on every implementation."""

    def rebuild(self, documents: Iterable[SearchDocument], revision: int) -> int:
        """Build a new index beside the one that serves, then swap. Returns how many documents it holds."""
        ...

    def update(self, documents: Iterable[SearchDocument], gone: Sequence[int], revision: int) -> None:
        """Replace documents (by their ``pk``), take others away, and hold this revision.

        Args:
            documents: New or changed ones, each once.
            gone: Keys of those to take away; unknown ones change nothing.
            revision: The directory's revision that the index then holds.

        Raises:
            IndexUnavailable: There is no usable index: ``rebuild`` it.
        """
        ...
