"""What a source is given: its declaration, its files, the gazetteer, today's date; and where it puts its doubts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from directory.errors import InvalidValue
from directory.models.doubt import Doubt, DoubtLevel, digest_row
from importers.audit import Audit
from importers.errors import ExpectationMissed, StructureChanged
from importers.guards import Content, check_file, refuse_content
from importers.headers import resolve
from importers.json_items import flatten, read_json_items
from importers.reading import Table, missing_columns, read_table
from importers.row import Row
from importers.source import Column, Source
from importers.values.reading import Reading
from importers.values.series import mark_series, phone_headers

if TYPE_CHECKING:
    from directory.geocoding.gazetteer import Gazetteer
    from directory.models.record import SourcedRecord
    from directory.territory import Bassins
    from importers.readers import Readers

T = TypeVar("T")
_FIRST_ITEMS = 50
_PROGRESS_EVERY = 200
_MOST_ASIDE = 20_000
_DRAGGED = "Numéro qui suit celui de la ligne d’avant : sans doute une cellule recopiée vers le bas, à vérifier."


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of one source.

    Attributes:
        source: What the source is (source.toml).
        paths: The files to read, in order.
        geocoder: To place communes; never the network unless the instance says so.
        now: The run's one clock, with its time zone. A source asks no other.
        mapping: A column mapping given by the user (source ``tableur``), or None.
        max_bytes: Largest file accepted.
        doubts: What could not be understood, in the order met.
        read: How many rows or items were read.
        progress: Told how many rows were read, and how many there are when that is known.
        bassins: The bassins that the directory knows.
        admitted: Ids of the records that a person lets in although the source's rule keeps them out.
        covers: Set by a source of which each file holds only a part (an académie, one of its shapes): the beginnings of the
            record ids that this run holds entirely; the others are not taken for vanished. None when it holds all of the source.
        sheet: Name of the sheet to read in each file; empty to choose the one that fits.
        spares: Of what it covers, the beginnings of the record ids that it does not hold after all.
        spared: Likewise, whole record ids.
        closed: ``record_id`` → why (French), of records that their source itself says are over. See ``close``.
        held: Ids of the records that the directory keeps of the source, living or not.
        forgotten: Ids of those of which nothing may be kept any longer. See ``forget``.
        asked: Whether the source asked the directory what others say (``find_name``): the same file is then read again when the
            directory has changed.
        incomplete: Set where something that should have answered did not (a geocoder …): the same file is then read again.
        find_name: Answers the name of the published listing that has an identity, for lists that hold numbers only.
        departement: The only one that the run is for; empty for all that the files hold.
        kept: Gives the records that the source holds already, for files that add to them.
        tally: What a source counts or gathers over its rows, by what it is and which. Rows may be understood by several processes
            (``importers.readers``), so that a source keeps nothing else from one row to the next.
        readers: The processes that may help; None to do without.
        audit: Which columns of the table that they read were left.
    """

    source: Source
    paths: tuple[Path, ...]
    geocoder: Gazetteer
    now: datetime
    mapping: Mapping[str, Any] | None = None
    max_bytes: int = 2_048_000_000
    doubts: list[Doubt] = field(default_factory=list)
    read: int = 0
    progress: Callable[[int, int | None], None] | None = None
    bassins: Bassins | None = None
    admitted: frozenset[str] = frozenset()
    covers: tuple[str, ...] | None = None
    sheet: str = ""
    spares: tuple[str, ...] = ()
    spared: frozenset[str] = frozenset()
    closed: dict[str, str] = field(default_factory=dict)
    held: Container[str] = frozenset()
    forgotten: set[str] = field(default_factory=set)
    asked: bool = False
    incomplete: bool = False
    find_name: Callable[[str], str | None] | None = None
    kept: Callable[[], Iterator[SourcedRecord]] | None = None
    departement: str = ""
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)
    readers: Readers | None = None
    audit: Audit = field(default_factory=Audit)
    _warned: set[str] = field(default_factory=set)
    _asides: int = 0

    def rows(self, path: Path, columns: Mapping[str, Column] | None = None) -> Iterator[Row]:
        """The rows of a table (CSV in any encoding, XLSX, ODS, XLS, PDF), its declared columns resolved and checked.

        Counts what it reads. Columns that the importer took or ignored in no row are noted once the file has been read.

        Args:
            path: The file.
            columns: Columns to use instead of those that source.toml declares.

        Raises:
            UnreadableFile: See importers.reading.
            StructureChanged: A declared mandatory column is missing.
        """
        table, rows = self.open_table(path, columns)
        audit = Audit()
        for row in rows:
            self.begin(row)
            self.count()
            yield row
            self.end(row, audit)
        self.end_table(path, table, audit)

    def open_table(self, path: Path, columns: Mapping[str, Column] | None = None) -> tuple[Table, Iterator[Row]]:
        """A table and its rows, for who begins, counts and ends each row (``rows`` does), and the table, by themselves."""
        declared = self.source.columns if columns is None else columns
        table = read_table(path, declared, self.max_bytes, self.sheet)
        headers = table.resolved if declared else None
        # an invented table may number its phones in order
        phones = () if self.source.packaged else phone_headers(table.headers)
        rows = (Row(cells.cells, cells.line, headers, cells.beyond) for cells in table.rows)
        return table, mark_series(rows, phones, _DRAGGED)

    def begin(self, row: Row) -> None:
        """Say what is to be said of a row of a table before its importer sees it."""
        if row.beyond:
            self.doubt(row, "", " | ".join(row.beyond), "Texte au-delà des colonnes : ligne décalée ou séparateur non protégé.")
        for header in row.suspect:
            self.note(
                header, row.raw[header], "Des numéros se suivent de ligne en ligne : ils sont laissés de côté.", line=row.line
            )

    def end_table(self, path: Path, table: Table, audit: Audit) -> None:
        """Say what is to be said of a table that was read to its end."""
        for text in table.notes:
            self.note("", path.name[:120], text)
        self._tell(audit)

    def items(self, path: Path, containers: Sequence[str] = ("results", "records", "data", "features")) -> Iterator[Row]:
        """The items of a JSON file as rows: a top array, or an array under one of ``containers`` in a top object.

        Nested objects become dotted headers (``fields.title``), arrays their JSON text. An item without a key that others
        have gets an empty text for it; a declared mandatory column that none of the first items has is missing.
        Audited like ``rows``.

        Raises:
            UnreadableFile: Not JSON, truncated, wrongly encoded, too large.
            StructureChanged: No such array, or a declared mandatory column is missing.
        """
        content = check_file(path, self.max_bytes)
        if content is not Content.JSON:
            raise refuse_content(path, content, "du JSON")
        items = ((rank, flatten(item)) for rank, item in read_json_items(path, containers))
        first = list(islice(items, _FIRST_ITEMS))
        keys = list(dict.fromkeys(key for _, item in first for key in item))
        headers = resolve(keys, self.source.columns) if self.source.columns else None
        self._check_keys(path, keys, headers)
        audit = Audit()
        for rank, item in chain(first, items):
            row = Row({key: item.get(key, "") for key in dict.fromkeys((*keys, *item))}, rank, headers)
            self.count()
            yield row
            self.end(row, audit)
        self._tell(audit)

    def read_value(
        self, row: Row, column: str, parse: Callable[[str], T], default: T, *, to: str | Iterable[str] = (), record_id: str = ""
    ) -> T:
        """A column parsed, or ``default`` when the file lacks it or when its text is refused, which is then a doubt."""
        text = self._find(row, column, to, record_id)
        if text is None:
            return default
        try:
            return parse(text)
        except InvalidValue as error:
            self.doubt(row, column, text, error.public, record_id=record_id)
            return default

    def read_cell(
        self,
        row: Row,
        column: str,
        read: Callable[[str], Reading[T]],
        default: T,
        *,
        to: str | Iterable[str] = (),
        record_id: str = "",
    ) -> T:
        """What is certain of a column, or ``default`` when the file lacks it or nothing of it is; the rest becomes doubts."""
        text = self._find(row, column, to, record_id)
        if text is None:
            return default
        try:
            reading = read(text)
        except InvalidValue as error:
            self.doubt(row, column, text, error.public, record_id=record_id)
            return default
        for doubt in reading.doubts:
            self.doubt(row, column, text, doubt, record_id=record_id)
        for note in reading.notes:
            self.note(row.header(column), text, note, line=row.line)
        return reading.value

    def _find(self, row: Row, column: str, to: str | Iterable[str], record_id: str) -> str | None:
        """The text of a column; None when the file lacks it, or when it is not to be believed, which is then a doubt."""
        text = row.find(column, to=to)
        if text is not None and row.suspect and (message := row.suspect.get(row.header(column))):
            self.doubt(row, column, text, message, record_id=record_id)
            return None
        return text

    def refuse(self, row: Row, column: str, value: str, message: str, *, record_id: str = "") -> None:
        """Set a row aside, whole, with the reason (French) why it cannot be published."""
        row.refused = True
        self.doubts.append(
            Doubt(
                line=row.line, field=row.header(column), value=value[:500], message=message, level=DoubtLevel.REFUSED,
                record_id=record_id, raw=row.raw,
            )
        )  # fmt: skip

    def close(self, row: Row, column: str, value: str, message: str, *, record_id: str) -> None:
        """Set a row aside whose source says that what it describes is over: what is published of it closes, for this reason."""
        self.refuse(row, column, value, message, record_id=record_id)
        self.closed[record_id] = message

    def forget(self, record_id: str, message: str) -> None:
        """Close what is published of a record, for this reason (French), and erase what was kept: it may not be diffused."""
        self.closed[record_id] = message
        if record_id in self.held:
            self.forgotten.add(record_id)

    def doubt(self, row: Row, column: str, value: str, message: str, *, record_id: str = "") -> None:
        """Publish a row without a value that could not be understood, and say so (French)."""
        self.doubts.append(
            Doubt(
                line=row.line,
                field=row.header(column),
                value=value[:500],
                message=message,
                level=DoubtLevel.DOUBTED,
                record_id=record_id,
                row_digest=digest_row(row.raw),
            )
        )

    def aside(self, row: Row, column: str, value: str, message: str, *, record_id: str) -> None:
        """Keep a record out by the source's own rule, whole, with the reason (French): a person may let it in.

        Beyond 20,000 of a run, records are kept out without being kept.
        """
        self.drop(row)
        self.add(
            Doubt(
                line=row.line,
                field=row.header(column),
                value=value[:500],
                message=message,
                level=DoubtLevel.ASIDE,
                record_id=record_id,
                raw=row.raw,
            )
        )

    def drop(self, row: Row) -> None:
        """Keep a row out quietly: what was doubted of it matters to nobody, and is not told."""
        row.refused = True
        while self.doubts and self.doubts[-1].level is DoubtLevel.DOUBTED and self.doubts[-1].line == row.line:
            self.doubts.pop()

    def note(self, column: str, value: str, message: str, *, line: int | None = None) -> None:
        """Note something worth a look (an unknown column, a value repaired), once for each column and message."""
        self.add(Doubt(line=line, field=column, value=value[:500], message=message, level=DoubtLevel.NOTED))

    def add(self, doubt: Doubt) -> None:
        """Add a doubt, whoever met it: a note once for each column and message, no more than so many records kept aside."""
        if doubt.level is DoubtLevel.NOTED:
            key = f"{doubt.field}\0{doubt.message}"
            if key in self._warned:
                return
            self._warned.add(key)
        elif doubt.level is DoubtLevel.ASIDE:
            self._asides += 1
            if self._asides > _MOST_ASIDE:
                return
        self.doubts.append(doubt)

    def end(self, row: Row, audit: Audit) -> None:
        """What is to be said of a row once its importer is done with it."""
        audit.see(row)
        for header, reading in row.mended.items() if not row.refused else ():
            for doubt in reading.doubts:
                self.doubt(row, header, row.raw[header], doubt)
            for note in reading.notes:
                self.note(header, row.raw[header], note, line=row.line)

    def count(self) -> None:
        """Count one row or item as read. ``rows`` and ``items`` do it themselves."""
        self.read += 1
        if 0 < self.source.expect.max_rows < self.read:
            most = self.source.expect.max_rows
            raise ExpectationMissed(
                f"more than {most} rows",
                public=f"Le fichier compte plus de {most} lignes : trop pour « {self.source.name} » : rien n’est publié.",
            )
        if self.progress is not None and self.read % _PROGRESS_EVERY == 0:
            self.progress(self.read, None)

    def _check_keys(self, path: Path, keys: Sequence[str], headers: Mapping[str, str] | None) -> None:
        missing = [column for column in self.source.columns.values() if column.required and column.name not in (headers or {})]
        if keys and missing:
            raise StructureChanged(
                f"{path}: missing keys {missing}",
                public=missing_columns(path, missing, keys),
            )

    def tell_end(self) -> None:
        """Tell the progress that everything was read."""
        if self.progress is not None:
            self.progress(self.read, self.read)

    def _tell(self, audit: Audit) -> None:
        for header, (line, example) in audit.unread():
            if not example and re.fullmatch(r"Colonne \d+", header):
                continue  # a column without a header nor a text is an empty one
            self.note(header, example, "Colonne inconnue : elle n’est pas lue.", line=line)
        if self.progress is not None:
            self.progress(self.read, None)  # other files may follow
