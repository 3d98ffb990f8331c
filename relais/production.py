"""What an instance that the internet reaches must not have: a secret that anyone can guess."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from directory.errors import InvalidSetting
from directory.settings import Settings, is_loopback

_SHORTEST = 12
_GUESSED = re.compile(
    "(admin|azerty|change(me|z)?|default|example|exemple|master|key|mot|de|passe|password|postgres|qwerty|redis|relais|remplacer|secret"
    "|test|this|moi|x)*"
)
"""What a secret is made of, digits and signs apart, when it is an example's or nobody thought of one."""


def refuse_default_secrets(settings: Settings) -> None:
    """Refuse to serve the internet with a secret that is missing, short, or an example's.

    The internet is there when RELAIS_PUBLIC_URL names another host than this machine. Where no secret is set (SQLite, the
    embedded index, a socket of this machine) there is none to guess: those that the program needs, it draws itself.

    Raises:
        InvalidSetting: There is one.
    """
    if not settings.public_url or is_loopback(urlsplit(settings.public_url).hostname):
        return
    for variable, secret in _secrets(settings):
        if _is_guessable(secret):
            raise InvalidSetting(
                variable,
                "…",
                "a secret that anyone can guess",
                public=f"{variable} : en service (RELAIS_PUBLIC_URL), il faut un secret d’au moins {_SHORTEST} caractères, "
                "tiré au hasard et non celui d’un exemple. En tirer un : « openssl rand -hex 24 ».",
            )


def _is_guessable(secret: str) -> bool:
    letters = re.sub(r"[^a-z]", "", secret.lower())
    return len(secret) < _SHORTEST or len(set(secret)) < 6 or (len(letters) > 5 and _GUESSED.fullmatch(letters) is not None)


def _secrets(settings: Settings) -> Iterator[tuple[str, str]]:
    """Each secret that another machine could use, with the variable that holds it; an empty text where there is none."""
    for variable, address in (
        ("RELAIS_DATABASE_URL", settings.database_url),
        ("RELAIS_API_LIMITS", settings.api_limits),
        ("RELAIS_QUEUE", settings.queue),
        ("RELAIS_SMTP_URL", settings.smtp_url),
    ):
        password = urlsplit(address).password
        if password is not None:
            yield variable, unquote(password)
    if settings.search != "embedded":
        yield "RELAIS_SEARCH_KEY", settings.search_key
    if settings.metrics_key:
        yield "RELAIS_METRICS_KEY", settings.metrics_key
    if settings.oidc_client_secret:
        yield "RELAIS_OIDC_CLIENT_SECRET", settings.oidc_client_secret
