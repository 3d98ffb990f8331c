"""Many référents at once while an import runs: errors, time to answer, memory of the server's processes.

    python -m bench.load FOLDER [--database sqlite|postgresql] [--minutes M] [--visitors N] [--think S] [--rows R] [--kept PLACE]

FOLDER is what the shared ``corpus.py`` wrote; its files are imported first, or found imported in PLACE, where the first run
leaves them: each run works on a copy. Each visitor asks, reads the answer, waits, and asks again: three searches for one
match. After a minute an import of R invented companies begins; when it ends, the next one changes a tenth of them. What is told
is of the time when an import runs. The visitors, the server and the import share this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import os
import random
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench.corpus import read_questions
from bench.imports import FILES
from bench.search import percentiles
from tests.postgresql_server import PostgresqlServer, find_binaries
from tests.serving import free_port

TARGET = "target: no error, p99 of search within 150 ms, memory flat"
_RELAIS = [sys.executable, "-m", "relais"]
_STUDENTS = (
    {"place": "35300 Fougères", "age": "16"},
    {"place": "93140 Bondy", "age": "18", "situation": "graduate", "occupations": "cuisinier", "paths": "internship"},
    {"place": "75018 Paris", "age": "19", "needs": "logement"},
    {"place": "15000 Aurillac", "age": "17", "mode": "transit", "max_minutes": "45"},
)
_POSTGRESQL = {"listen_addresses": "", "max_connections": "60", "log_min_messages": "fatal"}
"""The server's own defaults otherwise: writes wait for the disk."""
_PATIENCE_S = 30


@dataclass
class Seen:
    """What the visitors saw, and what the processes weighed."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    megabytes: list[float] = field(default_factory=list)
    own_megabytes: list[float] = field(default_factory=list)
    most_megabytes: float = 0
    processor: dict[str, float] = field(default_factory=dict)
    imports: list[float] = field(default_factory=list)
    importing: bool = False


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--visitors", type=int, default=500)
    parser.add_argument("--think", type=float, default=10)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--kept", type=Path, help="a folder where the imported directories stay for the next run")
    given = parser.parse_args()
    print(f"{given.visitors} visitors, {given.think:g} s between questions, {given.minutes:g} minutes; {TARGET}")
    questions = [asked.query.text for asked in read_questions(given.corpus) if asked.query.text]
    with tempfile.TemporaryDirectory(prefix="relais-load-") as passing:
        kept = (given.kept or Path(passing)).resolve()
        for database in given.database or ("sqlite", "postgresql"):
            with _instance(database, kept, given.corpus) as environ, _serving(environ) as server:
                folder = Path(environ["RELAIS_DATA"]).parent
                _tell(database, asyncio.run(_watch(given, questions, server, environ, folder)))


@contextmanager
def _instance(database: str, kept: Path, corpus: Path) -> Iterator[dict[str, str]]:
    """The settings of a copy of the imported directory, in a folder of its own that goes with it."""
    kept.mkdir(parents=True, exist_ok=True)
    base = {**os.environ, "RELAIS_PORT": str(free_port()), "RELAIS_THEME": "neutre"}
    with tempfile.TemporaryDirectory(prefix=f"{database}-run-", dir=kept) as folder:
        if database == "sqlite":
            _imported(base, kept / "sqlite", corpus)
            yield base | {"RELAIS_DATA": str(_copied(kept / "sqlite", folder))}
            return
        with _cluster(kept / "cluster") as cluster:
            url = cluster.url("imported")
            if not (kept / "postgresql" / "index").is_dir():
                cluster.drop_database(url)  # of a run that was broken off
                cluster.create_database(name="imported")
            _imported(base | {"RELAIS_DATABASE_URL": url}, kept / "postgresql", corpus, kept / "sqlite")
            copied = cluster.create_database(like=url, name=f"run_{os.getpid()}")
            try:
                yield base | {"RELAIS_DATA": str(_copied(kept / "postgresql", folder)), "RELAIS_DATABASE_URL": copied}
            finally:
                cluster.drop_database(copied)


def _imported(environ: dict[str, str], data: Path, corpus: Path, other: Path | None = None) -> None:
    """The corpus imported in a folder, once; taken over from another folder that holds it, where there is one."""
    if (data / "index").is_dir():
        return
    print(f"importing the corpus into {data}, once …", flush=True)
    beside = data.with_name(f"{data.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    given = environ | {"RELAIS_DATA": str(beside)}
    if other is not None and (other / "index").is_dir():
        backup = beside.with_suffix(".zip")
        backup.unlink(missing_ok=True)
        _run(
            environ | {"RELAIS_DATA": str(other), "RELAIS_DATABASE_URL": f"sqlite:///{other}/relais.sqlite3"},
            "backup",
            str(backup),
        )
        _run(given, "restore", str(backup))
        backup.unlink()
    else:
        for source, names in FILES.items():
            _run(given, "import", source, *(str(corpus / name) for name in names))
    beside.rename(data)


def _run(environ: dict[str, str], *arguments: str) -> None:
    subprocess.run([*_RELAIS, *arguments], env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _copied(data: Path, folder: str) -> Path:
    return shutil.copytree(data, Path(folder, "data"), ignore=shutil.ignore_patterns("*.lock"))


@contextmanager
def _cluster(folder: Path) -> Iterator[PostgresqlServer]:
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("no PostgreSQL here")
    server = PostgresqlServer(binaries, folder, _POSTGRESQL)
    try:
        server.start()
        yield server
    finally:
        server.end()


@contextmanager
def _serving(environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([*_RELAIS, "serve"], env=environ, stderr=subprocess.DEVNULL) as server:
        try:
            yield server
        finally:
            server.send_signal(signal.SIGTERM)


async def _watch(
    given: argparse.Namespace,
    questions: Sequence[str],
    server: subprocess.Popen[bytes],
    environ: dict[str, str],
    folder: Path,
) -> Seen:
    seen, port = Seen(), int(environ["RELAIS_PORT"])
    while (await _ask(port, "/sante"))[0] != 200:
        if server.poll() is not None:
            raise RuntimeError("the server stopped")
        await asyncio.sleep(0.5)
    ends = time.monotonic() + given.minutes * 60
    visitors = [_visit(seen, port, random.Random(number), questions, given.think, ends) for number in range(given.visitors)]
    await asyncio.gather(_import(seen, given, environ, folder, ends), _weigh(seen, server.pid, ends), *visitors)
    return seen


async def _visit(seen: Seen, port: int, chance: random.Random, questions: Sequence[str], think: float, ends: float) -> None:
    await asyncio.sleep(chance.uniform(0, think))
    while time.monotonic() < ends:
        matching = chance.random() < 0.25
        form = urlencode(chance.choice(_STUDENTS)) if matching else ""
        path = "/propositions" if matching else f"/recherche?{urlencode({'q': chance.choice(questions)})}"
        began = time.perf_counter()
        status, reason = await _ask(port, path, form)
        if status != 200:
            seen.failures[reason or str(status)] += 1
        elif seen.importing:
            seen.milliseconds["match" if matching else "search"].append(1000 * (time.perf_counter() - began))
        await asyncio.sleep(think)


async def _ask(port: int, path: str, form: str = "") -> tuple[int, str]:
    """The status of an answer that came whole; else 0 and why."""
    head = f"{'POST' if form else 'GET'} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
    if form:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
    try:
        async with asyncio.timeout(_PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"{head}\r\n{form}".encode())
            answer = await reader.read(-1)
            writer.close()
    except (OSError, TimeoutError) as error:
        return 0, type(error).__name__
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    if found is None:
        return 0, "no answer"
    status = int(found[1])
    whole = status != 200 or path == "/sante" or b"</html>" in answer
    return (status, "") if whole else (0, "cut short")


async def _import(seen: Seen, given: argparse.Namespace, environ: dict[str, str], folder: Path, ends: float) -> None:
    await asyncio.sleep(min(60, max(0, ends - time.monotonic()) / 10))
    for version in range(1_000):
        if time.monotonic() > ends - 5:
            return
        path = await asyncio.to_thread(_write_companies, given.corpus, folder / "companies.csv", given.rows, version)
        began, seen.importing = time.monotonic(), True
        process = await asyncio.create_subprocess_exec(
            *_RELAIS, "import", "entreprises", str(path), "--allow-removals",
            env=environ, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            status = await asyncio.wait_for(process.wait(), max(1, ends - time.monotonic()))
        except TimeoutError:
            process.terminate()
            await process.wait()
            return
        seen.imports.append(time.monotonic() - began)
        if status:
            seen.failures[f"import: {status}"] += 1


def _write_companies(corpus: Path, path: Path, rows: int, version: int) -> Path:
    """Invented companies, each named after two of the corpus and placed where a third is; a tenth differs between versions."""
    with (corpus / FILES["entreprises"][0]).open(encoding="utf-8", newline="") as file:
        known = list(csv.DictReader(file))
    chance = random.Random(7)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "siret", "nom", "code_naf", "code_postal", "commune", "propose"])
        for number in range(rows):
            first, second, at = chance.choices(known, k=3)
            name = " ".join([*first["nom"].split()[:-1], *second["nom"].split()[-2:]])
            changed = f" {version}" if version and number % 10 == version % 10 else ""
            writer.writerow(
                [f"charge-{number}", "", name + changed, second["code_naf"], at["code_postal"], at["commune"], second["propose"]]
            )
    return path


async def _weigh(seen: Seen, pid: int, ends: float) -> None:
    """Every five seconds, the memory of the server and its workers, each its share of it; and with what they start."""
    while time.monotonic() < ends:
        workers = [pid, *_children(pid)]
        helpers = [below for worker in workers[1:] for below in _children(worker)]
        seen.megabytes.append(sum(map(_share_mb, workers)))
        seen.own_megabytes.append(sum(_share_mb(each, "Pss_Anon") for each in workers))
        seen.most_megabytes = max(seen.most_megabytes, seen.megabytes[-1] + sum(map(_share_mb, helpers)))
        seen.processor = {"server": sum(map(_processor_s, workers)), "imports": _ended_processor_s()}
        await asyncio.sleep(5)


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text(encoding="ascii").split()]
    except OSError:  # it has ended
        return []


def _share_mb(pid: int, of: str = "Pss") -> float:
    try:
        said = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    share = re.search(rf"^{of}:\s+(\d+)", said, re.MULTILINE)
    return int(share[1]) / 1024 if share else 0


def _processor_s(pid: int) -> float:
    """Seconds of processor of a process, and of those that it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _ended_processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tell(database: str, seen: Seen) -> None:
    answers = sum(map(len, seen.milliseconds.values()))
    print(f"\n{database}: {answers} answers while importing, {sum(seen.failures.values())} failures {dict(seen.failures) or ''}")
    for kind, times in sorted(seen.milliseconds.items()):
        print(f"  {kind:<7} {len(times):>7}   clock ms: p50 p95 p99 {percentiles(times)}   longest {max(times):.0f}")
    print(f"  memory of the server, MB (median of each third): {_thirds(seen.megabytes)}; most {max(seen.megabytes):.0f}", end="")
    print(f", {seen.most_megabytes:.0f} with the processes that it starts")
    print(f"    of which its own, files of the index and the columns that it has mapped apart: {_thirds(seen.own_megabytes)}")
    print(f"  imports ended, s: {', '.join(f'{each:.0f}' for each in seen.imports) or 'none'}")
    print("  processor, s: " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in seen.processor.items()))


def _thirds(series: list[float]) -> str:
    thirds = [series[at * len(series) // 3 : (at + 1) * len(series) // 3] for at in range(3)]
    return " → ".join(f"{statistics.median(each):.0f}" for each in thirds if each)


if __name__ == "__main__":
    main()
