"""A pasted e-mail: the dates, the place and the contacts that it proposes, read as the cells of files are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from directory.errors import InvalidValue
from directory.message import LONGEST_MESSAGE, MessageReader, MessageReading
from directory.models.record import Contact, Occurrence
from directory.text import fold
from directory.vocabulary import Kind, Visibility, categories
from importers.addresses import Address, CommuneFinder, place_address
from importers.sources.calendars.relevance import category_of, judge
from importers.values import (
    Reading,
    clean_html,
    has_markup,
    mend,
    parse_french_date,
    read_emails,
    read_phones,
    read_sittings,
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
# « Inscription avant le 1er décembre », « le message du 12 novembre »: days of something else
_OTHER_DAY = re.compile(
    r"\b(?:inscri\w*|reserv\w*|repon\w*|confirm\w*|candidat\w*|limite|au plus tard|avant le|cloture|delai|suite a"
    r"|mail du|message du|ecrit)\b"
)
_HOURS = re.compile(r"\b(?:[01]?\d|2[0-3])\s?(?:h|:)\s?(?:[0-5]\d)?\b")
_PLACE = re.compile(r"^\W{0,3}(?:lieu|adresse|ou|rendez-vous|rdv|se (?:tiendra|deroulera)|localisation)\b\s?:?\s?")
_DATED = re.compile(r"\b\d{1,2}(?:er)?\s(?:janv|fevr|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec)|\d/\d")
_TITLE_ENDS = re.compile(r"[,.;:(]\s|\s(?:le|les|du|au)\s(?=\w{1,12}\s?\d)|\s(?=\d)")
_POSTAL = re.compile(r"(?<!\d)(?:\d{5}|\d{2}\s\d{3})(?!\d)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÉÈÀÎ])")
_REACHES = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,253}|https?://\S{1,500}|\bwww\.\S{1,300}|(?:\+33|0)(?:[\s.\-]?\d){9}(?!\d)")
_PERSON = re.compile(
    r"^(?:(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+)?[A-ZÉÈÀÎ][a-zéèêëàâîïôöûüç]+(?:-[A-ZÉÈÀÎ][a-zéèêëàâîïôöûüç]+)?"
    r"(?:\s+(?:de|du|le|la))?(?:\s+[A-ZÉÈÀÎ][A-ZÉÈÀÎa-zéèêëàâîïôöûüç'’-]{1,30}){1,2}$"
)
_CIVIL = re.compile(r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame)\s+(?:[A-ZÉÈÀÎ][\w’'-]{1,30}\s?){1,3}")
_NAMED_ADDRESS = re.compile(r"^[a-z]{1,20}[.\-_][a-z-]{2,30}$")
_NO_DAY = "un mois sans jour"
"""What is said of « en décembre », which in a letter is no doubt."""
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
    occurrences, to_confirm, doubts = _dates([parts.subject, *parts.lines], asked)
    place = _place(parts.lines, finder)
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
        doubts=doubts,
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
    return parts


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
    """The subject; else the line that speaks most of the field, else the first that says something."""
    said = [line.strip(' -–*#:«»"') for line in parts.lines if line and not _GREETING.match(unaccented(line))]
    if parts.subject:
        return parts.subject[:300]
    titles = [_TITLE_ENDS.split(line)[0] for line in said[:12] if not _REACHES.match(line)]
    titles = [title for title in titles if 3 <= len(title) <= 120]
    best = max(titles, key=lambda line: judge(line).points, default="")
    return tidy((best if best and judge(best).points > 0 else next(iter(titles), "")).rstrip(".,;"))[:300]


# ---------------------------------------------------------------- dates


def _dates(lines: Sequence[str], asked: date) -> tuple[tuple[Occurrence, ...], str, tuple[str, ...]]:
    """The sittings of the lines that name days; an hour that stands alone on the next line is theirs."""
    found: dict[Occurrence, None] = {}
    reasons: dict[str, None] = {}
    doubts: dict[str, None] = {}
    before = ""
    for sentence in _sentences(lines):
        plain = unaccented(sentence)
        if _OTHER_DAY.search(plain) and not _HOURS.search(plain):
            continue
        bare = _POSTAL.sub(" ", _REACHES.sub(" ", sentence))
        sittings, told = _sittings(bare, asked)
        if not sittings and before and _HOURS.search(plain) and not told:
            again, told = _sittings(f"{before} {bare}", asked)
            if again:
                for old in _sittings(before, asked)[0]:
                    found.pop(old, None)
                sittings = again
        elif sittings:
            before = "" if _HOURS.search(plain) else bare
        doubts.update(dict.fromkeys(told))
        for sitting, reason in sittings.items():
            found[sitting] = None
            reasons.update({reason: None} if reason else {})
    yesterday = asked - timedelta(days=1)
    coming = [sitting for sitting in found if sitting.end.date() >= yesterday] or list(found)
    ordered = tuple(sorted(coming, key=lambda sitting: (sitting.start, sitting.end)))
    # a day that is told twice, once with its hours, is held at these hours
    timed = {sitting.start.date() for sitting in ordered if sitting.end - sitting.start < timedelta(hours=23)}
    whole = [each for each in ordered if each.end - each.start >= timedelta(hours=23) and each.start.date() in timed]
    return tuple(each for each in ordered if each not in whole), " ; ".join(reasons), tuple(doubts)


def _sentences(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from (part for part in _SENTENCE.split(line) if any(each.isdigit() for each in part))


def _sittings(text: str, asked: date) -> tuple[dict[Occurrence, str], list[str]]:
    """Sitting → why it is to be confirmed; and what is no day although it looks like one."""
    try:
        reading = read_sittings(text, asked)
    except InvalidValue as refused:
        return {}, [told for told in (refused.public,) if not told.endswith("aucune date lisible.") and _NO_DAY not in told]
    told = [doubt for doubt in reading.doubts if _NO_DAY not in doubt]
    return dict.fromkeys(reading.value.occurrences, reading.value.to_confirm), told


# ---------------------------------------------------------------- places


def _place(lines: Sequence[str], finder: CommuneFinder) -> Address:
    """Where it is: the line that says « Lieu : », else the first whose commune is certain."""
    marked = [rank for rank, line in enumerate(lines) if _PLACE.match(unaccented(line))]
    coded = [rank for rank, line in enumerate(lines) if _POSTAL.search(line)]
    for rank in dict.fromkeys((*marked, *coded)):
        # an address may stand on two lines: its street, then its postal code and commune
        labelled = rank in marked
        pair = lines[rank : rank + 2] if labelled else lines[max(rank - 1, 0) : rank + 1]
        for text in (lines[rank], " ".join(pair)):
            wanted = _POSTAL.sub(lambda code: code.group().replace(" ", ""), _without_label(text))
            found = place_address(wanted, finder) if wanted.strip() else Address(street="")
            if found.code_commune:
                return replace(found, street=_street(found.street))
    return Address(street="")


def _street(text: str) -> str:
    """The end of a sentence that says where: what names no day, no hour, nobody's number."""
    kept: list[str] = []
    for part in reversed(text.split(",")):
        if _HOURS.search(part) or _REACHES.search(part) or _DATED.search(unaccented(part)):
            break
        kept.insert(0, part.strip())
    return ", ".join(filter(None, kept))


def _without_label(text: str) -> str:
    label = _PLACE.match(unaccented(text))
    return text[label.end() :] if label else text


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
    reached = [found.strip(".,;:!?)>") for line in block for found in _REACHES.findall(line)]
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
        personal = bool(name) or bool(email and _is_personal(email))
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


def _is_personal(email: str) -> bool:
    """« c.martin@ », « camille-martin@ »: an address that names somebody, whatever stands beside it."""
    local = email.partition("@")[0].lower()
    return bool(_NAMED_ADDRESS.match(local)) and not set(re.split(r"[.\-_]", local)) & _GENERIC
