"""What people subscribe to, put on a map or open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from directory.models.changes import ChangeSet
from directory.models.record import ListingRecord, Occurrence, SourcedRecord
from tests.web.conftest import NOW, services_on
from web import create_app
from web.api import files
from web.wording import phone

V1 = "/api/v1"
ATOM = "{http://www.w3.org/2005/Atom}"
FORMULAS = ('=HYPERLINK("https://x.example")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx")


@pytest.fixture
def hostile(new_data: Callable[[Path], Path], tmp_path: Path) -> FlaskClient:
    """The API on a directory whose names are formulas, control characters and markup."""
    now, built = NOW, services_on(new_data(tmp_path / "data"))
    run = built.repository.start_run("demonstration", [], now)
    place: dict[str, Any] = {"code_commune": "35115", "latitude": 48.3518, "longitude": -1.2005, "precision": "commune"}
    records = [
        ListingRecord(kind="partner", category="association", name=f"x{text}", description=text, address=text, **place)
        for text in FORMULAS
    ]
    sittings = tuple(Occurrence(start=now + timedelta(days=day), end=now + timedelta(days=day, hours=2)) for day in (-3, 3, 10))
    records.append(
        ListingRecord(
            kind="event",
            category="salon",
            name="Salon\r\nX-EVIL:1 <b>&\x0b",
            event_state="cancelled",
            occurrences=sittings,
            **place,
        )
    )
    added = [
        SourcedRecord(source="demonstration", record_id=str(rank), record=record, raw={}) for rank, record in enumerate(records)
    ]
    changes = ChangeSet(source="demonstration", run_pk=run, added=added, trust={"demonstration": 1})
    built.repository.finish_run(run, "done", built.repository.apply(changes, now).counts.to_json(), [], "", now)
    built.keeper.catch_up()
    return create_app(built).test_client()


def test_a_calendar_holds_the_coming_events_around_a_place(api: FlaskClient) -> None:
    answer = api.get(f"{V1}/flux/salons.ics?lieu=35300+Fougères&rayon=20")

    agenda = Calendar.from_ical(answer.data)
    events = list(agenda.walk("VEVENT"))
    assert answer.mimetype == "text/calendar"
    assert [str(event["SUMMARY"]) for event in events] == ["[Démonstration] Job dating des remparts"]
    assert str(events[0]["URL"]).endswith("/fiches/demonstration--dating")
    assert str(events[0]["LOCATION"]).endswith("35300 Fougères")
    assert api.get(f"{V1}/flux/salons.ics?lieu=Marseille&rayon=20").data.count(b"BEGIN:VEVENT") == 0


def test_a_calendar_tells_a_cancelled_event_and_lets_no_line_be_added(hostile: FlaskClient) -> None:
    answer = hostile.get(f"{V1}/flux/salons.ics?lieu=fougeres")

    events = list(Calendar.from_ical(answer.data).walk("VEVENT"))
    assert {str(event["STATUS"]) for event in events} <= {"CANCELLED"}
    assert not [line for line in answer.text.splitlines() if line.startswith("X-EVIL")]
    assert len({str(event["UID"]) for event in events}) == len(events)


def test_what_is_new_is_told_the_newest_first_in_valid_atom(api: FlaskClient, hostile: FlaskClient) -> None:
    feed = ET.fromstring(api.get(f"{V1}/flux/nouveautes.atom?departement=35").data)  # noqa: S314
    odd = ET.fromstring(hostile.get(f"{V1}/flux/nouveautes.atom").data)  # noqa: S314

    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert any(str(listing_id).endswith("/fiches/demonstration--ml") for listing_id in ids)
    assert "[Démonstration] Mission locale de Fougères" in [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert feed.findtext(f"{ATOM}updated")
    assert len(list(odd.iter(f"{ATOM}entry"))) == len(FORMULAS) + 1


def test_a_layer_holds_only_what_has_a_point(api: FlaskClient) -> None:
    layer = api.get(f"{V1}/flux/fiches.geojson?departement=35").get_json(force=True)

    assert layer["type"] == "FeatureCollection"
    assert {feature["geometry"]["type"] for feature in layer["features"]} == {"Point"}
    longitude, latitude = layer["features"][0]["geometry"]["coordinates"]
    assert (round(longitude), round(latitude)) == (-1, 48)


def test_no_cell_of_a_table_is_a_formula(hostile: FlaskClient) -> None:
    text = hostile.get(f"{V1}/flux/fiches.csv?departement=35").text

    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == len(FORMULAS) + 2
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "@", "\t", "\r"} or cell.startswith(("+1+", "-2+"))]


def test_a_phone_in_a_table_is_dialled_as_it_is_read(api: FlaskClient) -> None:
    text = api.get(f"{V1}/flux/fiches.csv?departement=35").text

    phones = {row["id"]: row["phone"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert phones["demonstration--ml"] == "01 99 00 01 23"


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ("+33261910001", "02 61 91 00 01"),
        ("+33800123456", "0 800 12 34 56"),
        ("3919", "3919"),
        ("+3222345678", "+32 2 234 56 78"),
        ("", ""),
    ],
)
def test_a_phone_of_a_table_is_written_as_its_page_writes_it(kept: str, shown: str) -> None:
    assert files._dialled(kept) == shown == phone(kept).replace("\u00a0", " ")


def test_a_table_asked_again_costs_nothing_until_something_changes(api: FlaskClient) -> None:
    first = api.get(f"{V1}/flux/fiches.csv?departement=35")

    again = api.get(f"{V1}/flux/fiches.csv?departement=35", headers={"If-None-Match": first.headers["ETag"]})
    other = api.get(f"{V1}/flux/fiches.csv?departement=53", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, other.status_code) == (304, 200)
