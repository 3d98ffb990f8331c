"""Rules, criteria and weights: each stands in its table, with its text and its source."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.vocabulary import PUBLICS, Kind, categories, networks
from matching.checks import CHECKS
from matching.criteria import CRITERIA
from matching.errors import PolicyError
from matching.findings import _FACTS as LISTING_FACTS
from matching.needs import get_need, needs
from matching.ranking import match
from matching.rules import rules
from matching.weights import default_policy, parse_policy, read_policy
from matching.window import add_months, age_on, school_weeks
from tests.matching.factories import catalogue_of, listing, student

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path("matching").rglob("*.py"))


def test_every_rule_is_applied_somewhere_and_every_check_has_its_rule() -> None:
    named_elsewhere = {rule for rule in rules() if f'"{rule}"' in SOURCES}

    assert set(CHECKS) | named_elsewhere == set(rules())
    assert set(CHECKS) <= set(rules())


def test_every_rule_has_its_case_or_its_test() -> None:
    cases = tomllib.loads(Path("tests/matching/cases.toml").read_text(encoding="utf-8"))["cas"]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests/matching").glob("test_*.py"))

    tested = {case.get("regle") for case in cases} | {rule for rule in rules() if f'"{rule}"' in tests}
    assert tested >= set(rules())


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
    weights = default_policy()

    assert {name for section in weights.values() for name in section} == set(CRITERIA)
    assert all(sum(section.values()) == 100 for section in weights.values())


def test_an_academie_changes_some_weights_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "poids.toml"
    file.write_text("[companies]\ntrajet = 50\nmetier = 0\n", encoding="utf-8")

    policy = read_policy(file)

    assert policy[Kind.COMPANY] == {**default_policy()[Kind.COMPANY], "trajet": 50, "metier": 0}
    assert policy[Kind.EVENT] == default_policy()[Kind.EVENT]


def test_a_file_of_weights_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "poids.toml"
    file.write_text("[companies]\ntrajet = 50\n", encoding="utf-8")
    read_policy(file)

    file.write_text("[companies]\ntrajet = 5\n# later\n", encoding="utf-8")

    assert read_policy(file)[Kind.COMPANY]["trajet"] == 5


def test_a_criterion_of_weight_zero_is_left_out_and_the_others_renormalised() -> None:
    policy = parse_policy({"partners": {"trajet": 0}})

    answer = match(student(), catalogue_of(listing("club", at_km=2)), at=date(2026, 11, 24), policy=policy)

    weights = {each.criterion: each.weight for each in answer.sections[Kind.PARTNER][0].contributions}
    assert "trajet" not in weights
    assert sum(weights.values()) == pytest.approx(1, abs=0.001)


def test_when_nothing_that_applies_has_a_weight_what_applies_counts_alike() -> None:
    names = [name for name in default_policy()[Kind.PARTNER] if name != "metier"]
    policy = parse_policy({"partners": dict.fromkeys(names, 0)})

    answer = match(student(), catalogue_of(listing("club", at_km=2)), at=date(2026, 11, 24), policy=policy)

    contributions = answer.sections[Kind.PARTNER][0].contributions
    assert len({each.weight for each in contributions}) == 1
    assert sum(each.points for each in contributions) == answer.sections[Kind.PARTNER][0].score


@pytest.mark.parametrize(
    ("table", "field", "said"),
    [
        ({"events": {"trajet": -3}}, "events.trajet", "nombre positif"),
        ({"events": {"trajet": True}}, "events.trajet", "nombre positif"),
        ({"events": {"trajet": "beaucoup"}}, "events.trajet", "nombre positif"),
        ({"events": {"trajet": float("nan")}}, "events.trajet", "nombre positif"),
        ({"events": {"trajet": float("inf")}}, "events.trajet", "nombre positif"),
        ({"events": {"trajets": 3}}, "events.trajets", "« trajet »"),
        ({"events": dict.fromkeys(default_policy()[Kind.EVENT], 0)}, "events", "tous nuls"),
        ({"events": 3}, "events", "section"),
        ({"event": {}}, "event", "« events »"),
    ],
)
def test_weights_that_are_no_policy_are_refused_by_their_field(table: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        parse_policy(table)

    assert refused.value.field == field
    assert said in refused.value.public


@pytest.mark.parametrize("content", [b"[companies", b"\xff\xfe", b"# " + b"x" * 100_001, None])
def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "poids.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(PolicyError) as refused:
        read_policy(file)

    assert refused.value.field == "RELAIS_WEIGHTS"


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
