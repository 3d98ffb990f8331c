"""Meilisearch goes, comes back, is slow, is emptied, or holds another version's index: search goes on, and says who answers."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import urllib3

from directory.search.meilisearch.documents import META, SETTINGS_VERSION
from tests.meilisearch_server import MeilisearchServer, running_meilisearch
from tests.torture.instance import Instance, until

pytestmark = [pytest.mark.torture, pytest.mark.meilisearch]
MISSION = "/recherche?q=mission+locale"
TIMES = 3
_BESIDE = "index de secours"
_INDEX = f"relais-v{SETTINGS_VERSION}"


@pytest.fixture
def engine() -> Iterator[MeilisearchServer]:
    """A server of the test's own: it is broken."""
    with running_meilisearch() as server:
        yield server


@pytest.fixture
def served(instance: Instance, engine: MeilisearchServer) -> Iterator[Instance]:
    """The instance on that server, with the index beside that every host keeps."""
    instance.environ |= {"RELAIS_SEARCH": engine.url, "RELAIS_SEARCH_KEY": engine.key, "RELAIS_SEARCH_TIMEOUT": "3"}
    assert instance.run("reindex").returncode == 0
    with instance.served():
        yield instance


def answered(instance: Instance) -> str:
    """Who answered a search: the server, the index beside, or nobody."""
    status, page = instance.get(MISSION)
    if status != 200 or "Mission locale" not in page:
        return f"nobody ({status})"
    return "beside" if _BESIDE in page else "server"


def test_the_server_goes_and_comes_back(served: Instance, engine: MeilisearchServer, capsys: pytest.CaptureFixture[str]) -> None:
    seen = Counter[str]()
    for _ in range(TIMES):
        assert until(lambda: answered(served) == "server")
        engine.stop()
        away = [answered(served) for _ in range(10)]
        seen.update(away)
        engine.start()

        assert set(away) == {"beside"}
        assert until(lambda: answered(served) == "server")
    with capsys.disabled():
        print(f"\nMeilisearch stopped {TIMES} times: {dict(seen)}")


def test_the_server_is_emptied_and_filled_again(served: Instance, engine: MeilisearchServer) -> None:
    for _ in range(TIMES):
        assert until(lambda: answered(served) == "server")
        headers = {"Authorization": f"Bearer {engine.key}"}
        assert urllib3.request("DELETE", f"{engine.url}/indexes/{_INDEX}", headers=headers).status == 202

        seen = [answered(served) for _ in range(10)]

        assert set(seen) <= {"server", "beside"}
        assert until(lambda: answered(served) == "server")


def test_an_index_of_another_version_is_not_read_and_is_built_again(served: Instance, engine: MeilisearchServer) -> None:
    headers = {"Authorization": f"Bearer {engine.key}"}
    for _ in range(TIMES):
        assert until(lambda: answered(served) == "server")
        stale = [{"pk": META, "stored": '{"version": 1, "revision": 0, "key": "00"}'}]
        sent = urllib3.request("POST", f"{engine.url}/indexes/{_INDEX}/documents", headers=headers, json=stale)
        assert sent.status == 202
        time.sleep(1)

        assert until(lambda: answered(served) == "server")
        meta = urllib3.request("GET", f"{engine.url}/indexes/{_INDEX}/documents/{META}", headers=headers).json()
        assert '"version": 1,' not in str(meta)


@contextmanager
def between(engine: MeilisearchServer) -> Iterator[tuple[str, threading.Event]]:
    """A way to the server that, once told, holds every byte: the server is there, and answers nothing."""
    held, over = threading.Event(), threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)

    def carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65536):
                while held.is_set() and not over.is_set():
                    time.sleep(0.05)
                target.sendall(data)

    def accept() -> None:
        while not over.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                continue
            server = socket.create_connection(("127.0.0.1", engine.port))
            for pair in ((client, server), (server, client)):
                threading.Thread(target=carry, args=pair, daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", held
    finally:
        over.set()
        thread.join()
        listener.close()


def test_a_server_that_stops_answering_in_the_middle_is_left_alone(instance: Instance, engine: MeilisearchServer) -> None:
    with between(engine) as (address, held):
        instance.environ |= {"RELAIS_SEARCH": address, "RELAIS_SEARCH_KEY": engine.key, "RELAIS_SEARCH_TIMEOUT": "2"}
        assert instance.run("reindex").returncode == 0
        with instance.served():
            for _ in range(TIMES):
                assert until(lambda: answered(instance) == "server")
                held.set()
                seen = [answered(instance) for _ in range(8)]
                held.clear()

                assert set(seen) <= {"server", "beside"}
                assert "beside" in seen
                assert until(lambda: answered(instance) == "server")
