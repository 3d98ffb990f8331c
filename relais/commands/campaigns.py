"""``relais campaigns``: where the campaigns stand, and sending what is due; the server does it by itself while it runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping

import click

from directory.campaigns import MailOff, check_mail, pause_of, send_all, send_one
from directory.errors import RelaisError
from directory.models.campaigns import CampaignState, LetterState
from directory.services import Services
from relais.commands.options import json_option, open_services
from relais.french import FrenchGroup
from relais.output import french_number, print_json

_IDLE_S = 60.0
_log = logging.getLogger(__name__)
_STATES = {CampaignState.PREPARED: "préparée", CampaignState.OPEN: "ouverte", CampaignState.STOPPED: "arrêtée"}
_LETTERS = {
    LetterState.SENT: "parties",
    LetterState.WAITING: "en attente",
    LetterState.REFUSED: "refusées",
    LetterState.UNCERTAIN: "peut-être parties",
}


@click.group(cls=FrenchGroup, invoke_without_command=True)
@json_option
@click.pass_context
def campaigns(context: click.Context, *, as_json: bool) -> None:
    """Lister les campagnes qui demandent aux partenaires si leur fiche est juste ; « relais campaigns send » les envoie."""
    if context.invoked_subcommand is not None:
        return
    found = open_services().repository.campaigns.list_all()
    if as_json:
        print_json(
            [
                {
                    "number": each.number,
                    "state": str(each.state),
                    "departement": each.aim.departement,
                    "letters": {str(state): count for state, count in each.letters.items()},
                    "invitations": each.invitations,
                    "answered": each.answered,
                }
                for each in found
            ]
        )
        return
    for each in found:
        told = ", ".join(
            f"{french_number(each.letters[state])} {label}" for state, label in _LETTERS.items() if each.letters[state]
        )
        click.echo(
            f"n° {each.number} · {_STATES[each.state]} · {each.aim.departement} · lettres : {told} · "
            f"{french_number(each.answered)} réponses sur {french_number(each.invitations)}"
        )
    if not found:
        click.echo("Aucune campagne.")


@campaigns.command("send")
@click.option("--limit", type=click.IntRange(1), help="Nombre de lettres au plus.")
@click.option("--dry-run", is_flag=True, help="Dire si des lettres attendent, sans rien envoyer.")
@json_option
def send(*, limit: int | None, dry_run: bool, as_json: bool) -> None:
    """Envoyer les lettres des campagnes ouvertes et leurs rappels, au rythme réglé (RELAIS_MAIL_PER_MINUTE)."""
    services = open_services()
    if dry_run:
        due = services.repository.campaigns.has_due(services.clock())
        if as_json:
            print_json({"due": due})
        else:
            click.echo("Des lettres attendent." if due else "Aucune lettre n’attend.")
        return
    done = send_all(services.repository, services.settings, services.clock, most=limit)
    if as_json:
        print_json({str(state): done[state] for state in LetterState if done[state]})
        return
    click.echo(f"Lettres : {_told(done)}.")
    if done[LetterState.WAITING]:
        click.echo("Celles qui attendent seront tentées de nouveau dans une demi-heure ; la page de leur campagne dit pourquoi.")


def _told(counts: Mapping[LetterState, int]) -> str:
    return ", ".join(f"{french_number(counts[state])} {label}" for state, label in _LETTERS.items() if counts[state]) or "aucune"


def start_mailing(services: Services) -> None:
    """Send letters as they come due, for as long as the process lives; several may do it. Nothing without a mail server."""
    try:
        check_mail(services.settings)
    except MailOff:
        return
    pause = threading.Event()

    def work() -> None:
        while True:
            wait = _IDLE_S
            try:
                state = send_one(services.repository, services.settings, services.clock)
                if state is not None:
                    wait = pause_of(services.settings).total_seconds()
            except RelaisError as error:  # the directory is busy, or the server down: the next minute does it
                _log.warning("letters were not sent: %s", error)
            pause.wait(wait)

    threading.Thread(target=work, name="mail", daemon=True).start()
