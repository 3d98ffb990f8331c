"""Reading the fields of a JSON profile, each with its dotted name for messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from rapidfuzz import fuzz, process, utils

from directory.text import fold
from matching.errors import ProfileError

MAX_ITEMS = 50
MAX_TEXT = 300


def check_names(data: Mapping[str, Any], allowed: Collection[str], within: str = "") -> None:
    """Refuse a field that no profile has: a typing mistake must not be silent.

    Raises:
        ProfileError: Names the first unknown field, and the one it resembles.
    """
    for name in data:
        if name not in allowed:
            field = f"{within}.{name}" if within else str(name)
            raise ProfileError(
                field[:MAX_TEXT],
                "unknown field",
                public=f"Champ inconnu dans le profil : « {field[:MAX_TEXT]} ».{_field_meant(str(name), allowed)}",
                suggestions=_nearest_fields(str(name), allowed),
            )


_SAID_OTHERWISE = {
    ("rqth", "handicap", "mdph"): 'Pour une RQTH : « "publics": ["personnes-en-situation-de-handicap"] ».',
    ("qpv",): 'Pour un quartier prioritaire : « "publics": ["residents-qpv-frr"] ».',
    ("prenom", "nom", "name", "ine", "email", "telephone"): "Un profil ne porte ni nom, ni INE, ni coordonnées.",
}
"""What is often given as a field of its own, and how a profile says it."""
_LIKE = 72
"""Least resemblance (0 to 100) of a mistyped field's name: below, another name would mislead."""


def _nearest_fields(name: str, allowed: Collection[str]) -> tuple[str, ...]:
    found = process.extract(
        name[:MAX_TEXT], list(allowed), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_LIKE, limit=3
    )
    return tuple(choice for choice, _, _ in found)


def _field_meant(name: str, allowed: Collection[str]) -> str:
    """The field that a mistyped name resembles, else how a profile says it, else the fields there are."""
    folded = utils.default_process(fold(name))
    for words, text in _SAID_OTHERWISE.items():
        if folded in words:
            return f" {text}"
    near = _nearest_fields(name, allowed)
    if near:
        return f" Vouliez-vous dire {' ou '.join(f'« {choice} »' for choice in near)} ?"
    return f" Champs possibles : {', '.join(sorted(allowed))}."


def nearest(text: str, choices: Collection[str], limit: int = 3) -> tuple[str, ...]:
    """The choices that a mistyped text resembles, best first."""
    found = process.extract(
        text[:MAX_TEXT], list(choices), scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=60, limit=limit
    )
    return tuple(choice for choice, _, _ in found)


def meant(text: str, choices: Collection[str]) -> str:
    """« Vouliez-vous dire … ? » with the nearest choices, or all of a short list, or nothing."""
    near = nearest(text, choices)
    if near:
        return f" Vouliez-vous dire {' ou '.join(f'« {choice} »' for choice in near)} ?"
    return f" Valeurs possibles : {', '.join(choices)}." if len(choices) <= 20 else ""


def take_object(data: Mapping[str, Any], name: str, allowed: Collection[str]) -> Mapping[str, Any]:
    """An object of the profile, its own names checked; empty when absent."""
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ProfileError(name, "not an object", public=f"« {name} » doit être un objet JSON ({{…}}).")
    check_names(value, allowed, name)
    return value


def take_text(data: Mapping[str, Any], name: str, field: str = "") -> str:
    """A short text, stripped; empty when absent."""
    field = field or name
    value = data.get(name)
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ProfileError(
            field, "a number", public=f"« {field} » doit être un texte : mettre {str(value)[:40]} entre guillemets droits."
        )
    if not isinstance(value, str):
        raise ProfileError(field, "not a text", public=f"« {field} » doit être un texte, entre guillemets droits.")
    if len(value) > MAX_TEXT:
        raise ProfileError(field, "too long", public=f"« {field} » est trop long : {MAX_TEXT} caractères au plus.")
    return value.strip()


def take_texts(data: Mapping[str, Any], name: str, field: str = "") -> tuple[str, ...]:
    """A list of short texts, without repetition."""
    field = field or name
    value = data.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_ITEMS or not all(isinstance(v, str) and len(v) <= MAX_TEXT for v in value):
        raise ProfileError(
            field, "not a list of texts", public=f"« {field} » doit être une liste de textes ({MAX_ITEMS} au plus)."
        )
    return tuple(dict.fromkeys(text.strip() for text in value if text.strip()))


def take_choice(data: Mapping[str, Any], name: str, choices: Collection[str], field: str = "") -> str | None:
    """One of a few words; None when absent."""
    field = field or name
    text = take_text(data, name, field)
    if not text:
        return None
    if text not in choices:
        raise ProfileError(
            field,
            f"{text!r} is not one of {sorted(choices)}",
            public=f"« {text} » n’est pas une valeur de « {field} ».{meant(text, choices)}",
            suggestions=nearest(text, choices),
        )
    return text


def take_choices(data: Mapping[str, Any], name: str, choices: Collection[str], field: str = "") -> tuple[str, ...]:
    """Several words of a vocabulary."""
    field = field or name
    texts = take_texts(data, name, field)
    for position, text in enumerate(texts):
        take_choice({name: text}, name, choices, f"{field}[{position}]")
    return texts


def take_integer(
    data: Mapping[str, Any], name: str, low: int, high: int, field: str = "", beyond: int | None = None
) -> int | None:
    """An integer within bounds; None when absent.

    Args:
        data: The object.
        name: The name in it.
        low: Least value, as messages tell it.
        high: Greatest value, as messages tell it.
        field: Dotted name for messages.
        beyond: Where the caller itself judges what is below ``low`` or above ``high``: integers from 0 to this are let through.
    """
    field = field or name
    value = data.get(name)
    if value is None:
        return None
    lowest, highest = (low, high) if beyond is None else (0, beyond)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        hint = " (sans guillemets)" if isinstance(value, str) else ""
        raise ProfileError(
            field,
            f"not an integer of {low}..{high}",
            public=f"« {field} » doit être un nombre entier entre {low} et {high}{hint}.",
        )
    return value


def take_bool(data: Mapping[str, Any], name: str, field: str = "") -> bool | None:
    """A yes or a no; None when absent."""
    value = data.get(name)
    if value is None or isinstance(value, bool):
        return value
    field = field or name
    raise ProfileError(field, "not a boolean", public=f"« {field} » doit être true ou false.")


def take_date(data: Mapping[str, Any], name: str, field: str = "") -> date | None:
    """A day written YYYY-MM-DD; None when absent."""
    field = field or name
    text = take_text(data, name, field)
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, of no time zone
    except ValueError as error:
        raise ProfileError(
            field, f"{text!r} is not a date", public=f"« {text} » n’est pas une date possible pour « {field} » (AAAA-MM-JJ)."
        ) from error
