"""JSON item by item."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.errors import ImporterError, StructureChanged, UnreadableFile
from importers.json_items import flatten, parse_json_cell, read_json_array, read_json_items

HELD = ("results", "records")


def items(folder: Path, content: bytes) -> list[object]:
    path = folder / "items.json"
    path.write_bytes(content)
    return [item for _, item in read_json_items(path, HELD)]


@pytest.mark.parametrize("content", [b'[{"a": 1}, {"a": 2}]', b'\xef\xbb\xbf{"n": 2, "results": [{"a": 1}, {"a": 2}]}'])
def test_items_are_found_in_an_array_or_under_a_known_name(content: bytes, tmp_path: Path) -> None:
    assert items(tmp_path, content) == [{"a": 1}, {"a": 2}]


def test_an_object_without_the_array_has_changed_its_structure(tmp_path: Path) -> None:
    with pytest.raises(StructureChanged) as stopped:
        items(tmp_path, b'{"autre": []}')

    assert "results" in stopped.value.public


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"a": 1}, {"a": ', "est tronqué"),
        (b'[{"a": 1}, {"a": x}]', "pas du JSON valide (après l’élément 1)"),
        ('[{"a": "é"}]'.encode("cp1252"), "un JSON doit être en UTF-8"),
        ('[{"a": "é"}]'.encode("utf-16"), "un JSON doit être en UTF-8"),
        (b"[" * 100_000, "imbriqué au-delà du raisonnable"),
    ],
)
def test_a_json_that_cannot_be_read_says_why(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as refused:
        items(tmp_path, content)

    assert reason in refused.value.public


def test_nested_objects_become_dotted_names_and_null_an_empty_text() -> None:
    row = flatten({"id": 7, "fields": {"title": "A", "tags": ["x"], "none": None}, "open": True})

    assert row == {"id": "7", "open": "true", "fields.title": "A", "fields.tags": '["x"]', "fields.none": ""}


def test_a_cell_nested_beyond_reason_is_refused_rather_than_fatal() -> None:
    with pytest.raises(ValueError, match="nested"):
        parse_json_cell("[" * 200_000)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(JSON, max_size=4), cut=st.integers(0, 60))
def test_any_json_flattens_to_texts_and_a_cut_one_is_refused(written: list[object], cut: int, tmp_path: Path) -> None:
    content = json.dumps(written).encode()
    found = items(tmp_path, content)

    assert found == written
    assert all(isinstance(text, str) for item in found for text in flatten(item).values())
    if 1 < cut < len(content):
        with pytest.raises(ImporterError):
            items(tmp_path, content[:cut])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    written=st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=4), max_size=8),
    indent=st.sampled_from([None, 0, 2]),
    window=st.integers(1, 40),
    cut=st.integers(1, 200),
)
def test_an_array_is_read_the_same_wherever_the_window_on_it_ends(
    written: list[object], indent: int | None, window: int, cut: int, tmp_path: Path
) -> None:
    path = tmp_path / "array.json"
    content = json.dumps(written, indent=indent, ensure_ascii=False)
    path.write_text(content + "\n", encoding="utf-8")

    found = [item for _, item in read_json_array(path, window=window)]

    assert found == written
    if cut < len(content):
        path.write_text(content[:cut], encoding="utf-8")
        with pytest.raises(UnreadableFile):
            list(read_json_array(path, window=window))
