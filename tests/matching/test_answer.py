"""The answer as a whole: notices, alerts, needs, diversity, exclusions, the plan, and its JSON."""

from __future__ import annotations

import json
from datetime import date

import pytest

from directory.vocabulary import Kind, Visibility
from matching.answer import to_json
from matching.ranking import match
from matching.types import Answer, Diploma, DiplomaLevel, Mode, Understood
from matching.urgency import find_urgencies
from tests.matching.factories import VITRE, catalogue_of, listing, student

AT = date(2026, 11, 24)
NOBODY = catalogue_of()
OUTSIDE = {"parcours_start": None, "parcours_end": None}
HOME = "logement-hebergement--louer-un-logement"
MONEY = "difficultes-financieres--prevenir-une-degradation-de-la-situation-financiere"
ADULT, MINOR = date(2004, 5, 14), date(2009, 6, 14)


def ids(answer: Answer, kind: Kind = Kind.PARTNER) -> list[str]:
    return [each.id for each in answer.sections[kind]]


def notices(answer: Answer) -> dict[str, str]:
    return {notice.id: notice.reason for notice in answer.notices}


def test_an_empty_directory_still_tells_the_student_s_rights_and_duties() -> None:
    answer = match(student(diploma=Diploma(level=DiplomaLevel.CAP)), NOBODY, at=AT)

    assert {kind: len(matches) for kind, matches in answer.sections.items()} == dict.fromkeys(Kind, 0)
    assert "7034150211" in notices(answer)["parcours-mef-cap"]
    assert "9 semaines au plus" in notices(answer)["parcours-deux-tiers"]
    assert "750 €" in notices(answer)["parcours-allocation-cap"]
    assert "parcours-absent" not in notices(answer)


def test_after_a_bac_pro_the_mef_and_the_dated_amounts_are_its_own() -> None:
    told = notices(match(student(diploma=Diploma(level=DiplomaLevel.BAC_PRO)), NOBODY, at=AT))

    assert "7044150111" in told["parcours-mef-bac-pro"]
    assert all(amount in told["parcours-allocation-bac-pro"] for amount in ("août 2023", "20 €", "100 €", "1 000 €"))


def test_weeks_that_would_go_unpaid_are_told() -> None:
    # the holidays of 2041 are not known: they are counted, and it is said
    profile = student(
        diploma=Diploma(level=DiplomaLevel.CAP),
        birth_date=date(2023, 5, 14),
        parcours_start=date(2041, 9, 2),
        parcours_end=date(2041, 12, 31),
    )

    told = notices(match(profile, NOBODY, at=date(2041, 9, 2)))

    assert "ne seraient pas payées" in told["parcours-allocation-cap"]
    assert "non ôtées" in told["parcours-deux-tiers"]


def test_a_trade_that_no_company_within_reach_employs_is_told() -> None:
    far = listing("far", kind="company", occupations=["G1602"], pathways=["internship"], at_km=80)
    near = listing("near", kind="company", occupations=["I1604"], pathways=["internship"], at_km=2)

    without, with_one = (
        notices(match(student(occupations=("G1602",)), catalogue_of(*each), at=AT))
        for each in ((far, near), (far, near, listing("kin", kind="company", occupations=["G1605"], at_km=3)))
    )

    assert "G1602" not in without["metier-hors-portee"]
    assert "cuisine" in without["metier-hors-portee"].casefold()
    assert "metier-hors-portee" not in with_one


def test_how_a_text_was_understood_is_told() -> None:
    profile = student(understood=(Understood("wishes.occupations[0]", "cuistot", "Cuisinier (G1602)"),))

    assert "cuistot" in notices(match(profile, NOBODY, at=AT))["profil-compris"]


def test_outside_a_parcours_the_window_is_four_months_and_it_is_told() -> None:
    answer = match(student(**OUTSIDE), NOBODY, at=AT)

    assert "24 mars 2027" in notices(answer)["parcours-absent"]
    assert "parcours-fin" not in notices(answer)


def test_a_parcours_that_would_run_past_31_december_is_brought_back_and_told() -> None:
    answer = match(student(parcours_end=date(2027, 2, 28)), NOBODY, at=AT)

    assert "31 décembre 2026" in notices(answer)["parcours-ramene"]


def test_after_the_parcours_its_rights_are_not_told_any_more() -> None:
    answer = match(student(), NOBODY, at=date(2027, 1, 5))

    assert "parcours-absent" in notices(answer)
    assert "parcours-droits" not in notices(answer)


@pytest.mark.parametrize(
    ("fields", "alert", "level"),
    [
        ({"birth_date": date(2009, 6, 14), **OUTSIDE}, "obligation-formation", "alert"),
        ({"birth_date": date(2009, 6, 14)}, "obligation-formation-echeance", "warning"),
        ({"birth_date": date(2011, 6, 14), **OUTSIDE}, "instruction-obligatoire", "alert"),
        ({"age": 17, "birth_date": None}, "obligation-formation-echeance", "warning"),
    ],
)
def test_a_minor_raises_the_alert_of_the_law(fields: dict[str, object], alert: str, level: str) -> None:
    answer = match(student(**fields), NOBODY, at=AT)

    assert [(each.id, each.level) for each in answer.alerts] == [(alert, level)]


def test_a_pupil_who_turns_18_before_the_end_raises_no_alert() -> None:
    assert match(student(birth_date=date(2008, 12, 31)), NOBODY, at=AT).alerts == ()


def test_the_alert_says_whom_to_call() -> None:
    mine = listing(
        "ml", category="mission_locale", name="ML de Vitré", coverage=["commune:35360"], contacts=[{"phone": "+33199001234"}]
    )
    other = listing("other", category="mission_locale", name="ML d’ailleurs", at_km=1, contacts=[{"phone": "+33199005678"}])

    answer = match(student(birth_date=date(2009, 6, 14), **OUTSIDE), catalogue_of(mine, other), at=AT)

    assert answer.alerts[0].contact == "ML de Vitré : 01 99 00 12 34"


def test_urgencies_come_before_every_other_alert() -> None:
    answer = match(student(birth_date=date(2009, 6, 14), needs=("detresse", "urgence_hebergement", "danger")), NOBODY, at=AT)

    assert [each.contact for each in answer.alerts[:4]] == ["115", "119", "114", "3114"]
    assert answer.alerts[4].id == "obligation-formation-echeance"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("il dort dehors depuis hier", ["115"]),
        ("Idées suicidaires", ["3114"]),
        ("élève frappée à la maison", ["119", "114"]),
        ("cuisine", []),
        ("rue de Vitré", []),
    ],
)
def test_a_search_calls_for_its_emergency_number(text: str, numbers: list[str]) -> None:
    assert [alert.contact for alert in find_urgencies(text)] == numbers


def test_every_need_is_covered_if_anything_can_cover_it() -> None:
    near = [listing(f"near-{rank}", thematiques=["sante--acces-aux-soins"], at_km=1 + rank / 10) for rank in range(12)]
    far = listing("far", thematiques=[HOME], at_km=45)

    answer = match(student(needs=("sante", "logement")), catalogue_of(*near, far), at=AT)

    assert "far" in ids(answer)
    assert len(ids(answer)) == 10
    assert answer.needs["logement"] == ("far",)


def test_a_need_that_nothing_covers_is_said_so() -> None:
    answer = match(student(needs=("logement",)), catalogue_of(listing("club")), at=AT)

    assert answer.needs == {"logement": ()}


def test_the_competent_mission_locale_is_first_even_when_another_covers_more() -> None:
    mine = listing(
        "mine", category="mission_locale", coverage=["commune:35360"], at_km=25, thematiques=["numerique--acquerir-un-equipement"]
    )
    flat = listing("flat", category="residence_fjt", thematiques=[HOME], at_km=0.5)

    answer = match(student(needs=("logement",)), catalogue_of(flat, mine), at=AT)

    assert ids(answer) == ["mine", "flat"]


def test_the_same_name_does_not_fill_the_first_ten() -> None:
    chain = [listing(f"shop-{rank}", kind="company", name="Grand Magasin", at_km=1 + rank) for rank in range(10)]
    others = [listing(f"other-{rank}", kind="company", at_km=20 + rank) for rank in range(10)]

    answer = match(student(), catalogue_of(*chain, *others), at=AT)

    assert sum(each.name == "Grand Magasin" for each in answer.sections[Kind.COMPANY]) == 2


def test_results_past_the_limit_come_after_and_say_by_how_much() -> None:
    catalogue = catalogue_of(listing("near", at_km=2), listing("far", at_km=40, coverage=["departement:35"]))

    answer = match(student(mode=Mode.BIKE, max_minutes=30), catalogue, at=AT)

    far = answer.sections[Kind.PARTNER][1]
    assert far.id == "far"
    assert any("(+ " in evidence.reason for evidence in far.contributions)


def test_a_commune_does_not_lose_its_own_structures_to_its_centre() -> None:
    edge = listing("edge", at_km=VITRE.reach_km, code_commune="35360")

    answer = match(student(mode=Mode.WALK, max_minutes=10), catalogue_of(edge), at=AT)

    assert not any("(+ " in evidence.reason for evidence in answer.sections[Kind.PARTNER][0].contributions)


def test_the_excluded_are_told_the_nearest_first_with_all_their_rules() -> None:
    catalogue = catalogue_of(
        listing("far", age_min=30, at_km=9), listing("near", age_min=30, at_km=1, coverage=["commune:75056"]), listing("kept")
    )

    answer = match(student(), catalogue, at=AT, limit=1)

    assert answer.excluded_total == 2
    assert [(each.id, [rule.id for rule in each.rules]) for each in answer.excluded] == [("near", ["age-fiche", "territoire"])]
    assert "30 ans et plus" in answer.excluded[0].rules[0].reason
    assert ids(answer) == ["kept"]


def test_what_the_viewer_may_not_see_is_nowhere() -> None:
    catalogue = catalogue_of(
        listing("public"), listing("shared", visibility="bassin"), listing("mine", visibility="private", age_min=40)
    )

    seen = match(student(), catalogue, at=AT)
    inside = match(student(), catalogue, at=AT, viewer=Visibility.BASSIN)

    assert (ids(seen), seen.excluded_total) == (["public"], 0)
    assert sorted(ids(inside)) == ["public", "shared"]


def test_criteria_that_the_profile_says_nothing_of_are_left_out() -> None:
    answer = match(student(), catalogue_of(listing("club", at_km=2)), at=AT)

    names = {evidence.criterion for evidence in answer.sections[Kind.PARTNER][0].contributions}
    assert names.isdisjoint({"besoins", "metier", "voie"})


def test_what_only_the_category_says_is_said_to_be_by_nature() -> None:
    catalogue = catalogue_of(listing("cmp", category="cmp"), listing("own", thematiques=["sante--sante-mentale"]))

    answer = match(student(needs=("sante",)), catalogue, at=AT)

    reasons = {each.id: each.contributions[0] for each in answer.sections[Kind.PARTNER]}
    assert "(par nature)" in reasons["cmp"].reason
    assert "(par nature)" not in reasons["own"].reason
    assert reasons["own"].value > reasons["cmp"].value


def test_the_json_holds_what_the_contract_promises() -> None:
    catalogue = catalogue_of(
        listing("club", at_km=2, code_commune="35360"), listing("no", age_min=40), commune_name={"35360": "Vitré"}.get
    )

    answer = json.loads(json.dumps(to_json(match(student(needs=("logement",)), catalogue, at=AT))))

    assert set(answer) == {"in_parcours", "sections", "excluded", "excluded_total", "notices", "alerts", "needs", "plan"}
    assert set(answer["sections"]) == {"partners", "schemes", "companies", "events"}
    club = answer["sections"]["partners"][0]
    assert set(club) == set(
        "id name category commune distance_km travel_minutes when verdict score contributions warnings demonstration".split()  # noqa: SIM905
    )
    assert (club["commune"], club["when"], club["verdict"]) == ("Vitré", "pendant", "eligible")
    assert club["distance_km"] == pytest.approx(2, rel=0.01)
    assert set(club["contributions"][0]) == {"criterion", "value", "weight", "points", "reason", "source"}
    assert set(answer["excluded"][0]) == {"id", "name", "section", "rules"}
    assert set(answer["excluded"][0]["rules"][0]) == {"id", "reason", "source"}


def test_a_national_aid_is_not_put_off_because_two_others_are_of_the_lycee_too() -> None:
    aids = [
        listing(f"aid-{rank}", kind="scheme", category="aide", coverage=["france"], networks=["lycee"], thematiques=[MONEY])
        for rank in range(4)
    ]
    other = listing("other", kind="scheme", category="epide", coverage=["france"])

    answer = match(student(needs=("argent",)), catalogue_of(*aids, other), at=AT)

    assert ids(answer, Kind.SCHEME) == ["aid-0", "aid-1", "aid-2", "aid-3", "other"]


def test_the_nearer_mission_locale_stands_right_after_the_competent_one() -> None:
    mine = listing("mine", category="mission_locale", coverage=["commune:35360"], at_km=30)
    nearer = [
        listing("nearer", category="mission_locale", coverage=["commune:35238"], at_km=5),
        listing("near", category="mission_locale", coverage=["commune:35115"], at_km=20),
    ]
    doors = [listing(f"cio-{rank}", category="cio", at_km=1 + rank, coverage=["commune:35360"]) for rank in range(9)]

    answer = match(student(), catalogue_of(*doors, *nearer, mine), at=AT)

    assert ids(answer)[:3] == ["mine", "nearer", "cio-0"]


def test_a_section_with_nothing_within_reach_is_widened_and_says_so() -> None:
    far = [listing(f"far-{rank}", kind="company", at_km=60 + rank, pathways=["internship"]) for rank in range(3)]

    answer = match(student(mode=Mode.BIKE, max_minutes=30), catalogue_of(*far), at=AT)

    assert "Entreprises : rien à portée" in notices(answer)["section-elargie"]
    assert "3 fiches plus loin, la plus proche à 60 km" in notices(answer)["section-elargie"]
    assert all("trop-loin" in {warning.id for warning in each.warnings} for each in answer.sections[Kind.COMPANY])


def test_a_danger_is_told_to_an_adult_as_to_an_adult() -> None:
    adult, minor = (match(student(needs=("danger",), birth_date=born), NOBODY, at=AT) for born in (ADULT, MINOR))

    assert "avant 21 ans" in adult.alerts[0].text
    assert "mineur" in minor.alerts[0].text


def test_with_an_urgency_who_shelters_here_comes_right_after_the_number() -> None:
    catalogue = catalogue_of(
        listing("siao", category="siao", coverage=["departement:35"], thematiques=[HOME], at_km=2),
        listing("ml", category="mission_locale", coverage=["commune:35360"]),
    )

    plan = match(student(needs=("urgence_hebergement",)), catalogue, at=AT).plan

    assert plan[0].step.startswith("Tout de suite")
    assert plan[1].id == "siao"


def test_a_specialty_that_is_not_known_is_told_and_a_journey_without_mode_too() -> None:
    unknown = Understood("diploma.specialty", "Zorglub", "")

    answer = match(student(understood=(unknown,), max_minutes=30), NOBODY, at=AT)

    assert "Zorglub" in notices(answer)["specialite-inconnue"]
    assert "duree-sans-mode" in notices(answer)


def test_invented_listings_are_marked() -> None:
    answer = match(student(), catalogue_of(listing("club", demonstration=True), listing("real")), at=AT)

    assert {each.id: each.demonstration for each in answer.sections[Kind.PARTNER]} == {"club": True, "real": False}


def test_companies_that_are_equals_come_first_in_turns_and_all_week_in_the_same_order() -> None:
    equals = [listing(f"equal-{rank}", kind="company", at_km=2, pathways=["internship"]) for rank in range(6)]
    catalogue = catalogue_of(*equals, listing("better", kind="company", at_km=1, pathways=["internship"], places=3))

    orders = [ids(match(student(), catalogue, at=date(2026, 10, 5 + day)), Kind.COMPANY) for day in range(26)]

    assert {order[0] for order in orders} == {"better"}
    assert len({order[1] for order in orders}) > 1
    assert orders[0] == orders[6]


def test_companies_more_than_a_point_apart_never_change_places() -> None:
    near = listing("near", kind="company", at_km=2, pathways=["internship"])
    far = listing("far", kind="company", at_km=4, pathways=["internship"])

    orders = {
        tuple(ids(match(student(), catalogue_of(far, near), at=date(2026, 10, 1 + day)), Kind.COMPANY)) for day in range(30)
    }

    assert orders == {("near", "far")}
