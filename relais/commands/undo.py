"""``relais undo``: takes back a whole run."""

from __future__ import annotations

import click

from directory.models.uploads import UploadState
from relais.commands.options import json_option, open_services
from relais.output import counted, print_json
from relais.undoing import foresee_undoing, undo_run

_SHOWN = 10
_WORDS = {
    "brought": "fiches qu’il a apportées : retirées",
    "changed": "fiches : remises comme avant",
    "back": "fiches qu’il a fait disparaître : de retour",
    "gone": "fiches qu’il a fait revenir : disparues à nouveau",
    "newer": "fiches laissées à un import suivant",
    "edited": "fiches corrigées ou vérifiées ensuite",
}


@click.command()
@click.argument("run", type=click.IntRange(1), metavar="N°")
@click.option("--all", "everything", is_flag=True, help="Défaire aussi pour les fiches corrigées ou vérifiées depuis.")
@click.option("--dry-run", is_flag=True, help="Dire ce qui changerait, sans rien écrire.")
@json_option
def undo(run: int, *, everything: bool, dry_run: bool, as_json: bool) -> None:
    """Défaire tout un import : une liste envoyée depuis les pages, ou un tableau importé avec --undoable.

    Ce qu’un import plus récent a écrit reste. Les fiches corrigées ou vérifiées depuis sont gardées, sauf avec --all.
    """
    services = open_services()
    undoing = foresee_undoing(services, run)
    counts = {name: found if isinstance(found := getattr(undoing, name), int) else len(found) for name in _WORDS}
    edited = dict(undoing.edited.values())
    told = {"undoes": run, **counts, "kept": 0 if everything else counts["edited"]}
    if not dry_run:
        done = undo_run(services, run, "la ligne de commande", keep_edited=not everything)
        told |= done.to_json()
        for upload in services.repository.uploads.list_published_by(run):
            report = {**upload.report, "undone": done.to_json()}
            services.repository.uploads.move(
                upload.number, {UploadState.APPLIED}, UploadState.UNDONE, services.clock(), report=report, message=""
            )
        services.keeper.catch_up()
    if as_json:
        print_json(told | {"edited": edited})
        return
    title = f"Essai (rien n’est écrit) : import n° {run}" if dry_run else f"Import n° {run} défait par l’import n° {told['run']}"
    click.echo(title)
    for name, words in _WORDS.items():
        if counts[name]:
            click.echo(f"  {counted(counts[name], words)}")
    if edited:
        kept = "  Gardées telles quelles (--all les défait aussi) :"
        click.echo("  Défaites aussi, leurs corrections restent dans leur histoire :" if everything else kept)
    for listing_id, label in list(edited.items())[:_SHOWN]:
        click.echo(f"    {label} ({listing_id})")
