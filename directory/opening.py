"""Whether a place is open at a moment, from its hours in the OpenStreetMap form and the local time of its département."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import opening_hours

_PARIS = "Europe/Paris"
_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_FAR_DAYS = 400
"""Changes farther than this are no use to anyone, and looking for them costs."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the hours say of a moment.

    Attributes:
        open: Whether it is open; None when the hours leave it open to question (« sur rendez-vous », a public holiday that they
            do not speak of).
        now: The moment, in local time.
        until: When that changes, in local time; None when it does not, or when ``open`` is None.
        holiday: Whether the day is a public holiday of which the hours say nothing.
    """

    open: bool | None
    now: datetime
    until: datetime | None = None
    holiday: bool = False


def zone_of(code_commune: str) -> ZoneInfo:
    """The time zone of a commune (INSEE code): overseas ones have their own."""
    return ZoneInfo(_ZONES.get(code_commune[:3], _PARIS))


def find_opening(hours: str, moment: datetime, code_commune: str = "") -> Opening | None:
    """Whether it is open at a moment; None without hours, or with hours that are not of the OpenStreetMap form.

    Args:
        hours: In the OpenStreetMap form (``Mo-Fr 09:00-12:30``).
        moment: With its time zone.
        code_commune: Where it is; local time is that of Paris without it.
    """
    zone = zone_of(code_commune)
    rules = _read(hours, str(zone)) if hours else None
    if rules is None:
        return None
    local = moment.astimezone(zone)
    if "PH" not in hours and hours != "24/7" and _holidays(str(zone)).is_open(local):
        return Opening(None, local, holiday=True)
    state, comment = rules.state(local)
    if state == opening_hours.State.UNKNOWN or (state == opening_hours.State.OPEN and comment):
        return Opening(None, local)
    until = rules.next_change(local)
    return Opening(state == opening_hours.State.OPEN, local, until.astimezone(zone) if until else None)


@lru_cache(maxsize=4096)
def _read(hours: str, zone: str) -> opening_hours.OpeningHours | None:
    return _rules(hours, zone) if opening_hours.validate(hours) else None


@lru_cache(maxsize=16)
def _holidays(zone: str) -> opening_hours.OpeningHours:
    return _rules("PH", zone)


def _rules(hours: str, zone: str) -> opening_hours.OpeningHours:
    return opening_hours.OpeningHours(
        hours,
        timezone=ZoneInfo(zone),
        country="FR",
        auto_country=False,
        auto_timezone=False,
        max_interval_days=_FAR_DAYS,
    )
