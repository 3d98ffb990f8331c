"""What something costs: free or not where that is plain, and the words as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy, unaccented

_AMOUNT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[ .]\d{3})+|\d{1,6})(?:[.,](\d{1,2}))?\s*(?:€|euros?\b|eur\b)(?:\s*(\d{2}))?")
_FREE = re.compile(
    r"\bgratuit(?:e|s|es|ement)?\b|\b(?:entree|acces) libre\b|\bsans (?:frais|participation)\b|\baucuns? (?:frais|cout)\b"
)
_SOLD = re.compile(r"\b(?:prix|billet\w*|tarifs? (?:plein|reduit|normal|unique))\b")
_NOT_FREE = re.compile(r"\bnon gratuit|\bpas gratuit")
_PAID = re.compile(
    r"\bpayant(?:e|s|es)?\b|\bquotient\b|\badhesion\b|\bcotisation\b|\bparticipation (?!libre)|\btarifs?\b|\bfrais d\W"
)
_OPEN = re.compile(
    r"\bprix libre\b|\bparticipation libre\b|\bau chapeau\b|\bdon\b|prise? en charge|financ|consulter|sur devis"
    r"|selon|renseign|contact"
)
# « Gratuit », « Entrée libre et gratuite sur inscription »: words that add nothing to it
_PLAINLY = re.compile(
    r"gratuit(?:e|s|es|ement)?|entree|acces|libre|sans|frais|aucuns?|totalement|entierement|service|tarif|formation|inscription"
    r"|reservation|et|c|est|pour|tous|toutes|a|sur|ouverte?|le|la|les|participation"
)


@dataclass(frozen=True, slots=True)
class Price:
    """What something costs.

    Attributes:
        frais: ``gratuit`` or ``payant`` (data·inclusion); None where it depends, or is not said.
        details: The words of the source; empty where ``frais`` says as much.
    """

    frais: str | None = None
    details: str = ""


def read_price(text: str) -> Reading[Price]:
    """The price that a cell states. What is not plainly free or paid for keeps its words, and no more is said."""
    cell = tidy(text)[:1000]
    if not cell or says_nothing(cell):
        return Reading(Price())
    plain = unaccented(cell)
    amounts = [_euros(match) for match in _AMOUNT.finditer(plain)]
    if re.fullmatch(r"\d{1,5}(?:[.,]\d{1,2})?", plain):
        amounts, cell = [float(plain.replace(",", "."))], f"{cell} €"
    free = _FREE.search(plain) is not None and not _NOT_FREE.search(plain)
    if free and (any(amounts) or _SOLD.search(plain)):
        return Reading(Price(None, cell), ("Gratuit pour certains seulement : le tarif est gardé en toutes lettres.",))
    if free or (amounts and not any(amounts)):
        return Reading(Price("gratuit", "" if _is_plain(plain) or not free else cell))
    if any(amounts):
        return Reading(Price("payant", cell))
    if _PAID.search(plain) or _NOT_FREE.search(plain):
        return Reading(Price("payant", "" if plain in {"payant", "payante"} else cell))
    doubts = () if _OPEN.search(plain) else ("Tarif non compris : gardé en toutes lettres.",)
    return Reading(Price(None, cell), doubts)


def _is_plain(plain: str) -> bool:
    return all(_PLAINLY.fullmatch(word) for word in re.findall(r"\w+", plain))


def _euros(match: re.Match[str]) -> float:
    cents = match.group(2) or match.group(3) or "0"
    return float(f"{re.sub(r'[ .]', '', match.group(1))}.{cents}")
