"""The colours that a site chooses for its widget, made readable: WCAG contrast is reached whatever was asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from directory.errors import InvalidQuery

Rgb = tuple[int, int, int]

READABLE = 4.5
"""Contrast of text, at least (WCAG 2.2, 1.4.3)."""
_VISIBLE = 3.0
"""Contrast of borders and marks, at least (1.4.11)."""
_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_BLACK, _WHITE, _STEPS = (0, 0, 0), (255, 255, 255), 20


@dataclass(frozen=True, slots=True)
class Colours:
    """Of links and buttons, of what is written on buttons, of the background, of the text, and of borders."""

    accent: Rgb
    on_accent: Rgb
    ground: Rgb
    text: Rgb
    border: Rgb

    def css(self) -> str:
        """The stylesheet that sets them."""
        named = {name.replace("_", "-"): getattr(self, name) for name in ("accent", "on_accent", "ground", "text", "border")}
        return ":root{" + ";".join(f"--w-{name}:{write_colour(colour)}" for name, colour in named.items()) + "}\n"


def choose_colours(accent: Rgb, ground: Rgb) -> Colours:
    """The colours asked; the accent goes as far towards the text as it takes to be read."""
    text = max((_BLACK, _WHITE), key=lambda colour: contrast(colour, ground))
    accent = _until(accent, text, ground, READABLE)
    return Colours(
        accent=accent,
        on_accent=max((_BLACK, _WHITE), key=lambda colour: contrast(colour, accent)),
        ground=ground,
        text=text,
        border=_until(ground, text, ground, _VISIBLE),
    )


def read_colour(name: str, text: str) -> Rgb | None:
    """A colour, ``#1d4f73`` or ``1d4f73``; None without a text.

    Raises:
        InvalidQuery: It is none.
    """
    if not text.strip():
        return None
    match = _HEX.fullmatch(text.strip())
    if match is None:
        raise InvalidQuery(name, repr(text[:40]), public=f"« {text[:40]} » n’est pas une couleur : écrire six chiffres, #1d4f73.")
    value = int(match.group(1), 16)
    return value >> 16, value >> 8 & 255, value & 255


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (c / 255 for c in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _until(colour: Rgb, towards: Rgb, ground: Rgb, least: float) -> Rgb:
    """The first colour from one towards another that stands out enough on a ground."""
    for step in range(_STEPS):
        mixed = _mix(colour, towards, step / _STEPS)
        if contrast(mixed, ground) >= least:
            return mixed
    return towards


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def write_colour(colour: Rgb) -> str:
    """A colour as stylesheets write it."""
    return "#" + "".join(f"{part:02x}" for part in colour)
