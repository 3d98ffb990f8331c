"""MeilisearchIndex: the same questions and answers as the embedded index, from a server."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

from directory.errors import IndexUnavailable
from directory.search.analysis import clean, split_words
from directory.search.forms import read_stored
from directory.search.meilisearch import meta
from directory.search.meilisearch.answering import answer
from directory.search.meilisearch.documents import SETTINGS, SETTINGS_VERSION, TITLE, marked, to_meilisearch
from directory.search.meilisearch.filters import visible_to
from directory.search.meilisearch.server import Server, unavailable
from directory.search.questions import check
from directory.search.suggestions import best_names
from directory.search.types import SearchDocument, SearchPage, SearchQuery
from directory.vocabulary import Visibility

_BATCH = 5000
_SUGGESTED_FROM = 200
_READ_CHARACTERS = 200


class MeilisearchIndex:
    """A SearchIndex on a Meilisearch server (1.15 or later; tested on 1.21).

    Any number of processes read it. A rebuild is made beside and swapped at once; what the index holds is told by a document of
    its own, so that it travels with the swap.

    The version of the settings is in the index's name: during an upgrade the old program and the new one each have theirs. That
    of an older version goes when this one is built for the second time, long after the old program has ended.

    Args:
        url: The server's address.
        key: A key that may search and administer; empty for a server without one.
        uid: What the index's name on the server begins with.
        timeout_s: Seconds to wait for each answer: past them, the server is unavailable.

    Attributes:
        uid: The index's name on the server.
    """

    def __init__(self, url: str, key: str = "", *, uid: str = "relais", timeout_s: int = 10) -> None:
        self._server = Server(url, key, timeout_s)
        self._base, self._version = uid, SETTINGS_VERSION
        self.uid = f"{uid}-v{SETTINGS_VERSION}"

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer one question (see ``SearchIndex``)."""
        check(query)
        return answer(self._ask, query)

    def suggest(self, text: str, limit: int = 8) -> tuple[str, ...]:
        """Names of public listings that complete a text, best first."""
        words = split_words(clean(text[:_READ_CHARACTERS]))
        if not words or limit < 1:
            return ()
        *head, last = words
        said = " ".join([*(f'"{marked(word)}"' for word in dict.fromkeys(head)), marked(last)])
        asked = {"q": said, "attributesToSearchOn": [TITLE], "matchingStrategy": "all", "limit": _SUGGESTED_FROM}
        (found,) = self._ask([asked | {"filter": [visible_to(Visibility.PUBLIC)]}])
        listings = [read_stored(hit["stored"]) for hit in found["hits"]]
        # the server also completes with misspelt beginnings
        return best_names([each for each in listings if any(w.startswith(last) for w in each.words)], words, limit)

    def rebuild(self, documents: Iterable[SearchDocument], revision: int) -> int:
        """Build a new index beside, then swap. What served still serves if this fails.

        Raises:
            IndexUnavailable: The server does not answer, or refused.
        """
        draft = f"{self.uid}-{secrets.token_hex(8)}"
        total = 0

        def counted() -> Iterator[list[dict[str, Any]]]:
            nonlocal total
            for batch in _batches(map(to_meilisearch, documents)):
                total += len(batch)
                yield batch
            yield [meta.write(revision)]

        try:
            self._server.create(draft, SETTINGS)
            self._server.change(draft, counted())
            if self._server.install(self.uid, draft):
                self._drop_older()
        except BaseException:
            with suppress(IndexUnavailable):
                self._server.drop(draft)
            raise
        return total

    def update(self, documents: Iterable[SearchDocument], gone: Sequence[int], revision: int) -> None:
        """Replace some documents and take others away; a question sees all of it once this returns.

        Raises:
            IndexUnavailable: There is no index to bring up to date, or the server refused.
        """
        if self.revision() is None:
            raise unavailable("nothing to update")
        rows = list(map(to_meilisearch, documents))
        self._server.change(self.uid, [*_batches(rows), [meta.write(revision)]], gone)

    def revision(self) -> int | None:
        """The directory's revision that the index holds, None when there is no usable index."""
        try:
            (told,) = self._ask([meta.ASK])
            return meta.Meta.read(told).revision
        except IndexUnavailable:
            return None

    def _drop_older(self) -> None:
        for name in self._server.names():
            found = re.fullmatch(rf"{re.escape(self._base)}(?:-v(\d+))?", name)  # the first ones bore no version
            if found and int(found[1] or 0) < self._version:
                self._server.drop(name)

    def _ask(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return self._server.ask([{**query, "indexUid": self.uid} for query in queries])


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while batch := list(islice(rows, _BATCH)):
        yield batch
