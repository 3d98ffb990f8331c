"""The keys under which a place's name is found: articles, glued words, shortened regions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from directory.text import fold, read_slashes, spell_out

_ARTICLES = frozenset({"l", "le", "la", "les"})
_LINKS = _ARTICLES | {"d", "de", "du", "des"}

ALIASES: Mapping[str, tuple[str, ...]] = {
    "Provence-Alpes-Côte d'Azur": ("PACA", "Région Sud"),
    "Île-de-France": ("IDF", "Région parisienne"),
    "Auvergne-Rhône-Alpes": ("AURA",),
    "Hauts-de-France": ("HDF",),
    "Bourgogne-Franche-Comté": ("BFC",),
    "Centre-Val de Loire": ("CVL",),
    "Pays de la Loire": ("PDL",),
    "Nouvelle-Aquitaine": ("NAQ",),
    "La Réunion": ("Île de la Réunion",),
}
"""What people write for a région or a département, beside its name."""

FORMER_REGIONS: Mapping[str, str] = {
    "Alsace": "Grand Est",
    "Aquitaine": "Nouvelle-Aquitaine",
    "Auvergne": "Auvergne-Rhône-Alpes",
    "Basse-Normandie": "Normandie",
    "Bourgogne": "Bourgogne-Franche-Comté",
    "Centre": "Centre-Val de Loire",
    "Champagne-Ardenne": "Grand Est",
    "Franche-Comté": "Bourgogne-Franche-Comté",
    "Haute-Normandie": "Normandie",
    "Languedoc-Roussillon": "Occitanie",
    "Limousin": "Nouvelle-Aquitaine",
    "Lorraine": "Grand Est",
    "Midi-Pyrénées": "Occitanie",
    "Nord-Pas-de-Calais": "Hauts-de-France",
    "Picardie": "Hauts-de-France",
    "Poitou-Charentes": "Nouvelle-Aquitaine",
    "Rhône-Alpes": "Auvergne-Rhône-Alpes",
}
"""Régions until 2015 → of today (loi n° 2015-29 du 16 janvier 2015)."""


def typed_key(text: str) -> str:
    """What was typed, folded, with St and Ste spelt out and numbers kept: ``saint denis 974``."""
    return spell_out(fold(read_slashes(text)))


def without_article(key: str) -> str:
    """A folded name without its leading article: ``l hay les roses`` → ``hay les roses``."""
    first, _, rest = key.partition(" ")
    return rest if first in _ARTICLES and rest else key


def variants(key: str) -> tuple[str, ...]:
    """The forms of a folded name, the most faithful first: as it is, in one word, without its article, without both."""
    bare = without_article(key)
    return tuple(dict.fromkeys((key, key.replace(" ", ""), bare, bare.replace(" ", ""))))


def name_keys(name: str) -> Iterator[tuple[str, int]]:
    """The keys of a name with their rank, 0 for the most faithful."""
    # not fold_place: « Paris 13e Arrondissement » keeps its number
    for rank, key in enumerate(variants(typed_key(name))):
        yield key, rank


def qualified_key(level: str, words: str) -> str:
    """The key of a territory named with its level: « département de l'Ain » → ``departement ain``."""
    rest = fold(words).split(" ")
    while len(rest) > 1 and rest[0] in _LINKS:
        rest = rest[1:]
    return " ".join((level, *rest))


_EPCI_KINDS = {
    "cc": "communaute de communes",
    "ca": "communaute d agglomeration",
    "cu": "communaute urbaine",
    "metropole": "metropole",
}
_EPCI_ALIASES = {
    "metropole de lyon": "grand lyon",
    "metropole du grand paris": "grand paris",
    "ca grand paris sud seine essonne senart": "grand paris sud",
    # Lisieux is the capital of the pays d'Auge, of which four intercommunalités are a part
    "ca lisieux normandie": "pays d auge",
    "cc terre d auge": "pays d auge",
}


def epci_keys(name: str) -> Iterator[str]:
    """The keys of an intercommunalité: as INSEE writes it, with its kind in full, without its kind, without its acronym.

    « CC du Pays Fouesnantais » gives ``cc du pays fouesnantais``, ``communaute de communes du pays fouesnantais`` and
    ``pays fouesnantais``; « Rennes Métropole » itself only.
    """
    for written in dict.fromkeys((name, re.sub(r"\s*\([^)]*\)", "", name))):
        key = typed_key(written)
        yield key
        kind, _, rest = key.partition(" ")
        if kind in _EPCI_KINDS and rest:
            yield f"{_EPCI_KINDS[kind]} {rest}"
            bare = rest.split(" ")
            while len(bare) > 1 and bare[0] in _LINKS:
                bare = bare[1:]
            # « CC du Val d'Essonne » is asked as « Val d'Essonne », but « Métropole de Lyon » is not Lyon
            if kind != "metropole" and len(bare) > 1:
                yield " ".join(bare)
                yield from _spoken(bare)
        if key in _EPCI_ALIASES:
            yield _EPCI_ALIASES[key]


_TOGETHER = frozenset({"communaute", "agglomeration", "agglo"})


def _spoken(bare: list[str]) -> Iterator[str]:
    """What people call an intercommunalité that is named after a place: « Pays de Vitré » is asked for « Vitré Communauté »,
    « Saint-Malo Agglomération » for « Pays de Saint Malo Agglomération ». What it is then stands in the place's label.
    """  # noqa: D205
    if "pays" in bare[1:]:
        yield " ".join(bare[bare.index("pays", 1) :])  # « CA Pornic Agglo Pays de Retz »
    country, together = bare[0] == "pays" and len(bare) > 2 and bare[1] in _LINKS, bare[-1] in _TOGETHER
    middle = bare[2 if country else 0 : -1 if together else None]
    if not middle:
        return
    if together:
        yield " ".join(("pays de", *middle))
        yield " ".join((*middle, "agglo"))
    if country:
        yield " ".join((*middle, *bare[-1:])) if together else " ".join((*middle, "communaute"))


def word_starts(key: str) -> Iterator[str]:
    """The ends of a folded name, one from each of its words: ``saint denis`` gives ``saint denis`` and ``denis``."""
    words = key.split(" ")
    for start in range(len(words)):
        yield " ".join(words[start:])
