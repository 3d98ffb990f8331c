"""Opening the database (SQLite or PostgreSQL), its transactions, and its schema's version."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from directory.database_errors import explain
from directory.errors import DatabaseBusy, DatabaseError

SCHEMA = "0023"
"""The schema this program speaks: the latest revision of ``directory/migrations/versions`` (a test holds them together)."""

BUSY_SECONDS = 30
"""How long a writer waits for another's transaction. An import's last step, the longest, takes a few seconds."""

_WRITES = "relais_writes"
_RUN = "relais_run"
_WRITERS_KEY = 0x57524954  # « WRIT »
_CONNECTING_SECONDS = 5
# a network that drops packets says nothing: a question waits for so long, not for the system’s quarter of an hour
_SILENCE = {"tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_JOURNAL_BYTES = 64 << 20  # the journal of a large import is not kept at its size


def open_engine(url: str) -> Engine:
    """Open a database and check that it answers.

    SQLite is put in WAL mode (readers never wait for a writer), with foreign keys on.

    Args:
        url: SQLAlchemy URL: ``sqlite:////path/to/file`` or ``postgresql://user:password@host/name``.

    Raises:
        DatabaseError: The URL is none, the file is not a database, or it cannot be read or written.
    """
    parsed = _parse(url)
    try:
        # a log of an error would show the values of the statement: names, texts of reports
        options = {"hide_parameters": True, **_options(parsed)}
        engine = create_engine(parsed, json_serializer=_dump_json, json_deserializer=from_json, **options)
    except (NoSuchModuleError, ImportError) as error:
        name = parsed.drivername
        raise DatabaseError(f"no driver {name}", public=f"Le pilote de base de données « {name} » n’est pas installé.") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _prepare_postgresql)
    with reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")
    return engine


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError("not a database URL", public="RELAIS_DATABASE_URL n’est pas l’adresse d’une base.") from error
    if parsed.drivername in {"postgres", "postgresql"}:  # what hosts give, without SQLAlchemy's name of a driver
        parsed = parsed.set(drivername="postgresql+psycopg")
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
        # a server that was started again is asked anew, instead of failing the first question of each connection
        return {"pool_pre_ping": True, "connect_args": {"connect_timeout": _CONNECTING_SECONDS, **_SILENCE}}
    # without isolation_level the driver opens no transaction by itself: _begin_sqlite does
    return {"connect_args": {"timeout": BUSY_SECONDS, "isolation_level": None}}


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = NORMAL", f"journal_size_limit = {_JOURNAL_BYTES}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # a transaction that reads and then writes fails at once when another wrote meanwhile: a writer takes its turn at the start
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise DatabaseError(f"encoding {encoding}", public=f"La base PostgreSQL est en {encoding} : il la faut en UTF-8.")
    _tolerate_nul(connection)
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
    connection.autocommit = False


def _tolerate_nul(connection: Any) -> None:
    """Send a NUL, which PostgreSQL neither keeps nor compares, as the mark of what is no character (U+FFFD)."""
    from psycopg.types.string import StrDumperUnknown  # noqa: PLC0415  (of no use to SQLite)

    class Tolerant(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    connection.adapters.register_dumper(str, Tolerant)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the database, whatever is written meanwhile.

    Raises:
        DatabaseError: The database cannot be read.
    """
    options = {"isolation_level": "REPEATABLE READ"} if _is_postgresql(engine) else {}
    with _explained(engine), engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: committed at the end, undone by an exception. What it reads is the last state that is.

    Writers take their turn, on PostgreSQL as on SQLite: what one reads holds until it has written. There, those of a run
    (``of_run``) go beside the others, who do not wait for an import.

    Raises:
        DatabaseBusy: Another writer kept the database for too long; or the run is no longer the one that holds the directory.
        DatabaseError: The database cannot be written (read-only, full, damaged).
    """
    with _explained(engine), engine.execution_options(**{_WRITES: True}).begin() as connection:
        if _is_postgresql(engine):
            _begin_postgresql(connection)
        yield connection


def of_run(engine: Engine, run_pk: int) -> Engine:
    """The database as an import writes it: each of its transactions is refused once the run has been closed by another.

    On PostgreSQL the import lock goes with its connection, and the import does not see it go.
    """
    return engine.execution_options(**{_RUN: run_pk})


def _begin_postgresql(connection: Connection) -> None:
    run_pk = connection.get_execution_options().get(_RUN)
    if run_pk is None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_KEY})")
        return
    # who takes the directory over closes the run first, and waits here until this transaction has ended
    held = text("SELECT 1 FROM import_run WHERE pk = :pk AND finished_at IS NULL FOR SHARE")
    if connection.scalar(held, {"pk": run_pk}) is None:
        public = "La base s’est interrompue, et un autre import a pris la place de celui-ci, qui n’a rien publié : le relancer."
        raise DatabaseBusy(f"run {run_pk} was closed by another", public=public)


def _is_postgresql(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


@contextmanager
def forgetting(engine: Engine) -> Iterator[Connection]:
    """A transaction that erases: in SQLite, what it deletes or replaces is written over with zeros, and leaves the journal too.

    PostgreSQL gives the space back at its next vacuum.

    Raises:
        DatabaseBusy: Another writer kept the database for too long.
        DatabaseError: The database cannot be written.
    """
    with writing(engine) as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        try:
            yield connection
        finally:
            connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    with _explained(engine), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # waits for no reader: what it leaves, the next one takes


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


def find_damage(engine: Engine, tables: Collection[str]) -> str:
    """What is damaged, told to people; empty for a sound database. A file of SQLite is read whole (a gigabyte takes seconds).

    Args:
        engine: The database.
        tables: The names of those that it must hold.

    Raises:
        DatabaseError: The database cannot be read.
    """
    with reading(engine) as connection:
        missing = sorted(set(tables) - set(inspect(connection).get_table_names()))
        if missing:
            return f"tables absentes : {', '.join(missing)}"
        if engine.dialect.name == "sqlite":
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            return "" if said == "ok" else f"fichier abîmé ({' '.join(said.split())})"
    return ""


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
    except (DBAPIError, PoolTimeout) as error:
        raise explain(error, engine.url.database) from error
    except (sqlite3.Error, engine.dialect.loaded_dbapi.Error) as error:  # of a driver that was asked without SQLAlchemy
        raise explain(error, engine.url.database) from error
