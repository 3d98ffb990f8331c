"""Words, stems, sounds, other writings, and the grid."""

from __future__ import annotations

import random

import pytest

from directory.geo import haversine_km
from directory.search.analysis import joined_forms, keep_meaningful, other_writings, sound, split_words, stem, synonyms, writings
from directory.search.grid import cell_of, cells_around
from directory.search.stages import allowed_edits
from directory.vocabulary import THEMATIQUES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’Étape d'insertion", ["l", "etape", "d", "insertion"]),
        ("Cœur de l'Œuvre", ["coeur", "de", "l", "oeuvre"]),
        ("E.2.C. / R.S.A.", ["e2c", "rsa"]),
        ("24/7", ["24", "7"]),
        ("x" * 100, ["x" * 40]),
        ("", []),
    ],
)
def test_a_text_gives_its_folded_words(text: str, expected: list[str]) -> None:
    assert split_words(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("formations", "formation"), ("locales", "local"), ("apprentis", "apprenti"), ("etapes", "etape"), ("metiers", "metier")],
)
def test_a_plural_has_the_stem_of_its_singular(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("psicologue", "psychologue"),
        ("fisique", "physique"),
        ("orientassion", "orientation"),
        ("kariere", "carriere"),
        ("restorant", "restaurant"),
        ("jimnaze", "gymnase"),
        ("tereine", "terraine"),
    ],
)
def test_words_that_sound_alike_share_a_key(heard: str, written: str) -> None:
    assert sound(heard) == sound(written) != ""


@pytest.mark.parametrize("word", ["cap", "35000", "e2c", ""])
def test_short_words_and_numbers_have_no_sound(word: str) -> None:
    assert sound(word) == ""


def test_words_that_differ_do_not_sound_alike() -> None:
    words = [
        "mission",
        "maison",
        "garage",
        "forage",
        "salon",
        "savon",
        "logement",
        "forum",
        "emploi",
        "metier",
        "permis",
        "sante",
    ]

    assert len({sound(word) for word in words}) == len(words)


@pytest.mark.parametrize(("one", "other"), [("vente", "vent"), ("garde", "gard"), ("stage", "stagiaire")])
def test_short_words_that_only_begin_alike_stay_two_words(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ventes", "vente"), ("metiers", "metier"), ("formations", "formation"), ("aides", "aide")]
)
def test_a_plural_is_the_same_word(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_a_noun_is_never_taken_for_an_article() -> None:
    assert keep_meaningful(["ete", "est", "pas", "de", "calais"]) == ["ete", "est", "pas", "calais"]


def test_articles_are_kept_when_there_is_nothing_else() -> None:
    assert keep_meaningful(["la", "le"]) == ["la", "le"]


def test_a_compound_is_also_one_word() -> None:
    assert joined_forms("CFA Saint-Michel – L'Étape") == ["saintmichel", "letape"]


def test_short_writings_and_long_ones_stand_for_each_other() -> None:
    assert "association" in other_writings(["asso", "rebond"])
    assert "asso" in other_writings(["association", "rebond"])
    assert other_writings(["mission", "locale"]) == ["ml"]
    assert other_writings(["ml"]) == ["mission", "locale"]


def test_everyday_words_find_what_they_mean_and_not_the_other_way_round() -> None:
    assert "boulot" in other_writings(["offres", "emploi"])
    assert "emploi" not in other_writings(["boulot"])


def test_longer_meanings_are_read_plurals_and_articles_aside() -> None:
    assert "1j1s" in other_writings(["1", "jeune", "1", "solution"])
    assert "cej" in other_writings(split_words("Les contrats d’engagement jeunes"))
    assert {"contrat", "engagement", "jeune"} <= set(other_writings(["cej"]))


def test_the_file_of_synonyms_is_well_formed() -> None:
    file = synonyms()

    assert set(file) == {"abbreviations", "plain_words", "thematiques"}
    assert set(file["thematiques"]) <= set(THEMATIQUES)
    for typed, meanings in [*file["abbreviations"].items(), *file["plain_words"].items(), *file["thematiques"].items()]:
        assert meanings, typed
        assert all(isinstance(meaning, str) and split_words(meaning) for meaning in [typed, *meanings]), typed
    assert all(1 <= len(words) <= 8 and others for words, others in writings().items())


@pytest.mark.parametrize(
    ("word", "edits"), [("cio", 0), ("stage", 1), ("psychologue", 2), ("35000", 0), ("3eme", 0), ("1j1s", 0), ("a" * 40, 0)]
)
def test_longer_words_are_forgiven_more(word: str, edits: int) -> None:
    assert allowed_edits(word) == edits


def test_the_grid_loses_no_point_of_a_circle_and_admits_none_outside() -> None:
    chance = random.Random(4)  # noqa: S311 - reproducible points, no secret
    for _ in range(300):
        latitude, longitude = chance.uniform(-88.0, 88.0), chance.uniform(-180.0, 180.0)
        radius = chance.choice([0.5, 3.0, 20.0, 75.0, 150.0])
        cells = cells_around(latitude, longitude, radius)
        lat, lon = latitude + chance.gauss(0.0, radius / 150.0), longitude + chance.gauss(0.0, radius / 110.0)
        lat, lon = max(-90.0, min(90.0, lat)), (lon + 180.0) % 360.0 - 180.0
        km = haversine_km(latitude, longitude, [lat], [lon])[0]
        if cells is None:
            continue
        wholly, cut = cells
        cell = cell_of(lat, lon)

        assert km > radius or cell in wholly or cell in cut
        assert cell not in wholly or km <= radius
