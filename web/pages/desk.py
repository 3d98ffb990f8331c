"""The desk of curators: one queue of what needs a decision, a page for each kind, one gesture for each answer, and undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as FileResponse
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Response

from directory.errors import DatabaseBusy
from directory.models.accounts import CURATORS
from directory.models.desk import PUT_OFF, Deed, DeedKind, Queue
from directory.models.doubt import Resolution
from directory.models.duplicates import Verdict
from directory.models.published import PublishedListing
from directory.models.report import REASON_LABELS
from directory.territory import departements
from directory.vocabulary import Kind
from web.access import account, for_roles, services
from web.api.files import public_listings
from web.curation_words import list_changes, viewer_of
from web.desk_queues import LABELS, PAGE, RESOLUTIONS, UNDONE_BY, VERDICTS, Curator, Waits, decide, look, own_departement
from web.facts import list_facts
from web.selection_files import FORMS, MOST, Making
from web.sessions import nonce
from web.territories import territory_name

pages = Blueprint("desk", __name__, url_prefix="/bureau")

_LONGEST_NOTE = 500
_JOURNAL = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BUSY = "Un import publie en ce moment : rien n’est enregistré. Répondez à nouveau dans un instant."
_TOLD = {
    "meme": "Les deux fiches n’en font plus qu’une.",
    "different": "Les deux fiches restent deux.",
    "accepter": "Le doute est accepté.",
    "ignorer": "Le doute est ignoré.",
    "traite": "Le signalement est traité, son texte effacé.",
    "verifier": "C’est noté : vérifié aujourd’hui.",
    "annuler": "La décision est annulée.",
    "plus-tard": f"Remis à plus tard : cela reviendra dans {PUT_OFF.days} jours.",
    "reprendre": "Cela attend à nouveau.",
}


@pages.get("")
@for_roles(*CURATORS)
def home() -> str:
    """How much waits in each queue, and how much was decided."""
    curator = _curator()
    waiting = {queue: look(curator, queue).count for queue in curator.queues()}
    today = curator.now.replace(hour=0, minute=0, second=0, microsecond=0)
    desk, author = curator.core.repository.desk, curator.account.label
    return render_template(
        "desk.html",
        waiting=waiting,
        labels=LABELS,
        departement=curator.departement,
        departements=_departements(),
        today=desk.count_decisions(author, today),
        week=desk.count_decisions(author, today - timedelta(days=6)),
    )


@pages.get("/file/<queue>")
@for_roles(*CURATORS)
def queue(queue: str) -> str | Response:
    """What waits in one queue: the first thing whole, or a page of listings."""
    curator, asked = _curator(), _queue(queue)
    if asked is Queue.ANSWERS:
        return redirect(url_for("answers.waiting"), 303)
    return _queue_page(curator, asked)


def _queue_page(curator: Curator, asked: Queue, error: str = "") -> str:
    waits = look(curator, asked)
    listings = curator.core.repository.list_listings(waits.ids, curator.viewer)
    return render_template(
        "queue.html",
        error=error,
        queue=asked,
        label=LABELS[asked],
        waits=waits,
        listings=listings,
        sides=_sides(curator, waits),
        reported=_reported(curator, waits),
        reasons=REASON_LABELS,
        departement=curator.departement,
        told=_TOLD.get(request.args.get("fait", ""), ""),
        undone_by=UNDONE_BY.get(request.args.get("fait", ""), ""),
        done=request.args.getlist("cle")[:PAGE],
        longest=_LONGEST_NOTE,
    )


@pages.post("/file/<queue>")
@for_roles(*CURATORS)
def answer(queue: str) -> str | tuple[str, int] | Response:
    """Do what was answered; of several listings at once, show first what will be done."""
    curator, asked = _curator(), _queue(queue)
    gesture, keys = request.form.get("geste", ""), list(dict.fromkeys(request.form.getlist("cle")))[:PAGE]
    note = " ".join(request.form.get("note", "").split())[:_LONGEST_NOTE]
    if not keys:
        return redirect(url_for("desk.queue", queue=asked, dep=curator.departement), 303)
    if len(keys) > 1 and gesture not in UNDONE_BY.values() and "confirme" not in request.form:
        listings = curator.core.repository.list_listings(keys, curator.viewer)
        return render_template(
            "preview.html", queue=asked, listings=listings, gesture=gesture, note=note, departement=curator.departement
        )
    try:
        if not decide(curator, asked, gesture, keys, note, nonce()):
            raise BadRequest
    except DatabaseBusy:
        return _queue_page(curator, asked, _BUSY), 503
    curator.core.keeper.catch_up()
    return redirect(url_for("desk.queue", queue=asked, dep=curator.departement, fait=gesture, cle=keys), 303)


@pages.get("/exporter")
@for_roles(*CURATORS)
def selection() -> str | Response:
    """A selection of public listings as a file; without a form of file, the page that chooses."""
    curator, form = _curator(), request.args.get("forme", "")
    kinds = [Kind(each) for each in request.args.getlist("nature") if each in set(Kind)]
    if not form:
        return render_template(
            "selection.html", forms=FORMS, departement=curator.departement, departements=_departements(), most=MOST
        )
    if form not in FORMS:
        raise NotFound
    making = Making(
        repository=curator.core.repository,
        gazetteer=curator.core.gazetteer,
        address=lambda listing: url_for("listing.listing", listing_id=listing.id, _external=True),
        now=curator.now,
    )
    found = public_listings(curator.core.repository, kinds=kinds, departement=curator.departement, most=MOST)
    disposition = {"Content-Disposition": f'attachment; filename="fiches.{form}"'}
    return FileResponse(FORMS[form].write(found, making), content_type=FORMS[form].content_type, headers=disposition)


@pages.get("/journal")
@for_roles(*CURATORS)
def journal() -> str:
    """Who did what, the latest first: to listings, and to the rest."""
    core, author, viewer = services(), request.args.get("auteur", "")[:254], viewer_of(account())
    entries = core.repository.curation.journal(_JOURNAL, author=author, before=_whole("avant", 12))
    micros = _whole("jusqua", 17)
    until = _EPOCH + timedelta(microseconds=micros) if micros is not None else None
    deeds = core.repository.desk.list_deeds(account(), _JOURNAL, author, until)
    ids = [entry.listing_id for entry in entries] + [each for deed in deeds for each in deed.listings]
    names = {each.id: each.record.name for each in core.repository.list_listings(ids, viewer)}
    territory = partial(territory_name, gazetteer=core.gazetteer, bassins=core.repository.load_bassins())
    return render_template(
        "journal.html",
        entries=[(entry, list(list_changes(entry, viewer, territory))) for entry in entries if entry.listing_id in names],
        deeds=[(deed, _told(deed)) for deed in deeds if all(each in names for each in deed.listings)],
        names=names,
        author=author,
        next=entries[-1].number if len(entries) == _JOURNAL else None,
        older=(deeds[-1].done_at - _EPOCH) // timedelta(microseconds=1) if len(deeds) == _JOURNAL else None,
    )


def _whole(name: str, digits: int) -> int | None:
    """A whole number of the address; None when it is none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else None


def _told(deed: Deed) -> str:
    """What was decided, in French."""
    if deed.kind is DeedKind.PAIR:
        answer = VERDICTS.get(Verdict(deed.what)) if deed.what else None
        return f"doublon jugé : {answer}" if answer else "jugement d’un doublon repris"
    if deed.kind is DeedKind.DOUBT:
        answer = RESOLUTIONS.get(Resolution(deed.what)) if deed.what else None
        return f"doute d’un import jugé : {answer}" if answer else "doute d’un import rouvert"
    if deed.kind is DeedKind.ANSWER:
        return f"réponse du partenaire {'acceptée' if deed.what == 'accepted' else 'écartée'}"
    known = {
        DeedKind.REPORT: "erreur signalée traitée",
        DeedKind.CAMPAIGN: "campagne préparée, n°",
        DeedKind.UPLOAD: "liste envoyée :",
    }
    return f"{known[deed.kind]} {deed.what}".strip()


def _departements() -> dict[str, str]:
    return {code: f"{found.name} ({code})" for code, found in departements().items()}


def _curator() -> Curator:
    core, who = services(), account()
    asked = request.values.get("dep")
    code = own_departement(who, core) if asked is None else asked
    return Curator(account=who, core=core, departement=code if code in departements() else "", now=core.clock())


def _queue(text: str) -> Queue:
    if text not in _curator().queues():
        raise NotFound
    return Queue(text)


def _sides(curator: Curator, waits: Waits) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The fields of the two listings of a pair: label, values of the one, values of the other."""
    if waits.pair is None:
        return []
    core = curator.core
    territory = partial(territory_name, gazetteer=core.gazetteer, bassins=core.repository.load_bassins())
    both = []
    for side in (waits.pair.left, waits.pair.right):
        listing = core.repository.get_listing(side.listing_id, curator.viewer)
        both.append({fact.label: fact.values for fact in list_facts(listing, {}, territory)})
    return [(label, both[0].get(label, ()), both[1].get(label, ())) for label in dict.fromkeys([*both[0], *both[1]])]


def _reported(curator: Curator, waits: Waits) -> PublishedListing | None:
    if waits.report is None:
        return None
    found = curator.core.repository.list_listings([waits.report.listing_id], curator.viewer)
    return found[0] if found else None
