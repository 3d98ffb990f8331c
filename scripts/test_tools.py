"""Installs what the tests need beyond Python, where this machine allows it, and says what will be skipped otherwise.

Run by ``make test``. Never fails: a test that lacks its tool is skipped by name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

from assets import AssetsFailed, find_npm, run

# what WeasyPrint loads (Debian’s Chromium brings most of it)
PANGO = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MODULES = Path(__file__).resolve().parent.parent / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
MEILISEARCH = MODULES / "@gaubee" / "meilisearch-linux-amd64" / "meilisearch"
POSTGRESQL = MODULES / "@embedded-postgres" / "linux-x64" / "native" / "bin" / "initdb"


def main() -> int:
    """Install Chromium, Pango and Redis if they are absent and can be; tell what is missing."""
    if not any(map(shutil.which, CHROMIUM)):
        reason = install("chromium") or ("" if any(map(shutil.which, CHROMIUM)) else "apt-get ne l’a pas installé")
        if reason:
            tell(f"Chromium absent ({reason}) : les tests marqués « browser » seront passés.")
    if not has_pango() and (reason := install(*PANGO)):
        tell(f"Pango absent ({reason}) : les tests qui font un PDF seront passés.")
    if not shutil.which("redis-server") and (reason := install("redis-server")):
        tell(f"Redis absent ({reason}) : les tests marqués « redis » seront passés.")
    reason = install_packages()
    if not AXE.is_file():
        tell(f"axe-core absent ({reason}) : les tests d’accessibilité seront passés.")
    if not MEILISEARCH.is_file():
        tell(f"Meilisearch absent ({reason}) : les tests marqués « meilisearch » seront passés.")
    if not POSTGRESQL.is_file() and not shutil.which("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        tell(f"PostgreSQL absent ({reason}) : les tests marqués « postgresql » seront passés.")
    return 0


def install_packages() -> str:
    """Install the npm packages that only the tests need. Returns why they could not be, or an empty text."""
    if AXE.is_file() and MEILISEARCH.is_file() and POSTGRESQL.is_file():
        return ""
    tell("Téléchargement d’axe-core, de Meilisearch et de PostgreSQL pour les tests (npm)…")
    try:
        run([find_npm(), "ci", "--loglevel=error", "--no-progress"], "npm ci a échoué")
    except (AssetsFailed, OSError) as error:
        return str(error)
    return "ce système n’est pas Linux sur x86-64"


def has_pango() -> bool:
    """Whether WeasyPrint finds the libraries that it draws with."""
    return all(map(find_library, ("gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz-subset")))


def install(*packages: str) -> str:
    """Install packages of Debian. Returns why they could not be, or an empty text."""
    if not shutil.which("apt-get"):
        return "ce système n’a pas apt-get"
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return f"il faut être root pour l’installer : apt-get install {' '.join(packages)}"
    tell(f"Installation de {' '.join(packages)} pour les tests…")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
        except subprocess.TimeoutExpired:
            return f"{' '.join(command)} : plus de quatre minutes"
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            return f"{' '.join(command)} : {lines[-1] if lines else done.returncode}"
    return ""


def tell(text: str) -> None:
    """Say it where progress is said."""
    print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
