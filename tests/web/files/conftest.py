"""A bureau at a browser, with a queue that runs when a test says so."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from directory.models.accounts import Role
from directory.services import Services
from relais.uploads import work_on
from tests.web.accounts import add_account, hidden_of, sign_in
from web import create_app

HEADER = "Structure;Adresse;CP;Ville;Tél;Mail"


ROWS = (
    "Association des Essais;1 rue Neuve;35300;Fougères;01 99 00 02 01;essais@asso.example",
    "Atelier des Remparts;2 rue Neuve;35300;Fougères;01 99 00 02 02;",
    "Maison des Essais;3 rue Neuve;35500;Vitré;douze;maison@asso.example",
)


@pytest.fixture
def queued(own: Services) -> Services:
    """The services, without the queue: each test sees to what waits by itself, as the worker does."""
    return replace(own, enqueue=lambda _number: None)


@pytest.fixture
def bureau(queued: Services) -> Iterator[FlaskClient]:
    """The pages, as the bureau of a lycée sees them."""
    with create_app(queued).test_client() as client:
        sign_in(client, add_account(queued, Role.BUREAU).email)
        yield client


def send(client: FlaskClient, text: str | bytes, file_name: str = "liste.csv", name: str = "partenaires") -> TestResponse:
    """Send a list by the form of the page."""
    data = text.encode() if isinstance(text, str) else text
    fields = {**hidden_of(client.get("/bureau/fichiers").text), "liste": name, "fichier": (io.BytesIO(data), file_name)}
    return client.post("/bureau/fichiers", data=fields, content_type="multipart/form-data")


def press(client: FlaskClient, path: str, action: str, **typed: str) -> TestResponse:
    """Press the button of a page whose form goes to an action, its choices as they are."""
    page = client.get(path).text
    form = next(each for each in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'/{action}"' in each.split(">")[0])
    chosen = {
        name: unescape((re.findall(r'<option value="([^"]*)" selected', options) or [""])[0])
        for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL)
    }
    return client.post(re.findall(r'action="([^"]+)"', form)[0], data={**chosen, **hidden_of(form), **typed})


def to_plan(client: FlaskClient, core: Services, text: str | bytes, **more: str) -> str:
    """The address of a list that was sent, its columns kept as they were proposed, and foreseen."""
    path = send(client, text, **more).location
    number = int(path.rsplit("/", 1)[1])
    work_on(core, number)
    press(client, path, "colonnes")
    work_on(core, number)
    return path


def to_published(client: FlaskClient, core: Services, text: str | bytes, **more: str) -> str:
    path = to_plan(client, core, text, **more)
    press(client, path, "publier")
    work_on(core, int(path.rsplit("/", 1)[1]))
    return path


def seen(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).text).replace("\u00a0", " ").replace("\u202f", " ")
