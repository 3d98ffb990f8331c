"""data·inclusion: every form of its files, whole, cut or broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from arro3.core import DataType, Field, Schema
from arro3.io import read_json, write_parquet
from data_inclusion.schema import v1

from importers.errors import StructureChanged, UnreadableFile
from importers.sources.data_inclusion.forms import read_list
from tests.importers.test_data_inclusion import FOLDER, SERVICES, STRUCTURES, lines, services, structures, written

if TYPE_CHECKING:
    from tests.importers.conftest import Directory


def parquet(path: Path, items: list[dict[str, Any]]) -> Path:
    """The structures as a Parquet file with the types that data·inclusion publishes."""
    types = {"date_maj": DataType.date32(), "longitude": DataType.float64(), "latitude": DataType.float64()}
    types["reseaux_porteurs"] = DataType.list(Field("element", DataType.utf8(), nullable=True))
    schema = Schema([Field(name, types.get(name, DataType.utf8()), nullable=True) for name in v1.Structure.model_fields])
    write_parquet(read_json(lines(path.with_suffix(".jsonl"), items), schema), path, compression="zstd(3)")
    return path


@pytest.mark.parametrize("form", ["array", "lines", "results", "csv", "marked", "parquet"])
def test_every_form_of_a_file_says_the_same(form: str, tmp_path: Path, read: Callable[..., Any]) -> None:
    path = tmp_path / f"structures.{ {'lines': 'jsonl', 'csv': 'csv'}.get(form, 'json') }"
    if form == "lines":
        lines(path, structures())
    elif form == "parquet":
        path = parquet(tmp_path / "structures.parquet", structures())
    elif form == "csv":
        path = FOLDER / "sample-structures.csv"
    elif form == "marked":
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(structures()).encode())
    else:
        written(path, structures() if form == "array" else {"results": structures()})

    records, run = read("data_inclusion", path)

    expected, _ = read("data_inclusion", STRUCTURES)
    assert [entry.record for entry in records] == [entry.record for entry in expected]
    assert run.doubts == []


def test_services_found_by_the_api_are_unwrapped(tmp_path: Path, read: Callable[..., Any]) -> None:
    found = [{"service": {**service, "structure": {"id": "exemple--1"}}, "distance": 3} for service in services()]

    records, run = read("data_inclusion", written(tmp_path / "search.json", {"items": found}))

    assert [entry.record_id for entry in records] == ["service:exemple--1", "service:exemple--2b"]
    assert run.doubts == []


CELLS = [
    ('["a", "b"]', ["a", "b"]), ("{a,b}", ["a", "b"]), ("['a', 'b']", ["a", "b"]), ("a;b", ["a", "b"]), ("a, b", ["a", "b"]),
    ("a", ["a"]), ("", None), ("[]", []), ('{"a b",c}', ["a b", "c"]), ("[" * 100_000, ["[" * 100_000]),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "values"), CELLS, ids=lambda value: str(value)[:20])
def test_a_cell_that_holds_several_values_is_read_however_it_was_written(cell: str, values: list[str] | None) -> None:
    assert read_list(cell) == values


def _broken(tmp_path: Path) -> Iterator[tuple[str, bytes]]:
    yield "cut line", SERVICES.read_bytes()[:-40]
    yield "cut array", json.dumps(structures()).encode()[:-30]
    yield "cut page", STRUCTURES.read_bytes()[:-60]
    yield "not objects", b"[1, 2]"
    yield "nested", b'[{"id": ' + b"[" * 200_000
    yield "nested line", b'{"id": ' + b"[" * 200_000 + b"\n"
    yield "no list", b'{"id": "x"}'
    yield "endless line", b'{"id": "' + b"x" * 5_000_000 + b'"}\n{"id": "y"}'
    yield "empty", b"[]"
    yield "latin-1", json.dumps(structures(), ensure_ascii=False).encode("cp1252", errors="replace")


@pytest.mark.parametrize("rank", range(10))
def test_a_broken_file_stops_with_a_reason(rank: int, tmp_path: Path, directory: Directory) -> None:
    name, content = list(_broken(tmp_path))[rank]
    path = tmp_path / f"{rank}.json"
    path.write_bytes(content)

    with pytest.raises((UnreadableFile, StructureChanged)) as stopped:
        directory.load("data_inclusion", path)

    assert path.name in stopped.value.public, name
    assert directory.state()[0] == 0


@pytest.mark.parametrize("cut", [8, 200, -8, -200])
def test_a_cut_parquet_file_stops_with_a_reason(cut: int, tmp_path: Path, directory: Directory) -> None:
    whole = parquet(tmp_path / "whole.parquet", structures()).read_bytes()
    path = tmp_path / "cut.parquet"
    path.write_bytes(whole[:cut])

    with pytest.raises(UnreadableFile) as stopped:
        directory.load("data_inclusion", path)

    assert stopped.value.public == "Le fichier « cut.parquet » est un Parquet tronqué ou abîmé."


def test_a_parquet_file_that_unpacks_beyond_reason_is_refused(tmp_path: Path, directory: Directory) -> None:
    heavy = [{**structures()[0], "id": f"exemple--{rank}", "description": "x" * 6_000_000} for rank in range(12)]
    path = parquet(tmp_path / "heavy.parquet", heavy)

    with pytest.raises(UnreadableFile) as stopped:
        directory.load("data_inclusion", path)

    assert path.stat().st_size < 1_000_000
    assert "plus de mémoire ou de temps" in stopped.value.public
