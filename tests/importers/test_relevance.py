"""Which events are of the field, and what they are: the rule of relevance.toml on cases that anybody can read."""

from __future__ import annotations

import pytest

from directory.vocabulary import Pathway, categories
from importers.sources.calendars.relevance import category_of, judge, pathways_of

LET_IN = [
    ("Job dating de l’hôtellerie", "", "job_dating"),
    ("Nuit de l’orientation", "", "salon"),
    ("Salon de l’apprentissage de Besançon", "", "salon"),
    ("Salon des Formations et Métiers Aéronautiques 2026", "", "salon"),
    ("Portes ouvertes", "Lycée professionnel Exemple", "portes_ouvertes"),
    ("Portes ouvertes du CFA spectacle vivant", "", "portes_ouvertes"),
    ("Atelier CV", "", "atelier"),
    ("Atelier confiance en soi", "Mission locale de l’Exemple", "atelier"),
    ("Petit-déjeuner", "Mission locale de l’Exemple", "information"),
    ("Salon de l’étudiant", "", "salon"),
    ("Forum des métiers du spectacle", "", "salon"),
    ("Visite d’entreprise : une fonderie", "", "information"),
    ("Réunion d’information soudure", "", "information"),
    ("Réunion d’information sur la formation d’aide-soignant", "", "information"),
    ("24 heures pour l’emploi et la formation", "", "information"),
    ("Jeunes d’Avenirs", "", "salon"),
    ("Recrutement : peinture en bâtiment", "", "job_dating"),
]
KEPT_OUT = [
    ("Concert de Noël", "Mission locale de l’Exemple"),
    ("Course d’orientation", ""),
    ("Salon du livre", ""),
    ("Art capital : salon du dessin", ""),
    ("Apprentis graveurs", "Musée de l’Exemple"),
    ("Portes ouvertes des ateliers d’artistes", ""),
    ("Stage de danse", ""),
    ("Atelier cuisine", ""),
    ("Atelier d’écriture", "Médiathèque"),
    ("Journées européennes des métiers d’art", ""),
    ("Apprentissage de la natation", "Piscine"),
    ("Le vin, mode d’emploi", ""),
    ("Forum des associations", ""),
    ("Collecte de sang", ""),
    ("Réunion d’information sur le plan local d’urbanisme", "Ville de l’Exemple"),
]


@pytest.mark.parametrize(("title", "organiser", "category"), LET_IN)
def test_what_a_referent_would_show_is_let_in_as_what_it_is(title: str, organiser: str, category: str) -> None:
    relevance = judge(title, organiser=organiser)

    assert relevance.admitted, relevance.found
    assert category_of("", title) == category


@pytest.mark.parametrize(("title", "organiser"), KEPT_OUT)
def test_what_takes_up_the_same_words_for_something_else_is_kept_out(title: str, organiser: str) -> None:
    relevance = judge(title, organiser=organiser)

    assert not relevance.admitted, relevance.found


def test_words_met_by_chance_in_a_long_description_let_nothing_in() -> None:
    description = "Emploi, formation, apprentissage, alternance, recrutement, orientation, insertion. " * 50

    assert not judge("Rencontre au parc", description=description).admitted


def test_keywords_and_description_that_agree_let_in_a_title_that_says_nothing() -> None:
    assert judge("Les rendez-vous du jeudi", keywords=("emploi",), description="Des employeurs recrutent.").admitted


def test_the_judgement_says_what_it_was_made_of() -> None:
    relevance = judge("Atelier cuisine")

    assert relevance.borderline
    assert relevance.found == ("title_form +1", "title_trade +1")


def test_the_sources_own_type_comes_before_the_title() -> None:
    assert category_of("Job dating", "Atelier de rencontre") == "job_dating"


def test_every_category_given_is_an_event_of_the_vocabulary() -> None:
    given = {category_of("", title) for title, _, _ in LET_IN}

    assert all("event" in categories()[code].kinds for code in given)


def test_pathways_are_read_in_title_and_keywords() -> None:
    assert pathways_of("salon", "Forum de l’alternance", ("emploi",)) == (Pathway.APPRENTICESHIP, Pathway.JOB)
    assert pathways_of("salon", "Forum", ()) == ()
