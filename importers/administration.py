"""A local service of the administration directory (DILA), as its bulk file or its API gives it.

The bulk file (« service ») holds lists and objects; the API and its exports hold the same as JSON inside strings. A pivot is the
type of a service with the commune where it stands: it does not say whom the service serves, which is in another file (see the
source ``administration``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_siret
from directory.models.record import Contact, SourcedRecord
from directory.vocabulary import Kind
from importers.addresses import place_address
from importers.building import build_record
from importers.json_items import parse_json_cell
from importers.opening_hours import osm_hours
from importers.places import checked_point, departement_of_commune
from importers.row import Row
from importers.run import Run
from importers.values import optional, parse_degrees, parse_email, parse_french_date, parse_phones, parse_url, tidy

PREFIX = "annuaire-"
"""Begins the record id of a service; the directory's own id follows."""
MISSION_LOCALE = "mission_locale"
_IGNORED = (
    "copyright", "siren", "ancien_code_pivot", "reseau_social", "texte_reference", "partenaire", "telecopie", "itm_identifiant",
    "sigle", "affectation_personne", "service_disponible", "organigramme", "partenaire_identifiant", "ancien_identifiant",
    "ancien_nom", "commentaire_plage_ouverture", "annuaire", "tchat", "hierarchie", "categorie", "sve", "telephone_accessible",
    "application_mobile", "version_type", "type_repertoire", "version_etat_modification", "date_creation",
    "partenaire_date_modification", "mission", "version_source", "type_organisme", "code_insee_commune",
    "statut_de_diffusion", "information_complementaire", "date_diffusion", "nom_url_pivot_local",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServiceType:
    """What a type of service (``type_service_local``) is for us."""

    category: str
    networks: tuple[str, ...] = ()
    thematiques: tuple[str, ...] = ()


def service_identity(number: str) -> str:
    """The identity of a service across sources: the directory's own id."""
    return f"annuaire:{number}"


def read_service(
    run: Run, row: Row, find_type: Callable[[tuple[str, ...]], ServiceType | None], words_of: Callable[[str], str]
) -> SourcedRecord | None:
    """The record of a service; None when its types are not of the field (the row then counts as set aside on purpose).

    Args:
        run: The run.
        row: An item of the directory.
        find_type: What the types of a service make it; it notes what it leaves out.
        words_of: The words of a mission locale's name that tell it from the others of its département.
    """
    row.ignore(*_IGNORED)
    number, name = tidy(row.take("id")), tidy(row.take("nom", to="name")).replace("‘", "’").replace("'", "’")
    record_id = f"{PREFIX}{number}"
    pivot = _list(run, row, "pivot", record_id, to=("category", "code_commune"))
    kind = find_type(tuple(_text(entry, "type_service_local") for entry in pivot))
    if kind is None:
        row.refused = True
        return None
    if not number or not name:
        run.refuse(row, "nom" if number else "id", name, "Valeur obligatoire absente.", record_id=record_id if number else "")
        return None
    place = _place(run, row, pivot, record_id)
    fields: dict[str, Any] = {
        "kind": Kind.PARTNER,
        "category": kind.category,
        "name": name,
        "networks": kind.networks,
        "thematiques": kind.thematiques,
        "contacts": _contacts(run, row, record_id),
        "opening_hours": _hours(run, row, record_id),
        "updated_at": run.read_value(row, "date_modification", parse_french_date, None, to="updated_at", record_id=record_id),
        "source_url": run.read_value(row, "url_service_public", parse_url, "", to="source_url", record_id=record_id),
        "siret": run.read_value(row, "siret", optional(parse_siret), None, to="siret", record_id=record_id),
        **place,
    }
    identities = [service_identity(number)]
    departement = place.get("code_departement")
    if kind.category == MISSION_LOCALE and departement:
        identities.append(f"mission_locale:{departement}:{words_of(name)}")
    return build_record(run, row, record_id, fields, identities=identities)


def _list(run: Run, row: Row, column: str, record_id: str, *, to: str | tuple[str, ...]) -> list[Mapping[str, Any]]:
    """A list of objects written as JSON in a string; a doubt and an empty one when it is not."""
    text = row.take(column, to=to)
    try:
        value = parse_json_cell(text)
    except ValueError:
        run.doubt(row, column, text, "Le JSON de cette cellule est illisible.", record_id=record_id)
        return []
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _place(run: Run, row: Row, pivot: list[Mapping[str, Any]], record_id: str) -> dict[str, Any]:
    """The place where people are received: the address of type « Adresse », never the postal one when there is another."""
    to = ("address", "code_postal", "code_commune", "code_departement", "latitude", "longitude")
    addresses = _list(run, row, "adresse", record_id, to=to)
    chosen = next((entry for entry in addresses if entry.get("type_adresse") == "Adresse"), next(iter(addresses), None))
    if chosen is None:
        return {}
    street = ", ".join(
        filter(None, (_text(chosen, key) for key in ("complement1", "complement2", "numero_voie", "service_distribution")))
    )
    postal, commune = _text(chosen, "code_postal"), _text(chosen, "nom_commune")
    address = place_address(f"{street}, {postal} {commune}", run.geocoder, commune=commune)
    code = address.code_commune or _stands_at(run, pivot)
    if not code and (postal or commune):
        run.doubt(row, "adresse", f"{postal} {commune}", "Commune non reconnue : la fiche est sans lieu.", record_id=record_id)
    return {
        "address": street,
        "code_postal": address.code_postal or None,
        "code_commune": code or None,
        "code_departement": departement_of_commune(code) if code else None,
        **checked_point(run, row, code, (_degrees(chosen, "latitude"), _degrees(chosen, "longitude")), record_id),
    }


def _stands_at(run: Run, pivot: list[Mapping[str, Any]]) -> str:
    """The one commune that the pivots name; empty when they name none, or several."""
    named = [entry.get("code_insee_commune") or () for entry in pivot]
    codes = {str(code) for value in named for code in (value if isinstance(value, list) else [value] if value else ())}
    place = run.geocoder.get_commune(codes.pop()) if len(codes) == 1 else None
    return place.code_commune if place else ""


def _contacts(run: Run, row: Row, record_id: str) -> tuple[Contact, ...]:
    contacts = []
    for entry in _list(run, row, "telephone", record_id, to="contacts"):
        try:
            phones = parse_phones(_text(entry, "valeur"))
        except InvalidValue as error:
            run.doubt(row, "telephone", _text(entry, "valeur"), error.public, record_id=record_id)
            continue
        contacts += [Contact(label=_text(entry, "description")[:200], phone=phone) for phone in phones]
    for text in _texts(run, row, "adresse_courriel", record_id):
        try:
            contacts += [Contact(email=parse_email(text))]
        except InvalidValue as error:
            run.doubt(row, "adresse_courriel", text, error.public, record_id=record_id)
    sites = _list(run, row, "site_internet", record_id, to="contacts") if "site_internet" in row.raw else []
    pages = [(_text(entry, "libelle"), _text(entry, "valeur"), "site_internet") for entry in sites]
    pages += [("Formulaire de contact", text, "formulaire_contact") for text in _texts(run, row, "formulaire_contact", record_id)]
    for label, text, column in pages:
        try:
            url = parse_url(text)
        except InvalidValue as error:
            run.doubt(row, column, text, error.public, record_id=record_id)
            continue
        contacts += [Contact(label=label[:200], url=url)] if url else []
    return tuple(dict.fromkeys(contacts))


def _texts(run: Run, row: Row, column: str, record_id: str) -> list[str]:
    """The texts of a cell that holds one, or a JSON list of them."""
    text = row.find(column, to="contacts") or ""
    if not text.startswith("["):
        return [text] if text else []
    try:
        values = parse_json_cell(text)
    except ValueError:
        run.doubt(row, column, text, "Le JSON de cette cellule est illisible.", record_id=record_id)
        return []
    return [tidy(str(value)) for value in values if value]


def _hours(run: Run, row: Row, record_id: str) -> str:
    try:
        return osm_hours(_list(run, row, "plage_ouverture", record_id, to="opening_hours"))
    except InvalidValue as error:
        run.doubt(row, "plage_ouverture", str(error.value), error.public, record_id=record_id)
        return ""


def _degrees(entry: Mapping[str, Any], key: str) -> float | None:
    try:
        return parse_degrees(_text(entry, key))
    except InvalidValue:
        return None


def _text(entry: Mapping[str, Any], key: str) -> str:
    return tidy(str(entry.get(key) or ""))
