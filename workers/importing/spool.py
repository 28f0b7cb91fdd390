"""Rows put aside on disk while a file is read, and given back case by case.

The rows of a case may stand anywhere in a file of any length. They wait in a private temporary
database that has no name on disk, so that nothing of it is left however the process ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Final

import orjson

from workers.importing.entry import Entry
from workers.importing.rows import Row

_CACHE_KIB: Final = 32 * 1024
_AT_ONCE: Final = 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A row of a case, with what the file said there (for a milestone: nothing of its own)."""

    row: Row
    values: Mapping[str, str]
    raw: str


class Spool(AbstractContextManager["Spool"]):
    def __init__(self) -> None:
        # The empty name is SQLite's for a database of its own that it deletes as it opens it.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        for table in (
            "row (n INTEGER PRIMARY KEY, key TEXT, line INT, named TEXT, activity TEXT, at INT,"
            " recorded INT, own INT, said TEXT, raw TEXT)",
            "alike (content TEXT PRIMARY KEY, n INT) WITHOUT ROWID",
            "broken (key TEXT PRIMARY KEY, line INT) WITHOUT ROWID",
        ):
            self._db.execute(f"CREATE TABLE {table}")
        self._waiting: list[tuple[Any, ...]] = []

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    # in

    def occurrence(self, content: str) -> int:
        """1 for the first row of this content, 2 for the next that is the same …"""
        sql = "INSERT INTO alike VALUES (?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n"
        return int(self._db.execute(sql, (content,)).fetchone()[0])

    def add(self, key: str, row: Row, entry: Entry) -> None:
        said = orjson.dumps(entry.values).decode() if row.own else "{}"
        self._waiting.append(
            (key, row.line, row.case, row.activity, _number(row.at), _number(row.recorded),
             row.own, said, entry.raw if row.own else "")
        )  # fmt: skip
        if len(self._waiting) >= _AT_ONCE:
            self._flush()

    def break_case(self, key: str, line: int) -> None:
        """A row of it cannot be read, so none of it is imported."""
        self._db.execute("INSERT OR IGNORE INTO broken VALUES (?, ?)", (key, line))

    def _flush(self) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO row (key, line, named, activity, at, recorded, own, said, raw)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._waiting,
        )
        self._db.execute("COMMIT")
        self._waiting.clear()

    def filled(self) -> int:
        """Everything is in; how many cases there are."""
        self._flush()
        self._db.execute("CREATE INDEX by_case ON row (key, n)")
        return int(self._db.execute("SELECT count(DISTINCT key) FROM row").fetchone()[0])

    # out

    def cases(self) -> Iterator[tuple[str, int, int | None]]:
        """From the oldest on: key, how many rows, and the line that broke it if one did.

        So the newest case has the last word on its customer, however the file is sorted.
        """
        yield from self._db.execute(
            "SELECT key, rows, line FROM (SELECT key, min(n) AS first, min(at) AS began,"
            " count(*) AS rows FROM row GROUP BY key) LEFT JOIN broken USING (key)"
            " ORDER BY began, first"
        )

    def rows(self, key: str) -> Iterator[Spooled]:
        """The rows of a case as they stood in the file."""
        for line, named, activity, at, recorded, own, said, raw in self._db.execute(
            "SELECT line, named, activity, at, recorded, own, said, raw FROM row WHERE key = ?"
            " ORDER BY n",
            (key,),
        ):
            row = Row(line, named, activity, _moment(at), _moment(recorded), bool(own))
            yield Spooled(row, orjson.loads(said), raw)


def _number(at: datetime | None) -> int | None:
    return None if at is None else (at - _EPOCH) // _MICROSECOND


def _moment(number: int | None) -> datetime | None:
    return None if number is None else _EPOCH + number * _MICROSECOND
