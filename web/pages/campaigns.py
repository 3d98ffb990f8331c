"""Campaigns: the bureau asks partners whether their listing is right; whom it would reach and what it says are seen first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from directory.campaigns import KEY, LASTS, MailOff, check_mail, digest_of, write_letter
from directory.errors import CampaignNotFound
from directory.mail import Letter
from directory.models.accounts import CURATORS, Area, Role
from directory.models.campaigns import Aim, Campaign, CampaignState, ClaimedLetter, LetterState, Reach, Recipient
from directory.repository.campaigns import ASKED_AGAIN_AFTER, KEPT, MOST_LISTINGS
from directory.repository.letters import REMIND_AFTER
from directory.territory import departements
from directory.vocabulary import Kind
from web.access import account, for_roles, services
from web.curation_words import checker
from web.desk_queues import own_departement
from web.noted import holds_for
from web.sessions import own_address

pages = Blueprint("campaigns", __name__, url_prefix="/bureau/campagnes")

DAYS: Mapping[int, str] = {90: "trois mois", 180: "six mois", 365: "un an", 730: "deux ans"}
LETTER_LABELS: Mapping[LetterState, str] = {
    LetterState.WAITING: "À partir",
    LetterState.SENDING: "En train de partir",
    LetterState.SENT: "Parties",
    LetterState.UNCERTAIN: "Peut-être parties (l’envoi s’est interrompu) : elles ne sont pas renvoyées",
    LetterState.REFUSED: "Refusées par le serveur de courrier",
    LetterState.SKIPPED: "Inutiles : réponse déjà reçue, opposition, fiche fermée ou à ne pas contacter encore, adresse retirée",
}
STATE_LABELS: Mapping[CampaignState, str] = {
    CampaignState.PREPARED: "Préparée, rien n’est parti",
    CampaignState.OPEN: "Ouverte",
    CampaignState.STOPPED: "Arrêtée",
}
_LONGEST_MESSAGE = 1000
_SHOWN = 50


@pages.get("")
@for_roles(*CURATORS)
def home() -> str:
    """The campaigns of the account (of everyone, for who keeps the instance), and how many answers wait."""
    core = services()
    own = "" if account().role is Role.ADMINISTRATOR else account().email
    return render_template(
        "campaigns.html",
        campaigns=core.repository.campaigns.list_all(own),
        states=STATE_LABELS,
        sent=LetterState.SENT,
        waiting=len(core.repository.answers.list_answers()),
        departements=_departements(),
        off=_off(),
    )


@pages.get("/nouvelle")
@for_roles(*CURATORS)
def blank() -> str:
    """The blank form."""
    own = own_departement(account(), services())
    return _form({"dep": own, "jours": "365", "message": ""}, [Kind.PARTNER])


@pages.post("/nouvelle")
@for_roles(*CURATORS)
def prepare() -> str | tuple[str, int] | Response:
    """Show whom it would reach and what it says (nothing is written); or write the campaign, of which no letter leaves yet."""
    core = services()
    kinds = [kind for kind in Kind if kind in request.form.getlist("nature")]
    typed = {name: request.form.get(name, "") for name in ("dep", "jours", "message")}
    errors = _wrong(typed, kinds)
    if errors:
        return _form(typed, kinds, errors=errors), 422
    aim, now = Aim(departement=typed["dep"], kinds=tuple(kinds), days=int(typed["jours"])), core.clock()
    digest = digest_of(core.repository.signing_key(KEY))
    reach = core.repository.campaigns.reach(aim, digest, now, holds_for(account(), core, now.date()))
    if request.form.get("geste") != "preparer" or not reach.recipients:
        return _form(typed, kinds, reach=reach)
    number = core.repository.campaigns.prepare(aim, reach.recipients, {"message": _message(), **_author()}, digest, now)
    return redirect(url_for("campaigns.sheet", number=number), 303)


@pages.get("/<int:number>")
@for_roles(*CURATORS)
def sheet(number: int) -> str:
    """One campaign: where its letters stand, what they say, and what can be done of it."""
    campaign = _get(number)
    return render_template(
        "campaign.html",
        campaign=campaign,
        troubled=services().repository.campaigns.list_troubled(number),
        states=STATE_LABELS,
        letter_labels=LETTER_LABELS,
        departements=_departements(),
        days=DAYS,
        letter=_preview(campaign.message, Recipient(email="", listings={"": "Nom de la fiche"}), campaign),
        off=_off(),
        per_minute=services().settings.mail_per_minute,
        remind=REMIND_AFTER.days,
        lasts=LASTS.days,
    )


@pages.post("/<int:number>/ouvrir")
@for_roles(*CURATORS)
def launch(number: int) -> Response:
    """Open a campaign, whose letters then leave one by one.

    Raises:
        MailOff: No letter can be sent with these settings.
        CampaignNotFound: There is none that waits to be opened.
    """
    core, campaign = services(), _get(number)
    check_mail(core.settings)
    core.repository.campaigns.set_state(campaign.number, CampaignState.OPEN, core.clock() + LASTS)
    return redirect(url_for("campaigns.sheet", number=number), 303)


@pages.post("/<int:number>/arreter")
@for_roles(*CURATORS)
def stop(number: int) -> Response:
    """Stop a campaign: what has not left stays, and its links open nothing.

    Raises:
        CampaignNotFound: There is none that can be stopped.
    """
    services().repository.campaigns.set_state(_get(number).number, CampaignState.STOPPED)
    return redirect(url_for("campaigns.sheet", number=number), 303)


def _get(number: int) -> Campaign:
    found = services().repository.campaigns.get(number)
    if account().role is not Role.ADMINISTRATOR and found.reply_to != account().email:
        raise CampaignNotFound(number)
    return found


def _departements() -> dict[str, str]:
    """Those that the account may write to: a bureau's own, of its lycée or of its bassin; all for who keeps the instance."""
    every, who, core = departements(), account(), services()
    codes = set(every)
    if who.role is not Role.ADMINISTRATOR:
        bassin = core.repository.load_bassins().get(who.code) if who.area is Area.BASSIN else None
        own = {code[:3] if code.startswith("97") else code[:2] for code in bassin.communes} if bassin else set()
        codes = own | {own_departement(who, core)}
    return {code: f"{entry.name} ({code})" for code, entry in every.items() if code in codes}


def _wrong(typed: Mapping[str, str], kinds: list[Kind]) -> dict[str, str]:
    wrong = {}
    if typed["dep"] not in _departements():
        wrong["dep"] = "Choisissez un département de votre périmètre."
    if not kinds:
        wrong["nature"] = "Cochez au moins une nature."
    if typed["jours"] not in map(str, DAYS):
        wrong["jours"] = "Choisissez depuis quand."
    if len(_message()) > _LONGEST_MESSAGE:
        wrong["message"] = f"Écrivez {_LONGEST_MESSAGE} caractères au plus : il y en a {len(_message())}."
    return wrong


def _message() -> str:
    text = request.form.get("message", "").replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text).strip()


def _author() -> dict[str, str]:
    signed = checker(account(), services())
    return {"author": account().label, "reply_to": account().email, "signed": signed[:1].upper() + signed[1:]}


def _preview(message: str, recipient: Recipient, campaign: Campaign | None = None) -> Letter:
    """A letter as it would leave, its links cut."""
    core = services()
    site = core.settings.public_url or own_address()
    said = {"signed": campaign.signed, "reply_to": campaign.reply_to} if campaign else _author()
    letter = ClaimedLetter(
        number=0,
        email=recipient.email,
        digest="",
        reminder=False,
        message=message,
        reply_to=said["reply_to"],
        signed=said["signed"],
        ends_at=(campaign.ends_at if campaign else None) or core.clock() + LASTS,
        invitations=dict(enumerate(recipient.listings.values())),
    )
    links = dict.fromkeys(letter.invitations, f"{site}/partenaire/…")
    return replace(write_letter(letter, links, f"{site}/partenaire/stop/…"), to=recipient.email)


def _off() -> str:
    try:
        check_mail(services().settings)
    except MailOff as error:
        return error.public
    return ""


def _form(
    typed: Mapping[str, str], kinds: list[Kind], *, errors: Mapping[str, str] | None = None, reach: Reach | None = None
) -> str:
    return render_template(
        "campaign_new.html",
        typed=typed,
        chosen=kinds,
        errors=errors or {},
        reach=reach,
        shown=reach.recipients[:_SHOWN] if reach else (),
        letter=_preview(_message(), reach.recipients[0]) if reach and reach.recipients else None,
        departements=_departements(),
        days=DAYS,
        most=MOST_LISTINGS,
        longest=_LONGEST_MESSAGE,
        again=ASKED_AGAIN_AFTER // timedelta(days=30),
        kept=KEPT.days // 30,
        off=_off(),
    )
