"""Listings, what changes in them, and where their facts come from. The fields are those of the record itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field, create_model

from directory.listing_form import OUTSIDE
from directory.models.record import Contact, ListingRecord
from directory.vocabulary import Kind
from web.api.schemas.base import Cursor, Limit, Model, OpenModel, Parameters
from web.api.schemas.search import Departement


class ListingPath(Model):
    """Une fiche."""

    listing_id: str = Field(min_length=1, max_length=400, description="Son identifiant.", examples=["demonstration--ml"])


class ListingsParameters(Parameters):
    """Quelles fiches."""

    genre: list[Kind] = Field(default=[], max_length=4, description="Genres de fiches.")
    departement: Departement | None = Field(default=None, description="Fiches situées dans ce département.")
    limite: Limit = 100
    suite: Cursor = ""


class ChangesParameters(Parameters):
    """Depuis quand."""

    limite: Limit = 100
    suite: Cursor = ""


class Link(OpenModel):
    """Une autre fiche."""

    id: str
    name: str
    category: str


_public = {name: field for name, field in Contact.model_fields.items() if name != "visibility"}
_means: dict[str, Any] = {name: (field.annotation, field) for name, field in _public.items()}
_contact: Any = create_model("ContactForm", __base__=OpenModel, __doc__="Un moyen de joindre, public.", **_means)
_fields: dict[str, Any] = {
    name: (ListingRecord.model_fields[name].annotation, ListingRecord.model_fields[name]) for name in OUTSIDE
}
_fields["contacts"] = (list[_contact], Field(default=[]))
_record: Any = create_model("RecordForm", __base__=OpenModel, **_fields)


class ListingForm(_record):  # type: ignore[misc]
    """Une fiche publique : ce que ses sources en disent."""

    id: str
    carried_by: Link | None
    revision: int = Field(description="Révision de l’annuaire à laquelle elle a changé.")
    first_seen: datetime
    last_changed: datetime
    closed_at: datetime | None
    closed_reason: str


class Origin(OpenModel):
    """D’où vient un champ."""

    field: str
    source: str
    first_seen: datetime
    last_seen: datetime


class ListingDetail(ListingForm):
    """Une fiche, la source de chacun de ses champs, et les services qu’elle porte."""

    origins: list[Origin]
    services: list[Link]


class ListingsPage(OpenModel):
    """Une page de fiches, dans un ordre total."""

    listings: list[ListingForm]
    next: str | None


class Change(OpenModel):
    """Un changement."""

    revision: int
    change: str = Field(description="updated, closed (elle n’est plus publiée par ses sources) ou removed (à oublier).")
    id: str | None = Field(description="Identifiant ; absent pour removed.")
    id_sha256: str = Field(description="SHA-256 de l’identifiant : qui gardait une fiche retirée la reconnaît, et lui seul.")
    replaces: list[str] = Field(description="Identifiants des fiches qu’elle a absorbées.")
    listing: ListingForm | None


class ChangesPage(OpenModel):
    """Une page de changements, dans un ordre total. « next » est toujours donné : le garder pour la fois suivante."""

    changes: list[Change]
    next: str
    more: bool = Field(description="Vrai quand il en reste peut-être : demander tout de suite la suite.")
