"""The judged cases of cases.toml, which a mission locale adviser can read."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from directory.models.record import ListingRecord
from matching.ranking import match
from matching.types import Answer
from tests.matching.conftest import TODAY, Parse
from tests.matching.factories import catalogue_of, listing

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))


def name_of(case: dict[str, Any]) -> str:
    return "-".join(str(case[key]) for key in ("eleve", "fiche", "avant", "apres", "regle", "jour") if key in case)


def entry(name: str) -> tuple[str, ListingRecord]:
    fields = {
        "at_km" if key == "a_km" else "days" if key == "jours" else key: value for key, value in CASES["fiches"][name].items()
    }
    return listing(fields.pop("id", name), **fields)


def answer_to(parse: Parse, student: str, names: list[str], day: date) -> Answer:
    data = {key: value.isoformat() if isinstance(value, date) else value for key, value in CASES["eleves"][student].items()}
    if not data.pop("sans_parcours", False):
        data["parcours"] = {"start": "2026-09-01", "end": "2026-12-31"}
    profile = parse({"place": "35500 Vitré", **data}, today=day)
    return match(profile, catalogue_of(*map(entry, names)), at=day, limit=50)


def test_there_are_enough_cases_to_judge_by() -> None:
    assert len(CASES["cas"]) >= 60
    assert len(CASES["paires"]) >= 20


def test_every_listing_and_student_described_is_used() -> None:
    used = {
        case[key] for case in (*CASES["cas"], *CASES["paires"]) for key in ("eleve", "fiche", "avant", "apres") if key in case
    }
    used |= {name for case in (*CASES["cas"], *CASES["paires"]) for name in case.get("avec", ())}

    assert set(CASES["fiches"]) | set(CASES["eleves"]) == used


@pytest.mark.parametrize("case", CASES["cas"], ids=name_of)
def test_a_listing_gets_the_verdict_that_the_field_expects(case: dict[str, Any], parse: Parse) -> None:
    answer = answer_to(parse, case["eleve"], [case["fiche"], *case.get("avec", ())], case.get("jour", TODAY))

    wanted = entry(case["fiche"])[0]
    shown = [each for matches in answer.sections.values() for each in matches if each.id == wanted]
    refused = [each for each in answer.excluded if each.id == wanted]
    verdict = str(shown[0].verdict) if shown else "non_eligible" if refused else "absent"
    found = [rule.id for rule in (shown[0].warnings if shown else refused[0].rules)] if shown or refused else []
    assert verdict == case["verdict"], found
    assert case.get("regle") is None or case["regle"] in found
    assert case.get("quand") is None or str(shown[0].when) == case["quand"]


@pytest.mark.parametrize("pair", CASES["paires"], ids=name_of)
@pytest.mark.parametrize("swapped", [False, True], ids=["in order", "swapped"])
def test_one_listing_comes_before_another(pair: dict[str, Any], parse: Parse, swapped: bool) -> None:
    names = [pair["avant"], pair["apres"]]
    others = pair.get("avec", [])

    answer = answer_to(parse, pair["eleve"], [*(names[::-1] if swapped else names), *others], pair.get("jour", TODAY))

    wanted = [entry(name)[0] for name in names]
    order = [each.id for matches in answer.sections.values() for each in matches]
    assert [listing_id for listing_id in order if listing_id in wanted] == wanted
    assert len(order) == len(wanted) + len(others)
