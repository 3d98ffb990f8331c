"""A pasted e-mail: what it proposes of an event or a partner. Every message, person and address is invented."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.message import MessageReading
from importers.message import message_reader

TODAY = date(2026, 11, 24)
INVITATION = """\
De : Camille Essai <c.essai@salon.example>
Envoyé : lundi 23 novembre 2026 14:05
À : bureau <bde@lycee.example>
Objet : TR: Forum de l’alternance des essais

Bonjour,

Nous vous invitons au forum, le mardi 8 décembre 2026 de 9h à 12h30, à l’Espace Aumaillerie.
Inscription avant le 1er décembre sur https://forum.example/inscription.

Lieu : Espace Aumaillerie, 35133 La Selle-en-Luitré

Cordialement,

Camille ESSAI
Chargée de mission
02 99 00 01 23
c.essai@salon.example
12 rue de la Mairie
35300 Fougères
"""
PRESENTATION = """\
Bonjour à tous,
Salon Jeunes des essais
Date : jeudi 10 décembre
Horaires : 9h30 - 17h
Adresse : Parc des expositions
35170 Bruz
Contact : contact@avenirs.example / 01 99 00 05 06
"""
IN_A_LINE = (
    "Portes ouvertes du CFA les vendredi 29 et samedi 30 janvier 2027, 9h-17h, 5 rue du Port 35000 RENNES. "
    "Renseignements auprès de Mme Dupont au 0199000789."
)


@pytest.fixture
def read(gazetteer: Gazetteer) -> Any:
    reader = message_reader(gazetteer)
    return lambda text: reader(text, TODAY)


def days(reading: MessageReading) -> list[str]:
    return [f"{each.start:%d/%m/%Y %H:%M}-{each.end:%H:%M}" for each in reading.occurrences]


@pytest.mark.parametrize(
    ("text", "name", "category", "when", "where", "people"),
    [
        (
            INVITATION, "Forum de l’alternance des essais", "salon", ["08/12/2026 09:00-12:30"],
            ("Espace Aumaillerie", "35133", "35324"),
            [
                ("", "", "", "https://forum.example/inscription", "public"),
                ("Camille ESSAI", "+33299000123", "c.essai@salon.example", "", "bassin"),
            ],
        ),
        (
            PRESENTATION, "Salon Jeunes des essais", "salon", ["10/12/2026 09:30-17:00"],
            ("Parc des expositions", "35170", "35047"), [("", "+33199000506", "contact@avenirs.example", "", "public")],
        ),
        (
            IN_A_LINE, "Portes ouvertes du CFA", "portes_ouvertes", ["29/01/2027 09:00-17:00", "30/01/2027 09:00-17:00"],
            ("5 rue du Port", "35000", "35238"), [("Mme Dupont", "+33199000789", "", "", "bassin")],
        ),
    ],
    ids=["forwarded", "in lines", "in a line"],
)  # fmt: skip
def test_dates_place_and_contacts_are_proposed(
    read: Any, text: str, name: str, category: str, when: list[str], where: tuple[str, ...], people: list[tuple[str, ...]]
) -> None:
    found = read(text)

    assert (found.name, found.category, days(found)) == (name, category, when)
    assert (found.address, found.code_postal, found.code_commune) == where
    assert [(each.name, each.phone, each.email, each.url, each.visibility) for each in found.contacts] == people


def test_quotes_and_markup_are_read_like_the_rest(read: Any) -> None:
    quoted = "\n".join(f"> {line}" for line in PRESENTATION.splitlines())
    marked = f"<div>{PRESENTATION.replace(chr(10), '<br>')}</div><script>alert(1)</script>"

    assert read(quoted) == read(marked) == read(PRESENTATION)


@pytest.mark.parametrize(
    ("text", "when", "told"),
    [
        ("Job dating le lundi 99 décembre 2026", [], "n’existe pas"),
        ("Job dating le lundi 9 décembre 2026 à 14h", [], "ce jour est un mercredi"),
        ("Réponse avant le 3 décembre 2026 au plus tard.", [], ""),
        ("Merci de vous inscrire avant le 3 décembre. Le forum a lieu le 5 janvier 2027 à 9 h.", ["05/01/2027 09:00-09:00"], ""),
        ("Forum le 5 janvier 2027.\nAccueil au 02 99 12 03 26, 35300 Fougères", ["05/01/2027 00:00-00:00"], ""),
        ("Comme le 12 mars 2026, le forum revient le 5 janvier 2027 de 9h à 12h", ["05/01/2027 09:00-12:00"], ""),
        ("Le forum a lieu le 5 janvier 2027.\nRappel : 5 janvier 2027 de 9h à 12h", ["05/01/2027 09:00-12:00"], ""),
    ],
)
def test_what_is_no_day_of_the_event_is_left_out_and_a_day_that_cannot_be_is_told(
    read: Any, text: str, when: list[str], told: str
) -> None:
    found = read(text)

    assert days(found) == when
    assert told in " ".join(found.doubts)
    assert bool(found.doubts) is bool(told)


def test_a_missing_year_is_that_of_the_message_and_to_be_confirmed(read: Any) -> None:
    old = read("Date : lundi 10 mars 2025 09:12\nObjet : Forum\n\nForum le 20 mars à 9h")

    assert days(old) == ["20/03/2025 09:00-09:00"]
    assert "l’année n’est pas écrite" in old.to_confirm


@pytest.mark.parametrize("email", ["camille.martin@essai.example", "c-martin@essai.example"])
def test_an_address_that_names_somebody_is_not_for_everyone(read: Any, email: str) -> None:
    (contact,) = read(f"Écrivez à {email}").contacts

    assert (contact.email, contact.visibility) == (email, "bassin")


@pytest.mark.parametrize(
    "text",
    ["", " \n ", "zzz", "@" * 50_000, ("a" * 70 + "@") * 500, "1 " * 20_000, "le 5 " * 9_000, "De : " * 9_000,
     "Lieu : " + "x, " * 9_000, "0 " * 20_000,
     "<" * 30_000, "Aa " * 9_000, "\x00\ud800"[:1] * 9, ">" * 30_000, "www." * 9_000, "Mme A " * 9_000],
)  # fmt: skip
def test_what_says_nothing_proposes_nothing_whatever_its_length(read: Any, text: str) -> None:
    found = read(text)

    assert (found.occurrences, found.code_commune, found.contacts[1:]) == ((), "", ())
