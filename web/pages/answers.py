"""What partners answered, decided by a curator: a confirmation becomes a check of its day, a correction is published or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from directory.errors import AnswerNotFound, DatabaseBusy, ListingNotFound, StatementOutdated
from directory.models.accounts import CURATORS
from directory.models.campaigns import PartnerAnswer
from directory.models.curation import Curation, Topic, TopicState, Wish
from directory.models.desk import Queue
from directory.models.published import PublishedListing
from directory.models.types import PARIS
from directory.services import Services
from directory.vocabulary import Visibility
from web.access import account, for_roles, services
from web.curation_words import BUSY, TOPIC_LABELS, seen_by, seen_values, viewer_of, with_unseen, write_values
from web.sessions import nonce

pages = Blueprint("answers", __name__, url_prefix="/bureau/reponses")

PARTNER = "le partenaire"
"""Who checked, as everyone reads it: « Vérifiée le … par le partenaire »."""
_MOST = 100
_TOLD = {
    "accepter": "C’est publié.",
    "refuser": "La réponse est écartée : rien n’est changé.",
    "plus-tard": "Remis à plus tard.",
    "annuler": "Ce qui était publié est repris, et la réponse attend à nouveau.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One topic of a correction: what is published now, what is proposed, in French."""

    topic: Topic
    label: str
    published: list[str]
    proposed: list[str]
    digest: str


@pages.get("")
@for_roles(*CURATORS)
def waiting() -> str:
    """The confirmations together, then the first correction."""
    return _page()


@pages.post("")
@for_roles(*CURATORS)
def decide() -> str | tuple[str, int] | Response:
    """Accept or set aside what is ticked, put it off, or take back what was accepted."""
    core, gesture = services(), request.form.get("geste", "")
    numbers = [int(each) for each in request.form.getlist("cle") if each.isascii() and each.isdecimal() and len(each) < 10][
        :_MOST
    ]
    if gesture not in _TOLD:
        raise BadRequest
    try:
        for number in numbers:
            _decide(core, gesture, number)
    except StatementOutdated as error:
        return _page(error.public + " Relisez ce qui est publié maintenant, puis décidez."), 409
    except DatabaseBusy:
        return _page(BUSY), 503
    except (AnswerNotFound, ListingNotFound) as error:
        return _page(error.public), 409
    finally:
        core.keeper.catch_up()
    return redirect(
        url_for("answers.waiting", fait=gesture if numbers else None, cle=numbers if gesture == "accepter" else None), 303
    )


def _decide(core: Services, gesture: str, number: int) -> None:
    if gesture == "annuler":
        _take_back(core, core.repository.answers.get_decided(number))
        return
    now, answer = core.clock(), core.repository.answers.get_answer(number)
    if gesture == "plus-tard":
        core.repository.desk.put_off(Queue.ANSWERS, [str(number)], account().label, now)
        return
    if gesture == "accepter":
        _publish(core, answer, now)
    core.repository.answers.close_answer(number, now, author=account().label, accepted=gesture == "accepter")


def _waiting(core: Services, viewer: Visibility, put_off: frozenset[str]) -> list[tuple[PartnerAnswer, PublishedListing]]:
    answers = [each for each in core.repository.answers.list_answers() if str(each.number) not in put_off]
    found = []
    for answer in answers:
        listing = core.repository.list_listings([answer.listing_id], viewer)
        found += [(answer, each) for each in listing]
    return found


def _take_back(core: Services, answer: PartnerAnswer) -> None:
    """Take back all that was published of an answer: what it replaced holds again, and it waits again with what it proposed.

    What somebody stated of the same topics since stays.

    Raises:
        AnswerNotFound: Another curator accepted it, or nothing of it stands any more.
    """
    shown = core.repository.get_listing(answer.listing_id, viewer_of(account()))
    said = core.repository.curation.list_statements(shown.id)
    # what is published of an answer is stated at the moment that closes it
    own = [
        each for each in said if each.ended_at is None and (each.author, each.stated_at) == (answer.closed_by, answer.closed_at)
    ]
    if not own or answer.closed_by != account().label:
        raise AnswerNotFound(answer.number)
    wishes, content = [], {}
    for each in own:
        replaced = next((old for old in said if (old.topic, old.ended_at) == (each.topic, each.stated_at)), None)
        wishes.append(Wish(listing_id=shown.id, topic=each.topic, values=replaced.values if replaced else None))
        if each.topic is not Topic.CHECK:
            content[str(each.topic)] = (
                seen_values(each.values, Visibility.PUBLIC) if each.topic is Topic.CONTACTS else each.values
            )
    by = Curation(
        author=account().label,
        reason="Réponse du partenaire reprise",
        now=core.clock(),
        nonce=f"{nonce()}.{answer.number}"[:64],
        trust=core.trust,
    )
    core.repository.curation.curate(wishes, by)
    core.repository.answers.reopen_answer(answer.number, content)


def _publish(core: Services, answer: PartnerAnswer, now: datetime) -> None:
    """State what is ticked of an answer, and that it was checked that day, as the curator who accepts it."""
    viewer = viewer_of(account())
    shown = core.repository.get_listing(answer.listing_id, viewer)
    states = core.repository.curation.read_states(shown.id, core.trust)
    chosen = set(request.form.getlist("sujet"))
    wishes = []
    for name, values in answer.content.items():
        if name in chosen:
            topic = Topic(name)
            # the partner was shown public contacts only: the others are not lost
            whole = with_unseen(values, states[topic].shown, Visibility.PUBLIC) if topic is Topic.CONTACTS else values
            wishes.append(Wish(listing_id=shown.id, topic=topic, values=whole, seen=request.form.get(f"vu.{topic}")))
    said = answer.said_at.astimezone(PARIS).date()
    if shown.record.checked_at is None or shown.record.checked_at <= said:  # someone may have checked since
        checked = {"checked_at": said.isoformat(), "checked_by": PARTNER}
        wishes.append(Wish(listing_id=shown.id, topic=Topic.CHECK, values=checked))
    by = Curation(
        author=account().label,
        reason=f"Réponse du partenaire, le {said:%d/%m/%Y}",
        now=now,
        nonce=f"{nonce()}.{answer.number}"[:64],
        trust=core.trust,
    )
    core.repository.curation.curate(wishes, by)


def _page(error: str = "") -> str:
    core, viewer = services(), viewer_of(account())
    put_off = core.repository.desk.list_put_off(Queue.ANSWERS, core.clock())
    found = _waiting(core, viewer, put_off)
    corrections = [each for each in found if each[0].content or each[0].remark]
    first = corrections[0] if corrections else None
    return render_template(
        "answers.html",
        confirmed=[each for each in found if not each[0].content and not each[0].remark][:_MOST],
        count=len(corrections),
        first=first,
        lines=_lines(core, *first) if first else [],
        error=error,
        told=_TOLD.get(request.args.get("fait", ""), ""),
        done=request.args.getlist("cle")[:_MOST],
    )


def _lines(core: Services, answer: PartnerAnswer, listing: PublishedListing) -> list[Line]:
    states = core.repository.curation.read_states(listing.id, core.trust)
    lines = []
    for name, values in answer.content.items():
        topic = Topic(name)
        state: TopicState = seen_by(states[topic], Visibility.PUBLIC)
        published, proposed = (write_values(topic, each, core) for each in (state.shown, values))
        lines.append(Line(topic, TOPIC_LABELS[topic], published, proposed, states[topic].digest))
    return lines
