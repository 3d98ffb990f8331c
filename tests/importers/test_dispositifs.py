"""The national schemes that ship with the program."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from directory.models.record import SourcedRecord
from directory.vocabulary import Kind, Scope
from importers.errors import StructureChanged
from importers.run import Run
from importers.source import get_source
from importers.sources.dispositifs import read_scheme, records, yearly_windows

NOVEMBER = datetime(2026, 11, 24, 9, tzinfo=UTC)
A_SCHEME = {
    "category": "dispositif",
    "name": "Un dispositif",
    "description": "Ce qu’il fait.",
    "basis": "un texte",
    "coverage": ["france"],
}


def schemes(now: datetime = NOVEMBER) -> dict[str, SourcedRecord]:
    # schemes need no place, so no geocoder either
    run = Run(source=get_source("dispositifs"), paths=(), geocoder=None, now=now)
    return {record.record_id: record for record in records(run)}


def test_every_scheme_category_that_the_domain_names_has_a_scheme() -> None:
    named = {
        "parcours_ambition_emploi", "redoublement", "morea", "poursuite_etudes", "apprentissage", "contrat_professionnalisation",
        "prepa_apprentissage", "cej", "service_civique", "promo_16_18", "e2c", "epide", "micro_lycee", "prij", "clause_sociale",
        "pfmp", "pmsmp", "aide",
    }  # fmt: skip

    found = {scheme.record.category for scheme in schemes().values()}

    assert named <= found


def test_each_scheme_says_what_it_is_and_which_text_says_so() -> None:
    for name, scheme in schemes().items():
        assert 80 <= len(scheme.record.description) <= 700, name
        assert scheme.record.checked_by.startswith("équipe Relais, d’après : "), name
        assert scheme.record.coverage, name
        assert "'" not in scheme.record.name + scheme.record.description + scheme.record.conditions, name


def test_schemes_paid_for_year_by_year_are_to_confirm_and_end_with_the_funding_known() -> None:
    found = schemes()

    for name in ("promo_16_18", "prepa_apprentissage", "prij"):
        assert "à confirmer" in found[name].record.name
        assert found[name].record.valid_until == date(2026, 12, 31)


def test_the_prij_is_for_ile_de_france_alone() -> None:
    assert [coverage.token for coverage in schemes()["prij"].record.coverage] == ["region:11"]


def test_the_cej_and_the_pmsmp_say_that_they_come_after_a_pupils_status() -> None:
    found = schemes()

    assert "Incompatible avec le statut d’élève" in found["cej"].record.conditions
    assert "Ne pas être élève" in found["pmsmp"].record.conditions


def test_the_ages_of_everyone_are_stated_the_exception_of_rqth_is_the_rules() -> None:
    found = schemes()

    for name in ("cej", "service_civique"):
        assert (found[name].record.age_min, found[name].record.age_max) == (16, 25)
        assert found[name].record.conditions.startswith("De 16 à 25 ans (")


def test_amounts_are_dated() -> None:
    for name, scheme in schemes().items():
        text = scheme.record.description + scheme.record.conditions
        assert "€" not in text or "août 2023" in text, name


@pytest.mark.parametrize("number", ["115", "119", "3114", "114"])
def test_each_emergency_number_is_found_anywhere(number: str) -> None:
    urgency = schemes()[f"urgence_{number}"].record

    assert [contact.phone for contact in urgency.contacts] == [number]
    assert {coverage.scope for coverage in urgency.coverage} == {Scope.FRANCE, Scope.REMOTE}
    assert urgency.name.startswith(number)


def test_only_the_shelter_number_is_not_a_scheme() -> None:
    assert [name for name, scheme in schemes().items() if scheme.record.kind is not Kind.SCHEME] == ["urgence_115"]


@pytest.mark.parametrize(
    ("today", "year"), [("2026-06-14", 2025), ("2026-06-15", 2026), ("2026-11-24", 2026), ("2028-02-29", 2027)]
)
def test_a_yearly_scheme_is_published_for_the_last_session_and_the_next(today: str, year: int) -> None:
    this, following = yearly_windows("06-15", "09-15", today=date.fromisoformat(today))

    assert this == (date(year, 6, 15), date(year, 9, 15))
    assert following == (date(year + 1, 6, 15), date(year + 1, 9, 15))


def test_parcoursup_is_over_in_november_and_its_next_session_is_announced() -> None:
    found = schemes()
    this, following = found["parcoursup_phase_complementaire"].record, found["parcoursup_phase_complementaire_suivante"].record

    assert (this.valid_until, following.valid_from) == (date(2026, 9, 15), date(2027, 6, 15))
    assert "2026" in this.name
    assert "2027" in following.name


@pytest.mark.parametrize(
    "fault",
    [
        {"categorie": "aide"},
        {"age_min": 30, "age_max": 16},
        {"thematiques": ["logement"]},
        {"category": "inconnue"},
        {"coverage": ["canton:3501"]},
        {"each_year": ["09-31", "06-15"]},
    ],
)
def test_a_table_that_is_wrong_stops_the_run_and_names_the_scheme(fault: dict[str, object]) -> None:
    with pytest.raises(StructureChanged) as raised:
        list(read_scheme("mon_dispositif", A_SCHEME | fault, today=date(2026, 11, 24)))

    assert "mon_dispositif" in raised.value.public


def test_a_field_of_a_scheme_knows_the_key_it_was_read_from() -> None:
    scheme, _ = read_scheme("mon_dispositif", A_SCHEME | {"each_year": ["06-15", "09-15"]}, today=date(2026, 11, 24))

    assert scheme.origins["valid_from"] == ("each_year",)
    assert scheme.raw["each_year"] == "06-15, 09-15"
