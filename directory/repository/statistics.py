"""Counts of what is asked, by month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from directory.models.statistics import AskedQuestion, Channel, QuestionCount
from directory.repository import tables
from directory.statistics import first_month

MOST_WORDS_A_MONTH = 5000
"""Texts without an answer that a month keeps: whoever asks nonsense without end fills nothing."""

_counts, _words = tables.question_count, tables.unanswered_question


def keep(connection: Connection, asked: Sequence[AskedQuestion], today: date) -> None:
    """Add questions to the counts of their months; erase those that are too old."""
    questions, unanswered, words = (Counter[tuple[str, ...]]() for _ in range(3))
    for each in asked:
        key: tuple[str, ...] = (each.month, str(each.channel), each.departement, each.kind, each.thematique)
        questions[key] += 1
        unanswered[key] += not each.answered
        if each.words and not each.answered:
            words[each.month, each.departement, each.words] += 1
    for key, number in sorted(questions.items()):
        _add(connection, _counts, key, {"questions": number, "unanswered": unanswered[key]})
    for key, number in sorted(words.items()):
        if _may_add(connection, key):
            _add(connection, _words, key, {"questions": number})
    for table in (_counts, _words):
        connection.execute(delete(table).where(table.c.month < first_month(today)))


def _may_add(connection: Connection, key: tuple[str, ...]) -> bool:
    known = select(_words.c.questions).where(*(column == value for column, value in zip(_words.primary_key, key, strict=True)))
    if connection.scalar(known) is not None:
        return True
    held = connection.scalar(select(func.count()).select_from(_words).where(_words.c.month == key[0])) or 0
    return held < MOST_WORDS_A_MONTH


def _add(connection: Connection, table: Table, key: tuple[str, ...], counts: dict[str, int]) -> None:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    named = dict(zip((column.name for column in table.primary_key), key, strict=True))
    adding = dialect.insert(table).values(**named, **counts)
    more = {name: table.c[name] + adding.excluded[name] for name in counts}
    connection.execute(adding.on_conflict_do_update(index_elements=list(named), set_=more))


def list_counts(connection: Connection, since: str) -> list[QuestionCount]:
    """The counts from a month on, in the order of their keys."""
    rows = connection.execute(select(_counts).where(_counts.c.month >= since).order_by(*_counts.primary_key)).mappings()
    return [QuestionCount(**{**row, "channel": Channel(row["channel"])}) for row in rows]


def list_words(connection: Connection, since: str) -> list[tuple[str, str, int]]:
    """Département, words and number of the questions without an answer from a month on."""
    total = func.sum(_words.c.questions)
    by = (_words.c.departement, _words.c.words)
    found = connection.execute(select(*by, total).where(_words.c.month >= since).group_by(*by).order_by(*by))
    return [(departement, words, int(number)) for departement, words, number in found]
