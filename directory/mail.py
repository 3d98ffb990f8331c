"""The only letters that Relais sends: links to choose a password, by the instance's own SMTP server."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

_SECONDS = 15
_log = logging.getLogger(__name__)


def send_letter(server: str, sender: str, to: str, subject: str, text: str) -> bool:
    """Send a letter; False (and a line in the log, without its address) when the server does not take it.

    Args:
        server: ``smtp://name:secret@host:587`` (STARTTLS where the server has it, and always before a name is given) or ``smtps://…``.
        sender: Address that it comes from.
        to: Address that it goes to.
        subject: Its subject.
        text: Its text.
    """
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, subject
    letter.set_content(text)
    parts = urlsplit(server)
    host, secure = parts.hostname or "", ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_SECONDS, context=secure)
        else:
            connection = smtplib.SMTP(host, parts.port or 587, timeout=_SECONDS)
        with connection:
            connection.ehlo()
            if parts.scheme == "smtp" and (parts.username or connection.has_extn("starttls")):
                connection.starttls(context=secure)
            if parts.username:
                connection.login(unquote(parts.username), unquote(parts.password or ""))
            connection.send_message(letter)
    except (OSError, smtplib.SMTPException) as error:
        _log.error("the letter was not sent: %s", type(error).__name__)
        return False
    return True
