"""OpenAgenda's events, in Opendatasoft's export (``title_fr``, ``timings`` as JSON text) and in its own API (``title.fr``)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from directory.errors import InvalidValue
from directory.models.record import Occurrence
from directory.text import fold
from directory.vocabulary import EventState
from importers.json_items import parse_json_cell
from importers.row import Row
from importers.run import Run
from importers.sources.calendars.event import Event, localised
from importers.values import clean_html, parse_count, parse_degrees, parse_french_date, parse_url, read_price, tidy

T = TypeVar("T")

# OpenAgenda's states, by number and by French label.
_STATES = {
    "1": EventState.OPEN, "programme": EventState.OPEN,
    "2": EventState.POSTPONED, "reprogramme": EventState.POSTPONED,
    "3": EventState.OPEN, "deplace en ligne": EventState.OPEN,
    "4": EventState.POSTPONED, "reporte": EventState.POSTPONED,
    "5": EventState.FULL, "complet": EventState.FULL,
    "6": EventState.CANCELLED, "annule": EventState.CANCELLED,
}  # fmt: skip
_MOVED_ONLINE, _WITHOUT_NEW_DATE = ("3", "deplace en ligne"), ("4", "reporte")
# Whether it takes place somewhere, and whether it can be followed from afar.
_MODES = {
    **dict.fromkeys(("1", "sur place"), (True, False)),
    **dict.fromkeys(("2", "en ligne"), (False, True)),
    **dict.fromkeys(("3", "mixte"), (True, True)),
}
_MOST_TIMINGS = 5000


@dataclass(frozen=True, slots=True)
class Shape:
    """Where each fact of an event stands in one form of OpenAgenda."""

    title: str
    description: str
    long_description: str
    keywords: str
    organiser: str
    venue: str
    address: str
    code_postal: str
    commune: str
    code_commune: str
    point: tuple[str, ...]
    url: str
    online: str
    mode: str
    age_min: str
    age_max: str
    updated: str
    conditions: str
    prefix: str = ""


OPENDATASOFT = Shape(
    "title_fr", "description_fr", "longdescription_fr", "keywords_fr", "originagenda_title", "location_name", "location_address",
    "location_postalcode", "location_city", "location_insee", ("location_coordinates",), "canonicalurl", "onlineaccesslink",
    "attendancemode", "age_min", "age_max", "updatedat", "conditions_fr",
)  # fmt: skip
OPENAGENDA = Shape(
    "title.fr", "description.fr", "longDescription.fr", "keywords.fr", "originAgenda.title", "location.name", "location.address",
    "location.postalCode", "location.city", "location.insee", ("location.latitude", "location.longitude"), "canonicalUrl",
    "onlineAccessLink", "attendanceMode", "age.min", "age.max", "updatedAt", "conditions.fr",
)  # fmt: skip


# The same, asked in one language (``monolingual=fr``): texts stand alone.
MONOLINGUAL = replace(
    OPENAGENDA, title="title", description="description", long_description="longDescription", keywords="keywords",
    conditions="conditions",
)  # fmt: skip


def shape_of(row: Row) -> tuple[Shape, str] | None:
    """Which form the row is of, and what its headers begin with; None when it is no OpenAgenda event."""
    for shape in (OPENDATASOFT, OPENAGENDA, MONOLINGUAL):
        for prefix in ("", "fields."):
            if f"{prefix}{shape.title}" in row.raw and f"{prefix}timings" in row.raw:
                return shape, prefix
    return None


def read_agenda(run: Run, row: Row, shape: Shape, prefix: str) -> Event | None:
    """Read one event; None when it was refused."""
    cells = _Cells(run, row, prefix)
    uid, title = tidy(cells.text("uid")), tidy(cells.text(shape.title, to="name"))
    if not uid or not title:
        run.refuse(row, f"{prefix}{shape.title}", title, "Événement sans titre ou sans identifiant.")
        return None
    state, remote, on_site = _state(cells, shape)
    sittings = _sittings(cells)
    if sittings is None:
        return None
    latitude, longitude = _point(cells, shape)
    stated = tidy(clean_html(cells.text(shape.conditions, to=("frais", "frais_details", "conditions"))[:2000]))
    price = read_price(stated).value  # a text of conditions that states no price is no doubt of one
    return Event(
        key=f"openagenda-{uid}",
        title=title,
        description=_description(cells, shape),
        keywords=_keywords(cells.text(shape.keywords, to="pathways")),
        organiser=tidy(cells.text(shape.organiser)),
        sittings=sittings,
        state=state,
        venue=tidy(cells.text(shape.venue, to="address")),
        address=cells.text(shape.address, to="address"),
        code_postal=tidy(cells.text(shape.code_postal, to="code_postal")),
        commune=tidy(cells.text(shape.commune, to="code_commune")),
        code_commune=tidy(cells.text(shape.code_commune, to="code_commune")),
        latitude=latitude,
        longitude=longitude,
        remote=remote,
        on_site=on_site,
        registration_url=_registration(cells, shape),
        source_url=cells.value(shape.url, parse_url, "", to="source_url"),
        age_min=cells.value(shape.age_min, parse_count, None, to="age_min"),
        age_max=_oldest(cells.value(shape.age_max, parse_count, None, to="age_max")),
        updated_at=cells.value(shape.updated, parse_french_date, None, to="updated_at"),
        frais=price.frais,
        frais_details=price.details if price.frais else "",
        conditions="" if price.frais else stated,
    )


class _Cells:
    """The cells of an event, under their prefix."""

    def __init__(self, run: Run, row: Row, prefix: str) -> None:
        self.run, self.row, self.prefix = run, row, prefix

    def text(self, name: str, *, to: str | tuple[str, ...] = ()) -> str:
        return self.row.find(f"{self.prefix}{name}", to=to) or ""

    def value(self, name: str, parse: Callable[[str], T], default: T, *, to: str) -> T:
        return self.run.read_value(self.row, f"{self.prefix}{name}", parse, default, to=to)

    def doubt(self, name: str, value: str, message: str) -> None:
        self.run.doubt(self.row, f"{self.prefix}{name}", value, message)

    def data(self, name: str, *, to: str = "") -> Any:
        """The JSON of a cell, or None; text that is no JSON is a doubt."""
        text = self.text(name, to=to)
        try:
            return parse_json_cell(text)
        except ValueError:
            self.doubt(name, text, "Ce n’est pas le JSON attendu.")
            return None


def _sittings(cells: _Cells) -> tuple[Occurrence, ...] | None:
    timings = cells.data("timings", to="occurrences")
    if not isinstance(timings, list) or not timings:
        cells.run.refuse(cells.row, f"{cells.prefix}timings", cells.text("timings"), "Événement sans date lisible.")
        return None
    read = [_sitting(timing) for timing in timings[:_MOST_TIMINGS]]
    wrong = sum(1 for sitting in read if sitting is None)
    if wrong == len(read):
        cells.run.refuse(cells.row, f"{cells.prefix}timings", cells.text("timings"), "Aucune date de l’événement n’est possible.")
        return None
    if wrong:
        cells.doubt("timings", cells.text("timings"), f"{wrong} dates impossibles sur {len(read)} : elles sont laissées de côté.")
    return tuple(sitting for sitting in read if sitting is not None)


def _sitting(timing: object) -> Occurrence | None:
    if not isinstance(timing, dict):
        return None
    try:
        start, end = (localised(datetime.fromisoformat(str(timing[name]))) for name in ("begin", "end"))
        return Occurrence(start=start, end=end)
    except (KeyError, ValueError, OverflowError):
        return None


def _state(cells: _Cells, shape: Shape) -> tuple[EventState, bool, bool]:
    """The state, whether it can be followed from afar, and whether it takes place somewhere."""
    status = _word(cells.text("status.id") or cells.text("status", to="event_state"), cells.text("status.label.fr"))
    mode = _word(
        cells.text(f"{shape.mode}.id") or cells.text(shape.mode, to="modes_accueil"), cells.text(f"{shape.mode}.label.fr")
    )
    state = _STATES.get(status)
    if state is None and status:
        cells.doubt("status", status, "État inconnu : l’événement est publié comme maintenu.")
    if status in _WITHOUT_NEW_DATE:
        cells.doubt("status", status, "Reporté sans nouvelle date annoncée : vérifier les dates auprès de l’organisateur.")
    on_site, remote = _MODES.get(mode, (True, False))
    if status in _MOVED_ONLINE:
        on_site, remote = False, True
    return state or EventState.OPEN, remote, on_site


def _word(text: str, label: str) -> str:
    """A coded value as one word, whether the cell is « 1 », a label, or the JSON of both."""
    if text.startswith("{"):
        try:
            data = parse_json_cell(text)
        except ValueError:
            return fold(text)[:40]
        text = str(data.get("id") or (data.get("label") or {}).get("fr") or "") if isinstance(data, dict) else ""
    return fold(text or label)[:40]


def _point(cells: _Cells, shape: Shape) -> tuple[float | None, float | None]:
    if len(shape.point) == 2:
        latitude, longitude = shape.point
        return cells.value(latitude, parse_degrees, None, to="latitude"), cells.value(
            longitude, parse_degrees, None, to="longitude"
        )
    pair = cells.data(shape.point[0], to="latitude") if cells.text(shape.point[0]).startswith("[") else None
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, int | float) for part in pair):
        return float(pair[0]), float(pair[1])
    return None, None


def _description(cells: _Cells, shape: Shape) -> str:
    short, long = (
        clean_html(cells.text(name, to="description")[:100_000]) for name in (shape.description, shape.long_description)
    )
    # the short one is often the beginning of the long one, cut
    head = short.rstrip("… .")
    return long if head and fold(long).startswith(fold(head)) else "\n\n".join(filter(None, (short, long)))


def _keywords(text: str) -> tuple[str, ...]:
    try:
        data = parse_json_cell(text) if text.startswith("[") else None
    except ValueError:
        data = None
    words = map(str, data) if isinstance(data, list) else re.split(r"[;,]", text)
    return tuple(word for raw in words if (word := tidy(raw)[:100]))[:50]


def _registration(cells: _Cells, shape: Shape) -> str:
    online = cells.value(shape.online, parse_url, "", to="registration_url")
    entries = cells.data("registration", to="registration_url")
    for entry in entries if isinstance(entries, list) else ():
        value = str(entry.get("value", "")) if isinstance(entry, dict) and entry.get("type") == "link" else ""
        try:
            if value:
                return parse_url(value)
        except InvalidValue as error:
            cells.doubt("registration", value, error.public)
    return online


def _oldest(age: int | None) -> int | None:
    """OpenAgenda writes 99 for « no limit »."""
    return None if age is None or age >= 99 else age
