"""The network to PostgreSQL drops midway and nothing says so: every packet is lost. In a network namespace, for root only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.postgresql_server import PostgresqlServer, running_server
from tests.torture.instance import Instance, until

pytestmark = [pytest.mark.torture, pytest.mark.postgresql]
TIMES = 5
NEAR, FAR, PORT = "10.231.77.1", "10.231.77.2", 5432
# in the other namespace: what comes by the network goes to the server's socket, which is a file
RELAY = """
import socket, sys, threading
def carry(a, b):
    try:
        while data := a.recv(65536): b.sendall(data)
    except OSError: pass
    b.close()
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
while True:
    client, _ = listener.accept()
    server = socket.socket(socket.AF_UNIX)
    server.connect(sys.argv[3])
    for pair in ((client, server), (server, client)): threading.Thread(target=carry, args=pair, daemon=True).start()
"""


@dataclass(frozen=True)
class Link:
    """The only way to the server."""

    name: str

    def cut(self) -> None:
        subprocess.run(["ip", "netns", "exec", self.name, "ip", "link", "set", f"{self.name}b", "down"], check=True)

    def mend(self) -> None:
        subprocess.run(["ip", "netns", "exec", self.name, "ip", "link", "set", f"{self.name}b", "up"], check=True)


@pytest.fixture
def postgresql() -> Iterator[PostgresqlServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def link(postgresql: PostgresqlServer) -> Iterator[Link]:
    name = f"relais{os.getpid() % 10_000}"
    ip = shutil.which("ip") or "ip"
    if not hasattr(os, "geteuid") or os.geteuid() or not shutil.which("ip"):
        pytest.skip("ce compte ne peut pas faire de réseau à part")
    if subprocess.run([ip, "netns", "add", name], capture_output=True, check=False).returncode:
        pytest.skip("cette machine ne permet pas de réseau à part")
    inside = [ip, "netns", "exec", name]
    relay = None
    try:
        for command in (
            [ip, "link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name],
            [ip, "addr", "add", f"{NEAR}/30", "dev", f"{name}a"],
            [ip, "link", "set", f"{name}a", "up"],
            [*inside, ip, "addr", "add", f"{FAR}/30", "dev", f"{name}b"],
            [*inside, ip, "link", "set", f"{name}b", "up"],
        ):
            subprocess.run(command, check=True)
        target = str(postgresql.folder / f".s.PGSQL.{PORT}")
        relay = subprocess.Popen([*inside, sys.executable, "-c", RELAY, FAR, str(PORT), target])
        time.sleep(1)
        yield Link(name)
    finally:
        if relay is not None:
            relay.kill()
            relay.wait()
        subprocess.run([ip, "netns", "del", name], check=False)
        subprocess.run([ip, "link", "del", f"{name}a"], capture_output=True, check=False)


def test_nobody_waits_for_ever_and_all_answers_once_it_is_back(
    postgresql: PostgresqlServer, link: Link, tmp_path: Path, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = postgresql.create_database().split("@/")[1].split("?")[0]
    instance = Instance(tmp_path / "data", {"RELAIS_DATABASE_URL": f"postgresql://relais@{FAR}:{PORT}/{database}"})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "cache").symlink_to(made / "cache")
    assert instance.run("demo").returncode == 0
    longest = 0.0
    with instance.served():
        for _ in range(TIMES):
            assert until(lambda: instance.get("/recherche?q=mission+locale")[0] == 200)
            link.cut()
            for path in ("/recherche?q=mission+locale", "/a-propos", "/sante"):
                began = time.monotonic()
                status, page = instance.get(path, patience=120)
                longest = max(longest, time.monotonic() - began)

                assert status == 503, (path, status)
                assert "quelques minutes" in page
            alive = instance.get("/sante/vivant")[0]
            link.mend()

            assert alive == 200
            assert until(lambda: instance.get("/sante")[0] == 200)
    with capsys.disabled():
        print(f"\nnetwork to PostgreSQL cut {TIMES} times; the longest answer took {longest:.0f} s")

    assert longest < 60
    assert "Traceback" not in instance.log.read_text()
