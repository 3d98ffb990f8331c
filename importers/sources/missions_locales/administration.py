"""The administration directory (DILA): JSON inside strings, several addresses, opening hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from directory.errors import InvalidValue
from directory.identifiers import parse_code_commune, parse_siret
from directory.models.record import Contact, Coverage, SourcedRecord
from directory.vocabulary import Kind, Scope
from importers.addresses import place_address
from importers.building import build_record
from importers.json_items import parse_json_cell
from importers.opening_hours import osm_hours
from importers.places import checked_point, departement_of_commune
from importers.row import Row
from importers.run import Run
from importers.sources.missions_locales.names import significant_words
from importers.values import optional, parse_degrees, parse_email, parse_french_date, parse_phones, parse_url, tidy

PREFIX = "annuaire-"
_SERVICE = "mission_locale"
_IGNORED = (
    "copyright", "siren", "ancien_code_pivot", "reseau_social", "texte_reference", "partenaire", "telecopie", "itm_identifiant",
    "sigle", "affectation_personne", "service_disponible", "organigramme", "partenaire_identifiant", "ancien_identifiant",
    "ancien_nom", "commentaire_plage_ouverture", "annuaire", "tchat", "hierarchie", "categorie", "sve", "telephone_accessible",
    "application_mobile", "version_type", "type_repertoire", "version_etat_modification", "date_creation",
    "partenaire_date_modification", "mission", "formulaire_contact", "version_source", "type_organisme", "code_insee_commune",
    "statut_de_diffusion", "information_complementaire", "date_diffusion", "nom_url_pivot_local",
)  # fmt: skip


def records(run: Run, rows: Iterable[Row]) -> Iterator[SourcedRecord]:
    """The missions locales among the services of the directory; the others are noted once."""
    for row in rows:
        row.ignore(*_IGNORED)
        record = _record(run, row)
        if record is not None:
            yield record


def _record(run: Run, row: Row) -> SourcedRecord | None:
    number, name = tidy(row.take("id")), tidy(row.take("nom", to="name")).replace("‘", "’").replace("'", "’")
    record_id = f"{PREFIX}{number}"
    pivot = _list(run, row, "pivot", record_id, to="coverage")
    if not any(entry.get("type_service_local") == _SERVICE for entry in pivot):
        row.refused = True
        run.note(
            "pivot",
            row.raw["pivot"],
            "Services d’un autre type que « mission_locale » : cette source ne les lit pas.",
            line=row.line,
        )
        return None
    if not number or not name:
        run.refuse(row, "nom" if number else "id", name, "Valeur obligatoire absente.", record_id=record_id if number else "")
        return None
    place = _place(run, row, record_id)
    fields: dict[str, Any] = {
        "kind": Kind.PARTNER,
        "category": "mission_locale",
        "name": name,
        "networks": ("mission-locale",),
        "coverage": _coverage(run, row, pivot, record_id),
        "contacts": _contacts(run, row, record_id),
        "opening_hours": _hours(run, row, record_id),
        "updated_at": run.read_value(row, "date_modification", parse_french_date, None, to="updated_at", record_id=record_id),
        "source_url": run.read_value(row, "url_service_public", parse_url, "", to="source_url", record_id=record_id),
        "siret": run.read_value(row, "siret", optional(parse_siret), None, to="siret", record_id=record_id),
        **place,
    }
    departement = place.get("code_departement")
    identities = (f"mission_locale:{departement}:{significant_words(name)}",) if departement else ()
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


def _place(run: Run, row: Row, record_id: str) -> dict[str, Any]:
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
    if not address.code_commune:
        run.doubt(row, "adresse", f"{postal} {commune}", "Commune non reconnue : la fiche est sans lieu.", record_id=record_id)
    return {
        "address": street,
        "code_postal": address.code_postal or None,
        "code_commune": address.code_commune or None,
        "code_departement": departement_of_commune(address.code_commune) if address.code_commune else None,
        **checked_point(run, row, address.code_commune, (_degrees(chosen, "latitude"), _degrees(chosen, "longitude")), record_id),
    }


def _coverage(run: Run, row: Row, pivot: list[Mapping[str, Any]], record_id: str) -> tuple[Coverage, ...]:
    """The communes for which the directory says the service is competent, where it says so."""
    codes = [
        code for entry in pivot if entry.get("type_service_local") == _SERVICE for code in entry.get("code_insee_commune") or ()
    ]
    covered: list[Coverage] = []
    for code in map(str, codes):
        try:
            covered.append(Coverage(scope=Scope.COMMUNE, code=parse_code_commune(code)))
        except InvalidValue as error:
            run.doubt(row, "pivot", code, error.public, record_id=record_id)
    return tuple(dict.fromkeys(covered))


def _contacts(run: Run, row: Row, record_id: str) -> tuple[Contact, ...]:
    contacts = []
    for entry in _list(run, row, "telephone", record_id, to="contacts"):
        try:
            phones = parse_phones(_text(entry, "valeur"))
        except InvalidValue as error:
            run.doubt(row, "telephone", _text(entry, "valeur"), error.public, record_id=record_id)
            continue
        contacts += [Contact(label=_text(entry, "description")[:200], phone=phone) for phone in phones]
    email = run.read_value(row, "adresse_courriel", parse_email, "", to="contacts", record_id=record_id)
    contacts += [Contact(email=email)] if email else []
    if "site_internet" in row.raw:
        for entry in _list(run, row, "site_internet", record_id, to="contacts"):
            try:
                url = parse_url(_text(entry, "valeur"))
            except InvalidValue as error:
                run.doubt(row, "site_internet", _text(entry, "valeur"), error.public, record_id=record_id)
                continue
            contacts += [Contact(label=_text(entry, "libelle")[:200], url=url)] if url else []
    return tuple(dict.fromkeys(contacts))


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
