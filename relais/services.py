"""From settings to services: where every part is chosen and put together."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from directory.catalogue import CatalogueHolder
from directory.database import open_engine, upgrade
from directory.errors import InvalidSetting
from directory.geocoding.gazetteer import open_gazetteer
from directory.repository import Repository
from directory.search.embedded import EmbeddedIndex
from directory.services import Services
from directory.settings import Settings
from importers.source import sources

PARIS = ZoneInfo("Europe/Paris")


def now() -> datetime:
    """The time, in the time zone of the people who ask."""
    return datetime.now(PARIS)


def build_services(settings: Settings) -> Services:
    """Open the database (brought to the current schema), the index, the gazetteer and the catalogue.

    Raises:
        DatabaseError: The database cannot be opened.
        InvalidSetting: A setting names what this version does not have.
    """
    if settings.search != "embedded":
        raise InvalidSetting(
            "RELAIS_SEARCH",
            settings.search,
            "not available yet",
            public="Cette version ne connaît que l’index embarqué : RELAIS_SEARCH=embedded.",
        )
    for name in sorted(settings.keys.keys() - sources().keys()):
        raise InvalidSetting(
            f"RELAIS_KEY_{name.upper()}", "…", "no such source", public=f"RELAIS_KEY_{name.upper()} : aucune source de ce nom."
        )
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    upgrade(engine)
    repository = Repository(engine)
    gazetteer = open_gazetteer(settings.data / "cache")
    return Services(
        settings=settings,
        repository=repository,
        index=EmbeddedIndex(settings.index_path),
        gazetteer=gazetteer,
        catalogue=CatalogueHolder(repository, gazetteer.commune_name),
        clock=now,
    )
