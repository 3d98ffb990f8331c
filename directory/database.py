"""Opening the database (SQLite or PostgreSQL), its transactions, and its schema's version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from directory.errors import DatabaseBusy, DatabaseError

SCHEMA = "0013"
"""The schema this program speaks: the latest revision of ``directory/migrations/versions`` (a test holds them together)."""

BUSY_SECONDS = 30
"""How long a writer waits for another's transaction (SQLite). An import's last step, the longest, takes a few seconds."""

_WRITES = "relais_writes"
_JOURNAL_BYTES = 64 << 20  # the journal of a large import is not kept at its size


def open_engine(url: str) -> Engine:
    """Open a database and check that it answers.

    SQLite is put in WAL mode (readers never wait for a writer), with foreign keys on. PostgreSQL needs its driver installed.

    Args:
        url: SQLAlchemy URL: ``sqlite:////path/to/file`` or ``postgresql+psycopg://…``.

    Raises:
        DatabaseError: The URL is none, the file is not a database, or it cannot be read or written.
    """
    parsed = _parse(url)
    try:
        engine = create_engine(parsed, json_serializer=_dump_json, json_deserializer=from_json, **_options(parsed))
    except (NoSuchModuleError, ImportError) as error:
        name = parsed.drivername
        raise DatabaseError(f"no driver {name}", public=f"Le pilote de base de données « {name} » n’est pas installé.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    with reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError("not a database URL", public="RELAIS_DATABASE_URL n’est pas l’adresse d’une base.") from error
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise DatabaseError(f"unknown database {backend!r}", public="Base de données inconnue : SQLite ou PostgreSQL seulement.")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise DatabaseError("SQLite in memory", public="La base SQLite doit être un fichier : plusieurs processus la lisent.")
    return parsed


def _dump_json(value: object) -> str:
    return to_json(value).decode()  # several times faster than the standard library, for 100,000 rows of ten columns


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() != "sqlite":
        return {"pool_pre_ping": True}
    # without isolation_level the driver opens no transaction by itself: _begin_sqlite does
    return {"connect_args": {"timeout": BUSY_SECONDS, "isolation_level": None}}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL", f"journal_size_limit = {_JOURNAL_BYTES}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # a transaction that reads and then writes fails at once when another wrote meanwhile: a writer takes its turn at the start
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database, whatever is written meanwhile.

    Raises:
        DatabaseError: The database cannot be read.
    """
    reader = engine.execution_options(isolation_level="REPEATABLE READ") if engine.dialect.name == "postgresql" else engine
    with _explained(engine), reader.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed at the end, undone by an exception.

    Raises:
        DatabaseBusy: Another writer kept the database for too long.
        DatabaseError: The database cannot be written (read-only, full, damaged).
    """
    with _explained(engine), engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def schema_version(engine: Engine) -> str | None:
    """The schema's revision; None for a database that has none yet.

    Raises:
        DatabaseError: The database cannot be read, or holds the tables of another program.
    """
    with reading(engine) as connection:
        return _version(connection)


def _version(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" in tables:
        table = Table("alembic_version", MetaData(), autoload_with=connection)
        found = connection.execute(select(table.c.version_num)).scalar_one_or_none()
        return None if found is None else str(found)
    if tables:
        raise DatabaseError(f"tables of another program: {tables[:5]}", public="Cette base de données n’est pas celle de Relais.")
    return None


def upgrade(engine: Engine) -> None:
    """Bring the schema to this program's version: all of it, or nothing.

    Raises:
        DatabaseError: The database is of a newer version, is another program's, or cannot be written.
    """
    if schema_version(engine) == SCHEMA:
        return
    from directory.migrations import known_revisions, migrate  # noqa: PLC0415  (Alembic takes half a second to import)

    with writing(engine) as connection:
        version = _version(connection)  # another process may have done it meanwhile
        if version is not None and version not in known_revisions():
            raise DatabaseError(
                f"unknown schema {version!r}",
                public="La base de données vient d’une version plus récente de Relais : mettre le programme à jour.",
            )
        migrate(connection)


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise _explain(error, engine) from error
    except sqlite3.Error as error:  # raised while connecting, before SQLAlchemy wraps anything
        raise _explain(error, engine) from error


_SENTENCES = (
    ("file is not a database", "n’est pas une base de données SQLite"),
    ("malformed", "est abîmée : restaurer une sauvegarde"),
    ("unable to open", "ne peut pas être ouverte : dossier absent, ou droits insuffisants"),
    ("readonly", "ne peut pas être modifiée : droits insuffisants"),
    ("disk is full", "ne peut plus grandir : le disque est plein"),
    ("disk i/o error", "ne peut pas être lue : erreur du disque"),
)


def _explain(error: Exception, engine: Engine) -> DatabaseError:
    reason = str(getattr(error, "orig", None) or error)
    where = f"La base « {engine.url.database} »"
    if "locked" in reason or "busy" in reason:
        return DatabaseBusy(reason, public=f"{where} est occupée par une autre écriture : réessayer dans un instant.")
    for words, sentence in _SENTENCES:
        if words in reason.lower():
            return DatabaseError(reason, public=f"{where} {sentence}.")
    return DatabaseError(reason, public=f"{where} ne répond pas comme prévu (le journal dit pourquoi).")
