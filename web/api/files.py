"""Listings as files, made while they are sent: NDJSON, CSV (no cell is a formula), GeoJSON."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic_core import to_json

from directory.cells import neutral_cell
from directory.listing_form import COLUMNS, listing_to_json, listing_to_row
from directory.models.published import PublishedListing
from directory.repository import Repository
from directory.vocabulary import Kind
from web.wording import NBSP, phone

_PAGE = 500
_PHONE = COLUMNS.index("phone")
_USUAL = re.compile(r"\+33([1-79])(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
"""A number of France that is written by pairs; the library, which knows them all, takes a thousand times as long."""


def public_listings(
    repository: Repository, *, kinds: Sequence[Kind] = (), departement: str = "", most: int | None = None
) -> Iterator[PublishedListing]:
    """The public listings, in a total order, a page at a time: a slow reader holds no transaction."""
    after, left = 0, most
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        page = repository.list_page(after, size, kinds=kinds, departement=departement)
        yield from page
        if len(page) < size:
            return
        after = page[-1].pk
        left = None if left is None else left - len(page)


def lines(listings: Iterable[PublishedListing]) -> Iterator[str]:
    """One JSON object a line."""
    for listing in listings:
        yield to_json(listing_to_json(listing)).decode() + "\n"


def table(listings: Iterable[PublishedListing]) -> Iterator[str]:
    """A CSV that a French spreadsheet opens (UTF-8 with its mark), commas, one header."""
    yield "\ufeff"
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for listing in listings:
        row = listing_to_row(listing)
        row[_PHONE] = _dialled(row[_PHONE])
        writer.writerow([neutral_cell(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _dialled(text: str) -> str:
    """A number as it is dialled: a spreadsheet would read « +33299… » as a quantity."""
    if match := _USUAL.fullmatch(text):
        return "0" + " ".join(match.groups())
    return phone(text).replace(NBSP, " ")


def features(listings: Iterable[PublishedListing]) -> Iterator[str]:
    """A GeoJSON layer (RFC 7946) of those that have a point."""
    yield '{"type":"FeatureCollection","features":['
    separator = ""
    for listing in listings:
        record = listing.record
        if record.latitude is not None and record.longitude is not None:
            yield separator + to_json(_feature(listing)).decode()
            separator = ","
    yield "]}"


def _feature(listing: PublishedListing) -> dict[str, object]:
    record = listing.record
    names = ("kind", "category", "name", "address", "code_postal", "code_commune", "precision", "demonstration")
    properties: dict[str, object] = {name: getattr(record, name) for name in names}
    return {
        "type": "Feature",
        "id": listing.id,
        "geometry": {"type": "Point", "coordinates": [record.longitude, record.latitude]},
        "properties": properties,
    }


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form of file."""

    content_type: str
    description: str
    write: Callable[[Iterable[PublishedListing]], Iterator[str]]


FORMS: Mapping[str, FileForm] = {
    "fiches.ndjson": FileForm("application/x-ndjson", "Une fiche par ligne, en JSON.", lines),
    "fiches.csv": FileForm("text/csv; charset=utf-8", "Un tableau ; aucune cellule n’est une formule.", table),
    "fiches.geojson": FileForm("application/geo+json", "Les fiches situées, pour une carte.", features),
}
