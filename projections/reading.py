"""Looking at read models: rows, their build and its position in one snapshot of the database."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, LiteralString, TypeVar

from psycopg import Connection, sql
from psycopg.errors import UndefinedColumn, UndefinedTable
from psycopg.rows import class_row, tuple_row

from projections.build import LONGEST_STATEMENT, on

T = TypeVar("T")
Parameters = Sequence[Any] | dict[str, Any]

_LIVE: Final = """
SELECT live.name, live.build, position.position, head.position AS head,
       coalesce(extract(epoch FROM clock_timestamp() - next.recorded_at), 0)::float8 AS lag
  FROM read.live
  JOIN read.position USING (name, build)
 CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM ledger.event) AS head
  LEFT JOIN ledger.event AS next ON next.position = position.position + 1
"""
_SETTINGS: Final = f"""
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = '{LONGEST_STATEMENT}s';
SET LOCAL transaction_timeout = '{LONGEST_STATEMENT}s';
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
"""
"""A list reads few rows by an index, whenever statistics of the table were last taken."""
_POLL: Final = 0.01


@dataclass(frozen=True, slots=True)
class Freshness:
    """Rows are exact as of event ``as_of``; ``behind`` events are still to come.

    lag_seconds: how long ago the first of those was recorded, 0 where there is none.
    """

    as_of: int
    lag_seconds: float
    behind: int


@dataclass(frozen=True, slots=True)
class _Live:
    name: str
    build: int
    position: int
    head: int
    lag: float


class Reading:
    """One look at the read models. Everything asked of it is of the same moment."""

    def __init__(self, connection: Connection[Any], live: Sequence[_Live]) -> None:
        self._connection = connection
        self._live = {each.name: each for each in live}

    def table(self, name: str) -> str:
        """The qualified name of the live build's table. Raises LookupError."""
        return f"read.{name}_{self._of(name).build}"

    @property
    def database(self) -> str:
        """Which one is looked at, for what is remembered of it."""
        info = self._connection.info
        return f"{info.host}:{info.port}/{info.dbname}"

    def freshness(self, name: str) -> Freshness:
        """Raises LookupError."""
        of = self._of(name)
        return Freshness(of.position, max(of.lag, 0.0), of.head - of.position)

    def rows(
        self,
        kind: type[T],
        name: str,
        text: LiteralString,
        parameters: Parameters = (),
        **parts: sql.Composable,
    ) -> list[T]:
        """Rows of ``{table}`` (the live build of ``name``) as ``kind``, column by column."""
        with self._connection.cursor(row_factory=class_row(kind)) as cursor, _of_today(name):
            return cursor.execute(on(text, self.table(name), **parts), parameters).fetchall()

    def records(
        self, name: str, text: LiteralString, parameters: Parameters = (), **parts: sql.Composable
    ) -> list[tuple[Any, ...]]:
        """Rows as plain tuples."""
        with self._connection.cursor(row_factory=tuple_row) as cursor, _of_today(name):
            return cursor.execute(on(text, self.table(name), **parts), parameters).fetchall()

    def _of(self, name: str) -> _Live:
        try:
            return self._live[name]
        except KeyError:
            raise LookupError(f"there is no read model {name} yet: start the projector") from None


@contextmanager
def _of_today(name: str) -> Iterator[None]:
    """Until it is rebuilt, the live build may be an older version's and lack what is asked for."""
    try:
        yield
    except (UndefinedColumn, UndefinedTable) as error:
        raise LookupError(f"the read model {name} is being rebuilt") from error


@contextmanager
def look(connection: Connection[Any]) -> Iterator[Reading]:
    """A snapshot for the length of the block. The connection must be outside a transaction."""
    with connection.transaction():
        connection.execute(_SETTINGS)
        with connection.cursor(row_factory=class_row(_Live)) as cursor:
            live = cursor.execute(_LIVE).fetchall()
        yield Reading(connection, live)


def wait_for(
    connection: Connection[Any], name: str, position: int, timeout: float = 0.3
) -> Freshness:
    """Wait until the live build of ``name`` has folded ``position``, at most ``timeout`` seconds.

    Says in any case how far it is. The connection must be in autocommit.
    """
    until = time.monotonic() + timeout
    while True:
        with look(connection) as reading:
            freshness = reading.freshness(name)
        if freshness.as_of >= position or time.monotonic() >= until:
            return freshness
        time.sleep(_POLL)
