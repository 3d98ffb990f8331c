"""Many référents at once while an import runs: errors, time to answer, memory of the server's processes.

    python -m bench.load FOLDER [--database sqlite|postgresql] [--minutes M] [--visitors N] [--think S] [--rows R]

FOLDER is what the shared ``corpus.py`` wrote; its files are imported first. Each visitor asks, reads the answer, waits, and asks
again: three searches for one match. After a minute an import of R invented companies begins; when it ends, the next one changes
a tenth of them. What is told is of the time when an import runs. The visitors, the server and the import share this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
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
from tests.postgresql_server import running_server
from tests.serving import free_port

TARGET = "target: no error, p99 of search within 150 ms, memory flat"
_RELAIS = [sys.executable, "-m", "relais"]
_STUDENTS = (
    {"place": "35300 Fougères", "age": "16"},
    {"place": "93140 Bondy", "age": "18", "situation": "graduate", "occupations": "cuisinier", "paths": "internship"},
    {"place": "75018 Paris", "age": "19", "needs": "logement"},
    {"place": "15000 Aurillac", "age": "17", "mode": "transit", "max_minutes": "45"},
)
_PLACES = ("35300;Fougères", "93140;Bondy", "15000;Aurillac", "59000;Lille", "13001;Marseille")
_PATIENCE_S = 30


@dataclass
class Seen:
    """What the visitors saw, and what the processes weighed."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)
    megabytes: list[float] = field(default_factory=list)
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
    given = parser.parse_args()
    print(f"{given.visitors} visitors, {given.think:g} s between questions, {given.minutes:g} minutes; {TARGET}")
    questions = [asked.query.text for asked in read_questions(given.corpus) if asked.query.text]
    for database in given.database or ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="relais-load-") as folder, _database(database) as url:
            port = free_port()
            environ = {**os.environ, "RELAIS_DATA": f"{folder}/data", "RELAIS_PORT": str(port), "RELAIS_THEME": "neutre"}
            environ |= {"RELAIS_DATABASE_URL": url} if url else {}
            for source, names in FILES.items():
                files = [str(given.corpus / name) for name in names]
                subprocess.run([*_RELAIS, "import", source, *files], env=environ, check=True, capture_output=True)
            with _serving(environ) as server:
                seen = asyncio.run(_watch(given, questions, port, server, environ, Path(folder)))
            _tell(database, seen)


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """Its address; an empty text for SQLite in the data's folder."""
    if kind == "sqlite":
        yield ""
        return
    with running_server() as server:
        yield server.create_database()


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
    port: int,
    server: subprocess.Popen[bytes],
    environ: dict[str, str],
    folder: Path,
) -> Seen:
    seen = Seen()
    while (await _ask(port, "/sante"))[0] != 200:
        if server.poll() is not None:
            raise RuntimeError("the server stopped")
        await asyncio.sleep(0.5)
    ends = time.monotonic() + given.minutes * 60
    visitors = [_visit(seen, port, random.Random(number), questions, given.think, ends) for number in range(given.visitors)]
    await asyncio.gather(_import(seen, given.rows, environ, folder, ends), _weigh(seen, server.pid, ends), *visitors)
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


async def _import(seen: Seen, rows: int, environ: dict[str, str], folder: Path, ends: float) -> None:
    await asyncio.sleep(min(60, max(0, ends - time.monotonic()) / 10))
    for version in range(1_000):
        if time.monotonic() > ends - 5:
            return
        path = await asyncio.to_thread(_write_companies, folder / "companies.csv", rows, version)
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


def _write_companies(path: Path, rows: int, version: int) -> Path:
    """Invented companies; a tenth differs from a version to the next."""
    with path.open("w", encoding="utf-8") as file:
        file.write("id;siret;nom;code_postal;commune\n")
        for number in range(rows):
            changed = version if number % 10 == version % 10 else 0
            file.write(f"charge-{number};;Entreprise inventée {number} {changed};{_PLACES[number % len(_PLACES)]}\n")
    return path


async def _weigh(seen: Seen, pid: int, ends: float) -> None:
    """Every five seconds, the memory of the server's processes, each its share of what they share."""
    while time.monotonic() < ends:
        pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())]
        pages = [Path(f"/proc/{each}/smaps_rollup") for each in pids]
        shares = [re.search(r"^Pss:\s+(\d+)", page.read_text(encoding="ascii"), re.MULTILINE) for page in pages if page.exists()]
        seen.megabytes.append(sum(int(share[1]) for share in shares if share) / 1024)
        await asyncio.sleep(5)


def _tell(database: str, seen: Seen) -> None:
    answers = sum(map(len, seen.milliseconds.values()))
    print(f"\n{database}: {answers} answers while importing, {sum(seen.failures.values())} failures {dict(seen.failures) or ''}")
    for kind, times in sorted(seen.milliseconds.items()):
        print(f"  {kind:<7} {len(times):>7}   clock ms: p50 p95 p99 {percentiles(times)}   longest {max(times):.0f}")
    thirds = [seen.megabytes[at * len(seen.megabytes) // 3 : (at + 1) * len(seen.megabytes) // 3] for at in range(3)]
    told = " → ".join(f"{statistics.median(each):.0f}" for each in thirds if each)
    print(f"  memory of the server, MB (median of each third): {told}; most {max(seen.megabytes):.0f}")
    print(f"  imports ended, s: {', '.join(f'{each:.0f}' for each in seen.imports) or 'none'}")


if __name__ == "__main__":
    main()
