"""The sheets as PDF, by WeasyPrint, from the HTML that prints. Nothing but our own static files is ever read for it."""

from __future__ import annotations

import io
import logging
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from directory.errors import DirectoryError

_STATIC = (Path(__file__).parent / "static").resolve()
# a name that no network has (RFC 2606): addresses are joined to it, and read from our folder
_HOST = "relais.invalid"
_PATH = "/static/"
_TYPES = {".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_log = logging.getLogger(__name__)


class PdfUnavailable(DirectoryError):
    """This machine cannot make a PDF: WeasyPrint does not find Pango."""

    def __init__(self) -> None:
        super().__init__(
            "WeasyPrint cannot load Pango",
            public="Ce serveur ne peut pas faire de PDF : la bibliothèque Pango n’y est pas installée. "
            "La page s’imprime, et le navigateur sait l’enregistrer en PDF.",
        )


class ForbiddenFetch(ValueError):
    """A document asked for something that is not one of our static files."""


def can_print() -> bool:
    """Whether this machine makes PDF files; looked at once."""
    return _weasyprint() is not None


def pdf_of(html: str) -> bytes:
    """A PDF (tagged, PDF/UA-1) of a whole HTML document whose addresses are those of ``/static/``.

    Raises:
        PdfUnavailable: This machine has no Pango.
    """
    weasyprint = _weasyprint()
    if weasyprint is None:
        raise PdfUnavailable
    document = weasyprint.HTML(string=html, base_url=f"http://{_HOST}/", url_fetcher=static_fetcher(), media_type="print")
    return bytes(document.write_pdf(pdf_variant="pdf/ua-1"))


@cache
def _weasyprint() -> Any:
    try:
        import weasyprint  # noqa: PLC0415 - takes half a second, and fails at once without Pango
    except (ImportError, OSError) as error:
        _log.warning("no PDF: WeasyPrint cannot be loaded (%s)", str(error).splitlines()[0] if str(error) else "?")
        return None
    return weasyprint


def find_static(url: str) -> Path:
    """The static file that an address names.

    Raises:
        ForbiddenFetch: Another scheme or host, a path out of the folder, a type that no sheet needs, or no such file.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.netloc != _HOST or not parts.path.startswith(_PATH):
        raise ForbiddenFetch(url)
    path = (_STATIC / unquote(parts.path[len(_PATH) :])).resolve()
    if not path.is_relative_to(_STATIC) or path.suffix not in _TYPES or not path.is_file():
        raise ForbiddenFetch(url)
    return path


@cache
def static_fetcher() -> Any:
    """WeasyPrint's fetcher of ours: it reads static files, and has no way out to the network or to other files."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415

    class StaticFetcher(URLFetcher):  # type: ignore[misc] # WeasyPrint has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - WeasyPrint's signature
            path = find_static(url)
            return URLFetcherResponse(url, io.BytesIO(path.read_bytes()), {"Content-Type": _TYPES[path.suffix]})

    return StaticFetcher()
