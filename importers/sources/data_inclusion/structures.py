"""A structure of data·inclusion as a partner: its category by the networks that carry it, else by its name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from directory.identifiers import parse_siret
from directory.models.record import Contact
from directory.text import fold
from directory.vocabulary import ACCESSIBILITY_CONTACT, DATA_INCLUSION_NETWORKS, Kind, categories
from importers.sources.data_inclusion.item import Item
from importers.sources.data_inclusion.places import Territories
from importers.structures import guess_category


def read_structure(item: Item, territories: Territories) -> dict[str, Any]:
    """The fields of the record of a structure."""
    name = item.text("nom")
    networks = item.choices("reseaux_porteurs", DATA_INCLUSION_NETWORKS, "réseaux porteurs")
    access = item.url("accessibilite_lieu")
    site = item.url("site_web")
    contacts = item.reach(item.phones("telephone"), item.email("courriel"))
    if site:
        contacts += (Contact(url=site),)
    if access:
        contacts += (Contact(label=ACCESSIBILITY_CONTACT, url=access),)
    return {
        "kind": Kind.PARTNER,
        "category": category_of(name, networks),
        "name": name,
        "description": item.lines("description", 20_000),
        **territories.place(item),
        "contacts": contacts,
        "opening_hours": item.text("horaires_accueil"),
        "networks": networks,
        "siret": item.read("siret", parse_siret, None) if item.values.get("siret") else None,
        "updated_at": item.day("date_maj"),
        "source_url": item.url("lien_source"),
    }


@lru_cache(maxsize=10_000)
def category_of(name: str, networks: tuple[str, ...]) -> str:
    """What a structure is: what its name states where one of its networks agrees, or where it has none; else its network.

    A structure carried by a network that makes no category of its own (« Restos du cœur ») is an association, as is one whose
    name says so; of any other nothing is known: « autre ».
    """
    named = guess_category(name)
    carried = _carried_by(networks)
    if named is not None and (not carried or named in carried):
        return named
    if carried:
        return carried[0]
    return "association" if networks or f" {fold(name)} ".find(" association ") >= 0 else "autre"


def _carried_by(networks: Iterable[str]) -> list[str]:
    """The categories of some networks, in the file's order; « France services » after all others, which it often shelters."""
    found = dict.fromkeys(category for network in networks if (category := _by_network().get(network)))
    order = list(categories())
    return sorted(found, key=lambda category: (category == "france_services", order.index(category)))


@cache
def _by_network() -> dict[str, str]:
    found: dict[str, str] = {}
    for category in categories().values():
        if Kind.PARTNER in category.kinds:
            for network in category.networks:
                found.setdefault(network, category.code)
    return found
