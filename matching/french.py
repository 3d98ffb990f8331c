"""French for what is shown: days, distances, ages, lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from directory.vocabulary import WHEN_LABELS, When
from matching.types import Mode

MODE_LABELS = {Mode.WALK: "à pied", Mode.BIKE: "à vélo", Mode.TRANSIT: "en transport en commun", Mode.CAR: "en voiture"}
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def french_day(day: date) -> str:
    """« 1er septembre 2026 »."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def french_km(km: float) -> str:
    """« 800 m », « 4,2 km », « 37 km »."""
    if km < 0.95:
        return f"{max(50, round(km * 20) * 50)} m"
    return f"{km:.1f} km".replace(".", ",") if km < 9.95 else f"{km:.0f} km"


def when_label(when: When, *, in_parcours: bool) -> str:
    """What « pendant », « met_fin » and « apres » mean for a student in the parcours, or not."""
    return WHEN_LABELS[when] if in_parcours else _OUTSIDE[when]


_OUTSIDE = {
    When.DURING: "Possible dès maintenant",
    When.ENDS_IT: "Possible dès maintenant (mettrait fin à un parcours)",
    When.AFTER: "Possible si l’élève n’est plus inscrit",
}


def french_minutes(minutes: float) -> str:
    """« 25 min », « 1 h 05 », « 2 h »."""
    hours, rest = divmod(round(float(minutes)), 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d}" if rest else f"{hours} h"


_TOO_LONG = 180
"""Minutes past which nobody counts a journey by the minute."""


def french_journey(minutes: float) -> str:
    """« environ 25 min », « environ 1 h 05 », « plus de 3 h »: an estimate, said as one."""
    return f"environ {french_minutes(minutes)}" if minutes <= _TOO_LONG else f"plus de {french_minutes(_TOO_LONG)}"


def french_ages(low: int, high: int) -> str:
    """« 16–25 ans », « 16 ans et plus », « 25 ans et moins »; a bound that nobody set is negative or huge."""
    if low < 0:
        return f"{high} ans et moins"
    return f"{low} ans et plus" if high > 110 else f"{low}–{high} ans"


def french_list(words: Sequence[str], limit: int = 4) -> str:
    """« a, b et c »; past the limit « a, b, c … »."""
    if len(words) > limit:
        return ", ".join(words[:limit]) + " …"
    return " et ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def french_count(count: int, noun: str) -> str:
    """« 1 contact », « 3 contacts », « 0 contact »."""
    return f"{count} {noun}{'s' if count > 1 else ''}"


def lower_first(text: str) -> str:
    """A label within a sentence: its first letter small, unless the first word is an acronym."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def french_phone(phone: str) -> str:
    """« 01 99 00 01 23 » of an E.164 number; another number as it is."""
    if not phone.startswith("+33") or len(phone) != 12:
        return phone
    digits = f"0{phone[3:]}"
    return " ".join(digits[start : start + 2] for start in range(0, 10, 2))
