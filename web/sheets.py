"""The student's sheet: whom to call, what to say, where, when, how to get there, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import segno
from markupsafe import Markup

from directory.models.record import Contact, ListingRecord, Occurrence
from directory.services import Services
from directory.vocabulary import FRAIS, EventState
from matching.french import MODE_LABELS
from matching.travel import made_by, walking_minutes
from matching.types import Match, Mode, Profile
from matching.window import ages_on
from web.answers import Proposals
from web.choices import Choices
from web.listing_words import directions
from web.plain_words import explain
from web.sayings import saying
from web.wording import category_label, day, duration, km, moment, opening_hours

_MOST_CALLS = 8
"""Of a plan nobody chose from; what the référent kept is all there."""
_FREE = "gratuit"
_NUMBER = "dispositifs--urgence_"
"""How the ids of the emergency numbers' own listings begin."""
EMERGENCY: Mapping[str, str] = {
    "115": "un lit pour ce soir.",
    "119": "un jeune en danger, avant 21 ans.",
    "3114": "parler, quand tout va très mal.",
    "114": "demander de l’aide par message.",
    "17": "la police, en cas de danger.",
}
"""Numbers of ``matching/data/urgency.toml``, said in plain French on every sheet, whatever the student needs."""
_TELLING = frozenset(
    "ccas maison_solidarites caf cpam cmp csapa maison_des_adolescents paej planning_familial residence_fjt cllaj "  # noqa: SIM905
    "siao action_logement mobilite france_services point_justice pjj mdph cap_emploi association service autre aide "
    "atelier information".split()
)
"""Categories whose listings' names may tell what the student needs; everybody of the parcours goes to the others."""
_WALKED_KM = 2.5
"""As the crow flies: what anybody may walk, told in minutes where no mode is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One entry of the sheet. Texts are French, and empty where nothing is known.

    Attributes:
        way: The address of a page that shows the way there.
        coming: The sittings of an event that are still to come.
        meeting: The appointment, in words.
        not_before: The day before which its bureau des entreprises asks not to call; there is then no code to scan.
        code: A QR code as SVG: it calls, or opens the site. It holds no name and no need.
        unnamed: Whether the entry says neither who it is nor what it does: a discreet sheet, and a name that may tell a need.
    """

    match: Match
    say: str
    contacts: tuple[Contact, ...]
    address: str
    hours: str
    journey: str
    way: str
    cost: str
    registration: str
    coming: tuple[Occurrence, ...]
    meeting: str
    note: str
    not_before: date | None
    code: Markup
    code_says: str
    unnamed: bool = False


def list_calls(
    proposed: Proposals, profile: Profile, choices: Choices, core: Services, now: datetime, *, discreet: bool = False
) -> tuple[Call, ...]:
    """The entries of the sheet: what was kept, in its order; else what the plan names.

    Args:
        proposed: The answer.
        profile: The student's.
        choices: What the référent kept, noted, dated.
        core: Where places are named.
        now: The clock.
        discreet: Whether what may tell a need goes without its name.
    """
    calls = _calls(proposed, profile, choices, core, now)
    age, _ = ages_on(profile, now.date(), now.date())
    return tuple(_unnamed(call, profile, age) if discreet and call.match.category in _TELLING else call for call in calls)


def _unnamed(call: Call, profile: Profile, age: int) -> Call:
    """The entry without its name, and without what holds it: addresses of mail and sites, labels."""
    phones = tuple(Contact(phone=contact.phone, visibility=contact.visibility) for contact in call.contacts if contact.phone)
    code, code_says = _code(phones)
    say = saying(call.match, profile, age, named=False)
    # « CLLAJ, 35000 Rennes » is a name too; a price may say what is paid
    address = ", ".join(part for part in call.address.split(", ") if any(letter.isdecimal() for letter in part))
    cost = call.cost.partition(" : ")[0].partition(" (")[0]
    kept = replace(call, contacts=phones, code=code, code_says=code_says, address=address, cost=cost)
    return replace(kept, say=say, registration="", unnamed=True)


def _calls(proposed: Proposals, profile: Profile, choices: Choices, core: Services, now: datetime) -> Iterator[Call]:
    age, _ = ages_on(profile, now.date(), now.date())
    for match in chosen(proposed):
        listing = proposed.listings.get(match.id)
        record = listing.record if listing else None
        contacts = record.contacts if record else ()
        not_before = proposed.question.holds.get(match.id)
        code, code_says = (Markup(""), "") if not_before else _code(contacts)
        yield Call(
            match=match,
            say=saying(match, profile, age),
            contacts=contacts,
            address=_address(record, core),
            hours=opening_hours(record.opening_hours) if record else "",
            journey=_journey(match, profile),
            way=directions(record, _town(record, core)) if record else "",
            cost=_cost(record),
            registration=record.registration_url if record else "",
            coming=coming(record, now)[:3],
            meeting=meeting_text(choices, match.id),
            note=choices.notes.get(match.id, ""),
            not_before=not_before,
            code=code,
            code_says=code_says,
        )


def words_of(calls: Iterable[Call]) -> Mapping[str, str]:
    """The words of the field that stand in the entries, with what they mean."""
    return explain(text for call in calls for text in _read(call))


def _read(call: Call) -> Iterator[str]:
    if call.unnamed:
        return
    yield from (call.match.name, category_label(call.match.category), call.say)
    yield from (contact.label for contact in call.contacts)


def chosen(proposed: Proposals) -> tuple[Match, ...]:
    """What was kept, or the listings of the plan, each once and in its order; not the emergency numbers, which each sheet has."""
    if proposed.kept:
        return proposed.kept
    by_id = {match.id: match for matches in proposed.answer.sections.values() for match in matches}
    planned = (step.id for step in proposed.answer.plan if step.id in by_id)
    ids = dict.fromkeys(each for each in planned if not each.startswith(_NUMBER))
    return tuple(by_id[key] for key in ids)[:_MOST_CALLS]


def meeting_text(choices: Choices, key: str) -> str:
    """An appointment in words: « mardi 1er décembre 2026, 14 h 30 »; empty without one."""
    return moment(choices.meetings[key]) if key in choices.meetings else ""


def coming(record: ListingRecord | None, now: datetime) -> tuple[Occurrence, ...]:
    """The sittings of an event that are not over; none of one that is cancelled."""
    if record is None or record.event_state is EventState.CANCELLED:
        return ()
    return tuple(sorted((each for each in record.occurrences if each.end >= now), key=lambda each: each.start))


def _address(record: ListingRecord | None, core: Services) -> str:
    if record is None:
        return ""
    town = _town(record, core)
    if town and town.casefold() in record.address.casefold():
        return record.address
    return ", ".join(filter(None, (record.address, town)))


def _town(record: ListingRecord, core: Services) -> str:
    place = core.gazetteer.get_commune(record.code_commune) if record.code_commune else None
    return " ".join(filter(None, (record.code_postal, place.label.rpartition(" (")[0] if place else "")))


def _journey(match: Match, profile: Profile) -> str:
    parts = []
    if match.travel_minutes is not None and profile.mode is not None:
        mode = profile.mode if match.distance_km is None else made_by(profile.mode, match.distance_km, match.travel_minutes)
        parts.append(f"environ {duration(match.travel_minutes)} {MODE_LABELS[mode]}")
    elif match.distance_km is not None and match.distance_km <= _WALKED_KM:
        minutes = max(1, round(walking_minutes(match.distance_km)))
        parts.append(f"environ {duration(minutes)} {MODE_LABELS[Mode.WALK]}")
    if match.distance_km is not None:
        parts.append(f"{km(match.distance_km)} en ligne droite")
    return ", ".join(parts)


def _cost(record: ListingRecord | None) -> str:
    """What it costs, with the day of the source: an amount without its day is not shown."""
    if record is None or not record.frais:
        return ""
    if record.frais == _FREE:
        return "Gratuit"
    told = record.checked_at or record.updated_at
    since = f" (au {day(told)})" if told else " (date inconnue : à demander)"
    return " : ".join(filter(None, (FRAIS[record.frais], _inside(record.frais_details)))) + since


def _inside(text: str) -> str:
    """A text as it stands inside a sentence: « Sur devis. » as « sur devis », « CAF » as it is."""
    text = text.strip().removesuffix(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] in {"’", "'", " "} else text


def _code(contacts: tuple[Contact, ...]) -> tuple[Markup, str]:
    phone = next((contact.phone for contact in contacts if contact.phone), "")
    site = next((contact.url for contact in contacts if contact.url), "")
    if not (phone or site) or len(site) > 300:
        return Markup(""), ""
    data, says = (f"tel:{phone}", "Scanner pour appeler") if phone else (site, "Scanner pour voir le site")
    drawn = segno.make(data, micro=False, error="m").svg_inline(omitsize=True, border=2, svgclass="relais-code__drawing")
    return Markup(drawn), says  # noqa: S704 - drawn from squares, no text goes in
