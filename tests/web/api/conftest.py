"""The API on the small directory, with keys of every sort; and a real server for the programs that ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.services import Services
from web import create_app

SITE = "https://site.example"
FREELY = {"per_minute": 100_000, "per_day": 100_000_000}


@pytest.fixture(scope="session")
def new_key(services: Services) -> Callable[..., str]:
    """Makes a key: its text. Everything is open to it unless told otherwise."""

    def make(*scopes: ApiScope, **options: Any) -> str:
        new = make_key("Essais", scopes or tuple(ApiScope), services.clock(), **{**FREELY, **options})
        services.repository.keep_keys(new=new.key)
        return new.text

    return make


@pytest.fixture(scope="session")
def key(new_key: Callable[..., str]) -> str:
    """A key that opens everything, from a server or from the pages of one site."""
    return new_key(origins=(SITE,))


@pytest.fixture
def api(services: Services) -> Iterator[FlaskClient]:
    """A client of an application of its own, so that nothing is counted yet."""
    with create_app(services).test_client() as client:
        yield client


@pytest.fixture
def headers(key: str) -> dict[str, str]:
    """The headers of who has the key."""
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="session")
def api_server(services: Services) -> Iterator[str]:
    """The address of a real server."""
    settings = replace(services.settings, api_anonymous="100000/minute")
    server = make_server("127.0.0.1", 0, create_app(replace(services, settings=settings)), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
