"""The partners of a lycée: who follows its pupils by right, found by its UAI, its bassin and its commune."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from directory.catalogue import Catalogue
from directory.vocabulary import Scope, Visibility
from matching.types import Lycee

_MOST = 12


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
    """Category → ids of the listings that serve the lycée; the finest territory first, then by name.

    Args:
        lycee: The lycée, as understood.
        catalogue: The published listings as columns.
        pupils: Coverage tokens of the communes where its pupils may live.
        viewer: What the asker may see.
    """
    own = [f"uai:{lycee.uai}", f"{Scope.ESTABLISHMENT}:{lycee.uai}"]
    bassin = [*own, *(f"{Scope.BASSIN}:{code}" for code in lycee.bassins), *(lycee.place.territories if lycee.place else ())]
    tokens = {"lycee": own, "bassin": bassin, "pupils": list(dict.fromkeys((*bassin, *pupils)))}
    return {role.category: _found(role.category, tokens[role.by], catalogue, viewer) for role in ROLES}


def _found(category: str, tokens: Iterable[str], catalogue: Catalogue, viewer: Visibility) -> tuple[str, ...]:
    ranks: dict[int, int] = {}
    # what serves all of France serves nobody's lycée in particular
    for rank, token in enumerate(token for token in tokens if token != Scope.FRANCE):
        rows = catalogue.rows_of_token.get(token)
        if rows is None:
            continue
        seen = catalogue.visible(np.asarray(rows), viewer)
        for row in seen[catalogue.is_category((category,), seen)]:
            ranks.setdefault(int(row), rank)
    ordered = sorted(ranks, key=lambda row: (ranks[row], catalogue.names[row]))
    return tuple(catalogue.ids[row] for row in ordered[:_MOST])
