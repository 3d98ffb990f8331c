"""The profile form: what is asked, what is refused, and what comes back as it was typed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from matching.needs import needs


def test_the_form_asks_for_little_and_says_that_only_a_place_and_an_age_are_mandatory(client: FlaskClient) -> None:
    page = client.get("/").text

    assert "Seuls le lieu et l’âge sont obligatoires" in page
    assert len(re.findall(r"\(obligatoire\)", page)) == 2
    assert all(need.label.replace("’", "’") in page for need in needs().values())
    assert 'name="nom"' not in page


def test_a_place_and_an_age_are_enough(client: FlaskClient) -> None:
    answer = client.post("/propositions", data={"place": "35300 Fougères", "age": "18"})

    assert answer.status_code == 200
    assert "Mission locale de Fougères" in answer.text


def test_an_empty_form_comes_back_with_both_errors_beside_their_fields(client: FlaskClient) -> None:
    answer = client.post("/propositions", data={})

    assert answer.status_code == 422
    assert 'href="#place"' in answer.text
    assert 'href="#age"' in answer.text
    assert re.search(r'<input[^>]*id="place"[^>]*aria-describedby="place-message"[^>]*aria-invalid="true"', answer.text)
    assert re.search(r'id="place-message">\s*<p class="fr-message fr-message--error">Indiquez où habite', answer.text)


@pytest.mark.parametrize(
    ("field", "typed", "shown_beside", "says"),
    [
        ("age", "9", "age", "Âge impossible"),
        ("age", "dix-huit", "age", "« Âge » doit être un nombre"),
        ("age", "99999999999999999999", "age", "« Âge » doit être un nombre"),
        ("birth_date", "2008-02-31", "birth_date", "n’est pas une date possible"),
        ("birth_date", "32/01/2008", "birth_date", "jour/mois/année"),
        ("birth_date", "2030-01-01", "birth_date", "dans le futur"),
        ("birth_date", "2001-01-01", "age", "contredit"),
        ("establishment_uai", "0350001Z", "establishment_uai", "lettre de contrôle"),
        ("situation", "autre", "situation", "n’est pas une valeur"),
        ("diploma_level", "doctorat", "diploma_level", "Diplôme préparé"),
        ("diploma_obtained", "non", "situation", "Contradiction"),
        ("paths", "vacances", "paths", "Voies souhaitées"),
        ("needs", "dragon", "needs", "Besoin inconnu"),
        ("publics", "licornes", "publics", "Situation particulière"),
        ("occupations", "Z9999zzzz", "occupations", "Métier inconnu"),
        ("mode", "fusée", "mode", "Moyen de transport"),
        ("max_minutes", "100000", "max_minutes", "Trajet accepté"),
        ("parcours_start", "hier", "parcours_start", "date possible"),
        ("parcours_end", "2020-01-01", "parcours_start", "Début du parcours"),
    ],
)
def test_each_impossible_answer_is_refused_beside_its_field_in_plain_words(
    client: FlaskClient, profile: dict[str, Any], field: str, typed: str, shown_beside: str, says: str
) -> None:
    answer = client.post("/propositions", data={**profile, field: typed})

    beside = re.search(rf'id="{shown_beside}-message">(.*?)</div>', answer.text, re.DOTALL)
    assert answer.status_code == 422
    assert beside
    assert says in beside.group(1).replace("\u00a0", " ")
    assert not re.search(r"birth_date|max_minutes|wishes\.|mobility\.", beside.group(1))


def test_everything_typed_is_kept_when_the_form_comes_back(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "age": "9"})

    assert re.search(r'id="place"[^>]*value="35300 Fougères"', answer.text)
    assert re.search(r'id="diploma_specialty"[^>]*value="Cuisine"', answer.text)
    assert re.search(r'value="graduate"[^>]* checked', answer.text)
    assert re.search(r'name="needs" value="logement"[^>]* checked', answer.text)
    assert re.search(r'name="paths" value="internship"[^>]* checked', answer.text)
    assert re.search(r'id="occupations-1"[^>]*\s+value="cuisinier"', answer.text)
    assert re.search(r'value="60" selected', answer.text)


def test_an_ambiguous_place_comes_back_as_a_choice(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "place": "Saint-Denis"})

    codes = re.findall(r'<input type="radio" id="place_code-\d+" name="place_code" value="(\w+)"', answer.text)
    assert answer.status_code == 422
    assert {"93066", "97411"} <= set(codes)
    assert 'name="place_for" value="Saint-Denis"' in answer.text


def test_the_place_chosen_is_the_one_that_is_answered_for(client: FlaskClient, profile: dict[str, Any]) -> None:
    chosen = {**profile, "place": "Saint-Denis", "place_for": "Saint-Denis", "place_code": "97411"}

    answer = client.post("/propositions", data=chosen)

    assert answer.status_code == 200
    assert re.search(r"<dt>Habite</dt><dd>Saint-Denis \(974", answer.text)


def test_a_choice_is_forgotten_when_the_place_was_typed_again(client: FlaskClient, profile: dict[str, Any]) -> None:
    typed_again = {**profile, "place": "35300 Fougères", "place_for": "Saint-Denis", "place_code": "97411"}

    answer = client.post("/propositions", data=typed_again)

    assert "<dt>Habite</dt><dd>Fougères" in answer.text


def test_an_unknown_place_comes_back_with_those_that_resemble_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "place": "Fougerres"})

    assert answer.status_code == 422
    assert "n’est pas un lieu connu" in answer.text
    assert 'name="place_code" value="35115"' in answer.text


def test_a_departement_is_no_home(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "place": "Ille-et-Vilaine"})

    assert answer.status_code == 422
    assert "indiquez la commune" in answer.text


def test_a_field_that_the_form_does_not_have_is_refused_by_name(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "nom_de_famille": "Dupont"})

    assert answer.status_code == 400
    assert "nom_de_famille" in answer.text
    assert "Dupont" not in answer.text


def test_a_date_typed_the_french_way_is_understood(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "age": "", "birth_date": "14/05/2008"})

    assert answer.status_code == 200
    assert "né(e) le 14\u00a0mai 2008" in answer.text


def test_an_occupation_chosen_among_the_suggestions_is_taken_by_its_code(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data={**profile, "occupations": ["n’importe quoi (G1602)"]})

    assert answer.status_code == 200
    assert re.search(r"<dt>Métiers</dt><dd>[^<]*\(G1602\)", answer.text)


def test_the_profile_can_be_modified_with_everything_kept(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions", data=profile)
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.text)
    sent: dict[str, list[str]] = {}
    for name, value in kept:
        sent.setdefault(name, []).append(value)

    form = client.post("/", data=sent)

    assert form.status_code == 200
    assert sent["needs"] == ["logement", "sante"]
    assert re.search(r'name="needs" value="sante"[^>]* checked', form.text)
    assert re.search(r'id="age"[^>]*value="18"', form.text)


def test_everything_that_is_wrong_is_said_at_once(client: FlaskClient, profile: dict[str, Any]) -> None:
    typed = {**profile, "place": "Saint-Denis", "age": "99", "needs": "dragon", "establishment_uai": "lycée de nulle part"}

    answer = client.post("/propositions", data=typed)

    assert answer.status_code == 422
    for field in ("place", "age", "needs", "establishment_uai"):
        assert re.search(rf'id="{field}-message">\s*<p class="fr-message fr-message--error">', answer.text), field
    assert re.search(r'id="erreurs"[^>]* autofocus', answer.text)


@pytest.mark.parametrize("typed", ["0350030T", "Lycée Jean Guéhenno (0350030T)", " 0350030t "])
def test_a_lycee_is_known_by_the_code_in_what_is_typed(client: FlaskClient, profile: dict[str, Any], typed: str) -> None:
    answer = client.post("/propositions", data={**profile, "establishment_uai": typed})

    assert answer.status_code == 200
    assert "(0350030T)" in answer.text


def test_a_lycee_typed_by_its_name_is_chosen_among_those_that_bear_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    typed = {**profile, "establishment_uai": "lycée Fougères"}

    asked = client.post("/propositions", data=typed)
    uais = re.findall(r'name="lycee_chosen" value="(\d{7}[A-Z])"', asked.text)
    answer = client.post("/propositions", data={**typed, "lycee_chosen": uais[0]})

    assert (asked.status_code, answer.status_code) == (422, 200)
    assert len(uais) > 1
    assert f"({uais[0]})" in answer.text


def test_a_pupil_of_the_parcours_needs_no_dates(client: FlaskClient, profile: dict[str, Any]) -> None:
    given = {name: text for name, text in profile.items() if not name.startswith("parcours")}

    followed = client.post("/propositions", data={**given, "parcours": "oui"}).text
    not_yet = client.post("/propositions", data=given).text

    assert "du 1er\u00a0septembre 2026 au 31\u00a0décembre 2026" in followed
    assert "<dt>Parcours</dt>" not in not_yet
