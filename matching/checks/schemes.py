"""Schemes: when they are open, and for whom beyond ages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np

from directory.columns import NO_DAY, BoolArray, day_number
from directory.vocabulary import When
from matching.candidates import WHENS, Candidates
from matching.checks.common import Check, everyone, when_profile
from matching.question import FOREIGN, QPV, Question
from matching.rules import rules
from matching.types import DiplomaLevel, Situation

_ASKING_THE_MDPH = "sante--constituer-un-dossier-mdph-invalidite"
_SOON_DAYS = 31
"""What opens within a month after the student's window is shown, with its date."""


def _scheme_over(candidates: Candidates) -> BoolArray:
    return _past_end(candidates) & ~candidates.is_category(rules()["financement-echu"].categories)


def _past_end(candidates: Candidates) -> BoolArray:
    until = candidates.question.catalogue.valid_until[candidates.rows]
    return np.asarray((until != NO_DAY) & (until < day_number(candidates.question.at)))


def _not_open(candidates: Candidates) -> BoolArray:
    opens = candidates.question.catalogue.valid_from[candidates.rows]
    return np.asarray(opens > day_number(candidates.question.window.last) + _SOON_DAYS)


def _opens_later(candidates: Candidates) -> BoolArray:
    opens = candidates.question.catalogue.valid_from[candidates.rows]
    return np.asarray((opens > day_number(candidates.question.at)) & ~_not_open(candidates))


def _of_pupils(candidates: Candidates) -> BoolArray | None:
    """What the lycée gives because one is a pupil (domain rule A10), asked for someone who may not be one."""
    if candidates.question.window.enrolled:
        return None
    return candidates.question.catalogue.networks.any_of(("lycee",), candidates.rows)


def _gives_what_one_has(candidates: Candidates) -> BoolArray | None:
    """The aids that ask the MDPH to recognise a handicap, for whom one is recognised."""
    if not candidates.question.has_rqth:
        return None
    return candidates.question.catalogue.thematiques.any_of((_ASKING_THE_MDPH,), candidates.rows) & candidates.is_category(
        ("aide",)
    )


def _does_not_retake(question: Question) -> bool:
    profile = question.profile
    return profile.situation not in {None, Situation.RETAKE} or profile.diploma.obtained is True


def _year_after_is_over(question: Question) -> bool:
    start = question.profile.parcours_start
    return start is not None and question.at >= date(start.year + 1, 9, 1)


def _parcours_closed(question: Question) -> bool:
    if question.profile.parcours_start is not None:
        return not question.window.in_parcours
    return question.at.month < 6  # from June on the next one is being prepared


def _situation_unknown(question: Question) -> bool:
    # who has the diploma is a graduate; who failed may want to retake or not
    return question.profile.situation is None and question.profile.diploma.obtained is not True


def _failed(question: Question) -> bool:
    # whoever retakes, or wants something else (T1, T2), has failed, said or not
    return question.profile.diploma.obtained is False or question.profile.situation in {Situation.RETAKE, Situation.OTHER_PROJECT}


def _is_foreign(question: Question) -> bool:
    return FOREIGN in question.profile.publics


def _employs_a_foreigner(candidates: Candidates) -> BoolArray | None:
    if not _is_foreign(candidates.question):
        return None
    return np.asarray(candidates.when == WHENS.index(When.ENDS_IT))  # a pupil's placement is no employment


def _of_level(*levels: DiplomaLevel | None) -> Callable[[Question], bool]:
    return lambda question: question.profile.diploma.level in levels


_after_cap = _of_level(DiplomaLevel.CAP)
_no_bac = _of_level(None, DiplomaLevel.BMA, DiplomaLevel.DTMS)


SCHEME_CHECKS: dict[str, Check] = {
    "dispositif-termine": _scheme_over,
    "dispositif-pas-ouvert": _not_open,
    "dispositif-ouvre-plus-tard": _opens_later,
    "parcours-public": when_profile(lambda question: question.profile.diploma.level is None),
    "parcours-dates": when_profile(_parcours_closed),
    "eleve-a-verifier": _of_pupils,
    "situation-inconnue": when_profile(_situation_unknown),
    "handicap-reconnu": _gives_what_one_has,
    "redoublement-situation": when_profile(_does_not_retake),
    "redoublement-droit": when_profile(lambda question: question.profile.situation is Situation.RETAKE),
    "redoublement-annee": when_profile(_year_after_is_over),
    "morea-situation": when_profile(_does_not_retake),
    "morea-conditions": everyone,
    "poursuite-diplome": when_profile(_failed),
    "parcoursup-bac": when_profile(lambda question: _failed(question) or _after_cap(question)),
    "parcoursup-a-verifier": when_profile(lambda question: not _failed(question) and _no_bac(question)),
    "apres-cap": when_profile(_of_level(DiplomaLevel.BAC_PRO, DiplomaLevel.BMA, DiplomaLevel.DTMS)),
    "apres-cap-a-verifier": when_profile(_of_level(None)),
    "apres-cap-obtenu": when_profile(lambda question: _failed(question) and _after_cap(question)),
    "micro-lycee-interruption": when_profile(lambda question: question.window.in_parcours),
    "micro-lycee-a-verifier": when_profile(lambda question: not question.window.in_parcours),
    "cej-apres": everyone,
    "e2c-delai": everyone,
    "e2c-emploi": everyone,
    "epide-diplome": everyone,
    "epide-outre-mer": when_profile(lambda question: question.profile.place.code_departement.startswith("97")),
    "aide-apprentis": everyone,
    "promo-16-18-prescription": everyone,
    "financement-annuel": lambda candidates: ~_past_end(candidates),
    "financement-echu": _past_end,
    "prij-qpv": when_profile(lambda question: QPV not in question.profile.publics),
    "service-civique-duree": everyone,
    "service-civique-mineur": lambda candidates: candidates.age_low < 18,
    "apprentissage-rentree": everyone,
    "apprentissage-tardif": everyone,
    "pmsmp-eleve": everyone,
    "autorisation-de-travail": _employs_a_foreigner,
    "service-civique-etranger": when_profile(_is_foreign),
    "clause-sociale-facilitateur": everyone,
}
