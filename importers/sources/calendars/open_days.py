"""Open days as lycées and académies list them: a table of establishments and dates in words, or a text of one line each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from directory.models.record import Contact
from directory.text import fold
from directory.vocabulary import EventState
from importers.errors import StructureChanged
from importers.guards import Content, check_file
from importers.network_rows import slug, structure_contacts
from importers.row import Row
from importers.run import Run
from importers.source import Column
from importers.sources.calendars.event import Event
from importers.text_files import detect_encoding, open_text
from importers.values import Sittings, clean_html, parse_url, read_sittings, read_uai, tidy

_PLAIN = frozenset({"", ".txt"})
_MOST_LINES = 20_000
_STATES = (
    (re.compile(r"\bannule"), EventState.CANCELLED),
    (re.compile(r"\breporte"), EventState.POSTPONED),
    (re.compile(r"\bcomplet\b"), EventState.FULL),
)
# « Lycée Exemple (Rennes) : samedi 6 février 2027 de 9h à 12h »
_LINE = re.compile(r"^[\s•*\-–]*(?P<name>[^:\t]{3,150}?)\s*(?:\t|:|\s[–—-]\s)\s*(?P<dates>.*\d.*)$")
_TOWN = re.compile(r"^(?P<name>.+?)\s*\((?P<town>[^()\d]{2,60})(?:,?\s*\d{2,5})?\)$")


def _column(name: str, *headers: str, required: bool = False) -> Column:
    return Column(name=name, headers=(name, *headers), required=required)


_LIST = (
    _column("etablissement", "Établissement", "Lycée", "Nom de l’établissement", "Nom", "Structure", "Organisateur", "CFA"),
    _column("titre", "Événement", "Intitulé", "Manifestation", "Salon", "Objet"),
    _column(
        "dates", "Date", "Date(s)", "Dates des portes ouvertes", "Date des portes ouvertes", "Dates portes ouvertes",
        "Date portes ouvertes", "Portes ouvertes", "JPO", "Date JPO", "Dates JPO", "Date(s) JPO", "Date des JPO", "Dates des JPO",
        "Date de la JPO", "Journée portes ouvertes", "Journées portes ouvertes", "Journée portes ouvertes (JPO)",
        "Journées portes ouvertes (JPO)", "Date de la journée portes ouvertes", "Dates des journées portes ouvertes", "Jour",
        "Quand",
        "Date et horaires", "Dates et horaires", required=True,
    ),
    _column("horaires", "Horaires", "Heures", "Heure"),
    _column("uai", "UAI", "RNE", "Code UAI"),
    _column("adresse", "Adresse", "Lieu"),
    _column("code_postal", "CP", "Code postal"),
    _column("commune", "Ville", "Commune", "Localité"),
    _column("description", "Commentaire", "Observations", "Précisions", "Formations", "Remarques"),
    _column("telephone", "Tél.", "Téléphone"),
    _column("courriel", "Mail", "Courriel", "Mél"),
    _column("site", "Site", "Site internet", "Lien", "URL"),
    _column("contact", "Contact"),
)  # fmt: skip
COLUMNS = {column.name: column for column in _LIST}


def read_open_days(run: Run, path: Path) -> Iterator[tuple[Row, Event]]:
    """The events of a list, the rows of one establishment together.

    Raises:
        StructureChanged: Neither a table with a column of dates, nor lines that hold some.
        UnreadableFile: See importers.reading.
    """
    found: dict[str, tuple[Row, Event]] = {}
    for row in _rows(run, path):
        event = _event(run, row)
        if event is None:
            continue
        first = found.get(event.key)
        if first is not None:
            sittings = dict.fromkeys((*first[1].sittings, *event.sittings))
            event = replace(first[1], sittings=tuple(sorted(sittings, key=lambda sitting: sitting.start)))
        found[event.key] = (first[0] if first else row, event)
    yield from found.values()


def _rows(run: Run, path: Path) -> Iterator[Row]:
    """The rows of the table; of a text without columns, its lines, under the same names."""
    table = run.rows(path, COLUMNS)
    try:
        first = next(table, None)
    except StructureChanged:
        if path.suffix.lower() not in _PLAIN or check_file(path, run.max_bytes) is not Content.TEXT:
            raise
        lines = list(_lines(run, path))
        if not lines:
            raise
        yield from lines
        return
    if first is not None:
        yield first
        yield from table


def _lines(run: Run, path: Path) -> Iterator[Row]:
    headers = {name: name for name in ("etablissement", "commune", "dates")}
    for number, line in enumerate(open_text(path, detect_encoding(path)), start=1):
        match = _LINE.match(tidy(line)[:2000]) if number <= _MOST_LINES else None
        if match is None:
            continue
        town = _TOWN.match(match.group("name"))
        name = town.group("name") if town else match.group("name")
        run.count()
        cells = {"etablissement": name, "commune": town.group("town") if town else "", "dates": match.group("dates")}
        yield Row(cells, number, headers)


def _event(run: Run, row: Row) -> Event | None:
    name, title = tidy(row.find("etablissement", to="name") or ""), tidy(row.find("titre", to="name") or "")
    if not name and not title:
        run.refuse(row, "etablissement", "", "Ni établissement ni intitulé : la ligne est mise de côté.")
        return None
    uai = run.read_cell(row, "uai", read_uai, None, to="uai")
    written = " ".join(filter(None, (row.find("dates", to="occurrences"), row.find("horaires", to="occurrences"))))
    sittings = _sittings(run, row, written)
    if sittings is None:
        return None
    lycee = run.geocoder.find_lycee(uai) if uai else None
    commune = tidy(row.find("commune", to="code_commune") or "")
    about = clean_html(row.find("description", to="description") or "")
    confirm = f"Dates à confirmer : {sittings.to_confirm} (« {tidy(written)[:200]} »)." if sittings.to_confirm else ""
    site = run.read_value(row, "site", parse_url, "", to="source_url")
    contacts: tuple[Contact, ...] = structure_contacts(run, row)
    return Event(
        key=f"liste-{uai or slug(name, commune)}{f'-{slug(title)}' if title else ''}"[:300],
        title=title or f"Portes ouvertes : {name}",
        description="\n\n".join(filter(None, (confirm, about))),
        organiser=name,
        form="" if title else "portes ouvertes",
        sittings=sittings.occurrences,
        state=next((state for pattern, state in _STATES if pattern.search(fold(written))), EventState.OPEN),
        venue=name,
        address=tidy(row.find("adresse", to="address") or ""),
        code_postal=tidy(row.find("code_postal", to="code_postal") or ""),
        commune=commune,
        code_commune=lycee.code_commune if lycee is not None and not commune else "",
        source_url=site,
        contacts=contacts,
        uai=uai,
        # a list of establishments and dates is a list of open days; one of titles may be of anything
        admitted=not title,
    )


def _sittings(run: Run, row: Row, written: str) -> Sittings | None:
    """When it is held; None when no date stands, and the row is then set aside."""
    before = len(run.doubts)
    sittings = run.read_cell(row, "dates", lambda _: read_sittings(written, run.now.date()), Sittings())
    if not sittings.occurrences:
        reason = run.doubts.pop().message if len(run.doubts) > before else "Aucune date : la ligne est mise de côté."
        run.refuse(row, "dates", written, reason)
        return None
    if sittings.to_confirm:
        run.doubt(row, "dates", written, f"À confirmer : {sittings.to_confirm}.")
    return sittings
