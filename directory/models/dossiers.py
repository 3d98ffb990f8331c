"""Dossiers: where a student of a lycée stands in the parcours. Pseudonymous: a code, a month of birth at most, never a name."""
# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from directory.models.tables import one_of
from directory.models.types import Moment


class DossierState(StrEnum):
    """Where a student stands, in the order of the parcours."""

    SPOTTED = "repere"
    CONTACTED = "contacte"
    INTERVIEWED = "entretien"
    WILLING = "volontaire"
    UNWILLING = "non-volontaire"
    ENROLLED = "inscrit"
    SOLVED = "solution"
    HANDED_ON = "suite"


STATE_LABELS = {
    DossierState.SPOTTED: "repéré",
    DossierState.CONTACTED: "contacté",
    DossierState.INTERVIEWED: "entretien fait",
    DossierState.WILLING: "volontaire",
    DossierState.UNWILLING: "pas volontaire",
    DossierState.ENROLLED: "inscrit dans le parcours",
    DossierState.SOLVED: "a une solution",
    DossierState.HANDED_ON: "suivi par la suite (mission locale, PSAD)",
}


class Diploma(StrEnum):
    """Whether the diploma that was prepared was obtained."""

    UNKNOWN = "inconnu"
    OBTAINED = "obtenu"
    FAILED = "non-obtenu"


DIPLOMA_LABELS = {
    Diploma.UNKNOWN: "pas encore su",
    Diploma.OBTAINED: "obtenu",
    Diploma.FAILED: "non obtenu",
}


class StepState(StrEnum):
    """What became of one partner for one student."""

    PROPOSED = "propose"
    CONTACTED = "contacte"
    ACCEPTED = "accepte"
    DECLINED = "refuse"
    SILENT = "sans-reponse"


STEP_LABELS = {
    StepState.PROPOSED: "proposé à l’élève",
    StepState.CONTACTED: "contacté",
    StepState.ACCEPTED: "a accepté",
    StepState.DECLINED: "a refusé",
    StepState.SILENT: "sans réponse",
}


class AccessKind(StrEnum):
    """What was done with a dossier."""

    LISTED = "liste"
    READ = "lecture"
    OPENED = "ouverture"
    CHANGED = "modification"
    STEP = "demarche"
    HANDED_OVER = "transmission"
    PRINTED = "impression"
    EXPORTED = "export"
    ERASED = "effacement"
    PURGED = "echeance"


ACCESS_LABELS = {
    AccessKind.LISTED: "liste du lycée affichée",
    AccessKind.READ: "dossier lu",
    AccessKind.OPENED: "dossier ouvert",
    AccessKind.CHANGED: "dossier modifié",
    AccessKind.STEP: "démarche notée ou retirée",
    AccessKind.HANDED_OVER: "dossier transmis",
    AccessKind.PRINTED: "fiche de liaison affichée",
    AccessKind.EXPORTED: "dossier exporté",
    AccessKind.ERASED: "dossier effacé",
    AccessKind.PURGED: "dossier effacé à son échéance",
}


class DossierRow(SQLModel, table=True):
    """A dossier. ``version`` rises at each change: a form that was shown before another's change is not written over it."""

    __tablename__ = "dossier"
    __table_args__ = (
        one_of("state", DossierState),
        one_of("diploma", Diploma),
        Index(None, "uai"),
        Index(None, "delete_on"),
    )

    id: str = Field(primary_key=True, max_length=12)
    uai: str = Field(max_length=8)
    referent: str = Field(foreign_key="account.id", max_length=24)
    state: str
    state_on: date
    born: str = Field(default="", max_length=7)
    diploma: str
    filiere: str = Field(default="", max_length=3)
    note: str = ""
    remind_on: date | None = None
    met_on: date | None = None
    enrolled_on: date | None = None
    opened_on: date
    delete_on: date
    version: int = 0
    nonce: str = Field(unique=True, max_length=64)


class DossierStepRow(SQLModel, table=True):
    """One partner for one student, and what became of it. ``listing_id`` is empty for a partner outside the directory."""

    __tablename__ = "dossier_step"
    __table_args__ = (one_of("state", StepState), Index(None, "dossier_id"))

    pk: int | None = Field(default=None, primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", ondelete="CASCADE", max_length=12)
    listing_id: str = Field(default="", max_length=400)
    label: str = Field(max_length=200)
    state: str
    state_on: date
    counted: str = Field(default="", max_length=20)
    nonce: str = Field(unique=True, max_length=64)


class DossierAccessRow(SQLModel, table=True):
    """The journal of accesses: who did what with which dossier. It outlives the dossier, and has an end of its own."""

    __tablename__ = "dossier_access"
    __table_args__ = (one_of("kind", AccessKind), Index(None, "uai", "at"), Index(None, "dossier_id"))

    pk: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Moment, index=True)
    account_id: str = Field(default="", max_length=24)
    uai: str = Field(max_length=8)
    dossier_id: str = Field(default="", max_length=12)
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One partner for one student.

    Attributes:
        listing_id: Its listing; empty for a partner outside the directory.
        counted: The outcome that the response history counts for it; empty for none.
    """

    pk: int
    listing_id: str
    label: str
    state: StepState
    state_on: date
    counted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """A dossier and its steps, the first proposed first.

    Attributes:
        id: The code that stands for the student, drawn at random.
        referent: Id of the account that follows them.
        born: Month of birth (``2008-05``); empty when it was not said.
        filiere: ROME domaine of the trade that is looked for; empty for none.
        met_on: The day of the first interview; None before.
        enrolled_on: The day of enrolment in the parcours; None before.
        delete_on: The day on which it deletes itself.
    """

    id: str
    uai: str
    referent: str
    state: DossierState
    state_on: date
    born: str
    diploma: Diploma
    filiere: str
    note: str
    remind_on: date | None
    met_on: date | None
    enrolled_on: date | None
    opened_on: date
    delete_on: date
    version: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One line of the journal; ``who`` is the label of an account, empty for the machine."""

    at: datetime
    who: str
    dossier_id: str
    kind: AccessKind
