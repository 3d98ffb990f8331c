"""What a dossier asks, when it deletes itself, who needs attention, what a note should not hold, which counts may be shown."""

from __future__ import annotations

from datetime import date

import pytest

from directory.dossiers import (
    Alert,
    Counts,
    alerts_of,
    dates_of,
    deletion_day,
    is_minor,
    names_a_person,
    new_code,
    parse_born,
    publishable,
    publishable_by_academie,
    warnings_in,
)
from directory.errors import InvalidValue
from directory.models.dossiers import Diploma, Dossier, DossierState, Step, StepState

TODAY = date(2026, 11, 24)


def a_dossier(**fields: object) -> Dossier:
    given = {
        "id": "ESSAI234",
        "uai": "0350011X",
        "referent": "essai",
        "state": DossierState.SPOTTED,
        "state_on": TODAY,
        "born": "",
        "diploma": Diploma.UNKNOWN,
        "filiere": "",
        "note": "",
        "remind_on": None,
        "met_on": None,
        "enrolled_on": None,
        "opened_on": date(2026, 9, 10),
        "delete_on": date(2027, 4, 1),
        "version": 0,
    }
    return Dossier(**{**given, **fields})  # type: ignore[arg-type]


STEP = Step(pk=1, listing_id="", label="essai", state=StepState.PROPOSED, state_on=TODAY, counted="")


@pytest.mark.parametrize(
    ("text", "born"),
    [("", ""), ("2008-05", "2008-05"), ("05/2008", "2008-05"), (" 05 2008 ", "2008-05"), ("12-2001", "2001-12")],
)
def test_a_month_of_birth_is_read_in_the_forms_that_people_write(text: str, born: str) -> None:
    assert parse_born(text, TODAY) == born


@pytest.mark.parametrize(
    "text",
    ["12/05/2008", "2008-05-12", "2008", "13/2008", "05/1950", "05/2020", "mai 2008", "\u0660\u0665/\u0662\u0660\u0660\u0668"],
)
def test_a_day_of_birth_and_what_is_no_month_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_born(text, TODAY)


@pytest.mark.parametrize(
    ("opened", "months", "day"),
    [
        (date(2026, 9, 10), 3, date(2027, 4, 1)),
        (date(2026, 6, 1), 0, date(2027, 1, 1)),
        (date(2026, 12, 31), 12, date(2028, 1, 1)),
        (date(2026, 9, 1), 24, date(2029, 1, 1)),
    ],
)
def test_a_dossier_deletes_itself_some_months_after_the_parcours(opened: date, months: int, day: date) -> None:
    assert deletion_day(opened, months) == day


@pytest.mark.parametrize(
    ("born", "minor"),
    [("", False), ("2008-11", True), ("2008-10", False), ("2008-12", True), ("2009-01", True), ("2007-12", False)],
)
def test_someone_who_may_be_under_eighteen_is_taken_for_a_minor(born: str, minor: bool) -> None:
    assert is_minor(born, TODAY) == minor


@pytest.mark.parametrize(
    ("fields", "alerts"),
    [
        ({}, (Alert.NOTHING,)),
        ({"steps": (STEP,)}, ()),
        ({"state": DossierState.SOLVED}, ()),
        ({"state": DossierState.UNWILLING, "born": "2009-02"}, (Alert.MINOR,)),
        ({"state": DossierState.SOLVED, "born": "2009-02"}, ()),
        ({"steps": (STEP,), "remind_on": TODAY}, (Alert.LATE,)),
        ({"steps": (STEP,), "remind_on": date(2026, 11, 25)}, ()),
        ({"steps": (STEP,), "opened_on": date(2025, 10, 1)}, (Alert.LATE,)),
        ({"born": "2009-02", "remind_on": date(2026, 1, 1)}, (Alert.NOTHING, Alert.MINOR, Alert.LATE)),
    ],
)
def test_who_has_nothing_yet_who_is_a_minor_and_who_is_past_a_date_is_told(
    fields: dict[str, object], alerts: tuple[Alert, ...]
) -> None:
    assert alerts_of(a_dossier(**fields), TODAY) == alerts


def test_the_days_of_interview_and_enrolment_are_kept_once_set_and_taken_back_with_their_state() -> None:
    before, later = date(2026, 9, 20), TODAY

    assert dates_of(DossierState.INTERVIEWED, None, None, before) == (before, None)
    assert dates_of(DossierState.ENROLLED, before, None, later) == (before, later)
    assert dates_of(DossierState.SOLVED, before, before, later) == (before, before)
    assert dates_of(DossierState.SOLVED, None, None, later) == (None, None)
    assert dates_of(DossierState.WILLING, before, later, later) == (before, None)
    assert dates_of(DossierState.SPOTTED, before, later, later) == (None, None)


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("Suit un traitement, dépressif", "traitement"),
        ("RQTH en cours", "rqth"),
        ("Vu avec Kevin ce matin", "Kevin"),
        ("appeler Mme Essai", "Mme Essai"),
        ("Kevin Durand est passé", "Kevin Durand"),
        ("le joindre au 06 12 34 56 78", "téléphone"),
        ("né le 12/05/2008", "date complète"),
        ("écrire à k@essai.example", "adresse"),
        ("INE 123456789AB", "INE"),
        ("de confession musulmane", "musulmane"),
    ],
)
def test_a_note_that_names_someone_or_speaks_of_health_is_warned_about(note: str, words: str) -> None:
    assert any(words.lower() in warning.lower() for warning in warnings_in(note))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "Rappeler lundi. Visite du CFA à Rennes, puis rendez-vous à la Mission locale.",
        "Cherche un stage en cuisine à Fougères. Permis en cours.",
        "A vu le CIO, la MLDS et le GRETA de Saint-Malo",
        "Veut repasser le bac pro en septembre\nRevoir après le Salon",
    ],
)
def test_an_ordinary_note_is_not_warned_about(note: str) -> None:
    assert warnings_in(note) == []


def test_a_partner_is_an_organisation_and_never_a_person() -> None:
    assert names_a_person("Madame Essai, boulangère")
    assert names_a_person("boulangerie, 06 12 34 56 78")
    assert not names_a_person("Boulangerie des Remparts")


def test_codes_are_drawn_at_random_of_letters_that_are_not_taken_for_one_another() -> None:
    drawn = {new_code() for _ in range(200)}

    assert len(drawn) == 200
    assert not set("".join(drawn)) & set("0O1IL")


def test_small_groups_are_hidden_and_cannot_be_told_by_a_subtraction() -> None:
    big, small, tiny = Counts(spotted=30, met=20, solved=3), Counts(spotted=8, met=8), Counts(spotted=4, met=1)

    shown, total = publishable({"grand": big, "petit": small}, 10)
    _, together = publishable({"grand": big, "petit": small, "minuscule": tiny}, 10)
    alone, nothing = publishable({"petit": small}, 10)

    assert shown == {"grand": big}
    assert total == {"spotted": "30", "without_diploma": "0", "met": "20", "enrolled": "0", "solved": "au moins 1"}
    assert together is not None
    assert together["spotted"] == "42"
    assert (alone, nothing) == ({}, None)


def test_a_number_under_five_is_not_told() -> None:
    shown = Counts(spotted=30, met=4, enrolled=5, solved=0).shown

    assert shown == {"spotted": "30", "without_diploma": "0", "met": "moins de 5", "enrolled": "5", "solved": "0"}


def test_a_number_that_nearly_all_are_in_does_not_tell_the_few_who_are_not() -> None:
    shown = Counts(spotted=30, without_diploma=30, met=28, enrolled=26, solved=25).shown

    assert shown == {"spotted": "30", "without_diploma": "30", "met": "plus de 25", "enrolled": "plus de 25", "solved": "25"}


@pytest.mark.parametrize("rest", [Counts(), Counts(spotted=6, solved=1), Counts(spotted=6, solved=6)])
def test_no_hidden_number_is_told_by_the_total_less_the_others(rest: Counts) -> None:
    lycees = {"un": Counts(spotted=20, solved=3), "deux": Counts(spotted=30, solved=10), "petit": rest, "autre": rest}

    shown, total = publishable(lycees, 10)

    assert shown["un"].shown["solved"] == "moins de 5"
    assert total is not None
    assert total["solved"].startswith("au moins ")
    assert int(total["solved"].removeprefix("au moins ")) <= 1 + 10 + 12


def test_the_whole_less_the_academies_tells_of_no_small_group() -> None:
    big, six, ten = Counts(spotted=20, solved=20), Counts(spotted=6, solved=6), Counts(spotted=10, solved=10)
    academies = {"a1": "A", "a2": "A", "a3": "A", "b1": "B", "b2": "B", "c1": "C"}

    shown, whole = publishable_by_academie({"a1": big, "a2": six, "a3": six, "b1": big, "b2": six, "c1": ten}, academies, 10)
    pooled, all_of_them = publishable_by_academie({"a1": six, "b1": six}, {"a1": "A", "b1": "B"}, 10)

    assert {name: each["spotted"] for name, each in shown.items()} == {"A": "32", "B": "20", "C": "10"}
    assert whole is not None
    assert whole["spotted"] == "62"  # the six of B are in neither
    assert (pooled, all_of_them and all_of_them["spotted"]) == ({}, "12")


def test_every_way_of_filling_a_hidden_number_is_left_open_by_what_is_shown() -> None:
    def told(hidden: int) -> tuple[dict[str, str], dict[str, str] | None]:
        shown, total = publishable({"un": Counts(spotted=20, solved=hidden), "deux": Counts(spotted=30, solved=10)}, 10)
        return shown["un"].shown, total

    assert len({str(told(hidden)) for hidden in range(1, 5)}) == 1
    assert len({str(told(hidden)) for hidden in range(16, 20)}) == 1


@pytest.mark.parametrize("note", ["a@" * 500, "a" * 1000, "@" * 1000, "x@y." + "z" * 900, "Abc " * 250])
def test_a_note_made_to_be_long_to_read_is_read(note: str) -> None:
    assert isinstance(warnings_in(note), list)
