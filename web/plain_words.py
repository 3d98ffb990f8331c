"""The words of the field that a student's sheet may hold, in short sentences of plain French (level A2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# What each word is, for the student. A word is told where it stands as it is written here, alone.
_MEANINGS: Mapping[str, str] = {
    "AFPA": "une école pour adultes. Elle apprend un métier.",
    "BP": "brevet professionnel, un diplôme après le CAP.",
    "CAF": "elle donne des aides pour le logement et pour les enfants.",
    "CCAS": "le service de la mairie qui aide les habitants.",
    "CEJ": "contrat d’engagement jeune. On vous aide chaque semaine à trouver un emploi ou une formation.",
    "CFA": "l’école des apprentis.",
    "CIO": "un lieu gratuit pour choisir une formation.",
    "CLEE": "un groupe qui réunit les lycées et les entreprises.",
    "CLLAJ": "un service qui aide les jeunes à trouver un logement.",
    "CMP": "un lieu de soin gratuit, pour parler quand on va mal.",
    "CPAM": "le bureau de l’assurance maladie.",
    "CSAPA": "un lieu de soin gratuit, pour l’alcool, le tabac, les drogues ou les jeux.",
    "DDFPT": "le professeur qui organise les ateliers et les stages du lycée.",
    "DSDEN": "le bureau des écoles et des lycées du département.",
    "E2C": "école de la deuxième chance. On y reprend les bases et on fait des stages.",
    "EPIDE": "un centre où l’on vit la semaine. On y prépare un métier.",
    "FAJ": "fonds d’aide aux jeunes, de l’argent pour une urgence.",
    "FJT": "un foyer avec des chambres pour les jeunes qui travaillent ou étudient.",
    "FOQUALE": "des lycées qui reprennent les jeunes sans diplôme.",
    "GEIQ": "un groupe d’entreprises. Elles embauchent et forment ensemble.",
    "GRETA": "des lycées qui forment aussi les adultes.",
    "MDPH": "le bureau qui aide les personnes handicapées.",
    "MFR": "une école avec des stages longs. On peut y dormir.",
    "MLDS": "des professeurs qui aident les jeunes sans solution.",
    "MOREA": "une année pour repasser l’examen, avec des cours et des stages.",
    "PAEJ": "un lieu gratuit où l’on écoute les jeunes.",
    "PFMP": "un stage en entreprise. Le lycée signe la convention.",
    "PJJ": "le service de la justice pour les jeunes.",
    "PLIE": "un service qui aide à trouver un emploi.",
    "PMSMP": "quelques jours en entreprise pour découvrir un métier.",
    "PRIJ": "un service qui aide les jeunes de certains quartiers.",
    "PSAD": "des personnes qui aident les jeunes sortis de l’école.",
    "Psy-EN": "la personne qui aide les élèves à choisir leur formation.",
    "RQTH": "un papier pour qui a un handicap. Il donne des droits au travail.",
    "SIAO": "le service qui trouve un lit en urgence. On appelle le 115.",
    "alternance": "une semaine à l’école, une semaine en entreprise, par exemple.",
    "bureau des entreprises": "au lycée, les personnes qui aident à trouver un stage.",
    "clause sociale": "une règle : un chantier public garde des heures pour les jeunes.",
    "convention": "le papier du stage. L’entreprise, le lycée et vous le signez avant.",
    "job dating": "des entretiens courts avec des entreprises. Venez avec votre CV.",
    "mission locale": "un lieu gratuit pour les jeunes de 16 à 25 ans : emploi, formation, logement, santé.",
    "service civique": "une mission utile aux autres, de 6 à 12 mois, avec un peu d’argent.",
}  # fmt: skip


def explain(texts: Iterable[str], most: int = 12) -> Mapping[str, str]:
    """The words of the field that stand in some texts, in their order, with what each means; ``most`` of them at most.

    A word in capitals is told from another that is spelt alike (« caf »); the others are found whatever their case.
    """
    whole = "\n".join(texts)
    at = {word: found.start() for word in _MEANINGS if (found := _search(word, whole))}
    return {word: _MEANINGS[word] for word in sorted(at, key=at.__getitem__)[:most]}


def _search(word: str, text: str) -> re.Match[str] | None:
    flags = re.IGNORECASE if word[:1].islower() else re.NOFLAG
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, flags)
