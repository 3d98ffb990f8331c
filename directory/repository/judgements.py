"""Pairs of records as people see them, and what they decide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from directory.errors import JudgementRefused, ListingNotFound, PairNotFound
from directory.models.curation import Topic
from directory.models.duplicates import Decision, DuplicatePair, PairSide, PairState, Verdict
from directory.repository import tables
from directory.repository.linking import Bond, Group, Node, binds, own_ids
from directory.repository.listings import resolve
from directory.vocabulary import Visibility

_pair = tables.duplicate_pair
_record = tables.source_record
_listing = tables.listing
_BOUND = (Verdict.SAME, Verdict.PROBABLE)


def list_pairs(connection: Connection, state: PairState, limit: int) -> list[DuplicatePair]:
    """The pairs of this state, the likeliest first (the last judged first); see ``PairState``."""
    if state is PairState.JUDGED:
        rows = connection.execute(_question(_pair.c.judgement.is_not(None)).order_by(_pair.c.judged_at.desc(), _pair.c.number))
        return list(islice(_pairs(rows), limit))
    unjudged = and_(_pair.c.judgement.is_(None), _pair.c.verdict.in_(_BOUND))
    rows = connection.execute(_question(unjudged).order_by(_pair.c.probability.desc(), _pair.c.number))
    chosen: Iterator[DuplicatePair]
    if state is PairState.MERGED:
        chosen = (pair for pair in _pairs(rows) if pair.is_merged and pair.verdict is Verdict.SAME)
    else:
        chosen = _proposed(connection, _pairs(rows))
    return list(islice(chosen, limit))


def _proposed(connection: Connection, pairs: Iterable[DuplicatePair]) -> Iterator[DuplicatePair]:
    """One pair for each two listings that may be one, those that a person holds apart left out."""
    decided = connection.execute(_question(_pair.c.judgement == Verdict.DIFFERENT))
    asked = {frozenset((pair.left.listing_id, pair.right.listing_id)) for pair in _pairs(decided)}
    for pair in pairs:
        both = frozenset((pair.left.listing_id, pair.right.listing_id))
        if len(both) == 2 and pair.left.live and pair.right.live and both not in asked:
            asked.add(both)
            yield pair


def proposed_listings(connection: Connection) -> list[tuple[int, int]]:
    """The keys of the listings of each pair that ``_proposed`` gives, without reading their records; O(pairs)."""
    left, right = _record.alias("left_record"), _record.alias("right_record")
    question = (
        select(left.c.listing_pk, right.c.listing_pk, left.c.missing_since, right.c.missing_since)
        .select_from(_pair)
        .join(left, left.c.pk == _pair.c.left_pk)
        .join(right, right.c.pk == _pair.c.right_pk)
    )

    def both(row: Any) -> tuple[int, int]:
        return min(row[0], row[1]), max(row[0], row[1])

    apart = {both(row) for row in connection.execute(question.where(_pair.c.judgement == Verdict.DIFFERENT)) if row[0] and row[1]}
    unjudged = question.where(_pair.c.judgement.is_(None), _pair.c.verdict.in_(_BOUND), left.c.listing_pk != right.c.listing_pk)
    living = (row for row in connection.execute(unjudged) if row[2] is None and row[3] is None)
    return list(dict.fromkeys(pair for row in living if (pair := both(row)) not in apart))


def get_pair(connection: Connection, number: int) -> DuplicatePair:
    """The pair of this number.

    Raises:
        PairNotFound: There is none.
    """
    found = list(_pairs(connection.execute(_question(_pair.c.number == number))))
    if not found:
        raise PairNotFound(number)
    return found[0]


def pairs_of(connection: Connection, listing_id: str) -> list[DuplicatePair]:
    """Every pair that says something of a listing, by number.

    Raises:
        ListingNotFound: There is no such listing.
    """
    pk = resolve(connection, [listing_id]).get(listing_id)
    if pk is None:
        raise ListingNotFound(listing_id)
    members = list(connection.scalars(select(_record.c.pk).where(_record.c.listing_pk == pk)))
    touching = or_(_pair.c.left_pk.in_(members), _pair.c.right_pk.in_(members))
    return list(_pairs(connection.execute(_question(touching).order_by(_pair.c.number))))


def find_record(connection: Connection, asked: str) -> int:
    """The ``pk`` of the record that an id is for: a listing's first one, the one whose listing bore it, or ``source--record_id``.

    Raises:
        ListingNotFound: There is none.
    """
    pk = resolve(connection, [asked]).get(asked)
    source, _, record_id = asked.partition("--")
    named = and_(_record.c.source == source, _record.c.record_id.in_((record_id, asked)))
    question = select(_record.c.pk, _record.c.source, _record.c.record_id)
    members = connection.execute(question.where(_record.c.listing_pk == pk).order_by(_record.c.pk)).all() if pk else []
    own = [row.pk for row in members if asked in own_ids(row.source, row.record_id)]
    found: list[int] = own or [row.pk for row in members] or [row.pk for row in connection.execute(question.where(named))]
    if not found:
        raise ListingNotFound(asked)
    return found[0]


def find_pair(connection: Connection, asked: int | tuple[str, str]) -> tuple[int, int]:
    """The two records of a pair, by its number or by two ids of listings; the smaller first.

    Raises:
        PairNotFound: There is no such number.
        ListingNotFound: There is no such listing.
        JudgementRefused: The two ids are those of one record, or of records of two kinds or two visibilities.
    """
    if isinstance(asked, int):
        get_pair(connection, asked)
        left, right = connection.execute(select(_pair.c.left_pk, _pair.c.right_pk).where(_pair.c.number == asked)).one()
        return left, right
    left, right = sorted(find_record(connection, listing_id) for listing_id in asked)
    if left == right:
        raise JudgementRefused(f"{asked}: one record", public="Ces deux identifiants désignent la même fiche d’une même source.")
    stated = select(_record.c.kind, _record.c.record["visibility"].as_string()).where(_record.c.pk.in_((left, right)))
    (kind, seen_by), (other, seen_by_others) = connection.execute(stated)
    if kind != other:
        raise JudgementRefused(
            f"{asked}: {kind}, {other}", public="Deux fiches de types différents ne sont jamais une même fiche."
        )
    if (seen_by or Visibility.PUBLIC) != (seen_by_others or Visibility.PUBLIC):
        public = "L’une de ces fiches est publique, l’autre non : elles restent deux, pour que chacune soit lue par qui le peut."
        raise JudgementRefused(f"{asked}: two visibilities", public=public)
    return left, right


def is_said(connection: Connection, left: int, right: int, decision: Decision) -> bool:
    """Whether the same person said the same of a pair, in a form that was sent twice.

    Raises:
        JudgementRefused: Somebody else judged the pair since it was seen.
    """
    row = connection.execute(_question(and_(_pair.c.left_pk == left, _pair.c.right_pk == right))).one_or_none()
    if decision.seen is None or row is None:
        return False
    now = (Verdict(row.judgement) if row.judgement else None, row.judged_by)
    if now == decision.seen:
        return False
    if now[0] != decision.verdict or (now[0] is not None and now[1] != decision.by):
        who = f"{row.judged_by} vient de la juger" if row.judged_by else "son jugement vient d’être repris"
        raise JudgementRefused(
            f"{left}, {right}: judged since",
            public=f"Quelqu’un vous a précédé sur cette paire : {who}. Rien n’est changé ; relisez-la.",
        )
    return True


def number_of(connection: Connection, left: int, right: int) -> int:
    """The number of the pair of two records that has one."""
    return int(connection.execute(select(_pair.c.number).where(_pair.c.left_pk == left, _pair.c.right_pk == right)).scalar_one())


def check_closings(connection: Connection, left: int, right: int) -> None:
    """Refuse to join a listing that a person closed with one that is open: it would close both, in silence.

    Raises:
        JudgementRefused: One of the two is closed by hand.
    """
    said, other = tables.statement, _record.alias("other_record")
    closed: list[Any] = []
    for pk in (left, right):
        listing = select(_record.c.listing_pk).where(_record.c.pk == pk).scalar_subquery()
        question = (
            select(said.c.author, said.c.stated_at, other.c.listing_pk)
            .join(other, other.c.pk == said.c.record_pk)
            .where(other.c.listing_pk == listing, said.c.topic == Topic.CLOSING, said.c.ended_at.is_(None))
            .limit(1)
        )
        closed += connection.execute(question).all()
    if len(closed) == 1:
        (author, stated_at, _), *_ = closed
        public = (
            f"L’une de ces fiches a été fermée par {author}, le {stated_at:%d/%m/%Y} : réunies, toutes deux le seraient. "
            "Rouvrez-la d’abord, ou fermez l’autre aussi."
        )
        raise JudgementRefused(f"{left}, {right}: one is closed by hand", public=public)


def meant(connection: Connection, left: int, right: int, verdict: Verdict | None) -> Verdict | None:
    """What is to be noted of a pair: taking back what nobody decided is to hold apart what comparing merged.

    Raises:
        JudgementRefused: There is nothing to take back.
    """
    if verdict is not None:
        return verdict
    question = select(_pair.c.judgement, _pair.c.verdict).where(_pair.c.left_pk == left, _pair.c.right_pk == right)
    row = connection.execute(question).one_or_none()
    if row is not None and row.judgement is not None:
        return None
    if row is not None and row.verdict == Verdict.SAME:
        return Verdict.DIFFERENT
    raise JudgementRefused(f"{left}, {right}: nothing", public="Rien à défaire : cette paire n’a été ni fusionnée ni jugée.")


def note(connection: Connection, left: int, right: int, verdict: Verdict | None, decision: Decision) -> int:
    """Write what a person decided of two records; the history of the pair keeps it. Returns the pair's number."""
    number = connection.scalar(select(_pair.c.number).where(_pair.c.left_pk == left, _pair.c.right_pk == right))
    if number is None:
        opened = insert(_pair).values(
            left_pk=left, right_pk=right, reasons=[], apart=False, found_at=decision.now, judged_by="", note=""
        )
        number = connection.execute(opened.returning(_pair.c.number)).scalar_one()
    values: dict[str, Any] = {"judgement": None, "judged_at": None, "judged_by": "", "note": ""}
    if verdict is not None:
        values = {"judgement": verdict, "judged_at": decision.now, "judged_by": decision.by, "note": decision.note}
    connection.execute(update(_pair).where(_pair.c.number == number).values(**values))
    history = {
        "number": number,
        "decision": verdict,
        "decided_at": decision.now,
        "decided_by": decision.by,
        "note": decision.note,
    }
    connection.execute(insert(tables.judgement).values(**history))
    return int(number)


def check(groups: Iterable[Group], bonds: Iterable[Bond]) -> None:
    """Refuse a decision that contradicts another.

    Raises:
        JudgementRefused: Two records that a person joined would be parted, or the reverse.
    """
    home: dict[int, int] = {}
    nodes: dict[int, Node] = {}
    for rank, group in enumerate(groups):
        for node in group.members:
            home[node.pk], nodes[node.pk] = rank, node
    for bond in bonds:
        together = home.get(bond.left) == home.get(bond.right)
        if bond.by_person and binds(nodes.get(bond.left), nodes.get(bond.right)) and together != (bond.verdict is Verdict.SAME):
            public = "Cette décision en contredit une autre, déjà prise sur ces fiches : défaire d’abord celle-ci (« show »)."
            raise JudgementRefused(f"{bond.left}, {bond.right}: contradiction", public=public)


def _question(condition: ColumnElement[bool]) -> Any:
    left, right = _record.alias("left_record"), _record.alias("right_record")
    left_listing, right_listing = _listing.alias("left_listing"), _listing.alias("right_listing")
    sides = [
        record.c[name].label(f"{side}_{name}")
        for side, record in (("left", left), ("right", right))
        for name in ("source", "record_id", "record", "missing_since")
    ]
    return (
        select(_pair, *sides, left_listing.c.id.label("left_id"), right_listing.c.id.label("right_id"))
        .join(left, left.c.pk == _pair.c.left_pk)
        .join(right, right.c.pk == _pair.c.right_pk)
        .join(left_listing, left_listing.c.pk == left.c.listing_pk)
        .join(right_listing, right_listing.c.pk == right.c.listing_pk)
        .where(condition)
    )


def _pairs(rows: Iterable[Row[Any]]) -> Iterator[DuplicatePair]:
    for row in rows:
        yield DuplicatePair(
            number=row.number,
            left=_side(row._mapping, "left"),
            right=_side(row._mapping, "right"),
            verdict=Verdict(row.verdict) if row.verdict else None,
            probability=row.probability,
            reasons=tuple(row.reasons),
            found_at=row.found_at,
            judgement=Verdict(row.judgement) if row.judgement else None,
            judged_at=row.judged_at,
            judged_by=row.judged_by,
            note=row.note,
        )


def _side(row: Any, side: str) -> PairSide:
    record = row[f"{side}_record"]
    return PairSide(
        source=row[f"{side}_source"],
        record_id=row[f"{side}_record_id"],
        name=record["name"],
        listing_id=row[f"{side}_id"],
        live=row[f"{side}_missing_since"] is None,
        record=record,
    )
