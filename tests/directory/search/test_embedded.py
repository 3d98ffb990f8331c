"""What is the embedded index's own: generations swapped by pointer, several processes, kills, damaged files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from directory.errors import IndexUnavailable
from directory.search.embedded import EmbeddedIndex
from directory.search.types import SearchDocument, SearchQuery
from tests.directory.search.samples import make_document

ROOT = Path(__file__).parents[3]
_REBUILDER = """
import sys, time
from pathlib import Path
from directory.search.embedded import EmbeddedIndex
from tests.directory.search.samples import make_document

def slowly(total):
    for pk in range(1, total + 1):
        if pk == 1500:
            print("halfway", flush=True)
        if pk >= 1500 and sys.argv[3] == "endless":
            time.sleep(0.01)
        yield make_document(pk, f"Fiche {pk}")

print(EmbeddedIndex(Path(sys.argv[1])).rebuild(slowly(3000), int(sys.argv[2])), flush=True)
"""


_READER = """
import sys, time
from pathlib import Path
from directory.search.embedded import EmbeddedIndex
from directory.search.types import SearchQuery

reader, seen, asked = EmbeddedIndex(Path(sys.argv[1])), 0, 0
print("ready", flush=True)
while seen < int(sys.argv[2]):
    page = reader.search(SearchQuery(text="fiche", limit=100))
    assert page.revision >= seen, (page.revision, seen)
    assert page.total == len(page.hits) == page.revision + 1, (page.total, page.revision)
    seen, asked = page.revision, asked + 1
print(asked, flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def built(folder: Path) -> EmbeddedIndex:
    index = EmbeddedIndex(folder)
    index.rebuild([make_document(1, "Première fiche"), make_document(2, "Deuxième fiche")], 1)
    return index


def rebuild_elsewhere(folder: Path, revision: int, pace: str = "fast") -> subprocess.Popen[str]:
    """Another process that rebuilds; it says « halfway », then the count."""
    return subprocess.Popen(
        [sys.executable, "-c", _REBUILDER, str(folder), str(revision), pace], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def generations(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("g-*"))


def test_another_process_s_rebuild_is_seen_at_the_next_question(folder: Path, built: EmbeddedIndex) -> None:
    with rebuild_elsewhere(folder, 2) as process:
        process.wait(60)

    page = built.search(SearchQuery())

    assert (page.total, page.revision) == (3000, 2)


def test_what_is_stored_stays_in_small_blocks_after_a_change(folder: Path, built: EmbeddedIndex) -> None:
    built.update([make_document(2, "Mission locale ajoutée")], [], 2)

    (meta,) = folder.glob("g-*/meta.json")
    assert json.loads(meta.read_bytes())["index_settings"]["docstore_blocksize"] == 2048


def test_an_index_killed_while_rebuilding_keeps_the_last_good_one(folder: Path, built: EmbeddedIndex) -> None:
    with rebuild_elsewhere(folder, 2, "endless") as process:
        assert said(process) == "halfway"
        process.send_signal(signal.SIGKILL)
    assert len(generations(folder)) == 2  # the unfinished one is there, and nobody reads it

    page = EmbeddedIndex(folder).search(SearchQuery(text="fiche"))

    assert (page.total, page.revision) == (2, 1)


def test_a_rebuild_after_a_kill_works_and_sweeps_what_was_left(folder: Path, built: EmbeddedIndex) -> None:
    with rebuild_elsewhere(folder, 2, "endless") as process:
        said(process)
        process.kill()

    built.rebuild([make_document(3, "Troisième fiche")], 3)

    assert built.revision() == 3
    assert len(generations(folder)) == 1


def test_readers_are_served_while_another_process_rebuilds(folder: Path, built: EmbeddedIndex) -> None:
    with rebuild_elsewhere(folder, 2, "endless") as process:
        said(process)
        page = built.search(SearchQuery(text="première"))
        process.kill()

    assert page.total == 1


def test_a_second_rebuild_waits_for_the_first(folder: Path, built: EmbeddedIndex) -> None:
    started, release, order = threading.Event(), threading.Event(), []

    def held() -> Iterator[SearchDocument]:
        started.set()
        release.wait(30)
        yield make_document(1, "Du premier")

    def first() -> None:
        built.rebuild(held(), 2)
        order.append("first")

    def second() -> None:
        EmbeddedIndex(folder).rebuild([make_document(1, "Du second")], 3)
        order.append("second")

    threads = [threading.Thread(target=first)]
    threads[0].start()
    assert started.wait(30)
    threads.append(threading.Thread(target=second))
    threads[1].start()
    time.sleep(0.2)
    assert order == []
    release.set()
    for thread in threads:
        thread.join(60)

    assert order == ["first", "second"]
    assert built.revision() == 3


def test_a_reader_of_a_swept_generation_finishes_unharmed(folder: Path, built: EmbeddedIndex) -> None:
    generation = built._current()
    EmbeddedIndex(folder).rebuild([make_document(9, "Autre fiche")], 2)
    assert not (folder / generation.pointer.folder).exists()

    addresses = [address for _, address in generation.searcher.search(_everything(), 10).hits]
    texts = [generation.searcher.doc(address).get_first("stored") for address in addresses]

    assert len(texts) == 2


def _everything() -> object:
    from tantivy import Query  # noqa: PLC0415 - only this test speaks to the engine

    return Query.all_query()


def test_four_processes_read_whole_states_in_their_order_while_a_fifth_writes(folder: Path, built: EmbeddedIndex) -> None:
    last = 31
    command = [sys.executable, "-c", _READER, str(folder), str(last)]
    readers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [said(reader) for reader in readers] == ["ready"] * 4

    for revision in range(2, last + 1):
        built.update([make_document(revision + 1, f"Fiche {revision}")], [], revision)

    answered = [int(reader.communicate(timeout=60)[0] or 0) for reader in readers]
    assert [reader.returncode for reader in readers] == [0] * 4
    assert all(answered)


def test_readers_never_fail_while_the_index_is_swapped_again_and_again(folder: Path, built: EmbeddedIndex) -> None:
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        reader = EmbeddedIndex(folder)
        while not done.is_set():
            try:
                assert reader.search(SearchQuery(text="fiche")).total == 2
            except BaseException as error:  # noqa: BLE001 - a reader must see nothing at all
                failures.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for revision in range(2, 12):
        built.rebuild([make_document(1, "Première fiche"), make_document(2, "Deuxième fiche")], revision)
    done.set()
    for reader in readers:
        reader.join(30)

    assert failures == []


def test_an_index_of_another_version_is_unavailable_until_rebuilt(folder: Path, built: EmbeddedIndex) -> None:
    pointer = json.loads((folder / "current.json").read_text())
    (folder / "current.json").write_text(json.dumps(pointer | {"schema": 9999}))

    with pytest.raises(IndexUnavailable, match="version 9999") as refused:
        built.search(SearchQuery())
    assert "relais reindex" in refused.value.public
    assert built.revision() is None
    built.rebuild([make_document(1, "Fiche")], 2)

    assert built.revision() == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"schema": 1}', b"\xff\xfe", b'{"schema": 1, "folder": "../.."}']
)
def test_a_damaged_pointer_is_an_unavailable_index(folder: Path, built: EmbeddedIndex, content: bytes) -> None:
    (folder / "current.json").write_bytes(content)

    with pytest.raises(IndexUnavailable):
        built.search(SearchQuery())


def files_of(folder: Path) -> list[Path]:
    return [path for path in sorted(next(folder.glob("g-*")).iterdir()) if path.suffix != ".lock"]


def test_each_missing_or_truncated_file_is_an_unavailable_index(folder: Path, built: EmbeddedIndex) -> None:
    for path in files_of(folder):
        content = path.read_bytes()
        path.write_bytes(content[:-1])
        with pytest.raises(IndexUnavailable):
            EmbeddedIndex(folder).search(SearchQuery(text="fiche"))
        path.unlink()
        with pytest.raises(IndexUnavailable):
            EmbeddedIndex(folder).search(SearchQuery(text="fiche"))
        path.write_bytes(content)

    assert EmbeddedIndex(folder).search(SearchQuery(text="fiche")).total == 2


def test_scrambled_files_never_raise_anything_but_unavailable(folder: Path, built: EmbeddedIndex) -> None:
    for path in files_of(folder):
        content = path.read_bytes()
        path.write_bytes(bytes(byte ^ 0x5A for byte in content))
        with suppress(IndexUnavailable):
            EmbeddedIndex(folder).search(SearchQuery(text="fiche"))
        path.write_bytes(content)

    assert EmbeddedIndex(folder).search(SearchQuery(text="fiche")).total == 2


def test_files_that_are_gone_are_noticed_by_the_process_that_still_reads_them(folder: Path, built: EmbeddedIndex) -> None:
    assert built.search(SearchQuery(text="fiche")).total == 2
    shutil.rmtree(next(folder.glob("g-*")))

    assert built.revision() is None
    assert built.search(SearchQuery(text="fiche")).total == 2  # until it is built again

    built.rebuild([make_document(3, "Troisième fiche")], 3)

    assert (built.revision(), built.search(SearchQuery()).total) == (3, 1)


def test_files_damaged_under_a_reader_make_no_usable_index_until_it_is_built_again(folder: Path, built: EmbeddedIndex) -> None:
    built.search(SearchQuery(text="fiche"))
    for path in files_of(folder):
        if path.suffix in {".term", ".idx"}:
            with path.open("r+b") as file:
                file.write(bytes(byte ^ 0x5A for byte in path.read_bytes()))

    with pytest.raises(IndexUnavailable):
        built.search(SearchQuery(text="fiche"))

    assert built.revision() is None
    built.rebuild([make_document(3, "Troisième fiche")], 1)
    assert (built.revision(), built.search(SearchQuery(text="fiche")).total) == (1, 1)


def test_a_file_cut_short_in_place_is_left_before_it_is_read(folder: Path, built: EmbeddedIndex) -> None:
    built.search(SearchQuery(text="fiche"))
    for path in files_of(folder):
        if path.suffix != ".json":
            os.truncate(path, 1)
    built._looked_at = 0.0  # as a tenth of a second later

    with pytest.raises(IndexUnavailable, match="truncated"):
        built.search(SearchQuery(text="fiche"))

    assert built.revision() is None


@pytest.mark.parametrize("suffix", [".json", ".term", ".store", ".fast"])
def test_a_file_replaced_by_another_of_the_same_size_is_noticed_by_every_process(
    folder: Path, built: EmbeddedIndex, suffix: str
) -> None:
    built.search(SearchQuery(text="fiche"))
    for path in files_of(folder):
        if path.suffix == suffix:
            garbled = path.with_suffix(".other")
            garbled.write_bytes(b"x" * path.stat().st_size)
            garbled.replace(path)

    assert built.revision() is None
    assert EmbeddedIndex(folder).revision() is None
    assert built.search(SearchQuery(text="fiche")).total == 2  # what it had opened is whole


def test_an_index_put_back_from_a_copy_serves(folder: Path, built: EmbeddedIndex) -> None:
    for path in files_of(folder):
        os.utime(path, (1, 1))

    assert (built.revision(), EmbeddedIndex(folder).search(SearchQuery(text="fiche")).total) == (1, 2)


def test_a_question_that_fails_on_sound_files_condemns_no_index(built: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("not the files")

    with monkeypatch.context() as patched:
        patched.setattr("directory.search.embedded.answer", broken)
        with pytest.raises(IndexUnavailable):
            built.search(SearchQuery(text="fiche"))

    assert built.revision() == 1


def test_a_folder_that_cannot_be_written_says_so_in_french(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file stands where the folder should")

    with pytest.raises(IndexUnavailable) as refused:
        EmbeddedIndex(tmp_path / "occupied").rebuild([], 1)

    assert "ne peut pas être écrit" in refused.value.public


def test_a_failed_rebuild_leaves_no_folder_behind(folder: Path, built: EmbeddedIndex) -> None:
    def broken() -> Iterator[SearchDocument]:
        yield make_document(1, "Fiche")
        raise KeyError("source")

    with pytest.raises(KeyError):
        built.rebuild(broken(), 2)

    assert len(generations(folder)) == 1


def test_looking_for_a_new_pointer_costs_next_to_nothing(folder: Path, built: EmbeddedIndex) -> None:
    generation = built._current()

    assert all(built._current() is generation for _ in range(100))
    os.utime(folder / "current.json")
    assert built._current() is not generation
