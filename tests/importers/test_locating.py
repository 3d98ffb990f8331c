"""Addresses located after an import: kept answers, outages that stop nothing, doubts that keep the commune. All invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from directory.geocoding.ban import BanGeocoder
from directory.http import Fetcher, is_public_or_loopback
from directory.vocabulary import Precision
from importers import locating
from importers.coordinates import lambert93_to_degrees, understand_point
from importers.locating import ask, list_waiting
from tests.ban_server import Ban, serve_ban
from tests.serving import patience_with

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HEADER = "Structure;Adresse;CP;Ville;lat;lon"


@pytest.fixture
def ban() -> Iterator[Ban]:
    with serve_ban() as server:
        yield server


@pytest.fixture
def geocoder(ban: Ban, directory: Any, request: pytest.FixtureRequest) -> BanGeocoder:
    timeout = patience_with(request, slow=1.0)
    fetcher = Fetcher(allowed=is_public_or_loopback, pause=0.01, timeout=timeout, deadline=3 * timeout, attempts=1)
    return BanGeocoder(gazetteer=directory.gazetteer, url=ban.url, fetcher=fetcher, pause=0.0)


def table(folder: Path, *rows: str) -> Path:
    path = folder / "liste.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


ROWS = (
    "Un;1 rue du Port inventé;35000;Rennes;;",
    "Deux;12 avenue incertaine;35000;Rennes;;",
    "Trois;99 rue que nul ne connaît;35000;Rennes;;",
    "Quatre;3 place très lointaine;35000;Rennes;;",
    "Cinq;BP 12;35000;Rennes;;",
    "Six;1 rue du Port inventé;35000;Rennes;48.1;-1.67",
)


def precisions(directory: Any) -> dict[str, Precision]:
    return {name: listing.record.precision for name, listing in directory.listings().items()}


def test_what_has_an_address_and_only_its_communes_point_waits_and_is_then_moved(
    directory: Any, geocoder: BanGeocoder, tmp_path: Path
) -> None:
    directory.load("tableur", table(tmp_path, *ROWS))
    before = precisions(directory)
    waiting = [query.street for query in list_waiting(directory.repository, directory.gazetteer.commune_name, NOW)]

    done = ask(directory.repository, geocoder, NOW)

    assert before == {**dict.fromkeys(("Un", "Deux", "Trois", "Quatre", "Cinq"), Precision.COMMUNE), "Six": Precision.POINT}
    assert len(waiting) == 4
    assert (done.asked, done.found, done.doubtful, done.unknown, done.waiting, done.moved) == (4, 1, 2, 1, 0, 1)
    assert precisions(directory) == {**before, "Un": Precision.ADDRESS}
    assert directory.listings()["Un"].record.latitude == 48.1109
    assert {doubt.value for doubt in done.doubts} == {"12 avenue incertaine", "3 place très lointaine"}


def test_the_same_file_again_changes_nothing_and_asks_nothing(
    directory: Any, geocoder: BanGeocoder, ban: Ban, tmp_path: Path
) -> None:
    path = table(tmp_path, *ROWS)
    directory.load("tableur", path)
    ask(directory.repository, geocoder, NOW)
    ban.asked.clear()

    again = directory.load("tableur", path)
    done = ask(directory.repository, geocoder, NOW)

    assert (again.added, again.changed, again.unchanged) == (0, 0, 6)
    assert (done.asked, done.moved, ban.asked) == (0, 0, [])
    assert precisions(directory)["Un"] is Precision.ADDRESS


def test_a_new_record_at_a_known_address_is_placed_by_the_import_itself(
    directory: Any, geocoder: BanGeocoder, tmp_path: Path
) -> None:
    directory.load("tableur", table(tmp_path, *ROWS))
    ask(directory.repository, geocoder, NOW)

    directory.load("tableur", table(tmp_path, *ROWS, "Sept;1, RUE DU PORT INVENTÉ;35000;Rennes;;"))

    assert precisions(directory)["Sept"] is Precision.ADDRESS


@pytest.mark.parametrize("mood", ["429", "500", "slow", "garbage"])
def test_an_outage_stops_nothing_and_is_remembered_by_nobody(
    directory: Any, geocoder: BanGeocoder, ban: Ban, tmp_path: Path, mood: str
) -> None:
    directory.load("tableur", table(tmp_path, *ROWS))
    ban.mood = mood

    down = ask(directory.repository, geocoder, NOW)
    ban.mood = "well"
    up = ask(directory.repository, geocoder, NOW)

    assert (down.asked, down.waiting, down.moved) == (0, 4, 0)
    assert down.outage
    assert (up.asked, up.found, up.moved, up.outage) == (4, 1, 1, "")


def test_what_was_answered_before_an_outage_is_kept_and_used(
    directory: Any, geocoder: BanGeocoder, ban: Ban, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.geocoding.ban.BATCH", 1)
    directory.load("tableur", table(tmp_path, *ROWS))
    ban.mood = "wearing"

    done = ask(directory.repository, geocoder, NOW)

    assert (done.asked, done.waiting) == (2, 2)
    assert done.outage
    assert done.moved == done.found


def test_half_a_batch_leaves_the_other_half_waiting(directory: Any, geocoder: BanGeocoder, ban: Ban, tmp_path: Path) -> None:
    directory.load("tableur", table(tmp_path, *ROWS))
    ban.mood = "partial"

    done = ask(directory.repository, geocoder, NOW)

    assert (done.asked, done.waiting, done.outage) == (2, 2, "")


def test_an_unknown_address_is_asked_again_after_half_a_year(
    directory: Any, geocoder: BanGeocoder, ban: Ban, tmp_path: Path
) -> None:
    directory.load("tableur", table(tmp_path, *ROWS))
    ask(directory.repository, geocoder, NOW)

    waiting = list_waiting(directory.repository, directory.gazetteer.commune_name, NOW + timedelta(days=200))

    assert {query.street for query in waiting} == {"12 avenue incertaine", "99 rue que nul ne connaît", "3 place très lointaine"}


def test_neither_the_demonstration_nor_a_private_list_is_sent_anywhere(
    directory: Any, geocoder: BanGeocoder, ban: Ban, tmp_path: Path
) -> None:
    directory.load("demonstration")
    columns = {"nom": "Structure", "adresse": "Adresse", "code_postal": "CP", "commune": "Ville"}
    mapping = {"nom_source": "prive", "visibility": "private", "category": "association", "colonnes": columns}
    directory.load("tableur", table(tmp_path, *ROWS), mapping=mapping)

    done = ask(directory.repository, geocoder, NOW)

    assert (done.asked, done.waiting, ban.asked) == (0, 0, [])
    assert locating.RUN not in {run.source for run in directory.repository.list_runs()}


# ---------------------------------------------------------------- stated points
@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        (48.11, -1.68, ""),
        (-1.68, 48.11, "inversées"),
        (352_300.0, 6_789_400.0, "Lambert-93"),
        (6_789_400.0, 352_300.0, "Lambert-93"),
        (43.3, 5.4, "km de Rennes"),
        (5.4, 43.3, "km de Rennes"),
        (1_000_000.0, 6_300_000.0, "hors de France"),
    ],
)
def test_a_point_is_believed_repaired_or_doubted_by_its_commune(
    gazetteer: Any, latitude: float, longitude: float, said: str
) -> None:
    point = understand_point(latitude, longitude, gazetteer.get_commune("35238"))

    assert said in point.note + point.doubt
    assert (point.latitude is None) == bool(point.doubt)
    if point.latitude is not None:
        assert point.latitude == pytest.approx(48.11, abs=0.02)
        assert point.longitude == pytest.approx(-1.68, abs=0.02)


@pytest.mark.parametrize(
    ("latitude", "longitude", "good"),
    [(48.1, -1.6, True), (-1.6, 48.1, True), (-21.1, 55.5, True), (55.5, -21.1, True), (40.7, -74.0, False), (0.0, 0.0, False)],
)
def test_without_a_commune_a_point_must_lie_in_france(latitude: float, longitude: float, good: bool) -> None:
    assert (understand_point(latitude, longitude, None).latitude is not None) is good


def test_every_published_school_is_near_its_commune_but_the_annex_of_another_town(gazetteer: Any, published: Path) -> None:
    import csv  # noqa: PLC0415

    with (published / "education/fr-en-annuaire-education_35.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file, delimiter=";") if row["latitude"]]

    doubted = []
    for row in rows:
        commune, x, y = gazetteer.get_commune(row["Code_commune"]), float(row["coordonnee_X"]), float(row["coordonnee_Y"])
        stated = float(row["latitude"]), float(row["longitude"])
        assert lambert93_to_degrees(x, y) == pytest.approx(stated, abs=1e-6)
        if understand_point(*stated, commune).doubt:
            doubted.append(row["Nom_commune"])
    assert len(rows) > 900
    assert doubted == ["Retiers"]
