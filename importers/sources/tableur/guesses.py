"""What a table's columns and rows are thought to be: values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from directory.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column is thought to be.

    Attributes:
        header: The file's own header.
        field: Field of ``tableur`` that it would fill; empty when it is not read.
        confidence: 0 to 1; read from 0.5 on.
        reasons: Why, French.
    """

    header: str
    field: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a file would be read.

    Attributes:
        guesses: One for each column, in order.
        kind: What its rows are.
        category: Category of every row; empty when each row's own words say it.
        why: Why this kind and category, French.
        sheet: The sheet that was asked for, or empty.
        read: The sheet that was looked at; empty for a text.
        sheets: All the sheets of the file.
        examples: Header → some of its first values, for the person who will say what the column is.
    """

    guesses: tuple[Guess, ...]
    kind: Kind
    category: str
    why: str
    sheet: str = ""
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    read: str = ""
    sheets: tuple[str, ...] = ()

    def columns(self) -> dict[str, list[str]]:
        """Field → the headers that it is read from."""
        found: dict[str, list[str]] = {}
        for guess in self.guesses:
            if guess.field:
                found.setdefault(guess.field, []).append(guess.header)
        return found

    def to_table(self, name: str) -> dict[str, object]:
        """The proposal as a mapping (see mapping.parse_mapping)."""
        mapped = {field: headers[0] if len(headers) == 1 else {"ensemble": headers} for field, headers in self.columns().items()}
        table: dict[str, object] = {"nom_source": name, "kind": str(self.kind)}
        if self.category:
            table["category"] = self.category
        if self.sheet:
            table["feuille"] = self.sheet
        return table | {"colonnes": mapped}
