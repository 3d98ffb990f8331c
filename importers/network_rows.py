"""Rows of the académies' tables (PSAD, CLEE): who serves which bassin, gathered over the rows of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.models.record import Contact, Coverage, SourcedRecord
from directory.text import fold
from directory.vocabulary import Visibility
from importers.bassins import NamedBassin
from importers.building import build_record
from importers.row import Row
from importers.run import Run
from importers.values import Phone, read_emails, read_phones, read_urls, tidy

# French mobiles, overseas ones included
_MOBILE = re.compile(r"\+33[67]|\+262(?:639|69[23])|\+59[046]69")


@dataclass(slots=True)
class Gathered:
    """A structure that several rows may name: facts from the first that states them, coverage and contacts from all."""

    row: Row
    fields: dict[str, Any]
    coverage: dict[Coverage, None] = field(default_factory=dict)
    bassins: dict[str, None] = field(default_factory=dict)
    contacts: dict[Contact, None] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    rows: int = 1


class Gatherer:
    """Structures by record id, in the order met."""

    def __init__(self) -> None:
        self._found: dict[str, Gathered] = {}

    def add(
        self,
        record_id: str,
        row: Row,
        fields: Mapping[str, Any],
        *,
        bassin: NamedBassin,
        coverage: Iterable[Coverage] = (),
        contacts: Iterable[Contact] = (),
    ) -> None:
        """Add what a row says of a structure."""
        found = self._found.setdefault(record_id, Gathered(row, dict(fields)))
        found.coverage.update(dict.fromkeys((*bassin.coverage, *coverage)))
        if not bassin.coverage and bassin.label:
            found.bassins[bassin.label] = None
        found.contacts.update(dict.fromkeys(contacts))
        if row is not found.row:
            found.fields.update({name: value for name, value in fields.items() if value and not found.fields.get(name)})
            found.rows += 1
            # numbered among the structure's own rows: a row added elsewhere in the table changes nothing of it
            found.raw.update(
                {f"{header} ({found.rows})": text for header, text in row.raw.items() if text != found.row.raw.get(header)}
            )

    def records(self, run: Run) -> Iterator[SourcedRecord]:
        """The records, once every row was added."""
        for record_id, found in self._found.items():
            fields = found.fields | {
                "coverage": tuple(found.coverage),
                "bassin_label": " ; ".join(found.bassins)[:200],
                "contacts": tuple(found.contacts)[:50],
            }
            record = build_record(run, found.row, record_id, fields)
            if record is not None:
                yield record.model_copy(update={"raw": {**record.raw, **found.raw}})


def slug(*parts: str) -> str:
    """A stable id from words: « Rennes », « CIO de Fougères » → ``rennes-cio-de-fougeres``."""
    return "-".join(filter(None, (fold(part).replace(" ", "-") for part in parts)))[:280]


def reach(run: Run, row: Row, phone: str, email: str, *, label: str, name: str = "", record_id: str = "") -> tuple[Contact, ...]:
    """The ways to reach a structure or a person that two columns give, each as a contact.

    A named person's contact is for the bassin's professionals, never public by default (domain, privacy).

    Args:
        run: The run.
        row: The row.
        phone: Declared column of the phones.
        email: Declared column of the e-mail address.
        label: What the contact is for, French.
        name: The person's name, or empty.
        record_id: For the doubts.
    """
    phones: tuple[Phone, ...] = run.read_cell(row, phone, read_phones, (), to="contacts", record_id=record_id)
    emails: tuple[str, ...] = run.read_cell(row, email, read_emails, (), to="contacts", record_id=record_id)
    if not (phones or emails or name):
        return ()
    first, *others = phones or (Phone(""),)
    contacts = [_phone_contact(first, label, name).model_copy(update={"email": "".join(emails[:1])})]
    contacts += [_phone_contact(other, label, name) for other in others]
    visibility = Visibility.BASSIN if name else Visibility.PUBLIC
    contacts += [Contact(label=label, name=name[:200], email=address, visibility=visibility) for address in emails[1:]]
    return tuple(contacts)


def _phone_contact(phone: Phone, label: str, name: str) -> Contact:
    """A number with what it is for: the column's label, then the cell's own. Words that may name a person are not public."""
    words = ", ".join(filter(None, (label, phone.label)))[:200]
    visibility = Visibility.BASSIN if name or phone.personal else Visibility.PUBLIC
    return Contact(label=words, name=name[:200], phone=phone.number, visibility=visibility)


def structure_contacts(run: Run, row: Row, *, record_id: str = "") -> tuple[Contact, ...]:
    """The contacts of a structure or a company, from the declared columns ``contact``, ``telephone``, ``courriel``, ``site``.

    Where a person is named beside them, what may be theirs (a mobile phone, an address that holds their name) goes with their
    name to the bassin's professionals; the structure's own stays public.
    """
    person = tidy(row.find("contact", to="contacts") or "")
    phones: tuple[Phone, ...] = run.read_cell(row, "telephone", read_phones, (), to="contacts", record_id=record_id)
    emails: tuple[str, ...] = run.read_cell(row, "courriel", read_emails, (), to="contacts", record_id=record_id)
    sites: tuple[str, ...] = run.read_cell(row, "site", read_urls, (), to="contacts", record_id=record_id)
    theirs = [phone for phone in phones if person and not phone.label and _MOBILE.match(phone.number)]
    words = set(fold(person).split()) if person else set()
    their_email = next((email for email in emails if words & set(fold(email.partition("@")[0]).split())), "")
    public = [_phone_contact(phone, "", "") for phone in phones if phone not in theirs]
    public += [Contact(email=email) for email in emails if email != their_email]
    public += [Contact(url=site) for site in sites]
    if not person:
        return tuple(public)
    named = Contact(
        label="Contact",
        name=person[:200],
        phone=theirs[0].number if theirs else "",
        email=their_email,
        visibility=Visibility.BASSIN,
    )
    return (*public, named)


def split_names(text: str) -> tuple[str, ...]:
    """The names of a cell, one a line or between semicolons."""
    names = (tidy(name).strip("-–•* ") for name in re.split(r"[;\n\r|]+", text))
    return tuple(dict.fromkeys(filter(None, names)))
