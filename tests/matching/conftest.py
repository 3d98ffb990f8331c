"""A small map of bassins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from matching.profile import parse_profile
from matching.types import Profile

TODAY = date(2026, 11, 24)


class TwoBassins:
    """A real map of bassins, of two: Vitré with its lycée professionnel, and Rennes."""

    def of_commune(self, code: str) -> tuple[str, ...]:
        return {"35360": ("B-VITRE",), "35238": ("B-RENNES",)}.get(code, ())

    def of_uai(self, uai: str) -> tuple[str, ...]:
        return ("B-VITRE",) if uai == "0350709F" else ()


Parse = Callable[..., Profile]


@pytest.fixture(scope="session")
def parse(gazetteer: Gazetteer) -> Parse:
    """Parse the JSON of a profile."""

    def parse(data: Mapping[str, Any], today: date = TODAY) -> Profile:
        return parse_profile(data, gazetteer=gazetteer, bassins=TwoBassins(), today=today)

    return parse
