"""What the directory is asked, counted by month: never by whom, nor what was typed beyond the field's own words."""

# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Field, SQLModel

from directory.models.tables import one_of


class Channel(StrEnum):
    """Where it is asked."""

    PAGES = "pages"
    WIDGET = "widget"
    API = "api"
    MATCHING = "propositions"


class QuestionCountRow(SQLModel, table=True):
    """Questions of one month that are alike; an empty text is « any, several, or not told »."""

    __tablename__ = "question_count"
    __table_args__ = (one_of("channel", Channel),)

    month: str = Field(primary_key=True, max_length=7)
    channel: str = Field(primary_key=True)
    departement: str = Field(primary_key=True, max_length=3)
    kind: str = Field(primary_key=True, max_length=20)
    thematique: str = Field(primary_key=True, max_length=80)
    questions: int
    unanswered: int


class UnansweredRow(SQLModel, table=True):
    """The field's words of the questions of one month that found nothing."""

    __tablename__ = "unanswered_question"

    month: str = Field(primary_key=True, max_length=7)
    departement: str = Field(primary_key=True, max_length=3)
    words: str = Field(primary_key=True, max_length=100)
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """All that is kept of a question.

    Attributes:
        month: ``2026-11``.
        departement: Where it is asked about; empty when it does not say.
        kind: The one kind asked for.
        thematique: The one domain of needs asked for.
        answered: Whether something was found.
        words: Of a question without an answer, the words that the field is described with (``directory.statistics.scrub``).
    """

    month: str
    channel: Channel
    departement: str = ""
    kind: str = ""
    thematique: str = ""
    answered: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCount:
    """How many alike questions, and how many of them found nothing."""

    month: str
    channel: Channel
    departement: str
    kind: str
    thematique: str
    questions: int
    unanswered: int
