"""Matches and cohorts: the student's profile, and the answers (contracts)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from directory.vocabulary import Pathway
from matching.needs import needs
from matching.types import DiplomaLevel, Mode, Situation
from web.api.schemas.base import Day, Limit, Model, Number, OpenModel, Parameters, Truth, WrittenNumber, YesNo
from web.api.schemas.search import Alert

MOST_STUDENTS, MOST_PLACES = 60, 2000
Text = Annotated[str, Field(max_length=300)]


class MatchParameters(Parameters):
    """Comment répondre."""

    limite: Limit = 10
    le: Day | None = Field(default=None, description="Rejouer à une date ; aujourd’hui sinon.")
    et_si: YesNo = Field(default="non", description="Dire aussi ce qu’un changement ouvrirait.")


class DiplomaForm(Model):
    """Le dernier diplôme préparé."""

    level: DiplomaLevel | None = None
    specialty: Text = ""
    obtained: Truth | None = None


class WishesForm(Model):
    """Ce que l’élève souhaite."""

    occupations: list[Text] = Field(default=[], max_length=20, description="Codes ROME ou métiers en toutes lettres.")
    paths: list[Pathway] = Field(default=[], max_length=len(Pathway))


class MobilityForm(Model):
    """Comment l’élève se déplace."""

    mode: Mode | None = None
    max_minutes: Number | None = Field(default=None, ge=1, le=240)


class ParcoursForm(Model):
    """Dates du parcours."""

    start: Day | None = None
    end: Day | None = None


class ProfileForm(Model):
    """Un élève, sans nom ni identifiant : un lieu et un âge suffisent. Rien n’en est gardé, ni écrit dans un journal."""

    reference: Text | None = Field(default=None, description="Repère local, jamais un nom.")
    birth_date: Day | None = None
    age: Number | None = Field(default=None, ge=0, le=120)
    place: str = Field(min_length=1, max_length=300, examples=["35300 Fougères"])
    establishment_uai: str | None = Field(default=None, max_length=20)
    diploma: DiplomaForm | None = None
    situation: Situation | None = None
    wishes: WishesForm | None = None
    needs: list[Text] = Field(default=[], max_length=30, description=f"Besoins : {', '.join(needs())}, ou des thématiques.")
    publics: list[Text] = Field(default=[], max_length=30)
    mobility: MobilityForm | None = None
    parcours: ParcoursForm | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "age": 18,
                    "place": "35300 Fougères",
                    "situation": "graduate",
                    "diploma": {"level": "cap", "specialty": "Cuisine", "obtained": True},
                    "wishes": {"occupations": ["G1602"], "paths": ["apprenticeship", "internship"]},
                    "needs": ["logement"],
                    "mobility": {"mode": "transit", "max_minutes": 60},
                }
            ]
        }
    )


class CohortParameters(Parameters):
    """Comment partager."""

    chacun: WrittenNumber = Field(default=1, ge=1, le=10, description="Places par élève, au plus.")
    le: Day | None = Field(default=None, description="Rejouer à une date ; aujourd’hui sinon.")


class PlaceOffered(Model):
    """Les places d’une fiche."""

    id: str = Field(min_length=1, max_length=400)
    capacity: Number = Field(ge=1, le=10_000)


class Pair(Model):
    """Une place déjà donnée."""

    student: Text = Field(min_length=1)
    listing: str = Field(min_length=1, max_length=400)


class CohortForm(Model):
    """Les élèves d’une cohorte et les places à partager ; sans « places », celles que les entreprises déclarent."""

    students: list[ProfileForm] = Field(min_length=1, max_length=MOST_STUDENTS)
    places: list[PlaceOffered] | None = Field(default=None, max_length=MOST_PLACES)
    previous: list[Pair] = Field(default=[], max_length=MOST_STUDENTS * 10)


# ---------------------------------------------------------------- answers


class Finding(OpenModel):
    """Ce qu’une règle dit."""

    id: str
    level: str
    reason: str
    source: str


class Contribution(OpenModel):
    """Ce qu’un critère donne."""

    criterion: str
    value: float
    weight: float
    points: int = Field(description="Centièmes de point ; leur somme est exactement « score ».")
    reason: str
    source: str


class MatchForm(OpenModel):
    """Un résultat."""

    id: str
    name: str
    category: str
    commune: str
    distance_km: float | None
    travel_minutes: float | None
    when: str
    verdict: str
    score: int = Field(description="De 0 à 10 000 centièmes de point.")
    contributions: list[Contribution]
    warnings: list[Finding]
    demonstration: bool


class ExcludedForm(OpenModel):
    """Une fiche écartée, et pourquoi."""

    id: str
    name: str
    section: str
    rules: list[dict[str, str]]


class MatchAnswer(OpenModel):
    """Ce qui est proposé à un élève."""

    in_parcours: bool
    sections: dict[str, list[MatchForm]]
    excluded: list[ExcludedForm]
    excluded_total: int
    notices: list[Finding]
    alerts: list[Alert]
    needs: dict[str, list[str]]
    plan: list[dict[str, str]]
    what_if: list[dict[str, Any]] = Field(default=[])


class AssignmentForm(OpenModel):
    """Une place donnée."""

    student: str
    listing: str
    name: str
    rank: int
    points: float
    turn: int
    reason: str


class UnassignedForm(OpenModel):
    """Un élève sans place, et pourquoi."""

    student: str
    reason: str


class CohortAnswerForm(OpenModel):
    """Le partage."""

    assignments: list[AssignmentForm]
    unassigned: list[UnassignedForm]
    usefulness: float
    greedy_usefulness: float
    greedy_served: int
    notices: list[str]
