"""Rules, criteria and weights: each stands in its table, with its text and its source."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from directory.vocabulary import PUBLICS, Kind, categories, networks
from matching.checks import CHECKS
from matching.criteria import CRITERIA
from matching.findings import _FACTS as LISTING_FACTS
from matching.needs import get_need, needs
from matching.rules import rules
from matching.weights import WEIGHTS, check_weights
from matching.window import add_months, age_on, school_weeks

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path("matching").rglob("*.py"))


def test_every_rule_is_applied_somewhere_and_every_check_has_its_rule() -> None:
    named_elsewhere = {rule for rule in rules() if f'"{rule}"' in SOURCES}

    assert set(CHECKS) | named_elsewhere == set(rules())
    assert set(CHECKS) <= set(rules())


def test_every_rule_has_a_french_sentence_and_a_source() -> None:
    for rule in rules().values():
        assert rule.text.endswith((".", "}")), rule.id
        assert rule.source, rule.id
        assert "'" not in rule.text, rule.id
        assert set(rule.categories) <= set(categories()), rule.id


def test_the_blanks_of_a_listing_s_rule_can_all_be_filled() -> None:
    own = {"age_min", "age_max", "age_max_rqth"}
    for rule in (rules()[rule_id] for rule_id in CHECKS):
        assert set(re.findall(r"{(\w+)}", rule.text)) <= set(LISTING_FACTS) | own, rule.id


def test_a_rule_is_applied_between_its_days_only() -> None:
    rule = rules()["cej-age"]
    assert rule.valid_from is not None

    assert rule.holds(rule.valid_from)
    assert not rule.holds(rule.valid_from - timedelta(days=1))


@pytest.mark.parametrize("criterion", CRITERIA.values(), ids=lambda criterion: criterion.id)
def test_every_criterion_publishes_what_it_is(criterion: object) -> None:
    text = criterion.published  # type: ignore[attr-defined]

    assert len(text) > 60
    assert text.endswith(".")


def test_the_weights_name_every_criterion_and_no_other() -> None:
    check_weights(WEIGHTS)

    assert {name for weights in WEIGHTS.values() for name in weights} == set(CRITERIA)
    assert all(sum(weights.values()) == 100 for weights in WEIGHTS.values())


@pytest.mark.parametrize("wrong", [{"trajet": 0}, {"trajet": -3}, {"trajets": 3}, {}])
def test_weights_that_are_no_policy_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="event"):
        check_weights({**WEIGHTS, Kind.EVENT: wrong})


def test_the_table_of_needs_names_networks_that_exist() -> None:
    for need in needs().values():
        assert set(need.networks) <= set(networks()), need.key
        assert need.first


def test_a_thematique_may_stand_for_a_need_and_its_domain_covers_half_of_it() -> None:
    need = get_need("mobilite--preparer-un-permis")

    assert need.first == ("mobilite--preparer-un-permis",)
    assert "mobilite--financer-ma-mobilite" in need.then


def test_publics_named_in_code_are_of_the_vocabulary() -> None:
    assert set(re.findall(r'"((?:personnes|residents)-[a-z-]+)"', SOURCES)) <= set(PUBLICS)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 5, 14), date(2026, 5, 13), 17),
        (date(2008, 5, 14), date(2026, 5, 14), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_age_is_counted_to_the_day(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


def test_school_weeks_leave_out_the_holidays_of_the_year() -> None:
    counted = school_weeks(date(2026, 9, 1), date(2026, 12, 31))

    # 18 calendar weeks from 31 August to 31 December, without two at Toussaint and two at Christmas
    assert (counted.weeks, counted.known) == (14, True)


def test_school_weeks_of_a_year_without_calendar_say_so() -> None:
    assert not school_weeks(date(2041, 9, 2), date(2041, 12, 31)).known


def test_four_months_after_the_31_october_is_the_last_of_february() -> None:
    assert add_months(date(2026, 10, 31), 4) == date(2027, 2, 28)
