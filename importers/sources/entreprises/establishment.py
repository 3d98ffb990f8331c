"""An establishment, whatever told of it, as the listing of a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_code_naf
from directory.models.record import Contact, SourcedRecord
from directory.text import fold
from directory.vocabulary import Kind, Pathway
from importers.addresses import departement_of_postal, place_address
from importers.building import build_record
from importers.identities import number_identities
from importers.places import checked_point, departement_of_commune, unplaced
from importers.row import Row
from importers.run import Run
from importers.values import parse_degrees, read_siret, tidy

# INSEE, « tranche d'effectif salarié » (variables of Sirene): NN is « not an employer, or not known ».
_BRACKETS: Mapping[str, tuple[int, int | None]] = {
    "00": (0, 0), "01": (1, 2), "02": (3, 5), "03": (6, 9), "11": (10, 19), "12": (20, 49), "21": (50, 99), "22": (100, 199),
    "31": (200, 249), "32": (250, 499), "41": (500, 999), "42": (1000, 1999), "51": (2000, 4999), "52": (5000, 9999),
    "53": (10_000, None),
}  # fmt: skip
_NUMBER = re.compile(r"\d{1,3}(?:[ .]\d{3})+(?!\d)|\d{1,8}")
_UNKNOWN_SIZES = frozenset({"", "NN", "null"})
Size = tuple[int | None, int | None]
NO_SIZE: Size = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Establishment:
    """What a source says of an establishment, as texts; empty where it says nothing.

    Attributes:
        commune: INSEE code, or empty.
        town: Name of the commune.
        street: Number and street, or the whole address.
        origins: Field of the record → the columns it was read from.
    """

    siret: str
    name: str
    naf: str = ""
    size: Size = NO_SIZE
    street: str = ""
    postal: str = ""
    commune: str = ""
    town: str = ""
    latitude: str = ""
    longitude: str = ""
    contacts: tuple[Contact, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    occupations: tuple[str, ...] = ()
    description: str = ""
    updated_at: date | None = None
    source_url: str = ""
    origins: Mapping[str, tuple[str, ...]]


def to_record(run: Run, row: Row, told: Establishment) -> SourcedRecord | None:
    """The record of an establishment; None when it had to be set aside."""
    row.origins = dict(told.origins)
    try:
        reading = read_siret(told.siret)
    except InvalidValue as error:
        run.refuse(row, told.origins["siret"][0], told.siret, error.public, record_id=told.siret)
        return None
    siret = reading.value
    for doubt in reading.doubts:
        run.doubt(row, told.origins["siret"][0], told.siret, doubt, record_id=siret or "")
    name = tidy(told.name)[:300]
    if not siret or not name:
        run.refuse(row, told.origins["name"][0], name, "Établissement sans SIRET ou sans nom.", record_id=siret or "")
        return None
    fields: dict[str, Any] = {
        "kind": Kind.COMPANY,
        "category": "entreprise",
        "name": name,
        "siret": siret,
        "naf": _naf(run, row, told, siret),
        "employees_min": told.size[0],
        "employees_max": told.size[1],
        "description": told.description,
        "contacts": told.contacts,
        "pathways": told.pathways,
        "occupations": told.occupations,
        "updated_at": told.updated_at,
        "source_url": told.source_url,
        **_place(run, row, told, siret),
    }
    return build_record(run, row, siret, fields, identities=number_identities(Kind.COMPANY, "", siret=siret))


# A sign that says what the place is and not whose: « MAIRIE » alone names nothing.
_BARE_SIGNS = frozenset({"mairie", "siege", "siege social", "agence", "magasin", "atelier", "depot", "usine", "bureau", "ecole"})


def name_of(sign: str, unit: str) -> str:
    """The name of an establishment: its sign, else its legal unit's; both where the sign is a common noun."""
    if sign and unit and fold(sign) in _BARE_SIGNS:
        return f"{unit} – {sign}"
    return sign or unit


def bracket(code: str) -> Size:
    """The fewest and the most people of one of INSEE's brackets; (None, None) where the size is not known.

    Raises:
        InvalidValue: No such bracket.
    """
    if code in _UNKNOWN_SIZES:
        return NO_SIZE
    if code not in _BRACKETS:
        raise InvalidValue("effectif", code, "no such bracket", public=f"« {code[:40]} » n’est pas une tranche d’effectif.")
    return _BRACKETS[code]


def read_size(text: str) -> Size:
    """The fewest and the most people of a size in words (« 12 », « 10 à 19 salariés », « 1 ou 2 », « 10 000 et plus »).

    Raises:
        InvalidValue: There is a text, and no number in it, or more than two.
    """
    cell = tidy(text)
    if not cell:
        return NO_SIZE
    numbers = [
        int(re.sub(r"\D", "", found)) for found in re.findall(r"\d{1,3}(?:[ .]\d{3})+(?!\d)|\d{1,8}", cell.removesuffix(".0"))
    ]
    if len(numbers) == 2 and numbers[0] <= numbers[1]:
        return numbers[0], numbers[1]
    if len(numbers) != 1:
        raise InvalidValue("effectif", text, "not a size", public=f"« {cell[:80]} » n’est pas un effectif.")
    if re.search(r"plus|\+|≥|>", cell):
        return numbers[0], None
    return (0 if re.search(r"moins|<", cell) else numbers[0]), numbers[0]


def _naf(run: Run, row: Row, told: Establishment, siret: str) -> str | None:
    if not told.naf:
        return None
    try:
        return parse_code_naf(told.naf)
    except InvalidValue as error:
        run.doubt(row, told.origins["naf"][0], told.naf, error.public, record_id=siret)
        return None


def _place(run: Run, row: Row, told: Establishment, siret: str) -> dict[str, Any]:
    known = run.geocoder.get_commune(told.commune) if told.commune else None
    written = told.street
    if not (told.postal and told.postal in written):
        written = ", ".join(filter(None, (written, f"{told.postal} {told.town}".strip())))
    address = place_address(written, run.geocoder, commune=told.town) if written else None
    code = known.code_commune if known else address.code_commune if address else ""
    if not code and (told.town or told.postal):
        label = f"{told.postal} {told.town}".strip()
        run.doubt(row, told.origins["code_commune"][0], label, unplaced(run, label), record_id=siret)
    postal = told.postal or (address.code_postal if address else "")
    departement = departement_of_commune(code) if code else departement_of_postal(postal) if postal else ""
    degrees = (_degrees(told.latitude), _degrees(told.longitude))
    return {
        "address": (address.street if address and told.street else "")[:500],
        "code_postal": postal if re.fullmatch(r"\d{5}", postal) else None,
        "code_commune": code or None,
        "code_departement": departement or None,
        **checked_point(run, row, code, degrees, siret),
    }


def _degrees(text: str) -> float | None:
    try:
        return parse_degrees(text)
    except InvalidValue:
        return None
