"""The policy on one screen: what each criterion weighs in each section. Renormalised over those that apply."""

from __future__ import annotations

from collections.abc import Mapping

from directory.vocabulary import Kind
from matching.criteria import CRITERIA, Criterion
from matching.question import Question

WEIGHTS: Mapping[Kind, Mapping[str, int]] = {
    #                 needs        network     occupation  pathway     situation      audience    territory      effort
    Kind.PARTNER: {"besoins": 28, "reseau": 6, "metier": 6, "voie": 10, "public": 9, "territoire": 16, "trajet": 14, "moment": 4,
                   "fraicheur": 4, "joignable": 3},
    Kind.SCHEME:  {"besoins": 20, "voie": 24, "situation": 24, "public": 10, "territoire": 4, "moment": 12, "fraicheur": 4,
                   "joignable": 2},
    Kind.COMPANY: {"metier": 34, "voie": 17, "trajet": 27, "public": 2, "moment": 6, "places": 5, "fraicheur": 4,
                   "joignable": 5},
    Kind.EVENT:   {"date": 22, "besoins": 14, "metier": 10, "voie": 14, "public": 6, "trajet": 26, "fraicheur": 4,
                   "joignable": 4},
}  # fmt: skip


def weights_for(question: Question, kind: Kind) -> dict[str, float]:
    """Shares of the criteria that apply to a question, summing to 1, in the order an answer shows them."""
    policy = WEIGHTS[kind]
    applying = [criterion for criterion in CRITERIA.values() if criterion.id in policy and criterion.applies(question)]
    total = sum(policy[criterion.id] for criterion in applying)
    return {criterion.id: policy[criterion.id] / total for criterion in applying}


def check_weights(weights: Mapping[Kind, Mapping[str, float]], criteria: Mapping[str, Criterion] = CRITERIA) -> None:
    """Refuse weights that are not a policy.

    Raises:
        ValueError: An unknown criterion, a weight that is not positive, a section that is missing.
    """
    for kind in Kind:
        if not weights.get(kind):
            raise ValueError(f"section {kind} has no weights")
        for name, weight in weights[kind].items():
            if name not in criteria:
                raise ValueError(f"{kind}.{name}: no such criterion")
            if not weight > 0:
                raise ValueError(f"{kind}.{name}: {weight} is not above zero")
