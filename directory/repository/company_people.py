"""People of companies, as one bureau keeps them: who opposed, and how somebody is forgotten wherever the bureau wrote of them."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, insert, select, update

from directory.companies import person_keys, without_name
from directory.models.companies import CompanyContact
from directory.repository import signing, tables
from directory.repository.company_rows import today_of

Own = Callable[[Table], ColumnElement[bool]]
"""The rows of a table that are the bureau's."""
_contact, _opposition = tables.company_contact, tables.contact_opposition
_SAID = (
    (tables.company_terms, tables.company_terms.c.reason),
    (tables.company_stay, tables.company_stay.c.review_note),
    (tables.company_exchange, tables.company_exchange.c.summary),
)
"""Where a bureau writes in its own words."""
_KEY = "contacts"


def opposed_on(connection: Connection, own: Own, contact: CompanyContact) -> date | None:
    """The day on which a person opposed to being kept by a bureau; None for who did not."""
    # bare numbers and addresses: those of whom an earlier version noted the opposition
    reached = [text for text in (contact.phone, contact.email.lower()) if text]
    digests = _digests(connection, [*_keys_of(contact), *reached])
    question = select(func.min(_opposition.c.opposed_on)).where(own(_opposition), _opposition.c.digest.in_(digests))
    day: date | None = connection.scalar(question)
    return day


def oppose(connection: Connection, own: Own, whose: Mapping[str, str], contact: Any, today: date) -> None:
    """Note that a person (a row of contacts) opposed, and forget them under every company of the bureau."""
    keys = set(_keys_of(contact))
    digests = _digests(connection, keys)
    known = set(connection.scalars(select(_opposition.c.digest).where(own(_opposition), _opposition.c.digest.in_(digests))))
    new = [{**whose, "digest": digest, "opposed_on": today} for digest in sorted(set(digests) - known)]
    if new:
        connection.execute(insert(_opposition), new)
    for each in connection.execute(select(_contact).where(own(_contact))).all():
        if each.pk == contact.pk or not keys.isdisjoint(_keys_of(each)):
            forget(connection, own, each)


def forget(connection: Connection, own: Own, contact: Any) -> None:
    """Erase a person (a row of contacts), and their name from what the bureau wrote of the company."""
    connection.execute(delete(_contact).where(own(_contact), _contact.c.pk == contact.pk))
    for table, column in _SAID:
        noted = connection.execute(select(table.c.listing_id, column).where(own(table), column != "").distinct()).all()
        standing = today_of(connection, {contact.listing_id, *(listing_id for listing_id, _ in noted)})
        company = standing.get(contact.listing_id, contact.listing_id)
        for listing_id, text in noted:
            kept = without_name(text, contact.name)
            if kept != text and standing.get(listing_id, listing_id) == company:
                here = and_(own(table), table.c.listing_id == listing_id, column == text)
                connection.execute(update(table).where(here).values({column.name: kept}))


def _keys_of(contact: Any) -> list[str]:
    return person_keys(contact.name, contact.phone, contact.email)


def _digests(connection: Connection, keys: Collection[str]) -> list[str]:
    key = signing.make_key(connection, _KEY)
    return [hmac.new(key, text.encode(), "sha256").hexdigest() for text in keys]
