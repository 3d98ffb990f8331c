"""ResponseHistory: what came of contacts with partners, kept in memory while it does not change."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from directory.models.responses import ResponseCounts


@dataclass(frozen=True, slots=True)
class ResponseHistory:
    """Counts by listing.

    Attributes:
        of_listing: Listing's id → its counts, one for each filière.
    """

    of_listing: Mapping[str, tuple[ResponseCounts, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.of_listing)


def history_of(counts: Iterable[ResponseCounts]) -> ResponseHistory:
    """A history of some counts; contacts that were all taken back are none."""
    found: dict[str, tuple[ResponseCounts, ...]] = {}
    for each in counts:
        if each.contacted:
            found[each.listing_id] = (*found.get(each.listing_id, ()), each)
    return ResponseHistory(found)


class _Kept(Protocol):
    def responses_version(self) -> str: ...
    def load_responses(self) -> list[ResponseCounts]: ...


class ResponsesHolder:
    """The history as it is in the database, for the threads of one process."""

    def __init__(self, repository: _Kept) -> None:
        self._repository = repository
        self._lock = threading.Lock()
        self._held: tuple[str, ResponseHistory] = "", ResponseHistory()

    def current(self) -> ResponseHistory:
        """The history, read again when a contact was counted since."""
        version = self._repository.responses_version()
        with self._lock:
            if self._held[0] != version:
                self._held = version, history_of(self._repository.load_responses())
            return self._held[1]
