"""The two themes, and the files they are served with."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

from web import theme

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "web" / "static"


@pytest.fixture
def assets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets", ROOT / "scripts" / "assets.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


needs_assets = pytest.mark.skipif(
    not (STATIC / "vendor" / "dsfr.css").is_file(), reason="système de design non installé (make install)"
)


@needs_assets
def test_the_theme_of_the_state_bears_its_mark_and_the_neutral_one_does_not(make_app: Callable[..., Flask]) -> None:
    state = make_app(theme="dsfr").test_client().get("/").text
    neutral = make_app(theme="neutre").test_client().get("/").text

    assert "République<br>Française" in state
    assert "République" not in neutral
    assert "dsfr" not in neutral


def test_without_the_design_system_the_neutral_theme_serves(
    make_app: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "_STATIC", tmp_path)

    page = make_app(theme="dsfr").test_client().get("/").text

    assert "css/neutre.css" in page
    assert "République" not in page


@needs_assets
def test_every_file_that_a_stylesheet_names_is_served(assets: ModuleType) -> None:
    named = {
        (sheet.parent / name).resolve()
        for sheet in STATIC.rglob("*.css")
        for name in assets.local_urls(sheet.read_text(encoding="utf-8"))
    }

    assert named
    assert [str(path) for path in named if not path.is_file()] == []


@needs_assets
def test_no_stylesheet_names_another_site() -> None:
    sheets = "".join(sheet.read_text(encoding="utf-8") for sheet in STATIC.rglob("*.css"))

    assert not re.search(r"url\(['\"]?(https?:)?//", sheets)
    assert "@import" not in sheets


@needs_assets
@pytest.mark.parametrize("name", ["dsfr", "neutre"])
def test_every_file_that_a_page_names_is_served(make_app: Callable[..., Flask], name: str) -> None:
    client = make_app(theme=name).test_client()
    page = client.get("/").text

    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) >= 4
    assert [address for address in addresses if client.get(address, buffered=True).status_code != 200] == []


def test_a_rule_of_a_font_that_is_not_used_is_left_out(assets: ModuleType) -> None:
    spectral = '@font-face{font-family:Spectral;src:url(fonts/Spectral-Regular.woff2) format("woff2")}'
    formats = 'url(fonts/Marianne-Bold.woff2) format("woff2"),url(fonts/Marianne-Bold.woff) format("woff")'
    css = f"{spectral}@font-face{{font-family:Marianne;src:{formats}}}"

    kept = assets.FONT_FACE.sub(assets.keep_font, css)

    assert assets.local_urls(kept) == {"fonts/Marianne-Bold.woff2"}


def test_assets_that_cannot_be_installed_are_told_and_stop_nothing(
    assets: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assets, "STAMP", tmp_path / ".installed")
    monkeypatch.setattr(assets, "find_npm", lambda: "/bin/false")

    status = assets.main()

    told = capsys.readouterr().err
    assert status == 0
    assert "thème neutre" in told
    assert "npm ci a échoué" in told
    assert not (tmp_path / ".installed").exists()
