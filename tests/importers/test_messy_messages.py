"""Ten kinds of messy e-mail, and what they propose. Every message, person, company and address is invented."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.message import MessageReading
from importers.message import message_reader

TODAY = date(2026, 11, 24)
FORWARDED = """\
Bonjour,

Pour info, à relayer aux référents.

Bien à vous,
Sylvie Martin
DDFPT - Lycée professionnel Jean Guéhenno
02 99 00 11 22

________________________________
De : LE GALL Yannick <y.legall@cci-essai.example>
Envoyé : jeudi 12 novembre 2026 09:41
À : MARTIN Sylvie
Cc : accueil@lycee-essai.example
Objet : RE: Salon « Objectif Emploi » – Fougères

Madame Martin,

Comme convenu au téléphone le 5 novembre, je vous confirme la tenue du salon Objectif Emploi du 3 au 5 mars à l’Espace \
Aumaillerie, de 9h à 18h, 35133 La Selle-en-Luitré.
Entrée gratuite. Merci de répondre avant le 15 janvier.

Yannick LE GALL
Responsable emploi formation
CCI Ille-et-Vilaine
2 avenue de la Préfecture
35042 RENNES CEDEX
Tél. : 02 99 33 66 66 - Port. : 06 12 34 56 78
y.legall@cci-essai.example | www.cci-essai.example

Ce message et toutes les pièces jointes sont confidentiels et établis à l’intention exclusive de ses destinataires. Si \
vous avez reçu ce message par erreur, merci d’en avertir immédiatement l’expéditeur à postmaster@cci-essai.example et \
de le détruire. RCS Rennes 123 456 789 - Siège social : 1 rue du Siège 75001 Paris. Créé le 12 mars 1998.
"""
WEEKDAY = """\
Objet : Job dating restauration mardi 12 janvier

Bonjour,
L’agence France Travail de Vitré organise un job dating mardi 12 de 14h00 à 16h30 dans ses locaux : 5 rue de la \
Briqueterie, 35500 Vitré.
Une dizaine d’employeurs (serveurs, commis) présents. Venir avec CV.
Contact: recrutement.vitre@francetravail.example
"""
TWO_VENUES = """\
Objet: Forum des métiers 2027 : 2 dates !

Chers partenaires,
Le Forum des métiers revient :
- Jeudi 28 janvier 2027, 9h-12h, salle du Bel Air, 35600 Redon
- Vendredi 29 janvier 2027, 13h30-17h, Centre culturel, 35300 Fougères
Tarif : 3 € l’entrée, gratuit pour les moins de 25 ans. Stand exposant : 150 € TTC.
Infos : contact@forum-metiers.example – 02 99 12 12 12
"""
MARKUP = """\
<html><head><style>p{color:red}.x{width:12px}</style></head><body><table><tr><td><p \
style="font-size:12px">Bonjour,</p><p>Le CFA des essais ouvre ses portes \
<b>samedi&nbsp;6&nbsp;f&eacute;vrier&nbsp;2027</b> de&nbsp;<b>9h30</b> &agrave; \
<b>16h</b></p></td></tr><tr><td>12&nbsp;rue des Artisans<br>35500&nbsp;Vitr&eacute;</td></tr><tr><td><a \
href="https://cfa.example/jpo?utm_source=mail">S'inscrire</a></td></tr></table><p>Cordialement,<br>Le service \
communication<br>T&eacute;l&nbsp;: 02.99.00.12.34</p><img src="https://track.example/p.gif"></body></html>"""
ENGLISH = """\
-----Original Message-----
From: Mission Locale du Pays de Fougères [mailto:contact@ml-essai.example]
Sent: Tuesday, November 24, 2026 10:02 AM
To: bde@lycee.example
Subject: FW: Atelier CV / lettre de motivation

Bonjour
Atelier CV le 08/12 de 10h à 12h et le 15/12/2026 de 14h à 16h à la Mission Locale (9 rue Kléber 35300 FOUGERES).
Places limitées : 8.
Inscriptions au 02 99 94 88 00 avant le 04/12.
"""
PARTNER = """\
Bonjour Madame,

Je me permets de vous présenter notre association « Mob’essai », plateforme mobilité.
Nous louons des scooters (2 € par jour) et proposons un garage solidaire aux jeunes de 16 à 25 ans.
Permanences : tous les mardis de 14h à 17h, Maison des services, place de la Mairie à Saint-Aubin-du-Cormier (35140).
Notre flyer est en pièce jointe.

Bien cordialement
--\x20
Jean-Baptiste de La Tour
Coordinateur
Association Mob’essai
Siège : ZA du Haut Montigné 35370 Torcé
+33 (0)2 99 00 45 67 / jb.delatour@mobessai.example
https://www.mobessai.example
"""
QUOTED = """\
Bonjour, tu peux mettre ça dans Relais ? merci !
Claire

Le mar. 17 nov. 2026 à 18:22, Paul Durand <paul.durand@greta.example> a écrit :

> Bonjour à tous,
>
> Réunion d’information collective sur le titre pro Maçon
> *Lundi 30 novembre à 14h*
> GRETA Est Bretagne, 25 rue Pierre Abelard, 35000 Rennes
>
> Formation du 11/01/2027 au 25/06/2027 (5 places).
>
> Paul
> 06 99 00 00 01
"""
LISTED = """\
Objet : Les mercredis de l’apprentissage

Les prochaines dates : 9, 16 et 23 décembre 2026 ; 6 janvier 2027.
De 14h à 17h
Maison de l’artisanat – Cours des Alliés – 35000 Rennes
Renseignements : apprentissage@cma-essai.example, 02 99 65 32 00
"""
REMOTE = """\
Objet : [EXT] Webinaire "Trouver une alternance" – 14/01/2027 18h-19h

Bonjour,

Participez à notre webinaire gratuit le jeudi 14 janvier 2027 à 18h00.
Lien de connexion : https://visio.example/j/991234567?pwd=Zx12
ID de réunion : 991 2345 6789
Code secret : 350355

L’équipe Alternance Essais
75 rue de Paris, 75010 Paris
"""
WEEKEND = """\
Salut,

Le salon Azimut c’est le week-end du 16-17 janvier 2027, 10h/18h au Parc expo de Rennes (Bruz).
La soirée des lycéens : vendredi 15 janvier, 17h à 20h.
Prix : 4€50, groupes : contacter Léa (lea@azimut.example ou 0699000002).

à+
"""
INDUSTRY = """\
Sujet : TR : Invitation Semaine de l’industrie - entreprise DUPONT & Fils
Date : mer. 18 nov. 2026 à 11:05
De : RH Dupont <rh@dupont-essai.example>

Mesdames, Messieurs,
Dans le cadre de la Semaine de l’industrie, nous ouvrons notre usine du mardi 24 au jeudi 26 novembre, visites à 10h et 14h.
DUPONT & Fils SAS au capital de 50 000 €, ZI de la Gravelle 35133 Lécousse. SIRET 732 829 320 00074. TVA FR12345678901.
"""


@pytest.fixture
def read(gazetteer: Gazetteer) -> Any:
    reader = message_reader(gazetteer)
    return lambda text: reader(text, TODAY)


def told(reading: MessageReading) -> dict[str, Any]:
    """What a reading says, in the shortest words."""
    days: dict[str, list[str]] = {}
    for each in reading.occurrences:
        days.setdefault(f"{each.start:%H:%M}-{each.end:%H:%M}", []).append(f"{each.start:%d/%m/%y}")
    reached = [each.email or each.phone or each.url for each in reading.contacts if each.visibility == "public"]
    return {
        "name": reading.name,
        "where": (reading.address, reading.code_postal, reading.code_commune),
        "days": days,
        "everyone": reached,
    }


@pytest.mark.parametrize(
    ("message", "name", "where", "days", "everyone"),
    [
        (
            FORWARDED, "Salon « Objectif Emploi » – Fougères", ("Espace Aumaillerie", "35133", "35324"),
            {"09:00-18:00": ["03/03/27", "04/03/27", "05/03/27"]}, [],
        ),
        (
            WEEKDAY, "Job dating restauration", ("5 rue de la Briqueterie", "35500", "35360"),
            {"14:00-16:30": ["12/01/27"]}, [],
        ),
        (
            TWO_VENUES, "Forum des métiers 2027 : 2 dates !", ("salle du Bel Air", "35600", "35236"),
            {"09:00-12:00": ["28/01/27"], "13:30-17:00": ["29/01/27"]}, ["contact@forum-metiers.example"],
        ),
        (
            MARKUP, "Le CFA des essais ouvre ses portes", ("12 rue des Artisans", "35500", "35360"),
            {"09:30-16:00": ["06/02/27"]}, ["+33299001234"],
        ),
        (
            ENGLISH, "Atelier CV / lettre de motivation", ("9 rue Kléber", "35300", "35115"),
            {"10:00-12:00": ["08/12/26"], "14:00-16:00": ["15/12/26"]}, ["+33299948800", "contact@ml-essai.example"],
        ),
        (PARTNER, "Association Mob’essai", ("Siège : ZA du Haut Montigné", "35370", "35338"), {}, []),
        (
            QUOTED, "Réunion d’information collective sur le titre pro Maçon",
            ("GRETA Est Bretagne, 25 rue Pierre Abelard", "35000", "35238"), {"14:00-14:00": ["30/11/26"]}, [],
        ),
        (
            LISTED, "Les mercredis de l’apprentissage", ("Maison de l’artisanat – Cours des Alliés", "35000", "35238"),
            {"14:00-17:00": ["09/12/26", "16/12/26", "23/12/26", "06/01/27"]}, ["apprentissage@cma-essai.example"],
        ),
        (
            REMOTE, 'Webinaire "Trouver une alternance"', ("", "", ""), {"18:00-19:00": ["14/01/27"]},
            ["https://visio.example/j/991234567?pwd=Zx12"],
        ),
        (
            WEEKEND, "Le salon Azimut c’est le week-end", ("", "", ""),
            {"17:00-20:00": ["15/01/27"], "10:00-18:00": ["16/01/27", "17/01/27"]}, [],
        ),
        (
            INDUSTRY, "Invitation Semaine de l’industrie - entreprise DUPONT & Fils",
            ("DUPONT & Fils SAS au capital de 50000 €, ZI de la Gravelle", "35133", "35150"),
            {"10:00-10:00": ["24/11/26", "25/11/26", "26/11/26"], "14:00-14:00": ["24/11/26", "25/11/26", "26/11/26"]},
            ["rh@dupont-essai.example"],
        ),
    ],
)  # fmt: skip
def test_a_messy_email_proposes_what_it_says_and_nobodys_own_number_to_everyone(
    read: Any, message: str, name: str, where: tuple[str, ...], days: dict[str, list[str]], everyone: list[str]
) -> None:
    assert told(read(message)) == {"name": name, "where": where, "days": days, "everyone": everyone}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (TWO_VENUES, "Plusieurs lieux sont écrits (Redon, Fougères)"),
        (REMOTE, "à distance"),
        (WEEKDAY, "le mois n’est pas écrit"),
        (QUOTED, "11/01/2027 au 25/06/2027"),
    ],
)
def test_what_is_uncertain_of_a_message_is_said(read: Any, message: str, words: str) -> None:
    found = read(message)

    assert words in " ".join((*found.doubts, found.to_confirm))


def test_the_notice_at_the_foot_of_a_message_and_who_it_names_are_left_out(read: Any) -> None:
    found = read(FORWARDED)

    assert "postmaster" not in repr(found)
    assert [each.name for each in found.contacts] == ["Sylvie Martin", "Yannick LE GALL", "Yannick LE GALL"]


@pytest.mark.parametrize(
    "text", ["A-" * 9_000 + "(35140)", "mardi 12 " * 2_000, "Salle a " * 2_000, "1 rue " * 3_000, "ce message " * 1_800]
)
def test_a_message_made_to_be_long_to_read_is_read(read: Any, text: str) -> None:
    assert read(text).code_commune == ""
