"""The keys under which a place's name is found: articles, glued words, shortened regions."""

from __future__ import annotations

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


def word_starts(key: str) -> Iterator[str]:
    """The ends of a folded name, one from each of its words: ``saint denis`` gives ``saint denis`` and ``denis``."""
    words = key.split(" ")
    for start in range(len(words)):
        yield " ".join(words[start:])
