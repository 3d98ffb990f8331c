"""Every error the core raises on purpose.

An error is read by two people: its text (``str(error)``) is English, for the developer who reads the log; its ``public``
sentence is French, for the person who asked. Both are built from the error's fields, so neither can drift from them.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from types import TracebackType
from typing import Any


class RelaisError(Exception):
    """Root of every error that Relais raises on purpose.

    Attributes:
        public: One French sentence that names the cause, safe to show to anyone.
    """

    public: str

    def __init__(self, message: str, *, public: str) -> None:
        super().__init__(message)
        self.public = public


class DirectoryError(RelaisError):
    """Root of the directory's errors."""


class InvalidValue(DirectoryError):
    """A text is not what its field asks for.

    Attributes:
        field: The field's name, as the caller knows it (``siret``, ``code_commune`` …).
        value: The refused text, as it came.
    """

    def __init__(self, field: str, value: object, reason: str, *, public: str) -> None:
        super().__init__(f"{field}={value!r}: {reason}", public=public)
        self.field = field
        self.value = value


class InvalidSetting(DirectoryError):
    """A RELAIS_* variable cannot be used."""

    def __init__(self, name: str, value: str, reason: str, *, public: str) -> None:
        super().__init__(f"{name}={value!r}: {reason}", public=public)
        self.name = name
        self.value = value


class ListingNotFound(DirectoryError):
    """No listing has this id (or none that the asker may see)."""

    def __init__(self, listing_id: str) -> None:
        super().__init__(f"no listing {listing_id!r}", public=f"Aucune fiche ne porte l’identifiant « {listing_id} ».")
        self.listing_id = listing_id


class NothingToUndo(DirectoryError):
    """No contact with this outcome is counted for this listing and filière."""

    def __init__(self, listing_id: str, outcome: str) -> None:
        super().__init__(
            f"{listing_id!r}: no {outcome} counted",
            public=f"Rien à défaire : aucun contact « {outcome} » n’est compté pour « {listing_id[:200]} » dans cette filière.",
        )


class PairNotFound(DirectoryError):
    """No pair of records has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no pair {number}", public=f"Aucune paire ne porte le numéro {number}.")
        self.number = number


class RunNotFound(DirectoryError):
    """No run has this number."""

    def __init__(self, pk: int) -> None:
        super().__init__(f"no run {pk}", public=f"Aucun import ne porte le numéro {pk}.")
        self.pk = pk


class RunNotUndoable(DirectoryError):
    """What a run replaced is not kept: it was undone, is too old, or was never to be undone."""

    def __init__(self, pk: int) -> None:
        super().__init__(
            f"run {pk} keeps nothing",
            public=f"L’import n° {pk} ne peut pas être défait : il l’est déjà, il a plus de 90 jours, ou n’a pas gardé ce qu’il "
            "remplaçait.",
        )
        self.pk = pk


class DoubtNotFound(DirectoryError):
    """No doubt has this number."""

    def __init__(self, pk: int) -> None:
        super().__init__(f"no doubt {pk}", public=f"Aucun doute ne porte le numéro {pk}.")
        self.pk = pk


class ReportNotFound(DirectoryError):
    """No report has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no report {number}", public=f"Aucun signalement ne porte le numéro {number}.")
        self.number = number


class TooManyReports(DirectoryError):
    """Too many reports wait already; the one that came was not kept."""

    def __init__(self, listing_id: str) -> None:
        public = "Beaucoup de signalements attendent déjà d’être lus. Le vôtre n’a pas été gardé : réessayez plus tard."
        super().__init__(f"too many reports, {listing_id!r}", public=public)
        self.listing_id = listing_id


class CampaignNotFound(DirectoryError):
    """No campaign has this number (or none of this account)."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no campaign {number}", public=f"Aucune campagne ne porte le numéro {number}.")


class AnswerNotFound(DirectoryError):
    """No answer of a partner has this number, or it was decided already."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no answer {number}", public="Cette réponse n’est plus à lire : quelqu’un en a décidé.")


class JudgementRefused(DirectoryError):
    """What a person decided of two records cannot hold; nothing was changed."""


class StatementOutdated(DirectoryError):
    """Another curator changed what is being changed, since it was seen."""

    def __init__(self, listing_id: str, topic: str) -> None:
        super().__init__(
            f"{listing_id!r}, {topic}: outdated",
            public="Quelqu’un d’autre a changé cette information depuis que vous l’avez ouverte : rien n’a été enregistré.",
        )


class UploadNotFound(DirectoryError):
    """No list that was sent has this number, for who asks."""

    def __init__(self, number: int) -> None:
        super().__init__(f"no upload {number}", public=f"Aucun fichier ne porte le numéro {number}.")


class DatabaseError(DirectoryError):
    """The database cannot be opened, or is of another version of the schema."""


class DatabaseBusy(DatabaseError):
    """Another import holds the directory; this one was refused and changed nothing."""


class BackupRefused(DirectoryError):
    """A backup cannot be written or restored; nothing was changed."""


class SearchError(DirectoryError):
    """Root of what a search engine may raise; the engine's own error is chained."""


class IndexUnavailable(SearchError):
    """The index is absent, unreadable, or of another version; it must be rebuilt (``relais reindex``)."""


class InvalidQuery(SearchError):
    """A search question is not acceptable (a radius that is not a number, a forged cursor …).

    Attributes:
        field: Which part of the question.
    """

    def __init__(self, field: str, reason: str, *, public: str) -> None:
        super().__init__(f"{field}: {reason}", public=public)
        self.field = field


class ExportError(DirectoryError):
    """The directory cannot be written out as asked; what was there before is as it was."""


class GeocodingError(DirectoryError):
    """The geocoder did not answer. Not the same as « no such place »; never cached."""


_CAUSES = {
    errno.EEXIST: "ce n’est pas un dossier",
    errno.ENOTDIR: "ce n’est pas un dossier",
    errno.EISDIR: "c’est un dossier",
    errno.ENOENT: "dossier ou fichier absent",
    errno.EACCES: "droits insuffisants",
    errno.EPERM: "droits insuffisants",
    errno.ENOSPC: "plus de place sur le disque",
    errno.EDQUOT: "plus de place sur le disque",
    errno.EROFS: "disque en lecture seule",
    errno.ENAMETOOLONG: "nom trop long",
}


def french_cause(error: OSError) -> str:
    """Why a file or a folder cannot be used, French, to end a sentence: the system's own words are English."""
    return _CAUSES.get(error.errno or 0, f"erreur {error.errno or type(error).__name__} du système")


_MOST_FRAMES = 30


def describe(error: BaseException) -> list[dict[str, Any]]:
    """An error and those that caused it: type, where each was raised, and the message of those that are ours.

    The text of another library's error may quote what someone typed (PostgreSQL names the value of a key that is taken).
    """
    return [
        {
            "type": type(each).__name__,
            "message": str(each) if isinstance(each, RelaisError) else "",
            "at": [*_frames(each.__traceback__)][-_MOST_FRAMES:],
        }
        for each in _chain(error)
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}"
        traceback = traceback.tb_next
