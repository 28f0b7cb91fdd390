"""What became of an import: its figures, and the rows that were left out with the reason."""

from __future__ import annotations

import csv
import os
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from desk.history.export import cell
from ledger import Receipt
from workers.importing.entry import Fault
from workers.importing.opened import FileRefused

_OWN_ONLY: Final = 0o600
_COLUMNS: Final = ("line", "reason", "row")


@dataclass(slots=True)
class Summary:
    """In rows of the file, except cases, customers and stored.

    cases: new ones; repeated: cases that were here already. events: rows of the file that were
    carried over; stored: events that were added to the log for them. rejected: rows that cannot
    be imported; left_out: further rows of their cases. kept_as_history: steps kept under their own
    name; out_of_order: those among them that are like ours but could not be true. digests:
    letters to colleagues that tell of the batch, one for each. steps_unused: activities of the
    mapping that no row has, as a slip of the pen there would have it.
    """

    file: str
    mapping: str
    batch: str = ""
    cases: int = 0
    repeated: int = 0
    customers: int = 0
    events: int = 0
    stored: int = 0
    kept_as_history: int = 0
    out_of_order: int = 0
    rejected: int = 0
    left_out: int = 0
    archived: int = 0
    digests: int = 0
    digests_failed: int = 0
    steps_unused: list[str] = field(default_factory=list)
    letters: str = "none"
    reject_file: str | None = None
    error: str | None = None
    seconds: float = 0.0

    def count(self, receipt: Receipt) -> int:
        """How many events this command added; a repeated one added none now."""
        if receipt.outcome == "repeated" or receipt.first is None or receipt.last is None:
            return 0
        added = receipt.last - receipt.first + 1
        self.stored += added
        return added

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def beside(file: Path) -> Path:
    """Where the reject file of this file goes: beside it, or here where that is not allowed."""
    folder = file.absolute().parent
    return (folder if os.access(folder, os.W_OK) else Path.cwd()) / f"{file.name}.rejected.csv"


class Rejects(AbstractContextManager["Rejects"]):
    """The reject file: line, reason, and the row as it stood; made when there is something in it.

    It holds what the file held, personal data too, so only its owner may read it.
    """

    def __init__(self, path: Path, file: Path) -> None:
        """Raises FileRefused where ``path`` would replace anything but a reject file."""
        if path.exists() and path.samefile(file):
            raise FileRefused("the reject file would replace it")
        if path.exists() and not _is_one(path):
            raise FileRefused(f"{path} is there already and is no reject file: name another")
        self.path = path
        self.first: Fault | None = None
        self.count = 0
        self._file: IO[str] | None = None
        self._writer: Any = None
        if path.exists():
            path.unlink()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, fault: Fault) -> None:
        """Raises FileRefused where it cannot be written."""
        if self._file is None:
            self._file = self._made()
            self._writer = csv.writer(self._file)
            self._writer.writerow(_COLUMNS)
        self.first = self.first or fault
        self.count += 1
        self._writer.writerow([fault.line, fault.reason, cell(fault.raw.rstrip("\r\n"))])

    def _made(self) -> IO[str]:
        try:
            made = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _OWN_ONLY)
        except OSError as error:
            told = f"the reject file {self.path} cannot be written: {error.strerror}"
            raise FileRefused(told) from None
        return os.fdopen(made, "w", encoding="utf-8", newline="")


def _is_one(path: Path) -> bool:
    """Whether an earlier import wrote it, so that this one may."""
    first = ",".join(_COLUMNS).encode()
    with path.open("rb") if path.is_file() else BytesIO() as file:
        return file.read(len(first)) == first
