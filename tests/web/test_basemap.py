"""The background of the maps: ours by default, another site's where the instance is set so, and nothing else is then allowed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from directory.errors import InvalidSetting
from directory.services import Services
from directory.settings import read_settings
from web import create_app

TILES = "https://tuiles.example/plan/{z}/{x}/{y}.png"


def test_images_come_from_the_site_of_the_tiles_and_from_no_other(services: Services) -> None:
    settings = replace(services.settings, map_tiles=TILES, map_credit="<b>Plan</b>")
    answer = create_app(replace(services, settings=settings)).test_client().get("/recherche")

    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "img-src 'self' data: https://tuiles.example" in policy
    assert "".join(policy).count("example") == 1
    assert "<b>Plan" not in answer.text


def test_without_leaflet_no_map_is_offered(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.theme._LEAFLET", "vendor/absent.js")

    page = make_app().test_client().get("/recherche?q=cio&vue=carte").text

    assert "data-leaflet" not in page
    assert 'id="carte" class="relais-map" role="region" aria-label="Carte des résultats" hidden' in page


@pytest.mark.parametrize(
    "tiles",
    [
        "https://tuiles.example/{z}/{x}.png",
        "ftp://tuiles.example/{z}/{x}/{y}",
        "https://tuiles.example; script-src https://x.example/{z}/{x}/{y}",
        "https://*/{z}/{x}/{y}",
        "/tuiles/{z}/{x}/{y}",
    ],
)
def test_an_address_that_is_none_of_tiles_is_refused(tiles: str) -> None:
    with pytest.raises(InvalidSetting, match="MAP_TILES"):
        read_settings({"RELAIS_MAP_TILES": tiles})
