"""The catalogue kept in a file, and brought up to date by what changed: always the columns that reading everything gives."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from directory.catalogue import Catalogue
from directory.catalogue_holder import CatalogueHolder
from directory.columns import BitColumn, RaggedColumn
from directory.models.published import BassinRecord
from directory.repository import Repository
from directory.vocabulary import Kind
from tests.directory.conftest import Publish, replace_bassins
from tests.factories import sourced


class Counted(Repository):
    """The real repository, which counts how often every listing is read."""

    readings = 0

    def iterate_columns(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        self.readings += 1
        return super().iterate_columns(names)


@pytest.fixture
def counted(repository: Repository) -> Counted:
    return Counted(repository._engine)


def told(catalogue: Catalogue) -> list[dict[str, Any]]:
    """Everything that the columns say of each listing, whatever the numbers by which they say it."""
    tokens: dict[int, set[str]] = {row: set() for row in range(len(catalogue))}
    for token, rows in catalogue.rows_of_token.items():
        for row in rows.tolist():
            tokens[row].add(token)
    by_kind = {row: kind for kind in Kind for row in catalogue.by_kind[kind].tolist()}
    return [_of_row(catalogue, row) | {"tokens": tokens[row], "by_kind": by_kind[row]} for row in range(len(catalogue))]


def _of_row(catalogue: Catalogue, row: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for column in fields(catalogue):
        value = getattr(catalogue, column.name)
        if isinstance(value, np.ndarray):
            said[column.name] = repr(value[..., row])  # NaN is itself
        elif isinstance(value, BitColumn | RaggedColumn):
            said[column.name] = value.of(row)
    return said | {
        "ids": catalogue.ids[row],
        "names": catalogue.names[row],
        "commune": catalogue.codes_commune[row],
        "phones": catalogue.phones[row],
        "label": catalogue.bassin_labels.get(row),
        "departement": catalogue.departement_codes[int(catalogue.departement[row])],
        "naf": catalogue.naf_codes[int(catalogue.naf[row])] if catalogue.naf[row] >= 0 else None,
        "occupations": [catalogue.occupation_codes[code] for code in catalogue.occupations.of(row)],
    }


def invented(chance: random.Random, number: int) -> Any:
    if chance.random() < 0.3:
        return sourced(
            str(number), kind="company", category="entreprise", name=f"Garage {chance.choice('éàœ')}{number}", coverage=(),
            naf=chance.choice(["45.20A", "10.71C", "56.10A"]), occupations=tuple(chance.sample(["I1604", "D1102", "G1602"], 2)),
        )  # fmt: skip
    if chance.random() < 0.2:
        day = chance.randint(1, 28)
        sitting = {"start": f"2026-12-{day:02}T09:00:00+01:00", "end": f"2026-12-{day:02}T17:00:00+01:00"}
        return sourced(str(number), kind="event", category="salon", name=f"Forum {number}", occurrences=(sitting,), coverage=())
    coverage = chance.choice([(), ({"scope": "departement", "code": "35"},)])
    point = chance.choice([{}, {"latitude": 48.35, "longitude": -1.2}])
    return sourced(
        str(number), category="psad", name=f"Partenaire {number}", bassin_label=chance.choice(["", "Vitré", "Zorglub"]),
        coverage=coverage, updated_at=date(2026, chance.randint(1, 12), 1), **point,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_what_changed_brings_a_catalogue_to_what_reading_everything_gives(
    seed: int, repository: Repository, publish: Publish, tmp_path: Path
) -> None:
    chance = random.Random(seed)  # noqa: S311 - invented listings
    replace_bassins(repository, "bassins", [BassinRecord(code="B1", label="Fougères"), BassinRecord(code="B2", label="Vitré")])
    file = tmp_path / "catalogue.columns"
    publish(*(invented(chance, number) for number in range(20)))
    holder = CatalogueHolder(repository, file=file)
    holder.current()

    for _ in range(4):  # some go, some come, some change
        publish(*(invented(chance, number) for number in chance.sample(range(30), 20)))

        assert told(holder.current()) == told(CatalogueHolder(repository).current())
        assert told(CatalogueHolder(repository, file=file).current()) == told(holder.current())


def test_the_next_process_reads_the_file_and_not_the_listings(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"), sourced("2", name="Une autre"))
    file = tmp_path / "catalogue.columns"
    first = CatalogueHolder(counted, file=file).current()

    same = CatalogueHolder(counted, file=file).current()
    publish(sourced("1"), sourced("2", name="Un autre nom"))
    changed = CatalogueHolder(counted, file=file).current()

    assert counted.readings == 1
    assert told(same) == told(first)
    assert list(changed.names) == ["Mission locale du Pays de Fougères", "Un autre nom"]


def test_a_catalogue_without_any_listing_is_kept_too(counted: Counted, tmp_path: Path) -> None:
    for _ in range(2):
        assert len(CatalogueHolder(counted, file=tmp_path / "catalogue.columns").current()) == 0

    assert counted.readings == 1


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[:0], id="empty"),
        pytest.param(lambda data: data[:-1], id="cut short"),
        pytest.param(lambda data: data[: len(data) // 2], id="half"),
        pytest.param(lambda data: data[:-200] + b"\xff" + data[-199:], id="a byte changed in the columns"),
        pytest.param(lambda data: data.replace(b'"values"', b'"valves"'), id="the head damaged"),
        pytest.param(lambda data: b"PK\x03\x04" + data, id="another format"),
        pytest.param(lambda data: data[:19] + b"999999999999" + data[31:], id="a head too long"),
        pytest.param(lambda data: data[:19] + b"-00000000001" + data[31:], id="a head of no length"),
    ],
)
def test_a_damaged_file_is_made_anew(spoil: Any, counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"), sourced("2", name="Une autre"))
    file = tmp_path / "catalogue.columns"
    expected = told(CatalogueHolder(counted, file=file).current())
    whole = file.read_bytes()
    file.write_bytes(spoil(whole))

    found = CatalogueHolder(counted, file=file).current()

    assert told(found) == expected
    assert (counted.readings, file.read_bytes() == whole) == (2, True)


def test_the_file_of_another_directory_is_not_taken(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"))
    file = tmp_path / "catalogue.columns"
    CatalogueHolder(counted, file=file, directory="sqlite:////one").current()

    CatalogueHolder(counted, file=file, directory="sqlite:////other").current()

    assert counted.readings == 2


def test_the_file_of_a_time_that_a_backup_undid_is_not_taken(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"))
    file, before = tmp_path / "catalogue.columns", tmp_path / "catalogue.before"
    publish(sourced("1"), sourced("2", name="Une autre"))
    CatalogueHolder(counted, file=file).current()
    publish(sourced("1"))
    before.write_bytes(file.read_bytes())

    with counted._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE directory_state SET revision = 1")  # what the backup of an earlier day says
    found = CatalogueHolder(counted, file=before).current()

    assert counted.readings == 2
    assert list(found.names) == ["Mission locale du Pays de Fougères"]


def test_a_backup_restored_and_edited_to_the_same_number_of_changes_is_noticed(
    counted: Counted, publish: Publish, tmp_path: Path
) -> None:
    file = tmp_path / "catalogue.columns"
    publish(sourced("1"))
    publish(sourced("1", name="Avant la panne"))
    CatalogueHolder(counted, file=file).current()

    with counted._engine.begin() as connection:  # the first revision again, as a copy of the database had it
        connection.exec_driver_sql("UPDATE directory_state SET revision = revision - 1")
        connection.exec_driver_sql("DELETE FROM revision_mark WHERE revision = (SELECT max(revision) FROM revision_mark)")
    publish(sourced("1", name="Après la panne"))
    found = CatalogueHolder(counted, file=file).current()

    assert list(found.names) == ["Après la panne"]
    assert counted.readings == 2


class Apart:
    """Makes the file as another process would, and counts how often it was asked."""

    def __init__(self, repository: Repository, file: Path, *, fails: bool = False) -> None:
        self.repository, self.file, self.fails, self.times = repository, file, fails, 0

    def __call__(self) -> None:
        self.times += 1
        if not self.fails:
            CatalogueHolder(self.repository, file=self.file).make()


@pytest.fixture
def file_of_many(publish: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the columns are kept of two listings, which count as many."""
    monkeypatch.setattr("directory.catalogue_holder._FEW", 1)
    publish(sourced("1"), sourced("2", name="Une autre"))
    return tmp_path / "catalogue.columns"


def test_who_answers_reads_no_directory_of_many_listings(counted: Counted, file_of_many: Path) -> None:
    apart = Apart(Repository(counted._engine), file_of_many)

    CatalogueHolder(counted, file=file_of_many, make=apart).prepare()
    CatalogueHolder(counted, file=file_of_many, make=apart).prepare()
    found = CatalogueHolder(counted, file=file_of_many, make=apart).current()

    assert (len(found), counted.readings, apart.times) == (2, 0, 1)


def test_who_answers_reads_the_directory_where_the_other_process_died(counted: Counted, file_of_many: Path) -> None:
    apart = Apart(counted, file_of_many, fails=True)

    found = CatalogueHolder(counted, file=file_of_many, make=apart).current()

    assert (len(found), counted.readings, apart.times, file_of_many.is_file()) == (2, 1, 1, True)


def test_nobody_who_asks_waits_for_the_catalogue_of_a_new_state(counted: Counted, publish: Publish, file_of_many: Path) -> None:
    holder = CatalogueHolder(counted, file=file_of_many, make=Apart(Repository(counted._engine), file_of_many))
    holder.current()
    publish(sourced("1"), sourced("2", name="Une nouvelle"))

    asked = holder.current()
    for thread in [each for each in threading.enumerate() if each.name == "catalogue"]:
        thread.join()

    assert "Une autre" in list(asked.names)
    assert "Une nouvelle" in list(holder.current().names)


def test_few_listings_are_read_without_another_process(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"))
    file = tmp_path / "catalogue.columns"
    apart = Apart(counted, file)
    holder = CatalogueHolder(counted, file=file, make=apart)

    holder.prepare()
    holder.current()

    assert (apart.times, counted.readings) == (0, 1)


def test_a_file_that_cannot_be_written_costs_nothing_but_time(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"))
    (tmp_path / "taken").write_text("not a folder", encoding="utf-8")

    found = CatalogueHolder(counted, file=tmp_path / "taken" / "catalogue.columns").current()

    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir() if "catalogue" in path.name] == []


def test_a_new_map_of_bassins_is_seen_without_any_listing_changed(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1", category="psad", name="PSAD de Vitré", coverage=(), bassin_label="Vitré"))
    holder = CatalogueHolder(counted, file=tmp_path / "catalogue.columns")
    before = holder.current()

    replace_bassins(counted, "bassins", [BassinRecord(code="B2", label="Vitré")])
    after = holder.current()

    assert "bassin:B2" not in before.rows_of_token
    assert after.rows_of_token["bassin:B2"].tolist() == [0]
    assert counted.readings == 1


def test_what_a_killed_process_left_half_written_is_cleared_later(counted: Counted, publish: Publish, tmp_path: Path) -> None:
    publish(sourced("1"))
    file, left, fresh = (tmp_path / name for name in ("catalogue.columns", "catalogue.columns.old", "catalogue.columns.new"))
    for path in (left, fresh):
        path.write_bytes(b"half")
    os.utime(left, (0, 0))

    CatalogueHolder(counted, file=file).current()

    assert (left.exists(), fresh.exists()) == (False, True)
