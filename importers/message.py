"""A pasted e-mail: the name, place and contacts that it proposes, read as the cells of files are; its dates are beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar

from directory.errors import InvalidValue
from directory.message import LONGEST_MESSAGE, MessageReader, MessageReading
from directory.models.record import Contact
from directory.text import fold
from directory.vocabulary import Kind, Visibility, categories
from importers.addresses import CommuneFinder
from importers.message_dates import REACHES, find_dates
from importers.message_place import find_place
from importers.sources.calendars.relevance import category_of, judge
from importers.values import (
    Reading,
    clean_html,
    has_markup,
    mend,
    parse_french_date,
    read_emails,
    read_phones,
    read_urls,
    tidy,
    tidy_lines,
)
from importers.values.text import unaccented

Value = TypeVar("Value")

_LONGEST_LINE = 600
_MOST_CONTACTS = 6
_HEADER = re.compile(
    r"^\W{0,3}(?P<what>de|from|expediteur|objet|subject|sujet|date|envoye(?: le)?|sent|a|to|cci?|bcc|repondre a|reply-to)\s?:\s?"
)
_SENT = frozenset({"date", "envoye", "envoye le", "sent"})
_SENDER = frozenset({"de", "from", "expediteur"})
_SUBJECT = frozenset({"objet", "subject", "sujet"})
_FORWARDED = re.compile(r"^(?:(?:tr|re|fw|fwd|rep|ref)\s?:\s?|\[[^\]]{1,40}\]\s?)+", re.IGNORECASE)
_GREETING = re.compile(r"^(?:bonjour|bonsoir|madame|monsieur|mesdames|chers?|cheres?|salut|a tous|-+|_+|\*+)\b|^[-_=*\s]+$")
# « Job dating mardi 12 janvier », « Webinaire – 14/01/2027 18h »: the day is told apart
_TITLE_DAY = re.compile(
    r"[\s,–:(|-]+(?:(?:le|du|au|les|ce)\s)?(?:(?:lun|mar|mercre|jeu|vendre|same)di\s|dimanche\s)?\d{1,2}(?:er)?"
    r"(?:\s?(?:au|et|-|/)\s?\d{1,2})?"
    r"(?:\s(?:janv|févr?|fevr?|mars|avr|mai|juin|juil|ao[uû]t|sept|oct|nov|d[ée]c)|/\d{1,2}).{0,80}$",
    re.IGNORECASE,
)
_LAST_DAY = re.compile(r"\s(?:(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)$", re.IGNORECASE)
_SHORTEST_TITLE = 8
# what is written at the foot of a message says nothing of what it is about
_NOTICE = re.compile(
    r"\b(?:ce (?:message|courriel|mail|e-mail)|this (?:message|e-?mail))\b.{0,200}"
    r"\b(?:confident\w*|destinataires?|intended|erreur|error)\b"
)
# « notre association « Mob’essai » »
_QUOTED_NAME = re.compile(
    r"\b(association|entreprise|structure|plateforme|coopérative|société|fondation|régie|maison)\s[«\"“]\s?([^»\"”]{2,80}?)\s?[»\"”]",
    re.IGNORECASE,
)
_TITLE_ENDS = re.compile(r"[,.;:(]\s|\s(?:le|les|du|au)\s(?=\w{1,12}\s?\d)|\s(?=\d)")
_PERSON = re.compile(
    r"^(?:(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+)?[A-ZÉÈÀÎ][a-zéèêëàâîïôöûüç]+(?:-[A-ZÉÈÀÎ][a-zéèêëàâîïôöûüç]+)?"
    r"(?:\s+(?:de|du|le|la))?(?:\s+[A-ZÉÈÀÎ][A-ZÉÈÀÎa-zéèêëàâîïôöûüç'’-]{1,30}){1,2}$"
)
_CIVIL = re.compile(r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+(?:[A-ZÉÈÀÎ][\w’'-]{1,30}\s?){1,3}")
_NAMED_ADDRESS = re.compile(r"^[a-z]{1,20}[.\-_][a-z-]{2,30}$")
_GENERIC = frozenset(
    "contact accueil info infos secretariat direction bureau formation emploi entreprises inscription inscriptions salon forum "  # noqa: SIM905
    "mission locale lycee cfa ce bde noreply".split()
)


def message_reader(finder: CommuneFinder) -> MessageReader:
    """Reads messages with the communes that a gazetteer knows."""
    return partial(_read, finder)


@dataclass(slots=True)
class _Parts:
    """A message taken apart."""

    subject: str = ""
    sender: str = ""
    sent: str = ""
    lines: list[str] = field(default_factory=list)


def _read(finder: CommuneFinder, text: str, today: date) -> MessageReading:
    parts = _take_apart(text)
    asked = _day_sent(parts.sent, today)
    name = _name(parts)
    occurrences, to_confirm, doubts = find_dates([parts.subject, *parts.lines], asked)
    place, told = find_place(parts.lines, finder)
    known = categories()
    category = category_of("", name)
    return MessageReading(
        name=name,
        category=category if Kind.EVENT in known[category].kinds and _says(category, name) else "",
        address=place.street[:500],
        code_postal=place.code_postal,
        code_commune=place.code_commune,
        occurrences=occurrences,
        to_confirm=to_confirm,
        contacts=tuple(_contacts(parts))[:_MOST_CONTACTS],
        doubts=(*told, *doubts),
    )


def _says(category: str, name: str) -> bool:
    """Whether a title calls an event what it is taken for: what nothing names is an information meeting by default."""
    return category != "information" or "information" in fold(name)


def _take_apart(text: str) -> _Parts:
    """Headers and body; what was quoted (« > ») is read like the rest: a forwarded invitation is what one pastes."""
    shown = text[:LONGEST_MESSAGE]
    plain = mend(clean_html(shown) if has_markup(shown) else shown).value
    parts = _Parts()
    for line in tidy_lines(plain).splitlines():
        bare = re.sub(r"^(?:>\s?){1,10}", "", line[:_LONGEST_LINE]).strip()
        header = _HEADER.match(unaccented(bare))
        if header is None:
            parts.lines.append(bare)
            continue
        what, value = header["what"], bare[header.end() :].strip()
        if what in _SUBJECT:
            parts.subject = _FORWARDED.sub("", value)
        elif what in _SENDER:
            parts.sender = value
        elif what in _SENT:
            if _is_moment_sent(value):
                parts.sent = value
            else:
                parts.lines.append(bare)  # « Date : mardi 9 décembre »: the event's
        elif not value or "@" not in value:
            parts.lines.append(bare)  # « À : » of a sentence
    parts.lines = [line for block in _blocks(parts.lines) if not _is_notice(block) for line in (*block, "")]
    return parts


def _is_notice(block: Sequence[str]) -> bool:
    return _NOTICE.search(unaccented(" ".join(block))) is not None


def _is_moment_sent(value: str) -> bool:
    """« mardi 24 novembre 2026 14:05 », « Tue, 24 Nov 2026 14:05:33 +0100 »: a day and one minute, no span of hours."""
    return re.search(r"\d{4}\D{1,4}\d{1,2}:\d{2}(?::\d{2})?(?!\s?(?:-|à|h))", value) is not None


def _day_sent(value: str, today: date) -> date:
    """The day of the message, which says the year of its dates; today where it does not say it."""
    try:
        found = parse_french_date(value)
    except InvalidValue:
        found = None
    return found if found is not None and found <= today else today


def _name(parts: _Parts) -> str:
    """The subject; else a name in quotes, the line that speaks most of the field, the first that says something."""
    if parts.subject:
        return _without_day(parts.subject)[:300]
    said = [line.strip(' -–*#:«»"') for line in parts.lines if line and not _GREETING.match(unaccented(line))]
    titles = [_TITLE_ENDS.split(line)[0] for line in said[:12] if not REACHES.match(line)]
    titles = [title for title in titles if 3 <= len(title) <= 120]
    best = max(titles, key=_weigh, default="")
    quoted = next(filter(None, map(_QUOTED_NAME.search, parts.lines)), None)
    if quoted is not None and not (best and _weigh(best)[0]):
        return tidy(f"{quoted[1].capitalize()} {quoted[2]}")[:300]
    return _without_day(tidy((best if best and judge(best).points > 0 else next(iter(titles), "")).rstrip(".,;")))[:300]


def _weigh(title: str) -> tuple[bool, int]:
    """Whether a title names a form of event, then how much it speaks of the field."""
    named = category_of("", title) != "information" or "reunion" in fold(title)
    return named, judge(title).points


def _without_day(title: str) -> str:
    short = _LAST_DAY.sub("", _TITLE_DAY.sub("", title).strip(" ,–:(|-"))
    return short if len(short) >= _SHORTEST_TITLE else title


# ---------------------------------------------------------------- contacts


def _contacts(parts: _Parts) -> Iterator[Contact]:
    """A contact for each block that gives a number or an address, then the sender; each number and address once."""
    seen: set[str] = set()
    for block in _blocks(parts.lines):
        yield from _of_block(block, seen)
    if parts.sender and "@" in parts.sender:
        yield from _of_block([parts.sender], seen)


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Lines that stand together: a signature, a sentence."""
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
        elif block:
            yield block
            block = []


def _of_block(block: Sequence[str], seen: set[str]) -> Iterator[Contact]:
    reached = [found.strip(".,;:!?)>") for line in block for found in REACHES.findall(line)]
    emails = [each for text in reached if "@" in text for each in _values(read_emails, text)]
    urls = [each for text in reached if text.startswith(("http", "www")) for each in _values(read_urls, text)]
    phones = [each.number for text in reached if text[0] in "+0" and "@" not in text for each in _values(read_phones, text)]
    phones, emails, urls = ([each for each in dict.fromkeys(found) if each not in seen] for found in (phones, emails, urls))
    if not (phones or emails or urls):
        return
    name = _person(block)
    seen.update([*phones, *emails, *urls])
    for rank in range(max(len(phones), len(emails), 1)):
        phone = phones[rank] if rank < len(phones) else ""
        email = emails[rank] if rank < len(emails) else ""
        url = urls[0] if urls and rank == 0 else ""
        personal = bool(name) or _is_mobile(phone) or bool(email and (_is_personal(email) or _is_of(email, block)))
        visibility = Visibility.BASSIN if personal else Visibility.PUBLIC
        yield Contact(name=name, phone=phone, email=email, url=url, visibility=visibility)


def _values(read: Callable[[str], Reading[tuple[Value, ...]]], text: str) -> tuple[Value, ...]:
    try:
        return read(text).value
    except InvalidValue:
        return ()


def _person(block: Sequence[str]) -> str:
    """The name of whom a block speaks of: a line that is a name, or « Mme … » in a sentence."""
    for line in block:
        bare = tidy(re.split(r"[<,|–—]|\s-\s", line)[0]).strip("\"' ")
        if _PERSON.match(bare) and not _names_an_organisation(bare):
            return bare[:200]
    civil = next(filter(None, (_CIVIL.search(line) for line in block)), None)
    return tidy(civil.group())[:200] if civil else ""


def _names_an_organisation(text: str) -> bool:
    words = set(fold(text).split())
    return bool(words & _GENERIC) or any(judge(text).found)


def _is_mobile(phone: str) -> bool:
    """« 06 … » is somebody's own, whatever stands beside it."""
    return phone.startswith(("+336", "+337"))


def _is_of(email: str, block: Sequence[str]) -> bool:
    """« Léa (lea@…) »: an address that bears a name written beside it."""
    local, _, domain = email.lower().partition("@")
    bare = [REACHES.sub(" ", line) for line in block]
    words = {fold(word) for line in bare for word in re.findall(r"\b[A-ZÉÈÀÎ][\wéèêëàâîïôöûüç]{2,30}", line)}
    return local in words - _GENERIC - {domain.partition(".")[0]}


def _is_personal(email: str) -> bool:
    """« c.martin@ », « camille-martin@ »: an address that names somebody, whatever stands beside it."""
    local = email.partition("@")[0].lower()
    return bool(_NAMED_ADDRESS.match(local)) and not set(re.split(r"[.\-_]", local)) & _GENERIC
