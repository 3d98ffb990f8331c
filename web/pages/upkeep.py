"""« État de l’annuaire »: of a territory, who serves it, how fresh and full its listings are, what waits, dead links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from werkzeug.exceptions import NotFound

from directory.models.accounts import Account, Area, Role
from directory.models.links import DeadLink
from directory.services import Services
from directory.territory import Bassins, academie_of, commune_names, departements
from matching.health import BAND_LABELS, Examination, Health, Territory, Zone, find_territory
from web.access import account, for_roles, services
from web.curation_words import viewer_of
from web.desk_queues import own_departement

pages = Blueprint("upkeep", __name__)

_MOST_NAMED = 300
_MOST_LINKS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One territory of several: its health, its dead links, what its page's address says of it."""

    health: Health
    dead: Sequence[DeadLink]
    address: str

    @property
    def dead_links(self) -> int:
        """How many dead addresses: several listings may give the same."""
        return len({each.url for each in self.dead})


@pages.get("/etat-annuaire")
@for_roles(Role.BUREAU, Role.ACADEMIE, Role.ADMINISTRATOR)
def state() -> str:
    """The health of one territory; of an académie and of France, that of their départements too."""
    core, viewer = services(), viewer_of(account())
    bassins = core.repository.load_bassins()
    territory = _asked(core, bassins)
    pairs = core.repository.desk.list_proposed()
    examination = Examination(core.catalogue.current(), viewer, core.clock().date(), bassins, pairs)
    dead = core.repository.links.list_dead(viewer)
    asked = _line(examination, territory, dead)
    parts = territory.departements if territory.zone in {Zone.ACADEMIE, Zone.FRANCE} else ()
    found = (find_territory(Zone.DEPARTEMENT, code, bassins) for code in parts)
    return render_template(
        "health.html",
        asked=asked,
        health=asked.health,
        lines=[_line(examination, part, dead) for part in found if part],
        choices=_choices(bassins),
        bands=BAND_LABELS,
        names=commune_names(),
        most_named=_MOST_NAMED,
        most_links=_MOST_LINKS,
        states=core.repository.links.count_states(),
        departement=territory.code if territory.zone is Zone.DEPARTEMENT else "",
        today=core.clock().date(),
    )


def _line(examination: Examination, territory: Territory, dead: Sequence[DeadLink]) -> Line:
    keys = examination.placed_among(territory, {each.listing_pk for each in dead})
    mine = [each for each in dead if each.listing_pk in keys]
    return Line(examination.of(territory), mine, f"{territory.zone}:{territory.code}")


def _asked(core: Services, bassins: Bassins) -> Territory:
    """The territory of the address; without one, the account's own.

    Raises:
        NotFound: There is no such territory.
    """
    text = request.args.get("territoire")
    zone, _, code = (_own(account(), core) if text is None else text).partition(":")
    found = find_territory(zone, code, bassins)
    if found is None and text is None:
        found = find_territory(Zone.FRANCE, "", bassins)
    if found is None:
        raise NotFound
    return found


def _own(viewer: Account, core: Services) -> str:
    if viewer.area is Area.LYCEE:
        return f"{Zone.DEPARTEMENT}:{own_departement(viewer, core)}"
    zones = {Area.BASSIN: Zone.BASSIN, Area.ACADEMIE: Zone.ACADEMIE}
    return f"{zones.get(viewer.area, Zone.FRANCE)}:{viewer.code}"


def _choices(bassins: Bassins) -> Mapping[str, Mapping[str, str]]:
    """Group → what an address says of a territory → its name."""
    own = {code: f"{entry.name} ({code})" for code, entry in departements().items()}
    academies = sorted({academie_of(code) for code in own} - {""})
    return {
        "Ensemble": {f"{Zone.FRANCE}:": "Toute la France"},
        "Départements": {f"{Zone.DEPARTEMENT}:{code}": name for code, name in own.items()},
        "Académies": {f"{Zone.ACADEMIE}:{name}": name for name in academies},
        "Bassins": {f"{Zone.BASSIN}:{code}": name for code, name in bassins.labels().items()},
    }
