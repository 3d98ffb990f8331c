"""Services: everything a page, a command or a job needs, built once by the composition root and handed down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from directory.catalogue import CatalogueHolder
from directory.geocoding.gazetteer import Gazetteer
from directory.repository import Repository
from directory.search.types import SearchIndex
from directory.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the rooms above are given. ``clock`` is the only clock: it answers an aware datetime, Europe/Paris."""

    settings: Settings
    repository: Repository
    index: SearchIndex
    gazetteer: Gazetteer
    catalogue: CatalogueHolder
    clock: Callable[[], datetime]
