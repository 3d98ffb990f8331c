"""One object of data·inclusion and its values, each read once: what is clean passes quickly, the rest is repaired or doubted."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from directory.errors import InvalidValue
from directory.models.record import Contact
from importers.row import Row
from importers.run import Run
from importers.values import clean_html, parse_email, parse_phones, parse_url, tidy

T = TypeVar("T")
_E164 = re.compile(r"\+33[1-9]\d{8}")
_OVERSEAS = re.compile(r"\+33(?:262|263|269|590|594|596|63[89]|69[0-9])")
_EMAIL = re.compile(r"[a-z0-9._+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}")
_MARKUP = re.compile(r"<[a-zA-Z/!]|&(?:[a-zA-Z]{2,8}|#\d{1,6});")
_LONGEST = 500_000


class Item:
    """One structure or service as it was published.

    Attributes:
        values: Column → value.
        line: 1-based line or rank in its file.
        record_id: Its id here, for the doubts.
    """

    __slots__ = ("_origins", "_raw", "_row", "_run", "line", "record_id", "values")

    def __init__(self, run: Run, values: Mapping[str, Any], line: int, origins: Mapping[str, tuple[str, ...]]) -> None:
        self.values = values
        self.line = line
        self.record_id = ""
        self._run = run
        self._origins = origins
        self._raw: dict[str, str] | None = None
        self._row: Row | None = None

    @property
    def raw(self) -> dict[str, str]:
        """Column → text, as it is kept."""
        if self._raw is None:
            self._raw = {
                name: value if type(value) is str else "" if value is None else _text(value)
                for name, value in self.values.items()
            }
        return self._raw

    @property
    def row(self) -> Row:
        """The object as a row, for what needs one: a doubt, a place to be understood."""
        if self._row is None:
            self._row = Row(self.raw, self.line)
            self._row.origins = dict(self._origins)
        return self._row

    def doubt(self, column: str, value: object, message: str) -> None:
        """Leave a value out, and say so (French)."""
        self._run.doubt(self.row, column, value if isinstance(value, str) else _text(value), message, record_id=self.record_id)

    def refuse(self, column: str, message: str) -> None:
        """Set the object aside, whole."""
        self._run.refuse(self.row, column, self.raw.get(column, ""), message, record_id=self.record_id)

    def text(self, column: str) -> str:
        """A text on one line, without control characters; empty when there is none."""
        value = self.values.get(column)
        if not value and value != 0:
            return ""
        text = value if isinstance(value, str) else _text(value)
        if text.isprintable() and "  " not in text and unicodedata.is_normalized("NFC", text):
            return text.strip()
        return tidy(text)

    def lines(self, column: str, most: int) -> str:
        """A text with its lines, without markup; one that is too long is cut at a word, which is noted."""
        value = self.values.get(column)
        if not value:
            return ""
        text = value if isinstance(value, str) else _text(value)
        if not text.isprintable() or _MARKUP.search(text) or not unicodedata.is_normalized("NFC", text):
            text = clean_html(text[:_LONGEST])
        if len(text) > most:
            self._run.note(
                column, text[:80], f"Texte de plus de {most} caractères : coupé, entier dans l’original.", line=self.line
            )
            text = text[: most - 1].rsplit(" ", 1)[0] + "…"
        return text.strip()

    def choice(self, column: str, allowed: Container[str], wanted: str) -> str | None:
        """A word of a vocabulary; None when there is none, or an unknown one (a doubt)."""
        value = self.values.get(column)
        if not value:
            return None
        if isinstance(value, str) and value in allowed:
            return value
        self.doubt(column, value, f"Valeur hors du vocabulaire « {wanted} » de data·inclusion.")
        return None

    def choices(self, column: str, allowed: Container[str], wanted: str) -> tuple[str, ...]:
        """Words of a vocabulary, once each; an unknown one is left out with a doubt."""
        value = self.values.get(column)
        if not value:
            return ()
        found = value if isinstance(value, list | tuple) else [value]
        kept = [word for word in found if isinstance(word, str) and word in allowed]
        if len(kept) < len(found):
            for word in found:
                if not (isinstance(word, str) and word in allowed):
                    self.doubt(column, word, f"Valeur hors du vocabulaire « {wanted} » de data·inclusion.")
        return tuple(dict.fromkeys(kept))

    def read(self, column: str, parse: Callable[[str], T], default: T) -> T:
        """A text parsed, or ``default`` when it is empty or refused (a doubt)."""
        text = self.text(column)
        if not text:
            return default
        try:
            return parse(text)
        except InvalidValue as error:
            self.doubt(column, text, error.public)
            return default

    def phones(self, column: str) -> tuple[str, ...]:
        """The phone numbers, in E.164."""
        value = self.values.get(column)
        if not value:
            return ()
        if isinstance(value, str) and _E164.fullmatch(value) and not _OVERSEAS.match(value):
            return (value,)
        return self.read(column, parse_phones, ())

    def email(self, column: str) -> str:
        """The e-mail address."""
        value = self.values.get(column)
        if isinstance(value, str) and _EMAIL.fullmatch(value):
            return value
        return self.read(column, parse_email, "")

    def url(self, column: str) -> str:
        """The web address."""
        return self.read(column, parse_url, "")

    def day(self, column: str) -> date | None:
        """A day of this century and not of the future, which the schema asks for."""
        value = self.values.get(column)
        if not value:
            return None
        try:
            day = date.fromisoformat(str(value)[:10])
        except ValueError:
            day = None
        if day is None or day.year < 2000 or day > self._run.now.date():
            self.doubt(column, value, "Date impossible : avant 2000, dans le futur, ou illisible.")
            return None
        return day

    def number(self, column: str) -> float | None:
        """A number, written or not as a text."""
        value = self.values.get(column)
        if value is None or value == "":
            return None
        try:
            return float(str(value).replace(",", "."))
        except ValueError:
            self.doubt(column, value, "Ce n’est pas un nombre.")
            return None

    def reach(self, phones: Iterable[str], email: str) -> tuple[Contact, ...]:
        """Phones and a mail, as ``phones`` and ``email`` gave them, as contacts of the structure itself."""
        found = tuple(_CONTACT.model_copy(update={"phone": phone}) for phone in phones)
        return (*found, _CONTACT.model_copy(update={"email": email})) if email else found


_CONTACT = Contact()  # copied, not validated again: what phones() and email() answer is of the right form


def _text(value: object) -> str:
    if type(value) is float or type(value) is int:
        return str(value)
    if type(value) is list and all(type(entry) is str for entry in value):
        return _list_text(tuple(value))
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        return str(type(value))


@lru_cache(maxsize=20_000)
def _list_text(values: tuple[str, ...]) -> str:
    return json.dumps(values, ensure_ascii=False)
