"""What an error of the database means, told to people: SQLite says it in words, PostgreSQL by a code (SQLSTATE)."""

from __future__ import annotations

from directory.errors import DatabaseBusy, DatabaseError

_SQLITE = (
    ("file is not a database", "n’est pas une base de données SQLite"),
    ("malformed", "est abîmée : restaurer une sauvegarde"),
    ("unable to open", "ne peut pas être ouverte : dossier absent, ou droits insuffisants"),
    ("readonly", "ne peut pas être modifiée : droits insuffisants"),
    ("disk is full", "ne peut plus grandir : le disque est plein"),
    ("disk i/o error", "ne peut pas être lue : erreur du disque"),
)
_GONE = "ne répond pas : vérifier que le serveur PostgreSQL est démarré et joignable"
# https://www.postgresql.org/docs/current/errcodes-appendix.html: the longest beginning that is here says what it is
_POSTGRESQL = {
    "08": _GONE,
    "22P05": "ne peut pas garder un de ces caractères",
    "25006": "ne peut pas être modifiée : elle est en lecture seule",
    "28": "refuse l’identifiant ou le mot de passe",
    "3D000": "n’existe pas sur ce serveur : la créer (« createdb »)",
    "42501": "refuse cette action à l’utilisateur donné : droits insuffisants",
    "53100": "ne peut plus grandir : le disque est plein",
    "53": "n’a plus assez de ressources : mémoire, ou nombre de connexions",
    "57P": _GONE,
    "58": "ne peut pas être lue : erreur du disque",
    "XX": "est abîmée : restaurer une sauvegarde",
}
# deadlock, serialization, lock_timeout, statement_timeout
_BUSY = frozenset({"40P01", "40001", "55P03", "57014"})
# while connecting there is no code, only what the server's message says
_CONNECTING = (
    ("does not exist", "3D000"),
    ("password", "28"),
    ("pg_hba.conf", "28"),
    ("too many", "53"),
    ("remaining connection slots", "53"),
)


def explain(error: Exception, database: str | None) -> DatabaseError:
    """The error of ours that says what happened.

    Args:
        error: SQLAlchemy's, or the driver's own.
        database: The file, or the name on the server. The address is not told: it holds a password.
    """
    origin = getattr(error, "orig", None) or error
    reason = str(origin)
    where = f"La base « {database} »"
    code = _code_of(origin, reason)
    if code in _BUSY or "locked" in reason or "busy" in reason or "QueuePool" in reason:
        return DatabaseBusy(reason, public=f"{where} est occupée par une autre écriture : réessayer dans un instant.")
    found = [sentence for words, sentence in _SQLITE if words in reason.lower()]
    found += [_POSTGRESQL[code[:length]] for length in (5, 3, 2) if code[:length] in _POSTGRESQL]
    if found:
        return DatabaseError(reason, public=f"{where} {found[0]}.")
    return DatabaseError(reason, public=f"{where} ne répond pas comme prévu (le journal dit pourquoi).")


def _code_of(origin: BaseException, reason: str) -> str:
    """PostgreSQL's code of an error; an empty text for SQLite."""
    if not hasattr(origin, "sqlstate"):
        return ""
    if origin.sqlstate:
        return str(origin.sqlstate)
    return next((code for words, code in _CONNECTING if words in reason.lower()), "08")
