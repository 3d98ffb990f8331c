"""Campaigns: what their letters say, the links in them, and handing them over one by one."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from directory.errors import DirectoryError
from directory.mail import Letter, LetterPostponed, LetterRefused, LetterUncertain, MailServerDown, deliver
from directory.models.campaigns import ClaimedLetter, Invitation, LetterState
from directory.models.types import PARIS
from directory.repository import Repository
from directory.settings import Settings

KEY = "campaigns"
"""Name of the key that signs links and digests addresses."""
LASTS = timedelta(days=30)
"""How long the links of a campaign open, from when it is opened."""
PATH, STOP_PATH = "/partenaire", "/partenaire/stop"
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


class PartnerLinkRefused(DirectoryError):
    """A link of a letter opens nothing.

    Attributes:
        reason: ``forged``, ``expired``, ``used`` or ``stopped``.
    """

    def __init__(self, reason: str, public: str) -> None:
        super().__init__(f"partner link {reason}", public=public)
        self.reason = reason


class MailOff(DirectoryError):
    """Letters cannot be sent with these settings."""


def digest_of(key: bytes) -> Callable[[str], str]:
    """What digests an address: nobody without the key can tell whose a digest is."""
    return lambda email: hmac.new(key, f"address\n{email.strip().lower()}".encode(), hashlib.sha256).hexdigest()


def make_link(key: bytes, invitation: int, ends_at: datetime) -> str:
    """The token of a link that opens one listing of a letter until a moment."""
    return str(URLSafeSerializer(key, salt="partner-link").dumps([invitation, int(ends_at.timestamp())]))


def open_link(key: bytes, token: str, find: Callable[[int], Invitation | None], now: datetime) -> Invitation:
    """What a link opens.

    Args:
        key: The key that signs links.
        token: What the address holds.
        find: Finds an invitation by its number.
        now: The clock.

    Raises:
        PartnerLinkRefused: It was forged, is over, has served, or its campaign was stopped.
    """
    try:
        number, until = URLSafeSerializer(key, salt="partner-link").loads(token[:500])
        found = find(int(number))
    except (BadSignature, ValueError, TypeError) as error:
        public = "Ce lien n’est pas de ceux que Relais envoie : il est peut-être coupé. Recopiez-le en entier depuis le courriel."
        raise PartnerLinkRefused("forged", public) from error
    if found is None or now.timestamp() >= int(until):
        raise PartnerLinkRefused("expired", "Ce lien n’ouvre plus : il était valable trente jours. Rien n’a été changé.")
    if found.answered_at is not None:
        said = found.answered_at.astimezone(PARIS)
        public = f"Vous avez déjà répondu par ce lien, le {_day(said)} : ceux qui tiennent l’annuaire ont votre réponse."
        raise PartnerLinkRefused("used", public)
    if found.stopped:
        raise PartnerLinkRefused("stopped", "Cette demande a été arrêtée : il n’y a plus à répondre. Rien n’a été changé.")
    return found


def make_stop(key: bytes, digest: str) -> str:
    """The token of the link by which an address asks for no more letters. It has no end."""
    return str(URLSafeSerializer(key, salt="stop-letters").dumps(digest))


def open_stop(key: bytes, token: str) -> str:
    """The digest of the address that wants no more letters.

    Raises:
        PartnerLinkRefused: It was forged.
    """
    try:
        return str(URLSafeSerializer(key, salt="stop-letters").loads(token[:500]))
    except BadSignature as error:
        public = "Ce lien n’est pas de ceux que Relais envoie : il est peut-être coupé. Recopiez-le en entier depuis le courriel."
        raise PartnerLinkRefused("forged", public) from error


def write_letter(letter: ClaimedLetter, links: Mapping[int, str], stop: str) -> Letter:
    """A letter as it is sent.

    Args:
        letter: Whom it is for, and what about.
        links: Invitation → address of its page.
        stop: Address of the page that stops letters.
    """
    many = len(letter.invitations) > 1
    opening = "Nous vous avions écrit à ce sujet, et n’écrirons plus ensuite.\n\n" if letter.reminder else ""
    publish = "ces fiches publient" if many else "la fiche publie"
    figures = "Ces fiches figurent" if many else "Votre fiche figure"
    lines = "\n\n".join(f"{_line(name)}\n{links[number]}" for number, name in letter.invitations.items())
    text = (
        f"Bonjour,\n\n{opening}{figures} dans l’annuaire Relais, par lequel les lycées professionnels cherchent qui peut aider "
        f"leurs élèves sans solution. {'Sont-elles toujours justes' if many else 'Est-elle toujours juste'}\u00a0?\n\n"
        + (f"{letter.message.strip()}\n\n" if letter.message.strip() else "")
        + f"Pour le dire en un clic, ou corriger, ouvrez {'ces liens' if many else 'ce lien'} avant le {_day(letter.ends_at)}. "
        f"Aucun compte n’est demandé.\n\n{lines}\n\n"
        f"{letter.signed}\n\n--\nVotre adresse est celle que {publish}. Rien dans ce courriel ne dit si vous le lisez.\n"
        f"Pour ne plus en recevoir\u00a0: {stop}\n"
    )
    subject = (
        "Rappel\u00a0: votre fiche est-elle toujours juste\u00a0?"
        if letter.reminder
        else "Votre fiche est-elle toujours juste\u00a0?"
    )
    headers = {
        "Reply-To": letter.reply_to,
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return Letter(to=letter.email, subject=subject, text=text, headers=headers)


def addressed(repository: Repository, letter: ClaimedLetter, site: str) -> Letter:
    """A claimed letter as it is sent, its links on a site."""
    key = repository.signing_key(KEY)
    links = {number: f"{site}{PATH}/{make_link(key, number, letter.ends_at)}" for number in letter.invitations}
    return write_letter(letter, links, f"{site}{STOP_PATH}/{make_stop(key, letter.digest)}")


def check_mail(settings: Settings) -> None:
    """Let pass the settings with which letters can be sent.

    Raises:
        MailOff: There is no server, no sender, or no address for the links.
    """
    wanted = (("RELAIS_SMTP_URL", settings.smtp_url), ("RELAIS_SMTP_FROM", settings.smtp_from))
    missing = [name for name, value in (*wanted, ("RELAIS_PUBLIC_URL", settings.public_url)) if not value]
    if missing:
        raise MailOff(f"{missing} not set", public=f"Aucune lettre ne peut partir : il manque {', '.join(missing)}.")


def pause_of(settings: Settings) -> timedelta:
    """The least time between two letters."""
    return timedelta(seconds=60 / settings.mail_per_minute)


def send_one(repository: Repository, settings: Settings, now: Callable[[], datetime]) -> LetterState | None:
    """Send the next letter that is due; None when none is, or another left a moment ago.

    A letter is noted as being handed over before it is, so that nothing leaves twice, whatever stops.

    Raises:
        MailOff: Letters cannot be sent with these settings.
        MailServerDown: The server takes no letter for now; the one that was tried waits.
    """
    check_mail(settings)
    if not repository.campaigns.has_due(now()):
        return None  # asked each minute by every process: no one's writing waits for that
    claimed = repository.campaigns.claim(now(), pause_of(settings), lambda author: _held(repository, author, now()))
    if claimed is None:
        return None
    state, failure = LetterState.SENT, ""
    try:
        deliver(settings.smtp_url, settings.smtp_from, addressed(repository, claimed, settings.public_url))
    except MailServerDown as error:
        repository.campaigns.note(claimed.number, LetterState.WAITING, now(), error.public)
        raise
    except LetterPostponed as error:
        state, failure = LetterState.WAITING, error.public
    except LetterRefused as error:
        state, failure = LetterState.REFUSED, error.public
    except LetterUncertain as error:
        state, failure = LetterState.UNCERTAIN, error.public
    repository.campaigns.note(claimed.number, state, now(), failure)
    return state


def _held(repository: Repository, author: str, now: datetime) -> Collection[str]:
    """The listings that are not to be contacted yet, as far as the author of a campaign (an address) may see."""
    account = repository.accounts.find_by_email(author)
    keeper = (account.area, account.code) if account is not None and account.code else None
    return repository.companies.holds(keeper, repository.load_bassins(), now.astimezone(PARIS).date())


def send_all(
    repository: Repository,
    settings: Settings,
    now: Callable[[], datetime],
    *,
    most: int | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Counter[LetterState]:
    """Send what is due, at the pace that is set, until nothing is or the server is down.

    Returns:
        How many letters ended in each state.

    Raises:
        MailOff: Letters cannot be sent with these settings.
    """
    check_mail(settings)
    done = Counter[LetterState]()
    while (most is None or done.total() < most) and repository.campaigns.has_due(now()):
        try:
            state = send_one(repository, settings, now)
        except MailServerDown:
            done[LetterState.WAITING] += 1
            break
        if state is not None:
            done[state] += 1
        sleep(pause_of(settings).total_seconds())
    return done


def _line(text: str) -> str:
    return " ".join(text.split())


def _day(moment: datetime) -> str:
    day = moment.astimezone(PARIS)
    return f"{day.day}{'er' if day.day == 1 else ''} {_MONTHS[day.month - 1]} {day.year}"
