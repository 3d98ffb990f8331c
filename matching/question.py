"""Question: a profile made ready to be asked of a catalogue, with what every rule and criterion needs once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np

from directory.catalogue import Catalogue, unit_vectors
from directory.columns import BoolArray, FloatArray, IntArray
from directory.density import density_of
from directory.responses import ResponseHistory
from directory.vocabulary import Kind, Scope, Visibility
from matching.needs import Need, get_need
from matching.travel import EstimatedTravel, Journeys, TravelTime
from matching.types import Profile
from matching.window import Window, window_of

HANDICAP = "personnes-en-situation-de-handicap"
QPV = "residents-qpv-frr"
FOREIGN = "personnes-exilees"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked.

    Attributes:
        needs: The declared needs, in the order declared.
        lycee_known: Whether the lycée says where it is (its place or its bassin), so that it decides what goes by the bassin.
        serves_home: Listings that serve the home by a territory finer than France, shape (rows of the catalogue,).
        serves_lycee: Listings that serve the lycée; the home's when the lycée does not say where it is.
        serves_france: Listings that serve everyone.
        is_lycee: Listings that *are* the lycée's (same UAI).
    """

    profile: Profile
    catalogue: Catalogue
    at: date
    window: Window
    needs: tuple[Need, ...]
    travel: TravelTime
    policy: Mapping[Kind, Mapping[str, float]] = field(repr=False)
    """Section → criterion → weight (``matching.weights``)."""
    viewer: Visibility
    responses: ResponseHistory = field(repr=False)
    """What came of contacts with partners."""
    holds: Mapping[str, date] = field(repr=False)
    """Id of a listing → the day before which nobody calls it."""
    lycee_known: bool
    serves_home: BoolArray = field(repr=False)
    serves_lycee: BoolArray = field(repr=False)
    serves_france: BoolArray = field(repr=False)
    is_lycee: BoolArray = field(repr=False)
    own: IntArray = field(repr=False)
    """Rows that serve the home or the lycée, or are the lycée's: judged however far they are. In no order, perhaps twice."""
    examples: dict[Kind, Any] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Kind → one candidate of each signature, once made (``matching.candidates``)."""

    def cosines(self, rows: IntArray) -> FloatArray:
        """Cosine of the angle at the Earth's centre between the home and each of ``rows``; NaN without a point."""
        return self.cosines_of([axis[rows] for axis in self.catalogue.unit])

    def cosines_of(self, unit: FloatArray | Sequence[FloatArray]) -> FloatArray:
        """The same for points on the unit sphere, shape (3, n)."""
        place = self.profile.place
        if place.latitude is None or place.longitude is None:
            return np.full(len(unit[0]), np.nan)
        # three products rather than a matrix's: BLAS would start threads for each answer
        x, y, z = _unit_vector(place.latitude, place.longitude)
        return np.asarray(unit[0] * x + unit[1] * y + unit[2] * z)

    def journeys(self, rows: IntArray, km: FloatArray) -> Journeys:
        """The journeys from the home to some rows of the catalogue, of these straight-line distances in km."""
        catalogue = self.catalogue
        if "density" not in catalogue.derived:
            codes = catalogue.codes_commune
            catalogue.derived["density"] = np.array([density_of(code) for code in codes], dtype=np.intp)
        return Journeys(
            km=km,
            home=density_of(self.profile.place.code_commune),
            there=catalogue.derived["density"][rows],
            points=lambda: (catalogue.lat[rows], catalogue.lon[rows]),
        )

    @property
    def has_rqth(self) -> bool:
        """Whether the student is recognised as disabled: several age limits then move."""
        return HANDICAP in self.profile.publics

    @property
    def bassins(self) -> tuple[str, ...]:
        """Codes of the bassins that decide: the lycée's, else the home's."""
        lycee = self.profile.lycee
        return lycee.bassins if lycee is not None and self.lycee_known else self.profile.home_bassins


def build_question(
    profile: Profile,
    catalogue: Catalogue,
    *,
    at: date,
    policy: Mapping[Kind, Mapping[str, float]],
    viewer: Visibility = Visibility.PUBLIC,
    travel: TravelTime | None = None,
    responses: ResponseHistory | None = None,
    holds: Mapping[str, date] | None = None,
) -> Question:
    """Make a profile ready to be asked on a day."""
    lycee = profile.lycee
    lycee_known = lycee is not None and (lycee.place is not None or bool(lycee.bassins))
    # who serves all of France is told apart
    home = [token for token in profile.place.territories if token != Scope.FRANCE]
    home += [f"{Scope.BASSIN}:{code}" for code in profile.home_bassins]
    school = list(home)
    if lycee is not None:
        if lycee_known:
            school = [token for token in (lycee.place.territories if lycee.place else ()) if token != Scope.FRANCE]
            school += [f"{Scope.BASSIN}:{code}" for code in lycee.bassins]
        school.append(f"{Scope.ESTABLISHMENT}:{lycee.uai}")
    of_home, of_lycee = catalogue.serving(home), catalogue.serving(school)
    the_lycee = catalogue.serving([f"uai:{lycee.uai}"] if lycee else [])
    return Question(
        profile=profile,
        catalogue=catalogue,
        at=at,
        window=window_of(profile, at),
        needs=tuple(get_need(key) for key in profile.needs),
        travel=travel or EstimatedTravel(),
        policy=policy,
        viewer=viewer,
        responses=responses or ResponseHistory(),
        holds=holds or {},
        lycee_known=lycee_known,
        serves_home=_mask(catalogue, of_home),
        serves_lycee=_mask(catalogue, of_lycee),
        serves_france=catalogue.once("serves france", lambda: _mask(catalogue, catalogue.serving([Scope.FRANCE]))),
        is_lycee=_mask(catalogue, the_lycee),
        own=np.concatenate((of_home, of_lycee, the_lycee)),
    )


@lru_cache(maxsize=1024)
def _unit_vector(latitude: float, longitude: float) -> tuple[float, ...]:
    return tuple(unit_vectors(np.array([latitude]), np.array([longitude]))[:, 0].tolist())


def _mask(catalogue: Catalogue, rows: IntArray) -> BoolArray:
    serves = np.zeros(len(catalogue), dtype=np.bool_)
    serves[rows] = True
    return serves
