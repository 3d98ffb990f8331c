"""``relais check-links``: ask politely whether the web addresses of listings still answer."""

from __future__ import annotations

from collections import Counter

import click

from directory.http import Fetcher, is_public, is_public_or_loopback
from directory.link_checking import Manners
from directory.link_checking import check_links as check
from directory.models.links import LinkState
from directory.settings import Settings
from relais.commands.options import json_option, open_services
from relais.output import french_number, print_json, progress_line

_LABELS = {
    LinkState.ALIVE: "répondent",
    LinkState.FAILING: "sans réponse, à revoir demain",
    LinkState.DEAD: "morts",
    LinkState.CLOSED: "que leur site ne laisse pas vérifier",
}


@click.command("check-links")
@click.option("--departement", default="", metavar="CODE", help="Les liens des fiches d’un département (35).")
@click.option("--limit", type=click.IntRange(1), default=500, help="Nombre de liens au plus (500).")
@click.option("--pause", type=click.FloatRange(0.2, 60), default=1.0, help="Secondes entre deux demandes à un même site (1).")
@click.option("--per-site", type=click.IntRange(1), default=50, help="Nombre de liens d’un même site au plus (50).")
@click.option("--dry-run", is_flag=True, help="Dire combien de liens attendent, sans rien demander à personne.")
@json_option
def check_links(*, departement: str, limit: int, pause: float, per_site: int, dry_run: bool, as_json: bool) -> None:
    """Vérifier poliment les liens des fiches publiques.

    Chaque site est visité lentement, comme son robots.txt le demande ; un lien vérifié ne l’est plus avant trente jours. Un
    site qui ne répond pas n’est dit mort qu’à la seconde fois, un jour plus tard au moins.
    """
    services = open_services()
    now, links = services.clock(), services.repository.links
    waiting = links.list_waiting(now, departement)
    if dry_run:
        if as_json:
            print_json({"waiting": len(waiting)})
        else:
            click.echo(f"{french_number(len(waiting))} liens à vérifier.")
        return
    counts, progress, asked = Counter[LinkState](), progress_line("Liens"), waiting[:limit]
    for done in check(asked, _fetcher(services.settings), now, Manners(pause=pause, per_site=per_site)):
        links.keep(done)
        counts.update(found.state for found, _ in done)
        progress(counts.total(), len(asked))
    left = len(waiting) - counts.total()
    if as_json:
        print_json({"checked": counts.total(), "waiting": left, **{str(state): counts[state] for state in LinkState}})
        return
    told = " · ".join(f"{french_number(counts[state])} {label}" for state, label in _LABELS.items())
    click.echo(f"{french_number(counts.total())} liens vérifiés : {told}. {french_number(left)} attendent.")


def _fetcher(settings: Settings) -> Fetcher:
    allowed = is_public_or_loopback if settings.loopback else is_public
    return Fetcher(max_bytes=1_000_000, timeout=10.0, deadline=20.0, attempts=1, allowed=allowed)
