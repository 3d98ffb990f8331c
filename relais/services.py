"""From settings to services: where every part is chosen and put together."""

from __future__ import annotations

import gc
import logging
import multiprocessing
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from directory import referentials
from directory.catalogue_holder import CatalogueHolder
from directory.database import open_engine, upgrade
from directory.errors import InvalidSetting, french_cause
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer
from directory.geocoding.isochrones import IsochroneService
from directory.http import Fetcher, is_public, is_public_or_loopback
from directory.repository import Repository
from directory.responses import ResponsesHolder
from directory.search.documents import build_documents
from directory.search.embedded import EmbeddedIndex
from directory.search.standby import StandbySearch
from directory.search.step import IndexKeeper
from directory.search.types import SearchDocument, SearchIndex
from directory.services import Services
from directory.settings import Settings
from directory.sources import KnownSource
from directory.tracing import watch_queries
from importers.company_search import CompanySearch
from importers.message import message_reader
from importers.source import Source, key_names
from importers.source import sources as known_sources
from matching.duplicates import DuplicateComparer
from matching.weights import read_policy
from relais.background import give_way
from relais.queue import WorkQueue

COLLECTING = (200_000, 20, 100)
"""Python looks for cycles after that many more objects, instead of 700: imports and the index make millions of them and no cycle,
and looking took from a sixth to a third of their time."""
PARIS = ZoneInfo("Europe/Paris")
_COLUMNS = Path("cache", "catalogue.columns")
_log = logging.getLogger(__name__)


def now() -> datetime:
    """The time, in the time zone of the people who ask."""
    return datetime.now(PARIS)


def build_services(settings: Settings) -> Services:
    """Open the database (brought to the current schema), the index, the gazetteer and the catalogue.

    Raises:
        DatabaseError: The database cannot be opened.
    """
    for name in sorted(settings.keys.keys() - key_names()):
        raise InvalidSetting(
            f"RELAIS_KEY_{name.upper()}",
            "…",
            "no such key",
            public=f"RELAIS_KEY_{name.upper()} : aucune source n’a de clé de ce nom.",
        )
    gc.set_threshold(*COLLECTING)
    _open_folder(settings.data)
    read_policy(settings.weights)  # a mistaken weight is told at start
    engine = open_engine(settings.database_url)
    watch_queries(engine, settings.slow_ms)
    upgrade(engine)
    repository = Repository(engine, DuplicateComparer())
    referentials.use(repository)
    gazetteer = open_gazetteer(settings.data / "cache")
    gazetteer.imported_lycee = repository.find_lycee
    engines = _engines(settings)
    return Services(
        settings=settings,
        repository=repository,
        index=engines[0] if len(engines) == 1 else StandbySearch(engines[0], engines[1]),
        keeper=IndexKeeper(
            repository,
            gazetteer,
            engines,
            settings.data / "index-keeper.lock",
            produce=partial(produce_documents, settings),
            bring_apart=partial(_apart, _bring_indexes, settings),
        ),
        gazetteer=gazetteer,
        catalogue=CatalogueHolder(
            repository,
            gazetteer.commune_name,
            settings.data / _COLUMNS,
            settings.database_url,
            make=partial(_apart, _make_catalogue, settings),
        ),
        responses=ResponsesHolder(repository),
        itineraries=_itineraries(settings, gazetteer),
        register=_register(settings, gazetteer),
        read_message=message_reader(gazetteer),
        clock=now,
        sources=tuple(_known(source) for source in known_sources().values()),
        enqueue=WorkQueue(settings, repository).put,
    )


def _known(source: Source) -> KnownSource:
    return KnownSource(
        name=source.name,
        label=source.label,
        publisher=source.publisher,
        licence=source.licence,
        homepage=source.homepage,
        freshness_days=source.freshness_days,
        trust=source.trust,
    )


def produce_documents(settings: Settings) -> Iterator[SearchDocument]:
    """Every search document, for a process that has no services yet."""
    services = build_services(settings)
    return build_documents(services.repository.iterate_listings(), services.gazetteer)


def _apart(work: Callable[[Settings], None], settings: Settings) -> None:
    """Have something done by a process of its own, which gives way to whoever answers and takes its memory away with it."""
    context = multiprocessing.get_context("spawn")  # a fork would share the database's connections and the engine's threads
    process = context.Process(target=_giving_way, args=(work, settings), name="relais-apart", daemon=True)
    process.start()
    process.join()
    if process.exitcode:
        _log.warning("the process of %s ended with %s", work.__name__, process.exitcode)


def _giving_way(work: Callable[[Settings], None], settings: Settings) -> None:
    give_way(settings.nice)
    work(settings)


def _bring_indexes(settings: Settings) -> None:
    """Bring every index up to date, for a process that serves and holds the lock."""
    build_services(settings).keeper.bring()


def _make_catalogue(settings: Settings) -> None:
    """Read every listing into the catalogue's file."""
    gc.set_threshold(*COLLECTING)
    engine = open_engine(settings.database_url)
    CatalogueHolder(Repository(engine), file=settings.data / _COLUMNS, directory=settings.database_url).make()
    engine.dispose()


def _register(settings: Settings, gazetteer: Gazetteer) -> CompanySearch | None:
    if not settings.companies_url:
        return None
    return CompanySearch(url=settings.companies_url, fetcher=_for_who_waits(settings), gazetteer=gazetteer, clock=now)


def _for_who_waits(settings: Settings) -> Fetcher:
    """One short try: without an answer, something else stands in."""
    allowed = is_public_or_loopback if settings.loopback else is_public
    return Fetcher(max_bytes=5_000_000, timeout=4.0, deadline=5.0, attempts=1, allowed=allowed)


def _itineraries(settings: Settings, gazetteer: Gazetteer) -> IsochroneService | None:
    if not settings.itineraries_url:
        return None
    folder = settings.data / "cache" / "isochrones"
    fetcher = _for_who_waits(settings)
    return IsochroneService(url=settings.itineraries_url, fetcher=fetcher, folder=folder, commune=gazetteer.get_commune)


def _open_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidSetting(
            "RELAIS_DATA",
            str(folder),
            str(error),
            public=f"Le dossier des données (RELAIS_DATA) ne peut pas être créé ou ouvert : {folder}, {french_cause(error)}.",
        ) from error


def _engines(settings: Settings) -> list[SearchIndex]:
    """The engines to keep in step; the first answers, the second when it does not."""
    embedded = EmbeddedIndex(settings.index_path)
    if settings.search == "embedded":
        return [embedded]
    # slow to import, and of no use to who has no server
    from directory.search.meilisearch import MeilisearchIndex  # noqa: PLC0415

    server = MeilisearchIndex(settings.search, settings.search_key, timeout_s=settings.search_timeout)
    return [server, embedded] if settings.search_standby else [server]
