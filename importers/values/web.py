"""E-mail addresses and web addresses of a cell."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from directory.errors import InvalidValue
from importers.values.reading import Reading
from importers.values.text import says_nothing, tidy

_MOST = 10
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# « nom (at) site.fr », « nom[arobase]site(point)fr »: written so against robots
_AT = re.compile(r"\s*(?:[\[({<]\s*(?:at|arobase|a|@|chez)\s*[\])}>]|\s(?:at|arobase)\s)\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({]\s*(?:dot|point|\.)\s*[\])}]\s*", re.IGNORECASE)
_SPACED_AT = re.compile(r"\s*@\s*")
_EDGES = ".,;:!'\"-/&*=?|#()<>[]{}«»“”’"


def parse_email(text: str) -> str:
    """The first e-mail address of a cell; empty for an empty one.

    Raises:
        InvalidValue: There is a text, and no address in it.
    """
    return next(iter(read_emails(text).value), "")


def read_emails(text: str) -> Reading[tuple[str, ...]]:
    """Every e-mail address of a cell, its domain in lower case; none for an empty cell, or one that says « néant ».

    « mailto: », « (at) », spaces beside the @, trailing dots and words around are forgiven. An address without a domain, with a comma for a dot or an accent is a
    doubt: what stands in its place is a guess.

    Raises:
        InvalidValue: There is a text, and no address in it.
    """  # noqa: E501
    cell = tidy(text)[:2000]
    if not cell or says_nothing(cell):
        return Reading((), notes=("La cellule dit qu’il n’y a pas de courriel.",) if cell else ())
    spread = _DOT.sub(".", _AT.sub("@", cell)) if "@" not in cell or _AT.search(cell) else cell
    found, doubts = [], []
    for piece in re.split(r"[\s;,/|<>]+", _SPACED_AT.sub("@", re.sub(r"mailto:", " ", spread, flags=re.IGNORECASE))):
        if "@" in piece and piece.strip("@"):
            address = _address(piece.partition("?subject=")[0])
            if address:
                found.append(address)
            else:
                doubts.append(f"« {piece[:80]} » n’est pas une adresse de courriel.")
    if not found:
        public = doubts[0] if doubts else f"« {cell[:80]} » n’est pas une adresse de courriel."
        raise InvalidValue("courriel", text, "no e-mail address", public=public)
    return Reading(tuple(dict.fromkeys(found))[:_MOST], tuple(doubts))


def _address(piece: str) -> str:
    """One address, or empty when the piece is none."""
    bare = re.sub(r"^[\w\-’' ]{0,30}:", "", piece).strip(_EDGES)
    local, at, domain = bare.rpartition("@")
    domain = domain.rstrip(_EDGES).lower()
    whole = f"{local}@{domain}"
    if not at or len(whole) > 254 or len(local) > 64 or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        return ""
    return whole if _EMAIL.fullmatch(whole) else ""


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{0,22}[a-z0-9]", re.IGNORECASE)
# « http//www », « http:/www », « htpp://», « http:\\www », « https://https://www »
_BROKEN_SCHEME = re.compile(r"^(?:https?:/{1,3}(?=https?:/))?h(?:t{1,3}p{1,3})(s?)(?::|;)?[/\\]{1,3}(?=\w)", re.IGNORECASE)


def parse_url(text: str) -> str:
    """The first web address of a cell, ``https://`` added where the cell left it out; empty for an empty one.

    Raises:
        InvalidValue: Not a web address (another scheme, no host, a space inside).
    """
    return next(iter(read_urls(text).value), "")


def read_urls(text: str) -> Reading[tuple[str, ...]]:
    """Every web address of a cell; none for an empty cell, or one that says « néant ».

    A mistyped scheme (``http//``, ``http:/``, ``htpp://``) is mended. Only http and https are addresses of a page.

    Raises:
        InvalidValue: There is a text, and no web address in it.
    """
    cell = tidy(text)[:4000]
    if not cell or says_nothing(cell):
        return Reading((), notes=("La cellule dit qu’il n’y a pas de site.",) if cell else ())
    pieces = [
        piece
        for piece in re.split(r"\s+|[;|]\s*|,(?=\s|https?:|www\.)", cell)
        if piece not in {"", "/", "-", "–", "et", "ou", ","}
    ]
    read = [(piece, _web(piece.strip("<>()[]«»“”\"'").rstrip(",;"))) for piece in pieces]
    found = tuple(dict.fromkeys(url for _, url in read if url))[:_MOST]
    # words before the address are its label; words after it may be the rest of it (« …/a b »), and many words are a sentence
    left = [piece for piece, url in read if not url]
    first = next((rank for rank, (_, url) in enumerate(read) if url), 0)
    after = any(not url and not piece.endswith(":") and not piece.startswith("(") for piece, url in read[first:])
    if not found or after or len(left) > 3 or any(_SCHEME.match(piece) and "." in piece for piece in left):
        raise InvalidValue("site", text, "not a web address", public=f"« {cell[:80]} » n’est pas une adresse de site.")
    return Reading(found)


def _web(piece: str) -> str:
    url = _BROKEN_SCHEME.sub(lambda match: f"http{match.group(1).lower()}://", piece)
    has_scheme = _SCHEME.match(url) and not _HOST.fullmatch(url.partition(":")[0])
    url = url if has_scheme else f"https://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return ""
    if (
        not _HOST.fullmatch(_ascii_host(host))
        or parts.scheme.lower() not in {"http", "https"}
        or len(url) > 2000
        or "@" in parts.netloc
    ):
        return ""
    rest = url[len(parts.scheme) + 3 + len(parts.netloc) :]
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{rest}"


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
