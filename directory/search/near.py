"""From a place that was understood to the « near » of a question: one rule for the pages, the API and the command line."""

from __future__ import annotations

from directory.errors import InvalidQuery
from directory.geocoding.types import Place
from directory.search.types import Near
from directory.territory import Bassins

_LEVELS = {"departement": "un département", "region": "une région", "epci": "une intercommunalité", "france": "le pays"}


def near_place(place: Place, *, radius_km: float | None = None, bassins: Bassins | None = None) -> Near:
    """Where the asker is, from a Place.

    A commune or an address gives a point, with the radius measured from it and never smaller than the commune's own reach
    (else a large commune loses its own structures). A département, a région or an intercommunalité has no centre worth measuring
    from: it keeps what is placed in it or serves it.

    Args:
        place: As the geocoder understood it.
        radius_km: Farthest distance in km, None for no limit.
        bassins: The académies' maps, to add the bassins of the commune.
    """
    territories = place.territories
    if bassins is not None and place.code_commune:
        territories = (*territories, *(f"bassin:{code}" for code in bassins.of_commune(place.code_commune)))
    if place.level in _LEVELS:
        if radius_km is not None:
            what = f"« {place.label} » est {_LEVELS[place.level]}, que la recherche couvre en entier"
            raise InvalidQuery(
                "radius", f"around a {place.level}", public=f"Un rayon se mesure autour d’une commune ou d’une adresse : {what}."
            )
        inside = () if place.level == "france" else (f"{place.level}:{place.code}",)
        return Near(territories=territories, inside=inside)
    radius = None if radius_km is None else max(radius_km, place.reach_km) if radius_km > 0 else radius_km
    return Near(latitude=place.latitude, longitude=place.longitude, territories=territories, radius_km=radius)
