"""Rows of the repository, read into the lists that the catalogue's columns are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from itertools import islice
from math import nan
from sys import intern
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from directory.columns import NO_DAY, day_number
from directory.vocabulary import REMOTE_MODE, EventState, Kind, Visibility, categories

ROW_COLUMNS: tuple[str, ...] = (
    "pk", "id", "name", "kind", "category", "visibility", "latitude", "longitude", "code_commune", "code_departement",
    "bassin_label", "publics", "age_min", "age_max", "contacts", "thematiques", "modes_accueil", "networks", "pathways",
    "occupations", "places", "uai", "naf", "occurrences", "event_state", "checked_at", "updated_at", "valid_from", "valid_until",
    "demonstration",
)  # fmt: skip
_CHUNK = 10_000
_BAND_DEGREES = 0.25
_NOWHERE = 999.0
_Given = Mapping[str, tuple[Any, ...]]
_PARIS = ZoneInfo("Europe/Paris")
_KIND = {str(kind): index for index, kind in enumerate(Kind)}
_VISIBILITY = {str(visibility): index for index, visibility in enumerate(Visibility)}
_STATE = {str(state): index for index, state in enumerate(EventState)}


@dataclass(slots=True)
class Columns:
    """One list a column, as long as there are rows (``directory.catalogue.Catalogue`` says what each holds)."""

    pk: list[int] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    category: list[int] = field(default_factory=list)
    visibility: list[int] = field(default_factory=list)
    lat: list[float] = field(default_factory=list)
    lon: list[float] = field(default_factory=list)
    codes_commune: list[str] = field(default_factory=list)
    departement: list[int] = field(default_factory=list)
    departement_index: dict[str, int] = field(default_factory=dict)
    uais: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    bassin_labels: dict[int, str] = field(default_factory=dict)
    thematiques: list[Sequence[str]] = field(default_factory=list)
    thematiques_by_nature: list[bool] = field(default_factory=list)
    publics: list[Sequence[str]] = field(default_factory=list)
    networks: list[Sequence[str]] = field(default_factory=list)
    pathways: list[Sequence[str]] = field(default_factory=list)
    pathways_by_nature: list[bool] = field(default_factory=list)
    contact: list[int] = field(default_factory=list)
    age_min: list[int] = field(default_factory=list)
    age_max: list[int] = field(default_factory=list)
    occupations: list[list[int]] = field(default_factory=list)
    occupation_index: dict[str, int] = field(default_factory=dict)
    naf: list[int] = field(default_factory=list)
    naf_index: dict[str, int] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    sitting_starts: list[list[int]] = field(default_factory=list)
    sitting_ends: list[list[int]] = field(default_factory=list)
    state: list[int] = field(default_factory=list)
    seen_day: list[int] = field(default_factory=list)
    checked: list[bool] = field(default_factory=list)
    valid_from: list[int] = field(default_factory=list)
    valid_until: list[int] = field(default_factory=list)
    remote: list[bool] = field(default_factory=list)
    demonstration: list[bool] = field(default_factory=list)


def by_place(kind: npt.ArrayLike, lat: npt.ArrayLike, lon: npt.ArrayLike, pk: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """The order in which rows are kept: by kind, then from north to south in bands, in each from west to east.

    What one student looks at then lies together in memory, which is read a quarter faster.

    Args:
        kind: Index of the kind, shape (rows,), as all.
        lat: Degrees; NaN without a point.
        lon: Degrees.
        pk: Settles equals.
    """
    bands = np.floor(np.nan_to_num(np.asarray(lat, dtype=np.float64), nan=-_NOWHERE) / _BAND_DEGREES)
    return np.lexsort((np.asarray(pk), np.nan_to_num(np.asarray(lon, dtype=np.float64), nan=-_NOWHERE), -bands, np.asarray(kind)))


def read_rows(rows: Iterable[Sequence[Any]]) -> Columns:
    """Read rows of ``ROW_COLUMNS`` into columns, the category's defaults filled in where the record is silent."""
    columns = Columns()
    remaining = iter(rows)
    while chunk := list(islice(remaining, _CHUNK)):
        given = dict(zip(ROW_COLUMNS, zip(*chunk, strict=True), strict=True))
        _read_identity(columns, given)
        _read_contacts(columns, given["contacts"])
        _read_offer(columns, given)
        _read_dates(columns, given)
    _put_in_order(columns, by_place(columns.kind, columns.lat, columns.lon, columns.pk).tolist())
    return columns


def _put_in_order(columns: Columns, order: Sequence[int]) -> None:
    for column in fields(columns):
        values = getattr(columns, column.name)
        if isinstance(values, list):
            setattr(columns, column.name, [values[row] for row in order])
    if columns.bassin_labels:
        position = {row: place for place, row in enumerate(order)}
        columns.bassin_labels = dict(sorted((position[row], label) for row, label in columns.bassin_labels.items()))


def _read_identity(columns: Columns, given: _Given) -> None:
    first = len(columns.pk)
    columns.bassin_labels.update({first + offset: label for offset, label in enumerate(given["bassin_label"]) if label})
    columns.pk += given["pk"]
    columns.ids += given["id"]
    columns.names += given["name"]
    columns.kind += [_KIND[kind] for kind in given["kind"]]
    numbers = {code: number for number, code in enumerate(categories())}
    columns.category += [numbers[category] for category in given["category"]]
    columns.visibility += [_VISIBILITY[visibility] for visibility in given["visibility"]]
    columns.lat += [nan if lat is None else lat for lat in given["latitude"]]
    columns.lon += [nan if lon is None else lon for lon in given["longitude"]]
    communes = [intern(code) if code else "" for code in given["code_commune"]]  # 35,000 texts, not one a listing
    columns.codes_commune += communes
    departements = [code or departement_of(commune) for code, commune in zip(given["code_departement"], communes, strict=True)]
    index = columns.departement_index
    columns.departement += [index.setdefault(code, len(index)) for code in departements]
    columns.uais += [uai or "" for uai in given["uai"]]
    columns.demonstration += map(bool, given["demonstration"])


def departement_of(code_commune: str) -> str:
    """The département that an INSEE code begins with: two characters, three overseas."""
    return code_commune[:3] if code_commune.startswith(("97", "98")) else code_commune[:2]


def _read_contacts(columns: Columns, given: Iterable[Sequence[Mapping[str, str]]]) -> None:
    for contacts in given:
        phone, bits = "", 0
        for contact in contacts:
            if contact.get("visibility", "public") == "public":
                phone = phone or contact.get("phone", "")
                bits |= (1 if contact.get("phone") else 0) | (2 if contact.get("email") else 0) | (4 if contact.get("url") else 0)
        columns.phones.append(phone)
        columns.contact.append(bits)


def _read_offer(columns: Columns, given: _Given) -> None:
    natures = [categories()[category] for category in given["category"]]
    columns.thematiques += [own or nature.thematiques for own, nature in zip(given["thematiques"], natures, strict=True)]
    columns.thematiques_by_nature += [not own for own in given["thematiques"]]
    columns.networks += [own or nature.networks for own, nature in zip(given["networks"], natures, strict=True)]
    columns.pathways += [own or nature.pathways for own, nature in zip(given["pathways"], natures, strict=True)]
    columns.pathways_by_nature += [not own for own in given["pathways"]]
    columns.publics += given["publics"]
    columns.age_min += [-1 if age is None else age for age in given["age_min"]]
    columns.age_max += [-1 if age is None else age for age in given["age_max"]]
    codes, nafs = columns.occupation_index, columns.naf_index
    columns.occupations += [[codes.setdefault(code, len(codes)) for code in own] for own in given["occupations"]]
    columns.naf += [nafs.setdefault(naf, len(nafs)) if naf else -1 for naf in given["naf"]]
    columns.places += [-1 if places is None else places for places in given["places"]]
    columns.remote += [REMOTE_MODE in modes for modes in given["modes_accueil"]]


def _read_dates(columns: Columns, given: _Given) -> None:
    for occurrences in given["occurrences"]:
        sittings = sorted(map(_sitting_days, occurrences))
        columns.sitting_starts.append([first for first, _ in sittings])
        columns.sitting_ends.append([last for _, last in sittings])
    columns.state += [_STATE[state] for state in given["event_state"]]
    checked = [_day(day) for day in given["checked_at"]]
    columns.checked += [day != NO_DAY for day in checked]
    columns.seen_day += [max(day, _day(updated)) for day, updated in zip(checked, given["updated_at"], strict=True)]
    columns.valid_from += [_day(day) for day in given["valid_from"]]
    columns.valid_until += [_day(day) for day in given["valid_until"]]


def _day(value: date | str | None) -> int:
    if value is None:
        return NO_DAY
    return day_number(date.fromisoformat(value) if isinstance(value, str) else value)


def _sitting_days(sitting: Mapping[str, Any]) -> tuple[int, int]:
    start, end = (_paris(sitting[name]) for name in ("start", "end"))
    # a whole day runs to the next midnight, which is not a day of the event
    last = end - timedelta(microseconds=1) if end > start else end
    return day_number(start.date()), day_number(last.date())


def _paris(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(_PARIS)
