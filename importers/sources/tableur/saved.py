"""Mappings kept under a name, as TOML files that a person can read and change: ``relais import NAME FILE`` then reads by them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from importers.errors import ImporterError
from importers.source import sources
from importers.sources.tableur.guesses import Guess, Proposal
from importers.sources.tableur.proposal import french_share

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class NameRefused(ImporterError):
    """A mapping cannot be kept under this name."""


def folder_of(data: Path) -> Path:
    """Where the mappings are, in the folder of all local state."""
    return data / "mappings"


def list_mappings(data: Path) -> dict[str, Path]:
    """The mappings kept, by their name."""
    return {path.stem: path for path in sorted(folder_of(data).glob("*.toml")) if _NAME.fullmatch(path.stem)}


def find_mapping(data: Path, name: str) -> Path | None:
    """The mapping kept under a name; None when there is none."""
    return list_mappings(data).get(name.strip().lower().replace("_", "-"))


def save_mapping(data: Path, name: str, proposal: Proposal, file_name: str) -> Path:
    """Keep a proposal under a name; one that is kept already is never overwritten: somebody may have changed it.

    Raises:
        NameRefused: No such name can be, a source has it, or a mapping is kept under it.
    """
    if not _NAME.fullmatch(name):
        raise NameRefused(
            f"name {name!r}", public="Il faut un nom court en minuscules, chiffres et tirets (« partenaires-lycee »)."
        )
    if name.replace("-", "_") in sources():
        raise NameRefused(f"{name!r} is a source", public=f"« {name} » est déjà le nom d’une source : en choisir un autre.")
    path = folder_of(data) / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(mapping_text(name, proposal, file_name))
    except FileExistsError as error:
        raise NameRefused(
            f"{path} exists", public=f"Une correspondance « {name} » existe déjà ({path}) : la modifier, ou la supprimer."
        ) from error
    return path


def mapping_text(name: str, proposal: Proposal, file_name: str) -> str:
    """A proposal as the TOML of a mapping, each column with its confidence and reasons beside it."""
    table = proposal.to_table(name)
    lines = [f"# Proposée d’après « {_plain(file_name)} » ; à relire, puis : relais import {name} FICHIER"]
    lines.append(f"# Lue comme {_plain(proposal.why)}.")
    lines += [f"{key} = {_toml(table[key])}" for key in ("nom_source", "kind", "category", "feuille") if key in table]
    lines += ["# true : ce qu’une prochaine version du fichier ne contient plus a disparu", "complete = false"]
    unread = [guess for guess in proposal.guesses if not guess.field]
    lines += ["# colonnes lues par personne, exprès", f"ignorees = [{', '.join(_toml(guess.header) for guess in unread)}]", ""]
    lines.append("[colonnes]")
    for field, headers in proposal.columns().items():
        value = _toml(headers[0]) if len(headers) == 1 else f"{{ ensemble = [{', '.join(map(_toml, headers))}] }}"
        lines.append(f"{field} = {value}  # {_why(next(guess for guess in proposal.guesses if guess.header == headers[0]))}")
    lines += [f"# non lue : {_plain(guess.header)} ({_why(guess)})" for guess in unread]
    return "\n".join(lines) + "\n"


def _why(guess: Guess) -> str:
    return _plain(
        f"{french_share(guess.confidence)} : {' ; '.join(guess.reasons)}" if guess.confidence else " ; ".join(guess.reasons)
    )


def _toml(value: object) -> str:
    """A text as a TOML basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]+", " ", text)
