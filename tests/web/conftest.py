"""A small real directory behind the pages: SQLite, the embedded index, the shipped gazetteer; invented listings."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import CodeType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from directory.database import open_engine
from directory.models.changes import ChangeSet
from directory.models.record import Contact, Coverage, ListingRecord, Occurrence, SourcedRecord
from directory.repository import Repository
from directory.services import Services
from directory.settings import read_settings
from directory.vocabulary import Visibility
from relais.services import build_services
from tests.conftest import Once
from web import create_app

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 10, tzinfo=PARIS)
FOUGERES = {"code_commune": "35115", "code_postal": "35300", "latitude": 48.3518, "longitude": -1.2005, "precision": "commune"}
AROUND = (Coverage(scope="commune", code="35115"), Coverage(scope="commune", code="35133"))

RECORDS: dict[str, dict[str, Any]] = {
    "ml": {
        "kind": "partner",
        "category": "mission_locale",
        "name": "Mission locale de Fougères",
        "description": "Accueil et accompagnement des jeunes de 16 à 25 ans.",
        "address": "12 rue des Essais",
        **FOUGERES,
        "coverage": AROUND,
        "age_min": 16,
        "age_max": 25,
        "opening_hours": "Mo-Fr 09:00-12:30",
        "checked_at": date(2026, 11, 2),
        "checked_by": "équipe d’essai",
        "thematiques": ("trouver-un-emploi--repondre-a-des-offres-demploi",),
        "contacts": (
            Contact(label="Accueil", phone="+33199000123", email="accueil@ml.example", url="https://ml.example/"),
            Contact(label="Conseillère", name="Camille Réservée", phone="+33199000199", visibility=Visibility.BASSIN),
        ),
    },
    "cio": {"kind": "partner", "category": "cio", "name": "CIO de Fougères", **FOUGERES, "coverage": AROUND},
    "fjt": {
        "kind": "partner",
        "category": "residence_fjt",
        "name": "Résidence des Remparts",
        **FOUGERES,
        "thematiques": ("logement-hebergement--louer-un-logement",),
    },
    "civique": {
        "kind": "scheme",
        "category": "service_civique",
        "name": "Service civique",
        "coverage": (Coverage(scope="france"),),
        "age_min": 16,
        "age_max": 25,
        "contacts": (Contact(url="https://civique.example/"),),
    },
    "promo": {
        "kind": "scheme",
        "category": "promo_16_18",
        "name": "Promo des essais",
        "coverage": (Coverage(scope="departement", code="35"),),
        "age_min": 16,
        "age_max": 17,
    },
    "resto": {
        "kind": "company",
        "category": "entreprise",
        "name": "Restaurant du Nançon",
        **FOUGERES,
        "occupations": ("G1602",),
        "pathways": ("apprenticeship", "internship"),
        "places": 2,
        "contacts": (Contact(phone="+33199000456"),),
    },
    "dating": {
        "kind": "event",
        "category": "job_dating",
        "name": "Job dating des remparts",
        **FOUGERES,
        "occurrences": (Occurrence(start=NOW + timedelta(days=6), end=NOW + timedelta(days=6, hours=4)),),
        "registration_url": "https://inscription.example/",
    },
    "hostile": {
        "kind": "partner",
        "category": "association",
        "name": '<script>alert("nom")</script> & Cie',
        "description": "<img src=x onerror=alert(1)> aide au permis",
        **FOUGERES,
        "thematiques": ("mobilite--preparer-un-permis",),
        "conditions": "</dd><b>gras</b>",
    },
    "atelier": {"kind": "partner", "category": "service", "name": "Atelier des essais", **FOUGERES, "structure": "essai:ml"},
    "secret": {
        "kind": "partner",
        "category": "association",
        "name": "Association réservée au bassin",
        **FOUGERES,
        "visibility": Visibility.BASSIN,
    },
}


class CompiledTemplates(BytecodeCache):
    """Templates, compiled once for all the applications of the process: each test has its own application."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session", autouse=True)
def _templates_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", CompiledTemplates())
        yield


@pytest.fixture(scope="session")
def small_directory(once: Once, new_data: Callable[[Path], Path]) -> Path:
    """A folder of data that holds the small directory, indexed. To be copied."""

    def make(folder: Path) -> None:
        built = build_services(read_settings({"RELAIS_DATA": str(new_data(folder))}))
        fill(built, RECORDS)
        built.close()

    return once("small-directory", make)


def services_on(data: Path) -> Services:
    """The services on a folder of data, at a fixed time."""
    return replace(build_services(read_settings({"RELAIS_DATA": str(data)})), clock=lambda: NOW)


@pytest.fixture(scope="session")
def services(small_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The services on the small directory, at a fixed time."""
    return services_on(shutil.copytree(small_directory, tmp_path_factory.mktemp("web") / "data", symlinks=True))


@pytest.fixture
def own(small_directory: Path, tmp_path: Path) -> Services:
    """The services on a directory of the test's own, which it may write."""
    return services_on(shutil.copytree(small_directory, tmp_path, symlinks=True, dirs_exist_ok=True))


@pytest.fixture
def people(services: Services, tmp_path: Path) -> Services:
    """The services on a copy of the small directory's database, which the test may write; index and catalogue are shared."""
    path = tmp_path / "relais.sqlite3"
    with sqlite3.connect(services.settings.data / "relais.sqlite3") as kept, sqlite3.connect(path) as copy:
        kept.backup(copy)
    kept.close()
    copy.close()
    repository = Repository(open_engine(f"sqlite:///{path}"))
    return replace(services, settings=replace(services.settings, data=tmp_path), repository=repository)


@pytest.fixture
def meeting_client(own: Services) -> Iterator[FlaskClient]:
    """A client of the pages on the small directory and one information meeting more."""
    sitting = Occurrence(start=NOW + timedelta(days=7), end=NOW + timedelta(days=7, hours=2))
    meeting = {"kind": "event", "category": "information", "name": "Réunion des remparts", **FOUGERES, "occurrences": (sitting,)}
    fill(own, {"reunion": meeting})
    with create_app(own).test_client() as opened:
        yield opened


@pytest.fixture
def fairs_client(own: Services) -> Iterator[FlaskClient]:
    """A client of the pages on the small directory, and two fairs more: one is over, one is cancelled."""
    for key, name, days, state in (("over", "Forum passé", -6, "open"), ("off", "Forum annulé", 9, "cancelled")):
        sitting = Occurrence(start=NOW + timedelta(days=days), end=NOW + timedelta(days=days, hours=4))
        fair = {"kind": "event", "category": "salon", "name": name, **FOUGERES, "occurrences": (sitting,), "event_state": state}
        fill(own, {key: fair})
    with create_app(own).test_client() as opened:
        yield opened


def fill(services: Services, records: Mapping[str, dict[str, Any]]) -> None:
    """Publish records and index them."""
    repository = services.repository
    run = repository.start_run("demonstration", [], NOW)
    added = [
        SourcedRecord(
            source="demonstration",
            record_id=key,
            record=ListingRecord(demonstration=True, **fields),
            identities=(f"essai:{key}",),
            raw={"Nom": fields["name"], "Tél.": "01 99 00 01 23", "Référent": "Camille Réservée 01 99 00 01 99"},
            origins={"name": ("Nom",), "contacts": ("Tél.", "Référent")},
        )
        for key, fields in records.items()
    ]
    counts = repository.apply(ChangeSet(source="demonstration", run_pk=run, added=added, trust={"demonstration": 10}), NOW).counts
    repository.finish_run(run, "done", counts.to_json(), [], "", NOW)
    services.keeper.catch_up()


@pytest.fixture
def make_app(services: Services) -> Callable[..., Flask]:
    """Builds the application; other services than the small directory's are given by name."""

    def make(*, theme: str = "dsfr", **others: Any) -> Flask:
        settings = replace(services.settings, theme=theme)
        return create_app(replace(services, settings=settings, **others))

    return make


@pytest.fixture
def client(make_app: Callable[..., Flask]) -> Iterator[FlaskClient]:
    """A client of the pages."""
    with make_app().test_client() as opened:
        yield opened


@pytest.fixture
def profile() -> dict[str, Any]:
    """What a référent types for an eighteen-year-old of Fougères."""
    return {
        "place": "35300 Fougères",
        "age": "18",
        "situation": "graduate",
        "diploma_level": "cap",
        "diploma_specialty": "Cuisine",
        "diploma_obtained": "oui",
        "occupations": ["cuisinier", "", ""],
        "paths": ["apprenticeship", "internship"],
        "needs": ["logement", "sante"],
        "mode": "transit",
        "max_minutes": "60",
    }
