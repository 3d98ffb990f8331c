"""``relais statistics``: what is asked of the directory, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import click

from directory.statistics import KEPT_MONTHS, SMALLEST, Group, first_month, group, shown_words
from directory.territory import departements
from relais.commands.options import json_option, open_services
from relais.output import french_number, print_json


@click.command()
@click.option(
    "--departement",
    "wanted",
    multiple=True,
    type=click.Choice(list(departements())),
    metavar="CODE",
    help="De ces départements seulement, répétable.",
)
@json_option
def statistics(wanted: tuple[str, ...], *, as_json: bool) -> None:
    """Montrer ce qui est demandé à l’annuaire, et ce qui ne trouve rien. Jamais par qui, jamais moins de dix questions."""
    services = open_services()
    since = first_month(services.clock().date())
    counts = [each for each in services.repository.list_question_counts(since) if not wanted or each.departement in wanted]
    words = Counter[str]()
    for departement, text, number in services.repository.list_unanswered(since):
        if not wanted or departement in wanted:
            words[text] += number
    groups = {
        "month": group(counts, lambda each: each.month),
        "departement": group(counts, lambda each: each.departement),
        "kind": group(counts, lambda each: each.kind),
        "thematique": group(counts, lambda each: each.thematique),
        "channel": group(counts, lambda each: str(each.channel)),
    }
    if as_json:
        shown: dict[str, Any] = {name: [_to_json(each) for each in found] for name, found in groups.items()}
        unanswered = [{"words": text, "questions": number} for text, number in shown_words(words)]
        print_json({"since": since, "smallest": SMALLEST, **shown, "unanswered": unanswered})
        return
    _print(groups.values(), shown_words(words))


def _to_json(each: Group) -> dict[str, Any]:
    return {"value": each.value, "questions": each.questions, "unanswered": each.unanswered}


def _print(groups: Any, words: Sequence[tuple[str, int]]) -> None:
    titles = ("Par mois", "Par département", "Par genre", "Par besoin", "Par origine")
    for title, found in zip(titles, groups, strict=True):
        click.echo(f"{title} :")
        for each in found:
            click.echo(f"  {each.value or 'non dit'} : {_count(each.questions)}, sans réponse {_count(each.unanswered)}")
    click.echo(f"Sans réponse ({KEPT_MONTHS} mois) :")
    for text, number in words:
        click.echo(f"  {text} : {french_number(number)}")


def _count(number: int | None) -> str:
    return "non montré" if number is None else french_number(number)
