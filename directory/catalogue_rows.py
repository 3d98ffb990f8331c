"""Rows of the repository, read into the lists that the catalogue's columns are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import nan
from typing import Any
from zoneinfo import ZoneInfo

from directory.columns import NO_DAY, day_number
from directory.vocabulary import REMOTE_MODE, EventState, Kind, Visibility, categories

ROW_COLUMNS: tuple[str, ...] = (
    "pk", "id", "name", "kind", "category", "visibility", "latitude", "longitude", "code_commune", "code_departement",
    "bassin_label", "publics", "age_min", "age_max", "contacts", "thematiques", "modes_accueil", "networks", "pathways",
    "occupations", "places", "uai", "naf", "occurrences", "event_state", "checked_at", "updated_at", "valid_from", "valid_until",
    "demonstration",
)  # fmt: skip
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


def read_rows(rows: Iterable[Sequence[Any]]) -> Columns:
    """Read rows of ``ROW_COLUMNS`` into columns, the category's defaults filled in where the record is silent."""
    columns = Columns()
    position = {name: index for index, name in enumerate(ROW_COLUMNS)}
    category_index = {code: index for index, code in enumerate(categories())}
    for values in rows:
        row = _Row(values, position)
        _read_identity(columns, row, category_index)
        _read_offer(columns, row)
        _read_dates(columns, row)
    return columns


class _Row:
    __slots__ = ("_position", "_values")

    def __init__(self, values: Sequence[Any], position: Mapping[str, int]) -> None:
        self._values = values
        self._position = position

    def __getitem__(self, name: str) -> Any:
        return self._values[self._position[name]]


def _read_identity(columns: Columns, row: _Row, category_index: Mapping[str, int]) -> None:
    if row["bassin_label"]:
        columns.bassin_labels[len(columns.pk)] = row["bassin_label"]
    columns.pk.append(row["pk"])
    columns.ids.append(row["id"])
    columns.names.append(row["name"])
    columns.kind.append(_KIND[row["kind"]])
    columns.category.append(category_index[row["category"]])
    columns.visibility.append(_VISIBILITY[row["visibility"]])
    columns.lat.append(nan if row["latitude"] is None else row["latitude"])
    columns.lon.append(nan if row["longitude"] is None else row["longitude"])
    commune = row["code_commune"] or ""
    columns.codes_commune.append(commune)
    departement = row["code_departement"] or departement_of(commune)
    columns.departement.append(columns.departement_index.setdefault(departement, len(columns.departement_index)))
    columns.uais.append(row["uai"] or "")
    columns.demonstration.append(bool(row["demonstration"]))
    _read_contacts(columns, row["contacts"])


def departement_of(code_commune: str) -> str:
    """The département that an INSEE code begins with: two characters, three overseas."""
    return code_commune[:3] if code_commune.startswith(("97", "98")) else code_commune[:2]


def _read_contacts(columns: Columns, contacts: Sequence[Mapping[str, str]]) -> None:
    phone, bits = "", 0
    for contact in contacts:
        if contact.get("visibility", "public") != "public":
            continue
        phone = phone or contact.get("phone", "")
        bits |= (1 if contact.get("phone") else 0) | (2 if contact.get("email") else 0) | (4 if contact.get("url") else 0)
    columns.phones.append(phone)
    columns.contact.append(bits)


def _read_offer(columns: Columns, row: _Row) -> None:
    nature = categories()[row["category"]]
    columns.thematiques.append(row["thematiques"] or nature.thematiques)
    columns.thematiques_by_nature.append(not row["thematiques"])
    columns.networks.append(row["networks"] or nature.networks)
    columns.pathways.append(row["pathways"] or nature.pathways)
    columns.pathways_by_nature.append(not row["pathways"])
    columns.publics.append(row["publics"])
    columns.age_min.append(-1 if row["age_min"] is None else row["age_min"])
    columns.age_max.append(-1 if row["age_max"] is None else row["age_max"])
    codes = columns.occupation_index
    columns.occupations.append([codes.setdefault(code, len(codes)) for code in row["occupations"]])
    naf = row["naf"]
    columns.naf.append(-1 if not naf else columns.naf_index.setdefault(naf, len(columns.naf_index)))
    columns.places.append(-1 if row["places"] is None else row["places"])
    columns.remote.append(REMOTE_MODE in row["modes_accueil"])


def _read_dates(columns: Columns, row: _Row) -> None:
    sittings = sorted(_sitting_days(sitting) for sitting in row["occurrences"])
    columns.sitting_starts.append([first for first, _ in sittings])
    columns.sitting_ends.append([last for _, last in sittings])
    columns.state.append(_STATE[row["event_state"]])
    checked, updated = _day(row["checked_at"]), _day(row["updated_at"])
    columns.seen_day.append(max(checked, updated))
    columns.checked.append(checked != NO_DAY)
    columns.valid_from.append(_day(row["valid_from"]))
    columns.valid_until.append(_day(row["valid_until"]))


def _day(value: date | str | None) -> int:
    return day_number(date.fromisoformat(value) if isinstance(value, str) else value)


def _sitting_days(sitting: Mapping[str, Any]) -> tuple[int, int]:
    start, end = (_paris(sitting[name]) for name in ("start", "end"))
    # a whole day runs to the next midnight, which is not a day of the event
    last = end - timedelta(microseconds=1) if end > start else end
    return day_number(start.date()), day_number(last.date())


def _paris(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(_PARIS)
