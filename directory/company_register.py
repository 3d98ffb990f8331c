"""CompanyRegister: asks the national register of companies, on line, about one that a curator wants to add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from directory.errors import DirectoryError
from directory.identifiers import Siret
from directory.models.record import SourcedRecord

REGISTER = "entreprises"
"""The source of what is read of a register, whether its file was imported or it was asked."""
SHORTEST_NAME = 3
"""Letters and digits of the shortest name that is asked."""


class RegisterUnavailable(DirectoryError):
    """The register gave no answer that can be read; it says nothing of any company."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAnswer:
    """What the register holds of a question.

    Attributes:
        records: Open establishments, as an import of the same answer would publish them, in the register's order.
        left_out: How many establishments are closed, or not to be diffused.
    """

    records: tuple[SourcedRecord, ...] = ()
    left_out: int = 0


class CompanyRegister(Protocol):
    """The register, asked while somebody waits: once, for some seconds at most.

    It is told what a curator typed of a company (a name, a commune, a number), never anything of a student.
    Both raise RegisterUnavailable.
    """

    def search(self, name: str, *, code_commune: str = "", departement: str = "") -> RegisterAnswer:
        """The establishments of a name, in a commune (INSEE code) or a département where one is told."""
        ...

    def find(self, siret: Siret) -> SourcedRecord | None:
        """The open establishment of a number; None when there is none that may be diffused."""
        ...
