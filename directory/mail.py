"""The letters that Relais sends, by the instance's own SMTP server: links to choose a password, and campaigns."""

from __future__ import annotations

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import formatdate, make_msgid, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from directory.errors import DirectoryError

_SECONDS = 15
_PERMANENT = 500
_CLOSING, _WANTS_A_NAME = 421, 530
_POLICY = re.compile(rb"(^|\n)[45]\.7\.")
"""The enhanced code of a refusal by policy (RFC 3463): relaying, authentication, reputation. The address is not at fault."""
_DOWN = "Le serveur de courrier ne répond pas."
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (smtplib.SMTPAuthenticationError, "Le serveur de courrier refuse le nom ou le secret que lui donne RELAIS_SMTP_URL."),
    (smtplib.SMTPNotSupportedError, "Le serveur de courrier n’a pas STARTTLS, ou ne prend pas de nom : voir RELAIS_SMTP_URL."),
    (ssl.SSLError, "La connexion sûre avec le serveur de courrier est refusée (certificat ?)."),
    (socket.gaierror, "Le nom du serveur de courrier (RELAIS_SMTP_URL) est introuvable."),
)
_log = logging.getLogger(__name__)


class MailError(DirectoryError):
    """Root of what may go wrong with a letter."""


class MailServerDown(MailError):
    """The server did not take the letter: it was not sent, and may be tried again."""


class LetterPostponed(MailError):
    """The server does not take this letter for now, and may take others: it was not sent, and may be tried again."""


class LetterRefused(MailError):
    """The server will never take this letter: no such address, or it refuses what it says."""


class LetterUncertain(MailError):
    """The connection broke while the letter was being handed over: it may have left, and is not to be sent again."""


class _WholeLine(UnstructuredHeader, BaseHeader):
    """A header on one line, of at most 998 signs (RFC 5322): programs look for addresses in it, which folding would encode."""

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _WholeLine)
_LETTER = EmailPolicy(header_factory=_headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter in plain text: nothing in it tells whether it is read.

    Attributes:
        headers: Sent as well.
    """

    to: str
    subject: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


def send_letter(server: str, sender: str, to: str, subject: str, text: str) -> bool:
    """Send a letter; False (and a line in the log, without its address) when the server does not take it.

    Args:
        server: See ``deliver``.
        sender: Address that it comes from.
        to: Address that it goes to.
        subject: Its subject.
        text: Its text.
    """
    try:
        deliver(server, sender, Letter(to=to, subject=subject, text=text))
    except MailError as error:
        _log.error("the letter was not sent: %s", error)
        return False
    return True


def deliver(server: str, sender: str, letter: Letter) -> None:
    """Hand a letter over to the server.

    Args:
        server: ``smtp://name:secret@host:587`` (STARTTLS where the server has it, and always before a name is given) or ``smtps://…``.
        sender: Address that it comes from.
        letter: The letter.

    Raises:
        MailServerDown: It was not sent, nor would any other be; later it may be.
        LetterPostponed: It was not sent; later it may be.
        LetterRefused: It was not sent, and never will be.
        LetterUncertain: Nobody knows whether it was sent.
    """
    message = EmailMessage(_LETTER)
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2])
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    connection = _connected(server)
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        raise _said(*max(error.recipients.values())) from error
    except smtplib.SMTPSenderRefused as error:
        # the fault is ours, not the recipient's: nothing is given up for it
        raise _down(f"sender refused, {error.smtp_code}") from error
    except smtplib.SMTPResponseException as error:
        raise _said(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        public = "Le serveur s’est interrompu : la lettre est peut-être partie."
        raise LetterUncertain(type(error).__name__, public=public) from error
    finally:
        with suppress(OSError, smtplib.SMTPException):  # what was taken is taken, however one parts
            connection.quit()


def try_server(server: str) -> None:
    """Let pass a server that answers, and takes the name and the secret that it is given; no letter is sent.

    Raises:
        MailServerDown: It does not.
    """
    with suppress(OSError, smtplib.SMTPException):
        _connected(server).quit()


def _connected(server: str) -> smtplib.SMTP:
    parts = urlsplit(server)
    host, secure = parts.hostname or "", ssl.create_default_context()
    connection: smtplib.SMTP | None = None
    try:
        if parts.scheme == "smtps":
            connection = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_SECONDS, context=secure)
        else:
            connection = smtplib.SMTP(host, parts.port or 587, timeout=_SECONDS)
        connection.ehlo()
        if parts.scheme == "smtp" and (parts.username or connection.has_extn("starttls")):
            connection.starttls(context=secure)
        if parts.username:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
    except (OSError, smtplib.SMTPException) as error:
        if connection is not None:
            connection.close()
        raise _down(type(error).__name__, next((said for kind, said in _FAULTS if isinstance(error, kind)), _DOWN)) from error
    return connection


def _down(reason: str, public: str = "Le serveur de courrier ne prend pas la lettre pour l’instant.") -> MailServerDown:
    return MailServerDown(reason, public=public)


def _said(code: int, words: bytes | str) -> MailError:
    text = words if isinstance(words, bytes) else words.encode()
    if code in {_CLOSING, _WANTS_A_NAME}:
        return _down(f"reply {code}")
    if _POLICY.search(text):
        public = f"Le serveur de courrier ne veut pas de cette lettre (réponse {code}, politique d’envoi) : voir ses réglages."
        return LetterPostponed(f"reply {code} by policy", public=public)
    if code < _PERMANENT:
        public = f"Le serveur du destinataire fait attendre cette lettre (réponse {code})."
        return LetterPostponed(f"reply {code}", public=public)
    return LetterRefused(f"reply {code}", public=f"Le serveur de courrier refuse cette lettre ou cette adresse (réponse {code}).")
