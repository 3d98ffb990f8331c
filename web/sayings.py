"""What a student may say on the phone: a few short sentences of plain French (level A2) for each sort of listing."""

from __future__ import annotations

from collections.abc import Mapping

from directory.occupations import title
from directory.vocabulary import Kind, Pathway
from matching.types import Match, Profile, Situation

# No sentence tells a need: the sheet may be read over a shoulder, the call overheard.
_BY_CATEGORY: Mapping[str, str] = {
    "mission_locale": "J’ai {age} ans. J’habite à {town}. Je cherche un emploi ou une formation. Je voudrais un rendez-vous.",
    "cio": "J’étais au lycée l’an dernier. Je veux choisir une formation. Je voudrais un rendez-vous avec un Psy-EN.",
    "psad": "J’ai fini mes années de lycée. Je cherche une formation. Qui peut me recevoir ?",
    "mlds": "J’ai fini mes années de lycée. Je voudrais préparer la suite. Qui peut me recevoir ?",
    "bureau_des_entreprises": "Je cherche une entreprise pour un stage. Pouvez-vous m’aider à en trouver une ?",
    "cfa": "Je veux faire un apprentissage. Est-ce qu’il reste des places ? Qui aide à trouver une entreprise ?",
    "france_travail": "Je cherche un emploi. Comment est-ce que je m’inscris ?",
    "information_jeunesse": "Je cherche des informations pour un travail ou une formation. Quand est-ce que je peux venir ?",
    "e2c": "J’ai {age} ans. Je voudrais entrer à l’École de la deuxième chance. Quand est la prochaine réunion ?",
    "epide": "J’ai {age} ans. Je voudrais visiter l’EPIDE. Quand est-ce possible ?",
    "residence_fjt": "J’ai {age} ans. Je cherche une chambre. Est-ce qu’il y a de la place ? Combien ça coûte ?",
    "cllaj": "J’ai {age} ans. Je cherche un logement. Je voudrais un rendez-vous.",
    "redoublement": "Je n’ai pas eu mon examen. Je voudrais refaire mon année ici. Est-ce qu’il y a une place ?",
    "morea": "Je n’ai pas eu mon examen. Je voudrais le repasser. Comment est-ce que je peux préparer l’examen ?",
    "parcours_ambition_emploi": "Je suis volontaire pour le parcours Ambition emploi. Quand est-ce que je commence ?",
    "pfmp": "Je voudrais faire un stage en entreprise. Qui peut m’aider à en trouver un ?",
    "pmsmp": "Je voudrais découvrir un métier en entreprise. Qui peut m’aider ?",
    "cej": "J’ai {age} ans. Je voudrais entrer dans le Contrat d’engagement jeune. Je voudrais un rendez-vous.",
    "apprentissage": "Je veux faire un apprentissage. Qui peut m’aider à trouver une entreprise ?",
    "aide": "On m’a parlé de cette aide : « {name} ». Est-ce que j’y ai droit ? Quels papiers faut-il ?",
    "service_civique": "Je voudrais faire un service civique. Quelles missions avez-vous ? Quand est-ce que ça commence ?",
    "atelier": "Je voudrais venir à l’atelier. Est-ce que je dois m’inscrire ?",
    "information": "Je voudrais venir à la réunion. Est-ce que je dois m’inscrire ?",
    "portes_ouvertes": "Je voudrais venir aux portes ouvertes. Est-ce que je dois m’inscrire ?",
}  # fmt: skip
_RETAKING = {
    "mission_locale": "J’ai {age} ans. J’habite à {town}. Je n’ai pas eu mon examen. Je voudrais un rendez-vous.",
    "cio": "Je n’ai pas eu mon examen. Je voudrais le repasser. Je voudrais un rendez-vous avec un Psy-EN.",
    "psad": "Je n’ai pas eu mon examen. Je voudrais le repasser. Qui peut me recevoir ?",
    "mlds": "Je n’ai pas eu mon examen. Je voudrais le repasser. Qui peut me recevoir ?",
}
_BY_KIND: Mapping[Kind, str] = {
    Kind.PARTNER: "J’ai {age} ans. J’habite à {town}. Mon lycée m’a donné votre numéro. Je voudrais un rendez-vous.",
    Kind.SCHEME: "On m’a parlé de « {name} ». Est-ce que c’est possible pour moi ? Qu’est-ce que je dois faire ?",
    Kind.EVENT: "Sur place : Je cherche {wish}. Voici mon CV.",
    Kind.COMPANY: "Je cherche {wish}. Est-ce que vous prenez des jeunes en ce moment ? Je peux venir avec mon CV.",
}
_WISHES: Mapping[Pathway, str] = {
    Pathway.INTERNSHIP: "un stage",
    Pathway.IMMERSION: "un stage pour découvrir le métier",
    Pathway.VISIT: "une visite de votre entreprise",
    Pathway.APPRENTICESHIP: "un apprentissage",
    Pathway.JOB: "un emploi",
}


def saying(match: Match, profile: Profile, age: int, *, named: bool = True) -> str:
    """What to say for one listing: « Bonjour. … Merci. ». Not named, it says nothing of whom one calls."""
    if not named:
        return f"Bonjour. J’ai {age} ans. Mon lycée m’a donné votre numéro. Je voudrais un rendez-vous. Merci."
    retaking = _RETAKING if profile.situation is Situation.RETAKE else {}
    sentence = {**_BY_CATEGORY, **retaking}.get(match.category, _BY_KIND[match.kind])
    town = profile.place.label.rpartition(" (")[0] or profile.place.label
    said = sentence.format(age=age, town=town, name=match.name, wish=_wish(profile))
    if match.kind is Kind.COMPANY and profile.parcours_start and _wants_a_placement(profile):
        said += " Le lycée s’occupe de la convention."
    return said if sentence == _BY_KIND[Kind.EVENT] else f"Bonjour. {said} Merci."


def _wants_a_placement(profile: Profile) -> bool:
    return not profile.pathways or Pathway.INTERNSHIP in profile.pathways


def _wish(profile: Profile) -> str:
    wished = next((_WISHES[pathway] for pathway in profile.pathways if pathway in _WISHES), None)
    wished = wished or ("un stage" if profile.parcours_start else "un emploi ou un apprentissage")
    trade = next(filter(None, map(title, profile.occupations)), "").split(" / ")[0]
    return f"{wished}. Le métier : {trade[:1].lower()}{trade[1:]}" if trade else wished
