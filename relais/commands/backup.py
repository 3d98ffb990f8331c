"""``relais backup`` and ``relais restore``: the directory, the index and the files kept beside, in one file."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import click

from directory.errors import BackupRefused, french_cause
from directory.services import Services
from importers.sources.tableur.saved import folder_of
from relais.commands.options import json_option, open_services
from relais.output import counted, print_json

_MAPPINGS = "mappings/"


@click.command()
@click.argument("file", metavar="FICHIER", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def backup(file: Path, *, as_json: bool) -> None:
    """Sauvegarder l’annuaire et les correspondances de colonnes dans un fichier (ZIP), sans arrêter le service.

    L’index et les caches n’y sont pas : « relais restore » les refait. Le fichier contient des données personnelles et des
    empreintes de clés : le garder comme tel.
    """
    services = open_services()
    try:
        rows = _write(services, file)
    except OSError as error:
        public = f"« {file} » ne peut pas être écrit : {french_cause(error)}."
        raise BackupRefused(str(error), public=public) from error
    _tell(rows, f"sauvegardées dans {file}", as_json=as_json)


def _write(services: Services, file: Path) -> dict[str, int]:
    """Write beside, then put in place: a backup that stops midway leaves the one before."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        # for its owner alone: it holds what the database holds
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as opened:
            with zipfile.ZipFile(opened, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                rows = services.repository.save_to(archive)
                for path in sorted(folder_of(services.settings.data).glob("*.toml")):
                    archive.write(path, _MAPPINGS + path.name)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return rows


@click.command()
@click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def restore(file: Path, *, as_json: bool) -> None:
    """Restaurer une sauvegarde dans un annuaire vide, SQLite ou PostgreSQL, puis refaire l’index."""
    services = open_services()
    try:
        with zipfile.ZipFile(file) as archive:
            rows = services.repository.restore_from(archive)
            _restore_mappings(archive, folder_of(services.settings.data))
    except (zipfile.BadZipFile, OSError) as error:
        raise BackupRefused(str(error), public=f"« {file} » est abîmé, ou n’est pas une sauvegarde de Relais.") from error
    services.keeper.rebuild()
    services.catalogue.prepare()
    _tell(rows, "restaurées, index refait", as_json=as_json)


def _restore_mappings(archive: zipfile.ZipFile, folder: Path) -> None:
    for name in archive.namelist():
        # only the last part of the name: nothing is written elsewhere
        if name.startswith(_MAPPINGS) and (kept := Path(name).name).endswith(".toml"):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / kept).write_bytes(archive.read(name))


def _tell(rows: dict[str, int], done: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"rows": rows})
    else:
        click.echo(f"{counted(rows['listing'], f'fiches {done}')}.")
