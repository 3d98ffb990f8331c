"""The configurator, the list without any script, oEmbed, and the page of what can be followed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from directory.api_keys import make_key
from directory.models.keys import ApiScope
from directory.services import Services

HOME = "http://localhost"
FULL = {
    "lieu": "35300 Fougères",
    "rayon": "20",
    "genre": ["partner", "event"],
    "theme": "mobilite",
    "metier": "G1602",
    "departement": "35",
    "q": "aide",
    "nombre": "3",
    "titre": "Près d’ici & là",
    "couleur": "#7a1fa2",
    "fond": "#fff8e1",
    "dates": "en",
}


def code(page: str, name: str) -> str:
    return unescape(re.search(rf'id="code-{name}"[^>]*><code>(.*?)</code>', page, re.DOTALL)[1])  # type: ignore[index]


class Tags(HTMLParser):
    """The tags of a piece of HTML, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.found if name == tag)


def test_the_code_holds_every_setting(client: FlaskClient) -> None:
    page = client.get("/widget", query_string=FULL)

    element = next(Tags(code(page.text, "element")).of("relais-recherche"))
    assert page.status_code == 200
    assert element == {
        "q": "aide",
        "lieu": "35300 Fougères",
        "rayon": "20",
        "departement": "35",
        "kinds": "partner,event",
        "thematiques": "mobilite",
        "occupations": "G1602",
        "nombre": "3",
        "titre": "Près d’ici & là",
        "couleur": "#7a1fa2",
        "fond": "#fff8e1",
        "dates": "en",
    }


def test_the_page_tells_every_attribute_and_no_file_that_a_visitor_cannot_open(client: FlaskClient) -> None:
    page = client.get("/widget").text
    script = client.get("/widget/v1.js").text

    told = set(re.findall(r"<tr><td><code>(\w+)</code>", page))
    assert told == set(re.findall(r"^  (\w+): \"", script, re.MULTILINE))
    assert "docs/" not in page


def test_what_is_usual_is_left_out_of_the_code(client: FlaskClient) -> None:
    page = client.get("/widget?couleur=%231d4f73&fond=%23ffffff&dates=fr&nombre=5&titre=Trouver+un+partenaire&genre=event").text

    assert next(Tags(code(page, "element")).of("relais-recherche")) == {"kinds": "event"}


def test_the_frame_of_the_code_is_answered_for_the_site_that_is_told(client: FlaskClient, services: Services) -> None:
    site = "https://cadre.example"
    before = client.get("/widget", query_string={**FULL, "site": site}).text
    services.repository.keep_keys(new=make_key("Cadre", [ApiScope.WIDGET], services.clock(), origins=[site]).key)
    client.application.extensions["relais-keys"].__init__()

    after = client.get("/widget", query_string={**FULL, "site": f"{site}/"}).text
    frame = next(Tags(code(after, "cadre")).of("iframe"))
    answer = client.get(str(frame["src"]).removeprefix(HOME))

    assert "n’a pas encore de clé" in before
    assert "n’a pas encore de clé" not in after
    assert frame["title"] == "Près d’ici & là"
    assert answer.status_code == 200
    assert site in answer.headers["Content-Security-Policy"]


def test_the_list_of_the_code_is_plain_html_with_whole_addresses(client: FlaskClient) -> None:
    listed = code(client.get("/widget?genre=event").text, "liste")

    tags = Tags(listed)
    assert {name for name, _ in tags.found} <= {"ul", "li", "a", "p"}
    assert all(str(link["href"]).startswith(f"{HOME}/") for link in tags.of("a"))
    assert "Job dating des remparts" in listed
    assert "lundi 30\u00a0novembre 2026" in listed


def test_the_list_is_served_for_servers_that_include_it(client: FlaskClient) -> None:
    answer = client.get("/widget/liste.html?q=permis")

    assert answer.mimetype == "text/html"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert answer.text.startswith("<ul>")


@pytest.mark.parametrize("name", list(FULL))
def test_markup_in_any_setting_stays_within_its_attribute(client: FlaskClient, name: str) -> None:
    hostile = "\"'><script>alert(1)</script>"

    answer = client.get("/widget", query_string={name: hostile})

    assert "<script>alert" not in answer.text
    if answer.status_code == 200:
        assert "<script>alert" not in code(answer.text, "element") + code(answer.text, "cadre") + code(answer.text, "liste")


@pytest.mark.parametrize(
    "settings",
    [{"site": "ma ville"}, {"site": "https://x.example/page"}, {"nombre": "99"}, {"lieu": "Zzyzxville"}, {"couleur": "rouge"}],
)
def test_a_setting_that_means_nothing_is_told_and_gives_no_code(client: FlaskClient, settings: dict[str, str]) -> None:
    answer = client.get("/widget", query_string=settings)

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "relais-snippet" not in answer.text


def test_an_address_of_a_search_is_embedded_by_oembed(client: FlaskClient) -> None:
    found = client.get("/oembed", query_string={"url": f"{HOME}/recherche?q=cio&genre=partner", "maxwidth": "400"})

    told: dict[str, Any] = found.get_json()
    frame = next(Tags(told["html"]).of("iframe"))
    assert (told["version"], told["type"], told["width"]) == ("1.0", "rich", 400)
    assert frame["referrerpolicy"] == "origin"
    assert frame["width"] == "400"
    assert client.get(str(frame["src"]).removeprefix(HOME)).status_code == 200
    assert found.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"url": "https://autre.example/recherche"}, 404),
        ({"url": f"{HOME}.evil.example/recherche"}, 404),
        ({"url": f"{HOME}/fiches/demonstration--ml"}, 404),
        ({"url": "javascript:alert(1)"}, 404),
        ({"url": "http://["}, 400),
        ({"url": f"{HOME}/recherche?" + "&".join(f"q={n}" for n in range(60))}, 400),
        ({"url": f"{HOME}/recherche", "maxwidth": "-1"}, 400),
        ({"url": f"{HOME}/recherche", "maxheight": "٣"}, 400),
        ({"url": f"{HOME}/recherche", "format": "xml"}, 501),
    ],
)
def test_what_oembed_does_not_embed_is_refused_to_programs(client: FlaskClient, asked: dict[str, str], status: int) -> None:
    answer = client.get("/oembed", query_string=asked)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_the_search_page_names_its_oembed(client: FlaskClient) -> None:
    page = client.get("/recherche?q=cio").text

    link = next(each for each in Tags(page).of("link") if each.get("type") == "application/json+oembed")
    assert client.get(str(link["href"]).removeprefix(HOME)).get_json()["type"] == "rich"


def test_every_address_to_follow_answers_with_what_it_says(client: FlaskClient) -> None:
    page = client.get("/suivre?lieu=35300+Foug%C3%A8res&rayon=20&departement=35").text

    addresses = {str(link["href"]) for link in Tags(page).of("a") if "/flux/" in str(link["href"])}
    kinds = {}
    for address in addresses:
        answer = client.get(address.replace("webcal://localhost", "").removeprefix(HOME), buffered=True)
        assert answer.status_code == 200
        kinds[address.partition("?")[0].rpartition("/")[2], address.partition(":")[0]] = answer.mimetype
    assert kinds == {
        ("salons.ics", "http"): "text/calendar",
        ("salons.ics", "webcal"): "text/calendar",
        ("nouveautes.atom", "http"): "application/atom+xml",
        ("fiches.csv", "http"): "text/csv",
        ("fiches.geojson", "http"): "application/geo+json",
    }


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 200),
        ({"lieu": "Zzyzxville"}, 422),
        ({"lieu": "Saint-Denis"}, 422),
        ({"lieu": "Ille-et-Vilaine"}, 200),
        ({"departement": "999"}, 400),
        ({"rayon": "7"}, 400),
        ({"lieu": "x" * 300}, 400),
        ({"lieu": "<script>alert(1)</script>"}, 422),
    ],
)
def test_what_is_asked_to_follow_is_understood_or_told(client: FlaskClient, asked: dict[str, str], status: int) -> None:
    answer = client.get("/suivre", query_string=asked)

    assert answer.status_code == status
    assert "<script>alert" not in answer.text
