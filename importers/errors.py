"""What stops an import. A doubt about one record is not an error: it is data (directory.models.doubt)."""

from __future__ import annotations

from directory.errors import RelaisError
from directory.models.doubt import Doubt


class ImporterError(RelaisError):
    """Root of the importers' errors. Nothing is published when one is raised.

    Attributes:
        doubts: Of a dry run that failed, what was not understood until then: they say why, row by row.
    """

    doubts: tuple[Doubt, ...] = ()


class UnknownSource(ImporterError):
    """No source has this name."""


class UnreadableFile(ImporterError):
    """The file is absent, empty, truncated, too large, of another format than its name says, or a bomb."""


class MissingInput(UnreadableFile):
    """No file was given to a source that needs one."""


class StructureChanged(ImporterError):
    """A column that the source must have is gone, or its container has another shape."""


class ExpectationMissed(ImporterError):
    """The file was read, and is not what source.toml expects (too few records, too many refused …)."""
