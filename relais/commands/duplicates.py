"""``relais duplicates``: the pairs that are, or may be, one thing; what a person decides of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from directory.models.duplicates import Decision, DuplicatePair, PairSide, PairState, Verdict
from matching.duplicates import DuplicateComparer, compare
from relais.commands.options import json_option, open_services
from relais.french import FrenchGroup
from relais.output import counted, french_number, print_json

_STATES = {"a-examiner": PairState.PROPOSED, "fusionnees": PairState.MERGED, "jugees": PairState.JUDGED}
_SAID = {Verdict.SAME: "même chose", Verdict.PROBABLE: "peut-être la même chose", Verdict.DIFFERENT: "deux choses"}


@click.group(cls=FrenchGroup)
def duplicates() -> None:
    """Voir les doublons fusionnés ou à examiner, et en décider."""


pair_argument = click.argument("asked", nargs=-1, required=True, metavar="N°|FICHE FICHE")


@duplicates.command("list")
@click.option(
    "--state", type=click.Choice(list(_STATES)), default="a-examiner", help="À examiner, fusionnées sans personne, ou jugées."
)
@click.option("--limit", type=click.IntRange(1), default=50, help="Nombre de paires à montrer (50).")
@json_option
def list_(*, state: str, limit: int, as_json: bool) -> None:
    """Lister les paires, les plus probables d’abord."""
    found = open_services().repository.list_pairs(_STATES[state], limit)
    if as_json:
        print_json([_to_json(pair) for pair in found])
        return
    for pair in found:
        click.echo(_one_line(pair))
    click.echo(f"{counted(len(found), 'paires')}. « relais duplicates show N° » en montre une.")


@duplicates.command()
@click.argument("asked", metavar="N°|FICHE")
@json_option
def show(asked: str, *, as_json: bool) -> None:
    """Montrer une paire et ses raisons, ou toutes celles d’une fiche."""
    repository = open_services().repository
    found = [repository.get_pair(int(asked))] if asked.isdecimal() else repository.pairs_of(asked)
    if as_json:
        print_json([_to_json(pair) | {"now": _compared(pair)} for pair in found])
        return
    for pair in found:
        _print_pair(pair)
    if not found:
        click.echo("Aucun doublon, fusionné ou possible, de cette fiche.")


def _decider(name: str, verdict: Verdict | None, said: str) -> Callable[..., None]:
    @duplicates.command(name, help=said)
    @pair_argument
    @click.option("--by", default="", help="Qui décide : gardé avec la décision.")
    @click.option("--note", default="", help="Pourquoi : gardé avec la décision.")
    @json_option
    def decide(asked: tuple[str, ...], *, by: str, note: str, as_json: bool) -> None:
        services = open_services()
        decision = Decision(verdict=verdict, by=by[:200], note=note[:2000], now=services.clock(), trust=services.trust)
        pair = services.repository.judge(_asked(asked), decision)
        services.keeper.catch_up()
        if as_json:
            print_json(_to_json(pair))
            return
        click.echo(_one_line(pair))
        click.echo("Une seule fiche est publiée." if pair.is_merged else "Deux fiches sont publiées.")

    return decide


same = _decider("same", Verdict.SAME, "Décider que deux fiches sont la même chose : elles sont fusionnées, pour de bon.")
different = _decider("different", Verdict.DIFFERENT, "Décider que ce sont deux choses : jamais plus fusionnées ni proposées.")
undo = _decider("undo", None, "Défaire une fusion, ou revenir sur une décision.")


@duplicates.command()
@json_option
def find(*, as_json: bool) -> None:
    """Comparer à nouveau toutes les fiches (règle changée, ou fiches importées avant elle)."""
    services = open_services()
    counts = services.repository.compare_all(services.trust, services.clock())
    services.keeper.catch_up()
    if as_json:
        print_json({"compared": counts.unchanged, "merged": counts.merged, "proposed": counts.proposed})
        return
    click.echo(
        f"{counted(counts.unchanged, 'fiches comparées')} : {counted(counts.merged, 'fusions nouvelles')}, "
        f"{counted(counts.proposed, 'paires nouvelles')} à examiner."
    )


def _asked(words: Sequence[str]) -> int | tuple[str, str]:
    if len(words) == 1 and words[0].isdecimal():
        return int(words[0])
    if len(words) == 2:
        return words[0], words[1]
    raise click.UsageError("Indiquer le numéro d’une paire, ou deux identifiants de fiches.")


def _one_line(pair: DuplicatePair) -> str:
    sure = "" if pair.probability is None else f" ({french_number(100 * pair.probability)} %)"
    decided = f" — décidé{f' par {pair.judged_by}' if pair.judged_by else ''}" if pair.judgement else ""
    return f"n° {pair.number} : {_SAID[pair.stands]}{sure}{decided}\n    {_side(pair.left)}\n    {_side(pair.right)}"


def _side(side: PairSide) -> str:
    gone = "" if side.live else " [disparue de sa source]"
    return f"{side.name} [{side.source}, {side.record_id}] → {side.listing_id}{gone}"


def _print_pair(pair: DuplicatePair) -> None:
    click.echo(_one_line(pair))
    for side in (pair.left, pair.right):
        record = side.record
        place = " ".join(filter(None, (record.get("address"), record.get("code_postal"), record.get("code_commune"))))
        reach = ", ".join(contact.get("phone") or contact.get("email") or "" for contact in record.get("contacts", ()))
        click.echo(f"      {place or 'sans adresse'} · {reach or 'sans contact'} · SIRET {record.get('siret') or 'inconnu'}")
    for reason in pair.reasons or _compared(pair)["reasons"]:
        click.echo(f"      - {reason}")
    if pair.note:
        click.echo(f"      note : {pair.note}")


def _compared(pair: DuplicatePair) -> dict[str, Any]:
    """What comparing the two says now."""
    comparer = DuplicateComparer()
    said = compare(comparer.read(pair.left.record), comparer.read(pair.right.record))
    return {"probability": round(said.probability, 4), "verdict": str(said.verdict), "reasons": list(said.reasons)}


def _to_json(pair: DuplicatePair) -> dict[str, Any]:
    sides = {
        name: {key: getattr(side, key) for key in ("source", "record_id", "name", "listing_id", "live")}
        for name, side in (("left", pair.left), ("right", pair.right))
    }
    return {
        "number": pair.number,
        "stands": str(pair.stands),
        "merged": pair.is_merged,
        "verdict": pair.verdict,
        "probability": pair.probability,
        "reasons": list(pair.reasons),
        "found_at": pair.found_at.isoformat(),
        "judgement": pair.judgement,
        "judged_at": pair.judged_at.isoformat() if pair.judged_at else None,
        "judged_by": pair.judged_by,
        "note": pair.note,
        **sides,
    }
