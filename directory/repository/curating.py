"""What a curator states or takes back, published at once: as judging a pair, worked out, staged, then one short transaction."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, insert, select, update

from directory.database import reading, writing
from directory.errors import ListingNotFound, StatementOutdated
from directory.models.curation import CLOSED, TOPIC_FIELDS, Curation, Statement, Topic, TopicState, Values, Wish
from directory.repository import overlay, publishing, staging, tables
from directory.repository.linking import Node
from directory.repository.listings import resolve
from directory.repository.merged import Batch, merge_kept, stage_listings
from directory.repository.staging import Gathered

_statement, _listing, _record, _coverage = tables.statement, tables.listing, tables.source_record, tables.listing_coverage


class _Held(NamedTuple):
    """A listing that is to be changed."""

    nodes: list[Node]
    states: dict[Topic, TopicState]


def read_states(connection: Connection, listing_id: str, trust: Mapping[str, int]) -> dict[Topic, TopicState]:
    """Every topic of a listing as it stands.

    Raises:
        ListingNotFound: There is none.
    """
    return _hold(connection, listing_id, trust).states


def curate(engine: Engine, wishes: Sequence[Wish], by: Curation) -> int:
    """State all that is wished, or nothing. Only the holder of the import lock calls this.

    Returns:
        How many topics were changed; 0 where the same form was received before.

    Raises:
        ListingNotFound: One of the listings is unknown.
        StatementOutdated: Another curator changed one of the topics since it was seen.
    """
    with reading(engine) as connection:
        if _was_received(connection, by.nonce):
            return 0
        held = {wish.listing_id: _hold(connection, wish.listing_id, by.trust) for wish in wishes}
        overlays = overlay.load(connection)
        last = connection.scalar(select(_statement.c.number).order_by(_statement.c.number.desc()).limit(1)) or 0
    ended, stated = _plan(wishes, held, overlays, by, last)
    if not ended and not stated:
        return 0
    staging.clear(engine)
    nodes = {node.pk: node for each in held.values() for node in each.nodes}
    gathered = Gathered(first_new=sys.maxsize)
    gathered.groups = staging.group_nodes(engine, nodes, gathered.fresh)
    expected = stage_listings(engine, gathered, Batch(0, by.now, by.trust, overlays))
    with writing(engine) as connection:
        if ended:
            over = update(_statement).where(_statement.c.number.in_(ended)).values(ended_at=by.now, ended_by=by.author)
            connection.execute(over)
        if stated:
            connection.execute(insert(_statement), [_to_row(said, by) for said in stated])
        publishing.publish(connection, 0, expected, by.now, (by.author, by.reason))
    staging.clear(engine)
    return len({(said.record_pk, said.topic) for said in stated}) + max(0, len(ended) - len(stated))


def _was_received(connection: Connection, nonce: str) -> bool:
    return bool(nonce) and connection.scalar(select(_statement.c.number).where(_statement.c.nonce == nonce).limit(1)) is not None


def _hold(connection: Connection, listing_id: str, trust: Mapping[str, int]) -> _Held:
    pk = resolve(connection, [listing_id]).get(listing_id)
    if pk is None:
        raise ListingNotFound(listing_id)
    pks = list(connection.scalars(select(_record.c.pk).where(_record.c.listing_pk == pk).order_by(_record.c.pk)))
    nodes = list(staging.list_nodes(connection, pks))
    told = merge_kept(connection, nodes, trust)
    shown = connection.execute(select(_listing).where(_listing.c.pk == pk)).mappings().one()
    served = select(_coverage.c.scope, _coverage.c.code).where(_coverage.c.listing_pk == pk)
    coverage = [list(row) for row in connection.execute(served.order_by(_coverage.c.scope, _coverage.c.code))]
    said = overlay.standing(overlay.load(connection, pks), pks)
    states = {}
    for topic in Topic:
        values, statement = overlay.of_topic({**shown, "coverage": coverage}, topic), said.get(topic)
        states[topic] = TopicState(
            topic=topic,
            shown=values,
            told=overlay.of_topic(told, topic),
            statement=statement,
            digest=overlay.digest_values(values, statement),
        )
    return _Held(nodes, states)


def _plan(
    wishes: Iterable[Wish],
    held: Mapping[str, _Held],
    overlays: dict[int, dict[Topic, Statement]],
    by: Curation,
    last: int,
) -> tuple[list[int], list[Statement]]:
    """The statements that end, and those that begin; ``overlays`` is then what will stand."""
    ended: list[int] = []
    stated: list[Statement] = []
    for wish in wishes:
        nodes, states = held[wish.listing_id]
        state = states[wish.topic]
        if wish.seen is not None and wish.seen != state.digest:
            raise StatementOutdated(wish.listing_id, wish.topic)
        if wish.values is not None and not _complete(wish.topic, wish.values):
            raise ValueError(f"{wish.topic}: {sorted(wish.values)}")
        for node in nodes:
            known = overlays.get(node.pk, {}).pop(wish.topic, None)
            if known is not None:
                ended.append(known.number)
        # a closing that is taken back says that the listing is open only as long as its sources hold it
        if wish.values is None or wish.values == {CLOSED: False}:
            continue
        last += 1
        said = Statement(
            number=last,
            record_pk=nodes[0].pk,
            topic=wish.topic,
            values=wish.values,
            hidden=state.told,
            author=by.author,
            reason=by.reason,
            stated_at=by.now,
        )
        stated.append(said)
        overlays.setdefault(said.record_pk, {})[wish.topic] = said
    return ended, stated


def _complete(topic: Topic, values: Values) -> bool:
    return set(values) == set(TOPIC_FIELDS[topic])


def _to_row(said: Statement, by: Curation) -> dict[str, object]:
    return {
        "record_pk": said.record_pk,
        "topic": str(said.topic),
        "content": dict(said.values),
        "hidden": dict(said.hidden),
        "author": by.author[:254],
        "reason": by.reason[:500],
        "nonce": by.nonce,
        "stated_at": by.now,
        "ended_by": "",
    }
