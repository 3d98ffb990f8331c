"""What curators state of listings, and the life of a listing: values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

Values = Mapping[str, Any]
"""Field → plain JSON value, of every field of a topic."""


class Topic(StrEnum):
    """What one statement is about: fields that mean something only together. Values are what addresses of pages say."""

    NAME = "nom"
    DESCRIPTION = "presentation"
    PLACE = "lieu"
    CONTACTS = "contacts"
    APPROACH = "demarche"
    HOURS = "horaires"
    AGES = "ages"
    CONDITIONS = "conditions"
    OFFER = "propose"
    OCCUPATIONS = "metiers"
    PLACES = "places"
    DATES = "dates"
    REGISTRATION = "inscription"
    VALIDITY = "validite"
    CATEGORY = "categorie"
    TERRITORY = "territoire"
    PUBLICS = "publics"
    THEMES = "thematiques"
    VISIBILITY = "visibilite"
    CHECK = "verification"
    CLOSING = "fermeture"


CLOSED = "closed"
"""The one field that a record does not have: true once a curator says that the listing is no more."""

TOPIC_FIELDS: dict[Topic, tuple[str, ...]] = {
    Topic.NAME: ("name",),
    Topic.DESCRIPTION: ("description",),
    Topic.PLACE: ("address", "code_postal", "code_commune", "code_departement", "latitude", "longitude", "precision"),
    Topic.CONTACTS: ("contacts",),
    Topic.APPROACH: ("mobilisation_details",),
    Topic.HOURS: ("opening_hours",),
    Topic.AGES: ("age_min", "age_max"),
    Topic.CONDITIONS: ("conditions",),
    Topic.OFFER: ("pathways",),
    Topic.OCCUPATIONS: ("occupations",),
    Topic.PLACES: ("places",),
    Topic.DATES: ("occurrences", "event_state"),
    Topic.REGISTRATION: ("registration_url",),
    Topic.VALIDITY: ("valid_from", "valid_until"),
    Topic.CATEGORY: ("category",),
    Topic.TERRITORY: ("coverage",),
    Topic.PUBLICS: ("publics",),
    Topic.THEMES: ("thematiques",),
    Topic.VISIBILITY: ("visibility",),
    Topic.CHECK: ("checked_at", "checked_by"),
    Topic.CLOSING: (CLOSED,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a curator wants of one topic of one listing.

    Attributes:
        listing_id: Its id, or one that it took over.
        values: What is so; None takes back what was stated.
        seen: ``TopicState.digest`` as the curator saw it; None when it does not count.
    """

    listing_id: str
    topic: Topic
    values: Values | None
    seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """Who states, why, when.

    Attributes:
        author: As colleagues read them.
        nonce: What tells one form from every other: sent twice, it states once.
        trust: Source → trust, for the merge that follows.
    """

    author: str
    reason: str
    now: datetime
    nonce: str
    trust: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A curator's statement about one topic of a listing.

    Attributes:
        number: Its own, which never changes; the higher was stated later.
        record_pk: The source record that it follows when listings are merged or part.
        hidden: What the sources said of it when it was stated (or when it was last confirmed).
        ended_at: When it was taken back or replaced; None while it stands.
    """

    number: int
    record_pk: int
    topic: Topic
    values: Values
    hidden: Values
    author: str
    reason: str
    stated_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicState:
    """One topic of a listing as it stands.

    Attributes:
        shown: What is published.
        told: What the sources say, without any statement.
        statement: The one that stands; None when the sources are believed.
    """

    topic: Topic
    shown: Values
    told: Values
    statement: Statement | None
    digest: str

    @property
    def news(self) -> bool:
        """Whether the sources say something else than what the statement hid."""
        return self.statement is not None and self.told not in (self.statement.hidden, self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One moment of a listing's life.

    Attributes:
        number: Its own; the higher came later.
        run: The import that did it; None when a person did.
        source: The run's source; empty when a person did.
        author: The person; empty for an import.
        changes: Field → what it was, what it became (plain JSON values).
    """

    number: int
    listing_id: str
    name: str
    changed_at: datetime
    run: int | None
    source: str
    author: str
    reason: str
    changes: Mapping[str, tuple[Any, Any]]
