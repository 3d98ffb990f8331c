"""Texts of a cell: without control characters and markup, mended where an encoding was misread, if that is certain."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

import ftfy
import nh3

from importers.values.reading import Reading

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NOTHING = re.compile(
    r"(?:[-–—./\\_*?\s]+|x+|n[./ ]?[cdra]\.?|nsp|neant|aucune?s?|sans|sans objet|so|inconnue?s?|vide|null|none|nan"
    r"|non (?:communique|renseigne|connu)e?s?|pas (?:de|d)\b.{0,30}|#n/?[ad]!?|#ref!|#valeur!|#value!)"
)


def tidy(text: str) -> str:
    """The text on one line: NFC, single spaces (non-breaking ones kept out), neither control nor invisible characters."""
    return " ".join(visible(text).split())


def tidy_lines(text: str) -> str:
    """The text with its lines kept, each tidied, and at most one empty line in a row."""
    lines = "\n".join(" ".join(line.split()) for line in visible(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def visible(text: str) -> str:
    """The text in NFC, without what cannot be seen."""
    if text.isprintable():  # then neither control nor format character is in it: most cells end here
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    return _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def unaccented(text: str) -> str:
    """The text in lower case without accents, its punctuation kept, for patterns."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'").replace("‘", "'").replace("œ", "oe"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def says_nothing(text: str) -> bool:
    """Whether a cell says that there is nothing to say (« néant », « NC », « - », « #N/A »)."""
    return len(text) <= 60 and _NOTHING.fullmatch(unaccented(tidy(text))) is not None


_BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]{0,200}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]{0,15}(?:\s[^<>]{0,500})?/?>|<!--", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[a-z][a-z0-9]{1,15}|#\d{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)


def clean_html(text: str) -> str:
    """Plain text of an HTML fragment: no tag, no script, entities read (twice encoded ones too), paragraphs as lines."""
    marked = _BREAKS.sub("\n", text)
    plain = html.unescape(nh3.clean(marked, tags=set(), clean_content_tags={"script", "style"}))
    if _ENTITY.search(plain):
        plain = html.unescape(plain)
    return tidy_lines(plain)


def has_markup(text: str) -> bool:
    """Whether a text holds HTML tags."""
    return "<" in text and _TAG.search(text) is not None


# What ftfy may change: characters that an encoding misread. Typography, width and case are the publisher's own.
_MOJIBAKE_ONLY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=False,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    fix_surrogates=False,
    remove_control_chars=False,
    fix_c1_controls=False,
    normalization=None,
)
_SUSPECT = re.compile(r"[ÃÂâÅ�\x80-\x9f&]|\w\?\w|\?\?")
# Bytes of cp1252 read as Latin-1: punctuation and œ, which have no letter to be mistaken for.
_C1 = {code: bytes([code]).decode("cp1252") for code in (0x85, 0x8C, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0x9C, 0x80)}
_MAC, _MAC_READ = re.compile(r"[\x80-\x9f]"), re.compile(r"[ŽžŠšŸƒ]")
_LETTERS_LOST = "Des lettres sont perdues : le texte est gardé tel quel."
_LOST = re.compile(r"[\ufffd\x80-\x9f]")
_QUESTIONED = re.compile(r"[a-zà-ÿ]\?[a-zà-ÿ]|\b[dlnDLN]\?[aeiouyhAEIOUYHÀ-ÿ][a-zà-ÿ]|\b\?[a-zà-ÿ]{3,}")
_LONGEST_MENDED = 50_000
_MOST_ENCODED = 5  # times an entity is encoded over
_WEB = re.compile(r"https?:|www\.|\w\?\w+=")


def mend(text: str) -> Reading[str]:
    """A text whose accents an encoding destroyed, repaired where it is certain; told where it is not, and left as it is.

    Certain is what one more reading as UTF-8 explains whole (« Ã©cole »), and entities (« &eacute;cole ») outside of markup. A
    replacement character or a question mark inside a word has lost its letter: nobody can say which. A text longer than any that
    people write is left alone: mending costs time that grows with it.
    """
    if not may_be_broken(text):
        return Reading(text)
    if text[:1] in {"{", "["}:  # JSON in a cell: entities and question marks are its values' own affair
        return Reading(text if text.isascii() else _settled(text, lambda each: ftfy.fix_text(each, _MOJIBAKE_ONLY)))
    if _MAC.search(text) and not _MAC_READ.search(text):
        fixed = ftfy.fix_text(text, _MOJIBAKE_ONLY)
        if _MAC_READ.search(fixed):  # « S\x8ebastien » may be cp1252 or Mac Roman
            return Reading(text, doubts=(_LETTERS_LOST,))
    mended = _settled(text, _mended_once)
    if _LOST.search(mended):
        return Reading(mended, doubts=(_LETTERS_LOST,))
    if _QUESTIONED.search(mended) and not _WEB.search(mended):
        return Reading(mended, doubts=("Un « ? » tient sans doute la place d’une lettre perdue : le texte est gardé tel quel.",))
    notes = () if mended == text else ("Accents abîmés par un changement d’encodage : réparés.",)
    return Reading(mended, notes=notes)


def may_be_broken(text: str) -> bool:
    """Whether ``mend`` has anything to look at: a quick look, which most cells end with."""
    if text.isascii() and "&" not in text and "?" not in text:
        return False
    return len(text) <= _LONGEST_MENDED and _SUSPECT.search(text) is not None


def _mended_once(text: str) -> str:
    return _unescaped(ftfy.fix_text(text, _MOJIBAKE_ONLY) if not text.isascii() else text).translate(_C1)


def _settled(text: str, mending: Callable[[str], str]) -> str:
    """A text mended until nothing more changes: what one mending uncovers, the next one reads."""
    for _ in range(_MOST_ENCODED):
        mended = mending(text)
        if mended == text:
            break
        text = mended
    return text


def _unescaped(text: str) -> str:
    """Entities read, also encoded several times over; those of a fragment of HTML are left to ``clean_html``."""
    for _ in range(_MOST_ENCODED):
        if "<" in text or not _ENTITY.search(text):
            break
        plain = html.unescape(text)
        if plain == text or "<" in plain:
            break
        text = plain
    return text
