"""What people subscribe to, or put on a map or in a spreadsheet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from directory.vocabulary import Kind
from web.api.schemas.base import Model, Parameters, WrittenNumber
from web.api.schemas.search import Departement


class EventsParameters(Parameters):
    """Où."""

    lieu: str = Field(min_length=1, max_length=200, description="Commune, département ou région.", examples=["35300 Fougères"])
    rayon: Annotated[WrittenNumber, Field(ge=1, le=200, description="Distance au lieu, en kilomètres.")] = 50


class NewsParameters(Parameters):
    """De quoi."""

    genre: list[Kind] = Field(default=[], max_length=4, description="Genres de fiches.")
    departement: Departement | None = Field(default=None, description="Fiches situées dans ce département.")


class LayerPath(Model):
    """Une forme."""

    name: Literal["fiches.csv", "fiches.geojson"]


class LayerParameters(Parameters):
    """Quelles fiches."""

    departement: Departement = Field(description="Fiches situées dans ce département.", examples=["35"])
    genre: list[Kind] = Field(default=[], max_length=4, description="Genres de fiches.")
