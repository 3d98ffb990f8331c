"""iCalendar: repetitions and exceptions, time zones, personal appointments, impossible dates, bounds."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.models.doubt import DoubtLevel
from directory.vocabulary import EventState, Precision
from importers.errors import UnreadableFile
from tests.importers.calendar_files import SAMPLES, calendar, only, published, read


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
