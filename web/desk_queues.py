"""The queues of the desk: what each is called, what waits in it for one curator, and what their gestures do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from directory.errors import JudgementRefused, ListingNotFound
from directory.models.accounts import Account, Area, Role
from directory.models.curation import Curation, Topic, Wish
from directory.models.desk import MOST_SILENT, Queue
from directory.models.doubt import DoubtFilter, DoubtLevel, KeptDoubt, Resolution
from directory.models.duplicates import Decision, DuplicatePair, PairState, Verdict
from directory.models.report import KeptReport
from directory.repository.desk import Waiting
from directory.services import Services
from directory.vocabulary import Visibility
from web.curation_words import checker, viewer_of
from web.noted import holds_for

PAGE = 20
"""Listings of a page, which one gesture may take together."""
_MOST = 500

LABELS: Mapping[Queue, str] = {
    Queue.ANSWERS: "Réponses des partenaires",
    Queue.REPORTS: "Erreurs signalées",
    Queue.NEWS: "La source dit autre chose que votre correction",
    Queue.DUPLICATES: "Peut-être en double",
    Queue.UNDATED: "Événements sans date",
    Queue.LINKS: "Liens morts",
    Queue.SILENT: "Sans réponse après plusieurs contacts",
    Queue.VANISHED: "Disparues de leur source",
    Queue.UNCHECKED: "Pas vérifiées depuis longtemps",
    Queue.DOUBTS: "Doutes des imports",
}
_LISTED = (Queue.UNDATED, Queue.VANISHED, Queue.UNCHECKED)
_LEVELS = (DoubtLevel.REFUSED, DoubtLevel.DOUBTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curator:
    """Who sits at the desk.

    Attributes:
        departement: The one they look at; empty for everywhere.
    """

    account: Account
    core: Services
    departement: str
    now: datetime

    @property
    def viewer(self) -> Visibility:
        """What they may see."""
        return viewer_of(self.account)

    def held(self) -> frozenset[str]:
        """The listings that nobody is to call yet, as far as they may see."""
        return frozenset(holds_for(self.account, self.core, self.now.date()))

    def queues(self) -> tuple[Queue, ...]:
        """The queues that are theirs: what imports doubted holds rows that are not for everyone."""
        return tuple(queue for queue in Queue if queue is not Queue.DOUBTS or self.account.role is Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What waits in a queue: how many, and the first of them, of whichever kind the queue is made of.

    ``why`` says, by id, what is wrong with a listing, where the queue's name does not.
    """

    count: int
    ids: list[str] = field(default_factory=list)
    why: Mapping[str, str] = field(default_factory=dict)
    pair: DuplicatePair | None = None
    report: KeptReport | None = None
    doubt: KeptDoubt | None = None

    @property
    def key(self) -> str:
        """What the first of a queue of single things is called; empty when none waits."""
        if self.pair is not None:
            return str(self.pair.number)
        if self.report is not None:
            return str(self.report.number)
        return str(self.doubt.pk) if self.doubt is not None else ""


def own_departement(account: Account, core: Services) -> str:
    """The département of an account's lycée, or of its bassin's first commune; empty when it has none."""
    if account.area is Area.BASSIN:
        bassin = core.repository.load_bassins().get(account.code)
        place = core.gazetteer.get_commune(bassin.communes[0]) if bassin and bassin.communes else None
        return place.code_departement if place else ""
    lycee = core.gazetteer.find_lycee(account.code) if account.area is Area.LYCEE else None
    return lycee.code_departement if lycee else ""


def look(curator: Curator, queue: Queue) -> Waits:
    """What waits in a queue."""
    if queue in _LISTED:
        held = curator.held()
        asked = Waiting(queue=queue, departement=curator.departement, now=curator.now, viewer=curator.viewer, held=held)
        desk = curator.core.repository.desk
        return Waits(count=desk.count_waiting(asked), ids=desk.list_waiting(asked, PAGE))
    return _SINGLE[queue](curator, curator.core.repository.desk.list_put_off(queue, curator.now))


def _reports(curator: Curator, put_off: frozenset[str]) -> Waits:
    waiting = [each for each in curator.core.repository.list_reports(_MOST) if str(each.number) not in put_off]
    return Waits(count=len(waiting), report=next(iter(waiting), None))


def _answers(curator: Curator, put_off: frozenset[str]) -> Waits:
    repository = curator.core.repository
    waiting = [each for each in repository.answers.list_answers(_MOST) if str(each.number) not in put_off]
    return Waits(count=sum(bool(repository.list_listings([each.listing_id], curator.viewer)) for each in waiting))


def _pairs(curator: Curator, put_off: frozenset[str]) -> Waits:
    pairs = [each for each in curator.core.repository.list_pairs(PairState.PROPOSED, _MOST) if str(each.number) not in put_off]
    ids = [side.listing_id for pair in pairs for side in (pair.left, pair.right)]
    seen = {each.id for each in curator.core.repository.list_listings(ids, curator.viewer)}
    waiting = [pair for pair in pairs if {pair.left.listing_id, pair.right.listing_id} <= seen]
    return Waits(count=len(waiting), pair=next(iter(waiting), None))


def _doubts(curator: Curator, put_off: frozenset[str]) -> Waits:
    repository = curator.core.repository
    asked = [DoubtFilter(level=level, opened=True) for level in _LEVELS]
    found = [each for one in asked for each in repository.find_doubts(one, limit=len(put_off) + 1) if str(each.pk) not in put_off]
    return Waits(count=sum(map(repository.count_doubts, asked)) - len(put_off), doubt=next(iter(found), None))


def _links(curator: Curator, put_off: frozenset[str]) -> Waits:
    why: dict[str, list[str]] = {}
    for dead in curator.core.repository.links.list_dead(curator.viewer, curator.departement):
        if dead.listing_id not in put_off:
            why.setdefault(dead.listing_id, []).append(f"{dead.url} : {dead.reason}")
    first = list(why)[:PAGE]
    return Waits(count=len(why), ids=first, why={each: " ; ".join(why[each]) for each in first})


def _news(curator: Curator, put_off: frozenset[str]) -> Waits:
    return _visible(curator, curator.core.repository.curation.list_news(curator.core.trust), put_off)


def _silent(curator: Curator, put_off: frozenset[str]) -> Waits:
    silent, answered = Counter[str](), Counter[str]()
    for counts in curator.core.repository.load_responses():
        silent[counts.listing_id] += counts.silent
        answered[counts.listing_id] += counts.accepted
    put_off |= curator.held()
    return _visible(curator, [each for each, many in silent.most_common() if many >= MOST_SILENT and not answered[each]], put_off)


def _visible(curator: Curator, ids: Sequence[str], put_off: frozenset[str]) -> Waits:
    asked = [each for each in ids if each not in put_off][:_MOST]
    seen = [each.id for each in curator.core.repository.list_listings(asked, curator.viewer) if each.closed_at is None]
    return Waits(count=len(seen), ids=seen[:PAGE])


_SINGLE: dict[Queue, Callable[[Curator, frozenset[str]], Waits]] = {
    Queue.ANSWERS: _answers,
    Queue.REPORTS: _reports,
    Queue.DUPLICATES: _pairs,
    Queue.DOUBTS: _doubts,
    Queue.NEWS: _news,
    Queue.LINKS: _links,
    Queue.SILENT: _silent,
}


def decide(curator: Curator, queue: Queue, gesture: str, keys: Sequence[str], note: str, nonce: str) -> bool:
    """Do what a gesture says of some things of a queue; False when the queue knows no such gesture.

    Raises:
        RelaisError: The core refuses: another decision holds, an import is under way, the thing is no more.
    """
    desk, author = curator.core.repository.desk, curator.account.label
    if gesture == "plus-tard":
        desk.put_off(queue, keys, author, curator.now)
        return True
    if gesture == "reprendre":
        desk.take_up(queue, keys)
        return True
    known = _GESTURES.get((queue, gesture))
    if known is None:
        return False
    known(curator, keys, note, nonce)
    return True


def _judge(verdict: Verdict | None) -> Callable[[Curator, Sequence[str], str, str], None]:
    def judge(curator: Curator, keys: Sequence[str], note: str, _: str) -> None:
        core = curator.core
        for key in keys:
            pair = core.repository.get_pair(_number(key))
            _check_visible(curator, [pair.left.listing_id, pair.right.listing_id])
            if pair.judgement is verdict:
                continue  # the same form sent twice
            if pair.judgement is not None and pair.judged_by != curator.account.label:
                raise _preceded(pair.judged_by, VERDICTS[pair.judgement], pair.note)
            seen = (pair.judgement, pair.judged_by)
            decision = Decision(
                verdict=verdict, by=curator.account.label, note=note, now=curator.now, trust=core.trust, seen=seen
            )
            core.repository.judge(pair.number, decision)

    return judge


def _resolve(resolution: Resolution) -> Callable[[Curator, Sequence[str], str, str], None]:
    def resolve(curator: Curator, keys: Sequence[str], note: str, _: str) -> None:
        repository, author = curator.core.repository, curator.account.label
        for key in keys:
            known = repository.get_doubt(_number(key))
            decided = known.decision or Resolution.REOPENED
            if decided != resolution and known.decision and known.author != author:
                raise _preceded(known.author, RESOLUTIONS[Resolution(known.decision)], known.note)
            if decided != resolution:  # else the same form sent twice
                repository.decide_doubt(known.pk, resolution, curator.now, note=note, author=author)

    return resolve


def _close_report(curator: Curator, keys: Sequence[str], note: str, _: str) -> None:
    for key in keys:
        curator.core.repository.close_report(_number(key), curator.now, note=note, author=curator.account.label)


def _check(curator: Curator, keys: Sequence[str], note: str, nonce: str) -> None:
    values = {"checked_at": curator.now.date().isoformat(), "checked_by": checker(curator.account, curator.core)}
    _curate(curator, [Wish(listing_id=key, topic=Topic.CHECK, values=values) for key in keys], note, nonce)


def _uncheck(curator: Curator, keys: Sequence[str], note: str, nonce: str) -> None:
    _check_visible(curator, keys)
    _curate(curator, [wish for key in keys if (wish := _unchecked(curator, key)) is not None], note, nonce)


def _unchecked(curator: Curator, listing_id: str) -> Wish | None:
    """What takes a curator's check of today back: the check that it had replaced holds again. None when theirs does not stand.

    Raises:
        JudgementRefused: Another curator has checked the listing since.
    """
    said = [each for each in curator.core.repository.curation.list_statements(listing_id) if each.topic is Topic.CHECK]
    last = said[0] if said and said[0].ended_at is None else None
    if last is None or last.values["checked_at"] != curator.now.date().isoformat():
        return None  # taken back already
    if last.author != curator.account.label:
        raise _preceded(last.author, "vérifiée", last.reason)
    replaced = said[1] if len(said) > 1 and said[1].ended_at == last.stated_at else None
    return Wish(listing_id=listing_id, topic=Topic.CHECK, values=replaced.values if replaced else None)


def _curate(curator: Curator, wishes: Sequence[Wish], note: str, nonce: str) -> None:
    _check_visible(curator, [wish.listing_id for wish in wishes])
    by = Curation(author=curator.account.label, reason=note, now=curator.now, nonce=nonce, trust=curator.core.trust)
    curator.core.repository.curation.curate(wishes, by)


def _check_visible(curator: Curator, ids: Sequence[str]) -> None:
    for listing_id in ids:
        curator.core.repository.get_listing(listing_id, curator.viewer)


VERDICTS = {Verdict.SAME: "la même chose", Verdict.DIFFERENT: "deux choses"}
RESOLUTIONS = {Resolution.ACCEPTED: "juste ainsi", Resolution.IGNORED: "sans importance"}


def _preceded(author: str, answer: str, note: str) -> JudgementRefused:
    """Two curators on one thing: the second is told what the first decided, and changes nothing of it unknowingly."""
    told = f"{author} a répondu « {answer} »" + (f" ({note})" if note else "")
    return JudgementRefused(
        f"decided by {author}", public=f"Quelqu’un vous a précédé : {told}. Rien n’est changé ; parlez-en ensemble."
    )


def _number(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and len(key) < 10):
        raise ListingNotFound(key)
    return int(key)


_GESTURES: dict[tuple[Queue, str], Callable[[Curator, Sequence[str], str, str], None]] = {
    (Queue.DUPLICATES, "meme"): _judge(Verdict.SAME),
    (Queue.DUPLICATES, "different"): _judge(Verdict.DIFFERENT),
    (Queue.DUPLICATES, "annuler"): _judge(None),
    (Queue.DOUBTS, "accepter"): _resolve(Resolution.ACCEPTED),
    (Queue.DOUBTS, "ignorer"): _resolve(Resolution.IGNORED),
    (Queue.DOUBTS, "annuler"): _resolve(Resolution.REOPENED),
    (Queue.REPORTS, "traite"): _close_report,
    (Queue.UNCHECKED, "verifier"): _check,
    (Queue.UNCHECKED, "annuler"): _uncheck,
}
UNDONE_BY: Mapping[str, str] = {
    "meme": "annuler", "different": "annuler", "accepter": "annuler", "ignorer": "annuler", "verifier": "annuler",
    "plus-tard": "reprendre",
}  # fmt: skip
"""Gesture → the one that undoes it. A report that is closed is erased: that cannot be undone."""
