"""Every reader, on inputs that a fuzzer makes up: by coverage (atheris) where it installs, else by Hypothesis. Says how many."""

from __future__ import annotations

import io
import os
import random
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.reading import read_table
from tests.torture.readers import READERS, SEEDS, RelaisError

pytestmark = pytest.mark.torture

ROOT = Path(__file__).resolve().parents[2]
ATHERIS = ROOT / ".venv" / "atheris"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "30"))
"""For each reader."""


@pytest.mark.skipif(not ATHERIS.is_dir(), reason="atheris does not install here")
@pytest.mark.parametrize("name", READERS)
def test_a_reader_refuses_what_coverage_guided_fuzzing_makes_up(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for rank, seed in enumerate(SEEDS.get(name, ())):
        (tmp_path / f"seed-{rank}").write_bytes(seed)
    script = str(Path(__file__).with_name("fuzz.py"))
    options = [
        f"-artifact_prefix={tmp_path}/",
        f"-max_total_time={SECONDS}",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-max_len=4000",
    ]

    done = subprocess.run(
        [sys.executable, script, name, str(tmp_path), *options, "-max_len=4000", "-print_final_stats=1"],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONPATH": f"{ATHERIS}{os.pathsep}{ROOT}"},
        cwd=tmp_path,
        timeout=SECONDS + 240,
        check=False,
    )

    tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr) or re.search(r"Done (\d+) runs", done.stderr)
    with capsys.disabled():
        print(f"\n{name}: {tried.group(1) if tried else '?'} inputs tried in {SECONDS} s (atheris)")
    assert done.returncode == 0, done.stderr[-4000:]


@pytest.mark.skipif(ATHERIS.is_dir(), reason="atheris does it better")
@pytest.mark.parametrize("name", READERS)
def test_a_reader_refuses_what_hypothesis_makes_up(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    tried = 0

    @settings(max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
    def one_input(content: bytes) -> None:
        nonlocal tried
        tried += 1
        try:
            READERS[name](content)
        except RelaisError as refused:
            assert refused.public  # noqa: PT017

    one_input()
    with capsys.disabled():
        print(f"\n{name}: {tried} inputs tried (Hypothesis)")


MUTANTS = int(os.environ.get("FUZZ_MUTANTS", "150"))


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The bytes with some changed, cut, or repeated."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        place = chance.randrange(len(changed))
        match chance.randrange(4):
            case 0:
                changed[place] = chance.randrange(256)
            case 1:
                del changed[place : place + chance.randrange(1, 40)]
            case 2:
                changed[place:place] = changed[place : place + chance.randrange(1, 200)]
            case _:
                changed[place : place + 1] = str(chance.choice((0, -1, 65536, 2**31, 10**12))).encode()
        changed = changed or bytearray(b"x")
    return bytes(changed)


def mutated_inside(content: bytes, chance: random.Random) -> bytes:
    """A workbook of which one part was mutated, packed again so that its sums are right."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        target = chance.choice([name for name in old.namelist() if name.endswith((".xml", ".rels"))])
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name), chance) if name == target else old.read(name))
    return packed.getvalue()


@pytest.mark.parametrize("sample", ["psad/sample.xlsx", "bassins/sample.xlsx", "psad/sample.pdf", "clee/sample.pdf"])
def test_a_mutant_of_a_sample_is_read_or_refused(sample: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = (ROOT / "importers/sources" / sample).read_bytes()
    path = tmp_path / Path(sample).name
    chance = random.Random(20261124)  # noqa: S311  (the same mutants each time)
    refused = 0

    for rank in range(MUTANTS):
        mutate = mutated_inside if path.suffix == ".xlsx" and rank % 3 else mutated
        path.write_bytes(mutate(content, chance))
        try:
            list(read_table(path, {}, 10_000_000).rows)
        except RelaisError as error:
            refused += 1
            assert error.public  # noqa: PT017

    with capsys.disabled():
        print(f"\n{sample}: {MUTANTS} mutants tried, {refused} refused")
    assert refused < MUTANTS
