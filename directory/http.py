"""The only way out to the network: guarded against private addresses, bounded in time and size, retried politely."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as HTTPTimeout

from directory.errors import DirectoryError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_USER_AGENT = "Relais (annuaire de partenaires)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({429, 502, 503, 504})
_CHUNK = 64 * 1024


class FetchError(DirectoryError):
    """A URL could not be fetched; nothing of it was kept.

    Attributes:
        url: The URL asked, without its query (which may hold a key).
    """

    def __init__(self, url: str, reason: str, *, public: str) -> None:
        self.url = urlsplit(url)._replace(query="", fragment="").geturl()
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
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Fetches files over HTTP.

    The host is resolved once and the connection goes to the very address that was judged, so a name that changes its answer
    between the check and the use gains nothing; every redirect is judged again.

    Attributes:
        max_bytes: Largest body accepted, as it arrives.
        timeout: Seconds to connect, and to wait for each part of the answer.
        deadline: Seconds for the whole of one file, redirects and retries included.
        attempts: How many times a passing failure is tried.
        max_redirects: How many redirects are followed.
        allowed: Judges each resolved address. Tests that play the server on the loopback pass their own.
        pause: Seconds before the second attempt; doubled at each one.
    """

    max_bytes: int = 2_048_000_000
    timeout: float = 20.0
    deadline: float = 600.0
    attempts: int = 3
    max_redirects: int = 5
    allowed: Callable[[IPAddress], bool] = is_public
    pause: float = 1.0

    def fetch_file(self, url: str, folder: Path) -> Path:
        """Fetch a URL into a folder; returns the file, named as the URL's path ends.

        Raises:
            ForbiddenAddress: The URL, or a redirect, leads to a private address.
            FetchError: No answer, a refusal, a body too large or cut short, or the deadline is past.
        """
        ends = time.monotonic() + self.deadline
        for attempt in range(1, self.attempts + 1):
            try:
                return self._follow(url, folder, ends)
            except _Passing as passing:
                if attempt == self.attempts or time.monotonic() + self.pause > ends:
                    raise FetchError(
                        url, str(passing), public=f"Le serveur de {_host(url)} ne répond pas ({passing}). Réessayez plus tard."
                    ) from passing
                time.sleep(self.pause * 2 ** (attempt - 1))
        raise AssertionError("unreachable")

    def _follow(self, url: str, folder: Path, ends: float) -> Path:
        here = url
        for _ in range(self.max_redirects + 1):
            with self._open(here, ends) as response:
                if response.status not in _REDIRECTS:
                    return self._save(response, url, here, folder, ends)
                location = response.headers.get("Location", "")
                here = urljoin(here, location)
        raise FetchError(url, "too many redirects", public=f"L’adresse {_host(url)} renvoie sans fin vers d’autres adresses.")

    @contextmanager
    def _open(self, url: str, ends: float) -> Iterator[urllib3.BaseHTTPResponse]:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise FetchError(url, "not an http(s) URL", public="L’adresse doit commencer par http:// ou https://.")
        address = self._resolve(url, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80))
        timeout = urllib3.Timeout(connect=self.timeout, read=max(0.1, min(self.timeout, ends - time.monotonic())))
        pool = _pool(parts.scheme, str(address), parts.port, parts.hostname, timeout)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            response = pool.urlopen(
                "GET",
                target,
                headers={"Host": parts.netloc.rpartition("@")[2], "User-Agent": _USER_AGENT, "Accept-Encoding": "gzip, identity"},
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                yield response
            finally:
                response.close()
        except HTTPTimeout as error:
            raise _Passing("délai dépassé") from error
        except HTTPError as error:
            raise _Passing("connexion interrompue") from error
        finally:
            pool.close()

    def _resolve(self, url: str, host: str, port: int) -> IPAddress:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FetchError(url, "name not resolved", public=f"L’adresse {host} est introuvable.") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        # one private answer among public ones is enough to refuse: which one would be used is not ours to say
        if not addresses or not all(self.allowed(address) for address in addresses):
            raise ForbiddenAddress(
                url, "private address", public=f"L’adresse {host} n’est pas une adresse publique d’internet : refusée."
            )
        return addresses[0]

    def _save(self, response: urllib3.BaseHTTPResponse, url: str, here: str, folder: Path, ends: float) -> Path:
        if response.status in _PASSING:
            raise _Passing(f"statut {response.status}")
        if response.status != 200:
            raise FetchError(
                url, f"status {response.status}", public=f"Le serveur de {_host(url)} a répondu « {response.status} »."
            )
        path = folder / (Path(urlsplit(here).path).name or "fichier")[:100]
        try:
            with path.open("wb") as target:
                self._copy(response, url, target, ends)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    def _copy(self, response: urllib3.BaseHTTPResponse, url: str, target: BinaryIO, ends: float) -> None:
        taken = 0
        for chunk in response.stream(_CHUNK, decode_content=True):
            taken += len(chunk)
            if taken > self.max_bytes:
                raise FetchError(url, "body too large", public=f"Le fichier dépasse {self.max_bytes // 1_000_000} Mo : refusé.")
            if time.monotonic() > ends:
                raise FetchError(url, "deadline", public=f"Le fichier de {_host(url)} n’est pas arrivé à temps.")
            target.write(chunk)


class _Passing(Exception):
    """A failure that may pass: worth another try."""


def _host(url: str) -> str:
    return urlsplit(url).hostname or url[:80]


def _pool(scheme: str, address: str, port: int | None, host: str, timeout: urllib3.Timeout) -> urllib3.HTTPConnectionPool:
    if scheme == "https":
        return urllib3.HTTPSConnectionPool(
            address, port, timeout=timeout, server_hostname=host, assert_hostname=host, cert_reqs="CERT_REQUIRED"
        )
    return urllib3.HTTPConnectionPool(address, port, timeout=timeout)
