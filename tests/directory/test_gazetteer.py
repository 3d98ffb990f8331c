"""Places as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.store import _rows, packaged
from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.territory import departements, epcis
from directory.vocabulary import Precision

UNDERSTOOD = [
    # a name, however it is written
    ("Rennes", "commune", "35238"),
    ("rennes", "commune", "35238"),
    ("  RENNES  ", "commune", "35238"),
    ("à Rennes", "commune", "35238"),
    ("Paris", "commune", "75056"),
    ("L'Haÿ les Roses", "commune", "94038"),
    ("L’HAŸ-LES-ROSES", "commune", "94038"),
    ("Hay les roses", "commune", "94038"),
    ("bourg en bresse", "commune", "01053"),
    ("Chalon s/ Saône", "commune", "71076"),
    ("Villeneuve dAscq", "commune", "59009"),
    ("St Etienne", "commune", "42218"),
    ("Mans", "commune", "72181"),
    ("le havre", "commune", "76351"),
    ("Tremblay-en-France", "commune", "93073"),
    ("Ribeauvillé", "commune", "68269"),
    # a city so much larger than its homonyms that asking would only annoy
    ("La Rochelle", "commune", "17300"),
    ("Massy", "commune", "91377"),
    # a code
    ("35238", "commune", "35238"),
    ("2A004", "commune", "2A004"),
    ("2a004", "commune", "2A004"),
    ("35000", "commune", "35238"),
    ("35200", "commune", "35238"),
    ("75013", "commune", "75113"),
    ("75116", "commune", "75116"),
    ("06110", "commune", "06030"),
    ("INSEE 06110", "commune", "06110"),
    ("code postal 35400", "commune", "35288"),
    # a name and a code
    ("93140 Bondy", "commune", "93010"),
    ("Bondy 93140", "commune", "93010"),
    ("Bondy (93140)", "commune", "93010"),
    ("F-35000 Rennes", "commune", "35238"),
    ("35 000 Rennes", "commune", "35238"),
    ("35238 Rennes", "commune", "35238"),
    ("75013 Paris", "commune", "75113"),
    ("69003 Lyon", "commune", "69383"),
    ("93400 Saint-Ouen", "commune", "93070"),
    ("20000 Ajaccio", "commune", "2A004"),
    # CEDEX
    ("67068 STRASBOURG CEDEX", "commune", "67482"),
    ("35065 RENNES CEDEX 7", "commune", "35238"),
    ("RENNES CEDEX 7", "commune", "35238"),
    ("75647 PARIS CEDEX 13", "commune", "75113"),
    ("69362 LYON CEDEX 07", "commune", "69387"),
    ("MARSEILLE CEDEX 20", "commune", "13055"),
    ("97743 Saint-Denis cedex 9", "commune", "97411"),
    # an arrondissement
    ("Paris 13e", "commune", "75113"),
    ("paris 13ème arrondissement", "commune", "75113"),
    ("Paris XIII", "commune", "75113"),
    ("Paris XIIIe", "commune", "75113"),
    ("Paris 13", "commune", "75113"),
    ("13e arrondissement de Paris", "commune", "75113"),
    ("Paris 1er", "commune", "75101"),
    ("Lyon 3", "commune", "69383"),
    ("Marseille 13e", "commune", "13213"),
    # a name and where it is
    ("Saint-Denis (974)", "commune", "97411"),
    ("st denis 93", "commune", "93066"),
    ("Saint-Denis, La Réunion", "commune", "97411"),
    ("Bondy, Seine-Saint-Denis", "commune", "93010"),
    ("Bondy, Île-de-France", "commune", "93010"),
    ("Rennes 35", "commune", "35238"),
    ("35 Rennes", "commune", "35238"),
    ("Rennes, Bretagne, France", "commune", "35238"),
    ("Valence (Drôme)", "commune", "26362"),
    ("Valence d'Agen", "commune", "82186"),
    ("Vienne (38)", "commune", "38544"),
    ("Marseille (13)", "commune", "13055"),
    # communes of yesterday
    ("Bellegarde-sur-Valserine", "commune", "01033"),
    ("Seynod", "commune", "74010"),
    ("Pierrefitte-sur-Seine", "commune", "93066"),
    ("93059", "commune", "93066"),
    ("Évry", "commune", "91228"),
    ("Bagneux (49)", "commune", "49328"),
    # an address: its commune only
    ("12 rue de la Paix 35000 Rennes", "commune", "35238"),
    ("12 rue de la Paix, Rennes", "commune", "35238"),
    ("12 rue de Paris, 35400 Saint-Malo, France", "commune", "35288"),
    ("4 allée des Lilas\n93140 Bondy", "commune", "93010"),
    # départements and régions
    ("35", "departement", "35"),
    ("53", "departement", "53"),
    ("2A", "departement", "2A"),
    ("2b", "departement", "2B"),
    ("974", "departement", "974"),
    ("dans le 93", "departement", "93"),
    ("Ille et Vilaine", "departement", "35"),
    ("département de l’Ain", "departement", "01"),
    ("departement 53", "departement", "53"),
    ("Mayenne (53)", "departement", "53"),
    ("Landes", "departement", "40"),
    ("La Réunion", "departement", "974"),
    ("Nouvelle-Calédonie", "departement", "988"),
    ("75", "departement", "75"),
    ("Île-de-France", "region", "11"),
    ("Bretagne", "region", "53"),
    ("région 53", "region", "53"),
    ("région Bretagne", "region", "53"),
    ("PACA", "region", "93"),
    ("Rhône-Alpes", "region", "84"),
    ("Corse", "region", "94"),
    ("France", "france", ""),
]

ASKED = [
    ("st denis", ("97411", "93066", "11339", "30247")),
    ("Ste-Anne", ("97128", "97226", "41200", "32357", "25513")),
    ("Valence", ("26362", "82186", "16392")),
    ("Ribeauville", ("68269", "02647")),
    ("Mayenne", ("53", "53147")),
    ("Vienne", ("86", "38544")),
    ("Marseille 13", ("13055", "13213")),
    ("35000 Nantes", ("44109", "35238")),
    ("Évreux 93140", ("93010", "27229")),
]

UNKNOWN = [
    ("Renes", "35238"),
    ("Bordaux", "33063"),
    ("Marseile", "13055"),
    ("12 rue de la Paix Rennes", "35238"),
    ("Paris 25", "75056"),
    ("67999", "67"),
    ("98800 Nouméa", "988"),
]


@pytest.mark.parametrize(("text", "level", "code"), UNDERSTOOD)
def test_a_place_is_understood_as_people_type_it(gazetteer: Gazetteer, text: str, level: str, code: str) -> None:
    found = gazetteer.find(text)

    assert isinstance(found, Place), found
    assert (found.level, found.code) == (level, code)


@pytest.mark.parametrize(("text", "codes"), ASKED)
def test_several_places_are_asked_about_the_likeliest_first_with_the_reason(
    gazetteer: Gazetteer, text: str, codes: tuple[str, ...]
) -> None:
    found = gazetteer.find(text)

    assert isinstance(found, AmbiguousPlace), found
    assert tuple(place.code for place in found.candidates) == codes
    assert found.reason


@pytest.mark.parametrize(("text", "code"), UNKNOWN)
def test_a_misspelt_place_is_suggested_and_never_accepted(gazetteer: Gazetteer, text: str, code: str) -> None:
    found = gazetteer.find(text)

    assert isinstance(found, NoSuchPlace), found
    assert code in [place.code for place in found.suggestions[:3]]


def test_a_postal_code_of_several_communes_is_asked_about(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("35133")

    assert isinstance(found, AmbiguousPlace)
    assert {"35137", "35150"} <= {place.code for place in found.candidates}
    assert "35133" not in {place.code for place in found.candidates}, "the INSEE reading is told, not proposed"
    assert "code postal" in found.reason
    assert "code INSEE" in found.reason


@pytest.mark.parametrize(("text", "code"), [("35300", "35115"), ("06130", "06069"), ("13001", "13201"), ("69003", "69383")])
def test_a_postal_code_of_one_commune_is_taken_and_the_insee_reading_is_told(gazetteer: Gazetteer, text: str, code: str) -> None:
    found = gazetteer.find(text)

    assert isinstance(found, Place)
    assert found.code == code
    assert f"écrire « INSEE {text} »" in found.reason


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Asnières", {"92004", "27021"}),
        ("Aulnay", {"93005"}),
        ("fougere", {"35115", "85093"}),
        ("Neuilly", {"92051"}),
        ("Vitry", {"94081"}),
        ("Noisy", {"93051", "93053"}),
        ("20", {"2A", "2B"}),
    ],
)
def test_a_short_name_is_asked_about_when_a_town_is_more_likely_meant(gazetteer: Gazetteer, text: str, meant: set[str]) -> None:
    found = gazetteer.find(text)

    assert isinstance(found, AmbiguousPlace)
    assert meant <= {place.code for place in found.candidates}
    assert found.reason


@pytest.mark.parametrize(("text", "code"), [("Levallois", "92044"), ("Cherbourg", "50129")])
def test_the_beginning_of_one_name_only_is_taken_and_said(gazetteer: Gazetteer, text: str, code: str) -> None:
    found = gazetteer.find(text)

    assert isinstance(found, Place)
    assert (found.code, "début de son nom" in found.reason) == (code, True)


def test_fifty_three_is_the_departement_and_the_region_is_told(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("53")

    assert isinstance(found, Place)
    assert "Mayenne" in found.reason
    assert "Bretagne" in found.reason


def test_the_homonym_that_was_not_taken_is_named(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("La Rochelle")

    assert isinstance(found, Place)
    assert "La Rochelle (70120)" in found.reason


def test_the_name_of_yesterday_is_told_with_that_of_today(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("Seynod")

    assert isinstance(found, Place)
    assert found.reason == "Seynod : aujourd’hui Annecy."
    assert found.territories[:2] == ("commune:74268", "commune:74010")


def test_a_former_name_that_begins_larger_communes_is_asked_about(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("Villefranche")

    assert isinstance(found, AmbiguousPlace)
    assert found.candidates[0].label == "Villefranche-sur-Saône (69400)"
    assert "89086" in [place.code for place in found.candidates]


def test_an_address_gives_its_commune_and_says_that_the_street_was_not_located(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("12 rue de la Paix 35000 Rennes")

    assert isinstance(found, Place)
    assert found.precision is Precision.COMMUNE
    assert "l’adresse n’a pas été située" in found.reason


def test_a_postal_code_alone_decides_where_the_name_is_a_quarter_and_says_so(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("35000 Villejean")

    assert isinstance(found, Place)
    assert found.code == "35238"
    assert found.reason == "Seul le code postal 35000 a été compris."


def test_the_departement_of_the_context_settles_a_homonym(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("Saint-Denis", near_departement="93")

    assert isinstance(found, Place)
    assert found.code == "93066"


def test_a_context_without_any_candidate_settles_nothing(gazetteer: Gazetteer) -> None:
    assert isinstance(gazetteer.find("Saint-Denis", near_departement="35"), AmbiguousPlace)


def test_a_context_never_overrules_a_name_that_is_alone(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("Bondy", near_departement="35")

    assert isinstance(found, Place)
    assert found.code == "93010"


def test_rennes_has_the_point_of_its_town_hall_and_its_territories(gazetteer: Gazetteer) -> None:
    found = gazetteer.get_commune("35238")

    assert found is not None
    assert (found.latitude, found.longitude) == (48.1113, -1.68)
    assert found.reach_km == pytest.approx((50.4 / 2) ** 0.5, abs=0.01)
    assert found.territories == (
        "commune:35238", "epci:243500139", "departement:35", "academie:Rennes", "region:53", "france",
    )  # fmt: skip


def test_an_arrondissement_carries_the_token_of_its_city(gazetteer: Gazetteer) -> None:
    found = gazetteer.get_commune("75113")

    assert found is not None
    assert found.territories[:2] == ("commune:75113", "commune:75056")


def test_a_commune_without_a_point_says_so_by_its_precision(gazetteer: Gazetteer) -> None:
    found = gazetteer.get_commune("14581")

    assert found is not None
    assert (found.latitude, found.longitude) == (None, None)
    assert found.precision is Precision.DEPARTEMENT


def test_every_label_finds_its_own_place_again(gazetteer: Gazetteer) -> None:
    codes = [row["code_insee"] for row in _rows(packaged(), "communes.csv")][::11]
    places = [place for code in codes if (place := gazetteer.get_commune(code))]
    places += [place for code in departements() if isinstance(place := gazetteer.find(f"département {code}"), Place)]
    places += [place for code in ("11", "53", "84", "93", "94") if isinstance(place := gazetteer.find(f"région {code}"), Place)]

    every = [place for code in list(epcis())[::25] if isinstance(place := gazetteer.find(epcis()[code]), Place)]
    places += [place for place in every if place.level == "epci"]
    lost = [(place.label, place.code) for place in places if getattr(gazetteer.find(place.label), "code", None) != place.code]

    assert len(places) > 3200
    assert lost == []


@settings(max_examples=300, deadline=None)
@given(text=st.text(max_size=60), near=st.sampled_from(["", "35", "2A", "??"]))
def test_any_text_gets_an_answer(gazetteer: Gazetteer, text: str, near: str) -> None:
    found = gazetteer.find(text, near_departement=near)

    match found:
        case Place():
            assert found.label
            assert found.territories[-1] == "france"
        case AmbiguousPlace():
            assert len(found.candidates) > 1
            assert found.reason
        case NoSuchPlace():
            assert len(found.suggestions) <= 6


@settings(max_examples=200, deadline=None)
@given(
    parts=st.lists(
        st.sampled_from(
            ["paris", "saint", "denis", "35", "35000", "cedex", "13e", "arrondissement", "de", ",", "(", "région", "la"]
        ),
        max_size=40,
    )
)
def test_any_heap_of_place_words_gets_an_answer(gazetteer: Gazetteer, parts: list[str]) -> None:
    assert isinstance(gazetteer.find(" ".join(parts)), Place | AmbiguousPlace | NoSuchPlace)


@pytest.mark.parametrize(
        "text",
    [
        "", " ", "\x00", "Rennes\x00", "😀", "مرحبا", "\u202eRennes", "\ud800", "' OR 1=1 --", "%", "*", "(" * 300, "a," * 150,
        "9" * 10_000, "é" * 10_000,
    ],
)  # fmt: skip
def test_hostile_texts_are_answered_too(gazetteer: Gazetteer, text: str) -> None:
    assert isinstance(gazetteer.find(text), Place | NoSuchPlace)
    assert isinstance(gazetteer.suggest(text), tuple)
    assert gazetteer.get_commune(text) is None
    assert gazetteer.commune_name(text) == ""
    assert gazetteer.find_lycee(text) is None
