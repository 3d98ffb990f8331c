"""``relais keys``: who may ask the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import click

from directory.api_keys import (
    MOST_PER_DAY,
    MOST_PER_MINUTE,
    OVERLAP,
    PER_DAY,
    PER_MINUTE,
    NewKey,
    make_key,
    parse_origin,
    renew_key,
)
from directory.errors import InvalidValue
from directory.models.keys import ApiKey, ApiScope
from relais.commands.options import Day, json_option, open_services
from relais.french import FrenchGroup
from relais.output import print_json

_LONGEST_OVERLAP = 365


@click.group(cls=FrenchGroup)
def keys() -> None:
    """Clés de l’API : créer, lister, remplacer, révoquer."""


class Origin(click.ParamType[str]):
    """A site, ``https://site.example``."""

    name = "origine"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read an origin, or refuse with the form expected."""
        try:
            return parse_origin(str(value))
        except InvalidValue as error:
            self.fail(error.public, param, ctx)


@keys.command()
@click.argument("label", metavar="NOM")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([str(scope) for scope in ApiScope]),
    default=(str(ApiScope.READING),),
    help="Ce que la clé ouvre, répétable : lecture (par défaut), propositions, exports, widget.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    type=Origin(),
    metavar="SITE",
    help="Site dont les pages l’emploient, répétable.",
)
@click.option("--per-minute", type=click.IntRange(1, MOST_PER_MINUTE), default=PER_MINUTE, metavar="N", show_default=True)
@click.option("--per-day", type=click.IntRange(1, MOST_PER_DAY), default=PER_DAY, metavar="N", show_default=True)
@click.option("--until", type=Day(), metavar="DATE", help="Dernier jour où elle ouvre.")
@json_option
def create(
    label: str,
    scopes: tuple[str, ...],
    origins: tuple[str, ...],
    per_minute: int,
    per_day: int,
    until: date | None,
    as_json: bool,
) -> None:
    """Créer une clé pour NOM (un organisme, un site) ; elle n’est montrée qu’une fois."""
    if not label.strip() or len(label) > 200:
        raise click.UsageError("NOM dit à qui est la clé, en 200 caractères au plus.")
    if ApiScope.WIDGET in scopes and not origins:
        raise click.UsageError("La clé d’un widget nomme les sites qui le montrent : --origin https://site.example.")
    services = open_services()
    now = services.clock()
    if until is not None and until < now.date():
        raise click.UsageError("--until : ce jour est passé.")
    new = make_key(
        label.strip(),
        [ApiScope(scope) for scope in scopes],
        now,
        origins=origins,
        per_minute=per_minute,
        per_day=per_day,
        expires_at=_end_of(until, now) if until else None,
    )
    services.repository.keep_keys(new=new.key)
    _tell(new, as_json=as_json)


@keys.command("list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """Lister les clés : ce qu’elles ouvrent, leur dernière utilisation. Jamais la clé elle-même."""
    services = open_services()
    now = services.clock()
    found = services.repository.list_keys()
    if as_json:
        print_json([key_to_json(key, now) for key in found])
        return
    for key in found:
        scopes = ", ".join(key.scopes)
        used = f"utilisée le {key.last_used_at:%d/%m/%Y à %Hh}" if key.last_used_at else "jamais utilisée"
        click.echo(f"{key.id}  {key.label} · {scopes} · {_state(key, now)} · {used}")
        for origin in key.origins:
            click.echo(f"              {origin}")
    if not found:
        click.echo("Aucune clé. En créer une : relais keys create NOM.")


@keys.command()
@click.argument("key_id", metavar="CLÉ")
@click.option(
    "--overlap",
    type=click.IntRange(0, _LONGEST_OVERLAP),
    default=OVERLAP.days,
    metavar="JOURS",
    help="Jours pendant lesquels l’ancienne ouvre encore (7).",
)
@json_option
def rotate(key_id: str, *, overlap: int, as_json: bool) -> None:
    """Remplacer une clé par une nouvelle ; les deux ouvrent le temps de changer."""
    services = open_services()
    new, old = renew_key(services.repository.get_key(key_id), services.clock(), timedelta(days=overlap))
    services.repository.keep_keys(new=new.key, changed=old)
    _tell(new, as_json=as_json)
    if not as_json and old.expires_at:
        click.echo(f"La clé {old.id} ouvre encore jusqu’au {old.expires_at:%d/%m/%Y à %Hh%M}.", err=True)


@keys.command()
@click.argument("key_id", metavar="CLÉ")
def revoke(key_id: str) -> None:
    """Révoquer une clé : elle n’ouvre plus rien (en quelques secondes)."""
    services = open_services()
    key = services.repository.get_key(key_id)
    if key.revoked_at is None:
        services.repository.keep_keys(changed=replace(key, revoked_at=services.clock()))
    click.echo(f"La clé {key.id} ({key.label}) est révoquée.")


def key_to_json(key: ApiKey, now: datetime) -> dict[str, Any]:
    """A key as it is shown: nothing of its secret."""
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    told = {name: (moment.isoformat() if (moment := getattr(key, name)) else None) for name in moments}
    plain = {name: getattr(key, name) for name in ("id", "label", "per_minute", "per_day", "replaced_by")}
    return {**plain, "scopes": list(key.scopes), "origins": list(key.origins), "valid": key.is_valid(now), **told}


def _tell(new: NewKey, *, as_json: bool) -> None:
    if as_json:
        print_json({"id": new.key.id, "key": new.text})
        return
    click.echo(new.text)
    click.echo("Notez cette clé : elle n’est pas gardée et ne sera plus montrée.", err=True)


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at:
        return f"révoquée le {key.revoked_at:%d/%m/%Y}"
    if key.expires_at is None:
        return "valide"
    return f"valide jusqu’au {key.expires_at:%d/%m/%Y}" if key.is_valid(now) else f"expirée le {key.expires_at:%d/%m/%Y}"


def _end_of(day: date, now: datetime) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), now.tzinfo)
