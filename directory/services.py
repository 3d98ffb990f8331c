"""Services: everything a page, a command or a job needs, built once by the composition root and handed down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from directory.catalogue_holder import CatalogueHolder
from directory.company_register import CompanyRegister
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.isochrones import IsochroneService
from directory.message import MessageReader
from directory.repository import Repository
from directory.responses import ResponsesHolder
from directory.search.step import IndexKeeper
from directory.search.types import Search
from directory.settings import Settings
from directory.sources import KnownSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the rooms above are given.

    Attributes:
        index: Answers questions.
        sources: Every source that the instance knows, by name.
        keeper: Keeps the indexes in step with the directory.
        responses: What came of contacts with partners.
        itineraries: Draws what is reached by road; None when no service is set.
        register: Asks about companies; None when no service is set.
        enqueue: Hands a list that was sent (``directory.models.uploads``) over to the worker, by its number.
        read_message: Reads what a pasted e-mail proposes.
        clock: The only clock: it answers an aware datetime, Europe/Paris.
    """

    settings: Settings
    repository: Repository
    index: Search
    keeper: IndexKeeper
    gazetteer: Gazetteer
    catalogue: CatalogueHolder
    responses: ResponsesHolder
    itineraries: IsochroneService | None
    register: CompanyRegister | None
    read_message: MessageReader
    clock: Callable[[], datetime]
    sources: tuple[KnownSource, ...] = ()
    enqueue: Callable[[int], None]

    def close(self) -> None:
        """Close the connections: a process about to start others must share none with them."""
        self.repository.close()
        self.gazetteer.close()

    @property
    def trust(self) -> dict[str, int]:
        """Source → rank among sources, for the merge that follows a decision."""
        return {source.name: source.trust for source in self.sources}
