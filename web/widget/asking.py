"""What the widget's addresses hold, asked of the directory: the search page's own parameters, and how the frame looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from directory.errors import InvalidQuery
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.models.published import PublishedListing
from directory.search.asking import Answer, ask
from directory.search.types import Hit
from web.access import services
from web.params import read_ignored, read_radius, search_query
from web.widget.colours import Rgb, read_colour

MOST, USUAL = 20, 5
TITLE = "Trouver un partenaire"
OF_THE_SEARCH = ("q", "lieu", "rayon", "departement", "genre", "theme", "metier")
OF_THE_FRAME = ("nombre", "titre", "couleur", "fond", "dates")
ACCENT, GROUND = (0x1D, 0x4F, 0x73), (255, 255, 255)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the frame looks.

    Attributes:
        results: Shown at once.
        accent: Of links and buttons.
        dates: Language of the dates, a BCP 47 tag that the browser knows or not.
    """

    title: str = TITLE
    results: int = USUAL
    accent: Rgb = ACCENT
    ground: Rgb = GROUND
    dates: str = "fr"


@dataclass(frozen=True, slots=True)
class Result:
    """A hit, and its public listing; None for the instant in which the index is ahead of the directory."""

    hit: Hit
    listing: PublishedListing | None


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to the widget's question."""

    answer: Answer
    results: tuple[Result, ...]


def read_look(args: MultiDict[str, str]) -> Look:
    """How the frame is to look.

    Raises:
        InvalidQuery: A colour, a number of results or a language that is none.
    """
    dates = args.get("dates", "").strip() or "fr"
    if not _LANGUAGE.fullmatch(dates):
        raise InvalidQuery("dates", repr(dates[:40]), public=f"« {dates[:40]} » n’est pas une langue : écrire fr, en, ar…")
    return Look(
        title=" ".join(args.get("titre", "").split())[:80] or TITLE,
        results=_read_number(args.get("nombre", "").strip()),
        accent=read_colour("couleur", args.get("couleur", "")) or ACCENT,
        ground=read_colour("fond", args.get("fond", "")) or GROUND,
        dates=dates,
    )


def _read_number(text: str) -> int:
    if not text:
        return USUAL
    if text.isascii() and text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= MOST:
        return int(text)
    raise InvalidQuery("nombre", repr(text[:40]), public=f"Le nombre de résultats va de 1 à {MOST}.")


def find(args: MultiDict[str, str], most: int) -> Found:
    """Ask the directory what the address asks.

    Raises:
        InvalidQuery: A parameter means nothing; a place is unknown, or several places.
    """
    core = services()
    if len(args.get("q", "")) > 300:
        raise InvalidQuery("q", "too long", public="La recherche dépasse 300 caractères.")
    place = _read_place(args.get("lieu", ""))
    answer = ask(
        core.index,
        replace(search_query(args), limit=most, with_facets=False),
        find_place=core.gazetteer.find_named,
        today=core.clock().date(),
        place=place,
        radius_km=read_radius(args.get("rayon", "")) if place else None,
        bassins=core.repository.load_bassins(),
        but=read_ignored(args),
    )
    listings = {each.id: each for each in core.repository.list_listings([hit.id for hit in answer.page.hits])}
    return Found(answer, tuple(Result(hit, listings.get(hit.id)) for hit in answer.page.hits))


def _read_place(text: str) -> Place | None:
    if not text.strip():
        return None
    match services().gazetteer.find(text.strip()[:300]):
        case Place() as place:
            return place
        case AmbiguousPlace(candidates=places):
            several = ", ".join(place.label for place in places[:4])
            raise InvalidQuery("lieu", "ambiguous", public=f"Plusieurs lieux s’appellent « {text.strip()[:80]} » : {several}.")
        case NoSuchPlace():
            raise InvalidQuery("lieu", "unknown", public=f"« {text.strip()[:80]} » n’est pas un lieu connu.")


def given(args: MultiDict[str, str], names: tuple[str, ...], without: tuple[str, ...] = ()) -> Mapping[str, list[str]]:
    """Those of these parameters that hold something."""
    found = {name: [value.strip() for value in args.getlist(name) if value.strip()] for name in names if name not in without}
    return {name: values for name, values in found.items() if values}


def query_string(parameters: Mapping[str, list[str]]) -> str:
    """Parameters as an address writes them."""
    return urlencode(parameters, doseq=True)
