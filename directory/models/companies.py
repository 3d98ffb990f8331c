"""What a lycée keeps of the companies that host its pupils: its own data beside the listing, of one lycée (or bassin) each."""
# No `from __future__ import annotations`: SQLModel reads these annotations at run time.

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from directory.models.accounts import Area
from directory.models.tables import one_of
from directory.models.types import Moment
from directory.vocabulary import Pathway, Visibility

Keeper = tuple[Area, str]
"""Whose a file is: the area and code of the accounts that keep it, a lycée (its UAI) or a bassin."""
OFFERS = (Pathway.INTERNSHIP, Pathway.IMMERSION, Pathway.APPRENTICESHIP, Pathway.JOB)
"""What a company hosts a pupil for."""


class Channel(StrEnum):
    """How one spoke with a company. Values are what a form sends."""

    CALL = "appel"
    MAIL = "courriel"
    VISIT = "visite"
    MEETING = "rencontre"


CHANNEL_LABELS = {
    Channel.CALL: "Appel",
    Channel.MAIL: "Courriel",
    Channel.VISIT: "Visite dans l’entreprise",
    Channel.MEETING: "Rencontre ailleurs (salon, lycée)",
}


class Review(StrEnum):
    """How a stay went, as the lycée judges the welcome."""

    GOOD = "bien"
    MIXED = "mitige"
    BAD = "mal"


REVIEW_LABELS = {
    Review.GOOD: "bon accueil",
    Review.MIXED: "à reparler avec l’entreprise",
    Review.BAD: "à ne pas refaire",
}


class Purpose(StrEnum):
    """Why a professional's data are kept: nothing else is done with them."""

    HOSTING = "accueil"
    TUTORING = "tutorat"
    HIRING = "recrutement"
    PARTNERSHIP = "partenariat"


PURPOSE_LABELS = {
    Purpose.HOSTING: "demander un stage ou une immersion",
    Purpose.TUTORING: "suivre un élève accueilli",
    Purpose.HIRING: "proposer un apprenti ou un salarié",
    Purpose.PARTNERSHIP: "préparer un partenariat avec le lycée",
}


class CompanyTermsRow(SQLModel, table=True):
    """How one lycée deals with one company: who else sees it, and the day before which nobody calls.

    Every table here names its company by the listing's id, as ``response_count`` does: it outlives a listing that is closed and
    comes back, and follows one that another took over. ``area`` and ``code`` are those of the accounts that keep it.
    """

    __tablename__ = "company_terms"
    __table_args__ = (one_of("visibility", Visibility), Index(None, "listing_id"), Index(None, "visibility"))

    area: str = Field(primary_key=True, max_length=10)
    code: str = Field(primary_key=True, max_length=100)
    listing_id: str = Field(primary_key=True, max_length=400)
    visibility: str = Visibility.PRIVATE
    not_before: date | None = None
    reason: str = Field(default="", max_length=200)
    author: str = Field(max_length=254)
    changed_at: datetime = Field(sa_type=Moment)


class _Line(SQLModel):
    """What every line of a company's file says: whose it is, of which company, who wrote it, by which form."""

    pk: int | None = Field(default=None, primary_key=True)
    area: str = Field(max_length=10)
    code: str = Field(max_length=100)
    listing_id: str = Field(max_length=400)
    author: str = Field(max_length=254)
    nonce: str = Field(unique=True, max_length=64)


class CompanyPeriodRow(_Line, table=True):
    """Places that a company gives to a lycée between two days, both included, for one pathway."""

    __tablename__ = "company_period"
    __table_args__ = (
        one_of("pathway", Pathway),
        CheckConstraint("places > 0", name="some_places"),
        CheckConstraint("starts <= ends", name="in_order"),
        Index(None, "area", "code", "listing_id"),
        Index(None, "ends"),
    )

    pathway: str
    starts: date
    ends: date
    places: int


class CompanyStayRow(_Line, table=True):
    """Who was hosted, from one day to another: a class in PFMP and how many, or a student by the code of their dossier.

    The code goes when the dossier does; the stay, which then names nobody, stays.
    """

    __tablename__ = "company_stay"
    __table_args__ = (
        one_of("pathway", Pathway),
        CheckConstraint("students > 0", name="someone"),
        CheckConstraint("starts <= ends", name="in_order"),
        Index(None, "area", "code", "listing_id"),
        Index(None, "dossier_id"),
    )

    pathway: str
    starts: date
    ends: date
    students: int
    class_name: str = Field(default="", max_length=60)
    dossier_id: str = Field(default="", max_length=12)
    review: str = Field(default="", max_length=10)
    review_note: str = Field(default="", max_length=500)
    reviewed_on: date | None = None
    reviewed_by: str = Field(default="", max_length=254)


class CompanyExchangeRow(_Line, table=True):
    """One exchange with a company. ``outcome`` is counted in the response history; empty for none."""

    __tablename__ = "company_exchange"
    __table_args__ = (one_of("channel", Channel), Index(None, "area", "code", "listing_id"))

    happened_on: date
    channel: str
    summary: str = Field(max_length=500)
    outcome: str = Field(default="", max_length=20)


class CompanyContactRow(_Line, table=True):
    """A person of a company whom a lycée deals with: why, where the data come from, until when they are kept."""

    __tablename__ = "company_contact"
    __table_args__ = (one_of("purpose", Purpose), Index(None, "area", "code", "listing_id"), Index(None, "keep_until"))

    name: str = Field(max_length=200)
    role: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=30)
    email: str = Field(default="", max_length=254)
    purpose: str
    origin: str = Field(max_length=200)
    noted_on: date
    keep_until: date


class ContactOppositionRow(SQLModel, table=True):
    """That someone does not want to be kept: a keyed digest of their number or address, by which they are not entered again."""

    __tablename__ = "contact_opposition"

    area: str = Field(primary_key=True, max_length=10)
    code: str = Field(primary_key=True, max_length=100)
    digest: str = Field(primary_key=True, max_length=64)
    opposed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a lycée deals with a company.

    Attributes:
        visibility: Who else sees the places and the day below.
        not_before: The day before which nobody calls; None for any day.
        reason: Why, in the lycée's words; shown to its own accounts alone.
    """

    visibility: Visibility = Visibility.PRIVATE
    not_before: date | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Places of a company between two days, both included.

    Attributes:
        number: Its key; 0 until it is kept.
    """

    number: int = 0
    pathway: Pathway
    starts: date
    ends: date
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Who was hosted.

    Attributes:
        class_name: The class, where it is a class; empty for a student.
        dossier_id: The code of the student's dossier; empty for a class, and once the dossier is erased.
        review: What the lycée thinks of the welcome; None until it said so.
    """

    number: int = 0
    pathway: Pathway
    starts: date
    ends: date
    students: int = 1
    class_name: str = ""
    dossier_id: str = ""
    review: Review | None = None
    review_note: str = ""
    reviewed_on: date | None = None
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange. ``outcome`` is a value of ``Outcome``, empty for none."""

    number: int = 0
    happened_on: date
    channel: Channel
    summary: str
    outcome: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyContact:
    """A person of a company. ``phone`` is E.164; ``origin`` says where the data come from."""

    number: int = 0
    name: str
    role: str = ""
    phone: str = ""
    email: str = ""
    purpose: Purpose
    origin: str
    noted_on: date | None = None
    keep_until: date | None = None
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFile:
    """All that a lycée keeps of one company.

    Attributes:
        listing_id: Its listing, or the one that took it over.
        known: Whether anything is kept at all.
    """

    listing_id: str
    known: bool
    terms: Terms
    periods: tuple[Period, ...] = ()
    stays: tuple[Stay, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    contacts: tuple[CompanyContact, ...] = ()
