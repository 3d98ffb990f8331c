"""What docs/importing.md shows is what the program accepts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from importers.source import get_source, read_source
from importers.sources.tableur.mapping import parse_mapping

PAGE = (Path(__file__).parents[2] / "docs/importing.md").read_text(encoding="utf-8")
MAPPING, DECLARATION, *_ = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_mapping_shown_is_accepted() -> None:
    mapping = parse_mapping(tomllib.loads(MAPPING), get_source("tableur"))

    assert mapping.category == "entreprise"
    assert not mapping.columns["courriel"].required


def test_the_declaration_shown_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "source.toml").write_text(DECLARATION, encoding="utf-8")

    source = read_source(tmp_path)

    assert source.columns["telephone"].required
    assert source.expect.max_refused_share == 0.3
