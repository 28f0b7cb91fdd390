"""Tables: any delimiter, quoting and encoding, read row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from workers.importing.entry import Entry, Fault
from workers.importing.mapping import CsvFormat, MappingRefused
from workers.importing.opened import Bytes, FileRefused

LONGEST_LINE: Final = 1 << 20
LONGEST_ROW: Final = 4 << 20
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
        except UnicodeDecodeError:
            raise FileRefused(
                "its bytes are not of the mapping's encoding", self.read + 1
            ) from None
        if not line:
            raise StopIteration
        self.read += 1
        self._size += len(line)
        if len(line) == LONGEST_LINE or self._size > LONGEST_ROW:
            raise FileRefused(
                "a row is longer than any table has; is a quote left open?", self.read
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
    """The rows under the header. ``named``: the columns the mapping speaks of.

    Raises FileRefused, MappingRefused (a column that is not there).
    """
    text = io.TextIOWrapper(file, encoding=shape.codec, errors="surrogateescape", newline="")
    for _ in range(shape.skip_lines):
        text.readline(LONGEST_LINE)
    first = text.readline(LONGEST_LINE)
    header, delimiter = _header(first, shape, named)
    lines = _Lines(text)
    lines.read = shape.skip_lines + 1
    csv.field_size_limit(LONGEST_LINE)
    rows = _reader(lines, shape, delimiter)
    while True:
        line = lines.next_row()
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(line, f"the row is not well formed: {error}", _clean(lines.raw))
            continue
        if row:
            yield _entry(row, header, line, lines.raw, shape)


def _entry(
    row: list[str], header: list[str], line: int, raw: str, shape: CsvFormat
) -> Entry | Fault:
    if not _is_text(raw):
        return Fault(line, f"bytes that are not {shape.encoding}", _clean(raw))
    if len(row) != len(header):
        reason = f"it has {len(row)} columns, the header has {len(header)}"
        return Fault(line, reason, raw)
    if "\0" in raw:
        return Fault(line, "it holds a NUL character", raw.replace("\0", "\\0"))
    values = {
        name: value for name, cell in zip(header, row, strict=True) if (value := cell.strip())
    }
    if not values:
        return Fault(line, "the row is empty", raw)
    return Entry(line, values, raw)


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


def _header(first: str, shape: CsvFormat, named: Sequence[str]) -> tuple[list[str], str]:
    """The columns, and the delimiter under which the mapping's are found."""
    line = shape.skip_lines + 1
    if not first:
        raise FileRefused("it is empty", line)
    if not _is_text(first):
        raise FileRefused(f"its header is not {shape.encoding}", line)
    candidates = [shape.delimiter] if shape.delimiter else DELIMITERS
    headers = [(_columns(first, shape, mark), mark) for mark in candidates]
    columns, delimiter = max(
        headers, key=lambda found: (len(set(named) & set(found[0])), len(found[0]))
    )
    missing = [name for name in named if name not in columns]
    if missing:
        raise MappingRefused(
            f"the mapping names columns that the file does not have: {', '.join(missing)}. "
            f"It has: {', '.join(columns)}"
        )
    twice = sorted({name for name in columns if columns.count(name) > 1 and name in named})
    if twice:
        raise MappingRefused(f"the file has these columns twice: {', '.join(twice)}")
    return _told_apart(columns), delimiter


def _columns(first: str, shape: CsvFormat, delimiter: str) -> list[str]:
    try:
        row = next(_reader([first], shape, delimiter))
    except (csv.Error, StopIteration):
        return [first.strip()]
    return [name.strip() for name in row]


def _told_apart(columns: list[str]) -> list[str]:
    """Columns without a name, or with one twice, get a name of their own, so that none is lost."""
    names: list[str] = []
    for n, name in enumerate(columns, 1):
        own = name or f"column {n}"
        names.append(own if own not in names else f"{own} (column {n})")
    return names
