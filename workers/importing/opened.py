"""Opening a file that somebody sent: plain or gzip, never more memory than a window of it."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

GZIP: Final = b"\x1f\x8b"
OFFICE: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How ZIP archives begin, and the workbooks of table programs, new and old."""
FREE: Final = 64 * 1024 * 1024
"""Bytes that may come out of a gzip file whatever its size."""
MOST_RATIO: Final = 200
"""Beyond them, how many bytes may come out for one that goes in: logs reach 60, bombs 1,000."""

Bytes: TypeAlias = "io.BufferedReader[io.RawIOBase]"

Moved = Callable[[int], None]
"""Told how many bytes of the file itself have been read so far."""


class FileRefused(Exception):
    """The file as a whole cannot be read; nothing of it is stored. ``line`` where it is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line


class _Inflated(io.RawIOBase):
    """What is in a gzip file, as long as it stays in proportion to the file."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._gzip = gzip.GzipFile(fileobj=file)
        self._out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._gzip.read(len(buffer))
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise FileRefused(f"the gzip data is broken or cut off: {error}") from None
        self._out += len(data)
        if self._out > FREE and self._out > MOST_RATIO * self._file.tell():
            raise FileRefused("it unpacks to far more than a log does; unpack it yourself first")
        buffer[: len(data)] = data
        return len(data)


class _Counted(io.RawIOBase):
    """A file that says how far it has been read."""

    def __init__(self, file: BinaryIO, moved: Moved) -> None:
        self._file = file
        self._moved = moved

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._moved(self._file.tell())
        return len(data)

    def tell(self) -> int:
        return self._file.tell()


@contextmanager
def opened(path: Path, moved: Moved = lambda _: None) -> Iterator[Bytes]:
    """The bytes of a file, unpacked where it is gzip (told by its first bytes, not its name).

    Raises FileRefused, also while it is read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise FileRefused(f"it cannot be opened: {error.strerror}") from None
    with file:
        begins = file.read(4)
        if begins in OFFICE:
            raise FileRefused("it is a workbook or a ZIP archive: save the table as CSV first")
        file.seek(0)
        raw: io.RawIOBase = _Counted(file, moved)
        if begins.startswith(GZIP):
            raw = _Inflated(io.BufferedReader(raw))
        yield io.BufferedReader(raw)


def fingerprint(path: Path) -> str:
    """Names the content of a file: the same for the same bytes. Raises FileRefused."""
    if path.exists() and not path.is_file():
        raise FileRefused("it cannot be read twice, as a pipe: save it as a file first")
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise FileRefused(f"it cannot be opened: {error.strerror}") from None
