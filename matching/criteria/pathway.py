"""Pathways wished, and what each of the three situations calls for."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from directory.columns import BoolArray, FloatArray, IntArray, day_number
from directory.vocabulary import PATHWAY_LABELS, Pathway
from matching.candidates import Candidates
from matching.criteria.case import BY_NATURE, BY_RECORD, Case, Criterion, Reason, always
from matching.french import french_list, lower_first
from matching.question import Question
from matching.types import DiplomaLevel, Situation

_BY_NATURE = 0.9
_SILENT = 0.3
_FOR_A_NEED = 0.7


def _wished(case: Case) -> FloatArray:
    """Value the pathways that a listing offers among those wished.

    Published: Voie souhaitée. Offrir une des voies souhaitées (apprentissage, stage, emploi…) compte pour 70 %, les
    offrir toutes entièrement ; un peu moins quand c’est la nature de la structure qui le dit et non sa fiche. Une fiche
    muette compte pour 30 %.
    """
    return case.candidates.by_record(_offered)


def _offered(candidates: Candidates) -> FloatArray:
    question, rows = candidates.question, candidates.rows
    pathways = question.catalogue.pathways
    hits = np.stack([pathways.any_of((pathway,), rows) for pathway in question.profile.pathways])
    by_nature = question.catalogue.pathways_by_nature[rows]
    value = (0.7 * hits.any(axis=0) + 0.3 * hits.mean(axis=0)) * np.where(by_nature, _BY_NATURE, 1.0)
    return np.where(pathways.filled(rows), value, _SILENT)


def _explain_wished(case: Case, index: int) -> Reason:
    catalogue, row = case.question.catalogue, case.row(index)
    own = catalogue.pathways.of(row)
    if not own:
        return Reason("Ce qui est proposé n’est pas indiqué : à demander", BY_RECORD)
    by_nature = bool(catalogue.pathways_by_nature[row])
    source = BY_NATURE if by_nature else BY_RECORD
    mine = [lower_first(PATHWAY_LABELS[pathway]) for pathway in case.question.profile.pathways if pathway in own]
    if not mine:
        offered = french_list([lower_first(PATHWAY_LABELS[Pathway(pathway)]) for pathway in own])
        return Reason(f"Propose {offered}, pas la voie souhaitée", source)
    return Reason(f"Propose {french_list(mine)}" + (" (par nature)" if by_nature else ", comme souhaité"), source)


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("matching").joinpath("data", "situations.toml").read_text(encoding="utf-8"))


def precedence(candidates: Candidates) -> IntArray:
    """In what order some schemes stand before every other in the student's situation, whatever their points (domain rule A6).

    1 is first; 0 is for those that points alone rank.
    """
    question = candidates.question
    table, catalogue, pathways = _table()[situation_key(question)], question.catalogue, question.profile.pathways
    rank = np.zeros(len(candidates), dtype=np.int32)
    suits = catalogue.pathways.any_of(pathways, candidates.rows) | (not pathways)
    rank[candidates.is_category(table["first_if_wished"]) & suits] = len(table["first"]) + 2
    for place, category in enumerate(table["first"], 2):
        rank[candidates.is_category((category,))] = place
    if table["first_listings"]:
        named = np.array([catalogue.ids[row] in table["first_listings"] for row in candidates.rows], dtype=np.bool_)
        rank[named & (catalogue.valid_from[candidates.rows] <= day_number(question.at))] = 1
    return rank


def situation_key(question: Question) -> str:
    """The table of ``data/situations.toml`` that answers to a student's situation."""
    profile = question.profile
    if profile.situation in {Situation.RETAKE, Situation.OTHER_PROJECT}:
        return str(profile.situation)
    if profile.situation is Situation.GRADUATE or profile.diploma.obtained:
        return _GRADUATES[profile.diploma.level]
    return "unknown" if profile.diploma.obtained is None else "failed"


_GRADUATES = {
    None: "graduate",
    DiplomaLevel.CAP: "graduate_cap",
    DiplomaLevel.BAC_PRO: "graduate_bac_pro",
    DiplomaLevel.BMA: "graduate_bac_pro",
    DiplomaLevel.DTMS: "graduate_bac_pro",
}


def _situation(case: Case) -> FloatArray:
    """Value what the student's situation calls for first.

    Published: Situation. Repasser l’examen : redoublement et MOREA d’abord. Autre projet : accompagnement vers l’emploi
    ou une autre formation. Diplômé : poursuite de formation d’abord, puis apprentissage et emploi. Situation non précisée : le
    parcours d’abord, qui aide à la préciser. Les autres dispositifs comptent pour 30 %, une aide qui couvre un besoin déclaré
    pour 70 %.
    """
    order = _table()[situation_key(case.question)]["order"]
    catalogue = case.question.catalogue
    of_category = np.array([order.get(code, _SILENT) for code in catalogue.category_codes])
    value = of_category[catalogue.category[case.candidates.rows]]
    return np.where(_is_aid_for_a_need(case), np.maximum(value, _FOR_A_NEED), value)


def _is_aid_for_a_need(case: Case) -> BoolArray:
    aid = case.candidates.is_category(("aide",))
    if not aid.any():
        return aid
    wanted = [code for need in case.question.needs for code in need.first]
    return np.asarray(aid & case.question.catalogue.thematiques.any_of(wanted, case.candidates.rows))


_SITUATION_LABELS = {
    "retake": "repasser l’examen",
    "other_project": "un autre projet",
    "graduate_cap": "un diplômé de CAP",
    "graduate_bac_pro": "un diplômé de bac pro",
    "graduate": "un diplômé",
    "failed": "qui a échoué à l’examen",
    "unknown": "qui n’a pas précisé sa situation",
}


def _explain_situation(case: Case, index: int) -> Reason:
    key = situation_key(case.question)
    if _is_aid_for_a_need(case)[index]:
        return Reason("Aide qui répond à un besoin déclaré", "Fiche de mise en œuvre de la mesure 5.2")
    code = case.question.catalogue.category_of(case.row(index))
    value = _table()[key]["order"].get(code, _SILENT)
    how = "Première piste" if value >= 0.95 else "Piste adaptée" if value >= 0.6 else "Piste possible"
    return Reason(f"{how} pour {_SITUATION_LABELS[key]}", "Fiche de mise en œuvre de la mesure 5.2")


PATHWAY = Criterion("voie", "Voie souhaitée", lambda question: bool(question.profile.pathways), _wished, _explain_wished)
SITUATION = Criterion("situation", "Situation", always, _situation, _explain_situation, of_row=True)
