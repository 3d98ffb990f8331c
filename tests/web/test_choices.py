"""What a référent decides of the proposals: kept, set aside, put in order, noted, compared. All of it in the form."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

ML, CIO, FJT = "demonstration--ml", "demonstration--cio", "demonstration--fjt"


def kept(page: str) -> list[str]:
    return [unescape(key) for key in re.findall(r'<input type="hidden" name="keep" value="([^"]*)"', page)]


def words(fragment: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", fragment)).replace("\u00a0", " ").split())


def selection(page: str) -> str:
    return page[page.index('class="relais-selection"') :].split('<nav class="relais-jump', maxsplit=1)[0]


def test_what_is_kept_stands_in_the_selection(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "action": f"keep {ML}"}).text

    assert kept(page) == [ML]
    assert "01 99 00 01 23" in words(selection(page))
    assert "« Mission locale de Fougères » est dans la sélection." in words(page)


@pytest.mark.parametrize(
    ("action", "order"),
    [
        (f"up {FJT}", [ML, FJT, CIO]),
        (f"down {ML}", [CIO, ML, FJT]),
        (f"up {ML}", [ML, CIO, FJT]),
        (f"down {FJT}", [ML, CIO, FJT]),
        (f"leave {CIO}", [ML, FJT]),
        (f"keep {CIO}", [ML, CIO, FJT]),
        ("up nothing", [ML, CIO, FJT]),
        ("dance", [ML, CIO, FJT]),
        ("keep ", [ML, CIO, FJT]),
    ],
)
def test_the_selection_is_put_in_order(client: FlaskClient, profile: dict[str, Any], action: str, order: list[str]) -> None:
    page = client.post("/propositions", data={**profile, "keep": [ML, CIO, FJT], "action": action}).text

    assert kept(page) == order


def test_what_is_set_aside_leaves_the_sections_the_plan_and_the_needs_and_can_come_back(
    client: FlaskClient, profile: dict[str, Any]
) -> None:
    without = client.post("/propositions", data={**profile, "action": f"drop {FJT}"}).text
    again = client.post("/propositions", data={**profile, "drop": [FJT], "action": f"leave {FJT}"}).text

    assert f'id="r-{FJT}"' not in without
    assert f'href="#r-{FJT}"' not in without
    assert "Résidence des Remparts" in words(without[without.index('id="mises-de-cote"') :])
    assert f'id="r-{FJT}"' in again


def test_a_note_and_an_appointment_come_back_as_they_were_typed(client: FlaskClient, profile: dict[str, Any]) -> None:
    data = {**profile, "keep": [ML], f"note-{ML}": "<b>CV</b> à prendre", f"meeting-{ML}": "2026-12-01T14:30"}

    page = client.post("/propositions", data=data).text

    assert "&lt;b&gt;CV&lt;/b&gt; à prendre</textarea>" in page
    assert 'value="2026-12-01T14:30"' in page
    assert "ni nom, ni santé" in words(selection(page))


@pytest.mark.parametrize("typed", ["01/12/2026 14:30", "1/12/2026 à 14h30", "2026-12-01T14:30", "2026-12-01 14:30"])
def test_an_appointment_is_read_as_browsers_and_people_write_it(client: FlaskClient, profile: dict[str, Any], typed: str) -> None:
    page = client.post("/fiche-eleve", data={**profile, "keep": [ML], f"meeting-{ML}": typed}).text

    assert "Mardi 1er décembre 2026, 14 h 30" in words(page)


@pytest.mark.parametrize("typed", ["31/02/2026", "demain", "2026-13-01", "99/99/9999 99:99"])
def test_an_appointment_that_is_no_date_is_kept_and_told_beside_its_field(
    client: FlaskClient, profile: dict[str, Any], typed: str
) -> None:
    page = client.post("/propositions", data={**profile, "keep": [ML], f"meeting-{ML}": typed}).text

    assert f'value="{typed}"' in page
    assert f"« {typed} » n’est pas une date" in words(selection(page))


def test_two_are_compared_side_by_side(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "keep": [ML, CIO], "compare": [ML, CIO], "action": "compare"}).text

    table = words(page[page.index('class="relais-points relais-compare"') :].split("</table>")[0])
    assert "Mission locale de Fougères CIO de Fougères" in table
    assert table.count("/ 100") == 2


def test_comparing_asks_for_two(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "keep": [ML, CIO], "compare": [ML], "action": "compare"}).text

    assert "relais-compare" not in page
    assert "Cochez deux fiches" in page


def test_the_selection_is_limited_and_says_so(client: FlaskClient, profile: dict[str, Any]) -> None:
    many = [f"demonstration--rien-{number}" for number in range(15)]

    page = client.post("/propositions", data={**profile, "keep": many, "action": f"keep {ML}"}).text

    assert "La sélection est pleine" in page


def test_choices_are_not_lost_when_the_profile_is_changed(client: FlaskClient, profile: dict[str, Any]) -> None:
    data = {**profile, "keep": [ML, CIO], "drop": [FJT], f"note-{ML}": "rappeler", f"meeting-{CIO}": "2026-12-02T09:00"}

    form = client.post("/", data=data).text

    for name, value in (
        ("keep", ML),
        ("keep", CIO),
        ("drop", FJT),
        (f"note-{ML}", "rappeler"),
        (f"meeting-{CIO}", "2026-12-02T09:00"),
    ):
        assert f'<input type="hidden" name="{name}" value="{value}">' in form


def test_what_was_kept_stays_though_the_profile_no_longer_brings_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "age": "30", "keep": ["demonstration--promo"]}).text

    assert kept(page) == ["demonstration--promo"]
    assert "Promo des essais" in selection(page)


def test_what_the_directory_does_not_hold_or_the_public_may_not_see_is_not_in_the_selection(
    client: FlaskClient, profile: dict[str, Any]
) -> None:
    page = client.post("/propositions", data={**profile, "keep": ["demonstration--secret", "rien", '"><script>']}).text

    assert kept(page) == []
    assert "réservée au bassin" not in page


def test_et_si_says_what_a_change_opens_and_makes_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "action": "minutes 80"}).text

    assert "1 h 20 au plus" in words(page)
    assert 'name="max_minutes" value="80"' in page


@pytest.mark.parametrize("action", ["minutes -5", "minutes 99999", "minutes x", "occupation "])
def test_a_change_that_is_not_offered_changes_nothing(client: FlaskClient, profile: dict[str, Any], action: str) -> None:
    page = client.post("/propositions", data={**profile, "action": action}).text

    assert 'name="max_minutes" value="60"' in page


def test_a_section_unfolds_its_first_results_and_folds_the_rest(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "needs": ["logement", "mobilite", "projet"]}).text

    partners = page[page.index('id="partner"') : page.index('id="scheme"')]
    shown, _, folded = partners.partition('<details class="relais-more"')
    assert shown.count('class="relais-result"') == 3
    assert folded.count('class="relais-result"') >= 1


def test_what_is_too_far_is_folded_but_for_the_first(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "place": "06000 Nice", "needs": ["logement", "mobilite", "projet"]}).text

    partners = page[page.index('id="partner"') : page.index('id="scheme"')]
    shown, _, folded = partners.partition('<details class="relais-more"')
    assert (shown.count("Trop loin"), folded.count('class="relais-result"') >= 1) == (1, True)
