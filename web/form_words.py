"""The words of the profile form: the labels of its fields and answers, and the core's refusals said in these words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from directory.vocabulary import PATHWAY_LABELS
from matching.errors import ProfileError
from matching.needs import get_need, needs
from matching.types import DiplomaLevel, Mode, Situation
from web.params import form_field

# in the order of the form
LABELS: Mapping[str, str] = {
    "place": "Où habite l’élève",
    "age": "Âge",
    "birth_date": "Date de naissance",
    "situation": "Situation",
    "parcours": "Inscription au parcours Ambition emploi",
    "parcours_start": "Début du parcours",
    "parcours_end": "Fin du parcours",
    "diploma_level": "Diplôme préparé",
    "diploma_specialty": "Spécialité",
    "diploma_obtained": "Diplôme obtenu",
    "establishment_uai": "Lycée d’origine",
    "occupations": "Métiers envisagés",
    "paths": "Voies souhaitées",
    "needs": "Besoins",
    "publics": "Situation particulière",
    "mode": "Moyen de transport",
    "max_minutes": "Trajet accepté",
}
SITUATIONS: Mapping[str, str] = {
    Situation.RETAKE: "Diplôme non obtenu : veut repasser l’examen",
    Situation.OTHER_PROJECT: "Diplôme non obtenu : veut un emploi ou une autre formation",
    Situation.GRADUATE: "Diplôme obtenu, sans solution pour la suite",
}
# What domain rule A6 answers first in each situation.
FIRST_ANSWERS: Mapping[str, str] = {
    Situation.RETAKE: "D’abord : le redoublement, un droit dans le lycée d’origine, ou la MOREA.",
    Situation.OTHER_PROJECT: "Un appui vers un emploi, un apprentissage ou une autre formation.",
    Situation.GRADUATE: "Après un bac pro, Parcoursup tant qu’il dure, et hors Parcoursup ; après un CAP, bac pro en deux ans, "
    "certificat de spécialisation, BP ou apprentissage.",
}
LEVELS: Mapping[str, str] = {
    DiplomaLevel.CAP: "CAP",
    DiplomaLevel.BAC_PRO: "Baccalauréat professionnel",
    DiplomaLevel.BMA: "Brevet des métiers d’art (BMA)",
    DiplomaLevel.DTMS: "Diplôme de technicien des métiers du spectacle (DTMS)",
}
OBTAINED: Mapping[str, str] = {"oui": "Oui", "non": "Non"}
MODES: Mapping[str, str] = {
    Mode.WALK: "À pied",
    Mode.BIKE: "À vélo",
    Mode.TRANSIT: "En transports en commun",
    Mode.CAR: "En voiture ou en scooter",
}
MINUTES = (15, 30, 45, 60, 90)
PUBLICS: Mapping[str, str] = {
    "personnes-en-situation-de-handicap": "Handicap reconnu (RQTH, notification de la MDPH)",
    "residents-qpv-frr": "Habite un quartier prioritaire (QPV) ou une zone France ruralités revitalisation (FRR)",
}

FORM_WORDS: Mapping[str, Mapping[str, str]] = {
    "labels": LABELS,
    "situations": SITUATIONS,
    "first_answers": FIRST_ANSWERS,
    "levels": LEVELS,
    "obtained": OBTAINED,
    "parcours": {"oui": "Oui"},
    "modes": MODES,
    "publics": PUBLICS,
    "minutes": {str(minutes): f"{minutes} minutes au plus" for minutes in MINUTES},
    "paths": {str(path): label for path, label in PATHWAY_LABELS.items()},
}

# What the core writes for programs → what the form's reader sees on the screen.
_PLAIN: tuple[tuple[str, str], ...] = (
    ("« diploma.obtained » false", "diplôme non obtenu"),
    ("« diploma.obtained » true", "diplôme obtenu"),
    ("« graduate » (diplômé)", f"« {SITUATIONS[Situation.GRADUATE]} »"),
    ("« retake » (repasser l’examen)", f"« {SITUATIONS[Situation.RETAKE]} »"),
    ("(AAAA-MM-JJ)", "(jour/mois/année)"),
    *((f"« {name} »", f"« {LABELS[field]} »") for name, field in {
        "birth_date": "birth_date",
        "age": "age",
        "place": "place",
        "establishment_uai": "establishment_uai",
        "situation": "situation",
        "diploma.level": "diploma_level",
        "diploma.specialty": "diploma_specialty",
        "diploma.obtained": "diploma_obtained",
        "wishes.occupations": "occupations",
        "wishes.paths": "paths",
        "needs": "needs",
        "publics": "publics",
        "mobility.mode": "mode",
        "mobility.max_minutes": "max_minutes",
        "parcours.start": "parcours_start",
        "parcours.end": "parcours_end",
    }.items()),
)  # fmt: skip


_CHOSEN = frozenset({"situation", "diploma_level", "diploma_obtained", "mode", "max_minutes", "paths", "needs", "publics"})
_POSITION = re.compile(r"\[\d+\](?= »)")


def need_labels(others: Iterable[str] = ()) -> dict[str, str]:
    """The needs of the form, key to label, and those of other keys that a profile holds (thématiques)."""
    labels = {key: need.label for key, need in needs().items()}
    return labels | {key: get_need(key).label for key in others if key not in labels}


def plain_message(error: ProfileError) -> str:
    """The refusal's French sentence, in the words of the form instead of those of the JSON profile."""
    text = _POSITION.sub("", error.public)
    if form_field(error.field) in _CHOSEN:
        text = text.split(" Vouliez-vous")[0].split(" Valeurs possibles")[0]  # codes, that the page does not show
    for written, shown in _PLAIN:
        text = text.replace(written, shown)
    return text
