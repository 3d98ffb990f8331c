"""Health of the directory: of a territory, who serves it, how fresh and how full its listings are. Pure, over the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from directory.catalogue import KINDS, Catalogue
from directory.columns import NO_DAY, BoolArray, FloatArray, IntArray, day_number
from directory.territory import (
    FRANCE,
    Bassins,
    academie_of,
    commune_names,
    departements,
    homes_of,
    tokens_of_commune,
)
from directory.vocabulary import Kind, Visibility
from matching.criteria.quality import quarters_told

EXPECTED: tuple[str, ...] = (
    "mission_locale", "psad", "mlds", "clee", "bureau_des_entreprises", "cio", "lycee", "cfa", "greta", "france_travail",
    "cap_emploi", "mdph", "information_jeunesse", "residence_fjt", "caf", "cpam",
)  # fmt: skip
"""Categories that a territory is expected to have: the networks of the parcours, and the services that every département has."""
BANDS: tuple[tuple[str, int], ...] = (("moins de six mois", 182), ("six mois à un an", 365), ("un à deux ans", 730))
"""Ages of what is known of a listing, each with its last day; then come older, and unknown."""
_OLDER, _UNKNOWN = len(BANDS), len(BANDS) + 1
BAND_LABELS: tuple[str, ...] = (*(label for label, _ in BANDS), "plus de deux ans", "date inconnue")


class Zone(StrEnum):
    """What a territory is. Values are what addresses of pages say."""

    DEPARTEMENT = "departement"
    BASSIN = "bassin"
    ACADEMIE = "academie"
    FRANCE = "france"


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory: its homes are INSEE codes of communes, or of arrondissements instead of their city."""

    zone: Zone
    code: str
    label: str
    homes: tuple[str, ...]
    departements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindHealth:
    """The listings of one kind that are placed in a territory.

    Attributes:
        count: How many; of events, those that are not over.
        bands: How many of each age of ``BAND_LABELS``.
        quality: Mean of what they say of what a référent needs, in hundredths (see the criterion « Qualité »); None without any.
    """

    kind: Kind
    count: int
    bands: tuple[int, ...]
    quality: int | None


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of a territory.

    Attributes:
        kinds: Every kind, in order.
        uncovered: The homes that no mission locale serves.
        present: Each of ``EXPECTED``: whether some listing of it is placed there or serves some of it.
        duplicates: Pairs of listings that may be one, of which one at least is placed there.
    """

    territory: Territory
    kinds: tuple[KindHealth, ...]
    uncovered: tuple[str, ...]
    present: Mapping[str, bool]
    duplicates: int

    @property
    def count(self) -> int:
        """How many listings are placed there."""
        return sum(each.count for each in self.kinds)

    @property
    def fresh(self) -> int | None:
        """Share of the listings of which something is known since less than a year, in hundredths; None without any."""
        known = sum(sum(each.bands[:2]) for each in self.kinds)
        return round(100 * known / self.count) if self.count else None

    @property
    def quality(self) -> int | None:
        """Mean of the quality of all listings, in hundredths; None without any."""
        total = sum(each.count * each.quality for each in self.kinds if each.quality is not None)
        return round(total / self.count) if self.count else None

    @property
    def missing(self) -> tuple[str, ...]:
        """The expected categories that are absent."""
        return tuple(category for category, there in self.present.items() if not there)


def find_territory(zone: str, code: str, bassins: Bassins) -> Territory | None:
    """The territory of a zone and its code, None when there is none."""
    if zone == Zone.DEPARTEMENT and code in departements():
        entry = departements()[code]
        return Territory(Zone.DEPARTEMENT, code, f"{entry.name} ({code})", homes_of(code), (code,))
    if zone == Zone.ACADEMIE:
        own = tuple(each for each in departements() if code and academie_of(each) == code)
        homes = tuple(home for each in own for home in homes_of(each))
        return Territory(Zone.ACADEMIE, code, f"Académie : {code}", homes, own) if own else None
    if zone == Zone.BASSIN:
        found = bassins.get(code)
        if found is None:
            return None
        known = tuple(commune for commune in found.communes if commune in commune_names())
        own = tuple(dict.fromkeys(_departement(commune) for commune in known))
        return Territory(Zone.BASSIN, code, f"Bassin : {found.label}", known, own)
    if zone == Zone.FRANCE:
        homes = tuple(home for each in departements() for home in homes_of(each))
        return Territory(Zone.FRANCE, "", "Toute la France", homes, tuple(departements()))
    return None


def _departement(commune: str) -> str:
    return commune[:3] if commune.startswith(("97", "98")) else commune[:2]


class Examination:
    """The catalogue as one viewer sees it on one day, ready to tell the health of territories.

    Args:
        catalogue: Every open listing.
        viewer: Listings that they may not see do not count.
        today: For ages, and for events that are over.
        bassins: Which bassins a commune belongs to.
        pairs: Keys of the two listings of each pair that may be one.
    """

    def __init__(
        self, catalogue: Catalogue, viewer: Visibility, today: date, bassins: Bassins, pairs: Sequence[tuple[int, int]]
    ) -> None:
        self._catalogue, self._bassins = catalogue, bassins
        seen = np.zeros(len(catalogue), dtype=np.bool_)
        seen[catalogue.visible(np.arange(len(catalogue)), viewer)] = True
        self._seen = seen
        self._counted = seen & ~_over(catalogue, day_number(today))
        self._band = _bands(catalogue, day_number(today))
        self._quality: FloatArray = catalogue.once("record quality", lambda: _quality(catalogue))
        self._pairs = _rows_of_pairs(catalogue, seen, pairs)
        kinds = ((kind, self._counted & (catalogue.kind == index)) for index, kind in enumerate(KINDS))
        self._rows = {kind: np.flatnonzero(mask) for kind, mask in kinds}
        everyone = np.arange(len(catalogue))
        self._members = {category: np.flatnonzero(seen & catalogue.is_category((category,), everyone)) for category in EXPECTED}
        self._tokens = {category: self._tokens_of(category) for category in EXPECTED}

    def departements_with(self, kind: Kind) -> frozenset[str]:
        """The départements in which some listing of a kind is placed."""
        catalogue = self._catalogue
        return frozenset(
            catalogue.departement_codes[each] for each in np.unique(catalogue.departement[self._rows[kind]]).tolist()
        )

    def placed(self, territory: Territory) -> BoolArray:
        """Whether each row of the catalogue is placed in a territory, or is placed nowhere and serves some of it."""
        catalogue, everyone = self._catalogue, np.arange(len(self._catalogue))
        if territory.zone is Zone.FRANCE:
            return np.ones(len(catalogue), dtype=np.bool_)
        mask = catalogue.of_departements(territory.departements, everyone)
        if territory.zone is Zone.BASSIN:
            homes = set(territory.homes)
            near = np.flatnonzero(mask)
            mask = np.zeros(len(catalogue), dtype=np.bool_)
            mask[[row for row in near.tolist() if catalogue.codes_commune[row] in homes]] = True
        tokens = {FRANCE, *(token for home in territory.homes for token in self._tokens_of_home(home))}
        serving = catalogue.serving(sorted(tokens))
        mask[serving[catalogue.of_departements(("",), serving)]] = True
        return np.asarray(mask)

    def of(self, territory: Territory) -> Health:
        """The health of a territory: O(listings + its communes)."""
        placed = self.placed(territory)
        by_home = {home: self._tokens_of_home(home) for home in territory.homes}
        everywhere = {token for tokens in by_home.values() for token in tokens}
        competent = self._tokens["mission_locale"]
        return Health(
            territory=territory,
            kinds=tuple(self._kind(kind, rows[placed[rows]]) for kind, rows in self._rows.items()),
            uncovered=tuple(home for home, tokens in by_home.items() if competent.isdisjoint(tokens)),
            present={
                category: not tokens.isdisjoint(everywhere) or bool(placed[self._members[category]].any())
                for category, tokens in self._tokens.items()
            },
            duplicates=int(placed[self._pairs].any(axis=1).sum()) if len(self._pairs) else 0,
        )

    def placed_among(self, territory: Territory, listing_pks: Collection[int]) -> frozenset[int]:
        """Those of some listings (their keys) that are placed in a territory."""
        catalogue = self._catalogue
        rows = np.flatnonzero(np.isin(catalogue.pk, list(listing_pks))) if listing_pks else np.empty(0, dtype=np.intp)
        return frozenset(catalogue.pk[rows[self.placed(territory)[rows]]].tolist())

    def _kind(self, kind: Kind, rows: IntArray) -> KindHealth:
        bands = np.bincount(self._band[rows], minlength=len(BAND_LABELS))
        quality = round(100 * float(self._quality[rows].mean())) if len(rows) else None
        return KindHealth(kind, len(rows), tuple(int(count) for count in bands), quality)

    def _tokens_of(self, category: str) -> frozenset[str]:
        """The territories that the listings of a category serve by name: who serves all of France is competent for nobody."""
        words = self._catalogue.rows_of_token
        mine = np.zeros(len(self._catalogue), dtype=np.bool_)
        mine[self._members[category]] = True
        word = np.repeat(np.arange(len(words)), np.diff(words.offsets))
        hit = set(np.unique(word[mine[words.rows]]).tolist())
        return frozenset(name for name, place in words.position.items() if place in hit and ":" in name)

    def _tokens_of_home(self, home: str) -> tuple[str, ...]:
        own = (token for token in tokens_of_commune(home) if token != FRANCE)
        return (*own, *(f"bassin:{code}" for code in self._bassins.of_commune(home)))


def _rows_of_pairs(catalogue: Catalogue, seen: BoolArray, pairs: Sequence[tuple[int, int]]) -> IntArray:
    """The rows of the pairs of which both listings are seen, shape (pairs, 2)."""
    rows = np.flatnonzero(seen & np.isin(catalogue.pk, [pk for pair in pairs for pk in pair]))
    row_of = dict(zip(catalogue.pk[rows].tolist(), rows.tolist(), strict=True))
    found = [(row_of[left], row_of[right]) for left, right in pairs if left in row_of and right in row_of]
    return np.array(found, dtype=np.intp).reshape(len(found), 2)


def _over(catalogue: Catalogue, today: int) -> BoolArray:
    """Whether each row is an event of which every sitting is past."""
    last = catalogue.sitting_ends.reduce(
        np.maximum, lambda flat: catalogue.sitting_ends.values[flat].astype(np.float64), np.arange(len(catalogue)), np.inf
    )
    return np.asarray(last < today)


def _bands(catalogue: Catalogue, today: int) -> IntArray:
    age = today - catalogue.seen_day.astype(np.int64)
    band = np.searchsorted([last for _, last in BANDS], age, side="left")
    return np.asarray(np.where(catalogue.seen_day == NO_DAY, _UNKNOWN, np.minimum(band, _OLDER)))


def _quality(catalogue: Catalogue) -> FloatArray:
    """What each row says of what a référent needs, from 0 to 1: a quarter for each thing, as the criterion « Qualité » counts."""
    return np.asarray(quarters_told(catalogue) / 4)
