"""An upgrade as docs/operating.md says: the next version is started beside, migrates, and takes over; nobody waits."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from directory.database import SCHEMA
from tests.serving import free_port
from tests.torture.asking import ask, wait_for

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("directory", "matching", "importers", "web", "relais")
pytestmark = pytest.mark.torture
NEXT = "9999"
MIGRATION = f'''
from alembic import op
import sqlalchemy as sa

revision, down_revision = "{NEXT}", "{SCHEMA}"


def upgrade() -> None:
    op.add_column("import_run", sa.Column("of_next_version", sa.Text, nullable=True))


def downgrade() -> None:
    op.drop_column("import_run", "of_next_version")
'''


def next_version(folder: Path) -> Path:
    """This program with one migration more."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "directory/migrations/versions/9999_next.py").write_text(MIGRATION, encoding="utf-8")
    opening = folder / "directory/database.py"
    changed, times = re.subn(
        rf'^SCHEMA = "{SCHEMA}"$', f'SCHEMA = "{NEXT}"', opening.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert times == 1
    opening.write_text(changed, encoding="utf-8")
    return folder


@dataclass
class Visitors:
    """Who asks all along, as a proxy does: the first server that takes the connection."""

    servers: list[str]
    paths: list[str]
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def visit(self) -> None:
        while not self.over.is_set():
            for path in self.paths:
                for server in self.servers:
                    status = ask(server + path)[0]
                    if status:
                        break
                self.seen[path.split("?")[0], status] += 1
                time.sleep(0.02)


def serve(code: Path, environ: dict[str, str], port: int, log: Path) -> subprocess.Popen[bytes]:
    given = {**os.environ, **environ, "RELAIS_PORT": str(port), "PYTHONPATH": str(code)}
    with log.open("wb") as written:
        return subprocess.Popen([sys.executable, "-m", "relais", "serve"], cwd=code, env=given, stdout=written, stderr=written)


def test_nobody_waits_for_an_upgrade(database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ports = free_port(), free_port()
    first, second = (f"http://127.0.0.1:{port}" for port in ports)
    common = {"RELAIS_DATABASE_URL": database_url, "RELAIS_THEME": "neutre", "RELAIS_API_ANONYMOUS": "1000000/minute"}
    old, new = ({**common, "RELAIS_DATA": str(tmp_path / name)} for name in ("old", "new"))
    code = next_version(tmp_path / "code")
    subprocess.run([sys.executable, "-m", "relais", "demo"], cwd=ROOT, env={**os.environ, **old}, check=True, capture_output=True)
    serving = serve(ROOT, old, ports[0], tmp_path / "old.log")
    later: subprocess.Popen[bytes] | None = None
    visitors = Visitors([first, second], ["/recherche?q=mission+locale", "/api/v1/recherche?q=cio", "/a-propos"])
    try:
        assert wait_for(f"{first}/sante", 200), (tmp_path / "old.log").read_text()
        threads = [threading.Thread(target=visitors.visit) for _ in range(3)]
        for thread in threads:
            thread.start()
        later = serve(code, new, ports[1], tmp_path / "new.log")
        assert wait_for(f"{second}/sante", 200), (tmp_path / "new.log").read_text()
        time.sleep(3)  # both answer, on the new schema
        both = ask(f"{first}/recherche?q=mission+locale")[0], ask(f"{second}/recherche?q=mission+locale")[0]
        serving.send_signal(signal.SIGTERM)
        serving.wait(30)
        time.sleep(2)
        visitors.over.set()
        for thread in threads:
            thread.join()
    finally:
        visitors.over.set()
        for process in (serving, later):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(30)
    with capsys.disabled():
        print(f"\nupgrade on {database_url.partition(':')[0]}: {sum(visitors.seen.values())} answers, {dict(visitors.seen)}")

    assert both == (200, 200)
    assert {status for _, status in visitors.seen} == {200}
    assert serving.returncode == 0
