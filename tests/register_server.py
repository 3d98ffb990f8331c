"""The company-search API, played on the loopback: it knows a few invented establishments, and can misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.serving import serving

FOUGERES, RENNES = ("35115", "35300", "FOUGERES"), ("35238", "35000", "RENNES")


def establishment(siret: str, commune: tuple[str, str, str], **more: Any) -> dict[str, Any]:
    """An establishment as the API states it."""
    code, postal, town = commune
    return {
        "siret": siret,
        "adresse": f"3 RUE DES ESSAIS {postal} {town}",
        "code_postal": postal,
        "commune": code,
        "libelle_commune": town,
        "activite_principale": "43.32A",
        "tranche_effectif_salarie": "12",
        "etat_administratif": "A",
        "statut_diffusion_etablissement": "O",
        "latitude": "48.35",
        "longitude": "-1.20",
        **more,
    }


def unit(name: str, siege: dict[str, Any], *matching: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A legal unit: its head office, and the establishments that answer."""
    return {
        "siren": siege["siret"][:9],
        "nom_complet": name,
        "etat_administratif": "A",
        "statut_diffusion": "O",
        "siege": siege,
        "matching_etablissements": [siege, *matching],
        **more,
    }


# invented: the keys of Luhn hold
OPEN, AGENCY, SHUT, HIDDEN = "10000003300017", "10000003300025", "10000005800014", "10000004100010"
UNITS = (
    unit("MENUISERIE DES ESSAIS", establishment(OPEN, RENNES), establishment(AGENCY, FOUGERES, liste_enseignes=["ATELIER NORD"])),
    unit("MENUISERIE FERMEE", establishment(SHUT, FOUGERES, etat_administratif="F")),
    unit(
        "[NON-DIFFUSIBLE]",
        establishment(HIDDEN, FOUGERES, statut_diffusion_etablissement="P", liste_enseignes=["MENUISERIE CACHEE"]),
        statut_diffusion="P",
    ),
)
_NONSENSE = {"siren": 1, "nom_complet": ["<b>"], "siege": "x", "etat_administratif": None, "matching_etablissements": [{}, 7]}


@dataclass
class Register:
    """The server's address, how it behaves, and what it was asked.

    Attributes:
        mood: ``well``, ``429``, ``500``, ``slow``, ``html``, ``garbage``, ``list``, ``nonsense``, ``deep`` or ``large``.
        asked: The parameters of each question.
    """

    url: str = ""
    mood: str = "well"
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serve_register() -> Iterator[Register]:
    """The server, for the time of the block."""
    register = Register()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            register.asked.append(asked)
            if register.mood == "slow":
                threading.Event().wait(3)
            status, body = _behave(register.mood, asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # a client that did not wait
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with serving(Handler) as register.url:
        yield register


def _behave(mood: str, asked: dict[str, str]) -> tuple[int, bytes]:
    bad = {
        "429": (429, b"{}"),
        "500": (500, b"{}"),
        "html": (200, b"<!DOCTYPE html><html><body>Maintenance</body></html>"),
        "garbage": (200, bytes(range(256)) * 20),
        "list": (200, b"[1, 2]"),
        "nonsense": (200, json.dumps({"results": [_NONSENSE]}).encode()),
        "deep": (200, b'{"results":' + b"[" * 100_000),
        "large": (200, b'{"results": [' + b" " * 6_000_000),
    }
    return bad[mood] if mood in bad else (200, json.dumps({"results": _answer(asked)}).encode())


def _answer(asked: dict[str, str]) -> list[dict[str, Any]]:
    words, commune = asked["q"].lower(), asked.get("code_commune", "")
    found = []
    for each in UNITS:
        known = each["matching_etablissements"]
        if words in json.dumps(each).lower():
            matching = [
                one
                for one in known
                if commune in {"", one["commune"]} and (not words.isdecimal() or one["siret"].startswith(words))
            ]
            found += [{**each, "matching_etablissements": matching}] if matching else []
    return found
