"""France Travail's « mes événements emploi »: a day, two hours, a time zone that may contradict them, two ways to say where."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from directory.errors import InvalidValue
from directory.identifiers import parse_code_rome
from directory.models.record import Occurrence
from directory.text import fold
from directory.vocabulary import EventState
from importers.json_items import parse_json_cell
from importers.row import Row
from importers.run import Run
from importers.sources.calendars.event import PARIS, Event
from importers.values import clean_html, parse_count, parse_degrees, parse_url, tidy

_IGNORED = ("objectifs", "publics", "multisectoriel")


def is_france_travail(row: Row) -> bool:
    """Whether the row is of this form."""
    return "dateEvenement" in row.raw and "titre" in row.raw


def read_france_travail(run: Run, row: Row) -> Event | None:
    """Read one event; None when it was refused."""
    row.ignore(*_IGNORED)
    key, title = tidy(row.take("id")), tidy(row.take("titre", to="name"))
    if not key or not title:
        run.refuse(row, "titre", title, "Événement sans titre ou sans identifiant.")
        return None
    sitting = _sitting(run, row)
    if sitting is None:
        return None
    modes = fold(row.find("modalites", to="modes_accueil") or "")
    places, state = _places(run, row)
    return Event(
        key=f"france_travail-{key}",
        title=title,
        description=clean_html((row.find("description", to="description") or "")[:100_000]),
        form=tidy(row.find("type", to="category") or ""),
        organiser="France Travail",
        sittings=(sitting,),
        state=state,
        code_postal=tidy(row.find("codePostal", to="code_postal") or ""),
        commune=tidy(row.find("ville", to="code_commune") or ""),
        code_commune=tidy(row.find("codeInsee", to="code_commune") or ""),
        latitude=run.read_value(row, "latitude", parse_degrees, None, to="latitude"),
        longitude=run.read_value(row, "longitude", parse_degrees, None, to="longitude"),
        remote="distance" in modes,
        on_site="physique" in modes or "presentiel" in modes or "distance" not in modes,
        registration_url=_url(run, row),
        occupations=_occupations(row),
        places=places,
        admitted=True,
    )


def _sitting(run: Run, row: Row) -> Occurrence | None:
    """The day as written and the hours as written, in the zone that is named: the offset beside the day is not to be trusted."""
    day, begins, ends = (row.take(name, to="occurrences") for name in ("dateEvenement", "heureDebut", "heureFin"))
    zone = _zone(run, row)
    try:
        stated = datetime.fromisoformat(day)
        start = datetime.combine(stated.date(), time.fromisoformat(begins) if begins else stated.time(), tzinfo=zone)
        end = datetime.combine(stated.date(), time.fromisoformat(ends), tzinfo=zone) if ends else start
    except (ValueError, OverflowError):
        run.refuse(row, "dateEvenement", f"{day} {begins} {ends}".strip(), "Date ou heures impossibles.")
        return None
    if stated.utcoffset() not in {None, timedelta(0), start.utcoffset()}:
        run.doubt(
            row, "dateEvenement", day, f"Le décalage horaire contredit le fuseau : lu à {start:%H:%M}, heure de {zone.key}."
        )
    if end < start:
        run.doubt(row, "heureFin", ends, "L’événement finirait avant de commencer : son heure de fin est laissée de côté.")
        end = start
    return Occurrence(start=start, end=end)


def _zone(run: Run, row: Row) -> ZoneInfo:
    name = row.find("timezone", to="occurrences") or ""
    if re.fullmatch(r"[A-Za-z]{2,20}(/[A-Za-z_\-]{2,30}){1,2}", name):
        try:
            return ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            pass
    if name:
        run.doubt(row, "timezone", name, "Fuseau horaire inconnu : lu comme l’heure de Paris.")
    return PARIS


def _places(run: Run, row: Row) -> tuple[int | None, EventState]:
    """Places in all, and whether every one is taken."""
    names = ("nombrePlaceTotalPresentiel", "nombrePlaceTotalDistance", "nombreInscritPresentiel", "nombreInscritDistance")
    counts = [run.read_value(row, name, parse_count, None, to=("places", "event_state")) or 0 for name in names]
    total, taken = counts[0] + counts[1], counts[2] + counts[3]
    return total or None, EventState.FULL if total and taken >= total else EventState.OPEN


def _occupations(row: Row) -> tuple[str, ...]:
    """The ROME codes; the single letters among them name a whole sector and are not occupations."""
    try:
        codes = parse_json_cell(row.find("codesRome", to="occupations") or "")
    except ValueError:
        return ()
    found = []
    for code in codes if isinstance(codes, list) else ():
        try:
            found.append(parse_code_rome(str(code)))
        except InvalidValue:
            continue
    return tuple(dict.fromkeys(found))


def _url(run: Run, row: Row) -> str:
    return run.read_value(row, "urlDetailEvenement", parse_url, "", to="registration_url")
