"""What a profile may say, and how each refusal names its field in French."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from directory.vocabulary import Pathway
from matching.errors import ProfileError
from matching.types import Mode, Situation
from tests.matching.conftest import Parse

LEAST = {"place": "35500 Vitré", "age": 18}


def test_a_place_and_an_age_are_enough(parse: Parse) -> None:
    profile = parse(LEAST)

    assert (profile.place.code_commune, profile.age, profile.home_bassins) == ("35360", 18, ("B-VITRE",))
    assert profile.situation is None
    assert profile.parcours_start is None


def test_a_whole_profile_is_understood(parse: Parse) -> None:
    profile = parse(
        {
            "reference": "2026-017",
            "birth_date": "2008-05-14",
            "place": "35500 Vitré",
            "establishment_uai": "0350709f",
            "diploma": {"level": "cap", "specialty": "Coiffure", "obtained": False},
            "situation": "retake",
            "wishes": {"occupations": ["G1602", "coiffeur"], "paths": ["apprenticeship", "job"]},
            "needs": ["logement", "remobilisation", "mobilite--preparer-un-permis"],
            "publics": ["residents-qpv-frr"],
            "mobility": {"mode": "transit", "max_minutes": 45},
            "parcours": {"start": "2026-09-01", "end": "2026-12-31"},
        }
    )

    assert profile.lycee is not None
    assert (profile.lycee.uai, profile.lycee.bassins) == ("0350709F", ("B-VITRE",))
    assert profile.situation is Situation.RETAKE
    assert profile.occupations[0] == "G1602"
    assert "D1202" in profile.occupations
    assert "D1202" in profile.specialty_occupations
    assert profile.pathways == (Pathway.APPRENTICESHIP, Pathway.JOB)
    assert profile.needs == ("logement", "confiance", "mobilite--preparer-un-permis")
    assert (profile.mode, profile.max_minutes) == (Mode.TRANSIT, 45)
    assert [each.text for each in profile.understood] == ["Coiffure", "coiffeur"]


def test_a_parcours_that_only_starts_ends_on_31_december(parse: Parse) -> None:
    profile = parse({**LEAST, "parcours": {"start": "2026-10-05"}})

    assert profile.parcours_end == date(2026, 12, 31)


REFUSED = [
    ({"wishs": {}}, "wishs", "wishes"),
    ({"mobility": {"mod": "car"}}, "mobility.mod", "mode"),
    ({"mobility": {"mode": "voiture"}}, "mobility.mode", "walk"),
    ({"mobility": {"max_minutes": 0}}, "mobility.max_minutes", "entre 1 et 600"),
    ({"mobility": {"max_minutes": True}}, "mobility.max_minutes", "nombre"),
    ({"mobility": "car"}, "mobility", "objet"),
    ({"age": 12}, "age", "12 ans"),
    ({"age": 55}, "age", "14 à 30"),
    ({"age": 200}, "age", "entre 14 et 30"),
    ({"age": "18"}, "age", "sans guillemets"),
    ({"age": 18, "birth_date": "2001-01-01"}, "age", "contredit"),
    ({"age": None}, "age", "birth_date"),
    ({"age": None, "birth_date": "2027-01-01"}, "birth_date", "futur"),
    ({"age": None, "birth_date": "2014-11-25"}, "birth_date", "11 ans"),
    ({"age": None, "birth_date": "2008-02-30"}, "birth_date", "2008-02-30"),
    ({"age": None, "birth_date": "14/05/2008"}, "birth_date", "AAAA-MM-JJ"),
    ({"place": ""}, "place", "commune"),
    ({"place": 35500}, "place", "entre guillemets"),
    ({"place": "x" * 301}, "place", "trop long"),
    ({"age": 17.5}, "age", "nombre entier entre 14 et 30"),
    ({"age": 31}, "age", "RQTH"),
    ({"situation": "T1"}, "situation", "« retake »"),
    ({"situation": "other_project", "diploma": {"obtained": True}}, "situation", "graduate"),
    ({"parcours": {"start": "1990-09-01"}}, "parcours.start", "1990-09-01"),
    ({"parcours": {"start": "2090-09-01"}}, "parcours.start", "2090-09-01"),
    ({"place": "Saint-Denis"}, "place", "974"),
    ({"place": "Vitrée-sur-Zorglub"}, "place", "inconnu"),
    ({"place": "Ille-et-Vilaine"}, "place", "indiquez la commune"),
    ({"establishment_uai": "0350709A"}, "establishment_uai", "lettre"),
    ({"establishment_uai": "lycée"}, "establishment_uai", "UAI"),
    ({"situation": "graduate", "diploma": {"obtained": False}}, "situation", "diplômé"),
    ({"situation": "retake", "diploma": {"obtained": True}}, "situation", "repasser"),
    ({"situation": "redoublant"}, "situation", "retake"),
    ({"diploma": {"level": "bts"}}, "diploma.level", "bac_pro"),
    ({"diploma": {"obtained": "non"}}, "diploma.obtained", "true ou false"),
    ({"wishes": {"paths": ["apprentissage"]}}, "wishes.paths[0]", "apprenticeship"),
    ({"wishes": {"occupations": ["G9999"]}}, "wishes.occupations[0]", "G9999"),
    ({"wishes": {"occupations": ["G1602", "zorglubeur"]}}, "wishes.occupations[1]", "zorglubeur"),
    ({"wishes": {"occupations": "G1602"}}, "wishes.occupations", "liste"),
    ({"needs": ["logment"]}, "needs[0]", "logement"),
    ({"needs": ["x" * 301]}, "needs", "liste"),
    ({"publics": ["handicapés"]}, "publics[0]", "personnes-en-situation-de-handicap"),
    ({"parcours": {"start": "2026-10-01", "end": "2026-09-01"}}, "parcours.end", "avant de commencer"),
    ({"parcours": {"start": "2026-09-01", "end": "2028-09-01"}}, "parcours.end", "plus d’un an"),
    ({"parcours": {"end": "2026-06-01"}}, "parcours.start", "parcours.start"),
]


@pytest.mark.parametrize(("change", "field", "told"), REFUSED, ids=[f"{field}: {told}" for _, field, told in REFUSED])
def test_a_refusal_names_its_field_and_says_why(change: dict[str, Any], field: str, told: str, parse: Parse) -> None:
    with pytest.raises(ProfileError) as refused:
        parse({**LEAST, **change})

    assert refused.value.field == field
    assert told in refused.value.public


def test_with_the_recognition_of_a_disability_there_is_no_oldest_age(parse: Parse) -> None:
    profile = parse({**LEAST, "age": 31, "publics": ["personnes-en-situation-de-handicap"]})

    assert profile.age == 31


def test_the_departement_of_the_lycee_settles_an_ambiguous_commune(parse: Parse) -> None:
    profile = parse({**LEAST, "place": "Saint-Denis", "establishment_uai": "0930125F"})

    assert profile.place.code_commune == "93066"


@pytest.mark.parametrize(
    ("specialty", "code"),
    [
        ("AGOrA", "M1607"),
        ("bac pro MELEC", "F1602"),
        ("Métiers de l’électricité et de ses environnements connectés", "F1602"),
        ("Commercialisation et services en HCR", "G1803"),
        ("Cuisine", "G1602"),
        ("CAP Coifure", "D1202"),
        ("Equipier polyvalent du commerce", "D1106"),
        ("Maintenance des véhicules option B", "I1613"),
    ],
)
def test_a_specialty_is_known_by_its_names_and_acronyms(specialty: str, code: str, parse: Parse) -> None:
    profile = parse({**LEAST, "diploma": {"specialty": specialty}})

    assert profile.specialty_occupations[0] == code
    assert [each.field for each in profile.understood] == ["diploma.specialty"]


@pytest.mark.parametrize("specialty", ["Maintenance", "Philosophie", "Zorglub appliqué", "12345", "MV MV MV"])
def test_a_specialty_that_is_not_known_is_not_guessed(specialty: str, parse: Parse) -> None:
    profile = parse({**LEAST, "diploma": {"specialty": specialty}})

    assert profile.specialty_occupations == ()
    assert [each.meaning for each in profile.understood] == [""]


def test_what_is_not_an_object_is_refused(parse: Parse) -> None:
    with pytest.raises(ProfileError, match="not an object"):
        parse([LEAST])


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("rqth", "personnes-en-situation-de-handicap"),
        ("RQTH", "personnes-en-situation-de-handicap"),
        ("qpv", "residents-qpv-frr"),
        ("nom", "ni nom, ni INE"),
        ("birthdate", "« birth_date »"),
        ("age_", "« age »"),
        ("couleur", "Champs possibles : age, birth_date"),
    ],
)
def test_an_unknown_field_is_told_with_what_says_it_and_with_no_other(parse: Parse, field: str, told: str) -> None:
    with pytest.raises(ProfileError) as refused:
        parse({**LEAST, field: True})

    assert told in str(refused.value.public)
    assert "birth_date" not in str(refused.value.public) or field in {"birthdate", "couleur"}
