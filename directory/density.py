"""Density of communes: how towns and countryside are told apart, for the time that journeys take."""

from __future__ import annotations

import csv
from enum import IntEnum
from functools import cache
from importlib import resources


class Density(IntEnum):
    """Three classes of communes by inhabitants a km², with the names of INSEE's grid of density.

    The grid itself counts inhabitants by squares of a kilometre and is not shipped: the mean over the commune stands in for it
    (a large commune around a small town is taken for less dense than it is).
    """

    RURAL = 0
    INTERMEDIATE = 1
    DENSE = 2


_DENSE, _INTERMEDIATE = 1500.0, 300.0
"""Inhabitants a km² from which a commune is dense, intermediate: thresholds of the European grid, here over the whole commune."""


def density_of(code_commune: str) -> Density:
    """The class of a commune or arrondissement; intermediate where it is unknown."""
    return _densities().get(code_commune, Density.INTERMEDIATE)


@cache
def _densities() -> dict[str, Density]:
    text = resources.files("directory").joinpath("data", "communes.csv").read_text(encoding="utf-8")
    return {row["code_insee"]: _class_of(row["population"], row["surface_km2"]) for row in csv.DictReader(text.splitlines())}


def _class_of(population: str, surface_km2: str) -> Density:
    if not population or not surface_km2 or float(surface_km2) <= 0:
        return Density.INTERMEDIATE
    mean = float(population) / float(surface_km2)
    return Density.DENSE if mean >= _DENSE else Density.INTERMEDIATE if mean >= _INTERMEDIATE else Density.RURAL
