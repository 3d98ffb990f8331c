"""What the sources of referentials share: several files, each recognised by a column that no other has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from directory.models.published import ReferentialEntry
from importers.errors import StructureChanged
from importers.guards import Content, check_file
from importers.row import Row
from importers.run import Run


@dataclass(frozen=True, slots=True)
class Shape:
    """A file that a source knows: the column that tells it from the others, and what reads a row of it (None: left out)."""

    column: str
    read: Callable[[Run, Row], ReferentialEntry | None]


def read_shapes(run: Run, shapes: Sequence[Shape]) -> Iterator[ReferentialEntry]:
    """The entries of every file; one that stands twice is taken as it stands last.

    Raises:
        StructureChanged: A file has none of the shapes.
    """
    for path in run.paths:
        rows = run.items(path) if check_file(path, run.max_bytes) is Content.JSON else run.rows(path, {})
        first = next(rows, None)
        if first is None:
            continue
        shape = next((shape for shape in shapes if shape.column in first.raw), None)
        if shape is None:
            names = " », « ".join(shape.column for shape in shapes)
            raise StructureChanged(
                f"{path}: columns {list(first.raw)[:20]}",
                public=f"« {path.name[:120]} » n’est pas un fichier de « {run.source.name} » : "
                f"il y faut une colonne « {names} ».",
            )
        for row in chain((first,), rows):
            entry = shape.read(run, row)
            if entry is not None:
                yield entry
