"""Who decided what of other things than what listings say: pairs, reports, answers of partners, doubts, campaigns, lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, literal, select

from directory.models.accounts import Account, Role
from directory.models.desk import Deed, DeedKind
from directory.repository import tables
from directory.repository.company_rows import today_of

_judgement, _pair, _report, _answer = tables.judgement, tables.duplicate_pair, tables.report, tables.campaign_answer
_doubt, _decision, _campaign, _upload = tables.doubt, tables.doubt_decision, tables.campaign, tables.upload
_left, _right = (tables.source_record.alias(name) for name in ("left_record", "right_record"))
_one, _other = (tables.listing.alias(name) for name in ("one", "other"))
_NONE = literal("")


def list_deeds(connection: Connection, viewer: Account, limit: int, author: str, before: datetime | None) -> list[Deed]:
    """The decisions that a viewer may know of, the latest first: what imports doubt is for administrators, a list for its lycée.

    Args:
        connection: Where they are kept.
        viewer: Who asks.
        limit: At most so many.
        author: Of this person only; empty for everyone.
        before: Only those made before this moment.
    """
    found: list[Deed] = []
    for kind, asked in _QUESTIONS.items():
        if kind is DeedKind.DOUBT and viewer.role is not Role.ADMINISTRATOR:
            continue
        question, done_at, by = asked(viewer)
        wanted = [done_at.is_not(None), by == author if author else by != ""]
        if before is not None:
            wanted.append(done_at < before)
        rows = connection.execute(question.where(*wanted).order_by(done_at.desc()).limit(limit))
        found += [_deed(kind, tuple(row)) for row in rows]
    found.sort(key=lambda deed: deed.done_at, reverse=True)
    names = today_of(connection, [each for deed in found[:limit] for each in deed.listings])
    return [
        replace(deed, listings=tuple(dict.fromkeys(names.get(each, each) for each in deed.listings))) for deed in found[:limit]
    ]


_Question = tuple[Select[Any], ColumnElement[Any], ColumnElement[Any]]


def _pairs(_: Account) -> _Question:
    columns = (_judgement.c.decided_at, _judgement.c.decided_by, _judgement.c.decision, _judgement.c.note, _one.c.id, _other.c.id)
    question = select(*columns).join(_pair, _pair.c.number == _judgement.c.number)
    for record, key, listing in ((_left, _pair.c.left_pk, _one), (_right, _pair.c.right_pk, _other)):
        question = question.outerjoin(record, record.c.pk == key).outerjoin(listing, listing.c.pk == record.c.listing_pk)
    return question, _judgement.c.decided_at, _judgement.c.decided_by


def _reports(_: Account) -> _Question:
    c = _report.c
    return select(c.closed_at, c.closed_by, _NONE, c.note, c.listing_id, _NONE), c.closed_at, c.closed_by


def _answers(_: Account) -> _Question:
    c = _answer.c
    what = case((c.accepted.is_(True), "accepted"), else_="refused")
    return select(c.closed_at, c.closed_by, what, _NONE, c.listing_id, _NONE), c.closed_at, c.closed_by


def _doubts(_: Account) -> _Question:
    c = _decision.c
    said = (c.decision, _doubt.c.source + " : " + _doubt.c.message)
    question = select(c.decided_at, c.author, *said, _NONE, _NONE).join(_doubt, _doubt.c.pk == c.doubt_pk)
    return question, c.decided_at, c.author


def _campaigns(_: Account) -> _Question:
    c = _campaign.c
    return select(c.created_at, c.author, c.number, c.departement, _NONE, _NONE), c.created_at, c.author


def _uploads(viewer: Account) -> _Question:
    c = _upload.c
    question = select(c.created_at, c.author, c.name, c.state, _NONE, _NONE)
    if viewer.role is not Role.ADMINISTRATOR:
        question = question.where(c.area == str(viewer.area), c.code == viewer.code)
    return question, c.created_at, c.author


_QUESTIONS: dict[DeedKind, Callable[[Account], _Question]] = {
    DeedKind.PAIR: _pairs,
    DeedKind.REPORT: _reports,
    DeedKind.ANSWER: _answers,
    DeedKind.DOUBT: _doubts,
    DeedKind.CAMPAIGN: _campaigns,
    DeedKind.UPLOAD: _uploads,
}


def _deed(kind: DeedKind, row: tuple[Any, ...]) -> Deed:
    done_at, author, what, note, *listings = row
    about = tuple(dict.fromkeys(each for each in listings if each))
    told = "" if what is None else str(what)
    return Deed(kind=kind, done_at=done_at, author=author, what=told, note=note or "", listings=about)
