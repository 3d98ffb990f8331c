"""What ``relais doctor`` says of the directory itself: who is covered, how fresh and full it is, duplicates left, dead links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from directory.errors import InvalidValue
from directory.models.links import LinkState
from directory.services import Services
from directory.territory import commune_names
from directory.vocabulary import Kind, Visibility, categories
from matching.health import Examination, Health, Zone, find_territory
from relais.output import french_number

_NAMED = 8
_FRESH, _FULL = 50, 50
"""Hundredths under which freshness and quality are warned about."""
_KINDS = {Kind.PARTNER: "partenaires", Kind.SCHEME: "dispositifs", Kind.COMPANY: "entreprises", Kind.EVENT: "événements à venir"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``level`` is ``ok``, ``warning`` or ``error``; ``mend`` says what to do, in French."""

    check: str
    level: str
    text: str
    mend: str = ""


def examine_directory(services: Services, asked: tuple[Zone, str] | None = None) -> Iterator[Finding]:
    """Look at the listings of a territory, as who keeps the instance sees them; without one, at each département that has some.

    Raises:
        InvalidValue: There is no such territory.
    """
    repository, bassins = services.repository, services.repository.load_bassins()
    wanted = find_territory(*(asked or (Zone.FRANCE, "")), bassins)
    if wanted is None:
        code = asked[1] if asked else ""
        raise InvalidValue("territoire", code, "unknown territory", public=f"Territoire inconnu : « {code[:100]} ».")
    pairs = repository.desk.list_proposed()
    examination = Examination(services.catalogue.current(), Visibility.PRIVATE, services.clock().date(), bassins, pairs)
    whole = examination.of(wanted)
    if not whole.count:
        if asked:
            yield Finding("Couverture", "warning", f"aucune fiche ({wanted.label})", "Importer une source qui le sert.")
        return
    parts = [whole]
    if wanted.zone in {Zone.FRANCE, Zone.ACADEMIE}:
        followed = examination.departements_with(Kind.PARTNER)
        found = (find_territory(Zone.DEPARTEMENT, code, bassins) for code in wanted.departements if code in followed)
        parts = [examination.of(part) for part in found if part]
    yield _communes(parts)
    yield _networks(parts)
    yield _kinds(parts)
    yield _share("Fraîcheur des fiches", whole.fresh, _FRESH, " % vérifiées ou mises à jour depuis moins d’un an")
    yield _share("Qualité des fiches", whole.quality, _FULL, " sur 100 en moyenne")
    yield _duplicates(whole)
    dead = repository.links.list_dead(Visibility.PRIVATE)
    here = examination.placed_among(wanted, {link.listing_pk for link in dead})
    yield _links(repository.links.count_states(), len({link.url for link in dead if link.listing_pk in here}))


def _communes(parts: list[Health]) -> Finding:
    lacking = {health.territory.label: health.uncovered for health in parts if health.uncovered}
    if not lacking:
        return Finding("Couverture", "ok", "chaque commune a sa mission locale compétente")
    count = sum(map(len, lacking.values()))
    names = [f"{commune_names().get(code, code)}" for codes in lacking.values() for code in codes]
    where = _listed(names) if len(lacking) == 1 else _listed([f"{label} : {len(codes)}" for label, codes in lacking.items()])
    text = f"{french_number(count)} commune{'s' if count > 1 else ''} sans mission locale compétente ({where})"
    return Finding(
        "Couverture", "warning", text, "Importer « missions_locales » et « administration », ou corriger leur territoire."
    )


def _networks(parts: list[Health]) -> Finding:
    lacking = [(health, health.missing) for health in parts if health.missing]
    if not lacking:
        return Finding("Réseaux", "ok", "tous ceux que l’on attend sont là")
    if len(lacking) == 1:
        text = "absents : " + _listed([categories()[category].plural for category in lacking[0][1]], len(lacking[0][1]))
    else:
        without = [health.territory.label for health, missing in lacking if "psad" in missing]
        text = f"{len(lacking)} départements où il en manque" + (f" ; sans PSAD : {_listed(without)}" if without else "")
    return Finding("Réseaux", "warning", text, "Importer leurs sources, ou les ajouter au bureau.")


def _kinds(parts: list[Health]) -> Finding:
    lacking = {
        name: [health.territory.label for health in parts if not health.kinds[rank].count]
        for rank, name in enumerate(_KINDS.values())
    }
    told = [f"{name} ({_listed(labels)})" for name, labels in lacking.items() if labels]
    if not told:
        return Finding("Genres", "ok", "partenaires, dispositifs, entreprises et événements à venir")
    return Finding("Genres", "warning", "manquent : " + " ; ".join(told), "Importer une source de ce genre.")


def _share(check: str, value: int | None, least: int, unit: str) -> Finding:
    if value is None:
        return Finding(check, "ok", "aucune fiche")
    mend = "Voir la file « Pas vérifiées depuis longtemps » du bureau." if value < least else ""
    return Finding(check, "warning" if value < least else "ok", f"{value}{unit}", mend)


def _duplicates(health: Health) -> Finding:
    if not health.duplicates:
        return Finding("Doublons", "ok", "aucun n’attend d’être jugé")
    text = f"{french_number(health.duplicates)} paire{'s' if health.duplicates > 1 else ''} à juger"
    return Finding("Doublons", "warning", text, "« relais duplicates list », ou la file « Peut-être en double » du bureau.")


def _links(states: dict[LinkState, int], dead: int) -> Finding:
    checked = sum(states.values())
    if not checked:
        return Finding("Liens", "warning", "aucun n’a été vérifié", "Lancer « relais check-links », chaque semaine par exemple.")
    if not dead:
        return Finding("Liens", "ok", f"aucun lien mort connu ({french_number(checked)} vérifiés)")
    return Finding(
        "Liens",
        "warning",
        f"{french_number(dead)} lien{'s morts' if dead > 1 else ' mort'}",
        "Les corriger : page « État de l’annuaire ».",
    )


def _listed(names: list[str], most: int = _NAMED) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" et {french_number(rest)} autres" if rest > 0 else "")
