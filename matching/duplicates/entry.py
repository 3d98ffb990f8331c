"""A record as it is compared: its words, its address, its numbers, and the keys under which it may meet others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from directory.vocabulary import Precision, Visibility
from matching.duplicates.addresses import Address, read_address
from matching.duplicates.names import without_place
from matching.duplicates.words import read_words, weight_of

VAGUE = frozenset({"autre", "association", "organisme_formation", "entreprise", "service", "aide", "dispositif", "information"})
"""Categories of what is not known to be anything more precise."""
TRAINING = frozenset({"cfa", "greta", "organisme_formation"})
"""Categories of what trains whoever comes: in one listing with a lycée it would be kept to that lycée's own pupils."""
BY_UAI = frozenset({"lycee", "cio", "bureau_des_entreprises"})
"""Categories of which a UAI names the very thing: a general lycée and the professional one beside it have two."""
_EXACT = frozenset({None, Precision.POINT, Precision.ADDRESS, Precision.STREET})
_SHARED_HOSTS = ("gouv.fr", "facebook.com", "instagram.com", "linkedin.com", "google.com", "exemple.fr")
_NO_ADDRESS = Address("", ())


class Entry(NamedTuple):
    """What is compared of one record.

    Attributes:
        name: The words of its name, those of its commune apart (unless it has no others).
        whole: All the words of its name; ``text`` the same, in order, as one text.
        part_of: What it is a service of; empty for what stands alone.
        point: Latitude and longitude in degrees, where they are known better than the commune; else None.
        days: The days of an event, ISO.
        invented: Whether it is of the demonstration.
    """

    kind: str
    category: str
    name: tuple[str, ...]
    whole: tuple[str, ...]
    text: str
    part_of: str
    address: Address
    code_commune: str
    code_postal: str
    code_departement: str
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    pages: tuple[str, ...]
    siret: str
    uai: str
    point: tuple[float, float] | None
    days: tuple[str, ...]
    visibility: str
    invented: bool


def read_entry(record: Mapping[str, Any], commune_name: str = "") -> Entry:
    """The entry of a record.

    Args:
        record: Fields of a ``ListingRecord`` as plain JSON values; those that hold their default may be left out.
        commune_name: Name of its commune, so that the name of the record is compared without it.
    """
    get = record.get
    words = read_words(record["name"])
    code_commune = get("code_commune") or ""
    phones, emails, pages = _reach(get("contacts") or ())
    return Entry(
        kind=record["kind"],
        category=record["category"],
        name=without_place(words, _place_words(commune_name)) if commune_name else words,
        whole=words,
        text=" ".join(sorted(words)),
        part_of=get("structure") or "",
        address=read_address(text) if (text := get("address")) else _NO_ADDRESS,
        code_commune=code_commune,
        code_postal=get("code_postal") or "",
        code_departement=get("code_departement") or departement_of(code_commune or get("code_postal") or ""),
        phones=phones,
        emails=emails,
        pages=pages,
        siret=get("siret") or "",
        uai=get("uai") or "",
        point=(record["latitude"], record["longitude"]) if get("latitude") is not None and get("precision") in _EXACT else None,
        days=tuple([sitting["start"][:10] for sitting in sittings]) if (sittings := get("occurrences")) else (),
        visibility=get("visibility") or Visibility.PUBLIC,
        invented=bool(get("demonstration")),
    )


def _reach(contacts: Iterable[Mapping[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    phones: list[str] = []
    emails: list[str] = []
    pages: list[str] = []
    for contact in contacts:
        if _is_own(phone := contact.get("phone") or ""):
            phones.append(phone)
        if email := contact.get("email"):
            emails.append(email.casefold())
        if (url := contact.get("url")) and (page := _page(url)):
            pages.append(page)
    return tuple(phones), tuple(emails), tuple(pages)


_place_words = lru_cache(maxsize=65_536)(read_words)


def departement_of(code: str) -> str:
    """The département of a commune's INSEE code (or, roughly, of a postal code)."""
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def _is_own(phone: str) -> bool:
    """Whether a number may be a structure's own: not a short one, nor an 08, which a network has for the whole country."""
    return phone.startswith("+") and not phone.startswith("+338")


def _page(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if any(host == shared or host.endswith(f".{shared}") for shared in _SHARED_HOSTS) and not parts.path.strip("/"):
        return ""
    return host + parts.path.rstrip("/").casefold()


def block_keys(entry: Entry) -> list[int]:
    """Numbers of 32 bits: two records that share none are never compared.

    A phone, an e-mail address, a SIRET, a UAI; the commune with the beginning of each word that tells; the commune with the
    number and the last word of the street; the département with the whole name, or with the category and each word that tells,
    where a commune is unknown or wrongly known.
    """
    seed = _seed(entry.kind, bool(entry.part_of))
    texts = [f"t{phone}" for phone in entry.phones]
    texts += [f"m{email}" for email in entry.emails]
    texts += [f"w{page}" for page in entry.pages]
    if entry.siret:
        texts.append(f"s{entry.siret}")
    if entry.uai:
        texts.append(f"u{entry.uai}")
    place = entry.code_commune or entry.code_postal
    if place:
        texts += [f"n{place}{word[:4]}" for word in _telling(entry.name)]
        if entry.address.street:
            texts.append(f"a{place}{entry.address.number}{entry.address.street[-1]}")
    if entry.code_departement:
        texts.append(f"d{entry.code_departement}{entry.text}")
        if entry.category not in VAGUE:
            texts += [f"c{entry.code_departement}{entry.category}{word[:4]}" for word in _telling(entry.whole)]
    return list({crc32(text.encode(), seed) for text in texts})


@cache
def _seed(kind: str, is_service: bool) -> int:
    return crc32(f"{kind}{is_service}".encode())


def _telling(words: tuple[str, ...]) -> Iterable[str]:
    return [word for word in words if weight_of(word) == 1] or words
