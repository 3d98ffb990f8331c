"""A Meilisearch server: one connection kept open by thread, several questions in one request, tasks waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import requests
from meilisearch import Client
from meilisearch._httprequests import HttpRequests
from meilisearch.errors import MeilisearchApiError, MeilisearchError

from directory.errors import IndexUnavailable
from directory.search.meilisearch.filters import of_keys

_LONGEST_TASK_S = 3600.0
_HEADERS = {"Accept-Encoding": "identity"}
"""With gzip and a connection kept open, the server answers 40 ms later."""


class _KeepAlive(HttpRequests):
    """The official client's requests over one connection, where it opens one for each.

    Nothing is sent where there is nothing to say: the client sends « null » with a deletion, the server does not read it, then
    never answers what follows on that connection (actix-web's issue 2632).
    """

    def __init__(self, client: Client) -> None:
        super().__init__(client.config, _HEADERS)
        self._session = requests.Session()

    def send_request(self, http_method: Callable[..., Any], path: str, body: Any = None, *args: Any, **facts: Any) -> Any:
        method = getattr(self._session, http_method.__name__)
        return super().send_request(method, path, "" if body is None else body, *args, **facts)


class Server:
    """A server, asked from any thread.

    Args:
        url: Its address.
        key: A key that may search and administer the index; empty for a server without one.
        timeout_s: Seconds to wait for each answer.
    """

    def __init__(self, url: str, key: str, timeout_s: int) -> None:
        self._url, self._key, self._timeout_s = url.rstrip("/"), key, timeout_s
        self._local = threading.local()

    @property
    def _client(self) -> Client:
        client = getattr(self._local, "client", None)
        if client is None:
            client = Client(self._url, self._key or None, timeout=self._timeout_s, custom_headers=_HEADERS)
            client.http = _KeepAlive(client)
            self._local.client = client
        return client

    def ask(self, queries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The answers to several questions, in their order, in one request.

        Raises:
            IndexUnavailable: The server does not answer, or has no such index.
        """
        with _server_errors("searching"):
            answers: list[dict[str, Any]] = self._client.multi_search(queries)["results"]
            return answers

    def create(self, uid: str, settings: Mapping[str, Any]) -> None:
        """Make an empty index."""
        with _server_errors("creating"):
            self._wait(self._client.create_index(uid, {"primaryKey": "pk"}).task_uid)
            self._wait(self._client.index(uid).update_settings(dict(settings)).task_uid)

    def change(self, uid: str, batches: Iterable[list[dict[str, Any]]], gone: Sequence[int] = ()) -> None:
        """Take documents away, add or replace others, and wait until all is seen. The server does it in this order."""
        with _server_errors("writing"):
            index = self._client.index(uid)
            tasks = [index.delete_documents(filter=of_keys(gone)).task_uid] if gone else []
            tasks += [index.add_documents(batch, "pk").task_uid for batch in batches]
            for task in tasks:
                self._wait(task)

    def install(self, uid: str, draft: str) -> bool:
        """Put a finished index in the place of the one that serves, at once, and drop what served. Returns whether one did."""
        with _server_errors("swapping"):
            if served := self.has(uid):
                self._wait(self._client.swap_indexes([{"indexes": [uid, draft]}]).task_uid)
                self.drop(draft)
            else:
                self._wait(self._client.swap_indexes([{"indexes": [draft, uid], "rename": True}]).task_uid)
            return served

    def drop(self, uid: str) -> None:
        """Remove an index."""
        with _server_errors("dropping"):
            self._wait(self._client.delete_index(uid).task_uid)

    def names(self) -> list[str]:
        """The indexes that the server has, as many as are ever looked at."""
        with _server_errors("listing"):
            return [index.uid for index in self._client.get_indexes({"limit": 1000})["results"]]

    def has(self, uid: str) -> bool:
        """Whether the server has this index."""
        try:
            self._client.get_raw_index(uid)
        except MeilisearchApiError as error:
            if error.code == "index_not_found":
                return False
            raise
        return True

    def _wait(self, task: int) -> None:
        pause, until = 0.002, time.monotonic() + _LONGEST_TASK_S
        while time.monotonic() < until:
            state = self._client.get_task(task)
            if state.status == "succeeded":
                return
            if state.status in {"failed", "canceled"}:
                raise unavailable(f"task {task} {state.status}: {state.error}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)
        raise unavailable(f"task {task} still not done after {_LONGEST_TASK_S} s")


def unavailable(reason: str) -> IndexUnavailable:
    """The error to raise when the server cannot serve."""
    return IndexUnavailable(
        f"Meilisearch: {reason}", public="Le moteur de recherche est indisponible ; « relais doctor » dit pourquoi."
    )


@contextmanager
def _server_errors(doing: str) -> Iterator[None]:
    try:
        yield
    except (MeilisearchError, requests.RequestException, ValueError, KeyError) as error:
        raise unavailable(f"{doing}: {error}") from error
