"""How facts are written in French on the pages: numbers, distances, dates, phones, and the labels of the vocabulary."""

from __future__ import annotations

import html
import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from flask import Flask
from markupsafe import Markup, escape

from directory.field_labels import field_label
from directory.occupations import domaine_label
from directory.occupations import title as occupation_title
from directory.vocabulary import KIND_LABELS, PATHWAY_LABELS, WHEN_LABELS, Kind, Pathway, When, categories
from matching.criteria import CRITERIA
from matching.french import when_label
from matching.types import Evidence, Match
from web.access import services

NBSP = "\u00a0"
NARROW = "\u202f"
PARIS = ZoneInfo("Europe/Paris")

KIND_LABELS_SINGULAR = {
    Kind.PARTNER: "Partenaire",
    Kind.SCHEME: "Dispositif",
    Kind.COMPANY: "Entreprise",
    Kind.EVENT: "Événement",
}
SOURCE_LABELS = {
    "ajouts": "Ajout d’un bureau des entreprises",
    "administration": "Annuaire de l’administration",
    "bassins": "Bassins d’une académie",
    "calendars": "Agendas publics",
    "cfa": "Listes des centres de formation",
    "clee": "CLEE d’une académie",
    "curation": "Relecture par un bureau des entreprises",
    "data_inclusion": "data·inclusion",
    "demonstration": "Territoire de démonstration (inventé)",
    "diplomes": "Référentiel des diplômes",
    "dispositifs": "Dispositifs nationaux, relevés par Relais",
    "education": "Annuaire de l’éducation",
    "entreprises": "Fichiers d’entreprises",
    "france_travail": "Agences de France Travail",
    "missions_locales": "Liste des missions locales",
    "psad": "PSAD d’une académie",
    "rome": "Référentiel des métiers (ROME)",
    "tableur": "Tableau d’un lycée ou d’une académie",
    "zones_emploi": "Zones d’emploi",
}
_MONTHS = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]  # fmt: skip
_PHONE = re.compile(r"(?<!\d)(?:0\d(?:[ .\u00a0\u202f]?\d\d){4}|1(?:1[2-9]|5|7|8)|3\d{3})(?!\d)")
_MARKS = {"<mark>": Markup("<mark>"), "</mark>": Markup("</mark>")}
_OSM_DAYS = dict(
    zip(
        ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
        ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
        strict=True,
    )
)
_DAY_SPAN, _HOUR_SPAN = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?", r"\d{2}:\d{2}-\d{2}:\d{2}"
_RULE = re.compile(rf"({_DAY_SPAN}(?:,{_DAY_SPAN})*) ({_HOUR_SPAN}(?:,{_HOUR_SPAN})*|off|closed)")
_DAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]


def number(value: float, digits: int = 0) -> str:
    """« 1 234,5 »: a comma, and a narrow no-break space every three digits."""
    return f"{value:,.{digits}f}".replace(",", NARROW).replace(".", ",")


def points(hundredths: int) -> str:
    """Hundredths of a point as points: « 78,25 », « 12,4 », « 7 ». Nothing is rounded, so what is shown adds up."""
    text = number(hundredths / 100, 2)
    return text.rstrip("0").removesuffix(",")


def km(distance: float | None) -> str:
    """« 3,4 km », « 27 km », « moins de 100 m », or nothing when unknown."""
    if distance is None:
        return ""
    if distance < 0.1:
        return f"moins de 100{NBSP}m"
    return f"{number(distance, 1 if distance < 10 else 0)}{NBSP}km"


def duration(minutes: int | None) -> str:
    """« 25 min », « 1 h 05 », or nothing when unknown."""
    if minutes is None:
        return ""
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    return f"{minutes // 60}{NBSP}h{NBSP}{minutes % 60:02d}"


def day(value: date) -> str:
    """« 24 novembre 2026 », « 1er décembre 2026 »."""
    rank = "1er" if value.day == 1 else str(value.day)
    return f"{rank}{NBSP}{_MONTHS[value.month - 1]} {value.year}"


def moment(start: datetime, end: datetime | None = None) -> str:
    """An occurrence as people say it: « mardi 24 novembre 2026, de 9 h à 17 h 30 », in Paris time."""
    first = start.astimezone(PARIS)
    text = f"{_DAYS[first.weekday()]} {day(first)}"
    last = end.astimezone(PARIS) if end else first
    if (last - first).total_seconds() >= 86_400:
        return f"du {text} au {_DAYS[last.weekday()]} {day(last)}" if first.date() != last.date() else text
    if first == last:
        return f"{text}, {clock_time(first)}" if (first.hour or first.minute) else text
    return f"{text}, de {clock_time(first)} à {clock_time(last)}"


def week_day(value: date) -> str:
    """« mardi »."""
    return _DAYS[value.weekday()]


def clock_time(value: datetime) -> str:
    """« 17 h 30 », « 9 h », in the time that the moment is told in."""
    return f"{value.hour}{NBSP}h{NBSP}{value.minute:02d}" if value.minute else f"{value.hour}{NBSP}h"


def month(text: str) -> str:
    """« 2026-11 » as « novembre 2026 »; another text as it is."""
    year, _, rank = text.partition("-")
    if year.isdecimal() and rank[:2].isdecimal() and 1 <= int(rank[:2]) <= 12:
        return f"{_MONTHS[int(rank[:2]) - 1]} {year}"
    return text


def month_of(value: date) -> str:
    """The month of a day: « août 2023 »."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def phone(text: str) -> str:
    """« +33299123456 » as « 02 99 12 34 56 »; a short number or a foreign one as it should be read."""
    if not text.startswith("+"):
        return text
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return text
    if parsed.country_code == 33:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL).replace(" ", NBSP)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def kind_label(kind: Kind) -> str:
    """The kind of one listing: « Partenaire », « Entreprise »."""
    return KIND_LABELS_SINGULAR[kind]


def category_label(code: str) -> str:
    """The category's French label; its code if it is of another version."""
    category = categories().get(code)
    return category.label if category else code


def _commune_name(code: str | None) -> str:
    place = services().gazetteer.get_commune(code) if code else None
    return place.label.rpartition(" (")[0] or place.label if place else ""


def criterion_label(criterion: str) -> str:
    """The criterion's short French name; its id if it is of another version."""
    known = CRITERIA.get(criterion)
    return known.label if known else criterion


def without_label(text: str, label: str) -> str:
    """A criterion's published text without the label that opens it."""
    return text.removeprefix(f"{label}.").strip()


def occupation_label(code: str) -> str:
    """« Personnel de cuisine (G1602) »."""
    title = occupation_title(code)
    return f"{title} ({code})" if title else code


def website(url: str) -> str:
    """An address as it is read aloud: without its scheme, « www. » and last slash."""
    return url.split("://", 1)[-1].removeprefix("www.").rstrip("/")


def source_label(name: str) -> str:
    """What a source is, in French; its name where this version has no words for it."""
    return SOURCE_LABELS.get(name, name)


def most_points(evidence: Evidence) -> str:
    """The most that a criterion could have given here; never less than what it gave, which was rounded to add up."""
    return points(max(round(evidence.weight * 10_000), evidence.points))


def main_reasons(match: Match, most: int = 3) -> str:
    """The reasons that weigh most, in one sentence, for paper."""
    strongest = sorted(match.contributions, key=lambda evidence: -evidence.points)[:most]
    return " ; ".join(evidence.reason for evidence in strongest if evidence.points) + "."


def opening_hours(text: str) -> str:
    """Hours of the OpenStreetMap form as people say them: « du lundi au jeudi : 9 h – 12 h 30, 13 h 30 – 17 h ».

    What is not plain days and hours stays as it is.
    """
    rules = [_RULE.fullmatch(rule.strip()) for rule in text.split(";")]
    if not text or not all(rules):
        return text
    return " ; ".join(f"{_french_days(rule[1])}{NBSP}: {_french_hours(rule[2])}" for rule in rules if rule)


def _french_days(text: str) -> str:
    parts = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        parts.append(f"du {_OSM_DAYS[first]} au {_OSM_DAYS[last]}" if last else _OSM_DAYS[first])
    return ", ".join(parts)


def _french_hours(text: str) -> str:
    if text in {"off", "closed"}:
        return "fermé"
    spans = (span.split("-") for span in text.split(","))
    return ", ".join(" – ".join(_clock(moment_) for moment_ in span) for span in spans)


def _clock(text: str) -> str:
    hour, minute = text.split(":")
    return f"{int(hour)}{NBSP}h" + (f"{NBSP}{minute}" if minute != "00" else "")


def when_text(when: When, in_parcours: bool) -> str:
    """When a result is for, for a student in the parcours or not: « Pendant le parcours », « Possible dès maintenant »."""
    return when_label(when, in_parcours=in_parcours)


def with_link(text: str, name: str, href: str) -> Markup:
    """A sentence in which a listing's name leads to it; the name stands after it where the sentence does not hold it."""
    link = Markup('<a href="{}">{}</a>').format(href, name)
    before, found, after = text.partition(name)
    if not found:
        return Markup("{} – {}").format(french(text), link)
    return Markup("{}{}{}").format(french(before), link, french(after))


def lead_and_rest(text: str, most: int = 700) -> tuple[str, str]:
    """A text's beginning and what follows, cut after a sentence or a line; a text that is hardly longer is not cut."""
    if len(text) <= most * 3 // 2:
        return text, ""
    ends = [found.end() for found in re.finditer(r"[.!?…»](?=\s)|(?=\n)", text[: most + 1])]
    at = ends[-1] if ends and ends[-1] > most // 3 else text.rfind(" ", 0, most) if " " in text[1:most] else most
    return text[:at].rstrip(), text[at:].lstrip()


def local_day(value: datetime) -> str:
    """The day of a moment, in Paris."""
    return day(value.astimezone(PARIS).date())


def french(text: str) -> str:
    """A French sentence with its no-break spaces: before « : ; ? ! » and inside « guillemets »."""
    return re.sub(r" (?=[:;?!»])", NBSP, text).replace("« ", f"«{NBSP}")


def capitalize_first(text: str) -> str:
    """The text with a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def pathway_label(pathway: Pathway) -> str:
    """The pathway: « Apprentissage », « Visite d’entreprise »."""
    return PATHWAY_LABELS[pathway]


def highlight(fragment: str) -> Markup:
    """A fragment whose found words stand between <mark> and </mark>; whatever else it holds is text."""
    safe = Markup("")
    for part in re.split(r"(</?mark>)", fragment):
        safe += _MARKS.get(part) or escape(html.unescape(part))
    return safe


def contact_links(text: str) -> Markup:
    """A contact's text, in which phone numbers can be called: « 3114 », « 02 99 12 34 56 »."""
    linked = Markup("")
    position = 0
    for found in _PHONE.finditer(text):
        number_ = found.group()
        digits = re.sub(r"\D", "", number_)
        linked += escape(text[position : found.start()])
        # the number for who cannot speak or hear is written to, not called
        scheme = "sms" if digits == "114" else "tel"
        linked += Markup('<a class="relais-phone" href="{}:{}">{}</a>').format(scheme, digits, number_)
        position = found.end()
    return linked + escape(text[position:])


def install(app: Flask) -> None:
    """Give the templates these filters and labels."""
    filters = (
        number, points, km, duration, day, local_day, moment, month, month_of, phone, category_label, occupation_label,
        pathway_label, criterion_label, without_label, website, capitalize_first, french, highlight, contact_links,
        most_points, main_reasons, opening_hours, source_label, field_label, when_text, with_link,
        lead_and_rest,
    )  # fmt: skip
    app.jinja_env.filters.update({function.__name__: function for function in filters})
    app.jinja_env.filters["commune_name"] = _commune_name
    app.jinja_env.filters["domaine"] = domaine_label
    app.jinja_env.globals.update(
        kind_labels=KIND_LABELS, kind_singular=KIND_LABELS_SINGULAR, pathway_labels=PATHWAY_LABELS, when_labels=WHEN_LABELS
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
