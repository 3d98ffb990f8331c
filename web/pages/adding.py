"""Adding a company, a partner or an event; and renewing last year's edition of one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from directory.adding import ADDABLE, TO_CONFIRM, company_identity, parse_addition
from directory.company_register import RegisterUnavailable
from directory.curation_form import write_topic
from directory.errors import DatabaseBusy, InvalidValue, ListingNotFound
from directory.identifiers import parse_siret
from directory.message import LONGEST_MESSAGE
from directory.models.accounts import CURATORS
from directory.models.changes import ADDED, ChangeSet
from directory.models.curation import Curation, Topic, Wish
from directory.models.record import SourcedRecord
from directory.services import Services
from directory.vocabulary import PATHWAY_LABELS, EventState, Kind, categories
from web.access import account, for_roles, services
from web.curation_words import BUSY, checker, viewer_of
from web.desk_queues import own_departement
from web.proposing import ask_register, find_known, form_of, told_of
from web.sessions import nonce

pages = Blueprint("adding", __name__, url_prefix="/bureau/ajouter")

_KINDS = {"entreprise": Kind.COMPANY, "partenaire": Kind.PARTNER, "evenement": Kind.EVENT}
_TITLES = {Kind.COMPANY: "Ajouter une entreprise", Kind.PARTNER: "Ajouter un partenaire", Kind.EVENT: "Ajouter un événement"}
_ROWS = 2
_YEAR = timedelta(days=364)
"""A year later on the same day of the week."""
_WAIT_SECONDS = 5.0
_NOT_OPEN = "Le répertoire ne connaît pas d’établissement ouvert de ce SIRET : vérifiez-le, ou remplissez la fiche."


@pages.get("/<kind>")
@for_roles(*CURATORS)
def form(kind: str) -> str | Response:
    """The blank form; of a SIRET that is known here, its listing; of an event that is renewed, all but what changes."""
    asked = _kind(kind)
    name = " ".join(request.args.get("nom", "").split())[:200]
    siret = request.args.get("siret", "").strip() or (name if _is_number(name) else "")
    if siret and asked is Kind.COMPANY:
        return _of_siret(asked, siret)
    if name and asked is Kind.COMPANY:
        core, town = services(), " ".join(request.args.get("ville", "").split())[:200]
        here = own_departement(account(), core)
        registered = ask_register(core, viewer_of(account()), name=name, town=town, departement=here)
        known = find_known(core, name, town, here)
        return _page(asked, {"nom": [name], "commune": [town]}, known=known, registered=registered)
    renewed = request.args.get("depuis", "")
    return _page(asked, _renewed(renewed) if renewed and asked is Kind.EVENT else {})


@pages.post("/entreprise/repertoire")
@for_roles(*CURATORS)
def from_register() -> str | tuple[str, int] | Response:
    """Add an establishment as the register states it now; or lead to the listing that is there already."""
    core, text = services(), request.form.get("siret", "")
    typed = {"siret": [text[:40]]}
    if core.register is None:
        raise NotFound
    try:
        siret = parse_siret(text)
        known = _known(siret)
        record = core.register.find(siret) if known is None else None
    except InvalidValue as error:
        return _page(Kind.COMPANY, typed, error.public), 422
    except RegisterUnavailable as error:
        return _page(Kind.COMPANY, typed, error.public), 503
    if known is not None:
        return known
    if record is None:
        return _page(Kind.COMPANY, typed, _NOT_OPEN), 422
    try:
        added = _add(core, record)
    except DatabaseBusy:
        return _page(Kind.COMPANY, typed, BUSY), 503
    return redirect(url_for("curation.sheet", listing_id=added, fait="ajoute"), 303)


@pages.post("/<kind>/message")
@for_roles(*CURATORS)
def paste(kind: str) -> str:
    """The form, filled in with what a pasted e-mail proposes: nothing is kept of the e-mail, nothing is added yet."""
    asked, core = _kind(kind), services()
    text = request.form.get("message", "")
    reading = core.read_message(text, core.clock().date())
    told = list(told_of(reading, asked, core.gazetteer)) if text.strip() else ["Rien n’est collé."]
    return _page(asked, form_of(reading, asked, core.gazetteer), told=told, message=text[:LONGEST_MESSAGE])


@pages.post("/<kind>")
@for_roles(*CURATORS)
def add(kind: str) -> str | tuple[str, int] | Response:
    """Add what was typed; or give the form back with what is wrong, or lead to the listing that is there already."""
    asked, core, typed = _kind(kind), services(), request.form.to_dict(flat=False)
    try:
        record = parse_addition(asked, typed, nonce(), core.gazetteer)
    except InvalidValue as error:
        return _page(asked, typed, error.public), 422
    known = _known(record.record.siret) if record.record.siret else None
    if known is not None:
        return known
    try:
        added = _add(core, record)
    except DatabaseBusy:
        return _page(asked, typed, BUSY), 503
    return redirect(url_for("curation.sheet", listing_id=added, fait="ajoute"), 303)


def _add(core: Services, record: SourcedRecord) -> str:
    """Publish the record, of its own source, by a run of what is added by hand; note who added it. The id of its listing."""
    now, repository = core.clock(), core.repository
    run = repository.start_run(ADDED, [], now, _WAIT_SECONDS)
    status, counts = "failed", {}
    try:
        changes = ChangeSet(source=record.source, run_pk=run, added=[record], whole=False, trust=core.trust)
        counts, status = repository.apply(changes, now).counts.to_json(), "done"
    finally:
        repository.finish_run(run, status, counts, [], "", now)
    added = repository.curation.listing_of(record.source, record.record_id)
    if added is None:
        raise ListingNotFound(record.record_id)
    values = {"checked_at": now.date().isoformat(), "checked_by": checker(account(), core)}
    by = Curation(author=account().label, reason="Ajoutée à l’annuaire", now=now, nonce=nonce(), trust=core.trust)
    repository.curation.curate([Wish(listing_id=added, topic=Topic.CHECK, values=values)], by)
    core.keeper.catch_up()
    return added


def _kind(text: str) -> Kind:
    if text not in _KINDS:
        raise NotFound
    return _KINDS[text]


def _is_number(text: str) -> bool:
    """Whether a SIRET is meant, mistaken or not; nine digits are a company's own number, which the register finds as a name."""
    digits = text.replace(" ", "")
    return digits.isascii() and digits.isdecimal() and len(digits) > 9


def _of_siret(asked: Kind, siret: str) -> str | Response:
    """The listing of a SIRET; else what the register says of it."""
    try:
        there = _known(siret)
    except InvalidValue as error:
        return _page(asked, {"siret": [siret[:40]]}, error.public)
    registered = ask_register(services(), viewer_of(account()), siret=siret) if there is None else None
    return there or _page(asked, {"siret": [siret]}, registered=registered)


def _known(siret: str) -> Response | None:
    found = services().repository.curation.find_listing(company_identity(parse_siret(siret)), viewer_of(account()))
    return redirect(url_for("curation.sheet", listing_id=found, fait="connue"), 303) if found else None


def _renewed(listing_id: str) -> dict[str, list[str]]:
    """The form of the next edition: everything as it was, the dates a year later (or more, to be to come), to be confirmed."""
    core = services()
    shown = core.repository.get_listing(listing_id, viewer_of(account()))
    record = shown.record
    if record.kind is not Kind.EVENT:
        raise NotFound
    states = core.repository.curation.read_states(shown.id, core.trust)
    typed = {"nom": [record.name], "categorie": [record.category], "presentation": [record.description]}
    typed |= write_topic(Topic.PLACE, states[Topic.PLACE].shown, core.gazetteer)
    public = [contact.model_dump(mode="json") for contact in record.contacts]
    typed |= write_topic(Topic.CONTACTS, {"contacts": public}, core.gazetteer)
    dates = write_topic(Topic.DATES, states[Topic.DATES].shown, core.gazetteer) | {"etat": [EventState.OPEN]}
    days = {name: date.fromisoformat(dates[name][0]) for name in dates if name.startswith("jour-")}
    years = 1
    while days and max(days.values()) + years * _YEAR < core.clock().date():
        years += 1
    dates |= {name: [(day + years * _YEAR).isoformat()] for name, day in days.items()}
    if days:
        first = min(days.values())
        typed["nom"] = [record.name.replace(str(first.year), str((first + years * _YEAR).year))]
    return {**typed, **dates, "conditions": [" ".join(filter(None, (TO_CONFIRM, record.conditions.replace(TO_CONFIRM, ""))))]}


def _page(kind: Kind, typed: dict[str, list[str]], error: str = "", **more: Any) -> str:
    rows = max((rank + 1 for rank in range(30) if f"label-{rank}" in typed or f"jour-{rank}" in typed), default=0)
    return render_template(
        "add.html",
        kind=kind,
        path=next(name for name, each in _KINDS.items() if each is kind),
        title=_TITLES[kind],
        typed={name: texts[0] if texts else "" for name, texts in typed.items()},
        chosen=typed.get("propose", []),
        error=error,
        rows=max(rows, _ROWS),
        choices={code: each.label for code, each in categories().items() if kind in each.kinds},
        pathways=PATHWAY_LABELS,
        known=more.get("known"),
        registered=more.get("registered"),
        asks_register=services().register is not None,
        told=more.get("told", ()),
        message=more.get("message", ""),
        longest_message=LONGEST_MESSAGE,
        kinds={name: _TITLES[each] for name, each in _KINDS.items() if each in ADDABLE},
    )
