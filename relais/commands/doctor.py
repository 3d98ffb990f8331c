"""``relais doctor``: what is wrong, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

import web
from directory.errors import DatabaseBusy, DatabaseError, RelaisError, french_cause
from directory.services import Services
from directory.settings import Settings, read_settings
from directory.sources import stale_days
from directory.vocabulary import Kind
from importers.source import sources
from matching.health import Zone
from relais.commands.doctor_health import Finding, examine_directory
from relais.commands.doctor_means import RESTORE, examine_database, examine_mail, examine_redis, examine_work
from relais.commands.options import json_option
from relais.output import french_number, print_json
from relais.production import refuse_default_secrets
from relais.services import build_services

_KINDS = {Kind.PARTNER: "partenaires", Kind.SCHEME: "dispositifs", Kind.COMPANY: "entreprises", Kind.EVENT: "événements"}
_LONGEST_CAUSE = 300
_FREE_BYTES = 500_000_000


@click.command()
@click.option("--departement", default="", metavar="CODE", help="État de l’annuaire d’un département (35).")
@click.option("--academie", default="", metavar="NOM", help="État de l’annuaire d’une académie (Rennes).")
@click.option("--bassin", default="", metavar="CODE", help="État de l’annuaire d’un bassin.")
@json_option
def doctor(*, departement: str, academie: str, bassin: str, as_json: bool) -> None:
    """Dire ce qui ne va pas dans cette installation et dans son annuaire, et comment y remédier."""
    given = {Zone.DEPARTEMENT: departement, Zone.ACADEMIE: academie, Zone.BASSIN: bassin}
    asked = [(zone, code.strip()) for zone, code in given.items() if code.strip()]
    if len(asked) > 1:
        raise click.UsageError("Un seul territoire : --departement, --academie ou --bassin.")
    findings = list(examine(*asked))
    if as_json:
        print_json({"ok": not any(f.level == "error" for f in findings), "findings": [asdict(f) for f in findings]})
    else:
        for finding in findings:
            sign = {"ok": "✓", "warning": "!", "error": "✗"}[finding.level]
            click.echo(f"{sign} {finding.check} : {finding.text}" + (f"\n    → {finding.mend}" if finding.mend else ""))
    if any(finding.level == "error" for finding in findings):
        sys.exit(1)


def examine(asked: tuple[Zone, str] | None = None) -> Iterator[Finding]:
    """Look at the settings, the folder, the database, the index, the sources and the page's assets; then at the directory itself.

    Args:
        asked: The territory whose listings are looked at; None for all the départements that have some.
    """
    try:
        settings = read_settings()
        yield Finding("Réglages", "ok", f"données dans {settings.data}")
        yield _space(settings)
        refuse_default_secrets(settings)
        services = build_services(settings)
    except DatabaseError as error:
        yield _of_database(error)
        return
    except RelaisError as error:
        yield Finding("Installation", "error", error.public, "Corriger ce réglage, puis relancer « relais doctor ».")
        return
    except OSError as error:
        yield Finding(
            "Installation", "error", f"dossier inutilisable ({french_cause(error)})", "Vérifier RELAIS_DATA et ses droits."
        )
        return
    try:
        yield from _examine_all(services, asked)
    except DatabaseError as error:
        yield _of_database(error)


def _examine_all(services: Services, asked: tuple[Zone, str] | None) -> Iterator[Finding]:
    base = examine_database(services)
    yield base
    if base.level == "error":
        return  # what is asked of it would not hold
    checks: tuple[Callable[[Services], Finding], ...] = (
        _listings, _index, _places, _runs, _drift, _stale, _assets, examine_mail, examine_work,
    )  # fmt: skip
    for check in checks:
        yield check(services)
    yield from examine_redis(services)
    yield from examine_directory(services, asked)


def _of_database(error: DatabaseError) -> Finding:
    """What a database that cannot be asked says; its words tell whether it is away, busy, damaged or of another version."""
    mend = "Vérifier RELAIS_DATABASE_URL et ce serveur. Si la base est abîmée ou perdue : " + RESTORE[0].lower() + RESTORE[1:]
    if isinstance(error, DatabaseBusy):
        mend = "Attendre la fin de l’import ou de l’écriture en cours, puis relancer « relais doctor »."
    return Finding("Base", "error", error.public, mend)


def _space(settings: Settings) -> Finding:
    folder = next(path for path in (settings.data, *settings.data.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    text = f"{french_number(free / 1e9, 1)} Go libres"
    if free < _FREE_BYTES:
        return Finding("Disque", "warning", text, "Libérer de la place : un import et un index neuf en demandent.")
    return Finding("Disque", "ok", text)


def _listings(services: Services) -> Finding:
    counts = services.repository.count_listings()
    total = sum(counts.values())
    if not total:
        return Finding("Annuaire", "warning", "vide", "Importer une source : « relais import … », ou « relais demo ».")
    detail = ", ".join(f"{french_number(count)} {_KINDS[kind]}" for kind, count in counts.items())
    return Finding("Annuaire", "ok", f"{french_number(total)} fiches ({detail})")


def _index(services: Services) -> Finding:
    first, *others = services.keeper.failures()
    if first is not None and services.settings.search != "embedded":
        answers = "l’index de secours répond" if None in others else "rien ne répond aux recherches"
        return Finding(
            "Index",
            "error",
            f"le serveur de recherche ne répond pas, ou n’a pas l’index ; {answers} ({str(first)[:_LONGEST_CAUSE]})",
            "Vérifier le serveur, RELAIS_SEARCH et RELAIS_SEARCH_KEY ; puis « relais reindex ».",
        )
    held, wanted = services.index.revision(), services.repository.revision()
    if held is None:
        return Finding("Index", "error", "absent ou illisible", "Lancer « relais reindex ».")
    if held != wanted:
        return Finding("Index", "warning", f"en retard (version {held} sur {wanted})", "Lancer « relais reindex ».")
    return Finding("Index", "ok", "à jour")


def _places(services: Services) -> Finding:
    found = services.gazetteer.get_commune("35238")
    if found is None:
        return Finding("Communes", "error", "référentiel illisible", "Supprimer le dossier « cache » des données.")
    return Finding("Communes", "ok", "référentiel lisible")


def _runs(services: Services) -> Finding:
    services.repository.close_dead_runs(services.clock())
    last = {run.source: run for run in reversed(services.repository.list_runs(limit=20)) if run.status != "running"}
    ended = [run for run in last.values() if run.status in {"failed", "interrupted"}]
    ended.sort(key=lambda run: -run.pk)
    if ended:
        said = "dernier échec" if ended[0].status == "failed" else "dernière interruption"
        return Finding("Imports", "warning", f"{said}, {ended[0].source} : {ended[0].message}", "Corriger et relancer.")
    return Finding("Imports", "ok", "aucun échec récent")


def _drift(services: Services) -> Finding:
    alarmed = []
    for source in sources().values():
        done = [run for run in services.repository.list_runs(source.name) if run.status == "done"]
        if done and done[0].alarms:
            alarmed.append(f"{source.name} (import n° {done[0].pk}) : {' '.join(done[0].alarms)}")
    if alarmed:
        mend = "Regarder le fichier publié : « relais runs N° », puis « relais doubts »."
        return Finding("Dérive", "warning", " · ".join(alarmed), mend)
    return Finding("Dérive", "ok", "aucune source ne s’écarte de ses imports précédents")


def _stale(services: Services) -> Finding:
    today, late = services.clock().date(), []
    for source in sources().values():
        runs = services.repository.list_runs(source.name, limit=1)
        if runs and runs[0].finished_at and (days := stale_days(source.freshness_days, runs[0].finished_at.date(), today)):
            late.append(f"{source.name} ({days} jours)")
    if late:
        return Finding("Fraîcheur", "warning", f"sources périmées : {', '.join(late)}", "Les importer à nouveau.")
    return Finding("Fraîcheur", "ok", "aucune source périmée")


def _assets(services: Services) -> Finding:
    vendor = Path(web.__file__).parent / "static" / "vendor"
    if services.settings.theme == "dsfr" and not any(vendor.glob("**/dsfr*.css")):
        return Finding("Pages", "error", "feuilles de style absentes", "Lancer « make install », ou RELAIS_THEME=neutre.")
    return Finding("Pages", "ok", f"thème {services.settings.theme}")
