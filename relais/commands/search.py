"""``relais search``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import partial

import click

from directory.geocoding.types import AmbiguousPlace, NoSuchPlace, Place
from directory.search.answer_form import answer_to_json
from directory.search.asking import Answer, ask
from directory.search.types import SearchQuery
from directory.search.understood import RECOGNISED
from directory.services import Services
from directory.vocabulary import Kind, categories
from matching.french import french_day
from matching.types import Alert
from matching.urgency import find_urgencies
from relais.commands.options import Day, json_option, open_services, with_usable_index
from relais.output import french_km, french_number, print_json


@click.command()
@click.argument("text", required=False, default="", metavar="[TEXTE]")
@click.option("--near", "near", metavar="LIEU", help="Commune, code postal, département, région ou adresse.")
@click.option("--radius", type=float, metavar="KM", help="Rayon autour du lieu, en kilomètres.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    metavar="GENRE",
    help="partner, scheme, company, event.",
)
@click.option("--filter", "filters", multiple=True, metavar="NOM=VALEUR", help="Filtre, répétable (ex. category=cio).")
@click.option("--age", type=click.IntRange(0, 120), metavar="ANS", help="Âge de la personne.")
@click.option("--after", type=Day(), metavar="DATE", help="Événements qui ne sont pas finis ce jour-là.")
@click.option("--before", type=Day(), metavar="DATE", help="Événements commencés au plus tard ce jour-là.")
@click.option("--past", is_flag=True, help="Avec les événements passés, laissés de côté quand aucune période n’est demandée.")
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    type=click.Choice(RECOGNISED),
    metavar="QUOI",
    help="Ne pas reconnaître dans le texte : " + ", ".join(RECOGNISED) + ".",
)
@click.option("--limit", type=click.IntRange(1, 100), default=20, metavar="N", help="Nombre de résultats (20).")
@click.option("--cursor", metavar="SUITE", help="Le « next » de la page précédente.")
@json_option
def search(
    text: str,
    near: str | None,
    radius: float | None,
    kinds: tuple[str, ...],
    filters: tuple[str, ...],
    age: int | None,
    after: date | None,
    before: date | None,
    past: bool,
    ignored: tuple[str, ...],
    limit: int,
    cursor: str | None,
    as_json: bool,
) -> None:
    """Chercher dans l’annuaire."""
    if radius is not None and near is None:
        raise click.UsageError("--radius demande un lieu (--near).")
    parsed_filters = parse_filters(filters)
    services = open_services()
    place = find_place(services, near) if near else None
    query = SearchQuery(
        text=text,
        kinds=tuple(Kind(kind) for kind in kinds),
        filters=parsed_filters,
        age=age,
        after=after,
        before=before,
        limit=limit,
        cursor=cursor,
        past=past,
    )
    asked = partial(
        ask,
        services.index,
        query,
        find_place=services.gazetteer.find_named,
        today=services.clock().date(),
        place=place,
        radius_km=radius,
        bassins=services.repository.load_bassins(),
        but=frozenset(ignored),
    )
    answer = with_usable_index(services, asked)
    alerts = find_urgencies(text)
    if as_json:
        print_json({"alerts": [asdict(alert) for alert in alerts], **answer_to_json(answer)})
    else:
        print_answer(answer, services.clock().date(), alerts)


def parse_filters(texts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """``name=value`` texts, those of one name together."""
    filters: dict[str, tuple[str, ...]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise click.BadParameter(f"« {text} » : écrire NOM=VALEUR.", param_hint="--filter")
        filters[name] = (*filters.get(name, ()), value)
    return filters


def find_place(services: Services, text: str) -> Place:
    """The one place that a text names.

    Raises:
        click.BadParameter: None, or several; the French message lists what could be meant.
    """
    match services.gazetteer.find(text):
        case Place() as place:
            return place
        case AmbiguousPlace(candidates=candidates, reason=reason):
            raise click.UsageError(f"Lieu ambigu : « {text} ». {reason} Préciser : {_labels(candidates)}.")
        case NoSuchPlace(suggestions=suggestions):
            hint = f" Vouliez-vous dire {_labels(suggestions)} ?" if suggestions else ""
            raise click.UsageError(f"Lieu inconnu : « {text[:80]} ».{hint}")


def _labels(places: tuple[Place, ...]) -> str:
    return ", ".join(place.label for place in places[:6])


def print_answer(answer: Answer, today: date, alerts: Sequence[Alert] = ()) -> None:
    """Print a page of hits for a person, what is urgent first."""
    page = answer.page
    for alert in alerts:
        click.echo(f"!! {alert.text}")
    for line in filter(None, (_understood(answer), page.notice, answer.widened)):
        click.echo(line)
    if answer.suggestion:
        click.echo(f"Vouliez-vous dire « {answer.suggestion} » ?")
    if answer.past:
        over = (
            f"{answer.past} événements passés ne sont pas montrés" if answer.past > 1 else "Un événement passé n’est pas montré"
        )
        click.echo(f"{over} (--past pour les voir).")
    if not page.hits:
        click.echo("Aucun résultat. Essayer d’autres mots, un lieu plus large ou moins de filtres.")
        return
    click.echo(f"{french_number(page.total)} résultat{'s' if page.total > 1 else ''}")
    for rank, hit in enumerate(page.hits, 1):
        category = categories().get(hit.category)
        parts = [category.label if category else hit.category, hit.structure, hit.commune, french_km(hit.distance_km)]
        parts += ["annulé"] if hit.cancelled else []
        parts += [f"passé le {french_day(hit.last_day)}"] if hit.last_day and hit.last_day < today else []
        parts += ["démonstration"] if hit.demonstration and "démonstration" not in hit.name else []
        click.echo(f"{rank:>3}. {hit.name}\n     {' · '.join(part for part in parts if part)}  [{hit.id}]")
    if page.next:
        click.echo(f"Suite : --cursor {page.next}")


def _understood(answer: Answer) -> str:
    """How the text and the place were understood; empty when there is nothing to say."""
    said = [recognition.label for recognition in answer.understood.recognitions]
    lines = ["Compris : " + " · ".join(said)] if said else []
    if answer.place and answer.place is not answer.understood.place:
        lines.insert(0, f"Autour de {answer.place.label}" + (f" ({answer.place.reason})" if answer.place.reason else ""))
    if (choice := answer.understood.choice) and not answer.place:
        several = ", ".join(place.label for place in choice.places)
        lines.append(f"Plusieurs lieux s’appellent « {choice.words} » : {several}. Préciser avec --near.")
    return "\n".join(lines)
