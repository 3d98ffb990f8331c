"""What a typed text says besides the words to search, with the real gazetteer."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.search.understanding import understand
from directory.search.understood import NEED, RECOGNISED, Understood
from directory.text import fold
from directory.vocabulary import THEMATIQUES, Kind

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.fixture
def read(gazetteer: Gazetteer) -> object:
    return lambda text, *but: understand(text, gazetteer.find_named, TODAY, but)


@pytest.mark.parametrize(
    ("text", "left", "place"),
    [
        ("mission locale 93", "mission locale", "93"),
        ("logement 35", "logement", "35"),
        ("CIO de Saint-Malo", "CIO", "35288"),
        ("psychologue près de Saint-Malo", "psychologue", "35288"),
        ("Fougères mission locale", "mission locale", "35115"),
        ("e2c bretagne", "e2c", "53"),
        ("école de la deuxième chance Seine-Saint-Denis", "école de la deuxième chance", "93"),
        ("mission locale de Salon-de-Provence", "mission locale", "13103"),
        ("l'haÿ-les-roses cio", "cio", "94038"),
        ("35300", "", "35115"),
        ("cfa 35300", "cfa", "35115"),
        ("bondy", "", "93010"),
        ("Maison des adolescents Nantes", "Maison des adolescents", "44109"),
        ("cio st malo", "cio", "35288"),
        ("mission locale macon", "mission locale", "71270"),
        ("e\u0301cole maternelle Fouge\u0300res", "école maternelle", "35115"),
    ],
)
def test_a_place_is_recognised_and_taken_out(read: object, text: str, left: str, place: str) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert (found.text, found.place.code if found.place else "") == (left, place)


@pytest.mark.parametrize(
    "text",
    [
        "stage",
        "salon de coiffure",
        "lure",
        "rue",
        "permis",
        "emploi",
        "vente",
        "bus",
        "cfa saint michel",
        "résidence jean moulin",
        "L'Étape",
        "Association Lire et dire",
        "restaurant La Cuisine d'Été",
        "contrat d'engagement jeune",
        "16-25 ans",
        "3114",
        "e2c",
        "cap",
        "centre d'information et d'orientation",
        "mission locale",
        "champ de mars",
        "parent qui ne parle pas français",
        "cap hôtellerie",
        "travailler dans l'hôtellerie",
        "cap peintre",
        "chauffeur routier",
        "bp maçon",
        "père absent",
        "langue des signes sourd",
        "st",
        "école de la deuxième chance",
        "1 jeune 1 solution",
    ],
)
def test_words_and_names_that_are_also_communes_are_no_place(read: object, text: str) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert found.place is None
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "words", "left", "proposed"),
    [
        ("saint denis mission locale", "saint denis", "mission locale", "Saint-Denis (93200)"),
        ("mission locale à Saint-Denis", "Saint-Denis", "mission locale", "Saint-Denis (97400)"),
        ("logement valence", "valence", "logement", "Valence (26000)"),
    ],
)
def test_a_place_that_several_communes_answer_to_is_left_as_words_and_they_are_proposed(
    read: object, text: str, words: str, left: str, proposed: str
) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert (found.place, found.text) == (None, text)
    assert found.choice is not None
    assert (found.choice.words, found.choice.text) == (words, left)
    assert proposed in {place.label for place in found.choice.places}


@pytest.mark.parametrize("text", ["lycée jean moulin", "mission locale bondy", "mission locale à Saint-Denis 93"])
def test_nothing_is_proposed_where_no_name_is_shared_or_the_place_is_clear(read: object, text: str) -> None:
    assert read(text).choice is None  # type: ignore[operator]


def test_a_part_of_a_shared_name_is_neither_a_place_nor_a_trade(read: object) -> None:
    found: Understood = read("stage cuisine sainte marie")  # type: ignore[operator]

    assert (found.place, found.text) == (None, "stage sainte marie")
    assert "G1602" in found.filters["occupation"]


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("salon octobre", date(2027, 10, 1), date(2027, 10, 31)),
        ("salon en décembre", date(2026, 12, 1), date(2026, 12, 31)),
        ("forum novembre", TODAY, date(2026, 11, 30)),
        ("forum janvier 2027", date(2027, 1, 1), date(2027, 1, 31)),
        ("forum 12 décembre", date(2026, 12, 12), date(2026, 12, 12)),
        ("forum le 1er mars", date(2027, 3, 1), date(2027, 3, 1)),
        ("salon 05/12/2026", date(2026, 12, 5), date(2026, 12, 5)),
        ("job dating demain", date(2026, 11, 26), date(2026, 11, 26)),
        ("atelier cette semaine", TODAY, date(2026, 11, 29)),
        ("atelier la semaine prochaine", date(2026, 11, 30), date(2026, 12, 6)),
        ("portes ouvertes ce mois-ci", TODAY, date(2026, 11, 30)),
        ("atelier le mois prochain", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_recognised(read: object, text: str, after: date, before: date) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert (found.after, found.before) == (after, before)


@pytest.mark.parametrize("text", ["rue du 8 mai", "31/02/2026", "salon 45/12", "garage mars"])
def test_what_is_no_date_is_none(read: object, text: str) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert found.after is None or text == "rue du 8 mai"


@pytest.mark.parametrize(
    ("text", "left", "kinds"),
    [
        ("événements vitré", "", (Kind.EVENT,)),
        ("salon apprentissage", "salon apprentissage", (Kind.EVENT,)),
        ("entreprises rennes", "", (Kind.COMPANY,)),
        ("salon de coiffure rennes", "salon de coiffure", ()),
        ("dispositifs alternance", "alternance", (Kind.SCHEME,)),
        ("cherche patron redon", "", (Kind.COMPANY,)),
    ],
)
def test_a_kind_is_recognised(read: object, text: str, left: str, kinds: tuple[Kind, ...]) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert (found.text, found.kinds) == (left, kinds)


@pytest.mark.parametrize(
    ("text", "left", "filters"),
    [
        ("psychologue gratuit", "psychologue", {"frais": ("gratuit",)}),
        ("aide en ligne", "aide", {"mode_accueil": ("a-distance",)}),
        ("cours de français à distance gratuits", "cours de français", {"frais": ("gratuit",), "mode_accueil": ("a-distance",)}),
        ("gratuit", "gratuit", {}),
    ],
)
def test_free_of_charge_and_at_a_distance_are_recognised(
    read: object, text: str, left: str, filters: dict[str, tuple[str, ...]]
) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert (found.text, dict(found.filters)) == (left, filters)


def test_a_trade_is_recognised_beside_a_word_that_asks_for_one(read: object) -> None:
    found: Understood = read("stage boulangerie bondy")  # type: ignore[operator]

    assert found.text == "stage"
    assert "D1102" in found.filters["occupation"]
    assert found.place is not None
    assert [each.what for each in found.recognitions] == ["lieu", "metier"]


def test_the_specialty_of_a_diploma_says_its_occupations_by_its_acronym_too(read: object) -> None:
    found: Understood = read("stage bac pro melec")  # type: ignore[operator]

    assert "F1602" in found.filters["occupation"]
    assert found.recognitions[0].label.startswith("Métier : Métiers de l'électricité")


@pytest.mark.parametrize(
    ("text", "left", "codes"),
    [
        ("cuisinier", "cuisinier", {"G1609", "G1602"}),
        ("soudeuse fougères", "soudeuse", {"H2913"}),
        ("plombier", "plombier", {"F1603"}),
        ("charcutière", "charcutière", {"D1103"}),
    ],
)
def test_a_trade_typed_alone_is_recognised_and_its_word_is_searched(read: object, text: str, left: str, codes: set[str]) -> None:
    found: Understood = read(text)  # type: ignore[operator]

    assert found.text == left
    assert codes <= set(found.filters["occupation"])
    assert found.recognitions[-1].what == "metier"


@pytest.mark.parametrize(
    "text",
    [
        "cuisine",
        "bac pro melec",
        "aide au logement",
        "stage",
        "mission locale emploi",
        "psychologue",
        "médecin",
        "psad",
        "infirmière",
        "garde",
    ],
)
def test_a_trade_is_not_guessed_otherwise(read: object, text: str) -> None:
    assert "occupation" not in read(text).filters  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "left"),
    [("permis pas cher", "permis"), ("je cherche un logement", "logement"), ("pas cher", "pas cher"), ("trouver", "trouver")],
)
def test_what_says_nothing_is_left_out_unless_it_is_all(read: object, text: str, left: str) -> None:
    assert read(text).text == left  # type: ignore[operator]


@pytest.mark.parametrize("what", sorted({*RECOGNISED} - {NEED}))  # a need is told of what is left (test_asking)
def test_each_recognition_can_be_taken_back(read: object, what: str) -> None:
    text = "salon stage boulangerie gratuit à distance en décembre fougères"

    whole, without = read(text), read(text, what)  # type: ignore[operator]

    assert {each.what for each in whole.recognitions} - {each.what for each in without.recognitions} >= {what} - {"metier"}


@pytest.mark.parametrize("text", ["", " ", "🙂", "\x00", "a" * 5000, "عيادة", "((((", "-" * 300, "35 " * 60, "\ud800 rennes"])
def test_any_text_is_read(read: object, text: str) -> None:
    assert isinstance(read(text), Understood)  # type: ignore[operator]


def test_the_file_of_expressions_is_well_formed() -> None:
    file = tomllib.loads(resources.files("directory").joinpath("data", "understanding.toml").read_text(encoding="utf-8"))

    lists = {"fillers", "who", "free", "remote", "trade", "not_a_trade", "not_a_place", "not_a_place_so_written"}
    assert set(file) == {*lists, "kinds", "needs", "domains"}
    assert set(file["kinds"]) == {kind.value for kind in Kind}
    assert set(file["needs"]) <= set(THEMATIQUES)
    assert set(file["domains"]) <= {code.partition("--")[0] for code in THEMATIQUES}
    assert all(fold(text) for name in ("needs", "domains") for texts in file[name].values() for text in texts)
    for name in lists:
        assert file[name]
        assert all(fold(text) for text in file[name])
    assert all(set(table) <= {"said", "kept", "not_before"} for table in file["kinds"].values())
