"""The inputs of a run as files: addresses are fetched, page by page where their source says so; paths are taken as they are."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from directory.http import Fetcher, FetchError, Request
from importers.errors import ImporterError, StructureChanged, UnreadableFile
from importers.guards import WORKBOOKS, Content, check_file
from importers.source import Key, Online, Pages, Source

_MOST_PAGE_BYTES = 64_000_000
_MOST_TOKEN_BYTES = 100_000
_MOST_SECONDS = 1800.0


class KeyMissing(ImporterError):
    """An online source asks for a key that no setting gives."""


def fetch_inputs(
    source: Source,
    inputs: Sequence[str],
    folder: Path,
    fetcher: Fetcher,
    *,
    keys: Mapping[str, str] | None = None,
    departement: str = "",
    told: Callable[[str], None] | None = None,
) -> tuple[Path, ...]:
    """The files of a run.

    Args:
        source: What the source declares: its addresses, fetched when ``inputs`` is empty.
        inputs: Paths and addresses, in order.
        folder: Where what is fetched goes; an input's own folder inside it.
        fetcher: The way out.
        departement: The only one that the addresses of the source are asked for, where they can be; empty for all of France.
        keys: Name → key (Settings.keys). A key is sent only to the addresses that source.toml names.
        told: Told each address, without its query, before it is fetched.

    Raises:
        KeyMissing: The source asks for a key.
        FetchError: See directory.http.
        UnreadableFile: What came is not what the source reads.
        StructureChanged: A page has not the shape declared.
    """
    wanted = inputs or [_declared(online, departement) for online in source.online if online.url]
    paths = []
    for rank, text in enumerate(wanted):
        if not text.lower().startswith(("http://", "https://")):
            paths.append(_local(text))
            continue
        place = folder / str(rank)
        place.mkdir(parents=True)
        if told is not None:
            told(text.partition("?")[0])
        online = next((online for online in source.online if online.concerns(text)), None)
        paths.append(_fetch(_Asked(source, online, text, departement), place, fetcher, keys or {}))
    return tuple(paths)


def _local(text: str) -> Path:
    scheme, mark, _ = text.partition("://")
    if mark and scheme.isalnum() and not Path(text).exists():
        raise UnreadableFile(
            f"{text[:200]}: scheme",
            public=f"« {text[:120]} » : seules les adresses en http:// ou https:// sont lues ; sinon, donner un fichier.",
        )
    return Path(text)


def _declared(online: Online, departement: str) -> str:
    if not departement:
        return online.url
    asked = {name: [_filled(text, departement)] for name, text in online.departement.items()}
    return _with(online.url, asked)


def _filled(text: str, departement: str) -> str:
    return text.replace("{code3}", departement.zfill(3)).replace("{code}", departement)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An address, and what its source declares of it."""

    source: Source
    online: Online | None
    url: str
    departement: str

    @property
    def body(self) -> bytes | None:
        """What is sent with POST."""
        if self.online is None or not self.online.body:
            return None
        one = self.online.departement_body if self.departement else ""
        return (_filled(one, self.departement) if one else self.online.body).encode()


def _fetch(asked: _Asked, folder: Path, fetcher: Fetcher, keys: Mapping[str, str]) -> Path:
    headers, secret = _key(asked, folder, fetcher, keys)
    if asked.body is not None:
        headers["Content-Type"] = "application/json"
    check = partial(_check, online=asked.online, url=asked.url, max_bytes=fetcher.max_bytes)
    request = Request(url=asked.url, headers=headers, secret=secret, body=asked.body, check=check)
    if asked.online is None or asked.online.pages is None:
        return fetcher.fetch_file(request, folder)
    return _Book(request, asked.online.pages, folder, fetcher).bind()


def _key(asked: _Asked, folder: Path, fetcher: Fetcher, keys: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the query parameters that hold the key.

    Raises:
        KeyMissing: There is none, or it has not the form that the source asks for.
    """
    declared = asked.online.key if asked.online is not None else None
    if declared is None:
        return {}, {}
    key = keys.get(declared.name or asked.source.name, "")
    name = f"RELAIS_KEY_{(declared.name or asked.source.name).upper()}"
    if not key and not declared.required:
        return {}, {}
    if not key:
        raise KeyMissing(f"{name} is not set", public=f"La source « {asked.source.name} » demande une clé : réglage {name}.")
    if declared.token_url:
        if ":" not in key:
            raise KeyMissing(f"{name} is no identifier:secret", public=f"{name} : « identifiant:secret » attendu.")
        key = _token(declared, folder, fetcher, key)
    return ({declared.header: declared.prefix + key}, {}) if declared.header else ({}, {declared.parameter: key})


def _token(declared: Key, folder: Path, fetcher: Fetcher, key: str) -> str:
    """A token for a key « identifiant:secret » (RFC 6749, 4.4). Nothing of it is kept."""
    identifier, _, secret = key.partition(":")
    form = {"grant_type": "client_credentials", "client_id": identifier, "client_secret": secret, "scope": declared.scope}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    place = folder / "token"
    place.mkdir()
    small = replace(fetcher, max_bytes=_MOST_TOKEN_BYTES)
    path = small.fetch_file(Request(url=declared.token_url, headers=headers, body=urlencode(form).encode()), place)
    try:
        token = json.loads(path.read_bytes())["access_token"]
    except (ValueError, KeyError, TypeError) as error:
        host = urlsplit(declared.token_url).hostname
        raise FetchError(declared.token_url, "no token", public=f"Le serveur de {host} n’a pas donné de jeton.") from error
    finally:
        path.unlink()
    return str(token)


def _check(path: Path, *, online: Online | None, url: str, max_bytes: int) -> None:
    content = check_file(path, max_bytes)
    tables = WORKBOOKS | {Content.TEXT}
    right = content is not Content.HTML
    if online is not None:
        right = content in tables if online.content == "table" else content == online.content
    if not right:
        host = urlsplit(url).hostname
        raise FetchError(url, f"{content} came", public=f"Le serveur de {host} n’a pas envoyé les données attendues.")


@dataclass(frozen=True, slots=True)
class _Book:
    """The pages of an address, bound into one JSON array."""

    request: Request
    pages: Pages
    folder: Path
    fetcher: Fetcher

    def bind(self) -> Path:
        path = self.folder / f"{Path(urlsplit(self.request.url).path).name or 'pages'}.json"
        written = 0
        with path.open("w", encoding="utf-8") as target:
            for rank, item in enumerate(self._items()):
                text = json.dumps(item, ensure_ascii=False)
                written += len(text.encode())
                if written > self.fetcher.max_bytes:
                    raise self._stop("too large", f"Les pages dépassent {self.fetcher.max_bytes // 1_000_000} Mo : refusées.")
                target.write(f"{',' if rank else '['}\n{text}")
            target.write("\n]\n" if written else "[]\n")
        return path

    def _items(self) -> Iterator[Any]:
        url, read, seen = self._first(), 0, set[str]()
        ends = time.monotonic() + _MOST_SECONDS
        for rank in range(self.pages.most):
            page, digest = self._page(url, rank)
            items = _at(page, self.pages.items)
            if not isinstance(items, list):
                raise StructureChanged(
                    f"{_told(url)}: no list at {self.pages.items!r}",
                    public=f"La réponse de {urlsplit(url).hostname} n’a plus la forme attendue "
                    f"(« {self.pages.items} » manque) : rien n’est publié.",
                )
            if items and digest in seen:
                raise self._stop("the same page twice", "Le serveur redonne la même page : la liste serait sans fin.")
            seen.add(digest)
            yield from items
            read += len(items)
            following = self._next(url, page, read, rank)
            if following is None or not items:
                self._check_total(page, read)
                return
            if time.monotonic() > ends:
                raise self._stop("deadline", "Les pages n’arrivent pas à temps.")
            url = following
        raise self._stop("too many pages", f"La liste dépasse {self.pages.most} pages : rien n’est publié.")

    def _page(self, url: str, rank: int) -> tuple[Any, str]:
        place = self.folder / f"page-{rank}"
        place.mkdir()
        fetcher = replace(self.fetcher, max_bytes=min(self.fetcher.max_bytes, _MOST_PAGE_BYTES))
        same = _server(url) == _server(self.request.url)
        request = replace(self.request, url=url) if same else Request(url=url, check=self.request.check)
        path = fetcher.fetch_file(request, place)
        body = path.read_bytes()
        path.unlink()
        try:
            return json.loads(body), hashlib.sha256(body).hexdigest()
        except (ValueError, RecursionError) as error:
            raise self._stop("not JSON", f"Une page de {urlsplit(url).hostname} n’est pas du JSON valide.") from error

    def _first(self) -> str:
        name, count = self.pages.size
        begun = {self.pages.position: [str(self.pages.first)]} if self.pages.by == "page" else {}
        return _with(self.request.url, begun | ({name: [str(count)]} if name else {}))

    def _next(self, url: str, page: Any, read: int, rank: int) -> str | None:
        """The address of the next page; None after the last."""
        total = _at(page, self.pages.total) if self.pages.total else None
        if isinstance(total, int) and read >= total:
            return None
        if self.pages.by in {"offset", "page"}:
            return _with(url, {self.pages.position: [str(read if self.pages.by == "offset" else self.pages.first + rank + 1)]})
        cursor = _at(page, self.pages.cursor)
        if not cursor:
            return None
        if self.pages.by == "next":
            return urljoin(url, str(cursor))
        values = [str(value) for value in cursor] if isinstance(cursor, list) else [str(cursor)]
        following = _with(url, {self.pages.position: values})
        return following if following != url else None  # some say that it was the last by giving its own cursor again

    def _check_total(self, page: Any, read: int) -> None:
        total = _at(page, self.pages.total) if self.pages.total else None
        if isinstance(total, int) and read < total:
            raise self._stop("pages missing", f"Le serveur annonce {total} éléments et en donne {read} : rien n’est publié.")

    def _stop(self, reason: str, public: str) -> FetchError:
        return FetchError(self.request.url, reason, public=public)


def _at(page: Any, key: str) -> Any:
    for name in key.split("."):
        page = page.get(name) if isinstance(page, dict) else None
    return page


def _with(url: str, parameters: Mapping[str, Sequence[str]]) -> str:
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in parameters]
    added = [(name, value) for name, values in parameters.items() for value in values]
    return parts._replace(query=urlencode([*kept, *added])).geturl()


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _told(url: str) -> str:
    return url.partition("?")[0]
