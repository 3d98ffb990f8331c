"""Accounts: their passwords, their links, and the errors of whoever asks for more than they may."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from directory.errors import DirectoryError, InvalidValue
from directory.identifiers import parse_uai
from directory.models.accounts import AREAS, ROLE_LABELS, Account, Area, Role
from directory.territory import find_academie
from directory.text import fold

LINKS = "password-links"
"""Name of the key that signs them."""
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
LINK_LASTS = timedelta(hours=24)
"""How long a link to choose a password opens; it serves once."""

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_EMAIL = re.compile(rf"[a-z0-9.!#$%&'*+/=?^_{{|}}~-]+@{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_COMMON = re.compile(
    "mots?de?passe|password|azerty(?:uiop)?|qwerty(?:uiop)?|qsdfgh(?:jklm)?|wxcvbn|abcdef(?:gh)?|bonjour|soleil|jetaime|iloveyou|marseille"
    "|admin(?:istrateur)?|secret|lycee|professionnel|college|education|nationale|academie|france|relais|parcours|ambition|emploi|referent"
    "|bureau|entreprises?|eleves?|rentree|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|le|la|des|de"
)
"""Words of which a password may not be made alone, folded."""
_hasher = PasswordHasher()  # argon2id with the parameters of RFC 9106 for small machines


class AccountNotFound(DirectoryError):
    """No account has this address."""

    def __init__(self, email: str) -> None:
        super().__init__("no such account", public=f"Aucun compte n’a l’adresse « {email[:100]} ».")


class AccountExists(DirectoryError):
    """An account has this address, or this identity at a provider, already."""

    def __init__(self, email: str) -> None:
        super().__init__("account exists", public=f"Un compte existe déjà pour « {email[:100]} ».")


class AccountNeeded(DirectoryError):
    """An account cannot be removed: students are followed by it."""

    def __init__(self, email: str, dossiers: int) -> None:
        counted = "un dossier" if dossiers == 1 else f"{dossiers} dossiers"
        public = f"Le compte {email} suit {counted} : un référent de son lycée doit d’abord les reprendre (« Transmettre »)."
        super().__init__(f"account follows {dossiers} dossiers", public=public)


class LinkRefused(DirectoryError):
    """A link to choose a password was forged, is over, or has served."""

    def __init__(self) -> None:
        super().__init__("password link refused", public="Ce lien n’ouvre plus rien : il a servi, ou date de plus d’un jour.")


class SignInNeeded(DirectoryError):
    """A page is for people who are signed in."""

    def __init__(self) -> None:
        super().__init__("sign-in needed", public="Cette page demande de se connecter.")


class NotPermitted(DirectoryError):
    """The account may not do this."""

    def __init__(self, reason: str = "role") -> None:
        super().__init__(f"not permitted: {reason}", public="Votre compte ne donne pas accès à cette page.")


class AccountsClosed(DirectoryError):
    """Accounts are only for addresses that are private on the way: https, or this very machine."""

    def __init__(self) -> None:
        super().__init__(
            "accounts need https",
            public="Les comptes ne s’ouvrent que par une adresse https : l’administrateur doit régler RELAIS_PUBLIC_URL.",
        )


def parse_email(text: str) -> str:
    """An address in lower case.

    Raises:
        InvalidValue: It has not the form of one.
    """
    given = text.strip().lower()
    if len(given) > 254 or not _EMAIL.fullmatch(given):
        raise InvalidValue("email", text[:254], "not an address", public=f"« {text[:100]} » n’est pas une adresse électronique.")
    return given


def parse_scope(role: Role, codes: Mapping[Area, str]) -> tuple[Area, str]:
    """The scope of a role.

    Args:
        role: The role.
        codes: What was given: UAI of a lycée, code of a bassin, name of an académie.

    Raises:
        InvalidValue: Not exactly one scope, or one that the role may not have, or no UAI, or no académie.
    """
    given = {area: code.strip() for area, code in codes.items() if code.strip()}
    allowed = AREAS[role]
    if allowed == (Area.EVERYTHING,) and not given:
        return Area.EVERYTHING, ""
    if len(given) != 1 or next(iter(given)) not in allowed:
        wanted = " ou ".join(f"--{area}" for area in allowed if area != Area.EVERYTHING) or "aucun périmètre"
        raise InvalidValue("scope", str(given), "wrong scope", public=f"Le rôle « {ROLE_LABELS[role]} » demande {wanted}.")
    area, code = next(iter(given.items()))
    if len(code) > 100:
        raise InvalidValue("scope", code[:100], "too long", public="Ce périmètre est trop long.")
    if area == Area.ACADEMIE:
        return area, _parse_academie(code)
    return area, parse_uai(code) if area == Area.LYCEE else code


def _parse_academie(text: str) -> str:
    found = find_academie(text)
    if not found:
        raise InvalidValue(
            "scope", text, "no such académie", public=f"« {text} » n’est pas une académie : écrire par exemple Rennes."
        )
    return found


def check_password(password: str, email: str) -> None:
    """Let a new password pass.

    Length is what counts (NIST SP 800-63B, recommendation of the CNIL of 2022): no rule of composition, and nothing that whoever
    guesses would try first.

    Raises:
        InvalidValue: Too short, too long, of one or two characters repeated, made of the address or of what everyone chooses.
    """
    reason = ""
    if len(password) < SHORTEST_PASSWORD:
        reason = f"Choisissez au moins {SHORTEST_PASSWORD} caractères : une phrase convient."
    elif len(password) > LONGEST_PASSWORD:
        reason = f"Choisissez {LONGEST_PASSWORD} caractères au plus."
    elif len(set(password)) < 5:
        reason = "Ce mot de passe répète les mêmes caractères : il serait trop vite trouvé."
    elif len(local := fold(email.partition("@")[0])) > 3 and local in fold(password):
        reason = "Ce mot de passe reprend votre adresse : il serait trop vite trouvé."
    elif len(set(_COMMON.sub("", re.sub(r"[\W\d_]", "", fold(password))))) < 4:
        reason = "Ce mot de passe est de ceux que l’on essaie d’abord : choisissez une phrase à vous."
    if reason:
        raise InvalidValue("password", "…", "weak password", public=reason)


def digest_password(password: str) -> str:
    """The argon2id digest of a password, with its salt."""
    return _hasher.hash(password)


def same_password(digest: str, password: str) -> bool:
    """Whether a password is the one of a digest. An empty one takes as long: time does not tell who has an account."""
    try:
        _hasher.verify(digest or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return bool(digest)


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def make_link(key: bytes, account: Account, now: datetime) -> str:
    """The token of a link by which a password is chosen. It serves once: the account's version is in its seal."""
    until = int((now + LINK_LASTS).timestamp())
    return f"{account.id}.{until}.{_seal(key, account, until)}"


def read_link(text: str) -> tuple[str, int] | None:
    """The account's id and the end that the token of a link says, before it is verified; None when it has not the form."""
    found = re.fullmatch(r"([0-9a-f]{16})\.(\d{1,12})\.[0-9a-f]{64}", text, re.ASCII)
    return (found.group(1), int(found.group(2))) if found else None


def check_link(key: bytes, account: Account | None, text: str, now: datetime) -> Account:
    """The account of a link that opens.

    Raises:
        LinkRefused: It was forged, is over, has served, or its account is closed.
    """
    read = read_link(text)
    if read is None or account is None or account.disabled_at is not None:
        raise LinkRefused
    if not hmac.compare_digest(text.rpartition(".")[2], _seal(key, account, read[1])) or now.timestamp() >= read[1]:
        raise LinkRefused
    return account


def _seal(key: bytes, account: Account, until: int) -> str:
    return hmac.new(key, f"password\n{account.id}\n{account.version}\n{until}".encode(), hashlib.sha256).hexdigest()
