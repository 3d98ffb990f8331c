"""Mon lycée: from its UAI, who follows its pupils, what is missing, the calendar of the parcours and the official resources."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template, request
from werkzeug.datastructures import MultiDict

from directory.errors import InvalidValue
from directory.geocoding.types import LyceeEntry
from directory.identifiers import parse_uai
from directory.models.published import PublishedListing
from directory.models.record import Occurrence
from directory.search.asking import ask
from directory.search.types import SearchQuery
from directory.services import Services
from directory.text import fold
from directory.vocabulary import Kind
from matching.establishment import ROLES, partners_of
from matching.types import Lycee
from matching.window import school_weeks
from web.access import public, services
from web.params import ProfileForm
from web.resources import resources_for
from web.sheets import coming

pages = Blueprint("lycee", __name__)

_FAIRS_KM = 50
_MOST_FAIRS = 12
_FAIRS = ("salon", "job_dating", "portes_ouvertes")
"""What the calendar calls a fair: workshops and information meetings are many, and would leave no room for them."""
_MOST_COMMUNES = 400
"""Communes of a bassin whose missions locales are looked for."""

# What each role is called here, and whom to ask where the directory knows none.
_WORDS = {
    "lycee": ("Au lycée", "Le secrétariat du lycée met en lien avec l’assistante sociale, l’infirmière et le Psy-EN."),
    "bureau_des_entreprises": ("Bureau des entreprises", "Chaque lycée professionnel en a un : demandez au DDFPT."),
    "mlds": ("Coordination MLDS", "Demandez au CIO ou à la direction académique (DSDEN)."),
    "psad": ("PSAD", "On y entre par un CIO ou une mission locale."),
    "clee": ("CLEE", "Demandez à la délégation académique à la formation professionnelle (DRAFPIC)."),
    "cio": ("CIO", "L’Onisep et la direction académique donnent l’adresse du CIO du bassin."),
    "mission_locale": (
        "Missions locales des élèves",
        "La mission locale compétente est celle de la commune où habite l’élève.",
    ),
}


_REFERENT = re.compile(r"\bpacte\b|\breferents?\b|ambition emploi")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One role of the page: who holds it for this lycée, or whom to ask."""

    category: str
    title: str
    listings: tuple[PublishedListing, ...]
    ask: str


@pages.get("/mon-lycee")
@public
def lycee() -> str | tuple[str, int]:
    """The page of a lycée; without one, the field that asks which."""
    typed = request.args.get("lycee", "").strip()[:300]
    form = _form(request.args)
    if not typed:
        return render_template("lycee.html", form=form, error=None)
    uai = form.uai
    choices: tuple[LyceeEntry, ...] = () if uai else services().gazetteer.find_lycees(typed, limit=12)
    if len(choices) == 1:
        uai = choices[0].uai
    try:
        uai = parse_uai(uai) if uai else ""
    except InvalidValue as error:
        return render_template("lycee.html", form=form, error=error.public), 422
    if not uai:
        message = "Plusieurs lycées répondent à ce nom." if choices else "Aucun lycée ne répond à ce nom."
        return render_template("lycee.html", form=form, error=message, choices=choices), 422
    return _page(uai, form, services())


def _form(args: MultiDict[str, str]) -> ProfileForm:
    # one field, under the name by which the profile form reads a lycée
    return ProfileForm(texts={"establishment_uai": args.get("lycee", "")[:300]})


def _page(uai: str, form: ProfileForm, core: Services) -> str:
    today = core.clock().date()
    found = _lycee(uai, core)
    first, last = date(today.year, 9, 1), date(today.year, 12, 31)
    weeks = school_weeks(first, last)
    return render_template(
        "lycee.html",
        form=form,
        error=None,
        lycee=found,
        bassins=[core.repository.load_bassins().label(code) for code in found.bassins],
        roles=_roles(found, core),
        fairs=_fairs(found, core, max(today, first), last),
        fairs_km=_FAIRS_KM,
        resources=resources_for(found.place.code_region if found.place else ""),
        today=today,
        first=first,
        last=last,
        weeks=weeks,
        allowed=weeks.weeks * 2 // 3,
    )


def _lycee(uai: str, core: Services) -> Lycee:
    entry = core.gazetteer.find_lycee(uai) or core.repository.find_lycee(uai)
    place = core.gazetteer.get_commune(entry.code_commune) if entry and entry.code_commune else None
    bassins = core.repository.load_bassins()
    codes = bassins.of_uai(uai) or (bassins.of_commune(place.code_commune) if place else ())
    return Lycee(uai=uai, name=entry.name if entry else "", place=place, bassins=codes)


def _roles(found: Lycee, core: Services) -> list[_Found]:
    bassins = core.repository.load_bassins()
    records = [record for code in found.bassins if (record := bassins.get(code))]
    communes = [code for record in records for code in record.communes][:_MOST_COMMUNES]
    places = [place for code in communes if (place := core.gazetteer.get_commune(code))]
    pupils = dict.fromkeys(token for place in places for token in place.territories if token.startswith(("commune:", "epci:")))
    ids = partners_of(found, core.catalogue.current(), pupils)
    listings = {listing.id: listing for listing in core.repository.list_listings([key for keys in ids.values() for key in keys])}
    found_here = [listings[key] for key in ids["lycee"] if key in listings]
    referents = _Found(
        category="referent",
        title="Référents du parcours (PACTE)",
        listings=tuple(listing for listing in found_here if _is_referent(listing)),
        ask="Le proviseur adjoint ou le DDFPT sait qui a cette mission. Un nom n’est jamais public ici.",
    )
    return [referents] + [
        _Found(
            category=role.category,
            title=_WORDS[role.category][0],
            listings=tuple(listings[key] for key in ids[role.category] if key in listings),
            ask=_WORDS[role.category][1],
        )
        for role in ROLES
    ]


def _is_referent(listing: PublishedListing) -> bool:
    """Whether a listing of the lycée, or a contact of it that may be seen, is that of the référents."""
    texts = (listing.record.name, *(contact.label for contact in listing.record.contacts))
    return any(_REFERENT.search(fold(text)) for text in texts)


def _fairs(found: Lycee, core: Services, first: date, last: date) -> list[tuple[Occurrence, PublishedListing]]:
    """The fairs of the window near the lycée, by date."""
    if found.place is None:
        return []
    answer = ask(
        core.index,
        SearchQuery(kinds=(Kind.EVENT,), filters={"category": _FAIRS}, after=first, before=last, with_facets=False, limit=100),
        find_place=core.gazetteer.find_named,
        today=first,
        place=found.place,
        radius_km=_FAIRS_KM,
    )
    listings = core.repository.list_listings([hit.id for hit in answer.page.hits])
    dated = [(sittings[0], listing) for listing in listings if (sittings := coming(listing.record, core.clock()))]
    within = [each for each in dated if first <= each[0].end.date() and each[0].start.date() <= last]
    return sorted(within, key=lambda each: each[0].start)[:_MOST_FAIRS]
