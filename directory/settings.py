"""The settings of an instance, read once from the environment (RELAIS_*), and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit

from directory.errors import InvalidSetting

Theme = Literal["dsfr", "neutre"]
LogForm = Literal["texte", "json"]
LOG_FORMS = ("texte", "json")
THEMES: tuple[Theme, ...] = ("dsfr", "neutre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What can be set. Each field is the variable ``RELAIS_<FIELD>`` in capitals; docs/operating.md lists them.

    Attributes:
        data: Folder for all local state (database, index, caches).
        database_url: SQLAlchemy URL; SQLite in ``data`` when not given.
        search: ``embedded``, or the URL of a Meilisearch server.
        search_key: The Meilisearch server's key (it searches, writes and administers the index).
        search_timeout: Seconds to wait for each of its answers: past them, it is unavailable.
        search_standby: Whether this host keeps an embedded index beside the server's, to answer when it does not.
        host: Address the web server listens on.
        port: Port the web server listens on.
        workers: Processes of the web server.
        theme: ``dsfr`` (the State's design system, for sites of the State) or ``neutre``.
        weights: File (TOML) of the weights that an académie gives the criteria of the matcher; the program's own when None.
        max_file_mb: Largest file an import accepts, in megabytes.
        max_upload_mb: Largest file that a curator may send from the pages, in megabytes.
        queue: Where long work waits: empty for a file of ``data``, or ``redis://…``.
        worker: Whether the web server starts the process that does it; otherwise ``relais worker`` does.
        loopback: Whether files may be fetched from this very machine: for tests, where a local server plays its part.
        map_tiles: Background of the maps: address of its tiles, with {z}, {x} and {y}; empty for the one that the program draws.
        map_credit: What the background's owner asks to be written on it.
        ban_url: The Base Adresse Nationale's geocoding service (``https://data.geopf.fr/geocodage``); empty to send it nothing.
        companies_url: The company-search API (``https://recherche-entreprises.api.gouv.fr``), asked when a curator adds a
            company; empty to send it nothing.
        itineraries_url: The navigation service that draws what is reached by road (``https://data.geopf.fr/navigation``);
            empty to send it nothing.
        api_limits: Where the API's requests are counted: ``memory://`` (each process apart) or ``redis://…`` (all together).
        api_anonymous: What may be asked of the API without a key, as flask-limiter writes it.
        proxies: How many reverse proxies stand before the server, whose ``X-Forwarded-*`` headers are then believed.
        public_url: Address of the pages as people type it (``https://relais.example``): accounts, and the links sent to them,
            need it.
        smtp_url: Server that sends the links to choose a password (``smtp://user:secret@host:587``); empty to send none.
        smtp_from: Address that these letters come from.
        mail_per_minute: Letters of campaigns that leave in a minute at most, from all processes together.
        oidc_issuer: OpenID Connect provider by which accounts may sign in (``https://id.example``); empty for none.
        oidc_client_id: The name by which it knows this instance.
        oidc_client_secret: And the secret that goes with it; empty for a public client (PKCE alone).
        oidc_scope: What is asked of it.
        oidc_label: What its button says.
        oidc_uai_claim: Claim that holds the UAI of a référent's lycée: whoever has one and no account is given one.
            Empty: nobody is.
        dossier_months: Months after the parcours at which a dossier deletes itself.
        journal_months: Months for which the journal of accesses to dossiers is kept.
        account_months: Months without signing in after which an account is closed.
        smallest_group: The least number of students of a group whose counts are shown.
        log: ``texte``, for people, or ``json``, one object a line.
        log_requests: Whether each request is told (its route, never its address or what it holds).
        nice: Niceness (0 to 19) of imports and of whatever else takes minutes: they give way to the server; 0 for none.
        slow_ms: Milliseconds from which a request, or a question to the database, is told as slow; 0 to tell none.
        metrics_key: Who holds it may read the figures (``/metrics``); empty: nobody may.
        keys: Keys of online sources by source (``RELAIS_KEY_<SOURCE>``). Never shown.
    """

    data: Path
    database_url: str = field(repr=False)
    search: str = "embedded"
    search_key: str = field(default="", repr=False)
    search_timeout: int = 10
    search_standby: bool = True
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    theme: Theme = "dsfr"
    weights: Path | None = None
    max_file_mb: int = 2048
    max_upload_mb: int = 20
    queue: str = field(default="", repr=False)
    worker: bool = True
    loopback: bool = False
    ban_url: str = ""
    map_tiles: str = ""
    map_credit: str = ""
    companies_url: str = ""
    itineraries_url: str = ""
    api_limits: str = field(default="memory://", repr=False)
    api_anonymous: str = "60/minute;5000/day"
    proxies: int = 0
    public_url: str = ""
    smtp_url: str = field(default="", repr=False)
    smtp_from: str = ""
    mail_per_minute: int = 20
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_scope: str = "openid"
    oidc_label: str = "mon fournisseur d’identité"
    oidc_uai_claim: str = ""
    dossier_months: int = 3
    journal_months: int = 12
    account_months: int = 12
    smallest_group: int = 10
    log: LogForm = "texte"
    log_requests: bool = False
    nice: int = 10
    slow_ms: int = 1000
    metrics_key: str = field(default="", repr=False)
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def index_path(self) -> Path:
        """Folder of the embedded search index."""
        return self.data / "index"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Args:
        environ: The variables to read; the process's own when None.

    Raises:
        InvalidSetting: A variable has no such form, or no such variable exists (a typing mistake must not be silent).
    """
    env = os.environ if environ is None else environ
    given = {name.removeprefix("RELAIS_").lower(): value for name, value in env.items() if name.startswith("RELAIS_")}
    keys = {name.removeprefix("key_"): given.pop(name) for name in sorted(given) if name.startswith("key_")}
    known = {f.name for f in fields(Settings)} - {"keys"}
    for name in sorted(given.keys() - known):
        raise InvalidSetting(
            f"RELAIS_{name.upper()}", given[name], "unknown setting", public=f"Réglage inconnu : RELAIS_{name.upper()}."
        )
    data = Path(given.get("data") or ".relais").expanduser().resolve()
    return Settings(
        data=data,
        database_url=given.get("database_url") or f"sqlite:///{data / 'relais.sqlite3'}",
        search=_search(given.get("search") or "embedded"),
        search_key=_key("RELAIS_SEARCH_KEY", given.get("search_key", "")),
        search_timeout=_integer(given, "search_timeout", default=10, low=1, high=600),
        search_standby=_switch(given, "search_standby", default=True),
        host=given.get("host") or "127.0.0.1",
        port=_integer(given, "port", default=8000, low=1, high=65535),
        workers=_integer(given, "workers", default=2, low=1, high=64),
        theme=_theme(given.get("theme") or "dsfr"),
        weights=Path(given["weights"]).expanduser().resolve() if given.get("weights") else None,
        max_file_mb=_integer(given, "max_file_mb", default=2048, low=1, high=100_000),
        max_upload_mb=_integer(given, "max_upload_mb", default=20, low=1, high=1000),
        queue=_queue(given.get("queue", "")),
        worker=_switch(given, "worker", default=True),
        loopback=_switch(given, "loopback"),
        ban_url=_address("RELAIS_BAN_URL", given.get("ban_url", "")),
        map_tiles=_tiles(given.get("map_tiles", "")),
        map_credit=given.get("map_credit", ""),
        companies_url=_address("RELAIS_COMPANIES_URL", given.get("companies_url", "")),
        itineraries_url=_address("RELAIS_ITINERARIES_URL", given.get("itineraries_url", "")),
        api_limits=_counter(given.get("api_limits") or "memory://"),
        api_anonymous=_limits(given.get("api_anonymous") or "60/minute;5000/day"),
        proxies=_integer(given, "proxies", default=0, low=0, high=10),
        public_url=_own_address(given.get("public_url", "")),
        smtp_url=_smtp(given.get("smtp_url", "")),
        smtp_from=_sender(given.get("smtp_from", "").strip()),
        mail_per_minute=_integer(given, "mail_per_minute", default=20, low=1, high=600),
        oidc_issuer=_issuer(given),
        oidc_client_id=given.get("oidc_client_id", ""),
        oidc_client_secret=_key("RELAIS_OIDC_CLIENT_SECRET", given.get("oidc_client_secret", "")),
        oidc_scope=given.get("oidc_scope") or "openid",
        oidc_label=given.get("oidc_label") or "mon fournisseur d’identité",
        oidc_uai_claim=given.get("oidc_uai_claim", ""),
        dossier_months=_integer(given, "dossier_months", default=3, low=0, high=24),
        journal_months=_integer(given, "journal_months", default=12, low=6, high=36),
        account_months=_integer(given, "account_months", default=12, low=1, high=60),
        smallest_group=_integer(given, "smallest_group", default=10, low=5, high=1000),
        log=_log_form(given.get("log") or "texte"),
        log_requests=_switch(given, "log_requests"),
        nice=_integer(given, "nice", default=10, low=0, high=19),
        slow_ms=_integer(given, "slow_ms", default=1000, low=0, high=600_000),
        metrics_key=_key("RELAIS_METRICS_KEY", given.get("metrics_key", "")),
        keys={source: _key(f"RELAIS_KEY_{source.upper()}", text) for source, text in keys.items() if text},
    )


def _integer(given: Mapping[str, str], name: str, *, default: int, low: int, high: int) -> int:
    text = given.get(name, "")
    if not text:
        return default
    if text.isascii() and text.isdecimal() and len(text) <= 9 and low <= int(text) <= high:
        return int(text)
    variable = f"RELAIS_{name.upper()}"
    raise InvalidSetting(
        variable,
        text,
        f"not an integer of {low}..{high}",
        public=f"{variable} doit être un nombre entre {low} et {high}.",
    )


def _switch(given: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = given.get(name, "").lower()
    if not text:
        return default
    if text in {"non", "0"}:
        return False
    if text in {"oui", "1"}:
        return True
    variable = f"RELAIS_{name.upper()}"
    raise InvalidSetting(variable, text, "neither yes nor no", public=f"{variable} : oui ou non.")


def _queue(text: str) -> str:
    if not text or (urlsplit(text).scheme in {"redis", "rediss"} and urlsplit(text).hostname):
        return text
    raise InvalidSetting("RELAIS_QUEUE", "…", "not a Redis address", public="RELAIS_QUEUE : redis://…, ou rien.")


def _address(variable: str, text: str) -> str:
    if not text or (urlsplit(text).scheme in {"http", "https"} and urlsplit(text).hostname):
        return text.rstrip("/")
    raise InvalidSetting(variable, text, "not a URL", public=f"{variable} doit être une adresse (https://…), ou vide.")


def is_loopback(host: str | None) -> bool:
    """Whether a host's name is this very machine's."""
    return host in {"localhost", "127.0.0.1", "::1"}


def _own_address(text: str) -> str:
    parts = urlsplit(text)
    private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if not text or (private and parts.hostname and parts.path in {"", "/"} and not parts.query and not parts.username):
        return text.rstrip("/")
    # sessions and passwords would travel in clear
    public = "RELAIS_PUBLIC_URL doit être l’adresse https des pages, sans chemin (https://relais.example)."
    raise InvalidSetting("RELAIS_PUBLIC_URL", text, "not an https origin", public=public)


def _issuer(given: Mapping[str, str]) -> str:
    text = given.get("oidc_issuer", "")
    parts = urlsplit(text)
    private = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    if text and not (private and parts.hostname and not parts.query):
        raise InvalidSetting("RELAIS_OIDC_ISSUER", text, "not an https address", public="RELAIS_OIDC_ISSUER : une adresse https.")
    if text and not given.get("oidc_client_id"):
        public = "RELAIS_OIDC_ISSUER demande RELAIS_OIDC_CLIENT_ID."
        raise InvalidSetting("RELAIS_OIDC_CLIENT_ID", "", "missing", public=public)
    if text and "openid" not in (given.get("oidc_scope") or "openid").split():
        raise InvalidSetting("RELAIS_OIDC_SCOPE", given["oidc_scope"], "no openid", public="RELAIS_OIDC_SCOPE doit dire openid.")
    return text.rstrip("/") if text.count("/") == 3 else text


def _smtp(text: str) -> str:
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not text or known:
        return text
    raise InvalidSetting(
        "RELAIS_SMTP_URL", "…", "not a server", public="RELAIS_SMTP_URL s’écrit smtp://nom:secret@hôte:587, ou smtps://…."
    )


def _sender(text: str) -> str:
    """An address, alone or after the name that it goes by: « Relais <relais@exemple.fr> »."""
    if not text or re.fullmatch(r"([^<>@\x00-\x1f]* ?<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)", text):
        return text
    public = "RELAIS_SMTP_FROM est une adresse (relais@exemple.fr), ou un nom et une adresse entre < et >."
    raise InvalidSetting("RELAIS_SMTP_FROM", "…", "not an address", public=public)


def _tiles(text: str) -> str:
    parts = urlsplit(text)
    # it goes into the pages' security policy as it is
    named = parts.scheme in {"http", "https"} and parts.hostname and re.fullmatch(r"[\w.\-\[\]:]+", parts.netloc, re.ASCII)
    if not text or (named and all(part in text for part in ("{z}", "{x}", "{y}"))):
        return text
    public = "RELAIS_MAP_TILES doit être l’adresse de tuiles (https://…), avec {z}, {x} et {y}, ou vide."
    raise InvalidSetting("RELAIS_MAP_TILES", text, "not an address of tiles", public=public)


def _counter(text: str) -> str:
    if text == "memory://" or (urlsplit(text).scheme in {"redis", "rediss"} and urlsplit(text).hostname):
        return text
    raise InvalidSetting("RELAIS_API_LIMITS", "…", "not a counter", public="RELAIS_API_LIMITS : memory:// ou redis://….")


def _limits(text: str) -> str:
    if re.fullmatch(r"[1-9]\d{0,8}/(minute|hour|day)(;[1-9]\d{0,8}/(minute|hour|day))*", text, re.ASCII):
        return text
    raise InvalidSetting(
        "RELAIS_API_ANONYMOUS", text, "not limits", public="RELAIS_API_ANONYMOUS s’écrit « 60/minute;5000/day »."
    )


def _key(variable: str, text: str) -> str:
    """A key as it may be sent in a header: the error does not repeat it."""
    if text.isascii() and text.isprintable() and text == text.strip():
        return text
    raise InvalidSetting(variable, "…", "not a key", public=f"{variable} : une clé est d’un seul tenant, sans accent ni retour.")


def _theme(text: str) -> Theme:
    if text not in THEMES:
        raise InvalidSetting("RELAIS_THEME", text, "unknown theme", public=f"RELAIS_THEME : {' ou '.join(THEMES)}.")
    return text


def _log_form(text: str) -> LogForm:
    if text in LOG_FORMS:
        return cast("LogForm", text)
    raise InvalidSetting("RELAIS_LOG", text, "unknown form", public="RELAIS_LOG : texte ou json.")


def count_together(folder: Path) -> None:
    """Have the processes that this one starts count in a folder: Prometheus's client reads that from the environment."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _search(text: str) -> str:
    if text == "embedded" or (urlsplit(text).scheme in {"http", "https"} and urlsplit(text).hostname):
        return text
    raise InvalidSetting(
        "RELAIS_SEARCH",
        text,
        "neither 'embedded' nor a URL",
        public="RELAIS_SEARCH doit être « embedded » ou l’adresse d’un serveur Meilisearch (http://…).",
    )
