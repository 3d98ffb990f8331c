"""The companies of a lycée: by filière and diploma, and the file that its bureau keeps of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from directory.companies import (
    EntryChanged,
    EntryNotFound,
    PeriodOverlaps,
    PersonOpposed,
    apart,
    places_left,
    seal_of,
    taken,
    to_review,
)
from directory.company_filter import Trades, Wanted, find_companies, find_trades
from directory.dossiers import parcours_end
from directory.errors import InvalidValue, RelaisError
from directory.models.accounts import Account, Area, Role
from directory.models.companies import (
    CHANNEL_LABELS,
    OFFERS,
    PURPOSE_LABELS,
    REVIEW_LABELS,
    CompanyFile,
    Terms,
)
from directory.models.published import PublishedListing
from directory.models.responses import Outcome
from directory.occupations import title
from directory.repository.companies import PARTS
from directory.services import Services
from directory.territory import departements
from directory.vocabulary import PATHWAY_LABELS, Kind, Pathway
from matching.types import DiplomaLevel
from web import company_form as forms
from web.access import account, for_roles, services
from web.curation_words import viewer_of
from web.desk_queues import own_departement
from web.form_words import FORM_WORDS
from web.sessions import nonce

pages = Blueprint("companies", __name__, url_prefix="/bureau/entreprises")

PAGE = 30
_VIEWS = {
    "suivies": "Suivies par votre bureau",
    "libres": "Qui ont encore des places",
    "avis": "Dont un accueil attend un avis",
    "annuaire": "Toutes",
}
_DONE = {
    "conditions": "C’est noté.",
    "places": "Les places sont notées.",
    "accueils": "L’accueil est noté.",
    "echanges": "L’échange est noté.",
    "contacts": "La personne est notée. Dites-le-lui : le texte est plus bas.",
    "avis": "L’avis est noté.",
    "retirer": "La ligne est effacée.",
    "confirmer": "Ces coordonnées sont gardées trois ans de plus.",
    "opposition": "La personne est effacée, et ne sera pas notée à nouveau.",
}
_OUTCOMES = {Outcome.ACCEPTED: "a accepté", Outcome.DECLINED: "a refusé", Outcome.SILENT: "sans réponse"}
_NOTHING = CompanyFile(listing_id="", known=False, terms=Terms())


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A company of the list, with what the bureau keeps of it in numbers."""

    listing: PublishedListing
    left: int | None
    waiting: int
    file: CompanyFile


@pages.get("")
@for_roles(Role.BUREAU)
def index() -> str | tuple[str, int]:
    """The companies that go with a training, the bureau's own or all of the directory."""
    core, viewer = services(), account()
    today = core.clock().date()
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("vue", "formation", "niveau", "propose", "mots")}
    view = asked["vue"] if asked["vue"] in _VIEWS else "suivies"
    error, trades = "", Trades()
    try:
        trades = find_trades(asked["formation"], asked["niveau"] if asked["niveau"] in set(DiplomaLevel) else "")
    except InvalidValue as refused:
        error = refused.public
    here = own_departement(viewer, core)
    around = f" ({departements()[here].name})" if here in departements() else ""
    files = core.repository.companies.list_all(viewer)
    chosen = {key for key, file in files.items() if _in_view(file, view, today)}
    wanted = Wanted(
        trades=trades,
        departement=here if view == "annuaire" else "",
        offer=Pathway(asked["propose"]) if asked["propose"] in OFFERS else None,
        words=asked["mots"],
        ids=None if view == "annuaire" else chosen,
    )
    found = [] if error else find_companies(core.catalogue.current(), wanted)
    number = request.args.get("page", "1")
    page = min(int(number), 1 + max(0, len(found) - 1) // PAGE) if number.isdecimal() and 0 < len(number) < 6 else 1
    page = max(page, 1)
    listings = core.repository.list_listings(found[(page - 1) * PAGE : page * PAGE])
    body = render_template(
        "companies.html",
        lines=[_line(each, files.get(each.id, _NOTHING), today) for each in listings],
        total=len(found),
        page=page,
        pages=1 + max(0, len(found) - 1) // PAGE,
        asked={**asked, "vue": view},
        error=error,
        trades=trades,
        titles=[(code, title(code) or code) for code in trades.occupations[:6]],
        views_text={key: label + (around if key == "annuaire" else _count(files, key, today)) for key, label in _VIEWS.items()},
        levels=FORM_WORDS["levels"],
        today=today,
        **_words(),
    )
    return (body, 422) if error else body


@pages.get("/<listing_id>")
@for_roles(Role.BUREAU)
def sheet(listing_id: str) -> str | Response:
    """What the bureau keeps of one company."""
    core = services()
    listing = _company(core, listing_id)
    if listing.id != listing_id:
        return redirect(url_for("companies.sheet", listing_id=listing.id), 301)
    return _sheet_page(core, listing)


@pages.post("/<listing_id>/<part>")
@for_roles(Role.BUREAU)
def note(listing_id: str, part: str) -> str | tuple[str, int] | Response:
    """Note something of a company; or give the form back with what is wrong."""
    core, viewer = services(), account()
    if part not in _NOTED:
        raise NotFound
    listing = _company(core, listing_id)
    try:
        _NOTED[part](core, viewer, listing.id)
    except (InvalidValue, PeriodOverlaps, PersonOpposed, EntryChanged) as error:
        return _refusal(core, listing, part, error)
    return _back(listing.id, part, part)


@pages.post("/<listing_id>/<part>/<int:number>")
@for_roles(Role.BUREAU)
def act(listing_id: str, part: str, number: int) -> str | tuple[str, int] | Response:
    """Do something with one line: take it away, say how a stay went, keep or forget a person."""
    core, viewer = services(), account()
    gesture, today = request.form.get("geste", ""), core.clock().date()
    if part not in PARTS:
        raise NotFound
    listing, kept = _company(core, listing_id), core.repository.companies
    if gesture == "retirer":
        kept.remove(viewer, listing.id, part, number, core.clock())
    elif (part, gesture) == ("accueils", "avis"):
        try:
            kept.review_stay(viewer, listing.id, number, forms.parse_review(request.form), today, request.form.get("vu"))
        except (InvalidValue, EntryChanged) as error:
            return _refusal(core, listing, part, error, number)
    elif (part, gesture) == ("contacts", "confirmer"):
        kept.confirm_contact(viewer, listing.id, number, today)
    elif (part, gesture) == ("contacts", "opposition"):
        kept.oppose(viewer, listing.id, number, today)
    else:
        raise BadRequest
    return _back(listing.id, part, gesture)


def _terms(core: Services, viewer: Account, listing_id: str) -> None:
    terms = forms.parse_terms(request.form, core.clock().date())
    core.repository.companies.set_terms(viewer, listing_id, terms, core.clock(), request.form.get("vu"))


def _period(core: Services, viewer: Account, listing_id: str) -> None:
    period = forms.parse_period(request.form, core.clock().date())
    core.repository.companies.add_period(viewer, listing_id, period, nonce())


def _stay(core: Services, viewer: Account, listing_id: str) -> None:
    today = core.clock().date()
    stay = forms.parse_stay(request.form, today)
    uais: tuple[str, ...] = (viewer.code,)
    if viewer.area is Area.BASSIN:
        bassin = core.repository.load_bassins().get(viewer.code)
        uais = bassin.establishments if bassin else ()
    try:
        core.repository.companies.add_stay(viewer, listing_id, stay, nonce(), uais=uais, today=today)
    except EntryNotFound as error:
        public = f"Aucun dossier de votre lycée ne porte le code {stay.dossier_id} : demandez-le au référent."
        raise InvalidValue("dossier", stay.dossier_id, "unknown", public=public) from error


def _exchange(core: Services, viewer: Account, listing_id: str) -> None:
    exchange = forms.parse_exchange(request.form, core.clock().date())
    core.repository.companies.add_exchange(viewer, listing_id, exchange, nonce(), core.clock())


def _contact(core: Services, viewer: Account, listing_id: str) -> None:
    contact = forms.parse_contact(request.form)
    core.repository.companies.add_contact(viewer, listing_id, contact, nonce(), core.clock().date())


_NOTED: Mapping[str, Callable[[Services, Account, str], None]] = {
    "conditions": _terms,
    "places": _period,
    "accueils": _stay,
    "echanges": _exchange,
    "contacts": _contact,
}


def _company(core: Services, listing_id: str) -> PublishedListing:
    listing = core.repository.get_listing(listing_id, viewer_of(account()))
    if listing.record.kind is not Kind.COMPANY:
        raise NotFound
    return listing


def _in_view(file: CompanyFile, view: str, today: date) -> bool:
    if view == "libres":
        return bool(places_left(file, today, parcours_end(today)))
    if view == "avis":
        return any(to_review(stay, today) for stay in file.stays)
    return True


def _count(files: Mapping[str, CompanyFile], view: str, today: date) -> str:
    """How many companies of the bureau a view holds."""
    return f" ({sum(_in_view(file, view, today) for file in files.values())})"


def _line(listing: PublishedListing, file: CompanyFile, today: date) -> Line:
    left = places_left(file, today, parcours_end(today))
    return Line(listing=listing, left=left, waiting=sum(to_review(stay, today) for stay in file.stays), file=file)


def _refusal(core: Services, listing: PublishedListing, part: str, error: RelaisError, number: int = 0) -> tuple[str, int]:
    status = 409 if isinstance(error, (PeriodOverlaps, EntryChanged)) else 422
    return _sheet_page(core, listing, part, error.public, number), status


def _sheet_page(core: Services, listing: PublishedListing, part: str = "", error: str = "", number: int = 0) -> str:
    today = core.clock().date()
    file = core.repository.companies.get(account(), listing.id)
    typed: dict[str, Any] = request.form.to_dict() if error else {}
    if part != "conditions":
        terms = file.terms
        day = terms.not_before.isoformat() if terms.not_before else ""
        typed |= {"visible": str(terms.visibility), "pas-avant": day, "raison": terms.reason}
    return render_template(
        "company.html",
        listing=listing,
        file=file,
        periods=[(each, taken(each, file.stays, today if each.ends >= today else None)) for each in file.periods],
        overlapping=len(apart(file.periods)) < len(file.periods),
        left=places_left(file, today, parcours_end(today)),
        until=parcours_end(today),
        to_review={stay.number for stay in file.stays if to_review(stay, today)},
        today=today,
        typed=typed,
        part=part,
        number=number,
        error=error,
        seal_of=seal_of,
        told=_DONE.get(request.args.get("fait", ""), ""),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "offers": {str(each): PATHWAY_LABELS[each] for each in OFFERS},
        "channels": CHANNEL_LABELS,
        "purposes": PURPOSE_LABELS,
        "reviews": REVIEW_LABELS,
        "outcomes": _OUTCOMES,
    }


def _back(listing_id: str, part: str, done: str) -> Response:
    return redirect(url_for("companies.sheet", listing_id=listing_id, fait=done, _anchor=part), 303)
