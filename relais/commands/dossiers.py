"""``relais dossiers``: what deletes itself, and who looked at what."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import click

from directory.errors import RelaisError
from directory.identifiers import parse_uai
from directory.models.dossiers import ACCESS_LABELS
from directory.services import Services
from matching.french import french_count
from relais.commands.options import json_option, open_services
from relais.french import FrenchGroup
from relais.output import print_json

_EVERY_S = 3600
_DAYS_A_MONTH = 30.44
_log = logging.getLogger(__name__)


@click.group(cls=FrenchGroup)
def dossiers() -> None:
    """Dossiers de suivi : effacer ceux qui sont échus, lire le journal des accès."""


@dossiers.command()
@json_option
def purge(*, as_json: bool) -> None:
    """Effacer dossiers, contacts et échanges échus, et le journal ; fermer les comptes dont personne ne se sert plus."""
    erased = purge_now(open_services())
    if as_json:
        print_json({"erased": erased})
        return
    click.echo(f"{french_count(erased, 'dossier')} effacé{'s' if erased > 1 else ''}.")


@dossiers.command()
@click.argument("uai", metavar="UAI")
@json_option
def journal(uai: str, *, as_json: bool) -> None:
    """Lire qui a fait quoi des dossiers d’un lycée, le dernier accès d’abord."""
    found = open_services().repository.dossiers.read_journal(parse_uai(uai))
    if as_json:
        print_json(
            [{"at": each.at.isoformat(), "who": each.who, "dossier": each.dossier_id, "kind": each.kind} for each in found]
        )
        return
    for each in found:
        parts = (f"{each.at:%d/%m/%Y à %Hh%M}", each.who or "Relais", ACCESS_LABELS[each.kind], each.dossier_id)
        click.echo(" · ".join(part for part in parts if part))
    if not found:
        click.echo("Aucun accès n’est noté pour ce lycée.")


def purge_now(services: Services) -> int:
    """Erase what is due, and close the accounts that nobody uses; returns how many dossiers."""
    now = services.clock()
    services.repository.accounts.close_idle(now - timedelta(days=services.settings.account_months * _DAYS_A_MONTH), now)
    services.repository.companies.purge(now.date())
    services.repository.campaigns.forget(now)
    services.repository.keep_questions((), now.date())  # of an instance that nobody asks, counts grow old too
    return services.repository.dossiers.purge(now, now - timedelta(days=services.settings.journal_months * _DAYS_A_MONTH))


def start_purging(services: Services) -> None:
    """Erase what is due now and each hour, for as long as the process lives. Several processes may do it."""

    def work() -> None:
        pause = threading.Event()
        while True:
            try:
                purge_now(services)
            except RelaisError as error:  # busy, or away: the next hour does it, and nothing that is due is shown meanwhile
                _log.warning("dossiers were not purged: %s", error)
            pause.wait(_EVERY_S)

    threading.Thread(target=work, name="purge", daemon=True).start()
