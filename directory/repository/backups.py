"""The whole directory as lines of JSON, a file for each table: the same from SQLite and from PostgreSQL, and for either."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile

from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Date, Integer, LargeBinary, Table, delete, func, insert, select, text
from sqlmodel import SQLModel

from directory.database import SCHEMA
from directory.errors import BackupRefused
from directory.models.staging import STAGING
from directory.models.types import Moment
from directory.repository import tables
from directory.repository.rows import chunks

FORM = 1
"""The form of the archive."""
_MANIFEST = "manifest.json"


def save(connection: Connection, archive: ZipFile) -> dict[str, int]:
    """Write every table, in one state of the directory. Returns how many rows of each."""
    counts: dict[str, int] = {}
    for table in _tables():
        counts[table.name] = 0
        with archive.open(_file_of(table), "w", force_zip64=True) as file:
            for row in connection.execution_options(yield_per=1000).execute(select(table)).mappings():
                file.write(to_json({name: _dump(value) for name, value in row.items()}) + b"\n")
                counts[table.name] += 1
    archive.writestr(_MANIFEST, json.dumps({"form": FORM, "schema": SCHEMA, "rows": counts}))
    return counts


def restore(connection: Connection, archive: ZipFile) -> dict[str, int]:
    """Fill an empty directory, in the connection's transaction. Returns how many rows of each table.

    Raises:
        BackupRefused: The directory is not empty, or the archive is not a backup of this version, whole.
    """
    expected = _read_manifest(archive)
    if connection.scalar(select(func.count()).select_from(tables.import_run)):
        raise BackupRefused("not empty", public="Cet annuaire n’est pas vide : une sauvegarde se restaure dans un annuaire neuf.")
    for table in reversed(_tables()):
        connection.execute(delete(table))
    for table in _tables():
        found = 0
        for rows in chunks(_read_rows(archive, table)):
            connection.execute(insert(table), rows)
            found += len(rows)
        if found != expected.get(table.name, 0):
            raise BackupRefused(
                f"{table.name}: {found} rows", public="La sauvegarde est incomplète : elle n’a pas été restaurée."
            )
        if connection.dialect.name == "postgresql":
            _follow(connection, table)
    return expected


def _tables() -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if table not in STAGING]


def _file_of(table: Table) -> str:
    return f"tables/{table.name}.jsonl"


def _read_manifest(archive: ZipFile) -> dict[str, int]:
    try:
        manifest = from_json(archive.read(_MANIFEST))
        form, schema, rows = manifest["form"], manifest["schema"], dict(manifest["rows"])
    except (KeyError, ValueError, TypeError) as error:
        raise BackupRefused("no manifest", public="Ce fichier n’est pas une sauvegarde de Relais.") from error
    if (form, schema) != (FORM, SCHEMA):
        public = f"Cette sauvegarde vient d’une autre version de Relais (schéma {schema}, ici {SCHEMA}) : la restaurer avec elle."
        raise BackupRefused(f"form {form}, schema {schema}", public=public)
    return rows


def _read_rows(archive: ZipFile, table: Table) -> Iterator[dict[str, Any]]:
    parsers = {column.name: parse for column in table.columns if (parse := _parser(column.type)) is not None}
    with archive.open(_file_of(table)) as file:
        for line in file:
            row = from_json(line)
            for name, parse in parsers.items():
                if row[name] is not None:
                    row[name] = parse(row[name])
            yield row


def _dump(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value  # a moment too


def _parser(kind: Any) -> Callable[[Any], Any] | None:
    if isinstance(kind, Moment):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    return b64decode if isinstance(kind, LargeBinary) else None


def _follow(connection: Connection, table: Table) -> None:
    """Have PostgreSQL number the next row after those that were restored."""
    key = table.primary_key.columns[0] if table.primary_key.columns else None
    if key is None or not isinstance(key.type, Integer):
        return
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": key.name}
    )
    last = connection.scalar(select(func.max(key)))
    if sequence and last:
        connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
