"""The published listings as columns (numpy), for matching."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from directory.catalogue_rows import Columns, read_rows
from directory.columns import (
    BitColumn,
    BoolArray,
    FloatArray,
    IntArray,
    RaggedColumn,
    RowsOfWord,
    TextColumn,
    build_bits,
    build_ragged,
    build_rows_of_word,
    build_text,
)
from directory.signatures import sign
from directory.vocabulary import PUBLICS, THEMATIQUES, EventState, Kind, Pathway, Scope, Visibility, categories, networks

Value = TypeVar("Value")
Int8Array = npt.NDArray[np.int8]
KINDS: tuple[Kind, ...] = tuple(Kind)
VISIBILITIES: tuple[Visibility, ...] = tuple(Visibility)
STATES: tuple[EventState, ...] = tuple(EventState)
SCOPES: tuple[Scope, ...] = tuple(Scope)
NAMELESS = sum(1 << SCOPES.index(scope) for scope in (Scope.FRANCE, Scope.REMOTE))
"""The bits of the scopes that name no territory."""
# what tells two listings of one signature apart: where they stand, how fresh they are, and what has too many values
_OWN = {"pk", "lat", "lon", "unit", "departement", "seen_day", "checked", "contact", "order", "naf", "thematiques"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every open listing, one row each, ordered by kind and place. Days are days since 1970-01-01 (NO_DAY unknown).

    What a record does not say of its thématiques, networks and pathways is its category's; the ``*_by_nature`` columns tell.

    Attributes:
        revision: The directory's revision that was read.
        mark: Its mark, by which the directory is known to be the same (``Repository.mark_of``).
        category: Index in ``category_codes``.
        departement: Index in ``departement_codes``, of which ``""`` is one: unknown.
        unit: Shape (3, rows): the point on the unit sphere; NaN without a point.
        phones: First public phone, empty when there is none.
        scopes: Bit i is set when some coverage has scope ``SCOPES[i]``; 0 means that nobody said whom it serves.
        contact: Bits: 1 a phone, 2 an e-mail address, 4 a web page, public ones only.
        occupations: Indices in ``occupation_codes`` (ROME).
        naf: Index in ``naf_codes``; -1 unknown.
        age_min: Youngest age served; -1 when no one said.
        age_max: Oldest age served; -1 when no one said.
        places: -1 unknown.
        sitting_starts: First days of an event's sittings, in order.
        sitting_ends: Last days of the same sittings.
        by_kind: Rows of each kind.
        rows_of_token: Coverage token (``commune:35238``, ``france`` …) → rows, increasing; ``uai:…`` → rows that *are* that
            establishment.
        order: Rank of each row's id among the ids: the last tie-break of any ranking.
        commune_name: INSEE code → name, for what is shown.
    """

    revision: int
    mark: str
    pk: npt.NDArray[np.int64]
    ids: TextColumn
    names: TextColumn
    kind: Int8Array
    category: IntArray
    category_codes: tuple[str, ...]
    lat: FloatArray
    lon: FloatArray
    unit: FloatArray
    codes_commune: TextColumn
    departement: IntArray
    departement_codes: tuple[str, ...]
    has_uai: BoolArray
    phones: TextColumn
    bassin_labels: Mapping[int, str]
    visibility: Int8Array
    scopes: npt.NDArray[np.int32]
    thematiques: BitColumn
    thematiques_by_nature: BoolArray
    publics: BitColumn
    networks: BitColumn
    pathways: BitColumn
    pathways_by_nature: BoolArray
    contact: Int8Array
    age_min: IntArray
    age_max: IntArray
    occupations: RaggedColumn
    occupation_codes: tuple[str, ...]
    naf: IntArray
    naf_codes: tuple[str, ...]
    places: IntArray
    sitting_starts: RaggedColumn
    sitting_ends: RaggedColumn
    state: Int8Array
    seen_day: IntArray
    """The latest of the day a person checked it and the day its source changed it."""
    checked: BoolArray
    valid_from: IntArray
    valid_until: IntArray
    remote: BoolArray
    demonstration: BoolArray
    by_kind: Mapping[Kind, IntArray]
    rows_of_token: RowsOfWord
    order: IntArray
    commune_name: Callable[[str], str]
    derived: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was computed of the columns once and is asked for each student; a catalogue of other rows begins anew."""

    def __len__(self) -> int:
        return len(self.pk)

    def category_of(self, row: int) -> str:
        """The category's code of one row."""
        return self.category_codes[int(self.category[row])]

    def kind_of(self, row: int) -> Kind:
        """The kind of one row."""
        return KINDS[int(self.kind[row])]

    def is_category(self, codes: Iterable[str], rows: IntArray) -> BoolArray:
        """Whether each of ``rows`` is of one of these categories, shape (len(rows),)."""
        return among(self.category_codes, tuple(codes))[self.category[rows]]

    def of_departements(self, codes: Iterable[str], rows: IntArray) -> BoolArray:
        """Whether each of ``rows`` is of one of these départements (``""``: of none known), shape (len(rows),)."""
        return among(self.departement_codes, tuple(codes))[self.departement[rows]]

    def serving(self, tokens: Iterable[str]) -> IntArray:
        """Rows whose coverage holds one of these tokens, in no order, perhaps several times."""
        found = [self.rows_of_token[token] for token in tokens if token in self.rows_of_token]
        return np.concatenate(found) if found else np.empty(0, dtype=np.int32)

    def between_latitudes(self, kind: Kind, south: float, north: float) -> tuple[IntArray, FloatArray]:
        """Rows of a kind between two latitudes in degrees, in no order, and their ``unit``; those without a point are nowhere."""
        latitudes, rows, unit = self.once(f"latitudes {kind}", lambda: self._by_latitude(kind))
        begin, end = np.searchsorted(latitudes, (south, north))
        return rows[begin:end], unit[:, begin:end]

    def _by_latitude(self, kind: Kind) -> tuple[FloatArray, IntArray, FloatArray]:
        rows = self.by_kind[kind]
        rows = rows[~np.isnan(self.lat[rows] + self.lon[rows])]
        rows = rows[np.argsort(self.lat[rows], kind="stable")].astype(np.intp)
        return self.lat[rows], rows, np.ascontiguousarray(self.unit[:, rows])

    def without_point(self, kind: Kind) -> IntArray:
        """Rows of a kind that have no point, increasing."""
        rows = self.by_kind[kind]
        found: IntArray = self.once(f"without point {kind}", lambda: rows[np.isnan(self.lat[rows] + self.lon[rows])])
        return found

    def serving_everyone(self, kind: Kind) -> IntArray:
        """Rows of a kind that serve all of France, or anyone at a distance, increasing."""

        def find() -> IntArray:
            rows = self.by_kind[kind].astype(np.intp)
            scopes = self.scopes[rows]
            france = scopes & (1 << SCOPES.index(Scope.FRANCE)) != 0
            found: IntArray = rows[france | (self.remote[rows] & (scopes & ~NAMELESS == 0))]
            return found

        return self.once(f"everyone {kind}", find)

    def signatures(self, kind: Kind) -> tuple[npt.NDArray[np.int32], IntArray]:
        """The number of each row's signature, shape (rows of the catalogue,), and one row of each; 0 for the rows of other kinds.

        Rows of one signature differ in ``_OWN``, in which occupations and when they sit; nothing else tells them apart.
        """

        def find() -> tuple[npt.NDArray[np.int32], IntArray]:
            rows = self.by_kind[kind]
            found = sign(self._signed_columns(rows), len(rows))
            numbers = np.zeros(len(self), dtype=np.int32)
            numbers[rows] = found.numbers
            return numbers, rows[found.examples].astype(np.intp)

        numbers, examples = self.once(f"signatures {kind}", find)
        return numbers, examples

    def _signed_columns(self, rows: IntArray) -> Iterable[npt.NDArray[Any]]:
        for column in fields(self):
            value = getattr(self, column.name)
            if column.name in _OWN:
                continue
            if isinstance(value, np.ndarray):
                yield value[rows]
            elif isinstance(value, BitColumn):
                yield from (word[rows] for word in value.words)
        yield np.isnan(self.lat[rows])
        yield self.naf[rows] >= 0
        yield np.diff(self.occupations.offsets)[rows] > 0

    def once(self, key: str, find: Callable[[], Value]) -> Value:
        """What is computed of the columns the first time that it is asked."""
        if key not in self.derived:
            self.derived[key] = find()
        value: Value = self.derived[key]
        return value

    def find_row(self, listing_id: str) -> int | None:
        """The row of a listing, None when it is not open; O(log rows)."""
        by_id = self.once("by id", lambda: np.argsort(self.order, kind="stable"))
        place = bisect_left(by_id, listing_id, key=lambda row: self.ids[row])
        return int(by_id[place]) if place < len(by_id) and self.ids[by_id[place]] == listing_id else None

    def visible(self, rows: IntArray, viewer: Visibility) -> IntArray:
        """The rows that a viewer may see: a wide listing is seen by all, a narrow one by those as near as it is."""
        least = VISIBILITIES.index(viewer)
        all_are = self.once(f"all visible {viewer}", lambda: bool((self.visibility >= least).all()))
        return rows if all_are else rows[self.visibility[rows] >= least]


@lru_cache(maxsize=1024)
def among(vocabulary: tuple[str, ...], codes: tuple[str, ...]) -> BoolArray:
    """Which words of a vocabulary are among some codes, shape (len(vocabulary),); not to be changed."""
    wanted = set(codes)
    table = np.array([code in wanted for code in vocabulary], dtype=np.bool_)
    table.flags.writeable = False
    return table


def build_catalogue(
    rows: Iterable[Sequence[Any]],
    coverage: Iterable[tuple[int, str, str]],
    *,
    revision: int = 0,
    mark: str = "",
    commune_name: Callable[[str], str] = str,
) -> Catalogue:
    """Build the columns, as the listings state them. Pure.

    Args:
        rows: Values of ``ROW_COLUMNS`` of each listing, in any order.
        coverage: (listing's primary key, scope, code).
        revision: What the directory's revision was just before the rows were read.
        mark: Its mark.
        commune_name: INSEE code → name.
    """
    columns = read_rows(rows)
    scopes, rows_of_token = _read_coverage(coverage, columns)
    lat, lon = np.array(columns.lat, dtype=np.float64), np.array(columns.lon, dtype=np.float64)
    kind = np.array(columns.kind, dtype=np.int8)
    remote = np.array(columns.remote, dtype=np.bool_)
    remote[rows_of_token.get(str(Scope.REMOTE), np.empty(0, dtype=np.int32))] = True
    return Catalogue(
        revision=revision,
        mark=mark,
        pk=np.array(columns.pk, dtype=np.int64),
        ids=build_text(columns.ids),
        names=build_text(columns.names),
        kind=kind,
        category=np.array(columns.category, dtype=np.intp),
        category_codes=tuple(categories()),
        lat=lat,
        lon=lon,
        unit=unit_vectors(lat, lon),
        codes_commune=build_text(columns.codes_commune),
        departement=np.array(columns.departement, dtype=np.intp),
        departement_codes=tuple(columns.departement_index),
        has_uai=np.array([bool(uai) for uai in columns.uais], dtype=np.bool_),
        phones=build_text(columns.phones),
        bassin_labels=columns.bassin_labels,
        visibility=np.array(columns.visibility, dtype=np.int8),
        scopes=scopes,
        thematiques=build_bits(tuple(THEMATIQUES), columns.thematiques),
        thematiques_by_nature=np.array(columns.thematiques_by_nature, dtype=np.bool_),
        publics=build_bits(tuple(PUBLICS), columns.publics),
        networks=build_bits(tuple(networks()), columns.networks),
        pathways=build_bits(tuple(Pathway), columns.pathways),
        pathways_by_nature=np.array(columns.pathways_by_nature, dtype=np.bool_),
        contact=np.array(columns.contact, dtype=np.int8),
        age_min=np.array(columns.age_min, dtype=np.int32),
        age_max=np.array(columns.age_max, dtype=np.int32),
        occupations=build_ragged(columns.occupations),
        occupation_codes=tuple(columns.occupation_index),
        naf=np.array(columns.naf, dtype=np.int32),
        naf_codes=tuple(columns.naf_index),
        places=np.array(columns.places, dtype=np.int32),
        sitting_starts=build_ragged(columns.sitting_starts),
        sitting_ends=build_ragged(columns.sitting_ends),
        state=np.array(columns.state, dtype=np.int8),
        seen_day=np.array(columns.seen_day, dtype=np.int32),
        checked=np.array(columns.checked, dtype=np.bool_),
        valid_from=np.array(columns.valid_from, dtype=np.int32),
        valid_until=np.array(columns.valid_until, dtype=np.int32),
        remote=remote,
        demonstration=np.array(columns.demonstration, dtype=np.bool_),
        by_kind=rows_of_kinds(kind),
        rows_of_token=rows_of_token,
        order=ranks(columns.ids),
        commune_name=commune_name,
    )


def rows_of_kinds(kind: Int8Array) -> Mapping[Kind, IntArray]:
    """The rows of each kind, increasing."""
    return {each: np.flatnonzero(kind == index).astype(np.int32) for index, each in enumerate(KINDS)}


def ranks(ids: Sequence[str]) -> npt.NDArray[np.int32]:
    """Rank of each id among them, shape (len(ids),)."""
    texts = list(ids)
    order = np.empty(len(texts), dtype=np.int32)
    order[sorted(range(len(texts)), key=texts.__getitem__)] = np.arange(len(texts), dtype=np.int32)
    return order


def unit_vectors(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """Points on the unit sphere, shape (3, n), from degrees: a dot product then ranks by distance faster than any formula."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)))


def _read_coverage(coverage: Iterable[tuple[int, str, str]], columns: Columns) -> tuple[npt.NDArray[np.int32], RowsOfWord]:
    row_of = {pk: row for row, pk in enumerate(columns.pk)}
    bit = {str(scope): 1 << index for index, scope in enumerate(SCOPES)}
    scopes = np.zeros(len(columns.pk), dtype=np.int32)
    numbers: dict[str, int] = {}
    tokens, rows = array("i"), array("i")
    for pk, scope, code in coverage:
        row = row_of.get(pk)
        if row is not None:  # else published after the rows were read: the next revision has it
            scopes[row] |= bit[str(scope)]
            tokens.append(numbers.setdefault(f"{scope}:{code}" if code else str(scope), len(numbers)))
            rows.append(row)
    for row, uai in enumerate(columns.uais):
        if uai:
            tokens.append(numbers.setdefault(f"uai:{uai}", len(numbers)))
            rows.append(row)
    return scopes, build_rows_of_word(tuple(numbers), np.array(tokens), np.array(rows))


def with_bassins(catalogue: Catalogue, bassins_named: Callable[[str], tuple[str, ...]]) -> Catalogue:
    """The same, where a listing that names its bassin and states no territory serves it, when exactly one bears that label.

    Args:
        catalogue: As its listings state it.
        bassins_named: The codes of the bassins that bear a label.
    """
    scopes, words = catalogue.scopes.copy(), list(catalogue.rows_of_token)
    numbers = {word: number for number, word in enumerate(words)}
    found = {}
    for row, label in catalogue.bassin_labels.items():
        codes = bassins_named(label)
        if not scopes[row] and len(codes) == 1:
            found[row] = numbers.setdefault(f"{Scope.BASSIN}:{codes[0]}", len(numbers))
            scopes[row] |= 1 << SCOPES.index(Scope.BASSIN)
    if not found:
        return catalogue
    stated = catalogue.rows_of_token
    word = np.repeat(np.arange(len(words)), np.diff(stated.offsets))
    pairs = (np.append(word, list(found.values())), np.append(stated.rows, list(found)))
    return replace(catalogue, scopes=scopes, rows_of_token=build_rows_of_word(tuple(numbers), *pairs))
