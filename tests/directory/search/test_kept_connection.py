"""What the kept connection to Meilisearch must bear: a body left unread there makes the server deaf to the next request."""

from __future__ import annotations

import secrets

import pytest

from directory.search.meilisearch.server import Server
from tests.meilisearch_server import MeilisearchServer

pytestmark = pytest.mark.meilisearch
TIMES = 15


def test_what_is_asked_after_a_deletion_is_answered(meilisearch_server: MeilisearchServer) -> None:
    server = Server(meilisearch_server.url, meilisearch_server.key, timeout_s=30)
    kept, uid = f"test-{secrets.token_hex(6)}", f"test-{secrets.token_hex(6)}"
    server.create(kept, {})

    for _ in range(TIMES):
        server.create(uid, {})
        server.drop(uid)
        (found,) = server.ask([{"indexUid": kept, "q": ""}])
        assert found["hits"] == []

    server.drop(kept)
