"""ListingRecord: one listing as a source states it, validated. Tables are built from it and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from directory.identifiers import (
    parse_code_commune,
    parse_code_naf,
    parse_code_postal,
    parse_code_rome,
    parse_siret,
    parse_uai,
)
from directory.vocabulary import (
    FRAIS,
    MOBILISABLE_PAR,
    MODES_ACCUEIL,
    MODES_MOBILISATION,
    PUBLICS,
    SERVICE_TYPES,
    THEMATIQUES,
    EventState,
    Kind,
    Pathway,
    Precision,
    Scope,
    Visibility,
    categories,
    networks,
)

# Metropolitan France, overseas départements and collectivités all lie within these degrees.
_LATITUDES = (-67.0, 52.0)
_LONGITUDES = (-180.0, 180.0)


class OneOf:
    """An annotation: the text is one of a vocabulary (pydantic's compiled code checks it, not a function)."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = list(allowed)

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(self._allowed)


Name = Annotated[str, Field(min_length=1, max_length=300)]
SiretField = Annotated[str, AfterValidator(parse_siret)]
UaiField = Annotated[str, AfterValidator(parse_uai)]
CodeCommuneField = Annotated[str, AfterValidator(parse_code_commune)]
CodePostalField = Annotated[str, AfterValidator(parse_code_postal)]
CodeRomeField = Annotated[str, AfterValidator(parse_code_rome)]
CodeNafField = Annotated[str, AfterValidator(parse_code_naf)]
Thematique = Annotated[str, OneOf(THEMATIQUES)]
Public = Annotated[str, OneOf(PUBLICS)]
ServiceType = Annotated[str, OneOf(SERVICE_TYPES)]
Frais = Annotated[str, OneOf(FRAIS)]
ModeAccueil = Annotated[str, OneOf(MODES_ACCUEIL)]
ModeMobilisation = Annotated[str, OneOf(MODES_MOBILISATION)]
MobilisablePar = Annotated[str, OneOf(MOBILISABLE_PAR)]
Network = Annotated[str, OneOf(networks())]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Coverage(_Part):
    """One territory that a listing serves: a scope and the code that names it (none for FRANCE and REMOTE)."""

    scope: Scope
    code: str = Field(default="", max_length=120)

    @model_validator(mode="after")
    def _code_where_needed(self) -> Self:
        bare = self.scope in {Scope.FRANCE, Scope.REMOTE}
        if bare == bool(self.code):
            raise ValueError(f"a coverage of scope {self.scope} takes {'no' if bare else 'a'} code")
        return self

    @property
    def token(self) -> str:
        """The coverage as one word, for indexes: ``departement:35``, ``france``."""
        return f"{self.scope}:{self.code}" if self.code else str(self.scope)


class Contact(_Part):
    """A way to reach a listing. A named person is never public by default (domain, privacy).

    Attributes:
        label: What it is for (« Accueil », « Coordonnatrice MLDS »), French.
        name: A person's name, if one is given.
        phone: E.164 (``+33199000123``) or a short national number (``3114``).
        visibility: Who may see it; ``bassin`` for a named person unless the source says it is public.
    """

    label: str = Field(default="", max_length=200)
    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=20, pattern=r"^(\+\d{6,15}|\d{2,6})?$")
    email: str = Field(default="", max_length=254, pattern=r"^([^@\s<>]+@[^@\s<>]+\.[^@\s<>]+)?$")
    url: str = Field(default="", max_length=2000, pattern=r"^(https?://\S+)?$")
    visibility: Visibility = Visibility.PUBLIC


class Occurrence(_Part):
    """One sitting of an event, with its time zone. ``end`` is after ``start``; a whole day runs to the next midnight."""

    start: datetime
    end: datetime

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an occurrence needs a time zone")
        if self.end < self.start:
            raise ValueError("an occurrence ends before it starts")
        return self


class ListingRecord(_Part):
    """One listing, as one source states it.

    A listing has a place (address, point) or a territory (coverage), both, or neither where the source gives none; the
    matcher then says what is unknown.

    Attributes:
        category: A code of ``directory/data/categories.toml`` that admits ``kind``.
        code_departement: The département, where the source gives no finer place.
        latitude: Degrees north, WGS 84.
        longitude: Degrees east, WGS 84.
        precision: How well the point is known.
        coverage: Whom it serves. Empty means unknown, not « everyone ».
        bassin_label: A bassin named by the source without a code that we know; shown, never matched.
        age_min: Youngest age served, in years, inclusive; None when the source sets none.
        age_max: Oldest age served, in years, inclusive.
        conditions: What the source says of who may come, in its own words.
        occupations: ROME codes.
        pathways: What it offers; the category's when empty.
        places: Places offered (a company's), or None when unknown.
        mobilisable_par: Who may get in touch: the person themself, or a professional.
        mobilisation_details: How to get in touch, in the source's own words.
        opening_hours: In the OpenStreetMap form.
        structure: An identity (see SourcedRecord) of the listing that carries this service; it may not be known here.
        hours_per_week: What it takes of a week, in hours.
        weeks: How long it lasts, in weeks.
        employees_min: Fewest people that a company employs there, where the source gives a number or a bracket.
        employees_max: Most people.
        checked_at: Day a person last checked it.
        updated_at: Day the source says it last changed.
        valid_from: First day it holds (a scheme).
        valid_until: Last day it holds (a scheme), inclusive.
        demonstration: Invented data, shown as such.
    """

    kind: Kind
    category: str
    name: Name
    description: str = Field(default="", max_length=20_000)
    visibility: Visibility = Visibility.PUBLIC
    # where it is
    address: str = Field(default="", max_length=500)
    code_postal: CodePostalField | None = None
    code_commune: CodeCommuneField | None = None
    code_departement: str | None = Field(default=None, pattern=r"^(\d{2}|2[AB]|9[78]\d)$")
    latitude: float | None = Field(default=None, ge=_LATITUDES[0], le=_LATITUDES[1], allow_inf_nan=False)
    longitude: float | None = Field(default=None, ge=_LONGITUDES[0], le=_LONGITUDES[1], allow_inf_nan=False)
    precision: Precision | None = None
    # whom it serves
    coverage: tuple[Coverage, ...] = ()
    bassin_label: str = Field(default="", max_length=200)
    publics: tuple[Public, ...] = ()
    age_min: int | None = Field(default=None, ge=0, le=120)
    age_max: int | None = Field(default=None, ge=0, le=120)
    conditions: str = Field(default="", max_length=2000)
    # how to reach it
    contacts: tuple[Contact, ...] = Field(default=(), max_length=50)
    modes_mobilisation: tuple[ModeMobilisation, ...] = ()
    mobilisable_par: tuple[MobilisablePar, ...] = ()
    mobilisation_details: str = Field(default="", max_length=2000)
    opening_hours: str = Field(default="", max_length=500)
    # who carries it
    structure: str | None = Field(default=None, min_length=1, max_length=400)
    # what it proposes
    thematiques: tuple[Thematique, ...] = ()
    types: tuple[ServiceType, ...] = ()
    frais: Frais | None = None
    frais_details: str = Field(default="", max_length=1000)
    modes_accueil: tuple[ModeAccueil, ...] = ()
    networks: tuple[Network, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    occupations: tuple[CodeRomeField, ...] = ()
    places: int | None = Field(default=None, ge=0, le=100_000)
    hours_per_week: float | None = Field(default=None, ge=0, le=168, allow_inf_nan=False)
    weeks: int | None = Field(default=None, ge=1, le=1000)
    # who it is
    siret: SiretField | None = None
    uai: UaiField | None = None
    naf: CodeNafField | None = None
    employees_min: int | None = Field(default=None, ge=0, le=10_000_000)
    employees_max: int | None = Field(default=None, ge=0, le=10_000_000)
    # an event's dates
    occurrences: tuple[Occurrence, ...] = Field(default=(), max_length=2000)
    event_state: EventState = EventState.OPEN
    registration_url: str = Field(default="", max_length=2000, pattern=r"^(https?://\S+)?$")
    # how fresh it is
    checked_at: date | None = None
    checked_by: str = Field(default="", max_length=200)
    updated_at: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    source_url: str = Field(default="", max_length=2000, pattern=r"^(https?://\S+)?$")
    demonstration: bool = False

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        category = categories().get(self.category)
        if category is None:
            raise ValueError(f"category {self.category!r} is unknown")
        if self.kind not in category.kinds:
            raise ValueError(f"a {self.category} is not a {self.kind}")
        if (self.latitude is None) != (self.longitude is None):
            raise ValueError("latitude and longitude go together")
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValueError("age_min is above age_max")
        if self.employees_min is not None and self.employees_max is not None and self.employees_min > self.employees_max:
            raise ValueError("employees_min is above employees_max")
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValueError("valid_from is after valid_until")
        return self


FIELDS: tuple[str, ...] = tuple(ListingRecord.model_fields)
"""Every field of a record, in order: what provenance is kept for."""


class SourcedRecord(_Part):
    """A record with where it comes from: what an importer yields for each row it understood.

    Attributes:
        source: The source's name (a folder of ``importers/sources``).
        record_id: The record's own id in its source, stable from one publication to the next.
        identities: Keys that say « the same thing » across sources with certainty (``uai:0350001A``, ``siret:…|uai:…``).
        raw: The row as it was published: header → text.
        origins: Field of the record → the raw headers it was read from, so each fact can show its original value.
        line: Where it stood in the file (1-based line, row or item), for messages.
    """

    source: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    record_id: str = Field(min_length=1, max_length=300)
    record: ListingRecord
    identities: tuple[str, ...] = ()
    raw: dict[str, str]
    origins: dict[str, tuple[str, ...]] = {}
    line: int | None = None
