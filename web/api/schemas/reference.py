"""Places, vocabularies, sources, exports: what is around the listings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from web.api.schemas.base import Model, OpenModel, Parameters, WrittenNumber
from web.api.schemas.search import PlaceForm


class PlacesParameters(Parameters):
    """Un début de nom."""

    q: str = Field(min_length=1, max_length=200, description="Début d’un nom, ou code postal.", examples=["fougeres"])
    limite: Annotated[WrittenNumber, Field(ge=1, le=20, description="Nombre de lieux, 20 au plus.")] = 8


class PlacesAnswer(OpenModel):
    """Des lieux."""

    places: list[PlaceForm]


class CommunePath(Model):
    """Une commune."""

    code: str = Field(pattern=r"^[0-9][0-9AB][0-9]{3}$", description="Code INSEE (COG).", examples=["35115"])


class Word(OpenModel):
    """Un mot d’un vocabulaire."""

    code: str
    label: str


class VocabularyAnswer(OpenModel):
    """Les vocabulaires, chacun une liste de codes et de libellés."""

    kinds: list[Word]
    categories: list[Word]
    thematiques: list[Word]
    publics: list[Word]
    types: list[Word]
    frais: list[Word]
    modes_accueil: list[Word]
    networks: list[Word]
    pathways: list[Word]
    whens: list[Word]
    needs: list[Word]
    departements: list[Word]


class LastRun(OpenModel):
    """Le dernier import d’une source."""

    run: int
    status: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]


class SourceForm(OpenModel):
    """Une source."""

    name: str
    label: str
    publisher: str
    licence: str
    homepage: str
    freshness_days: int
    last_run: LastRun | None
    stale_days: int | None


class SourcesAnswer(OpenModel):
    """Les sources que l’annuaire connaît."""

    sources: list[SourceForm]


class ExportPath(Model):
    """Un export."""

    name: Literal["fiches.ndjson", "fiches.csv", "fiches.geojson"] = Field(description="Nom et forme du fichier.")


class ExportForm(OpenModel):
    """Un export disponible."""

    name: str
    content_type: str
    url: str
    description: str


class ExportsAnswer(OpenModel):
    """Les exports."""

    exports: list[ExportForm]
    revision: int = Field(description="Révision de l’annuaire : elle ne change que quand une fiche change.")
