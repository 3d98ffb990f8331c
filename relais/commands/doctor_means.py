"""What ``relais doctor`` says of what an instance works with: its database, its mail, what waits for the worker, Redis."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

from redis import Redis, RedisError

from directory.campaigns import MailOff, check_mail
from directory.mail import MailServerDown, try_server
from directory.models.campaigns import CampaignState, LetterState
from directory.services import Services
from relais.commands.doctor_health import Finding
from relais.output import french_number

_ANSWERS_WITHIN_S = 5
RESTORE = "Arrêter Relais, mettre cette base de côté, puis « relais restore FICHIER » de la dernière sauvegarde."


def examine_database(services: Services) -> Finding:
    """Whether the database holds all that it must, undamaged."""
    damage = services.repository.find_damage()
    return Finding("Base", "error", damage, RESTORE) if damage else Finding("Base", "ok", "entière")


def examine_mail(services: Services) -> Finding:
    """Whether letters can leave, and which of those of open campaigns did not."""
    settings, repository = services.settings, services.repository
    due = repository.campaigns.has_due(services.clock())
    if not settings.smtp_url:
        if due:
            mend = "Régler RELAIS_SMTP_URL, RELAIS_SMTP_FROM et RELAIS_PUBLIC_URL, ou arrêter ces campagnes."
            return Finding("Courrier", "error", "des lettres de campagnes attendent, sans serveur de courrier", mend)
        return Finding("Courrier", "ok", "aucun serveur : pas de lettre, les campagnes ne s’ouvrent pas")
    try:
        check_mail(settings)
        try_server(settings.smtp_url)
    except MailOff as error:
        return Finding("Courrier", "error", error.public, "Donner ces réglages, puis relancer « relais doctor ».")
    except MailServerDown as error:
        mend = "Vérifier RELAIS_SMTP_URL, et que ce serveur peut être joint d’ici ; les lettres attendent cinq jours."
        return Finding("Courrier", "error", error.public, mend)
    opened = [each for each in repository.campaigns.list_all() if each.state is CampaignState.OPEN]
    lost = {state: sum(each.letters[state] for each in opened) for state in (LetterState.REFUSED, LetterState.UNCERTAIN)}
    if sum(lost.values()):
        refused, unsure = map(french_number, lost.values())
        told = f"lettres des campagnes ouvertes : {refused} refusées, {unsure} peut-être parties"
        return Finding("Courrier", "warning", told, "La page de leur campagne dit lesquelles et pourquoi.")
    return Finding("Courrier", "ok", "le serveur répond" + (" ; des lettres attendent leur tour" if due else ""))


def examine_work(services: Services) -> Finding:
    """Whether lists that were sent wait for a worker that is not there."""
    waiting = len(services.repository.uploads.list_working())
    if waiting and services.settings.worker and not _worker_runs(services):
        text = f"{french_number(waiting)} listes envoyées attendent, et rien ne travaille sur cette machine"
        return Finding("Travaux", "error", text, "Lancer « relais serve », ou « relais worker ».")
    return Finding("Travaux", "ok", f"{french_number(waiting)} en cours" if waiting else "rien n’attend")


def examine_redis(services: Services) -> Iterator[Finding]:
    """Whether each Redis that the settings name answers."""
    without = {
        "queue": "les listes envoyées attendent",
        "api_limits": "chaque processus compte seul les demandes à l’API",
    }
    for name, told in without.items():
        url = getattr(services.settings, name)
        if url.startswith("redis"):
            setting = f"RELAIS_{name.upper()}"
            try:
                with Redis.from_url(url, socket_timeout=_ANSWERS_WITHIN_S, socket_connect_timeout=_ANSWERS_WITHIN_S) as client:
                    client.ping()
            except (RedisError, OSError):
                mend = f"Démarrer ce serveur, ou corriger {setting}."
                yield Finding("Redis", "error", f"celui de {setting} ne répond pas ; en attendant, {told}", mend)
            else:
                yield Finding("Redis", "ok", f"celui de {setting} répond")


def _worker_runs(services: Services) -> bool:
    path = services.settings.data / "worker.lock"
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
