"""What a curator types of a topic, and back: texts of a form into checked values, values into texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import phonenumbers
from pydantic import ValidationError

from directory.errors import InvalidValue
from directory.geocoding.gazetteer import Gazetteer
from directory.models.curation import CLOSED, TOPIC_FIELDS, Topic, Values
from directory.models.record import ListingRecord
from directory.models.types import PARIS
from directory.territory import departements
from directory.vocabulary import EventState, Kind, Visibility

Typed = Mapping[str, list[str]]
"""Name of a field of the form → what was typed in it, each time that it stands there."""

MOST_ROWS = 30
_CONTACT = ("label", "name", "phone", "email", "url", "visibility")
_SITTING = ("jour", "debut", "fin")
_WRONG = {
    Topic.NAME: "Le nom est vide, ou dépasse 300 caractères.",
    Topic.DESCRIPTION: "La présentation dépasse 20 000 caractères.",
    Topic.PLACE: "L’adresse dépasse 500 caractères, ou le code postal n’a pas cinq chiffres.",
    Topic.CONTACTS: "Un contact n’a pas la forme attendue : adresse électronique avec un @, lien qui commence par http.",
    Topic.APPROACH: "Ce texte dépasse 2 000 caractères.",
    Topic.HOURS: "Les horaires dépassent 500 caractères.",
    Topic.AGES: "Les âges sont des nombres entiers de 0 à 120, le premier au plus égal au second.",
    Topic.CONDITIONS: "Ce texte dépasse 2 000 caractères.",
    Topic.OFFER: "Une des voies cochées n’existe pas.",
    Topic.OCCUPATIONS: "Un code de métier ROME est une lettre et quatre chiffres, par exemple G1602.",
    Topic.PLACES: "Le nombre de places est un entier de 0 à 100 000.",
    Topic.DATES: "Une date, une heure ou l’état de l’événement n’a pas la forme attendue.",
    Topic.REGISTRATION: "Un lien commence par http:// ou https://, sans espace.",
    Topic.VALIDITY: "Les dates s’écrivent jour, mois, année ; la première précède la seconde.",
    Topic.CATEGORY: "Cette catégorie n’est pas celle d’une telle fiche.",
    Topic.TERRITORY: "Un des territoires n’est pas compris.",
    Topic.PUBLICS: "Un des publics cochés n’existe pas.",
    Topic.THEMES: "Une des thématiques cochées n’existe pas.",
    Topic.VISIBILITY: "Choisissez qui voit cette fiche.",
}


def parse_topic(topic: Topic, typed: Typed, shown: Values, gazetteer: Gazetteer, kind: Kind = Kind.PARTNER) -> Values:
    """The values that a form states, checked as those of a source are.

    Args:
        topic: What it is about; CHECK and CLOSING have no form.
        typed: The form.
        shown: What is published of the topic until now: an address that is not touched keeps its point; for a territory, also
            those that were ``offered``.
        gazetteer: Knows the communes.
        kind: What the listing is: its category must be one of that.

    Raises:
        InvalidValue: Something typed cannot be understood; its ``public`` says what.
    """
    try:
        values = _PARSERS[topic](typed, shown, gazetteer)
        blank = {"kind": "partner", "category": "association", "name": "-"}
        if topic is Topic.CATEGORY:
            blank["kind"] = str(kind)
        checked = ListingRecord.model_validate({**blank, **values}).model_dump(mode="json")
    except (ValueError, ValidationError, OverflowError) as error:
        raise _refusal(topic) from error
    if topic is Topic.TERRITORY:
        return {"coverage": sorted({(each["scope"], each["code"]) for each in checked["coverage"]})}
    return {field: checked[field] for field in TOPIC_FIELDS[topic]}


def write_topic(topic: Topic, values: Values, gazetteer: Gazetteer) -> dict[str, list[str]]:
    """The form as values fill it in: ``parse_topic`` gives them back."""
    return _WRITERS[topic](values, gazetteer)


def digest_form(typed: Typed) -> str:
    """Digest of what a form holds: the same for one that was sent back as it was filled in."""
    texts = {name: sorted(one({name: [text]}, name) for text in values) for name, values in typed.items()}
    filled = sorted((name, values) for name, values in texts.items() if any(values))
    return hashlib.sha256(json.dumps(filled).encode()).hexdigest()[:32]


def closing(*, closed: bool) -> Values:
    """The values that say of a listing that it is no more."""
    return {CLOSED: closed}


def _refusal(topic: Topic, public: str = "") -> InvalidValue:
    return InvalidValue(str(topic), "…", "cannot be read", public=public or _WRONG[topic])


def one(typed: Typed, name: str) -> str:
    """What was typed in a field, without what cannot be read; empty when it is not there."""
    text = (typed.get(name) or [""])[0].replace("\r\n", "\n")  # how browsers end lines
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text).strip()


def _text(field: str) -> Callable[[Typed, Values, Gazetteer], Values]:
    return lambda typed, *_: {field: one(typed, "valeur")}


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(text)
    return int(text)


def _ages(typed: Typed, *_: Any) -> Values:
    return {"age_min": _number(one(typed, "de")), "age_max": _number(one(typed, "a"))}


def _places(typed: Typed, *_: Any) -> Values:
    return {"places": _number(one(typed, "valeur"))}


def _offer(typed: Typed, *_: Any) -> Values:
    return {"pathways": list(dict.fromkeys(typed.get("valeur", [])))}


def _occupations(typed: Typed, *_: Any) -> Values:
    codes = one(typed, "valeur").replace(",", " ").replace(";", " ").upper().split()
    return {"occupations": list(dict.fromkeys(codes))}


def _words(field: str) -> Callable[[Typed, Values, Gazetteer], Values]:
    return lambda typed, *_: {field: list(dict.fromkeys(typed.get("valeur", [])))}


def _territory(typed: Typed, shown: Values, gazetteer: Gazetteer) -> Values:
    """The territories that stay ticked, and those that are written: a département’s number, a commune and its postal code."""
    known = {token_of(pair): pair for pair in (*shown["coverage"], *shown.get("offered", ()), ("france", ""), ("remote", ""))}
    pairs = [tuple(known[token]) for token in typed.get("valeur", []) if token in known]
    pairs += [_written_territory(line.strip(), gazetteer) for line in one(typed, "ajouter").splitlines() if line.strip()]
    return {"coverage": [{"scope": scope, "code": code} for scope, code in dict.fromkeys(pairs)]}


def token_of(pair: Sequence[str]) -> str:
    """A territory as one word: ``departement:35``, ``france``."""
    return ":".join(filter(None, pair))


def _written_territory(line: str, gazetteer: Gazetteer) -> tuple[str, str]:
    if line.upper() in departements():
        return "departement", line.upper()
    words = line.replace(",", " ").split()
    postal = next((word for word in words if len(word) == 5 and word.isascii() and word.isdecimal()), "")
    code = gazetteer.find_commune(" ".join(word for word in words if word != postal), postal)
    if code is None:
        public = f"« {line[:60]} » n’est ni le numéro d’un département, ni une commune et son code postal."
        raise _refusal(Topic.TERRITORY, public)
    return "commune", code


def _validity(typed: Typed, *_: Any) -> Values:
    return {"valid_from": one(typed, "du") or None, "valid_until": one(typed, "au") or None}


def _rows(typed: Typed, names: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The rows of a form that hold something beside their choices."""
    for rank in range(MOST_ROWS):
        row = {name: one(typed, f"{name}-{rank}") for name in names}
        if any(text for name, text in row.items() if name != "visibility"):
            yield row


def _contacts(typed: Typed, *_: Any) -> Values:
    contacts = []
    for row in _rows(typed, _CONTACT):
        # a named person is not for everyone, unless that is said
        seen_by = row["visibility"] or (Visibility.BASSIN if row["name"] else Visibility.PUBLIC)
        contacts.append({**row, "phone": _phone(row["phone"]), "visibility": seen_by})
    return {"contacts": contacts}


def _phone(text: str) -> str:
    digits = "".join(text.split()).replace(".", "")
    if not digits or (digits.isascii() and digits.isdecimal() and 2 <= len(digits) <= 6):
        return digits
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        public = f"« {text[:40]} » n’est pas un numéro de téléphone : dix chiffres, un numéro court, ou + et l’indicatif du pays."
        raise _refusal(Topic.CONTACTS, public)
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _dates(typed: Typed, *_: Any) -> Values:
    sittings = []
    for row in _rows(typed, _SITTING):
        if not row["jour"]:
            raise _refusal(Topic.DATES, "Une heure est donnée sans son jour.")
        day = datetime.fromisoformat(row["jour"]).date()
        if not row["debut"] and not row["fin"]:
            start, end = datetime.combine(day, time(), PARIS), datetime.combine(day + timedelta(days=1), time(), PARIS)
        else:
            first, last = (time.fromisoformat(row[name] or row["debut"] or row["fin"]) for name in ("debut", "fin"))
            start, end = datetime.combine(day, first, PARIS), datetime.combine(day, last, PARIS)
        if end < start:
            raise _refusal(Topic.DATES, "Une date finit avant de commencer.")
        sittings.append({"start": start, "end": end})
    return {
        "occurrences": sorted(sittings, key=lambda each: each["start"]),
        "event_state": one(typed, "etat") or EventState.OPEN,
    }


def _place(typed: Typed, shown: Values, gazetteer: Gazetteer) -> Values:
    address, postal, name = (one(typed, field) for field in ("adresse", "code_postal", "commune"))
    code = gazetteer.find_commune(name, postal) if name else None
    if name and code is None:
        public = f"La commune « {name[:80]} » n’est pas connue sous ce code postal : écrivez son nom et son code postal."
        raise _refusal(Topic.PLACE, public)
    if not name and (address or postal):
        raise _refusal(Topic.PLACE, "Écrivez la commune : sans elle, l’adresse ne peut pas être située.")
    if (address, postal or None, code) == (shown["address"], shown["code_postal"], shown["code_commune"]):
        return shown
    place = gazetteer.get_commune(code) if code else None
    return {
        "address": address,
        "code_postal": postal or None,
        "code_commune": code,
        "code_departement": place.code_departement if place else None,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "precision": "commune" if place and place.latitude is not None else None,
    }


_PARSERS: dict[Topic, Callable[[Typed, Values, Gazetteer], Values]] = {
    Topic.NAME: _text("name"),
    Topic.DESCRIPTION: _text("description"),
    Topic.PLACE: _place,
    Topic.CONTACTS: _contacts,
    Topic.APPROACH: _text("mobilisation_details"),
    Topic.HOURS: _text("opening_hours"),
    Topic.AGES: _ages,
    Topic.CONDITIONS: _text("conditions"),
    Topic.OFFER: _offer,
    Topic.OCCUPATIONS: _occupations,
    Topic.PLACES: _places,
    Topic.DATES: _dates,
    Topic.REGISTRATION: _text("registration_url"),
    Topic.VALIDITY: _validity,
    Topic.CATEGORY: lambda typed, *_: {"category": one(typed, "valeur")},
    Topic.TERRITORY: _territory,
    Topic.PUBLICS: _words("publics"),
    Topic.THEMES: _words("thematiques"),
    Topic.VISIBILITY: lambda typed, *_: {"visibility": one(typed, "valeur")},
}
FORMS = frozenset(_PARSERS)
"""The topics that have a form."""


def _written(value: Any) -> str:
    return "" if value is None else str(value)


def _write_one(values: Values, _: Gazetteer) -> dict[str, list[str]]:
    (value,) = values.values()
    return {"valeur": [_written(value)]}


def _write_words(values: Values, _: Gazetteer) -> dict[str, list[str]]:
    (value,) = values.values()
    return {"valeur": list(value)}


def _write_place(values: Values, gazetteer: Gazetteer) -> dict[str, list[str]]:
    code = values["code_commune"]
    texts = (values["address"], values["code_postal"], gazetteer.commune_name(code) if code else "")
    return {name: [_written(text)] for name, text in zip(("adresse", "code_postal", "commune"), texts, strict=True)}


def _write_contacts(values: Values, _: Gazetteer) -> dict[str, list[str]]:
    rows = enumerate(values["contacts"])
    return {
        f"{name}-{rank}": [_written_phone(contact[name]) if name == "phone" else contact[name]]
        for rank, contact in rows
        for name in _CONTACT
    }


def _written_phone(text: str) -> str:
    """A French number as it is dialled; any other text as it is."""
    if not text.startswith("+33"):
        return text
    return str(phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.NATIONAL))


def _write_dates(values: Values, _: Gazetteer) -> dict[str, list[str]]:
    form = {"etat": [values["event_state"]]}
    for rank, sitting in enumerate(values["occurrences"][:MOST_ROWS]):
        start, end = (datetime.fromisoformat(sitting[name]).astimezone(PARIS) for name in ("start", "end"))
        form[f"jour-{rank}"] = [start.date().isoformat()]
        if end - start < timedelta(hours=23):  # a whole day has no hours
            form |= {f"debut-{rank}": [f"{start:%H:%M}"], f"fin-{rank}": [f"{end:%H:%M}"]}
    return form


_WRITERS: dict[Topic, Callable[[Values, Gazetteer], dict[str, list[str]]]] = {
    **dict.fromkeys(_PARSERS, _write_one),
    Topic.AGES: lambda values, _: {"de": [_written(values["age_min"])], "a": [_written(values["age_max"])]},
    Topic.VALIDITY: lambda values, _: {"du": [_written(values["valid_from"])], "au": [_written(values["valid_until"])]},
    Topic.OFFER: _write_words,
    Topic.PUBLICS: _write_words,
    Topic.THEMES: _write_words,
    Topic.TERRITORY: lambda values, _: {"valeur": list(map(token_of, values["coverage"]))},
    Topic.OCCUPATIONS: lambda values, _: {"valeur": [" ".join(values["occupations"])]},
    Topic.PLACE: _write_place,
    Topic.CONTACTS: _write_contacts,
    Topic.DATES: _write_dates,
}
