"""``relais outcome``: what came of a contact with a partner, counted."""

from __future__ import annotations

import click

from directory.errors import InvalidValue
from directory.identifiers import parse_code_rome
from directory.models.responses import FILIERE_LENGTH, Outcome, ResponseCounts
from directory.occupations import codes_of_domaine, find_occupations
from matching.french import french_count
from relais.commands.options import json_option, open_services
from relais.output import print_json


@click.command()
@click.argument("listing_id", metavar="FICHE")
@click.argument("result", required=False, type=click.Choice([str(each) for each in Outcome]), metavar="[RETOUR]")
@click.option("--trade", "trade", default="", metavar="MÉTIER", help="Pour quel métier : code ROME, domaine (G16) ou intitulé.")
@click.option("--undo", is_flag=True, help="Retirer un retour compté par erreur.")
@json_option
def outcome(listing_id: str, result: str | None, *, trade: str, undo: bool, as_json: bool) -> None:
    """Compter ce qu’un contact a donné (accepte, refuse, sans-reponse), ou montrer ce qui est compté.

    Rien n’est gardé de l’élève : un nombre, par fiche et par filière.
    """
    if result is None and (undo or trade):
        raise click.UsageError("Il manque le retour : accepte, refuse ou sans-reponse.")
    services = open_services()
    if result is not None:
        filiere = _filiere(trade)
        services.repository.record_response(listing_id, Outcome(result), filiere, services.clock(), undo=undo)
    found = services.repository.list_responses(listing_id)
    if as_json:
        fields = ("listing_id", "filiere", "accepted", "declined", "silent", "contacted")
        print_json([{name: getattr(counts, name) for name in fields} for counts in found])
        return
    for counts in found:
        click.echo(_line(counts))
    if not found:
        click.echo("Aucun contact compté.")


def _filiere(trade: str) -> str:
    """The ROME domaine that a text names: a code, a domaine, an occupation; empty for none."""
    text = trade.strip()
    if not text:
        return ""
    if len(text) == FILIERE_LENGTH and codes_of_domaine(text.upper()):
        return text.upper()
    try:
        return parse_code_rome(text)[:FILIERE_LENGTH]
    except InvalidValue:
        found = find_occupations(text, limit=1)
    if not found:
        raise click.UsageError(f"--trade : « {text[:80]} » n’est ni un code ROME, ni un domaine, ni un métier connu.")
    return found[0].code[:FILIERE_LENGTH]


def _line(counts: ResponseCounts) -> str:
    where = f"{counts.filiere} : " if counts.filiere else "Sans métier précisé : "
    parts = [french_count(counts.contacted, "contact"), french_count(counts.accepted, "accord"), f"{counts.declined} refus"]
    return where + ", ".join([*parts, f"{counts.silent} sans réponse"])
