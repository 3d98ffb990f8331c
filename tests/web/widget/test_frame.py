"""The widget's script and frame: which sites may show it, what it asks, and what it refuses."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.search.embedded import EmbeddedIndex
from directory.services import Services
from web import create_app
from web.widget.colours import READABLE, choose_colours, contrast, read_colour

SCRIPT = Path(__file__).resolve().parents[3] / "web" / "static" / "js" / "widget.js"
SITE = "https://ville.example"
MOST_BYTES = 8 * 1024


@pytest.fixture
def key(services: Services) -> Callable[..., str]:
    """Makes a key of the widget: its id."""

    def make(*origins: str, scope: ApiScope = ApiScope.WIDGET, **options: Any) -> str:
        new = make_key("Essais", [scope], services.clock(), origins=origins, **options)
        services.repository.keep_keys(new=new.key)
        return new.key.id

    return make


def ancestors(headers: Any) -> str:
    return re.search(r"frame-ancestors ([^;]*)", headers["Content-Security-Policy"])[1]  # type: ignore[index]


def test_the_script_weighs_at_most_8_kilobytes_compressed(client: FlaskClient) -> None:
    answer = client.get("/widget/v1.js", headers={"Accept-Encoding": "gzip"}, buffered=True)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= MOST_BYTES
    assert gzip.decompress(answer.data) == SCRIPT.read_bytes()


def test_the_pages_of_any_site_may_load_the_script_and_it_sets_no_cookie(client: FlaskClient) -> None:
    headers = client.get("/widget/v1.js", headers={"Origin": "https://any.example"}, buffered=True).headers

    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "javascript" in headers["Content-Type"]
    assert "max-age=3600" in headers["Cache-Control"]
    assert "Set-Cookie" not in headers


def test_the_script_asks_nothing_but_the_frame_and_keeps_nothing() -> None:
    code = SCRIPT.read_text(encoding="utf-8")

    for forbidden in ("fetch(", "XMLHttpRequest", "sendBeacon", "cookie", "localStorage", "sessionStorage", "innerHTML", "eval("):
        assert forbidden not in code


def test_the_frame_opens_in_the_pages_of_a_site_that_has_a_key_and_of_no_other(
    client: FlaskClient, key: Callable[..., str]
) -> None:
    key(SITE)

    answer = client.get("/widget/recherche", query_string={"site": SITE, "lieu": "35300 Fougères"})

    assert answer.status_code == 200
    assert ancestors(answer.headers) == f"'self' {SITE}"
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


REFUSED_SITES = (
    "https://autre.example",  # without a key
    "http://ville.example",  # another scheme
    "https://ville.example:8443",  # another port
    "https://sub.ville.example",
    "https://ville.example.evil.example",
    "https://evilville.example",
    "null",
    "*",
    "https://*",
    "https://ville.example; script-src *",
    "https://ville.example\r\nX: y",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "x" * 5000,
)


@pytest.mark.parametrize("site", REFUSED_SITES)
def test_a_site_that_no_key_names_exactly_is_refused(client: FlaskClient, key: Callable[..., str], site: str) -> None:
    key(SITE)

    answer = client.get("/widget/recherche", query_string={"site": site})

    assert answer.status_code == 403
    assert ancestors(answer.headers) == "'none'"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "X" not in answer.headers


@pytest.mark.parametrize("scope", [ApiScope.READING, ApiScope.MATCHING, ApiScope.EXPORTING])
def test_a_key_of_the_api_frames_nothing(client: FlaskClient, key: Callable[..., str], scope: ApiScope) -> None:
    site = f"https://{scope}.example"
    key(site, scope=scope)

    assert client.get("/widget/recherche", query_string={"site": site}).status_code == 403


def test_a_key_that_is_over_frames_nothing(client: FlaskClient, key: Callable[..., str], services: Services) -> None:
    key("https://finie.example", expires_at=services.clock() - timedelta(days=1))

    assert client.get("/widget/recherche", query_string={"site": "https://finie.example"}).status_code == 403


def test_the_use_of_the_key_is_noted_to_the_hour(client: FlaskClient, key: Callable[..., str], services: Services) -> None:
    key_id = key("https://notee.example")

    client.get("/widget/recherche", query_string={"site": "https://notee.example"})

    assert services.repository.get_key(key_id).last_used_at is not None


@pytest.mark.parametrize(
    ("referrer", "named"),
    [
        (f"{SITE}/page?x=1", f"'self' {SITE}"),
        ("https://autre.example/", "'self'"),
        ("android-app://x", "'self'"),
        ("https://[", "'self'"),
        ("", "'self'"),
    ],
)
def test_without_a_site_the_browser_tells_it(client: FlaskClient, key: Callable[..., str], referrer: str, named: str) -> None:
    key(SITE)

    answer = client.get("/widget/recherche", headers={"Referer": referrer})

    assert answer.status_code == 200
    assert ancestors(answer.headers) == named


@pytest.mark.parametrize(
    "path", ["/", "/recherche", "/a-propos", "/fiches/demonstration--ml", "/widget/v1.js", "/widget/couleurs.css"]
)
def test_no_other_page_opens_in_a_frame(client: FlaskClient, key: Callable[..., str], path: str) -> None:
    key(SITE)

    answer = client.get(path, query_string={"site": SITE}, headers={"Referer": SITE}, buffered=True)

    assert ancestors(answer.headers) == "'none'"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_the_frame_shows_what_its_address_asks_and_hides_what_is_not_public(client: FlaskClient) -> None:
    page = client.get(
        "/widget/recherche?genre=partner&lieu=35300+Foug%C3%A8res&rayon=20&nombre=2&titre=Pr%C3%A8s+de+chez+vous"
    ).text

    assert "<h2>Près de chez vous</h2>" in page
    assert page.count("<h4>") == 2
    assert "autour de Fougères" in page
    assert "Réservée" not in page
    assert "réservée au bassin" not in page
    assert "Démonstration" in page
    assert "rayon=20" in page


def test_the_next_results_stay_in_the_frame_of_the_same_site(client: FlaskClient, key: Callable[..., str]) -> None:
    key(SITE)
    first = client.get("/widget/recherche", query_string={"site": SITE, "genre": "partner", "nombre": "2"}).text

    address = re.search(r'href="([^"]+)">Résultats suivants', first)[1].replace("&amp;", "&")  # type: ignore[index]
    second = client.get(address)

    assert second.status_code == 200
    assert ancestors(second.headers) == f"'self' {SITE}"
    names = [set(re.findall(r'data-listing="([^"]+)"', page)) for page in (first, second.text)]
    assert names[0]
    assert names[1]
    assert not names[0] & names[1]


REFUSED = {
    "a radius that is not offered": {"lieu": "35300 Fougères", "rayon": "7"},
    "a kind that is none": {"genre": "partenaire"},
    "a topic that is none": {"theme": "bonheur"},
    "a département that is none": {"departement": "999"},
    "an occupation that is none": {"metier": "Z9999"},
    "no result at all": {"nombre": "0"},
    "a thousand results": {"nombre": "1000"},
    "a number in other digits": {"nombre": "٣"},
    "a colour by its name": {"couleur": "red"},
    "a colour that goes on": {"couleur": "#123456;}body{display:none"},
    "a language that is none": {"dates": "français"},
    "a place that is unknown": {"lieu": "Zzyzxville"},
    "a radius around a département": {"lieu": "Ille-et-Vilaine", "rayon": "20"},
    "a text without end": {"q": "a" * 301},
    "a forged cursor": {"suite": "forged"},
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_means_nothing_is_refused_in_the_frame_with_a_sentence(
    client: FlaskClient, key: Callable[..., str], what: str
) -> None:
    key(SITE)

    answer = client.get("/widget/recherche", query_string={**REFUSED[what], "site": SITE})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert ancestors(answer.headers) == f"'self' {SITE}"


def test_markup_in_any_parameter_is_only_text(client: FlaskClient) -> None:
    hostile = '"><script>alert(1)</script>'
    for name in ("q", "titre", "lieu", "couleur", "dates", "nombre", "genre"):
        page = client.get("/widget/recherche", query_string={name: hostile}).text

        assert "<script>alert" not in page


def test_colours_are_a_stylesheet_and_nothing_else(client: FlaskClient) -> None:
    good = client.get("/widget/couleurs.css?couleur=%23aa0000&fond=ffffff")
    bad = client.get("/widget/couleurs.css?couleur=red;}*{")

    assert good.mimetype == "text/css"
    assert "--w-accent:#aa0000" in good.text
    assert bad.status_code == 400


@pytest.mark.parametrize("ground", ["ffffff", "000000", "777777", "ffff00", "0000ff", "808080", "fefefe"])
@pytest.mark.parametrize("accent", ["ffffff", "000000", "777777", "ffff00", "0000ff", "ff0000", "1d4f73"])
def test_whatever_the_colours_asked_all_can_be_read(accent: str, ground: str) -> None:
    chosen, asked = read_colour("couleur", accent), read_colour("fond", ground)
    assert chosen is not None
    assert asked is not None

    colours = choose_colours(chosen, asked)

    assert colours.ground == asked
    assert contrast(colours.text, colours.ground) >= READABLE
    assert contrast(colours.accent, colours.ground) >= READABLE
    assert contrast(colours.on_accent, colours.accent) >= READABLE
    assert contrast(colours.border, colours.ground) >= 3


def test_a_search_that_does_not_answer_is_told_as_unavailable(services: Services, tmp_path: Path) -> None:
    client = create_app(replace(services, index=EmbeddedIndex(tmp_path / "none"))).test_client()

    assert client.get("/widget/recherche?q=cio").status_code == 503
