"""Addresses: what the geocoding service answered, and which records still wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, or_, select

from directory.geocoding.ban import Answer
from directory.geocoding.types import AmbiguousPlace, Place
from directory.repository import tables
from directory.repository.rows import chunks
from directory.vocabulary import Precision, Visibility

_answer, _listing, _record = tables.address_answer, tables.listing, tables.source_record
AGAIN = timedelta(days=180)
"""An address that was not found, or not with certainty, is asked again after this: the service learns new streets."""


@dataclass(frozen=True, slots=True)
class LocatedAddress:
    """Where an address lies.

    Attributes:
        precision: ADDRESS or STREET.
    """

    latitude: float
    longitude: float
    precision: Precision


def load(connection: Connection) -> dict[str, LocatedAddress]:
    """Every address that was found, by key."""
    c = _answer.c
    asked = select(c.key, c.latitude, c.longitude, c.precision).where(c.state == "found")
    return {
        key: LocatedAddress(latitude, longitude, Precision(how)) for key, latitude, longitude, how in connection.execute(asked)
    }


def asked_since(connection: Connection, now: datetime) -> frozenset[str]:
    """The keys that need not be asked: found, or asked not long ago."""
    c = _answer.c
    return frozenset(connection.scalars(select(c.key).where(or_(c.state == "found", c.asked_at > now - AGAIN))))


def keep(connection: Connection, answers: Mapping[str, Answer], now: datetime) -> None:
    """Keep answers in place of older ones."""
    rows = [_row(key, answer, now) for key, answer in answers.items()]
    for chunk in chunks(rows):
        connection.execute(delete(_answer).where(_answer.c.key.in_([row["key"] for row in chunk])))
        connection.execute(insert(_answer), list(chunk))


def _row(key: str, answer: Answer, now: datetime) -> dict[str, object]:
    place = answer if isinstance(answer, Place) else answer.candidates[0] if isinstance(answer, AmbiguousPlace) else None
    return {
        "key": key,
        "state": "found" if isinstance(answer, Place) else "doubtful" if place is not None else "unknown",
        "latitude": place.latitude if place is not None else None,
        "longitude": place.longitude if place is not None else None,
        "precision": str(place.precision) if place is not None else None,
        "label": place.label if place is not None else "",
        "reason": answer.reason if isinstance(answer, AmbiguousPlace) else "",
        "asked_at": now,
    }


def waiting() -> ColumnElement[bool]:
    """The condition on ``source_record`` of those that have an address and no more than their commune's point.

    What is invented, closed or private is left out: its address is sent to nobody.
    """
    c = _listing.c
    public = and_(c.demonstration.is_(False), c.closed_at.is_(None), c.visibility != str(Visibility.PRIVATE))
    coarse = or_(c.precision.is_(None), c.precision == str(Precision.COMMUNE))
    listings = select(c.pk).where(public, coarse, c.address != "", c.code_commune.is_not(None))
    return and_(_record.c.missing_since.is_(None), _record.c.listing_pk.in_(listings))


def waiting_sources(connection: Connection) -> list[str]:
    """The sources that hold records which wait for their address."""
    asked = select(_record.c.source).where(waiting()).group_by(_record.c.source).order_by(func.min(_record.c.pk))
    return list(connection.scalars(asked))
