"""From what a form or an address holds to the question that the core is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from werkzeug.datastructures import MultiDict

from directory.errors import DirectoryError, InvalidQuery
from directory.search.types import SearchQuery
from directory.search.understood import RECOGNISED
from directory.vocabulary import Kind
from web.facets import chosen_filters

# Names of the profile form's fields. `place_code` is the commune chosen among those that `place_for` named.
TEXTS = (
    "fiche",
    "place",
    "place_code",
    "place_for",
    "age",
    "birth_date",
    "establishment_uai",
    "lycee_chosen",
    "situation",
    "diploma_level",
    "diploma_specialty",
    "diploma_obtained",
    "mode",
    "max_minutes",
    "parcours",
    "parcours_start",
    "parcours_end",
    "discreet",
)
LISTS = ("occupations", "paths", "needs", "publics", "keep", "drop", "compare")
# A note and an appointment stand in a field of the listing's own: « note-demonstration--ml ».
NOTE, MEETING = "note-", "meeting-"
_BUTTON = "action"  # what was pressed: read by the view, never carried on
_OBTAINED = {"oui": True, "non": False}
_CODE_COMMUNE = re.compile(r"\d[\dAB]\d{3}", re.ASCII)
_UAI = re.compile(r"(?<!\w)(\d{7}[A-Za-z])(?!\w)", re.ASCII)
_CODE_AT_END = re.compile(r"\(([A-N]\d{4})\)\s*$")

# Field of a profile (contracts.md) → field of the form beside which its error is shown.
_FORM_FIELD = {
    "diploma": "diploma_level",
    "diploma.level": "diploma_level",
    "diploma.specialty": "diploma_specialty",
    "diploma.obtained": "diploma_obtained",
    "wishes": "occupations",
    "wishes.occupations": "occupations",
    "wishes.paths": "paths",
    "mobility": "mode",
    "mobility.mode": "mode",
    "mobility.max_minutes": "max_minutes",
    "parcours": "parcours",
    "parcours.start": "parcours_start",
    "parcours.end": "parcours_end",
}

RADII_KM = (5, 10, 20, 30, 50, 100)
SORTS: Mapping[str, str] = {"pertinence": "relevance", "distance": "distance", "date": "date"}
RESULTS_PER_PAGE = 20


class UnknownField(DirectoryError):
    """A form came with a field that it does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"unknown form field {name[:80]!r}", public=f"Champ inconnu : « {name[:80]} ».")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileForm:
    """A profile as it was typed: everything is kept as it came, so that a refused form comes back as it was left."""

    texts: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """What one field holds, trimmed; empty when it was not given."""
        return self.texts.get(name, "").strip()

    def values(self, name: str) -> tuple[str, ...]:
        """What a repeated field holds."""
        return self.lists.get(name, ())

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every name and value, for a form that sends them again."""
        for name, text in self.texts.items():
            if text:
                yield name, text
        for name, texts in self.lists.items():
            for text in texts:
                yield name, text

    @property
    def uai(self) -> str:
        """The UAI chosen, or the one that stands in what is typed; empty when there is none."""
        found = _UAI.search(self.text("lycee_chosen")) or _UAI.search(self.text("establishment_uai"))
        return found.group(1).upper() if found else ""

    @property
    def place(self) -> str:
        """The place to understand: the commune chosen for what is typed, else what is typed."""
        code = self.text("place_code")
        chosen = _CODE_COMMUNE.fullmatch(code) and self.text("place_for") == self.text("place")
        # five digits alone could as well be a postal code
        return f"INSEE {code}" if chosen else self.text("place")


def read_profile_form(form: MultiDict[str, str]) -> ProfileForm:
    """Read the profile form.

    Raises:
        UnknownField: A field that the form does not have.
    """
    own = [name for name in form if name.startswith((NOTE, MEETING))]
    for name in form:
        if name not in TEXTS and name not in LISTS and name not in own and name != _BUTTON:
            raise UnknownField(name)
    lists = {name: tuple(text.strip() for text in form.getlist(name) if text.strip()) for name in LISTS}
    return ProfileForm(texts={name: form.get(name, "") for name in (*TEXTS, *own)}, lists=lists)


def profile_data(form: ProfileForm, today: date) -> dict[str, object]:
    """The profile in the shape of the contract. Fields left blank are left out; nothing is judged here.

    Args:
        form: As it was typed.
        today: Says of which year the parcours is, when it is followed and no date was given.
    """
    data: dict[str, object] = {
        "place": form.place,
        "age": _integer(form.text("age")),
        "birth_date": iso_date(form.text("birth_date")),
        "establishment_uai": form.uai or form.text("establishment_uai"),
        "situation": form.text("situation"),
        "diploma": _given(
            level=form.text("diploma_level"),
            specialty=form.text("diploma_specialty"),
            obtained=_OBTAINED.get(form.text("diploma_obtained"), form.text("diploma_obtained")),
        ),
        "wishes": _given(
            occupations=[_occupation(text) for text in form.values("occupations")], paths=list(form.values("paths"))
        ),
        "needs": list(form.values("needs")),
        "publics": list(form.values("publics")),
        "mobility": _given(mode=form.text("mode"), max_minutes=_integer(form.text("max_minutes"))),
        "parcours": _parcours(form, today),
    }
    return _given(**data)


def _parcours(form: ProfileForm, today: date) -> dict[str, object]:
    given = _given(start=iso_date(form.text("parcours_start")), end=iso_date(form.text("parcours_end")))
    if form.text("parcours") == "oui" and "start" not in given:
        return {"start": f"{today.year}-09-01"} | given  # the arrêté's own: from the start of the school year
    return given


def form_field(profile_field: str) -> str:
    """The form's field that holds a profile's field; empty when the form has none."""
    name = profile_field.split("[", maxsplit=1)[0]  # « wishes.occupations[1] »
    if name in TEXTS or name in LISTS:
        return name
    return _FORM_FIELD.get(name, "")


def search_query(args: MultiDict[str, str]) -> SearchQuery:
    """The question that the search page's address holds, but its place.

    Raises:
        InvalidQuery: A kind that does not exist, an impossible date, an order that the page does not offer.
    """
    try:
        kinds = tuple(Kind(text) for text in dict.fromkeys(args.getlist("genre")) if text)
    except ValueError as error:
        raise InvalidQuery("genre", str(error), public="Ce genre de fiche n’existe pas.") from error
    order = args.get("tri", "") or "pertinence"
    if order not in SORTS:
        raise InvalidQuery("tri", f"{order[:40]!r} is not offered", public=f"Tris possibles : {', '.join(SORTS)}.")
    return SearchQuery(
        text=args.get("q", "").strip(),
        kinds=kinds,
        filters=chosen_filters(args),
        after=_read_day("du", args.get("du", "")),
        before=_read_day("au", args.get("au", "")),
        sort=SORTS[order],
        limit=RESULTS_PER_PAGE,
        cursor=args.get("suite") or None,
        past=args.get("passes", "") == "oui",
    )


def read_first_rank(args: MultiDict[str, str]) -> int:
    """The rank of the first result of the page: told by the address of a next page, 1 otherwise."""
    text = args.get("rang", "")
    return int(text) if args.get("suite") and text.isascii() and text.isdecimal() and len(text) <= 6 else 1


def read_ignored(args: MultiDict[str, str]) -> frozenset[str]:
    """What is not to be recognised in the text; what the page does not offer is passed over."""
    return frozenset(args.getlist("sans")) & frozenset(RECOGNISED)


def _read_day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(iso_date(text.strip())) if text.strip() else None
    except ValueError as error:
        raise InvalidQuery(name, repr(text[:40]), public=f"« {text[:40]} » n’est pas une date (JJ/MM/AAAA).") from error


def read_radius(text: str) -> float | None:
    """The radius asked, in km; None for no limit.

    Raises:
        InvalidQuery: Not one that the page offers.
    """
    if not text.strip():
        return None
    if text not in {str(radius) for radius in RADII_KM}:
        raise InvalidQuery("rayon", f"{text[:40]!r} is not offered", public="Le rayon doit être l’un de ceux de la liste.")
    return float(text)


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in ("", [], {}, None)}


def _integer(text: str) -> object:
    # what is no number goes on as it is: the core says what is wrong with it
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else text


def iso_date(text: str) -> str:
    """A date as ISO 8601 writes it; a browser without a date field leaves people to type « 14/05/2008 »."""
    if match := re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})", text, re.ASCII):
        day, month, year = match.groups()
        return f"{year}-{month:0>2}-{day:0>2}"
    return text


def _occupation(text: str) -> str:
    match = _CODE_AT_END.search(text)
    return match.group(1) if match else text
