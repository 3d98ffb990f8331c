"""A selection of listings as a file for a spreadsheet, a map, an agenda, an address book; no cell is ever a formula."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from zipfile import ZIP_DEFLATED, ZipFile

from icalendar import Component, Parameters, vText
from openpyxl import Workbook

from directory.cells import neutral_cell
from directory.exports.exporting import export_selection
from directory.geocoding.gazetteer import Gazetteer
from directory.listing_form import COLUMNS, listing_to_row
from directory.models.published import PublishedListing
from directory.repository import Repository
from web.api.files import features, table
from web.structured import calendar_file

MOST = 5000
"""Listings of a file: more than that is an export of the directory (``relais export``, the API)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What a file is made with.

    Attributes:
        address: Of a listing's page.
        now: When it is made.
    """

    repository: Repository
    gazetteer: Gazetteer
    address: Callable[[PublishedListing], str]
    now: datetime

    def town(self, listing: PublishedListing) -> str:
        """The name of the commune where a listing is; empty where it is not known."""
        code = listing.record.code_commune
        return self.gazetteer.commune_name(code) if code else ""


def spreadsheet(listings: Iterable[PublishedListing], _: Making) -> bytes:
    """An XLSX workbook of one sheet, the columns of the CSV."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Fiches")
    sheet.freeze_panes = "A2"
    sheet.append(list(COLUMNS))
    for listing in listings:
        sheet.append([_cell(text) for text in listing_to_row(listing)])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def address_book(listings: Iterable[PublishedListing], making: Making) -> bytes:
    """One vCard 4.0 (RFC 6350) for each listing that can be reached."""
    return b"".join(_card(listing, making).to_ical() for listing in listings if listing.record.contacts)


def data_inclusion(listings: Iterable[PublishedListing], making: Making) -> bytes:
    """A ZIP of structures and services of data·inclusion v1, and a report that says what is not in them, and why."""
    found, report = export_selection(making.repository, making.gazetteer, list(listings))
    told = {name: value for name, value in report.to_json().items() if name != "files"}
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for name, document in ((f"{kind}.json", items) for kind, items in found.items()):
            archive.writestr(name, json.dumps(document, ensure_ascii=False, indent=1))
        archive.writestr("rapport.json", json.dumps(told, ensure_ascii=False, indent=1))
    return written.getvalue()


def _line(text: str) -> str:
    return " ".join(text.split())


class _Address:
    """The value of ADR: its parts escaped one by one, parted by semicolons that are not."""

    params: Parameters = Parameters()

    def __init__(self, parts: Iterable[str]) -> None:
        self._parts = parts

    def to_ical(self) -> bytes:
        return b";".join(vText(part).to_ical() for part in map(_line, self._parts))


class _Card(Component):
    name = "VCARD"
    # RFC 6350: the version comes first
    canonical_order = ("VERSION", "FN")  # type: ignore[assignment]


def _card(listing: PublishedListing, making: Making) -> _Card:
    record = listing.record
    card = _Card()
    card.add("version", "4.0")
    # said to be text: the library escapes nothing of a property that is not of iCalendar
    card.add("fn", vText(_line(f"[Démonstration] {record.name}" if record.demonstration else record.name)))
    card.add("kind", "org")
    card.add("uid", making.address(listing))
    parts = ["", "", record.address, making.town(listing), "", record.code_postal or "", "France"]
    if record.address or record.code_commune:
        card["adr"] = _Address(parts)
    for contact in record.contacts:
        for name, value in (("tel", contact.phone), ("email", contact.email), ("url", contact.url)):
            if value:
                card.add(name, value)
    card.add("rev", making.now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ"))
    return card


def _cell(text: str) -> str:
    # what XML cannot hold, openpyxl refuses
    return neutral_cell("".join(each for each in text if each >= " " or each in "\t\n\r"))[:32_767]


def _text(write: Callable[[Iterable[PublishedListing]], Iterable[str]]) -> Callable[[Iterable[PublishedListing], Making], bytes]:
    return lambda listings, _: "".join(chain(write(listings))).encode()


def _agenda(listings: Iterable[PublishedListing], making: Making) -> bytes:
    return calendar_file(listings, making.address, making.town, making.now)


@dataclass(frozen=True, slots=True)
class SelectionForm:
    """A form of file."""

    label: str
    content_type: str
    write: Callable[[Iterable[PublishedListing], Making], bytes]


FORMS: Mapping[str, SelectionForm] = {
    "xlsx": SelectionForm("Tableur (XLSX)", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", spreadsheet),
    "csv": SelectionForm("Tableur (CSV)", "text/csv; charset=utf-8", _text(table)),
    "geojson": SelectionForm("Carte (GeoJSON)", "application/geo+json", _text(features)),
    "ics": SelectionForm("Agenda (iCalendar)", "text/calendar; charset=utf-8", _agenda),
    "zip": SelectionForm("data·inclusion v1 (structures et services)", "application/zip", data_inclusion),
    "vcf": SelectionForm("Carnet d’adresses (vCard)", "text/vcard; charset=utf-8", address_book),
}
