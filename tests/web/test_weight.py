"""What a first load weighs, compressed, beyond the design system; and that answers do come compressed."""

from __future__ import annotations

import gzip
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

MOST_BYTES = 200_000
DESIGN_SYSTEM = re.compile(r"/static/vendor/(?:dsfr\.css|fonts/|icons/|favicon)")
GZIP = {"Accept-Encoding": "gzip"}


def weigh(client: FlaskClient, address: str) -> int:
    """Bytes of an answer as it travels."""
    return len(client.get(address, headers=GZIP, buffered=True).data)


def addresses(page: str) -> set[str]:
    """What a page asks for when it opens: its styles, scripts, images and faces."""
    named = re.findall(r'<(?:link|script|img)[^>]*\b(?:href|src)="([^"]+)"', page)
    return {unescape(each) for each in named}


def map_addresses(page: str) -> set[str]:
    """What opening its map asks for besides."""
    named = re.findall(r'data-(?:leaflet|leaflet-style|map|outlines)="([^"]+)"', page)
    return {unescape(each) for each in named} | {"/carte/communes/35", "/carte/communes/53", "/carte/communes/50"}


@pytest.mark.parametrize("path", ["/", "/recherche", "/recherche?q=foug%C3%A8res", "/fiches/demonstration--ml", "/cohorte"])
def test_a_first_load_stays_under_200_kilobytes_beyond_the_design_system(client: FlaskClient, path: str) -> None:
    page = client.get(path).text

    own = [address for address in addresses(page) if not DESIGN_SYSTEM.match(address)]
    weight = weigh(client, path) + sum(weigh(client, address) for address in own)

    assert len(own) >= 1
    assert weight < MOST_BYTES


def test_the_map_opens_within_the_same_200_kilobytes(client: FlaskClient) -> None:
    path = "/recherche?lieu=Foug%C3%A8res&vue=carte"
    page = client.get(path).text
    asked = {address for address in addresses(page) if not DESIGN_SYSTEM.match(address)} | map_addresses(page)

    assert sum(weigh(client, address) for address in asked) + weigh(client, path) < MOST_BYTES


def test_pages_and_files_come_compressed_to_who_reads_it(client: FlaskClient) -> None:
    for address in ("/recherche", "/static/css/relais.css", "/carte/communes/35"):
        plain, packed = client.get(address, buffered=True), client.get(address, headers=GZIP, buffered=True)

        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
        assert gzip.decompress(packed.data) == plain.data


def test_images_and_small_answers_stay_as_they_are(client: FlaskClient) -> None:
    for address in ("/sante", "/static/vendor/fonts/Marianne-Bold.woff2", "/static/vendor/leaflet/images/layers.png"):
        assert "Content-Encoding" not in client.get(address, headers=GZIP, buffered=True).headers


def test_a_file_that_the_browser_has_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/static/css/relais.css", headers=GZIP, buffered=True)

    again = client.get("/static/css/relais.css", headers={**GZIP, "If-None-Match": first.headers["ETag"]}, buffered=True)

    assert again.status_code == 304
