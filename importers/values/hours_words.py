"""The words of opening hours in French, as patterns on texts without accents and in lower case."""

from __future__ import annotations

import re

from importers.values.dates import WEEKDAYS

DAY_NAMES = {
    **{name[:length]: rank for length in (2, 3, None) for rank, name in enumerate(WEEKDAYS)},
    **{WEEKDAYS[rank][0]: rank for rank in (0, 3, 4, 5, 6)},  # « m » may be two days
}
_CLOCK = r"(?:(?:[01]?\d|2[0-4])\s?(?:(?:heures?|hrs?|h)(?:[0-5]\d|\s(?:00|15|30|45))?(?!\d)|:[0-5]\d(?!\d))|midi|minuit)"
_BARE = r"(?:[01]?\d|2[0-4])(?:[.][0-5]\d)?"
TO = r"\s?(?:-|\ba\b|/|>|\bjusqu'a\b|\bet\b)\s?"
_LONG_DAYS = "|".join(sorted((name for name in DAY_NAMES if len(name) > 1), key=len, reverse=True))
# The first that matches at a place is taken. Texts are without accents and in lower case.
_TOKENS = {
    "always": r"24\s?h(?:eures)?\s?(?:/|sur)\s?24(?:\s?h\b)?"
    r"(?:\W{0,3}(?:et )?7\s?(?:j(?:ours)?)?\s?(?:/|sur)\s?7(?:\s?j(?:ours)?\b)?)?",
    "everyday": r"7\s?j(?:ours)?\s?(?:/|sur)\s?7(?:\s?j(?:ours)?\b)?|\btous les jours\b|\btoute la semaine\b|\bchaque jour\b",
    "range": rf"(?:{_CLOCK}|\b{_BARE}){TO}{_CLOCK}|{_CLOCK}\s?(?:-|\ba\b|/|>)\s?{_BARE}(?![\d/]|\s?(?:er\b|eme\b))",
    "nth": r"\b(?:1er|premier|2e|2eme|2nd|second|deuxieme|3e|3eme|troisieme|4e|4eme|quatrieme|dernier)s?\b",
    "ofmonth": r"\b(?:du|de chaque|par) mois\b",
    "parity": r"\bsemaines? (?:im)?paires?\b",
    "weekdays": r"\ben semaine\b|\bjours ouvres\b",
    "weekend": r"\b(?:le )?week-?\s?ends?\b",
    "noschool": r"\b(?:hors|sauf|ferme\w*(?: pendant| durant)?(?: les)?) (?:pendant )?(?:les |de )?"
    r"(?:vacances|conges)(?: scolaires)?\b|\b(?:en )?periodes? scolaires?\b",
    "school": r"\b(?:pendant |durant |en )?(?:les )?vacances(?: scolaires)?\b",
    "noholiday": r"\b(?:hors|sauf|ferme\w*)(?: et)?(?: les)?(?: jours)? feries\b|\bjours feries (?:exclus|exceptes)\b",
    "appointment": r"\b(?:et |ou )?(?:uniquement |seulement |exclusivement )?(?:sur|avec|prise de) "
    r"(?:un )?(?:rendez-?\s?vous|rdv)\b\.?(?: uniquement)?",
    "except": r"\bsauf\b|\bhors\b|\bexcepte\b|\ba l'exception du?\b",
    "closed": r"\bferme(?:e|s|es|ture)?\b",
    "opened": r"\bouvert(?:e|s|ure)?\b",
    "clock": rf"\b{_CLOCK}",
    "day": rf"\b(?:{_LONG_DAYS})s?\b\.?|\b[ljvsd]\b(?=\s?(?:-|au?\b|,|/|:|\d))",
    "half": r"\b(?:le |en )?(?:matin(?:ee)?s?|apres-?\s?midis?|soir(?:ee)?s?)\b",
    "to": r"\bau\b|\ba\b|-",
    "and": r"\bet\b|[,/&+]",
    "stop": r"[;\n|.]",
    "open": r"\(",
    "close": r"\)",
    "filler": r"\b(?:de|du|d|les?|la|l|des|accueil|public|horaires?|d'ouverture|sans interruption|non.stop|en continu|continu"
    r"|journee(?: continue)?|permanences?"
    r"|physique|telephoniques?|entre|toute l'annee|bureaux?|secretariat|nous|vous|est|sont|tel|jours?)\b|[:']",
    "space": r"\s",
    "unknown": r"\S",
}  # fmt: skip
TOKEN = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _TOKENS.items()))
NTH = {"1": 1, "p": 1, "2": 2, "s": 2, "deuxieme": 2, "3": 3, "t": 3, "4": 4, "q": 4, "dernier": -1}
