"""The words listings are described with: data·inclusion's v1 vocabularies, our superset of networks, kinds and categories."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from data_inclusion.schema import v1


class Kind(StrEnum):
    """The four kinds of listing."""

    PARTNER = "partner"
    SCHEME = "scheme"
    COMPANY = "company"
    EVENT = "event"


class Visibility(StrEnum):
    """Who may see a listing or a contact. The order is from the narrowest to the widest."""

    PRIVATE = "private"
    BASSIN = "bassin"
    PUBLIC = "public"


class Scope(StrEnum):
    """What a coverage names. FRANCE and REMOTE carry no code."""

    COMMUNE = "commune"
    EPCI = "epci"
    BASSIN = "bassin"
    ESTABLISHMENT = "establishment"
    DEPARTEMENT = "departement"
    ACADEMIE = "academie"
    REGION = "region"
    FRANCE = "france"
    REMOTE = "remote"


class Precision(StrEnum):
    """How well a listing's point is known, the best first."""

    POINT = "point"
    ADDRESS = "address"
    STREET = "street"
    COMMUNE = "commune"
    NAME = "name"
    """The commune was read in the listing's own name (« Mission locale du Pays d’Épernay »)."""
    DEPARTEMENT = "departement"
    """Only the département is known: no point."""


class Pathway(StrEnum):
    """What a student may wish and a listing may offer."""

    APPRENTICESHIP = "apprenticeship"
    JOB = "job"
    TRAINING = "training"
    INTERNSHIP = "internship"
    IMMERSION = "immersion"
    VISIT = "visit"
    WORKSHOP = "workshop"
    COURSES = "courses"
    CIVIC_SERVICE = "civic_service"
    SOCIAL_CLAUSE = "social_clause"
    SUPPORT = "support"


class When(StrEnum):
    """When a result is for, seen from the parcours (domain rule A9)."""

    DURING = "pendant"
    ENDS_IT = "met_fin"
    AFTER = "apres"


class EventState(StrEnum):
    """State of an event. A cancelled or full one never ranks; a postponed one counts at its new date."""

    OPEN = "open"
    FULL = "full"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class Competence(StrEnum):
    """What decides which listing of a category serves a student first."""

    HOME_COMMUNE = "home_commune"
    BASSIN = "bassin"
    ESTABLISHMENT = "establishment"


@dataclass(frozen=True, slots=True)
class Category:
    """What a listing is (``directory/data/categories.toml``)."""

    code: str
    label: str
    plural: str
    kinds: tuple[Kind, ...]
    networks: tuple[str, ...]
    competence: Competence | None
    when: When
    pathways: tuple[Pathway, ...]
    thematiques: tuple[str, ...]
    words: tuple[str, ...]


KIND_LABELS: Mapping[Kind, str] = {
    Kind.PARTNER: "Partenaires",
    Kind.SCHEME: "Dispositifs",
    Kind.COMPANY: "Entreprises",
    Kind.EVENT: "Salons et événements",
}
PATHWAY_LABELS: Mapping[Pathway, str] = {
    Pathway.APPRENTICESHIP: "Apprentissage",
    Pathway.JOB: "Emploi",
    Pathway.TRAINING: "Formation",
    Pathway.INTERNSHIP: "Stage (PFMP)",
    Pathway.IMMERSION: "Immersion",
    Pathway.VISIT: "Visite d’entreprise",
    Pathway.WORKSHOP: "Atelier",
    Pathway.COURSES: "Cours",
    Pathway.CIVIC_SERVICE: "Service civique",
    Pathway.SOCIAL_CLAUSE: "Clause sociale",
    Pathway.SUPPORT: "Accompagnement",
}
WHEN_LABELS: Mapping[When, str] = {
    When.DURING: "Pendant le parcours",
    When.ENDS_IT: "Met fin au parcours",
    When.AFTER: "Après le parcours",
}


def _labels(enum: Iterable[Any]) -> dict[str, str]:
    return {member.value: member.label for member in enum}


THEMATIQUES: Mapping[str, str] = _labels(v1.Thematique)
PUBLICS: Mapping[str, str] = _labels(v1.Public)
SERVICE_TYPES: Mapping[str, str] = _labels(v1.TypeService)
FRAIS: Mapping[str, str] = _labels(v1.Frais)
MODES_ACCUEIL: Mapping[str, str] = _labels(v1.ModeAccueil)
MODES_MOBILISATION: Mapping[str, str] = _labels(v1.ModeMobilisation)
MOBILISABLE_PAR: Mapping[str, str] = _labels(v1.PersonneMobilisatrice)
DATA_INCLUSION_NETWORKS: Mapping[str, str] = _labels(v1.ReseauPorteur)

ACCESSIBILITY: Mapping[str, str] = {"decrite": "accessibilité du lieu décrite (Acceslibre)"}
"""What sources say of access for people with disabilities: data·inclusion gives the page that describes it, not a verdict."""
ACCESSIBILITY_CONTACT = "Accessibilité du lieu"
"""Label of the contact that is that page."""

ALL_PUBLICS = "tous-publics"
REMOTE_MODE = "a-distance"


@cache
def networks() -> Mapping[str, str]:
    """Every network, code to French label: data·inclusion's and ours."""
    ours = tomllib.loads(_read("networks.toml"))
    return {**DATA_INCLUSION_NETWORKS, **ours}


@cache
def categories() -> Mapping[str, Category]:
    """Every category by its code, in the file's order."""
    table = tomllib.loads(_read("categories.toml"))
    return {code: _category(code, entry) for code, entry in table.items()}


def _category(code: str, entry: Mapping[str, Any]) -> Category:
    competence = entry.get("competence")
    return Category(
        code=code,
        label=entry["label"],
        plural=entry["plural"],
        kinds=tuple(Kind(kind) for kind in entry["kinds"]),
        networks=tuple(entry["networks"]),
        competence=Competence(competence) if competence else None,
        when=When(entry["when"]),
        pathways=tuple(Pathway(pathway) for pathway in entry["pathways"]),
        thematiques=tuple(entry["thematiques"]),
        words=tuple(entry["words"]),
    )


def _read(name: str) -> str:
    return resources.files("directory").joinpath("data", name).read_text(encoding="utf-8")
