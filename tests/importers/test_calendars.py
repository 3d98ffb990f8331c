"""Calendars: what is read, what is let in, what is kept out and told."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.models.doubt import DoubtLevel
from directory.models.record import SourcedRecord
from directory.vocabulary import EventState, Pathway, Precision
from importers.errors import StructureChanged, UnreadableFile
from importers.run import Run
from importers.source import get_source
from importers.sources.calendars import records

SAMPLES = Path(__file__).parents[2] / "importers/sources/calendars"
PUBLISHED = Path(__file__).parents[3] / "shared/data/published/events"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
# the only one of the forty published records that a référent would show, judged by reading each of them
OF_THE_FIELD = {"openagenda-55050212"}


def read(gazetteer: Gazetteer, *paths: Path, now: datetime = NOW) -> tuple[dict[str, SourcedRecord], Run]:
    run = Run(source=get_source("calendars"), paths=paths, geocoder=gazetteer, now=now)
    return {record.record_id: record for record in records(run)}, run


def published(name: str) -> Path:
    if not (PUBLISHED / name).is_file():
        pytest.skip("les fichiers publiés ne sont pas sur cette machine")
    return PUBLISHED / name


def calendar(folder: Path, *lines: str, header: str = "X-WR-CALNAME:Mission locale inventée") -> Path:
    """An iCalendar file of one event with these lines, unless they hold their own BEGIN."""
    event = lines if lines[0].startswith("BEGIN:") else ("BEGIN:VEVENT", "UID:1@exemple.invalid", *lines, "END:VEVENT")
    path = folder / "calendar.ics"
    path.write_bytes("\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", header, *event, "END:VCALENDAR", "")).encode())
    return path


def agenda(folder: Path, **fields: Any) -> Path:
    event = {
        "uid": "1",
        "title_fr": "Job dating",
        "timings": json.dumps([{"begin": "2026-12-04T09:00:00+01:00", "end": "2026-12-04T12:00:00+01:00"}]),
    }
    path = folder / "agenda.json"
    path.write_text(json.dumps({"records": [{"fields": event | fields}]}), encoding="utf-8")
    return path


def only(found: dict[str, SourcedRecord]) -> SourcedRecord:
    assert len(found) == 1
    return next(iter(found.values()))


# ---------------------------------------------------------------- iCalendar
def test_a_weekly_workshop_has_its_dates_less_the_excluded_and_cancelled_with_the_moved_one_moved(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample.ics")

    workshop = found["atelier-cv@exemple.invalid"].record
    assert [f"{sitting.start:%m-%d %H:%M %z}" for sitting in workshop.occurrences] == [
        "10-06 14:00 +0200", "10-13 14:00 +0200", "11-03 14:00 +0100", "11-12 09:30 +0100", "11-17 14:00 +0100",
        "11-24 14:00 +0100", "12-01 14:00 +0100", "12-15 14:00 +0100", "12-22 14:00 +0100",
    ]  # fmt: skip
    assert all((sitting.end - sitting.start).total_seconds() == 9000 for sitting in workshop.occurrences)


def test_a_line_folded_by_a_tab_is_one_text_and_an_alarm_is_no_description(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample.ics")

    workshop = found["atelier-cv@exemple.invalid"]
    assert workshop.record.description.startswith(
        "Tous les mardis hors vacances : préparer son CV, sa lettre et son entretien.\nInscription"
    )
    assert workshop.record.registration_url == "https://exemple.invalid/atelier-cv"
    assert (workshop.record.address, workshop.record.code_commune) == ("12 rue de l’Exemple", "35238")
    assert workshop.record.precision is Precision.POINT
    assert workshop.record.updated_at == date(2026, 9, 1)
    assert workshop.origins["occurrences"] == ("DTSTART", "DURATION", "RRULE", "EXDATE")


def test_whole_days_run_to_the_next_midnight_and_floating_or_utc_times_are_told_in_paris(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample.ics")

    starts = {key: found[f"{key}@exemple.invalid"].record.occurrences[0] for key in ("forum", "job-dating", "reunion")}
    assert (starts["forum"].start.isoformat(), starts["forum"].end.isoformat()) == (
        "2026-12-03T00:00:00+01:00", "2026-12-05T00:00:00+01:00",
    )  # fmt: skip
    assert starts["job-dating"].start.isoformat() == "2026-12-01T09:30:00+01:00"
    assert starts["reunion"].start.isoformat() == "2026-12-15T10:00:00+01:00"


def test_a_cancelled_event_is_published_as_cancelled_and_one_by_video_is_remote(gazetteer: Gazetteer) -> None:
    found, _ = read(gazetteer, SAMPLES / "sample.ics")

    assert found["job-dating@exemple.invalid"].record.event_state is EventState.CANCELLED
    assert [coverage.token for coverage in found["reunion@exemple.invalid"].record.coverage] == ["remote"]
    assert found["reunion@exemple.invalid"].record.address == ""


def test_a_personal_appointment_is_refused_and_nothing_of_it_is_kept(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, SAMPLES / "sample.ics")

    refusal = next(doubt for doubt in run.doubts if doubt.level is DoubtLevel.REFUSED)
    assert refusal.raw == {"UID": "rendez-vous@exemple.invalid"}
    assert "Camille" not in repr(run.doubts) + repr(found)
    assert "Dominique" not in repr(run.doubts) + repr(found)


@pytest.mark.parametrize("line", ["CLASS:PRIVATE", "ATTENDEE;CN=Camille Exemple:mailto:camille@exemple.invalid"])
def test_what_is_private_or_names_people_is_not_published(gazetteer: Gazetteer, tmp_path: Path, line: str) -> None:
    found, _ = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", line))

    assert not found


def test_a_room_that_was_booked_is_nobody(gazetteer: Gazetteer, tmp_path: Path) -> None:
    found, _ = read(
        gazetteer,
        calendar(
            tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", "ATTENDEE;CUTYPE=ROOM;CN=Salle 2:mailto:s@exemple.invalid"
        ),
    )

    assert "ATTENDEE" not in only(found).raw


def test_the_published_invitation_is_refused(gazetteer: Gazetteer) -> None:
    found, run = read(gazetteer, published("invitation.ics"))

    assert not found
    assert "Rendez-vous personnel" in run.doubts[0].message


# ---------------------------------------------------------------- hostile iCalendar
@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("FREQ=SECONDLY", "à la seconde"),
        ("FREQ=MINUTELY;INTERVAL=5", "à la seconde"),
        ("FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,15,30,45", "plusieurs fois par heure"),
        ("FREQ=BAD", "à la seconde"),
        ("FREQ=WEEKLY;INTERVAL=0", "illisible"),
        ("FREQ=DAILY;BYDAY=XX", "illisible"),
    ],
)
def test_a_rule_without_reason_keeps_its_first_date_and_is_a_doubt(
    gazetteer: Gazetteer, tmp_path: Path, rule: str, reason: str
) -> None:
    started = time.perf_counter()

    found, run = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", f"RRULE:{rule}"))

    assert len(only(found).record.occurrences) == 1
    assert [(doubt.field, doubt.value) for doubt in run.doubts] == [("RRULE", rule)]
    assert reason in run.doubts[0].message
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "rule",
    ["FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY;UNTIL=30190101T000000Z", "FREQ=YEARLY;COUNT=999999999;BYMONTH=12;BYMONTHDAY=4"],
)
def test_a_repetition_without_reasonable_end_is_bounded_by_the_window(gazetteer: Gazetteer, tmp_path: Path, rule: str) -> None:
    found, _ = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", f"RRULE:{rule}"))

    dates = [sitting.start.year for sitting in only(found).record.occurrences]
    assert 1 < len(dates) <= 1200
    assert max(dates) <= 2028


def test_extra_dates_are_held_too(gazetteer: Gazetteer, tmp_path: Path) -> None:
    lines = (
        "SUMMARY:Job dating",
        "DTSTART;TZID=Europe/Paris:20261204T090000",
        "DURATION:PT2H",
        "RDATE;TZID=Europe/Paris:20261211T140000",
    )

    found, _ = read(gazetteer, calendar(tmp_path, *lines))

    held = [f"{sitting.start:%d %H:%M}-{sitting.end:%H:%M}" for sitting in only(found).record.occurrences]
    assert held == ["04 09:00-11:00", "11 14:00-16:00"]


def test_a_daily_event_without_end_stays_within_one_year_back_and_two_ahead(gazetteer: Gazetteer, tmp_path: Path) -> None:
    found, _ = read(gazetteer, calendar(tmp_path, "SUMMARY:Permanence emploi", "DTSTART:20200106T090000", "RRULE:FREQ=DAILY"))

    sittings = only(found).record.occurrences
    assert 1000 < len(sittings) <= 1200
    assert sittings[0].start.year == 2025
    assert sittings[-1].start.year == 2028


def test_an_end_before_the_start_leaves_the_start_and_is_a_doubt(gazetteer: Gazetteer, tmp_path: Path) -> None:
    found, run = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", "DTEND:20261204T080000"))

    sitting = only(found).record.occurrences[0]
    assert sitting.start == sitting.end
    assert [(doubt.field, doubt.value) for doubt in run.doubts] == [("DTEND", "20261204T080000")]


@pytest.mark.parametrize("duration", ["P9999999W", "-P1D", "PT", "P1000000000000W"])
def test_an_impossible_duration_leaves_the_start(gazetteer: Gazetteer, tmp_path: Path, duration: str) -> None:
    found, _ = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", f"DURATION:{duration}"))

    assert only(found).record.occurrences[0].start.isoformat() == "2026-12-04T09:00:00+01:00"


def test_an_unknown_time_zone_is_read_as_paris_and_is_a_doubt(gazetteer: Gazetteer, tmp_path: Path) -> None:
    found, run = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART;TZID=Mars/Olympus:20261204T090000"))

    assert only(found).record.occurrences[0].start.isoformat() == "2026-12-04T09:00:00+01:00"
    assert [doubt.value for doubt in run.doubts] == ["Mars/Olympus"]


def test_a_time_zone_of_windows_is_understood(gazetteer: Gazetteer, tmp_path: Path) -> None:
    found, run = read(gazetteer, calendar(tmp_path, "SUMMARY:Job dating", "DTSTART;TZID=Romance Standard Time:20260704T090000"))

    assert only(found).record.occurrences[0].start.isoformat() == "2026-07-04T09:00:00+02:00"
    assert run.doubts == []


def test_ten_megabytes_of_description_are_cut(gazetteer: Gazetteer, tmp_path: Path) -> None:
    folded = "\r\n".join(" " + "blabla " * 10 for _ in range(150_000))
    path = calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000", f"DESCRIPTION:debut\r\n{folded}")

    found, _ = read(gazetteer, path)

    assert path.stat().st_size > 10_000_000
    assert len(only(found).record.description) <= 20_000
    assert len(only(found).raw["DESCRIPTION"]) <= 60_000


def test_a_bomb_of_events_is_refused(gazetteer: Gazetteer, tmp_path: Path) -> None:
    event = "BEGIN:VEVENT\r\nEND:VEVENT\r\n"
    path = tmp_path / "bomb.ics"
    path.write_text(f"BEGIN:VCALENDAR\r\n{event * 100_001}END:VCALENDAR\r\n", encoding="utf-8")

    with pytest.raises(UnreadableFile) as stopped:
        read(gazetteer, path)

    assert "plus de 100000 événements" in stopped.value.public


@pytest.mark.parametrize("cut", ["END:VCALENDAR", "END:VEVENT\r\nEND:VCALENDAR"])
def test_a_truncated_calendar_is_refused(gazetteer: Gazetteer, tmp_path: Path, cut: str) -> None:
    path = calendar(tmp_path, "SUMMARY:Job dating", "DTSTART:20261204T090000")
    path.write_text(path.read_bytes().decode().replace(cut, ""), encoding="utf-8", newline="")

    with pytest.raises(UnreadableFile) as stopped:
        read(gazetteer, path)

    assert "tronqué" in stopped.value.public


def test_one_broken_event_does_not_spoil_the_others(gazetteer: Gazetteer, tmp_path: Path) -> None:
    path = calendar(
        tmp_path,
        "BEGIN:VEVENT", "UID:bad", "ceci n’est pas une ligne", "SUMMARY:Job dating", "END:VEVENT",
        "BEGIN:VEVENT", "UID:undated", "SUMMARY:Job dating", "END:VEVENT",
        "BEGIN:VEVENT", "UID:nul", "SUMMARY:Job\x00 dating", "DTSTART:20261204T090000", "END:VEVENT",
        "BEGIN:VEVENT", "UID:3019", "SUMMARY:Job dating", "DTSTART:30190499T090000", "END:VEVENT",
        "BEGIN:VEVENT", "UID:far", "SUMMARY:Job dating", "DTSTART:30190409T090000", "END:VEVENT",
    )  # fmt: skip

    found, run = read(gazetteer, path)

    assert [(key, record.record.name) for key, record in found.items()] == [("nul", "Job dating")]
    assert [doubt.level for doubt in run.doubts] == [DoubtLevel.REFUSED] * 4
    assert "faute de frappe" in run.doubts[-1].message


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


# ---------------------------------------------------------------- through the pipeline
def test_one_calendar_does_not_close_another_and_the_same_one_again_changes_nothing(directory: Any) -> None:
    directory.load("calendars", SAMPLES / "sample.ics")
    directory.load("calendars", SAMPLES / "sample-openagenda.json")

    again = directory.load("calendars", SAMPLES / "sample.ics")

    assert (again.added, again.changed, again.unchanged, again.removed) == (0, 0, 4, 0)
    assert len(directory.listings()) == 7


# ---------------------------------------------------------------- files
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{}"),
        ("a.json", '{"records": [{"fields": {"autre": 1}}]}'),
        ("a.json", '{"records": [{"fields": '),
        ("a.ics", "bonjour"),
        ("a.ics", ""),
        ("a.txt", "bonjour"),
    ],
)
def test_what_is_no_calendar_stops_the_import_with_its_cause(
    gazetteer: Gazetteer, tmp_path: Path, name: str, content: str
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")

    with pytest.raises((UnreadableFile, StructureChanged)) as stopped:
        read(gazetteer, path)

    assert name in stopped.value.public
