"""Tables: any delimiter, quoting and encoding, read row by row."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workers.importing.entry import Entry, Fault
from workers.importing.mapping import CsvFormat, MappingRefused
from workers.importing.opened import Bytes, FileRefused

LONGEST_LINE: Final = 1 << 20
LONGEST_ROW: Final = 4 << 20
MOST: Final = 100
"""Lines that a header may go over."""
SAY_SO: Final = "say its encoding in the mapping's format (utf-16, gb18030, cp1252 …)"
DELIMITERS: Final = (",", ";", "\t", "|")


class _Lines:
    """The lines of a text, remembering those of the row that is being read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._row: list[str] = []
        self._size = 0
        self.read = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(LONGEST_LINE)
        except UnicodeError:
            reason = "its bytes are not of the mapping's encoding"
            raise FileRefused(reason, self.read + 1) from None
        if not line:
            raise StopIteration
        self.read += 1
        self._size += len(line)
        if len(line) == LONGEST_LINE or self._size > LONGEST_ROW:
            raise FileRefused(
                f"the row that begins here has a line of more than {LONGEST_LINE:,} characters or "
                f"more than {LONGEST_ROW:,} in all; is a quote left open?",
                self.read - len(self._row),
            )
        self._row.append(line)
        return line

    def next_row(self) -> int:
        """Forget the row so far; the line that the next one begins with."""
        self._row.clear()
        self._size = 0
        return self.read + 1

    @property
    def raw(self) -> str:
        return "".join(self._row)


def read_csv(file: Bytes, shape: CsvFormat, named: Sequence[str]) -> Iterator[Entry | Fault]:
    """The rows under the header that say anything. ``named``: the columns the mapping speaks of.

    Raises FileRefused, MappingRefused (a column that is not there).
    """
    begins = file.peek(len(codecs.BOM_UTF16))[: len(codecs.BOM_UTF16)]
    text = io.TextIOWrapper(file, encoding=shape.codec, errors="surrogateescape", newline="")
    lines = _Lines(text)
    for _ in range(shape.skip_lines):
        next(lines, None)
    lines.next_row()
    table = _table(lines, shape, named, begins)
    csv.field_size_limit(LONGEST_LINE)
    rows = _reader(lines, shape, table.delimiter)
    while True:
        line = lines.next_row()
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"the row is not well formed: {error}"
            yield Fault(line, reason, _clean(lines.raw), table.readings(lines.raw))
            continue
        if any(cell.strip() for cell in row):
            yield _entry(row, table, line, lines.raw)


@dataclass(frozen=True, slots=True)
class _Table:
    header: list[str]
    delimiter: str
    shape: CsvFormat

    def values(self, cells: Iterable[str]) -> dict[str, str]:
        blank = self.shape.blank
        pairs = ((name, cell.strip()) for name, cell in zip(self.header, cells, strict=False))
        return {name: text for name, text in pairs if text and text not in blank}

    def readings(self, raw: str) -> Iterator[dict[str, str]]:
        """What a row that cannot be read may say: line by line, counted from either end."""
        for line in raw.splitlines():
            cells = [cell.strip().strip(self.shape.quote) for cell in line.split(self.delimiter)]
            missing = [""] * (len(self.header) - len(cells))
            yield self.values(cells)
            yield self.values([*missing, *cells][-len(self.header) :])


def _entry(row: list[str], table: _Table, line: int, raw: str) -> Entry | Fault:
    """Cells beyond the last column are none where they are empty: many programs end rows so."""
    columns = len(table.header)
    if not _is_text(raw):
        reason = f"bytes that are not {table.shape.encoding}"
        return Fault(line, reason, _clean(raw), table.readings(raw))
    if len(row) < columns or any(cell.strip() for cell in row[columns:]):
        reason = f"it has {len(row)} columns, the header has {columns}"
        return Fault(line, reason, raw, table.readings(raw))
    if "\0" in raw:
        clean = raw.replace("\0", "\\0")
        return Fault(line, "it holds a NUL character", clean, table.readings(raw))
    return Entry(line, table.values(row), raw)


def _is_text(raw: str) -> bool:
    """Whether every byte was of the encoding; one that was not was read as a lone surrogate."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clean(raw: str) -> str:
    return raw.encode(errors="backslashreplace").decode()


def _reader(lines: Iterable[str], shape: CsvFormat, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        strict=True,
        delimiter=delimiter,
        quotechar=shape.quote,
        escapechar=shape.escape,
        doublequote=shape.escape is None,
    )


def _table(lines: _Lines, shape: CsvFormat, named: Sequence[str], begins: bytes) -> _Table:
    """The columns, and the delimiter under which the mapping's are found.

    A name in quotes may go over several lines.
    """
    marks = (shape.delimiter,) if shape.delimiter else DELIMITERS
    line, wanted = lines.read + 1, set(named)
    while True:
        ended = next(lines, None) is None
        _refuse_other_formats(lines.raw, shape, line, begins)
        found = {mark: _columns(lines.raw, shape, mark) for mark in marks}
        whole = {mark: names for mark, names in found.items() if names is not None}
        mark = max(whole or marks, key=lambda mark: _fit(whole.get(mark, []), wanted))
        header = whole.get(mark) or [lines.raw.strip()]
        if ended or wanted <= {*header} or len(whole) == len(marks) or lines.read - line >= MOST:
            break
    _refuse_other_columns(header, named)
    return _Table(_told_apart(header), mark, shape)


def _fit(columns: list[str], wanted: set[str]) -> tuple[int, int]:
    return len(wanted & {*columns, *_told_apart(columns)}), len(columns)


def _columns(text: str, shape: CsvFormat, delimiter: str) -> list[str] | None:
    """None where a quote is still open."""
    try:
        row = next(_reader(io.StringIO(text, newline=""), shape, delimiter), [])
    except csv.Error as error:
        return None if "end of data" in str(error) else [text.strip()]
    return [name.strip() for name in row]


def _refuse_other_formats(header: str, shape: CsvFormat, line: int, begins: bytes) -> None:
    if not header:
        raise FileRefused("it is empty", line)
    if begins in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and not shape.is_utf_16:
        raise FileRefused(f"it is UTF-16, not {shape.encoding}: {SAY_SO}", line)
    if not _is_text(header):
        raise FileRefused(f"its header is not {shape.encoding}: {SAY_SO}", line)
    if "\0" in header:
        raise FileRefused(f"its header holds NUL characters, as UTF-16 does: {SAY_SO}", line)
    if header.startswith("<?xml"):
        raise FileRefused("it is XML and no table: for an event log the format is xes", line)


def _refuse_other_columns(columns: list[str], named: Sequence[str]) -> None:
    names = _told_apart(columns)
    twice = [name for name in named if columns.count(name) > 1]
    if twice:
        apart = ", ".join(own for name, own in zip(columns, names, strict=True) if name in twice)
        raise MappingRefused(
            f"the file has columns of the same name: {', '.join(twice)}. Name the one you mean "
            f"in the mapping: {apart}"
        )
    missing = [name for name in named if name not in names]
    if missing:
        raise MappingRefused(
            f"the mapping names columns that the file does not have: {', '.join(missing)}. "
            f"It has: {', '.join(columns)}"
        )


def _told_apart(columns: list[str]) -> list[str]:
    """Columns without a name, or with one twice, get a name of their own, so that none is lost."""
    names = [name or f"column {n}" for n, name in enumerate(columns, 1)]
    return [
        name if names.count(name) == 1 else f"{name} (column {n})"
        for n, name in enumerate(names, 1)
    ]
