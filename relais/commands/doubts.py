"""``relais doubts``: what imports could not understand, and what people decide of it."""

from __future__ import annotations

import click

from directory.models.doubt import DoubtFilter, DoubtLevel, KeptDoubt, Resolution
from importers.source import get_source
from relais.commands.options import json_option, open_services
from relais.commands.runs import french_moment
from relais.french import FrenchGroup
from relais.output import counted, print_json

_LEVELS = {
    DoubtLevel.REFUSED: "refusé",
    DoubtLevel.DOUBTED: "douteux",
    DoubtLevel.NOTED: "à voir",
    DoubtLevel.ASIDE: "hors du champ",
}
_DECISIONS = {Resolution.ACCEPTED: "accepté", Resolution.IGNORED: "ignoré", Resolution.REOPENED: "rouvert"}


@click.group(cls=FrenchGroup, invoke_without_command=True)
@click.option("--source", help="Seulement cette source.")
@click.option("--level", type=click.Choice([str(level) for level in DoubtLevel]), help="Seulement ce niveau.")
@click.option("--open", "opened", is_flag=True, help="Seulement ceux que personne n’a encore résolus.")
@click.option("--run", type=click.IntRange(1), help="Tous ceux de cet import, même s’ils ne sont plus d’actualité.")
@click.option("--limit", type=click.IntRange(1), default=50, help="Nombre de doutes à montrer (50).")
@json_option
@click.pass_context
def doubts(
    context: click.Context,
    *,
    source: str | None,
    level: str | None,
    opened: bool,
    run: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """Lister ce que les imports n’ont pas compris ; « relais doubts resolve » en décide."""
    if context.invoked_subcommand is not None:
        return
    wanted = DoubtFilter(
        run=run,
        source=get_source(source).name if source else None,
        level=DoubtLevel(level) if level else None,
        opened=True if opened else None,
    )
    repository = open_services().repository
    found, total = repository.find_doubts(wanted, limit=limit), repository.count_doubts(wanted)
    if as_json:
        print_json({"total": total, "doubts": [doubt.to_json() for doubt in found]})
        return
    for doubt in found:
        _print(doubt)
    click.echo(counted(total, "doutes") + (f", {counted(len(found), 'montrés')}." if len(found) < total else "."))


@doubts.command()
@click.argument("numbers", nargs=-1, required=True, type=click.IntRange(1), metavar="N°…")
@click.option("--ignore", is_flag=True, help="Ignorer, au lieu d’accepter tel quel.")
@click.option("--reopen", is_flag=True, help="Revenir sur la décision.")
@click.option("--note", default="", help="Pourquoi : gardé avec la décision.")
@click.option("--by", default="", help="Qui décide : gardé avec la décision.")
@json_option
def resolve(numbers: tuple[int, ...], *, ignore: bool, reopen: bool, note: str, by: str, as_json: bool) -> None:
    """Accepter des doutes tels quels ; ils le restent aux imports suivants, tant que leur ligne ne change pas."""
    if ignore and reopen:
        raise click.UsageError("--ignore et --reopen se contredisent.")
    decision = Resolution.REOPENED if reopen else Resolution.IGNORED if ignore else Resolution.ACCEPTED
    services = open_services()
    now = services.clock()
    done = [
        services.repository.decide_doubt(number, decision, now, note=note[:2000], author=by[:200])
        for number in dict.fromkeys(numbers)
    ]
    if as_json:
        print_json([doubt.to_json() for doubt in done])
        return
    for doubt in done:
        _print(doubt)


def _print(kept: KeptDoubt) -> None:
    doubt = kept.doubt
    line = f", ligne {doubt.line}" if doubt.line else ""
    click.echo(f"n° {kept.pk} · {kept.source}{line} · {_LEVELS[doubt.level]} · {doubt.field} « {doubt.value[:60]} »")
    click.echo(f"  {doubt.message}")
    if kept.decision and kept.decided_at is not None:
        who = f" par {kept.author}" if kept.author else ""
        note = f" : {kept.note}" if kept.note else ""
        click.echo(f"  {_DECISIONS[Resolution(kept.decision)]} le {french_moment(kept.decided_at)}{who}{note}")
