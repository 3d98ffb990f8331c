"""From a row of the demonstration's tables to a record."""

from __future__ import annotations

from datetime import date
from typing import Any

from directory.errors import InvalidValue
from directory.models.record import Contact, Coverage, SourcedRecord
from directory.vocabulary import Category, EventState, Kind, Scope, Visibility, categories
from importers.building import build_record
from importers.places import read_place
from importers.row import Row
from importers.run import Run
from importers.sources.demonstration.dates import parse_day, parse_sittings
from importers.values import parse_count, parse_email, parse_phones, parse_url

_NOTICE = "Fiche de démonstration : tout y est inventé, sauf la commune et le nom des lycées."
_SCOPES = {"etablissement": Scope.ESTABLISHMENT} | {str(scope): scope for scope in Scope}


def read_listing(run: Run, row: Row, kind: Kind) -> SourcedRecord | None:
    """The record of a row of partners.csv, companies.csv or events.csv; None when it was set aside."""
    record_id = row.take("id")
    try:
        fields = _fields(run, row, kind, record_id)
    except InvalidValue as error:
        run.refuse(row, error.field, str(error.value), error.public, record_id=record_id)
        return None
    return build_record(run, row, record_id, fields)


def _fields(run: Run, row: Row, kind: Kind, record_id: str) -> dict[str, Any]:
    today = run.now.date()
    category = row.take("categorie", to="category")
    coverage = _coverage(row.find("zone", to="coverage") or "")
    beyond = {Scope.FRANCE, Scope.REGION} & {part.scope for part in coverage}
    fields = {
        "kind": kind,
        "category": category,
        "name": row.take("nom", to="name"),
        "description": f"{row.take('description', to='description')} {_NOTICE}",
        "coverage": coverage,
        "contacts": _contacts(run, row, record_id),
        "demonstration": True,
    }
    fields |= read_place(run, row, departement="" if beyond else "35", record_id=record_id)
    fields |= _offer(run, row, categories().get(category), record_id)
    fields |= _checked(row, today)
    if kind is Kind.EVENT:
        fields["occurrences"] = parse_sittings(row.take("dates", to="occurrences"), today)
        fields["event_state"] = row.take("etat", to="event_state") or EventState.OPEN
    return fields


def _offer(run: Run, row: Row, category: Category | None, record_id: str) -> dict[str, Any]:
    own = {
        "thematiques": _words(row.find("thematiques", to="thematiques")),
        "pathways": _words(row.find("propose", to="pathways")),
        "networks": _words(row.find("reseaux", to="networks")) or (category.networks if category else ()),
        "publics": _words(row.find("publics", to="publics")),
        "types": _words(row.find("types", to="types")),
        "modes_accueil": _words(row.find("modes_accueil", to="modes_accueil")),
        "occupations": _words(row.find("metiers", to="occupations")),
        "conditions": row.find("conditions", to="conditions") or "",
        "frais": row.find("frais", to="frais") or None,
        "frais_details": row.find("frais_details", to="frais_details") or "",
        "opening_hours": row.find("horaires", to="opening_hours") or "",
        "siret": row.find("siret", to="siret") or None,
        "naf": row.find("naf", to="naf") or None,
    }
    counts = {"age_min": "age_min", "age_max": "age_max", "places": "places"}
    numbers = {to: run.read_value(row, column, parse_count, None, to=to, record_id=record_id) for column, to in counts.items()}
    return own | numbers


def _contacts(run: Run, row: Row, record_id: str) -> tuple[Contact, ...]:
    """The place's own contact, then the persons named: never public (domain, privacy)."""
    role = row.find("contact_fonction", to="contacts") or ""
    name = row.find("contact_nom", to="contacts") or ""
    phone = _phone(run, row, "telephone", record_id)
    email = run.read_value(row, "courriel", parse_email, "", to="contacts", record_id=record_id)
    site = run.read_value(row, "site", parse_url, "", to="contacts", record_id=record_id)
    own = Contact(label=role if role and not name else "Accueil", phone=phone, email=email, url=site)
    persons = (
        (role if name else "", name, _phone(run, row, "contact_telephone", record_id)),
        (
            row.find("contact2_fonction", to="contacts") or "",
            row.find("contact2_nom", to="contacts") or "",
            _phone(run, row, "contact2_telephone", record_id),
        ),
    )
    named = (Contact(label=label, name=who, phone=number, visibility=Visibility.BASSIN) for label, who, number in persons if who)
    return (own, *named)


def _phone(run: Run, row: Row, column: str, record_id: str) -> str:
    return run.read_value(row, column, _first_phone, "", to="contacts", record_id=record_id)


def _first_phone(text: str) -> str:
    return next(iter(parse_phones(text)), "")


def _checked(row: Row, today: date) -> dict[str, Any]:
    text = row.find("verifie", to="checked_at") or ""
    checked = parse_day(text, today) if text else None
    if checked is None or checked > today:  # the check of a school year that has hardly begun is not done yet
        return {}
    return {"checked_at": checked, "checked_by": "équipe de démonstration"}


def _coverage(text: str) -> tuple[Coverage, ...]:
    return tuple(_territory(token) for token in _words(text))


def _territory(token: str) -> Coverage:
    name, _, code = token.partition(":")
    scope = _SCOPES.get(name)
    if scope is None or bool(code) == (scope in {Scope.FRANCE, Scope.REMOTE}):
        raise InvalidValue("zone", token, "no such territory", public=f"« {token[:80]} » n’est pas un territoire compris.")
    return Coverage(scope=scope, code=code)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())
