"""The plan of the answer: few steps, in order, within reach, for the student’s own trade."""

from __future__ import annotations

from datetime import date

from directory.vocabulary import Kind, Pathway
from matching.question import HANDICAP
from matching.ranking import match
from matching.types import Situation
from tests.matching.factories import catalogue_of, listing, student
from tests.matching.test_answer import AT, HOME, OUTSIDE


def test_the_plan_is_a_handful_of_steps_within_the_parcours_in_order() -> None:
    catalogue = catalogue_of(
        listing("ml", category="mission_locale", coverage=["commune:35360"]),
        listing("parcours", kind="scheme", category="parcours_ambition_emploi", coverage=["france"]),
        listing("cej", kind="scheme", category="cej", coverage=["france"]),
        listing("resto", kind="company", occupations=["G1602"], pathways=["internship"], at_km=2),
        listing("salon", kind="event", days=["2026-12-05"], at_km=2),
        listing("flat", thematiques=[HOME], at_km=2),
    )
    profile = student(
        needs=("logement",), occupations=("G1602",), pathways=(Pathway.INTERNSHIP,), situation=Situation.OTHER_PROJECT
    )

    plan = match(profile, catalogue, at=AT).plan

    assert [step.month for step in plan] == sorted(step.month for step in plan)
    assert {step.month for step in plan} == {"2026-11", "2026-12"}
    assert {step.id for step in plan} == {"ml", "cej", "resto", "salon", "flat"}, "the parcours is followed already"
    salon = next(step for step in plan if step.id == "salon")
    assert "5 décembre 2026" in salon.step
    assert "décembre" not in salon.reason, "the day is said once"


def test_no_step_of_the_plan_is_built_on_what_is_too_far() -> None:
    catalogue = catalogue_of(
        listing("far-company", kind="company", at_km=200, pathways=["internship"]),
        listing("far-salon", kind="event", days=["2026-12-05"], at_km=200),
    )

    plan = match(student(occupations=("G1602",)), catalogue, at=AT).plan

    assert {step.id for step in plan} == {""}


def test_an_urgency_is_the_first_step_and_its_line_the_first_to_cover_it() -> None:
    line = listing(
        "dispositifs--urgence_115", category="siao", publics=["personnes-en-situation-durgence"], coverage=["france", "remote"]
    )
    mine = listing("ml", category="mission_locale", coverage=["commune:35360"], at_km=1)
    flat = listing("flat", category="residence_fjt", at_km=1)

    answer = match(student(needs=("urgence_hebergement",)), catalogue_of(line, mine, flat), at=AT)

    assert (answer.plan[0].id, "115" in answer.plan[0].step) == ("dispositifs--urgence_115", True)
    assert answer.needs["urgence_hebergement"][0] == "dispositifs--urgence_115"
    assert answer.plan[1].id == "ml"


def test_the_plan_tells_how_many_weeks_of_placement_the_parcours_allows() -> None:
    catalogue = catalogue_of(listing("resto", kind="company", pathways=["internship"], at_km=2))

    profile = student(pathways=(Pathway.INTERNSHIP,))
    early, late = (match(profile, catalogue, at=day).plan[-1] for day in (date(2026, 9, 1), AT))

    assert "9 semaines de stage au plus d’ici la fin du parcours" in early.reason
    assert "4 semaines de stage au plus d’ici la fin du parcours" in late.reason


def test_an_event_for_another_trade_is_no_step_however_near() -> None:
    catalogue = catalogue_of(
        listing("aide-a-la-personne", kind="event", category="job_dating", occupations=["K1304"], days=["2026-12-01"], at_km=1),
        listing("cuisine", kind="event", category="job_dating", occupations=["G1602"], days=["2026-12-05"], at_km=20),
    )

    plan = match(student(occupations=("G1602",)), catalogue, at=AT).plan

    assert [step.id for step in plan if step.id] == ["cuisine"]


def test_what_follows_is_prepared_now_by_who_is_not_in_a_parcours() -> None:
    catalogue = catalogue_of(listing("cej", kind="scheme", category="cej", coverage=["france"]))

    plan = match(student(**OUTSIDE), catalogue, at=AT).plan

    assert [(step.id, step.month) for step in plan if step.id] == [("cej", "2026-11")]


def test_what_takes_place_today_is_a_step_only_from_close_by() -> None:
    meeting = {"kind": "event", "category": "job_dating", "occupations": ["G1602"], "days": ["2026-11-24"]}
    far = listing("far", **meeting, at_km=34)

    plan = match(student(occupations=("G1602",)), catalogue_of(listing("next-door", **meeting, at_km=2), far), at=AT).plan
    day_before = match(student(occupations=("G1602",)), catalogue_of(far), at=date(2026, 11, 23)).plan

    assert [step.id for step in plan if step.id] == ["next-door"]
    assert {step.id for step in day_before if step.id} == {"far"}


def test_a_chantier_that_ends_the_parcours_is_told_as_such_and_never_the_only_way_to_the_trade() -> None:
    chantier = listing("chantier", kind="company", category="structure_insertion", occupations=["F1703"], at_km=1)
    mason = listing("mason", kind="company", occupations=["F1703"], pathways=["internship"], at_km=20)
    profile = student(situation=Situation.RETAKE, occupations=("F1703",))

    alone, both = (match(profile, catalogue_of(*listings), at=AT).plan for listings in ([chantier], [chantier, mason]))

    assert "met fin au parcours" in next(step.step for step in alone if step.id == "chantier")
    assert any(step.step.startswith("Chercher une entreprise de son métier") for step in alone)
    assert [step.id for step in both if step.id] == ["mason"]


def test_confidence_is_sought_where_one_is_listened_to_before_what_ends_the_parcours() -> None:
    first = ["remobilisation--bien-etre-confiance-en-soi"]
    catalogue = catalogue_of(
        listing("e2c", networks=["ecoles-de-la-deuxieme-chance"], category="e2c", thematiques=first, at_km=1),
        listing("mda", category="maison_des_adolescents", thematiques=first, at_km=3),
    )

    plan = match(student(needs=("confiance",)), catalogue, at=AT).plan

    assert [step.id for step in plan if step.id] == ["mda"]


def test_a_step_for_work_is_not_built_on_another_trade_s_employers() -> None:
    job = ["trouver-un-emploi--repondre-a-des-offres-demploi"]
    catalogue = catalogue_of(
        listing("ml", category="mission_locale", coverage=["commune:35360"]),
        listing("cleaning", category="geiq", occupations=["K2204"], thematiques=job, at_km=1),
        listing("anyone", thematiques=job, at_km=5),
    )

    plan = match(student(needs=("emploi",), occupations=("M1607",), pathways=(Pathway.JOB,)), catalogue, at=AT).plan

    assert [step.id for step in plan if step.id] == ["ml", "anyone"]


def test_who_retakes_looks_into_that_before_other_needs_and_reads_what_ends_the_parcours() -> None:
    catalogue = catalogue_of(
        listing("ml", category="mission_locale", coverage=["commune:35360"]),
        listing("bus", thematiques=["mobilite--acceder-a-un-vehicule"], at_km=1),
        listing("again", kind="scheme", category="redoublement", coverage=["france"]),
    )

    plan = match(student(situation=Situation.RETAKE, needs=("mobilite",)), catalogue, at=AT).plan

    assert [step.id for step in plan if step.id] == ["ml", "again", "bus"]
    assert plan[1].step.endswith("ce qui met fin au parcours")


def test_two_events_of_one_day_are_not_both_steps() -> None:
    days = {"am": "2026-12-01", "pm": "2026-12-01", "later": "2026-12-03"}
    thematiques = ["difficultes-financieres--ameliorer-sa-gestion-budgetaire"]
    workshops = [
        listing(name, kind="event", category="atelier", days=[day], thematiques=thematiques, at_km=1)
        for name, day in days.items()
    ]

    plan = match(student(needs=("argent",)), catalogue_of(*workshops), at=AT).plan

    dates = [step.step.rpartition(", le ")[2] for step in plan if step.id in days]
    assert sorted(dates) == ["1er décembre 2026", "3 décembre 2026"]


def test_who_has_a_recognised_handicap_is_not_sent_to_ask_for_it() -> None:
    thematiques = ["sante--constituer-un-dossier-mdph-invalidite"]
    rqth = listing("rqth", kind="scheme", category="aide", thematiques=thematiques, coverage=["france"])
    cap_emploi = listing("cap", category="cap_emploi", thematiques=thematiques, at_km=3)

    alone, both = (
        match(student(needs=("handicap",), publics=(HANDICAP,)), catalogue_of(*listings), at=AT)
        for listings in ([rqth], [rqth, cap_emploi])
    )

    assert [warning.id for warning in alone.sections[Kind.SCHEME][0].warnings] == ["handicap-reconnu"]
    assert "rqth" not in {step.id for step in (*alone.plan, *both.plan)}
    assert "cap" in {step.id for step in both.plan}
