"""The forms of a company's file: what is typed, checked, in the words of a bureau des entreprises."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar

import phonenumbers

from directory.class_names import names_class
from directory.companies import LONGEST_PERIOD, MOST_PLACES, MOST_STUDENTS
from directory.dossiers import warnings_in
from directory.errors import InvalidValue
from directory.models.companies import OFFERS, Channel, CompanyContact, Exchange, Period, Purpose, Review, Stay, Terms
from directory.models.responses import Outcome
from directory.vocabulary import Pathway, Visibility

Form = Mapping[str, str]
Choice = TypeVar("Choice", bound=StrEnum)

_FARTHEST = timedelta(days=800)
_LONGEST = {"raison": 200, "classe": 60, "resume": 500, "avis-note": 500, "nom": 200, "fonction": 200, "origine": 200}


def parse_terms(form: Form, today: date) -> Terms:
    """Who else sees a company's places, and before which day nobody calls it.

    Raises:
        InvalidValue: Something typed cannot be understood; its ``public`` says what. So do all parsers here.
    """
    not_before = _day(form, "pas-avant", today, "le jour avant lequel ne pas appeler") if form.get("pas-avant") else None
    visibility = _choice(form, "visible", Visibility, "Choisissez qui voit les places.")
    return Terms(visibility=visibility, not_before=not_before, reason=_text(form, "raison"))


def parse_period(form: Form, today: date) -> Period:
    """Places between two days."""
    starts, ends = _span(form, "places", today)
    return Period(pathway=_offer(form, "places"), starts=starts, ends=ends, places=_count(form, "places-nombre", MOST_PLACES))


def parse_stay(form: Form, today: date) -> Stay:
    """Who is hosted: a class and how many, or the code of one student's dossier."""
    starts, ends = _span(form, "accueil", today)
    class_name, code = _text(form, "classe"), _text(form, "dossier").upper()
    if bool(class_name) == bool(code):
        raise _refused("classe", "Écrivez la classe, ou le code d’un dossier : l’un des deux.")
    if class_name and not names_class(class_name):
        raise _refused("classe", "Écrivez le niveau puis le diplôme (T CAP cuisine, 1re MELEC), jamais un nom d’élève.")
    students = 1 if code else _count(form, "accueil-nombre", MOST_STUDENTS)
    if len(code) > 12:
        raise _refused("dossier", "Un code de dossier a huit lettres et chiffres.")
    pathway = _offer(form, "accueil")
    return Stay(pathway=pathway, starts=starts, ends=ends, students=students, class_name=class_name, dossier_id=code)


def parse_review(form: Form) -> tuple[Review, str]:
    """How a stay went; a note is of the welcome, and names nobody."""
    note = _text(form, "avis-note")
    if found := warnings_in(note):
        raise _refused("avis-note", f"{found[0]} Parlez de l’accueil, jamais de l’élève.")
    return _choice(form, "avis", Review, "Dites comment l’accueil s’est passé."), note


def parse_exchange(form: Form, today: date) -> Exchange:
    """What was said with a company, and when: not in the future."""
    happened_on = _day(form, "echange-jour", today, "le jour de l’échange")
    if happened_on > today:
        raise _refused("echange-jour", "Cet échange n’a pas encore eu lieu : choisissez un jour passé, ou aujourd’hui.")
    summary = _text(form, "resume")
    if not summary:
        raise _refused("resume", "Écrivez en une phrase ce qui s’est dit.")
    outcome = form.get("retour", "")
    if outcome and outcome not in set(Outcome):
        raise _refused("retour", "Choisissez ce que l’échange a donné.")
    channel = _choice(form, "moyen", Channel, "Choisissez comment vous vous êtes parlé.")
    return Exchange(happened_on=happened_on, channel=channel, summary=summary, outcome=outcome)


def parse_contact(form: Form) -> CompanyContact:
    """A person of a company: how to reach them, why they are kept, where from."""
    name, origin = _text(form, "nom"), _text(form, "origine")
    phone, email = _phone(_text(form, "telephone")), _text(form, "courriel")
    if not name:
        raise _refused("nom", "Écrivez le nom de la personne. Un numéro sans personne va sur la fiche : « Corriger ».")
    if not (phone or email):
        raise _refused("telephone", "Écrivez un téléphone ou une adresse électronique.")
    if email and (email.count("@") != 1 or " " in email or "." not in email.rpartition("@")[2] or len(email) > 254):
        raise _refused("courriel", f"« {email[:60]} » n’est pas une adresse électronique.")
    if not origin:
        raise _refused("origine", "Écrivez d’où viennent ces coordonnées : « donnée au salon », « carte de visite ».")
    purpose = _choice(form, "but", Purpose, "Choisissez pourquoi ces coordonnées sont gardées.")
    return CompanyContact(name=name, role=_text(form, "fonction"), phone=phone, email=email, purpose=purpose, origin=origin)


def _refused(field: str, public: str) -> InvalidValue:
    return InvalidValue(field, "…", "cannot be read", public=public)


def _text(form: Form, name: str) -> str:
    text = " ".join("".join(each if each.isprintable() else " " for each in form.get(name, "")).split())
    most = _LONGEST.get(name, 254)
    if len(text) > most:
        raise _refused(name, f"Écrivez {most} caractères au plus : il y en a {len(text)}.")
    return text


def _choice(form: Form, name: str, choices: type[Choice], public: str) -> Choice:
    if form.get(name, "") not in set(choices):
        raise _refused(name, public)
    return choices(form[name])


def _offer(form: Form, prefix: str) -> Pathway:
    pathway = _choice(form, f"{prefix}-voie", Pathway, "Choisissez pour quoi : stage, immersion, apprentissage ou emploi.")
    if pathway not in OFFERS:
        raise _refused(f"{prefix}-voie", "Choisissez pour quoi : stage, immersion, apprentissage ou emploi.")
    return pathway


def _span(form: Form, prefix: str, today: date) -> tuple[date, date]:
    starts, ends = _day(form, f"{prefix}-du", today, "le premier jour"), _day(form, f"{prefix}-au", today, "le dernier jour")
    if ends < starts:
        raise _refused(f"{prefix}-au", "Le dernier jour est avant le premier.")
    if ends - starts > LONGEST_PERIOD:
        raise _refused(f"{prefix}-au", "Cette période dure plus d’un an : notez-la année par année.")
    return starts, ends


def _day(form: Form, name: str, today: date, what: str) -> date:
    text = form.get(name, "").strip()
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise _refused(name, f"Écrivez {what} : jour, mois, année.")
    if abs(day - today) > _FARTHEST:
        raise _refused(name, f"« {day:%d/%m/%Y} » est à plus de deux ans : vérifiez {what}.")
    return day


def _count(form: Form, name: str, most: int) -> int:
    text = form.get(name, "").strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    if not 1 <= number <= most:
        raise _refused(name, f"Écrivez un nombre, de 1 à {most}.")
    return number


def _phone(text: str) -> str:
    if not text:
        return ""
    try:
        number = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise _refused("telephone", f"« {text[:40]} » n’est pas un numéro de téléphone.")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
