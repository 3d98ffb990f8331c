"""The partners of a lycée: who follows its pupils by right, found by its UAI, its bassin and its commune."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from directory.catalogue import Catalogue
from directory.columns import IntArray
from directory.geo import distance_km
from directory.vocabulary import Scope, Visibility
from matching.types import Lycee

_MOST = 12
_MOST_WIDE = 3
_NEAR = (f"{Scope.COMMUNE}:", f"{Scope.EPCI}:")


@dataclass(frozen=True, slots=True)
class Role:
    """One sort of partner that every lycée should know.

    Attributes:
        by: ``lycee`` goes by the UAI alone, ``bassin`` by the lycée's bassin, ``pupils`` by where its pupils may live.
    """

    category: str
    by: str


# Domain: the bureau des entreprises is the lycée's; PSAD, MLDS, CLEE and CIO go by the bassin; the mission locale by the home.
ROLES: tuple[Role, ...] = (
    Role("lycee", "lycee"),
    Role("bureau_des_entreprises", "lycee"),
    Role("mlds", "bassin"),
    Role("psad", "bassin"),
    Role("clee", "bassin"),
    Role("cio", "bassin"),
    Role("mission_locale", "pupils"),
)


def partners_of(
    lycee: Lycee, catalogue: Catalogue, pupils: Iterable[str], viewer: Visibility = Visibility.PUBLIC
) -> Mapping[str, tuple[str, ...]]:
    """Category → ids of the listings that serve the lycée, those nearest to it first.

    What serves it by itself, its bassin, its commune or its EPCI hides what serves a whole département or more: there, three.

    Args:
        lycee: The lycée, as understood.
        catalogue: The published listings as columns.
        pupils: Coverage tokens of the communes where its pupils may live.
        viewer: What the asker may see.
    """
    own = [f"uai:{lycee.uai}", f"{Scope.ESTABLISHMENT}:{lycee.uai}"]
    place = lycee.place.territories if lycee.place else ()
    near = [token for token in place if token.startswith(_NEAR)]
    # what serves all of France serves nobody's lycée in particular
    wide = [token for token in place if token not in near and token != Scope.FRANCE]
    bassin = [*own, *(f"{Scope.BASSIN}:{code}" for code in lycee.bassins), *near]
    fine = {"lycee": own, "bassin": bassin, "pupils": list(dict.fromkeys((*bassin, *pupils)))}
    found = {}
    for role in ROLES:
        rows = _rows(role.category, fine[role.by], catalogue, viewer)
        if len(rows):
            found[role.category] = _nearest(rows, lycee, catalogue)[:_MOST]
        else:
            rows = _rows(role.category, wide, catalogue, viewer) if role.by != "lycee" else rows
            found[role.category] = _nearest(rows, lycee, catalogue)[:_MOST_WIDE]
    return found


def _rows(category: str, tokens: Iterable[str], catalogue: Catalogue, viewer: Visibility) -> IntArray:
    held = [catalogue.rows_of_token[token] for token in tokens if token in catalogue.rows_of_token]
    rows = catalogue.visible(np.unique(np.concatenate(held)), viewer) if held else np.empty(0, dtype=np.int32)
    return np.asarray(rows[catalogue.is_category((category,), rows)])


def _nearest(rows: IntArray, lycee: Lycee, catalogue: Catalogue) -> tuple[str, ...]:
    """Ids of rows, the nearest to the lycée first; those without a point before them all, for they are the territory's own."""
    place, km = lycee.place, dict.fromkeys(map(int, rows), -1.0)
    if place and place.latitude is not None and place.longitude is not None:
        here = (place.latitude, place.longitude)
        for row in km:
            if not np.isnan(catalogue.lat[row]):
                km[row] = distance_km(here, (float(catalogue.lat[row]), float(catalogue.lon[row])))
    return tuple(catalogue.ids[row] for row in sorted(km, key=lambda row: (km[row], catalogue.names[row])))
