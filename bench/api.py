"""Figures of the search API behind the production server, with a bare page and Meilisearch asked directly, in one run.

    python -m bench.api FOLDER [--questions N] [--seconds S]

FOLDER is what the shared ``corpus.py`` wrote. Needs ``wrk`` (Debian's package). Two workers of four threads; each server is asked
the same questions in the same order, in turn, at 2 and at 100 connections, in a closed loop.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench.corpus import Asked, read_documents, read_questions
from directory.search.embedded import EmbeddedIndex
from directory.search.meilisearch import MeilisearchIndex
from directory.settings import read_settings
from relais.services import build_services
from tests.meilisearch_server import BINARY, running_meilisearch
from tests.serving import free_port

_CONNECTIONS = (2, 100)
_UID = "bench"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked: its address, and the script by which wrk asks it."""

    name: str
    url: str
    script: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What wrk measured: milliseconds, requests a second, and answers that are no 2xx or did not come."""

    p50: float
    p99: float
    rate: float
    errors: int


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--seconds", type=int, default=15)
    given = parser.parse_args()
    if shutil.which("wrk") is None:
        print("no wrk on this machine (apt-get install wrk): nothing measured")
        return
    questions = [asked for asked in read_questions(given.folder) if asked.query.text][: given.questions]
    with tempfile.TemporaryDirectory(prefix="relais-api-") as name, ExitStack() as stack:
        folder = Path(name)
        targets = [stack.enter_context(_bare()), *_serve_api(folder, given.folder, questions, stack)]
        if BINARY.is_file():
            targets.append(stack.enter_context(_meilisearch(given.folder, questions)))
        _print_table(targets, folder, given.seconds)


def _print_table(targets: Sequence[Target], folder: Path, seconds: int) -> None:
    print(f"{'connections':>11}  {'asked':<34} {'p50 ms':>8} {'p99 ms':>8} {'req/s':>8} {'errors':>7} {'of bare':>8}")
    for connections in _CONNECTIONS:
        bare = 0.0
        for target in targets:
            _measure(target, folder, connections, 3)  # warms
            found = _measure(target, folder, connections, seconds)
            bare = bare or found.rate
            print(
                f"{connections:>11}  {target.name:<34} {found.p50:8.2f} {found.p99:8.2f} {found.rate:8.0f} {found.errors:7}"
                f" {found.rate / bare:8.3f}",
                flush=True,
            )


def _measure(target: Target, folder: Path, connections: int, seconds: int) -> Figures:
    script = folder / "ask.lua"
    script.write_text(target.script + _REPORT, encoding="utf-8")
    threads = min(2, connections)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), target.url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"FIGURES (\S+) (\S+) (\S+) (\S+)", said)
    if match is None:
        raise RuntimeError(said)
    p50, p99, rate, errors = map(float, match.groups())
    return Figures(p50, p99, rate, int(errors))


_REPORT = """
done = function(summary, latency, requests)
  local bad = summary.errors
  local count = bad.connect + bad.read + bad.write + bad.status + bad.timeout
  io.write(string.format("FIGURES %.3f %.3f %.3f %d\\n", latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests / (summary.duration / 1000000), count))
end
"""


# ---------------------------------------------------------------- what is asked


@contextmanager
def _bare() -> Iterator[Target]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "--threads", "4", "-k", "gthread", "-b", f"127.0.0.1:{port}"]
    with running([*command, "bench.bare:app"], {}, f"http://127.0.0.1:{port}/"):
        yield Target("a bare Flask page", f"http://127.0.0.1:{port}/", "")


def _serve_api(folder: Path, corpus: Path, questions: Sequence[Asked], stack: ExitStack) -> Iterator[Target]:
    """The production server on an index of the corpus. Hits need no more than the index: the database stays empty."""
    data = folder / "data"
    services = build_services(read_settings({"RELAIS_DATA": str(data)}))
    EmbeddedIndex(services.settings.index_path).rebuild(read_documents(corpus), services.repository.revision())
    port = free_port()
    environ = {
        "RELAIS_DATA": str(data),
        "RELAIS_PORT": str(port),
        "RELAIS_WORKERS": "2",
        "RELAIS_API_ANONYMOUS": "100000000/minute",
    }
    address = f"http://127.0.0.1:{port}"
    stack.enter_context(running([sys.executable, "-m", "relais", "serve"], environ, f"{address}/sante"))
    plain = [f"/api/v1/recherche?{urlencode({'q': asked.query.text, 'facettes': 'non'})}" for asked in questions]
    yield Target("search API", address, _get(plain))
    yield Target("search API, facets counted", address, _get([path.replace("&facettes=non", "") for path in plain]))


@contextmanager
def _meilisearch(corpus: Path, questions: Sequence[Asked]) -> Iterator[Target]:
    with running_meilisearch() as server:
        index = MeilisearchIndex(server.url, server.key, uid=_UID)
        index.rebuild(read_documents(corpus), 0)
        bodies = [json.dumps({"q": asked.query.text, "limit": 20}) for asked in questions]
        yield Target("Meilisearch, asked directly", f"{server.url}/indexes/{index.uid}/search", _post(bodies, server.key))


def _get(paths: Sequence[str]) -> str:
    ask = "request = function() i = i % #asked + 1; return wrk.format('GET', asked[i]) end"
    return f"local asked = {_lua(paths)}\n{_APART}{ask}\n"


def _post(bodies: Sequence[str], key: str) -> str:
    return (
        f"local asked = {_lua(bodies)}\n{_APART}"
        f"wrk.headers['Content-Type'] = 'application/json'\nwrk.headers['Authorization'] = 'Bearer {key}'\n"
        "request = function() i = i % #asked + 1; return wrk.format('POST', nil, nil, asked[i]) end\n"
    )


# wrk's two threads begin half the questions apart: none is asked twice in a row
_APART = """
local i, threads = 0, 0
setup = function(thread) thread:set("rank", threads); threads = threads + 1 end
init = function() i = math.floor(rank * #asked / 2) end
"""


def _lua(texts: Sequence[str]) -> str:
    return "{" + ",".join("[==[" + text + "]==]" for text in texts if "]==]" not in text) + "}"


@contextmanager
def running(command: Sequence[str], environ: dict[str, str], address: str) -> Iterator[None]:
    """A server, from the moment that an address of it answers."""
    with subprocess.Popen(command, env={**os.environ, **environ}, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(address)
            yield
        finally:
            server.send_signal(signal.SIGTERM)


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not answer within a minute")


if __name__ == "__main__":
    main()
