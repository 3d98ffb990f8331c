"""The only way out to the network: guarded against private addresses, bounded in time and size, retried politely."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeout
from urllib3.filepost import encode_multipart_formdata
from urllib3.response import HTTPResponse

from directory.errors import DirectoryError
from directory.http_cache import HttpCache

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_USER_AGENT = "Relais (annuaire de partenaires)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({429, 500, 502, 503, 504})
_NOT_MODIFIED = 304
_CHUNK = 64 * 1024
_LONGEST_PAUSE = 120.0
# what Python before 3.11.10 and 3.12.4 takes for public (IANA special-purpose registries: IETF assignments, local NAT64)
_NOT_GLOBAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("64:ff9b:1::/48"))
_ASCII = "".join(map(chr, range(0x21, 0x7F)))


class FetchError(DirectoryError):
    """A URL could not be fetched; nothing of it was kept.

    Attributes:
        url: The URL asked, without its query and its user (which may hold a key).
    """

    def __init__(self, url: str, reason: str, *, public: str) -> None:
        parts = urlsplit(url)
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
        super().__init__(f"{self.url}: {reason}", public=public)


class ForbiddenAddress(FetchError):
    """The URL leads to an address that is not of the public internet."""


def is_public(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet.

    IPv4 addresses dressed as IPv6 (``::ffff:127.0.0.1``, NAT64, 6to4) are judged by what they lead to.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_public(inner)
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    inside = any(address in network for network in _NOT_GLOBAL if network.version == address.version)
    return address.is_global and not address.is_multicast and not inside


def is_public_or_loopback(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet or to this very machine (RELAIS_LOOPBACK, for tests)."""
    return address.is_loopback or is_public(address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked.

    Attributes:
        url: Address, with its query. Named in errors without it.
        headers: Sent as well (a key). They never follow a redirect to another origin.
        secret: Query parameters that are sent and never told (a key); likewise.
        body: Sent with POST; None to ask with GET. A POST is not redirected, and its answer is not kept in the cache.
        check: Judges the body that came before it is kept: raises when it is not what was asked.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    check: Callable[[Path], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answers, whatever its status; ``body`` holds as much of it as was asked for."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Fetches files over HTTP.

    The host is resolved once and the connection goes to the very address that was judged, so a name that changes its answer
    between the check and the use gains nothing; every redirect is judged again.

    Attributes:
        max_bytes: Largest body accepted, as it arrives.
        timeout: Seconds to connect, and to wait for each part of the answer.
        deadline: Seconds for the whole of one file, redirects and retries included: the connection is cut when it is past.
        attempts: How many times a passing failure (429, 500, 502, 503, 504, a cut connection) is tried.
        max_redirects: How many redirects are followed.
        allowed: Judges each resolved address.
        pause: Seconds before the second attempt, doubled at each one; the server's ``Retry-After`` is obeyed where it asks more.
        cache: Where answers that can be asked again with a condition are kept; None for nowhere.
    """

    max_bytes: int = 2_048_000_000
    timeout: float = 20.0
    deadline: float = 600.0
    attempts: int = 3
    max_redirects: int = 5
    allowed: Callable[[IPAddress], bool] = is_public
    pause: float = 1.0
    cache: HttpCache | None = None

    def fetch_file(self, wanted: str | Request, folder: Path) -> Path:
        """Fetch a URL into a folder; returns the file, named as the URL's path ends.

        Raises:
            ForbiddenAddress: The URL, or a redirect, leads to a private address.
            FetchError: No answer, a refusal, a body too large or cut short, or the deadline is past.
            Exception: Whatever ``check`` raises.
        """
        request = Request(url=wanted) if isinstance(wanted, str) else wanted
        request = replace(request, url=checked_url(request.url))
        ends = time.monotonic() + self.deadline
        for attempt in range(1, self.attempts + 1):
            try:
                return self._follow(request, folder, ends)
            except _Passing as passing:
                pause = max(self.pause * 2 ** (attempt - 1), passing.wait)
                if attempt == self.attempts or pause > _LONGEST_PAUSE or time.monotonic() + pause > ends:
                    raise _unanswered(request.url, passing) from passing
                time.sleep(pause)
        raise AssertionError("unreachable")

    def ask(self, url: str, *, method: Literal["HEAD", "GET"] = "HEAD", most: int = 0) -> Answer:
        """What a server answers to one question, redirects followed, asked once.

        Args:
            url: The address.
            method: How it is asked.
            most: How many bytes of the body are read at most; the connection is closed over the rest.

        Raises:
            ForbiddenAddress: The URL, or a redirect, leads to a private address.
            FetchError: No answer, or redirects without end.
        """
        here, ends = checked_url(url), time.monotonic() + self.deadline
        try:
            for _ in range(self.max_redirects + 1):
                with self._open(here, {}, ends, method=method) as response:
                    if response.status not in _REDIRECTS:
                        body = response.read(most, decode_content=True) if most else b""
                        return Answer(status=response.status, body=body)
                    here = _redirected(here, response)
        except _Passing as passing:
            raise _unanswered(url, passing) from passing
        raise _endless(url)

    def _follow(self, request: Request, folder: Path, ends: float) -> Path:
        here = _with(request.url, request.secret)
        for _ in range(self.max_redirects + 1):
            headers = dict(request.headers) if _origin(here) == _origin(request.url) else {}
            with self._open(here, headers | self._conditions(request), ends, request.body) as response:
                if response.status not in _REDIRECTS:
                    return self._save(response, request, here, folder, ends)
                if request.body is not None:
                    raise FetchError(
                        request.url, "POST redirected", public=f"Le serveur de {_host(request.url)} renvoie ailleurs."
                    )
                here = _redirected(here, response)
        raise _endless(request.url)

    def _conditions(self, request: Request) -> dict[str, str]:
        return self.cache.conditions(request.url) if self.cache is not None and request.body is None else {}

    @contextmanager
    def _open(
        self, url: str, headers: dict[str, str], ends: float, body: bytes | None = None, *, method: str = "GET"
    ) -> Iterator[HTTPResponse]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        address = self._resolve(url, host, parts.port or (443 if parts.scheme == "https" else 80))
        left = max(0.1, ends - time.monotonic())
        connection = _connection(parts.scheme, str(address), parts.port, host, min(self.timeout, left))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        told = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": _USER_AGENT, "Accept-Encoding": "gzip, identity"}
        opened: list[socket.socket] = []
        # each part of an answer may come in time and the whole never end: the connection itself is cut at the deadline
        cut = threading.Timer(left, _cut, (connection, opened))
        cut.daemon = True
        cut.start()
        try:
            connection.connect()
            opened.append(connection.sock)
            way = method if body is None else "POST"
            connection.request(way, target, body, headers=told | headers, preload_content=False)
            response = connection.getresponse()
            try:
                yield response
            finally:
                response.close()
        except HTTPTimeout as error:
            raise _Passing("délai dépassé") from error
        except ssl.SSLError as error:
            raise FetchError(url, "TLS refused", public=f"La connexion sûre avec {host} est refusée (certificat ?).") from error
        except (HTTPError, HTTPException, ConnectionError, TimeoutError) as error:
            raise _Passing("délai dépassé" if time.monotonic() >= ends else "connexion interrompue") from error
        finally:
            cut.cancel()
            connection.close()

    def _resolve(self, url: str, host: str, port: int) -> IPAddress:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise FetchError(url, "name not resolved", public=f"L’adresse {host[:80]} est introuvable.") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        # one private answer among public ones is enough to refuse: which one would be used is not ours to say
        if not addresses or not all(self.allowed(address) for address in addresses):
            raise ForbiddenAddress(
                url, "private address", public=f"L’adresse {host} n’est pas une adresse publique d’internet : refusée."
            )
        return addresses[0]

    def _save(self, response: HTTPResponse, request: Request, here: str, folder: Path, ends: float) -> Path:
        url = request.url
        path = folder / (Path(urlsplit(here).path).name or "fichier")[:100]
        if response.status == _NOT_MODIFIED and self.cache is not None and self.cache.copy(url, path):
            return path
        if response.status in _PASSING:
            raise _Passing(f"statut {response.status}", wait=_retry_after(response.headers.get("Retry-After", "")))
        if response.status in {401, 403}:
            raise FetchError(
                url,
                f"status {response.status}",
                public=f"Le serveur de {_host(url)} refuse l’accès ({response.status}) : clé absente, fausse ou expirée ?",
            )
        if response.status != 200:
            raise FetchError(
                url, f"status {response.status}", public=f"Le serveur de {_host(url)} a répondu « {response.status} »."
            )
        try:
            with path.open("wb") as target:
                self._copy(response, url, target, ends)
            if request.check is not None:
                request.check(path)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if self.cache is not None and request.body is None:
            self.cache.keep(url, path, response.headers)
        return path

    def _copy(self, response: HTTPResponse, url: str, target: BinaryIO, ends: float) -> None:
        taken = 0
        for chunk in response.stream(_CHUNK, decode_content=True):
            taken += len(chunk)
            if taken > self.max_bytes:
                raise FetchError(url, "body too large", public=f"Le fichier dépasse {self.max_bytes // 1_000_000} Mo : refusé.")
            if time.monotonic() > ends:
                raise FetchError(url, "deadline", public=f"Le fichier de {_host(url)} n’est pas arrivé à temps.")
            target.write(chunk)
        if time.monotonic() > ends:  # cut at the deadline: what came without a length would look whole
            raise FetchError(url, "deadline", public=f"Le fichier de {_host(url)} n’est pas arrivé à temps.")


class _Passing(Exception):
    """A failure that may pass: worth another try, after ``wait`` seconds at least."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


def multipart(fields: Sequence[tuple[str, str | tuple[str, bytes, str]]]) -> tuple[bytes, str]:
    """A form as it is sent, and its content type. A file is its name, its bytes and their type."""
    return encode_multipart_formdata(list(fields))


def _endless(url: str) -> FetchError:
    return FetchError(url, "too many redirects", public=f"L’adresse {_host(url)} renvoie sans fin vers d’autres adresses.")


def _unanswered(url: str, passing: _Passing) -> FetchError:
    minutes = max(1, round(passing.wait / 60))
    later = f"dans {minutes} min" if passing.wait > _LONGEST_PAUSE else "plus tard"
    return FetchError(url, str(passing), public=f"Le serveur de {_host(url)} ne répond pas ({passing}). Réessayez {later}.")


def _retry_after(text: str) -> float:
    """Seconds that a server asks to wait: a number of them, or the date to wait for; 0 when it asks nothing that makes sense."""
    cell = text.strip()
    if cell.isascii() and cell.isdecimal() and len(cell) <= 9:
        return float(cell)
    with suppress(ValueError, TypeError, OverflowError):
        when = parsedate_to_datetime(cell)
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
    return 0.0


def _redirected(here: str, response: HTTPResponse) -> str:
    try:
        there = urljoin(here, response.headers.get("Location", ""))
    except ValueError:
        there = ""  # brackets that hold no address: it is told as any other address that cannot be asked
    return checked_url(there)


def checked_url(url: str) -> str:
    """A URL that may be asked, its accents and spaces written as the protocol wants them.

    Raises:
        FetchError: It is none, or not of http(s).
    """
    text = quote(url.strip(), safe=_ASCII)
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good:
        raise FetchError(
            "", "not an http(s) URL", public="L’adresse doit commencer par http:// ou https://, puis un nom de serveur."
        )
    return text


def _with(url: str, parameters: Mapping[str, str]) -> str:
    """A URL with parameters added to its query, in place of those of the same names."""
    if not parameters:
        return url
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    return parts._replace(query=urlencode([*kept, *parameters.items()])).geturl()


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:80]


def _cut(connection: HTTPConnection, opened: Sequence[socket.socket]) -> None:
    # the plain socket's own shutdown: that of TLS would take its state away from under the thread that reads
    with suppress(OSError, AttributeError, TypeError):
        socket.socket.shutdown(opened[0] if opened else connection.sock, socket.SHUT_RDWR)


def _connection(scheme: str, address: str, port: int | None, host: str, timeout: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(
            address, port, timeout=timeout, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED"
        )
    return HTTPConnection(address, port, timeout=timeout)
