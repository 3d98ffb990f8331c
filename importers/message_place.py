"""The place of a pasted e-mail: the commune that is certain, its street or its venue, and whether several are told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from importers.addresses import Address, CommuneFinder, place_address
from importers.message_dates import HOURS, POSTAL, REACHES, SENTENCE
from importers.values import tidy
from importers.values.text import unaccented

_LABEL = re.compile(r"^\W{0,3}(?:lieu|adresse|ou|rendez-vous|rdv|se (?:tiendra|deroulera)|localisation)\b\s?:?\s?")
_DATED = re.compile(r"\b\d{1,2}(?:er)?\s(?:janv|fevr|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec)|\d/\d")
_REMOTE = re.compile(r"\b(?:webinaire|visio\w*|en ligne|a distance|teams|zoom)\b")
# « Saint-Aubin-du-Cormier (35140) »
_CODE_BEHIND = re.compile(r"([A-ZÉÈÎ][\w'’-]*(?:[ -][\w'’-]+){0,6}?)\s\((\d{5})\)")
_STREET = re.compile(
    r"\b\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s(?:rue|avenue|av\.?|boulevard|bd\.?|place|pl\.?|chemin|allée|impasse|route|quai|cours"
    r"|square|esplanade|passage|faubourg|za|zi)\s(?:(?!\d{5})[^,;()\n]){2,60}",
    re.IGNORECASE,
)
_VENUE = re.compile(
    r"\b(?:Espace|Salle|Parc|Centre|Maison|Halles?|Gymnase|Hôtel|Palais|Campus|Pôle|Cité|Médiathèque|Complexe|Lycée)\s"
    r"(?:(?!\d{5})[^,;:.()\n]){2,60}"
)
_MOST_PLACES = 8


def find_place(lines: Sequence[str], finder: CommuneFinder) -> tuple[Address, tuple[str, ...]]:
    """Where it is: the line that says « Lieu : », else the first whose commune is certain.

    Returns:
        The place, blank where none is certain; and French sentences about what is to be looked at.
    """
    labelled = [rank for rank, line in enumerate(lines) if _LABEL.match(unaccented(line))]
    coded = [rank for rank, line in enumerate(lines) if POSTAL.search(line)]
    remote = any(_REMOTE.search(unaccented(line)) for line in lines)
    found: list[tuple[int, Address]] = []
    for rank in dict.fromkeys((*labelled, *coded[:_MOST_PLACES])):
        # of an event at a distance, the address of a signature is no place
        if remote and rank not in labelled and not _is_timed(lines[rank]):
            continue
        place = _place_at(lines, rank, finder, labelled=rank in labelled)
        if place.code_commune:
            found.append((rank, place))
    if not found:
        return Address(street=""), (("L’événement semble à distance : aucun lieu n’est proposé.",) if remote and coded else ())
    towns = dict.fromkeys(place.commune for rank, place in found if rank in labelled or _is_timed(lines[rank]))
    several = f"Plusieurs lieux sont écrits ({', '.join(towns)}) : ajoutez un événement par lieu."
    return found[0][1], ((several,) if len(towns) > 1 else ())


def _is_timed(line: str) -> bool:
    return bool(HOURS.search(line) or _DATED.search(unaccented(line)))


def _place_at(lines: Sequence[str], rank: int, finder: CommuneFinder, *, labelled: bool) -> Address:
    """The place of a line, whose street may stand on the line before, or after « Lieu : »."""
    pair = lines[rank : rank + 2] if labelled else lines[max(rank - 1, 0) : rank + 1]
    for text in _wordings(lines[rank], pair):
        place = place_address(text, finder) if text.strip() else Address(street="")
        if place.code_commune:
            street = _street(place.street) or _venue(lines[rank]) or (_venue(pair[0]) if len(pair) == 2 else "")
            return replace(place, street=street)
    return Address(street="")


def _wordings(line: str, pair: Sequence[str]) -> Iterator[str]:
    """A line as an address: whole, its sentence with a postal code, with the line beside, the code before the commune."""
    yield _bare(line)
    yield from (_bare(part) for part in SENTENCE.split(line) if POSTAL.search(part))
    yield _bare(" ".join(pair))
    yield from (f"{code} {town}" for town, code in _CODE_BEHIND.findall(line))


def _bare(text: str) -> str:
    label = _LABEL.match(unaccented(text))
    return POSTAL.sub(lambda code: code.group().replace(" ", ""), text[label.end() :] if label else text)


def _street(text: str) -> str:
    """The end of a sentence that says where: what names no day, no hour, nobody's number."""
    kept: list[str] = []
    for part in reversed(text.split(",")):
        if HOURS.search(part) or REACHES.search(part) or _DATED.search(unaccented(part)):
            break
        kept.insert(0, part.strip())
    whole = ", ".join(filter(None, kept))
    street = _STREET.search(whole)
    return tidy(street.group()) if street and len(whole) > len(street.group()) + 40 else whole


def _venue(line: str) -> str:
    found = _STREET.search(line) or _VENUE.search(line)
    return tidy(found.group()).rstrip(" -–(") if found else ""
