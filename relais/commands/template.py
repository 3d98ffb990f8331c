"""``relais template``: tables to fill."""

from __future__ import annotations

from pathlib import Path

import click

from directory.errors import french_cause
from importers.errors import ImporterError
from importers.templates import FORMATS, templates
from relais.commands.options import json_option
from relais.output import print_json


@click.command()
@click.argument("name", required=False, metavar="[MODÈLE]", type=click.Choice(list(templates())))
@click.option("--format", "form", default="xlsx", show_default=True, type=click.Choice(sorted(FORMATS)), help="Forme du fichier.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Fichier à écrire (modele-MODÈLE.xlsx).")
@json_option
def template(name: str | None, *, form: str, output: Path | None, as_json: bool) -> None:
    """Écrire un MODÈLE de tableau à remplir, que « relais import » relira ; sans rien, dire lesquels existent."""
    if name is None:
        known = {entry.name: entry.label for entry in templates().values()}
        if as_json:
            print_json(known)
        for key, label in () if as_json else known.items():
            click.echo(f"{key:<12} {label}")
        return
    path = output or Path(f"modele-{name}.{form}")
    try:
        with path.open("xb") as file:
            file.write(FORMATS[form](templates()[name]))
    except FileExistsError as error:
        raise ImporterError(
            f"{path} exists", public=f"Le fichier « {path} » existe déjà : --output en écrirait un autre."
        ) from error
    except OSError as error:
        raise ImporterError(f"{path}: {error}", public=f"Impossible d’écrire « {path} » ({french_cause(error)}).") from error
    if as_json:
        print_json({"path": str(path), "source": templates()[name].source})
    else:
        click.echo(f"Modèle écrit : {path}. Le remplir, puis : relais import {templates()[name].source} {path}")
