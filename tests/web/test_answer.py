"""The page of the answer: what is said first, what each result says, and what is said of what is missing."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from matching.needs import needs

RESULT = re.compile(r'<li class="relais-result" id="r-([^"]+)">(.*?)</article>', re.DOTALL)


def results(page: str) -> dict[str, str]:
    return {unescape(key): body for key, body in RESULT.findall(page)}


def text(fragment: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", fragment)).replace("\u00a0", " ").split())


def test_the_four_sections_hold_what_fits(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    shown = results(page)
    assert {"demonstration--ml", "demonstration--civique", "demonstration--resto", "demonstration--dating"} <= shown.keys()
    assert [page.index(f'id="{kind}"') for kind in ("partner", "scheme", "company", "event")] == sorted(
        page.index(f'id="{kind}"') for kind in ("partner", "scheme", "company", "event")
    )


def test_a_result_says_what_it_is_where_when_and_how_to_reach_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    mission_locale = results(page)["demonstration--ml"]
    assert "Mission locale" in text(mission_locale)
    assert "Fougères" in text(mission_locale)
    assert "Possible dès maintenant" in mission_locale
    assert 'href="tel:+33199000123">01\u00a099\u00a000\u00a001\u00a023<' in mission_locale
    assert 'href="mailto:accueil@ml.example"' in mission_locale
    assert 'href="https://ml.example/"' in mission_locale
    assert "12 rue des Essais, 35300 Fougères" in text(mission_locale)
    assert "Démonstration" in mission_locale


def test_the_points_shown_add_up_to_the_score_shown(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    for body in results(page).values():
        score = re.search(r"([\d,]+) sur 100", text(body))
        points = re.findall(r'<td class="relais-number">([\d,]+)<span', body)
        assert score
        assert points
        assert round(sum(float(each.replace(",", ".")) for each in points), 2) == float(score.group(1).replace(",", "."))


def test_each_reason_stands_with_the_criterion_it_is_for(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    reasons = re.findall(r"<td><strong>([^<]+)</strong><br>([^<]+)", results(page)["demonstration--resto"])
    assert len(reasons) >= 3
    assert all(label.strip() and reason.strip() for label, reason in reasons)


def test_a_named_person_is_not_shown_to_the_public(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    assert "Camille" not in page
    assert "199000199" not in page


def test_what_a_rule_keeps_out_is_folded_with_its_rule(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    folded = page[page.index('id="ecartees"') :]
    assert "demonstration--promo" not in results(page)
    assert "Promo des essais" in folded
    assert "<details" in folded
    assert "(règle " in folded


def test_each_need_says_who_covers_it_or_that_nobody_does(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    needs = text(page[page.index('class="relais-needs"') :].split("</section>")[0])
    assert "Se loger Résidence des Remparts" in needs
    assert re.search(r"Se soigner Aucune proposition", needs)


def test_the_profile_is_told_as_it_was_understood(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    summary = text(page[page.index('class="relais-summary"') : page.index("</dl>")])
    assert "Fougères" in summary
    assert "18 ans" in summary
    assert "CAP, Cuisine , obtenu" in summary or "CAP, Cuisine, obtenu" in summary
    assert "Se loger ; Se soigner" in summary
    assert "1 h 00 au plus" in summary


def test_an_urgent_need_is_answered_above_everything(client: FlaskClient, profile: dict[str, Any]) -> None:
    urgent = next(key for key, need in needs().items() if need.urgency)

    page = client.post("/propositions", data={**profile, "needs": [urgent]}).text

    alert = page.index('role="alert"')
    assert alert < page.index('id="profil"') < page.index('id="partner"')
    assert 'class="relais-phone" href="tel:' in page[alert : page.index('id="profil"')]


def test_a_minor_without_solution_raises_an_alert(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "age": "16"}).text

    assert 'role="alert"' in page
    assert "obligation de formation" in page[page.index('role="alert"') :].lower()


def test_an_event_shows_its_date(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    assert "Lundi 30 novembre 2026, de 10 h à 14 h" in text(results(page)["demonstration--dating"])


def test_a_place_without_any_partner_gets_advice_instead_of_a_blank(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "place": "Saint-Denis (97400)", "needs": []}).text

    empty = re.findall(r'<p class="relais-empty">(.*?)</p>', page, re.DOTALL)
    assert any("partenaire" in each for each in empty)
    assert any("entreprise" in each for each in empty)


def test_there_is_a_plan_that_leads_to_results(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    plan = page[page.index('class="relais-plan"') : page.index("</ol>")]
    targets = re.findall(r'href="#(r-[^"]+)"', plan)
    assert "2026" in plan
    assert targets
    assert all(f'id="{target}"' in page for target in targets)


def test_the_answer_has_no_address_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/propositions")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/"


def test_the_plan_names_each_listing_once_and_leads_to_it(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile).text

    steps = re.findall(r"<strong>(.*?)</strong>", page.split('id="plan"')[1].split("</ol>")[0], re.DOTALL)
    assert steps
    assert all(step.count("</a>") <= 1 for step in steps)
    assert any('<a href="#r-demonstration--ml">Mission locale de Fougères</a>' in step for step in steps)


def test_outside_the_parcours_nothing_is_said_to_be_during_it(client: FlaskClient) -> None:
    page = client.post("/propositions", data={"place": "35300 Fougères", "age": "18"}).text

    assert "Possible dès maintenant" in page
    assert "Pendant le parcours</span>" not in page


def test_what_the_page_says_once_for_all_is_not_repeated_by_each_company(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data={**profile, "age": "17", "birth_date": ""}).text

    assert text(page).count("pas de travail entre 22 h et 6 h") == 1


def test_what_one_change_would_open_is_told_with_counts(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions", data=profile | {"mode": "walk", "max_minutes": "1"}).text

    told = text(page[page.index('id="et-si"') :])
    assert re.search(r"\d+ (partenaire|entreprise|événement)s? de plus", told)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Mission locale de Fougères", "Proposée"),
        ("demonstration--promo", "Promo 16.18"),
        ("Promo des essais", "Écartée"),
        ("zzzz qqqq", "Aucune fiche"),
        ("<script>alert(1)</script>", "Pourquoi pas"),
    ],
)
def test_any_listing_of_the_directory_says_why_it_is_proposed_or_not(
    client: FlaskClient, profile: dict[str, Any], name: str, said: str
) -> None:
    answer = client.post("/propositions/pourquoi", data=profile | {"fiche": name})

    assert answer.status_code == 200
    assert said in text(answer.text)
    assert "<script>alert" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_reasons_lead_back_to_the_same_answer_and_have_no_address(client: FlaskClient, profile: dict[str, Any]) -> None:
    page = client.post("/propositions/pourquoi", data=profile | {"fiche": "cio"}).text

    assert all(f'name="{name}"' in page for name, value in profile.items() if value)
    assert client.get("/propositions/pourquoi").status_code == 302


def test_a_profile_that_cannot_be_comes_back_as_the_form(client: FlaskClient, profile: dict[str, Any]) -> None:
    answer = client.post("/propositions/pourquoi", data=profile | {"age": "12", "fiche": "cio"})

    assert answer.status_code == 422
    assert "12" in text(answer.text)
