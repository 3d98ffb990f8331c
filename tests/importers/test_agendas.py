"""Agendas in JSON (OpenAgenda, France Travail): what is read, what is let in, what is kept out and told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.models.doubt import DoubtLevel
from directory.vocabulary import EventState, Pathway, Precision
from importers.errors import StructureChanged
from tests.importers.calendar_files import OF_THE_FIELD, SAMPLES, agenda, only, published, read


# ---------------------------------------------------------------- OpenAgenda
def test_an_openagenda_event_is_cleaned_placed_and_dated(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample-openagenda.json")

    salon = found["openagenda-900001"].record
    assert (salon.category, salon.code_commune, salon.address) == ("salon", "35047", "Parc de l’Exemple, 1 avenue de l’Exemple")
    assert salon.description == "Rencontrer des CFA et des entreprises : & repartir avec une adresse.\nEntrée libre"
    assert [sitting.start.isoformat() for sitting in salon.occurrences] == [
        "2026-12-04T09:00:00+01:00",
        "2026-12-05T09:00:00+01:00",
    ]
    assert salon.registration_url == "https://exemple.invalid/inscription"
    assert (salon.age_min, salon.age_max) == (15, None)
    assert Pathway.APPRENTICESHIP in salon.pathways


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ('{"id": 1, "label": {"fr": "Programmé"}}', EventState.OPEN),
        ('{"id": 2, "label": {"fr": "Reprogrammé"}}', EventState.POSTPONED),
        ('{"id": 4}', EventState.POSTPONED),
        ('{"id": 5}', EventState.FULL),
        ('{"label": {"fr": "Annulé"}}', EventState.CANCELLED),
        ("6", EventState.CANCELLED),
        ("Complet", EventState.FULL),
        ("", EventState.OPEN),
    ],
)
def test_the_state_is_read_by_number_or_by_label(gazetteer: Gazetteer, tmp_path: Path, status: str, state: EventState) -> None:
    found, _ = read(gazetteer, agenda(tmp_path, status=status))

    assert only(found).record.event_state is state


def test_an_unknown_state_and_a_postponement_without_date_are_doubts(gazetteer: Gazetteer, tmp_path: Path) -> None:
    _, unknown = read(gazetteer, agenda(tmp_path, status='{"id": 77}'))
    _, postponed = read(gazetteer, agenda(tmp_path, status='{"id": 4}'))

    assert [doubt.field for doubt in unknown.doubts + postponed.doubts] == ["fields.status", "fields.status"]


def test_an_online_event_is_remote_and_has_no_place(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample-openagenda.json")

    online = found["openagenda-900002"].record
    assert (online.modes_accueil, online.code_commune, online.event_state) == (("a-distance",), None, EventState.FULL)
    assert [coverage.token for coverage in online.coverage] == ["remote"]


def test_a_point_far_from_its_commune_is_replaced_and_told(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, SAMPLES / "sample-openagenda.json")

    moved = found["openagenda-900003"].record
    assert moved.precision is Precision.COMMUNE
    assert [doubt.level for doubt in run.doubts if doubt.line == 3] == [DoubtLevel.DOUBTED]


def test_the_price_is_read_where_the_conditions_state_one(gazetteer: Gazetteer, tmp_path: Path) -> None:
    free, _ = read(gazetteer, agenda(tmp_path, conditions_fr="Entrée libre sur inscription"))
    asked, run = read(gazetteer, agenda(tmp_path, conditions_fr="Places limitées"))

    assert only(free).record.frais == "gratuit"
    assert (only(asked).record.frais, only(asked).record.conditions) == (None, "Places limitées")
    assert not run.doubts


def test_openagendas_own_api_gives_the_same_event_as_the_export(gazetteer: Gazetteer, tmp_path: Path) -> None:
    event = {
        "uid": 900001,
        "title": {"fr": "Salon de l’apprentissage (exemple inventé)"},
        "description": {"fr": "Entrée libre"},
        "keywords": {"fr": ["apprentissage"]},
        "timings": [{"begin": "2026-12-04T09:00:00+01:00", "end": "2026-12-04T17:00:00+01:00"}],
        "location": {
            "name": "Parc",
            "address": "1 rue X",
            "postalCode": "35170",
            "city": "Bruz",
            "latitude": 48.0243,
            "longitude": -1.7457,
        },
        "status": 6,
        "attendanceMode": 3,
        "registration": [{"type": "link", "value": "https://exemple.invalid/inscription"}],
        "age": {"min": 15, "max": None},
    }
    path = tmp_path / "v2.json"
    path.write_text(json.dumps({"total": 1, "events": [event]}), encoding="utf-8")

    found, run = read(gazetteer, path)

    record = found["openagenda-900001"].record
    assert (record.category, record.code_commune, record.age_min, record.event_state) == (
        "salon",
        "35047",
        15,
        EventState.CANCELLED,
    )
    assert record.modes_accueil == ("en-presentiel", "a-distance")
    assert record.precision is Precision.POINT
    assert run.doubts == []


@pytest.mark.parametrize(
    "timings", ["", "[]", "pas du json", "[" * 5000, '[{"begin": "lundi 99 septembre 3019", "end": ""}]', '"x"']
)
def test_an_event_without_a_possible_date_is_refused_whole(gazetteer: Gazetteer, tmp_path: Path, timings: str) -> None:
    found, run = read(gazetteer, agenda(tmp_path, timings=timings))

    assert not found
    assert run.doubts[-1].level is DoubtLevel.REFUSED
    assert run.doubts[-1].raw is not None


def test_an_event_over_for_more_than_a_year_is_counted_and_one_of_last_season_is_kept(
    gazetteer: Gazetteer, tmp_path: Path
) -> None:
    def held(day: str) -> str:
        return json.dumps([{"begin": f"{day}T09:00:00+01:00", "end": f"{day}T12:00:00+01:00"}])

    old, run = read(gazetteer, agenda(tmp_path, timings=held("2025-11-01")))
    recent, _ = read(gazetteer, agenda(tmp_path, timings=held("2026-01-30")))

    assert not old
    assert [(doubt.level, doubt.message) for doubt in run.doubts] == [
        (DoubtLevel.NOTED, "Événements terminés depuis plus d’un an, non publiés : 1.")
    ]
    assert len(recent) == 1


def test_what_is_kept_out_is_told_and_its_own_doubts_are_not(gazetteer: Gazetteer, tmp_path: Path) -> None:
    found, run = read(gazetteer, agenda(tmp_path, title_fr="Concert de jazz", status='{"id": 77}'))

    assert not found
    assert [(doubt.level, doubt.value) for doubt in run.doubts] == [
        (DoubtLevel.ASIDE, "Concert de jazz"),
        (DoubtLevel.NOTED, "1"),
    ]
    assert run.doubts[0].raw is not None
    assert run.doubts[0].record_id == "openagenda-1"


def test_of_the_forty_published_events_the_one_of_the_field_is_let_in(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, published("openagenda_opendatasoft_v1.json"))

    assert set(found) == OF_THE_FIELD
    assert run.read == 40
    assert sum(doubt.level is DoubtLevel.ASIDE for doubt in run.doubts) == 39
    assert "gardés à part : 39" in run.doubts[-1].message


# ---------------------------------------------------------------- France Travail
def test_a_france_travail_event_is_let_in_by_its_source_and_full_when_every_place_is_taken(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample-france-travail.json")

    meeting = found["france_travail-90001"].record
    assert (meeting.category, meeting.event_state, meeting.places) == ("information", EventState.FULL, 12)
    assert meeting.occupations == ("K2204",)
    assert meeting.occurrences[0].start.isoformat() == "2026-12-08T14:00:00+01:00"


def test_contradictions_of_place_hour_and_end_are_doubts_that_name_the_value(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, SAMPLES / "sample-france-travail.json")

    event = found["france_travail-90002"].record
    assert [(doubt.field, doubt.value) for doubt in run.doubts] == [
        ("dateEvenement", "2026-12-09T09:00:00.000+06:00"),
        ("heureFin", "08:00:00"),
        ("code INSEE", "01004"),
        ("latitude", "36.5 ; 2.16"),
    ]
    assert (event.code_commune, event.precision) == ("35115", Precision.COMMUNE)
    assert event.occurrences[0].start.isoformat() == "2026-12-09T09:00:00+01:00"


def test_an_added_key_is_told_and_a_removed_one_stops(gazetteer: Gazetteer, tmp_path: Path) -> None:
    data = json.loads((SAMPLES / "sample-france-travail.json").read_text(encoding="utf-8"))
    data["content"][0]["nouveau"] = "x"
    path = tmp_path / "ft.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    _, run = read(gazetteer, path)

    for event in data["content"]:
        del event["dateEvenement"]
    path.write_text(json.dumps(data), encoding="utf-8")

    assert [doubt.field for doubt in run.doubts if doubt.level is DoubtLevel.NOTED] == ["nouveau"]
    with pytest.raises(StructureChanged):
        read(gazetteer, path)


def test_the_published_shape_is_read(gazetteer: Gazetteer) -> None:
    path = published("france_travail_mes_evenements_emploi_shape.json")

    found, run = read(gazetteer, path, now=datetime(2023, 6, 1, tzinfo=UTC))

    assert found["france_travail-11111"].record.code_commune == "75112"
    assert {doubt.field for doubt in run.doubts} == {"dateEvenement", "urlDetailEvenement", "code INSEE", "latitude"}
