"""``relais check-links`` and what ``relais doctor`` says of the directory, on the demonstration territory."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler

import pytest

from directory.models.changes import ChangeSet
from directory.models.record import Contact
from directory.services import Services
from directory.settings import read_settings
from relais.services import build_services
from tests.factories import sourced
from tests.relais.conftest import Command
from tests.serving import serving

pytestmark = pytest.mark.usefixtures("closing")


class _Gone(BaseHTTPRequestHandler):
    """A site of which only robots.txt is left."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.send_response(200 if self.path == "/robots.txt" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def add(address: str) -> Services:
    """Publish one listing of Finistère, whose page is at an address."""
    core = build_services(read_settings())
    now = core.clock()
    run = core.repository.start_run("tableur", [], now)
    record = sourced("1", "tableur", code_commune="29019", contacts=(Contact(url=address + "/page"),))
    core.repository.apply(ChangeSet(source="tableur", run_pk=run, added=[record], trust=core.trust), now)
    core.repository.finish_run(run, "done", {}, [], "", now)
    return core


def test_dead_links_are_found_once_and_the_doctor_tells_them(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELAIS_LOOPBACK", "oui")
    with serving(_Gone) as address:
        add(address)
        waiting = command("check-links", "--departement", "29", "--dry-run", "--json").json()
        done = command("check-links", "--departement", "29", "--pause", "0.2", "--json").json()
        again = command("check-links", "--departement", "29", "--json").json()

    told = command("doctor", "--departement", "29")

    assert waiting == {"waiting": 1}
    assert (done["checked"], done["dead"], again["checked"]) == (1, 1, 0)
    assert "! Liens : 1 lien mort" in told.out
    assert "communes sans mission locale compétente" not in command("doctor", "--departement", "35").out


def test_the_loopback_is_asked_nothing_without_its_setting(command: Command) -> None:
    with serving(_Gone) as address:
        add(address)
        done = command("check-links", "--departement", "29", "--json").json()

    assert (done["closed"], done["dead"]) == (1, 0)


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [(("--bassin", "zz"), 1, "Territoire inconnu"), (("--departement", "35", "--academie", "Rennes"), 2, "Un seul territoire")],
)
def test_a_territory_that_is_none_or_two_is_refused(command: Command, options: tuple[str, ...], status: int, said: str) -> None:
    refused = command("doctor", *options)

    assert (refused.status, said in refused.err) == (status, True)
