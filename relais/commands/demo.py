"""``relais demo``: the demonstration territory, one student's answer, and the pages (``make run``)."""

from __future__ import annotations

import json
from importlib import resources

import click

from directory.settings import read_settings
from relais.commands.match import answer_profile, print_answer
from relais.commands.serve import run_server
from relais.demonstration import load_demonstration
from relais.services import build_services


@click.command()
@click.option("--serve", "serving", is_flag=True, help="Servir ensuite les pages.")
def demo(*, serving: bool) -> None:
    """Charger le territoire de démonstration (une fois) et montrer les propositions faites à un élève."""
    settings = read_settings()
    services = build_services(settings)
    load_demonstration(services)
    profile = json.loads(resources.files("relais").joinpath("data", "eleve.json").read_text(encoding="utf-8"))
    click.echo("Un élève inventé : 18 ans, à Fougères, CAP Cuisine obtenu, cherche un apprentissage et un logement.\n")
    print_answer(answer_profile(services, profile, limit=10, at=services.clock().date()), limit=3)
    click.echo("\nTout est inventé (« démonstration »), sauf les communes, les lycées et les dispositifs nationaux.")
    if serving:
        services.close()
        run_server(settings)
