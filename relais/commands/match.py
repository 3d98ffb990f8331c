"""``relais match``."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from directory.services import Services
from directory.vocabulary import KIND_LABELS, Kind, categories
from importers.errors import UnreadableFile
from matching.answer import changes_to_json, to_json, why_to_json
from matching.errors import ProfileError
from matching.french import french_journey, when_label
from matching.profile import parse_profile
from matching.question import Question, build_question
from matching.ranking import answer_question
from matching.travel import travel_for
from matching.types import Answer, Match, Verdict
from matching.weights import read_policy
from matching.whatif import Change, what_if
from matching.why import Why, explain_listing
from relais.commands.options import Day, json_option, open_services
from relais.output import french_km, french_number, print_json

_MAX_PROFILE_BYTES = 1_000_000


@click.command()
@click.argument("profile_path", type=click.Path(path_type=Path, allow_dash=True), metavar="PROFIL.json")
@click.option("--limit", type=click.IntRange(1, 100), default=10, metavar="N", help="Résultats par section (10).")
@click.option("--at", type=Day(), metavar="DATE", help="Rejouer à une date (AAAA-MM-JJ).")
@click.option("--why", "listing_id", metavar="FICHE", help="Pourquoi cette fiche est proposée, ou ne l’est pas.")
@click.option(
    "--what-if", "with_changes", is_flag=True, help="Dire aussi ce qu’un changement ouvrirait (trajet, métier, commune)."
)
@json_option
def match(profile_path: Path, limit: int, at: date | None, listing_id: str | None, *, with_changes: bool, as_json: bool) -> None:
    """Proposer à un élève partenaires, dispositifs, entreprises et salons, avec les raisons."""
    data = read_profile(profile_path)
    services = open_services()
    question = question_of(services, data, at=at or services.clock().date())
    if listing_id is not None:
        why = explain_listing(question, listing_id, limit=limit)
        print_json(why_to_json(why)) if as_json else print_why(why, in_parcours=question.window.in_parcours)
        return
    answer = answer_question(question, limit)
    changes = what_if(question) if with_changes else ()
    if as_json:
        print_json(to_json(answer) | ({"what_if": changes_to_json(changes)} if with_changes else {}))
        return
    print_answer(answer)
    if with_changes:
        print_changes(changes)


def read_profile(path: Path) -> Any:
    """Read a profile's JSON; ``-`` is standard input.

    Raises:
        UnreadableFile: Absent, too large, not UTF-8, or not JSON.
        ProfileError: A name given twice.
    """
    try:
        with sys.stdin.buffer if str(path) == "-" else path.open("rb") as file:
            data = file.read(_MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error}", public=f"Le profil {path} est introuvable ou illisible.") from error
    name = "lu sur l’entrée standard" if str(path) == "-" else path.name
    if len(data) > _MAX_PROFILE_BYTES:
        raise UnreadableFile(f"{path}: too large", public=f"Le profil {name} est trop gros pour être un profil.")
    try:
        return json.loads(_decode(data, name), object_pairs_hook=_without_repetition)
    except json.JSONDecodeError as error:
        where = f"ligne {error.lineno}, colonne {error.colno}"
        public = f"Le profil {name} n’est pas du JSON valide ({where}) : {_why(error)}"
        raise UnreadableFile(f"{path}: {error}", public=public) from error
    except RecursionError as error:
        public = f"Le profil {name} a trop de niveaux imbriqués pour être un profil."
        raise UnreadableFile(f"{path}: too deep", public=public) from error


def _decode(data: bytes, name: str) -> str:
    if not data.strip():
        raise UnreadableFile(f"{name}: empty", public=f"Le profil {name} est vide.")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise UnreadableFile(f"{name}: UTF-16", public=f"Le profil {name} est en UTF-16 : l’enregistrer en UTF-8.")
    if b"\x00" in data:
        raise UnreadableFile(f"{name}: binary", public=f"Le profil {name} n’est pas un texte : un profil est du JSON en UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFile(
            f"{name}: {error}", public=f"Le profil {name} n’est pas en UTF-8 (ligne {line}) : l’enregistrer dans cet encodage."
        ) from error


def _why(error: json.JSONDecodeError) -> str:
    if not error.doc[error.pos :].strip():
        return "le texte s’arrête trop tôt."
    return f"« {error.doc[error.pos : error.pos + 20].splitlines()[0]} » n’est pas attendu là."


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        name = next(name for rank, (name, _) in enumerate(pairs) if name in {other for other, _ in pairs[:rank]})
        raise ProfileError(name[:300], "given twice", public=f"« {name[:300]} » est donné deux fois : garder la bonne valeur.")
    return found


def answer_profile(services: Services, data: Any, *, limit: int, at: date) -> Answer:
    """The matcher's answer to a profile as JSON gives it."""
    return answer_question(question_of(services, data, at=at), limit)


def question_of(services: Services, data: Any, *, at: date) -> Question:
    """The question of a profile as JSON gives it, asked of the directory as it is."""
    bassins = services.repository.load_bassins()
    profile = parse_profile(data, gazetteer=services.gazetteer, bassins=bassins, today=at)
    return build_question(
        profile,
        services.catalogue.current(),
        at=at,
        policy=read_policy(services.settings.weights),
        travel=travel_for(profile.place, profile.mode, services.itineraries),
        responses=services.responses.current(),
        holds=services.repository.companies.holds(None, bassins, at),
    )


def print_answer(answer: Answer, *, limit: int = 5) -> None:
    """Print an answer for a person: alerts first, then notices, the plan and the four sections with their reasons."""
    _print_head(answer)
    for kind in Kind:
        results = answer.sections.get(kind, ())
        click.secho(f"\n{KIND_LABELS[kind]} ({len(results)})", bold=True)
        for rank, result in enumerate(results[:limit], 1):
            _print_match(rank, result, in_parcours=answer.in_parcours)
        if not results:
            click.echo("  Rien ne convient ici ; voir les fiches écartées et leurs raisons.")
    _print_foot(answer, limit)


def print_why(why: Why, *, in_parcours: bool) -> None:
    """Print for a person why a listing is proposed, or is not, and all its points."""
    verdict = {Verdict.ELIGIBLE: "possible", Verdict.TO_CHECK: "à vérifier", Verdict.NOT_ELIGIBLE: "écartée"}[why.match.verdict]
    place = f", {why.rank}e sur {why.ranked}" if why.rank else ""
    shown = "proposée" if why.shown else "pas proposée"
    click.secho(f"{why.match.name} — {shown} ({verdict}{place} · {KIND_LABELS[why.section]})", bold=True)
    for reason in why.reasons:
        click.echo(f"  {reason}")
    for rule in why.blocking:
        click.echo(f"  Source : {rule.source}")
    for warning in why.match.warnings:
        click.echo(f"  {'? à vérifier' if warning.level == 'warning' else 'i'} : {warning.reason}")
    when = when_label(why.match.when, in_parcours=in_parcours)
    click.echo(f"  {french_number(why.match.score / 100, 1)}/100 · {when}")
    for evidence in sorted(why.match.contributions, key=lambda item: -item.points):
        most = french_number(100 * evidence.weight, 1)
        click.echo(f"     {french_number(evidence.points / 100, 1)} sur {most}  {evidence.reason}")


def print_changes(changes: Sequence[Change]) -> None:
    """Print for a person what each change would open."""
    click.secho("\nEt si ?", bold=True)
    for change in changes:
        click.echo(f"  {change.text}")
    if not changes:
        click.echo("  Aucun de ces changements n’ouvrirait davantage : plus de trajet, un métier proche, une autre commune.")


def _print_head(answer: Answer) -> None:
    for alert in answer.alerts:
        click.secho(f"! {alert.text}" + (f" ({alert.contact})" if alert.contact else ""), bold=True)
    for notice in answer.notices:
        click.echo(f"i {notice.reason}")
    if answer.plan:
        click.secho("\nLe plan", bold=True)
    for step in answer.plan:
        click.echo(f"  {step.month}  {step.step}")


def _print_foot(answer: Answer, limit: int) -> None:
    uncovered = [need for need, ids in answer.needs.items() if not ids]
    if uncovered:
        click.echo(f"\nBesoins que rien ne couvre : {', '.join(uncovered)}.")
    if answer.excluded_total:
        click.echo(f"\n{french_number(answer.excluded_total)} fiches écartées par une règle, dont :")
    for excluded in answer.excluded[:limit]:
        click.echo(f"  – {excluded.name} : {excluded.rules[0].reason}")


def _print_match(rank: int, result: Match, *, in_parcours: bool) -> None:
    category = categories().get(result.category)
    minutes = french_journey(result.travel_minutes) if result.travel_minutes is not None else ""
    where = [category.label if category else "", result.commune, french_km(result.distance_km), minutes]
    mark = " [démonstration]" if result.demonstration and "démonstration" not in result.name.casefold() else ""
    when = when_label(result.when, in_parcours=in_parcours)
    click.echo(f"  {rank}. {result.name}{mark}  —  {french_number(result.score / 100, 1)}/100 · {when}")
    click.echo(f"     {' · '.join(part for part in where if part)}  [{result.id}]")
    for evidence in sorted(result.contributions, key=lambda item: -item.points)[:4]:
        if evidence.points:
            click.echo(f"     + {french_number(evidence.points / 100, 1)} {evidence.reason}")
    if result.verdict is Verdict.TO_CHECK:
        for warning in result.warnings:
            if warning.level == "warning":
                click.echo(f"     ? à vérifier : {warning.reason}")
