"""The policy: what each criterion weighs in each section (``data/weights.toml``, or an académie's own file over it)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from directory.vocabulary import Kind
from matching.criteria import CRITERIA
from matching.errors import PolicyError
from matching.fields import meant, nearest
from matching.question import Question

Policy = Mapping[Kind, Mapping[str, float]]
SECTIONS = {Kind.PARTNER: "partners", Kind.SCHEME: "schemes", Kind.COMPANY: "companies", Kind.EVENT: "events"}
"""How each kind is named in the policy's file, and in the answer's JSON."""
_MAX_BYTES = 100_000


@cache
def default_policy() -> Policy:
    """The policy that ships with the program."""
    text = resources.files("matching").joinpath("data", "weights.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return {kind: table[name] for kind, name in SECTIONS.items()}


def read_policy(path: Path | None = None) -> Policy:
    """The policy of an académie's file over the default one; the default one without a file. Read again when the file changes.

    Raises:
        PolicyError: The file cannot be read, names no section or criterion, or gives a weight that is no policy; names the field.
    """
    if path is None:
        return default_policy()
    try:
        stat = path.stat()
    except OSError as error:
        raise PolicyError(
            "RELAIS_WEIGHTS", str(error), public=f"Le fichier des poids {path} est introuvable ou illisible."
        ) from error
    if stat.st_size > _MAX_BYTES:
        raise PolicyError(
            "RELAIS_WEIGHTS", "too large", public=f"Le fichier des poids {path.name} est trop gros pour en être un."
        )
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=4)
def _read(path: Path, _mtime: int, _size: int) -> Policy:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(
            "RELAIS_WEIGHTS", str(error), public=f"Le fichier des poids {path} est introuvable ou illisible."
        ) from error
    except ValueError as error:  # not UTF-8, or not TOML
        raise PolicyError(
            "RELAIS_WEIGHTS", str(error), public=f"Le fichier des poids {path.name} n’est pas du TOML en UTF-8."
        ) from error
    return parse_policy(table)


def parse_policy(table: Mapping[str, Any]) -> Policy:
    """The policy of a table of sections (``partners``, ``schemes``, ``companies``, ``events``) over the default one.

    Raises:
        PolicyError: An unknown section or criterion, a weight that is not a number of 0 or more, a section that sums to zero.
    """
    for name in table:
        if name not in SECTIONS.values():
            public = f"Section inconnue dans les poids : « {name[:80]} ».{meant(name, tuple(SECTIONS.values()))}"
            raise PolicyError(name[:80], "unknown section", public=public)
    return {kind: _section(name, table.get(name, {}), default_policy()[kind]) for kind, name in SECTIONS.items()}


def _section(section: str, given: Any, usual: Mapping[str, float]) -> Mapping[str, float]:
    if not isinstance(given, Mapping):
        raise PolicyError(section, "not a table", public=f"« {section} » doit être une section de poids ([{section}]).")
    for name, weight in given.items():
        field = f"{section}.{name[:80]}"
        if name not in CRITERIA:
            hint = (
                meant(name, tuple(usual)) if nearest(name, tuple(usual)) else f" Critères de cette section : {', '.join(usual)}."
            )
            raise PolicyError(field, "unknown criterion", public=f"Critère inconnu dans les poids : « {field} ».{hint}")
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight) or not 0 <= weight <= 1e6:
            raise PolicyError(field, f"{weight!r} is no weight", public=f"« {field} » doit être un nombre positif ou nul.")
    merged = {**usual, **given}
    if not sum(merged.values()) > 0:
        raise PolicyError(section, "sums to zero", public=f"Les poids de « {section} » sont tous nuls : il en faut au moins un.")
    return merged


def weights_for(question: Question, kind: Kind) -> dict[str, float]:
    """Shares of the criteria that apply to a question, summing to 1, in the order an answer shows them.

    When none of those that apply has a weight, they count alike.
    """
    policy = question.policy[kind]
    applying = [criterion.id for criterion in CRITERIA.values() if policy.get(criterion.id) and criterion.applies(question)]
    if not applying:
        applying = [criterion.id for criterion in CRITERIA.values() if criterion.id in policy and criterion.applies(question)]
        return dict.fromkeys(applying, 1 / len(applying))
    total = sum(policy[name] for name in applying)
    return {name: policy[name] / total for name in applying}
