"""``relais geocode``: locate the addresses that wait, by the Base Adresse Nationale."""

from __future__ import annotations

import click

from directory.errors import RelaisError
from directory.geocoding.ban import BanGeocoder
from directory.http import Fetcher, is_public, is_public_or_loopback
from directory.services import Services
from importers.locating import Asked, ask, list_waiting
from relais.commands.options import json_option, open_services
from relais.output import counted, french_number, print_json


class GeocodingOff(RelaisError):
    """No geocoding service is set."""


class ServiceStopped(RelaisError):
    """The geocoding service stopped answering; what it answered before is kept."""


@click.command()
@click.option("--limit", type=click.IntRange(1), help="Nombre d’adresses à demander au plus.")
@click.option("--dry-run", is_flag=True, help="Dire combien d’adresses attendent, sans rien demander.")
@json_option
def geocode(*, limit: int | None, dry_run: bool, as_json: bool) -> None:
    """Situer les adresses des partenaires en attente (Base Adresse Nationale)."""
    services = open_services()
    if dry_run:
        waiting = len(list_waiting(services.repository, services.gazetteer.commune_name, services.clock()))
        if as_json:
            print_json({"waiting": waiting})
        else:
            click.echo(f"{counted(waiting, 'adresses')} en attente.")
        return
    geocoder = address_geocoder(services)
    if geocoder is None:
        raise GeocodingOff("RELAIS_BAN_URL is empty", public="Aucun service d’adresses : régler RELAIS_BAN_URL.")
    done = ask(services.repository, geocoder, services.clock(), limit=limit)
    if done.moved:
        services.keeper.catch_up()
    if as_json:
        print_json(done.to_json())
    else:
        click.echo(told(done))
    if done.outage:
        raise ServiceStopped("outage", public=f"{done.outage} {counted(done.waiting, 'adresses')} en attente.")


def address_geocoder(services: Services) -> BanGeocoder | None:
    """The geocoding service of this instance; None when none is set, and nothing is then sent anywhere."""
    settings = services.settings
    if not settings.ban_url:
        return None
    allowed = is_public_or_loopback if settings.loopback else is_public
    fetcher = Fetcher(max_bytes=20_000_000, timeout=30.0, deadline=120.0, allowed=allowed)
    return BanGeocoder(gazetteer=services.gazetteer, url=settings.ban_url, fetcher=fetcher)


def told(done: Asked) -> str:
    """What was asked and found, in one line for a person."""
    counts = ((done.found, "trouvées"), (done.doubtful, "douteuses"), (done.unknown, "inconnues"), (done.waiting, "en attente"))
    shown = " · ".join(f"{french_number(count)} {label}" for count, label in counts)
    return f"Adresses : {french_number(done.asked)} demandées, {shown}. Fiches déplacées : {french_number(done.moved)}."
