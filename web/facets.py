"""The facets of the search page: which ones, what each value is called, how many answers it has, and the addresses without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from directory.search.questions import vocabularies
from directory.vocabulary import KIND_LABELS, Kind
from web.wording import capitalize_first, occupation_label

SHOWN = 8
"""Values of a facet shown at once; the others unfold."""
MOST = 60
"""Values of a facet at all; the rarer ones are found by words."""

DOMAINS: Mapping[str, str] = {
    "choisir-un-metier": "Choisir un métier",
    "creer-une-entreprise": "Créer une entreprise",
    "difficultes-administratives-ou-juridiques": "Démarches et droits",
    "difficultes-financieres": "Argent",
    "equipement-et-alimentation": "Équipement et alimentation",
    "famille": "Famille",
    "lecture-ecriture-calcul": "Lire, écrire, compter",
    "logement-hebergement": "Logement",
    "mobilite": "Se déplacer",
    "numerique": "Numérique",
    "preparer-sa-candidature": "Préparer sa candidature",
    "remobilisation": "Reprendre confiance",
    "sante": "Santé",
    "se-former": "Se former",
    "souvrir-a-linternational": "Partir à l’étranger",
    "trouver-un-emploi": "Trouver un emploi",
}
"""The domains of the thematiques, in few words."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet.

    Attributes:
        name: Of the parameter in the address.
        field: Of the index's filter; ``kind`` for the kinds.
        legend: What it is called.
        label: Names a value.
    """

    name: str
    field: str
    legend: str
    label: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet, and whether it is chosen.

    Attributes:
        count: How many answers one would have by choosing it; None where nothing was counted.
    """

    value: str
    label: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A facet as it is shown: the most frequent values, and those that unfold."""

    facet: Facet
    shown: tuple[Choice, ...]
    more: tuple[Choice, ...]

    @property
    def chosen(self) -> tuple[Choice, ...]:
        """The values chosen."""
        return tuple(choice for choice in (*self.shown, *self.more) if choice.chosen)


def _kind(value: str) -> str:
    return KIND_LABELS[Kind(value)] if value in set(Kind) else value


def _of(field: str) -> Callable[[str], str]:
    return lambda value: capitalize_first(vocabularies()[field].get(value, value))


FACETS: tuple[Facet, ...] = (
    Facet("genre", "kind", "Quoi", _kind),
    Facet("voie", "pathway", "Ce qui est proposé", _of("pathway")),
    Facet("theme", "thematique", "Pour quel besoin", lambda value: DOMAINS.get(value) or _of("thematique")(value)),
    Facet("categorie", "category", "Qui", _of("category")),
    Facet("metier", "occupation", "Métier", occupation_label),
    Facet("public", "public", "Pour qui", _of("public")),
    Facet("frais", "frais", "Coût", _of("frais")),
    Facet("accueil", "mode_accueil", "Accueil", _of("mode_accueil")),
    Facet("accessibilite", "accessibility", "Handicap", _of("accessibility")),
    Facet("reseau", "network", "Réseau", _of("network")),
    Facet("departement", "departement", "Département", _of("departement")),
)


def chosen_filters(args: MultiDict[str, str]) -> dict[str, tuple[str, ...]]:
    """Filter of the index → the values that the address chooses, the kinds apart."""
    chosen = {facet.field: chosen_values(args, facet) for facet in FACETS if facet.field != "kind"}
    return {field: values for field, values in chosen.items() if values}


def chosen_values(args: MultiDict[str, str], facet: Facet) -> tuple[str, ...]:
    """The values of a facet that the address chooses, each once."""
    return tuple(dict.fromkeys(value.strip() for value in args.getlist(facet.name) if value.strip()))


def list_groups(args: MultiDict[str, str], counts: Mapping[str, Mapping[str, int]]) -> tuple[Group, ...]:
    """The facets that can narrow the answers, or that narrow them already.

    Where values are folded away the chosen ones come first; elsewhere nothing moves under who clicks.

    Args:
        args: What the address chooses.
        counts: Facet → value → how many answers have it, as ``SearchPage.facets``.
    """
    return tuple(_groups(args, counts))


def _groups(args: MultiDict[str, str], counts: Mapping[str, Mapping[str, int]]) -> Iterator[Group]:
    for facet in FACETS:
        chosen, of = chosen_values(args, facet), dict(counts.get(facet.field, {}))
        if facet.field == "thematique":  # the domains; what they divide into is found by words
            of = {value: count for value, count in of.items() if "--" not in value or value in chosen}
        if facet.field == "kind" and counts:
            of = {str(kind): of.get(kind, 0) for kind in KIND_LABELS}  # always all four, in their order
        of |= {value: of.get(value, 0) for value in chosen}
        order = sorted(of, key=set(of).difference(chosen).__contains__) if len(of) > SHOWN else list(of)
        choices = [Choice(value, facet.label(value), of[value] if counts else None, value in chosen) for value in order[:MOST]]
        if chosen or len(choices) > 1:
            shown = max(SHOWN, len(chosen))
            yield Group(facet, tuple(choices[:shown]), tuple(choices[shown:]))
