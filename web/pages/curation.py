"""Keeping a listing true: each topic with what it hides, corrected, taken back, checked in one click; and the listing's life."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from directory.curation_form import FORMS, MOST_ROWS, closing, parse_topic, token_of, write_topic
from directory.errors import DatabaseBusy, InvalidValue, StatementOutdated
from directory.models.accounts import CURATORS, Role
from directory.models.curation import TOPIC_FIELDS, Curation, HistoryEntry, Topic, TopicState, Values, Wish
from directory.models.published import BassinRecord, PublishedListing
from directory.models.record import Coverage
from directory.services import Services
from directory.territory import epcis, epcis_of
from directory.vocabulary import PATHWAY_LABELS, PUBLICS, THEMATIQUES, EventState, Kind, Scope, categories
from web.access import account, for_roles, services
from web.curation_words import (
    BUSY,
    TOPIC_LABELS,
    VISIBILITY_LABELS,
    checker,
    list_changes,
    seen_by,
    seen_values,
    viewer_of,
    with_unseen,
    write_values,
)
from web.desk_queues import own_departement
from web.sessions import nonce
from web.territories import territory_name

pages = Blueprint("curation", __name__, url_prefix="/bureau/fiches")

_LONGEST_REASON = 500
_LIFE, _MOST_LIFE = 50, 2000
"""Moments of a listing’s life on a page, and those that are looked at."""
_STATES = {
    EventState.OPEN: "Ouvert",
    EventState.FULL: "Complet",
    EventState.POSTPONED: "Reporté",
    EventState.CANCELLED: "Annulé",
}
_VOCABULARIES: Mapping[Topic, Mapping[Any, str]] = {
    Topic.OFFER: PATHWAY_LABELS,
    Topic.PUBLICS: PUBLICS,
    Topic.THEMES: THEMATIQUES,
    Topic.VISIBILITY: VISIBILITY_LABELS,
}
_EVENTS = frozenset({Topic.DATES, Topic.REGISTRATION})
_SPARE_ROWS = 2


@pages.get("/<listing_id>")
@for_roles(*CURATORS)
def sheet(listing_id: str) -> str | Response:
    """Every topic of a listing: what is published, who says so, what it hides."""
    shown = _get(listing_id)
    if shown.id != listing_id:
        return redirect(url_for("curation.sheet", listing_id=shown.id), 301)
    core, viewer = services(), viewer_of(account())
    states = {topic: seen_by(each, viewer) for topic, each in core.repository.curation.read_states(shown.id, core.trust).items()}
    return render_template(
        "curation.html",
        listing=shown,
        states=[each for topic, each in states.items() if topic in FORMS and _concerns(topic, shown)],
        check=states[Topic.CHECK],
        closed=states[Topic.CLOSING],
        labels=TOPIC_LABELS,
        write=partial(write_values, core=core),
        done=request.args.get("fait", ""),
        today=core.clock().date(),
    )


@pages.get("/<listing_id>/corriger/<topic>")
@for_roles(*CURATORS)
def form(listing_id: str, topic: str) -> str:
    """The form of one topic."""
    shown, asked = _get(listing_id), _topic(topic)
    state = _state(shown, asked)
    return _form_page(shown, state, write_topic(asked, state.shown, services().gazetteer), state.digest)


@pages.post("/<listing_id>/corriger/<topic>")
@for_roles(*CURATORS)
def correct(listing_id: str, topic: str) -> str | tuple[str, int] | Response:
    """State what was typed; or give the form back with what is wrong, or with what another curator did meanwhile."""
    core, shown, asked = services(), _get(listing_id), _topic(topic)
    state, typed = _state(shown, asked), request.form.to_dict(flat=False)
    seen = request.form.get("vu", "")
    try:
        known = {**state.shown, "offered": list(_territories(shown, state).values())} if asked is Topic.TERRITORY else state.shown
        values = parse_topic(asked, typed, known, core.gazetteer, shown.record.kind)
        if asked is Topic.CONTACTS:
            everything = core.repository.curation.read_states(shown.id, core.trust)[asked].shown
            values = with_unseen(values, everything, viewer_of(account()))
        _curate(shown, asked, values, seen)
    except InvalidValue as error:
        return _form_page(shown, state, typed, seen, error.public), 422
    except DatabaseBusy:
        return _form_page(shown, state, typed, seen, BUSY), 503
    except StatementOutdated as error:
        fresh = _state(shown, asked)
        return _form_page(shown, fresh, typed, fresh.digest, error.public, outdated=True), 409
    return _back(shown, "corrige")


@pages.post("/<listing_id>/reprendre/<topic>")
@for_roles(*CURATORS)
def take_back(listing_id: str, topic: str) -> Response:
    """Believe the sources again about one topic."""
    shown = _get(listing_id)
    _curate(shown, _topic(topic, FORMS | {Topic.CHECK, Topic.CLOSING}), None, request.form.get("vu"))
    return _back(shown, "repris")


@pages.post("/<listing_id>/garder/<topic>")
@for_roles(*CURATORS)
def keep(listing_id: str, topic: str) -> Response:
    """Say again what is stated, having read what the sources say now."""
    core, shown, asked = services(), _get(listing_id), _topic(topic)
    state = core.repository.curation.read_states(shown.id, core.trust)[asked]
    if state.statement is not None:
        _curate(shown, asked, state.statement.values, request.form.get("vu"), reason=state.statement.reason)
    return _back(shown, "garde")


@pages.post("/<listing_id>/verifier")
@for_roles(*CURATORS)
def check(listing_id: str) -> Response:
    """Say that all of a listing was checked today."""
    shown = _get(listing_id)
    values = {"checked_at": services().clock().date().isoformat(), "checked_by": checker(account(), services())}
    _curate(shown, Topic.CHECK, values, None)
    return _back(shown, "verifie")


@pages.post("/<listing_id>/fermer")
@for_roles(*CURATORS)
def close(listing_id: str) -> Response:
    """Say that a listing is no more: it is no longer found, and its page says so."""
    shown = _get(listing_id)
    _curate(shown, Topic.CLOSING, closing(closed=True), request.form.get("vu"))
    return _back(shown, "ferme")


@pages.get("/<listing_id>/histoire")
@for_roles(*CURATORS)
def history(listing_id: str) -> str:
    """The life of a listing, by field, source and author."""
    core, shown = services(), _get(listing_id)
    viewer, asked = viewer_of(account()), {name: request.args.get(name, "")[:300] for name in ("champ", "qui")}
    territory = partial(territory_name, gazetteer=core.gazetteer, bassins=core.repository.load_bassins())
    every = [
        (entry, list(list_changes(entry, viewer, territory))) for entry in core.repository.curation.history(shown.id, _MOST_LIFE)
    ]
    told = [(entry, [each for each in changes if asked["champ"] in {"", each.field}]) for entry, changes in every]
    found = [(entry, changes) for entry, changes in told if changes and asked["qui"] in {"", _who(entry)}]
    text = request.args.get("avant", "")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None
    rest = [each for each in found if before is None or each[0].number < before]
    states = core.repository.curation.read_states(shown.id, core.trust)
    return render_template(
        "history.html",
        listing=shown,
        entries=rest[:_LIFE],
        next=rest[_LIFE - 1][0].number if len(rest) > _LIFE else None,
        asked=asked,
        fields={each.field: each.label for _, changes in every for each in changes},
        people={_who(entry): entry for entry, changes in every if changes},
        topics={field: topic for topic in FORMS if _concerns(topic, shown) for field in TOPIC_FIELDS[topic]},
        digests={topic: state.digest for topic, state in states.items()},
    )


def _who(entry: HistoryEntry) -> str:
    """Who made a moment of a listing's life, as an address of the page says it."""
    return f"source:{entry.source}" if entry.run else f"personne:{entry.author}"


@pages.post("/<listing_id>/retablir/<int:number>/<topic>")
@for_roles(*CURATORS)
def restore(listing_id: str, number: int, topic: str) -> Response:
    """State again what a topic said before a moment of the listing's life.

    Raises:
        StatementOutdated: Someone changed the topic since the page was opened.
    """
    core, shown, asked = services(), _get(listing_id), _topic(topic)
    entry = core.repository.curation.get_entry(shown.id, number)
    state = core.repository.curation.read_states(shown.id, core.trust)[asked]
    if entry is None or not any(field in entry.changes for field in TOPIC_FIELDS[asked]):
        raise NotFound
    before = core.repository.curation.values_before(entry, {**state.shown})
    if asked is Topic.CONTACTS:
        before = with_unseen(seen_values(before, viewer_of(account())), state.shown, viewer_of(account()))
    _curate(shown, asked, before, request.form.get("vu"), reason=f"Rétabli comme avant le {entry.changed_at:%d/%m/%Y à %H:%M}")
    return _back(shown, "retabli")


def _get(listing_id: str) -> PublishedListing:
    return services().repository.get_listing(listing_id, viewer_of(account()))


def _topic(text: str, known: frozenset[Topic] = FORMS) -> Topic:
    # who sees only what is for everyone could hide a listing and not bring it back
    if text not in known or (text == Topic.VISIBILITY and account().role is not Role.ADMINISTRATOR):
        raise NotFound
    return Topic(text)


def _concerns(topic: Topic, shown: PublishedListing) -> bool:
    if topic is Topic.VISIBILITY:
        return account().role is Role.ADMINISTRATOR
    return topic not in _EVENTS or shown.record.kind is Kind.EVENT


def _state(shown: PublishedListing, topic: Topic) -> TopicState:
    core = services()
    return seen_by(core.repository.curation.read_states(shown.id, core.trust)[topic], viewer_of(account()))


def _curate(shown: PublishedListing, topic: Topic, values: Values | None, seen: str | None, reason: str | None = None) -> None:
    core = services()
    typed = " ".join(request.form.get("raison", "").split())[:_LONGEST_REASON]
    by = Curation(
        author=account().label,
        reason=typed if reason is None else reason,
        now=core.clock(),
        nonce=nonce(),
        trust=core.trust,
    )
    core.repository.curation.curate([Wish(listing_id=shown.id, topic=topic, values=values, seen=seen)], by)
    core.keeper.catch_up()


def _back(shown: PublishedListing, done: str) -> Response:
    return redirect(url_for("curation.sheet", listing_id=shown.id, fait=done), 303)


def _choices(shown: PublishedListing, state: TopicState) -> dict[str, str]:
    """What the form of a topic offers to choose from: value → words."""
    core, kind = services(), shown.record.kind
    if state.topic is Topic.TERRITORY:
        bassins = core.repository.load_bassins()
        named = partial(territory_name, gazetteer=core.gazetteer, bassins=bassins)
        return {
            token: named(Coverage(scope=Scope(scope), code=code)) for token, (scope, code) in _territories(shown, state).items()
        }
    if state.topic is Topic.CATEGORY:
        return {code: each.label for code, each in categories().items() if kind in each.kinds}
    return dict(_VOCABULARIES.get(state.topic, {}))


def _territories(shown: PublishedListing, state: TopicState) -> dict[str, tuple[str, str]]:
    """The territories that the form offers: those that are held, then the intercommunalités and bassins of the département."""
    core, record = services(), shown.record
    commune = core.gazetteer.get_commune(record.code_commune) if record.code_commune else None
    code = record.code_departement or (commune.code_departement if commune else "") or own_departement(account(), core)
    bassins = core.repository.load_bassins()
    near = [(str(Scope.EPCI), epci) for epci in sorted(epcis_of(code), key=lambda each: epcis().get(each, each))]
    near += [(str(Scope.BASSIN), bassin) for bassin in bassins.labels() if _is_in(bassins.get(bassin), code, core)]
    held = [tuple(pair) for pair in state.shown["coverage"]]
    return {token_of(pair): (pair[0], pair[1]) for pair in (*held, (Scope.FRANCE, ""), (Scope.REMOTE, ""), *near)}


def _is_in(bassin: BassinRecord | None, departement: str, core: Services) -> bool:
    communes = bassin.communes if bassin else ()
    place = core.gazetteer.get_commune(communes[0]) if communes else None
    return place is not None and place.code_departement == departement


def _form_page(
    shown: PublishedListing,
    state: TopicState,
    typed: dict[str, list[str]],
    seen: str,
    error: str = "",
    *,
    outdated: bool = False,
) -> str:
    rows = len(state.shown.get("contacts") or state.shown.get("occurrences") or ())
    filled = max((rank + 1 for rank in range(MOST_ROWS) if f"label-{rank}" in typed or f"jour-{rank}" in typed), default=0)
    return render_template(
        "correct.html",
        listing=shown,
        state=state,
        typed={name: texts[0] if texts else "" for name, texts in typed.items()},
        chosen=typed.get("valeur", []),
        seen=seen,
        error=error,
        outdated=outdated,
        label=TOPIC_LABELS[state.topic],
        rows=min(MOST_ROWS, max(rows, filled) + _SPARE_ROWS),
        written=write_values(state.topic, state.shown, services()),
        told=write_values(state.topic, state.told, services()),
        choices=_choices(shown, state),
        states=_STATES,
        longest_reason=_LONGEST_REASON,
    )
