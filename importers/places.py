"""Where a row is: its commune, and a point that is believed only when it lies near that commune."""

from __future__ import annotations

from typing import Any

from directory.errors import InvalidValue
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.identifiers import parse_code_commune
from directory.territory import departements
from directory.text import fold, fold_place
from directory.vocabulary import Precision
from importers.addresses import departement_of_postal, place_address, split_address
from importers.coordinates import parse_number, understand_point
from importers.row import Row
from importers.run import Run
from importers.values import read_code_postal, tidy


def read_place(run: Run, row: Row, *, departement: str = "", record_id: str = "") -> dict[str, Any]:
    """The place fields of a record, from the declared columns ``adresse``, ``code_postal``, ``commune``, ``code_insee``,
    ``latitude``, ``longitude`` that the file has.

    A row without a usable point gets its commune's, with the precision COMMUNE. What cannot be understood is a doubt.

    Args:
        run: The run.
        row: The row.
        departement: The département, where the context knows it.
        record_id: For the doubts.
    """  # noqa: D205
    whole = tidy(row.find("adresse", to="address") or "")
    name = tidy(row.find("commune", to="code_commune") or "")
    postal = _read_postal(run, row, name, record_id)
    stated = run.read_value(row, "code_insee", read_code_commune, "", to="code_commune", record_id=record_id)
    written = " ".join(filter(None, (whole, *_missing(whole, postal, name))))
    known = stated and run.geocoder.get_commune(stated)
    address = split_address(written) if known else place_address(written, run.geocoder, commune=name, departement=departement)
    if stated and not known:
        run.doubt(row, "code_insee", stated, "Code INSEE inconnu du référentiel des communes.", record_id=record_id)
    code = known.code_commune if known else address.code_commune
    if not code and (name or address.commune):
        label = f"{postal or address.code_postal} {name or address.commune}".strip()
        code, message = _likeliest(run, label) if label == name and not departement else ("", unplaced(run, label))
        run.doubt(row, "commune", label, message, record_id=record_id)
    elif code and name and not _is_named(run, code, name):
        message = f"Le code postal désigne {run.geocoder.commune_name(code)} : la commune écrite n’est pas reconnue."
        run.doubt(row, "commune", name, message, record_id=record_id)
    street = address.street if whole else ""
    code_postal = postal or address.code_postal
    fields = {
        "address": street,
        "code_postal": code_postal or None,
        "code_commune": code or None,
        "code_departement": (departement_of_commune(code) if code else departement or departement_of_postal(code_postal)) or None,
    }
    latitude = run.read_value(row, "latitude", parse_number, None, to="latitude", record_id=record_id)
    longitude = run.read_value(row, "longitude", parse_number, None, to="longitude", record_id=record_id)
    return fields | checked_point(run, row, code, (latitude, longitude), record_id)


def _likeliest(run: Run, name: str) -> tuple[str, str]:
    """The INSEE code of a commune written by its name alone, and the doubt to tell: its homonyms, or why there is no code.

    Where one is a hundred times more populous than all its homonyms together (``geocoding.choosing``), it is taken, and told:
    eighty-seven companies of one list are in Castres, Tarn (43,000 inhabitants), none likely in Castres, Aisne (200).
    """
    found = run.geocoder.find_likeliest_commune(name)
    if isinstance(found, Place):
        return found.code_commune, f"Homonymes : {found.label}, de loin la plus peuplée, est prise. {found.reason}".strip()
    return "", unplaced(run, name)


def unplaced(run: Run, written: str) -> str:
    """Why a commune gives no place: several bear its name, and which, or none does, and what resembles it; French."""
    found = run.geocoder.find(written)
    if isinstance(found, AmbiguousPlace):
        some = ", ".join(place.label for place in found.candidates[:4])
        return f"Commune ambiguë ({some}{'…' if len(found.candidates) > 4 else ''}) : la fiche est sans lieu."
    near = ", ".join(place.label for place in found.suggestions[:3]) if isinstance(found, NoSuchPlace) else ""
    return f"Commune non reconnue{f' (peut-être {near})' if near else ''} : la fiche est sans lieu."


def read_departement(run: Run, row: Row) -> str:
    """The declared column ``departement``, by number or by name; empty when there is none, or an unknown one (a doubt)."""
    text = tidy(row.find("departement", to="code_departement") or "")
    if not text:
        return ""
    code = text.removesuffix(".0").upper().zfill(2)
    code = code[1:] if len(code) == 3 and code.startswith("0") else code  # the ministry of education writes 035
    if code in departements():
        return code
    named = [entry.code for entry in departements().values() if fold(entry.name) == fold(text)]
    if len(named) != 1:
        run.doubt(row, "departement", text, "Département non reconnu.")
    return named[0] if len(named) == 1 else ""


def commune_point(run: Run, code_commune: str, precision: Precision = Precision.COMMUNE) -> dict[str, Any]:
    """The point of a commune as record fields; empty where the referential has none."""
    place = run.geocoder.get_commune(code_commune) if code_commune else None
    if place is None or place.latitude is None:
        return {}
    return {"latitude": place.latitude, "longitude": place.longitude, "precision": precision}


def departement_of_commune(code_commune: str) -> str:
    """The département of an INSEE code (« 2A004 » → 2A, « 97411 » → 974)."""
    return code_commune[:3] if code_commune.startswith(("97", "98")) else code_commune[:2]


def checked_point(run: Run, row: Row, code: str, degrees: tuple[float | None, float | None], record_id: str) -> dict[str, Any]:
    """A stated point as record fields, or the commune's where it states none or one that cannot be (which is then a doubt).

    Args:
        run: The run.
        row: The row.
        code: INSEE code of the row's commune, or empty.
        degrees: Latitude and longitude as stated.
        record_id: For the doubt.
    """
    latitude, longitude = degrees
    place = run.geocoder.get_commune(code) if code else None
    point = understand_point(latitude, longitude, place)
    header, text = (row.origins.get("latitude") or ("latitude",))[0], f"{latitude} ; {longitude}"
    if point.doubt:
        run.doubt(row, header, text, point.doubt, record_id=record_id)
    if point.note:
        run.note(header, text, point.note, line=row.line)
    if point.latitude is None:
        return commune_point(run, code)
    return {"latitude": point.latitude, "longitude": point.longitude, "precision": Precision.POINT}


def _is_named(run: Run, code: str, name: str) -> bool:
    """Whether a commune has this name, or had it (a former commune's is found in its département)."""
    if fold_place(run.geocoder.commune_name(code)) == fold_place(name):
        return True
    return bool(run.geocoder.find_commune(name, departement=departement_of_commune(code)))


def _missing(whole: str, postal: str, name: str) -> tuple[str, ...]:
    """The postal code and the commune, unless the address already ends with them."""
    return () if postal and postal in whole else tuple(filter(None, (postal, name)))


def _read_postal(run: Run, row: Row, name: str, record_id: str) -> str:
    """The postal code. One that lost its zero (« 1000 ») is believed when the commune has it, else it is a doubt."""
    nothing = ("", False)
    to = ("code_postal", "code_commune")
    postal, zero_lost = run.read_value(row, "code_postal", read_code_postal, nothing, to=to, record_id=record_id)
    if not zero_lost:
        return postal
    departement = departement_of_postal(postal)
    if name and departement in departements() and run.geocoder.find_commune(name, postal, departement):
        run.note(
            row.header("code_postal"), postal[1:], "Zéro perdu par un tableur, rendu : la commune le confirme.", line=row.line
        )
        return postal
    message = f"Un zéro perdu (« {postal} ») ? La commune ne le confirme pas : code laissé de côté."
    run.doubt(row, "code_postal", postal[1:], message, record_id=record_id)
    return ""


def read_code_commune(text: str) -> str:
    """An INSEE code, a leading zero given back where a spreadsheet took it; empty for an empty cell.

    Raises:
        InvalidValue: Not such a code.
    """
    if not text:
        return ""
    try:
        return parse_code_commune(text)
    except InvalidValue:
        return parse_code_commune(text.removesuffix(".0").zfill(5))  # a spreadsheet took the leading zero
