"""What a partner opens by the link of a letter: its listing, to be confirmed or corrected without an account.

Nothing is done by opening a link: programs that read mail open them all. The link itself is the secret; no cookie is set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from directory.campaigns import KEY, PartnerLinkRefused, open_link, open_stop
from directory.curation_form import MOST_ROWS, Typed, digest_form, parse_topic, write_topic
from directory.errors import InvalidValue
from directory.models.campaigns import Invitation
from directory.models.curation import Topic, TopicState
from directory.models.published import PublishedListing
from directory.vocabulary import PATHWAY_LABELS, Kind, Visibility
from web.access import public, services
from web.curation_words import TOPIC_LABELS, seen_by, write_values

pages = Blueprint("partner", __name__, url_prefix="/partenaire")

TOPICS: tuple[Topic, ...] = (
    Topic.NAME, Topic.DATES, Topic.PLACE, Topic.CONTACTS, Topic.HOURS, Topic.AGES, Topic.OFFER, Topic.PLACES, Topic.APPROACH,
    Topic.CONDITIONS, Topic.REGISTRATION, Topic.DESCRIPTION,
)  # fmt: skip
"""What a partner may correct of its listing, in the order of the page."""
_EVENTS = frozenset({Topic.DATES, Topic.REGISTRATION})
_LONGEST_REMARK = 1000
_SPARE_ROWS = 1


@dataclass(frozen=True, slots=True)
class Part:
    """One topic of the page: what is published, its form as it is filled in, and the digest of what is published as a form."""

    topic: Topic
    label: str
    written: list[str]
    typed: dict[str, str]
    chosen: list[str]
    rows: int
    seen: str
    error: str = ""


@pages.get("/merci")
@public
def thanks() -> str:
    """What is said to whoever answered."""
    return render_template("partner_thanks.html", corrected=request.args.get("reponse") == "corrige", stopped=False)


@pages.get("/<token>")
@public
def sheet(token: str) -> str:
    """The listing of a link, and the two ways to answer."""
    _, shown = _opened(token)
    return _page(token, shown, _parts(_states(shown)))


@pages.post("/<token>")
@public
def answer(token: str) -> str | tuple[str, int] | Response:
    """Keep what is answered, for people to decide; or give the form back with what is wrong.

    Raises:
        BadRequest: No button was pressed.
        PartnerLinkRefused: The link opens nothing, or no more.
    """
    invitation, shown = _opened(token)
    states = _states(shown)
    remark, gesture = _plain(request.form.get("remarque", "")), request.form.get("geste")
    if gesture not in {"juste", "corriger"}:
        raise BadRequest  # no button was pressed: a program, that sends the forms that it meets
    content: dict[str, dict[str, Any]] = {}
    if gesture == "corriger":
        typed = _touched(states, request.form.to_dict(flat=False))
        parts = _parts(states, typed)
        wrong = [part for part in parts if part.error]
        if wrong or len(remark) > _LONGEST_REMARK:
            return _page(token, shown, parts, remark, too_long=len(remark) > _LONGEST_REMARK), 422
        content = _proposed(states, typed)
        if not content and not remark:
            return _page(token, shown, parts, nothing=True), 422
    if not services().repository.answers.keep_answer(invitation, content, remark, services().clock()):
        _opened(token)  # answered meanwhile: this says so
    return redirect(url_for("partner.thanks", reponse="corrige" if content or remark else "juste"), 303)


@pages.get("/stop/<token>")
@public
def stop_form(token: str) -> str:
    """The one button by which letters stop."""
    open_stop(services().repository.signing_key(KEY), token)
    return render_template("partner_stop.html", token=token)


@pages.post("/stop/<token>")
@public
def stop(token: str) -> str:
    """Keep that an address wants no more letters: by the button, or by the one-click of a mail program (RFC 8058)."""
    core = services()
    core.repository.campaigns.oppose(open_stop(core.repository.signing_key(KEY), token), core.clock())
    return render_template("partner_thanks.html", corrected=False, stopped=True)


def _opened(token: str) -> tuple[Invitation, PublishedListing]:
    core = services()
    invitation = open_link(core.repository.signing_key(KEY), token, core.repository.answers.find_invitation, core.clock())
    shown = core.repository.get_listing(invitation.listing_id, Visibility.PUBLIC)
    if shown.closed_at is not None:
        public = (
            "Cette fiche n’est plus dans l’annuaire : il n’y a plus à répondre. Si elle doit y revenir, répondez au courriel."
        )
        raise PartnerLinkRefused("closed", public)
    return invitation, shown


def _states(shown: PublishedListing) -> dict[Topic, TopicState]:
    core = services()
    states = core.repository.curation.read_states(shown.id, core.trust)
    kept = [topic for topic in TOPICS if topic not in _EVENTS or shown.record.kind is Kind.EVENT]
    kept = [topic for topic in kept if topic is not Topic.PLACES or shown.record.kind is Kind.COMPANY]
    return {topic: seen_by(states[topic], Visibility.PUBLIC) for topic in kept}


def _touched(states: dict[Topic, TopicState], typed: Typed) -> dict[Topic, Typed]:
    """What was typed, by topic: the fields' names begin with it.

    A topic that came back as the page had filled it in is left out: what others changed of it meanwhile is not to be undone.
    """
    found: dict[Topic, Typed] = {}
    for topic, state in states.items():
        own = {name.removeprefix(f"{topic}."): texts for name, texts in typed.items() if name.startswith(f"{topic}.")}
        if digest_form(own) not in {*typed.get(f"vu.{topic}", ()), _digest(topic, state)}:
            found[topic] = own
    return found


def _digest(topic: Topic, state: TopicState) -> str:
    return digest_form(write_topic(topic, state.shown, services().gazetteer))


def _parts(states: dict[Topic, TopicState], typed: Mapping[Topic, Typed] | None = None) -> list[Part]:
    core, parts = services(), []
    for topic, state in states.items():
        own = (typed or {}).get(topic)
        form = write_topic(topic, state.shown, core.gazetteer) if own is None else own
        error = ""
        if own is not None:
            try:
                parse_topic(topic, form, state.shown, core.gazetteer)
            except InvalidValue as refused:
                error = refused.public
        filled = max((rank + 1 for rank in range(MOST_ROWS) if f"label-{rank}" in form or f"jour-{rank}" in form), default=0)
        parts.append(
            Part(
                topic=topic,
                label=TOPIC_LABELS[topic],
                written=write_values(topic, state.shown, core),
                typed={name: texts[0] if texts else "" for name, texts in form.items()},
                chosen=list(form.get("valeur", [])),
                rows=min(MOST_ROWS, filled + (0 if own is not None else _SPARE_ROWS)),
                seen=_digest(topic, state),
                error=error,
            )
        )
    return parts


def _proposed(states: dict[Topic, TopicState], typed: Mapping[Topic, Typed]) -> dict[str, dict[str, Any]]:
    """Topic → values, of those that differ from what is published as the form itself gives it back."""
    core, found = services(), {}
    for topic, own in typed.items():
        shown = states[topic].shown
        values = parse_topic(topic, own, shown, core.gazetteer)
        if write_topic(topic, values, core.gazetteer) != write_topic(topic, shown, core.gazetteer):
            found[str(topic)] = dict(values)
    return found


def _plain(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _page(
    token: str, shown: PublishedListing, parts: list[Part], remark: str = "", *, too_long: bool = False, nothing: bool = False
) -> str:
    return render_template(
        "partner.html",
        token=token,
        listing=shown,
        parts=parts,
        remark=remark,
        too_long=too_long,
        nothing=nothing,
        longest=_LONGEST_REMARK,
        pathways=PATHWAY_LABELS,
    )
