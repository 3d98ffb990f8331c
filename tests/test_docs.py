"""What the documents say is there: their links, their headings, the commands that they name."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click

from relais.cli import relais

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    ROOT / name
    for name in subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
)
_LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
_COMMAND = re.compile(r"`relais ([a-z][a-z-]*)(?: ([a-z]+))?")


def anchors(path: Path) -> set[str]:
    """The anchors that a forge gives to a document's headings."""
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-") for heading in headings}


def links() -> Iterator[tuple[Path, str]]:
    for path in DOCUMENTS:
        text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        yield from ((path, target) for target in _LINK.findall(text))


def test_every_link_between_documents_leads_somewhere() -> None:
    dead = []
    for path, target in links():
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        aimed = (path.parent / name).resolve() if name else path
        if not aimed.exists() or (anchor and anchor not in anchors(aimed)):
            dead.append(f"{path.relative_to(ROOT)} → {target}")

    assert not dead


def test_every_file_that_a_document_names_is_there() -> None:
    named = re.compile(r"`((?:tests|docs|scripts|bench|directory|importers|matching|relais|web)/[\w/.-]+)`")
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in DOCUMENTS
        for name in named.findall(path.read_text(encoding="utf-8"))
        if not (ROOT / name).exists() and path.name != "CHANGELOG.md"
    ]

    assert not lost


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        reached.add(path)
        for source, target in links():
            aimed = (source.parent / target.partition("#")[0]).resolve()
            if source == path and not re.match(r"[a-z]+:", target):
                waiting += sorted(aimed.glob("*.md")) if aimed.is_dir() else [aimed] if aimed.suffix == ".md" else []

    beside = {ROOT / "CHANGELOG.md"}
    assert {path.relative_to(ROOT) for path in set(DOCUMENTS) - reached - beside} == set()


def test_every_command_that_a_document_names_exists() -> None:
    unknown = set()
    for path in DOCUMENTS:
        for name, under in _COMMAND.findall(path.read_text(encoding="utf-8")):
            command = relais.commands.get(name)
            if command is None or (under and isinstance(command, click.Group) and under not in command.commands):
                unknown.add(f"{path.relative_to(ROOT)}: relais {name} {under}".rstrip())

    assert not unknown


def test_every_command_is_in_the_table_of_operating() -> None:
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")

    assert {name for name in relais.commands if f"`relais {name}" not in text} == set()
