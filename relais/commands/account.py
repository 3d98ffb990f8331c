"""``relais account``: who may follow students or keep the directory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from directory.accounts import LINKS, make_link, parse_email, parse_scope
from directory.models.accounts import ROLE_LABELS, Account, Area, Role
from directory.services import Services
from relais.commands.options import json_option, open_services
from relais.french import FrenchGroup
from relais.output import print_json


@click.group(cls=FrenchGroup)
def account() -> None:
    """Comptes : créer, lister, changer de rôle, donner un mot de passe, fermer."""


def scoped(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say what an account is for."""
    options = (
        click.option("--role", required=True, type=click.Choice([str(role) for role in Role]), help="Ce que le compte permet."),
        click.option("--lycee", default="", metavar="UAI", help="Lycée du référent ou du bureau des entreprises."),
        click.option("--bassin", default="", metavar="CODE", help="Bassin du bureau des entreprises ou du service académique."),
        click.option("--academie", default="", metavar="NOM", help="Académie du service académique."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@account.command()
@click.argument("email", metavar="ADRESSE")
@scoped
@click.option("--name", default="", metavar="NOM", help="Ce que les collègues lisent, au lieu de l’adresse.")
@json_option
def add(email: str, role: str, lycee: str, bassin: str, academie: str, name: str, *, as_json: bool) -> None:
    """Créer un compte, et donner le lien par lequel son mot de passe se choisit (24 heures, une fois)."""
    if len(name) > 100 or not name.isprintable():
        raise click.UsageError("--name : 100 caractères au plus, sur une ligne.")
    address, kind = parse_email(email), Role(role)
    scope = parse_scope(kind, {Area.LYCEE: lycee, Area.BASSIN: bassin, Area.ACADEMIE: academie})
    services = open_services()
    _warn_of_scope(services, *scope)
    made = services.repository.accounts.add(address, kind, scope, services.clock(), name=name.strip())
    _tell_link(services, made, as_json=as_json)


@account.command("list")
@json_option
def list_accounts(*, as_json: bool) -> None:
    """Lister les comptes : rôle, périmètre, état, dernier jour d’usage."""
    found = open_services().repository.accounts.list_all()
    if as_json:
        print_json([account_to_json(each) for each in found])
        return
    for each in found:
        used = f"utilisé le {each.last_used_at:%d/%m/%Y}" if each.last_used_at else "jamais utilisé"
        state = f"fermé le {each.disabled_at:%d/%m/%Y}" if each.disabled_at else "ouvert"
        click.echo(f"{each.email} · {_role_of(each)} · {state} · {used}")
    if not found:
        click.echo("Aucun compte. En créer un : relais account add ADRESSE --role referent --lycee UAI.")


@account.command("role")
@click.argument("email", metavar="ADRESSE")
@scoped
def change_role(email: str, role: str, lycee: str, bassin: str, academie: str) -> None:
    """Changer le rôle ou le périmètre d’un compte ; ses sessions se ferment."""
    kind = Role(role)
    area, code = parse_scope(kind, {Area.LYCEE: lycee, Area.BASSIN: bassin, Area.ACADEMIE: academie})
    services = open_services()
    kept = services.repository.accounts
    found = kept.get_by_email(parse_email(email))
    _warn_of_scope(services, area, code)
    changed = kept.change(found, role=str(kind), area=str(area), code=code)
    click.echo(f"{changed.email} : {_role_of(changed)}. Ses sessions sont fermées.")


@account.command()
@click.argument("email", metavar="ADRESSE")
@json_option
def reset(email: str, *, as_json: bool) -> None:
    """Donner un lien pour choisir un nouveau mot de passe (24 heures, une fois). L’ancien vaut jusque-là."""
    services = open_services()
    found = services.repository.accounts.get_by_email(parse_email(email))
    if found.disabled_at is not None:
        raise click.UsageError(f"Le compte {found.email} est fermé : relais account disable {found.email} --undo.")
    _tell_link(services, found, as_json=as_json)


@account.command()
@click.argument("email", metavar="ADRESSE")
@click.option("--undo", is_flag=True, help="Le rouvrir.")
def disable(email: str, *, undo: bool) -> None:
    """Fermer un compte : ses sessions se ferment, plus personne n’entre. Ce qu’il a écrit reste à son lycée."""
    services = open_services()
    kept = services.repository.accounts
    found = kept.get_by_email(parse_email(email))
    if undo:  # it counts as used, or it would be closed again as idle
        kept.change(found, disabled_at=None, last_used_at=services.clock())
    else:
        kept.change(found, disabled_at=services.clock())
    click.echo(f"{found.email} : compte {'rouvert' if undo else 'fermé'}.")


@account.command()
@click.argument("email", metavar="ADRESSE")
def remove(email: str) -> None:
    """Supprimer un compte, pour de bon : adresse, nom, mot de passe. Ses dossiers doivent être transmis avant."""
    kept = open_services().repository.accounts
    found = kept.get_by_email(parse_email(email))
    kept.remove(found)
    click.echo(f"{found.email} : compte supprimé.")


def account_to_json(each: Account) -> dict[str, Any]:
    """An account as it is shown: nothing of its password."""
    moments = {name: (moment.isoformat() if (moment := getattr(each, name)) else None) for name in _MOMENTS}
    plain = {name: getattr(each, name) for name in ("id", "email", "name", "role", "area", "code", "has_password", "issuer")}
    return plain | moments


_MOMENTS = ("created_at", "disabled_at", "last_used_at")


def _role_of(each: Account) -> str:
    return f"{ROLE_LABELS[each.role]} ({each.area} {each.code})" if each.code else ROLE_LABELS[each.role]


def _warn_of_scope(services: Services, area: Area, code: str) -> None:
    if area == Area.BASSIN and services.repository.load_bassins().get(code) is None:
        click.echo(
            f"Attention : le bassin « {code} » n’est pas connu. Ce compte ne verra rien avant l’import de sa table.", err=True
        )
    if area == Area.LYCEE and not (services.repository.find_lycee(code) or services.gazetteer.find_lycee(code)):
        click.echo(f"Attention : le lycée {code} n’est pas dans l’annuaire. Vérifier son UAI.", err=True)


def _tell_link(services: Services, found: Account, *, as_json: bool) -> None:
    settings = services.settings
    site = settings.public_url or f"http://{settings.host}:{settings.port}"
    token = make_link(services.repository.signing_key(LINKS), found, services.clock())
    link = f"{site}/mot-de-passe/{token}"
    if as_json:
        print_json({"id": found.id, "email": found.email, "link": link})
        return
    click.echo(link)
    click.echo(f"Transmettez ce lien à {found.email} : il ouvre 24 heures et ne sert qu’une fois.", err=True)
