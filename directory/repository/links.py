"""The web addresses of listings: those that are to be checked, what checks found, those that are dead."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, RowMapping, delete, func, insert, select

from directory.database import reading, writing
from directory.models.links import CheckedLink, DeadLink, LinkState, WaitingLink
from directory.repository import tables
from directory.repository.listings import iterate_columns
from directory.repository.outgoing import in_departement
from directory.repository.rows import chunks, visible_to
from directory.vocabulary import Visibility

CHECKED_WITHIN = timedelta(days=30)
"""How long what was found of an address holds."""
FAILED_AGAIN_AFTER = timedelta(days=1)
"""After how long an address that did not answer is asked again; only then may it be said dead."""
_link, _holder, _listing = tables.link_check, tables.link_holder, tables.listing


class Links:
    """The web addresses that the open public listings give.

    Args:
        engine: The directory's database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list_waiting(self, now: datetime, departement: str = "") -> list[WaitingLink]:
        """The addresses to check, those never checked first, then the oldest check first.

        Args:
            now: The clock.
            departement: Of the listings placed in this one; empty for all.
        """
        with reading(self._engine) as connection:
            known = {row["url"]: _to_check(row) for row in connection.execute(select(_link)).mappings()}
        holders: dict[str, list[int]] = {}
        for pk, url in _addresses(self._engine, departement):
            holders.setdefault(url, []).append(pk)
        waiting = [
            WaitingLink(url=url, listing_pks=tuple(pks), last=known.get(url))
            for url, pks in holders.items()
            if _is_due(known.get(url), now)
        ]
        # the sort is stable: those never checked stay in the order of the listings
        return sorted(waiting, key=lambda each: each.last.checked_at.timestamp() if each.last else 0.0)

    def keep(self, checks: Sequence[tuple[CheckedLink, Sequence[int]]]) -> None:
        """Keep what checks found, each with the listings that give its address."""
        with writing(self._engine) as connection:
            keys = [_digest(check.url) for check, _ in checks]
            connection.execute(delete(_holder).where(_holder.c.digest.in_(keys)))
            connection.execute(delete(_link).where(_link.c.digest.in_(keys)))
            if checks:
                connection.execute(insert(_link), [_to_row(check) for check, _ in checks])
            # a listing may have been taken over since it was read
            pks = {pk for _, own in checks for pk in own}
            there = {
                pk for part in chunks(pks) for pk in connection.scalars(select(_listing.c.pk).where(_listing.c.pk.in_(part)))
            }
            held = [{"digest": _digest(check.url), "listing_pk": pk} for check, own in checks for pk in own if pk in there]
            if held:
                connection.execute(insert(_holder), held)

    def list_dead(self, viewer: Visibility, departement: str = "") -> list[DeadLink]:
        """The dead addresses that open listings still give, by listing: one that was corrected since is left out.

        Args:
            viewer: What the asker may see.
            departement: Of the listings placed in this one; empty for all.
        """
        question = (
            select(
                _link.c.url, _link.c.reason, _link.c.failing_since, _link.c.checked_at,
                _listing.c.pk, _listing.c.id, _listing.c.name, _listing.c.contacts, _listing.c.registration_url,
            )
            .join(_holder, _holder.c.digest == _link.c.digest)
            .join(_listing, _listing.c.pk == _holder.c.listing_pk)
            .where(_link.c.state == LinkState.DEAD, tables.open_listing(), _listing.c.visibility.in_(visible_to(viewer)))
            .order_by(_listing.c.pk, _link.c.url)
        )  # fmt: skip
        if departement:
            question = question.where(in_departement(departement))
        with reading(self._engine) as connection:
            return [
                DeadLink(
                    listing_pk=row["pk"],
                    listing_id=row["id"],
                    name=row["name"],
                    url=row["url"],
                    reason=row["reason"],
                    since=row["failing_since"] or row["checked_at"],
                    checked_at=row["checked_at"],
                )
                for row in connection.execute(question).mappings()
                if row["url"] in _own_addresses(row["contacts"], row["registration_url"])
            ]

    def count_states(self) -> dict[LinkState, int]:
        """How many addresses are in each state, every state told."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(_link.c.state, func.count()).group_by(_link.c.state)).all()
        found = {str(row[0]): int(row[1]) for row in rows}
        return {state: found.get(state, 0) for state in LinkState}


def _addresses(engine: Engine, departement: str) -> Iterator[tuple[int, str]]:
    """Key and address, of the addresses that the open public listings give."""
    names = ("pk", "visibility", "code_departement", "code_commune", "contacts", "registration_url")
    for pk, visibility, code, commune, contacts, registration in iterate_columns(engine, names):
        here = not departement or code == departement or (commune or "").startswith(departement)
        if here and visibility == Visibility.PUBLIC:
            yield from ((pk, url) for url in _own_addresses(contacts, registration))


def _own_addresses(contacts: Iterable[Mapping[str, str]], registration: str) -> list[str]:
    public = (contact.get("url", "") for contact in contacts if contact.get("visibility", "public") == Visibility.PUBLIC)
    return [url for url in dict.fromkeys((*public, registration)) if url]


def _is_due(last: CheckedLink | None, now: datetime) -> bool:
    if last is None:
        return True
    return now - last.checked_at >= (FAILED_AGAIN_AFTER if last.state is LinkState.FAILING else CHECKED_WITHIN)


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _to_row(check: CheckedLink) -> dict[str, Any]:
    return {
        "digest": _digest(check.url),
        "url": check.url,
        "state": str(check.state),
        "status": check.status,
        "reason": check.reason[:300],
        "checked_at": check.checked_at,
        "failing_since": check.failing_since,
    }


def _to_check(row: RowMapping) -> CheckedLink:
    return CheckedLink(
        url=row["url"],
        state=LinkState(row["state"]),
        status=row["status"],
        reason=row["reason"],
        checked_at=row["checked_at"],
        failing_since=row["failing_since"],
    )
