"""Search: its parameters, and its answer (contracts)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from directory.models.record import OneOf
from directory.search.questions import vocabularies
from directory.search.understood import RECOGNISED
from directory.vocabulary import Kind
from web.api.schemas.base import Cursor, Day, Limit, OpenModel, Parameters, WrittenNumber, YesNo
from web.params import RADII_KM

_vocabulary = vocabularies()
_MOST = 20
Category = Annotated[str, OneOf(_vocabulary["category"])]
Thematique = Annotated[str, OneOf(_vocabulary["thematique"])]
Public = Annotated[str, OneOf(_vocabulary["public"])]
Departement = Annotated[str, OneOf(_vocabulary["departement"])]
Network = Annotated[str, OneOf(_vocabulary["network"])]
Pathway = Annotated[str, OneOf(_vocabulary["pathway"])]
Frais = Annotated[str, OneOf(_vocabulary["frais"])]
ModeAccueil = Annotated[str, OneOf(_vocabulary["mode_accueil"])]
Recognised = Annotated[str, OneOf(RECOGNISED)]
Radius = Annotated[str, OneOf(str(radius) for radius in RADII_KM)]
Occupation = Annotated[str, Field(pattern=r"^[A-N][0-9]{4}$")]


class SearchParameters(Parameters):
    """Une recherche, telle que la page de recherche la pose."""

    q: str = Field(default="", max_length=300, description="Ce qui est cherché, en toutes lettres.", examples=["mission locale"])
    lieu: str = Field(
        default="",
        max_length=200,
        description="Commune, code postal, département, région ou adresse.",
        examples=["35300 Fougères"],
    )
    rayon: Radius | None = Field(default=None, description="Distance au lieu, en kilomètres.")
    genre: list[Kind] = Field(default=[], max_length=4, description="Genres de fiches.")
    voie: list[Pathway] = Field(default=[], max_length=_MOST, description="Ce qui est proposé.")
    theme: list[Thematique] = Field(default=[], max_length=_MOST, description="Thématiques de data·inclusion, ou leurs domaines.")
    categorie: list[Category] = Field(default=[], max_length=_MOST)
    metier: list[Occupation] = Field(default=[], max_length=_MOST, description="Codes ROME.")
    public: list[Public] = Field(default=[], max_length=_MOST)
    frais: list[Frais] = Field(default=[], max_length=_MOST)
    accueil: list[ModeAccueil] = Field(default=[], max_length=_MOST)
    reseau: list[Network] = Field(default=[], max_length=_MOST)
    departement: list[Departement] = Field(default=[], max_length=_MOST)
    age: WrittenNumber | None = Field(default=None, ge=0, le=120, description="Âge de la personne.")
    du: Day | None = Field(default=None, description="Événements qui ne sont pas finis ce jour-là.")
    au: Day | None = Field(default=None, description="Événements commencés au plus tard ce jour-là.")
    passes: YesNo = Field(default="non", description="Avec les événements passés. Sans période, ils sont laissés de côté.")
    tri: Literal["pertinence", "distance", "date"] = "pertinence"
    sans: list[Recognised] = Field(default=[], max_length=10, description="Ce qui ne doit pas être reconnu dans le texte.")
    facettes: YesNo = Field(default="oui", description="Compter les réponses par valeur.")
    limite: Limit = 20
    suite: Cursor = ""


class Hit(OpenModel):
    """Une réponse."""

    id: str
    kind: Kind
    category: str
    name: str
    commune: str
    code_commune: str
    distance_km: float | None
    structure: str
    demonstration: bool
    cancelled: bool = Field(description="Événement annulé.")
    last_day: date | None = Field(description="Dernier jour d’un événement.")
    highlights: dict[str, str] = Field(description="Extraits où les mots trouvés sont entre <mark> et </mark>, échappés.")


class PlaceForm(OpenModel):
    """Un lieu compris."""

    label: str
    level: str = Field(description="address, commune, departement, region ou france.")
    code: str
    code_commune: str
    code_departement: str
    code_region: str
    latitude: float | None
    longitude: float | None
    precision: str
    reach_km: float
    territories: list[str]
    reason: str


class Alert(OpenModel):
    """Une urgence à montrer avant tout."""

    id: str
    level: str
    text: str
    source: str
    contact: str


class RecognitionForm(OpenModel):
    """Ce qui a été reconnu dans le texte."""

    what: str
    words: str
    label: str


class StepForm(OpenModel):
    """Un lieu essayé, et le nombre de réponses."""

    label: str
    total: int


class SearchAnswer(OpenModel):
    """La réponse à une recherche."""

    alerts: list[Alert]
    hits: list[Hit]
    total: int
    close: int
    facets: dict[str, dict[str, int]]
    place: PlaceForm | None
    understood: list[RecognitionForm]
    searched: str
    places: list[str] = Field(description="Lieux entre lesquels préciser, quand le texte en nomme plusieurs.")
    steps: list[StepForm]
    past: int | None = Field(description="Événements passés laissés de côté ; null quand ils ne sont pas comptés.")
    suggestion: str | None
    widened: str | None
    notice: str | None
    next: str | None
