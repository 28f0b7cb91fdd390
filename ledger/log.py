"""Reading the log: as a whole, by stream, and where it ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from psycopg import sql

from domain.event import Event, Recorded
from ledger.database import Connection
from ledger.mapper import COLUMNS, Row, decode

_COLUMNS: Final = sql.SQL(COLUMNS)
_HISTORY: Final = (
    sql.SQL("SELECT {} FROM ledger.event WHERE stream = %b ORDER BY version")
    .format(_COLUMNS)
    .as_bytes(None)
)
_LOG: Final = (
    sql.SQL("SELECT {} FROM ledger.event WHERE position > %b ORDER BY position LIMIT %b")
    .format(_COLUMNS)
    .as_bytes(None)
)
_LOG_OF: Final = (
    sql.SQL(
        "SELECT {} FROM ledger.event WHERE position > %b AND type = ANY (%b::text[])"
        " ORDER BY position LIMIT %b"
    )
    .format(_COLUMNS)
    .as_bytes(None)
)
_AT: Final = (
    sql.SQL("SELECT {} FROM ledger.event WHERE position = ANY (%b::bigint[]) ORDER BY position")
    .format(_COLUMNS)
    .as_bytes(None)
)
_TOLD: Final = (
    sql.SQL(
        "SELECT {} FROM ledger.event WHERE position BETWEEN"
        " (SELECT first FROM ledger.command WHERE id = %b)"
        " AND (SELECT last FROM ledger.command WHERE id = %b) ORDER BY position"
    )
    .format(_COLUMNS)
    .as_bytes(None)
)
_HEAD: Final = "SELECT coalesce(max(position), 0) FROM ledger.event"


def read_history(connection: Connection, stream: str) -> list[Recorded[Event]]:
    rows = connection.execute(_HISTORY, (stream,), prepare=True, binary=True).fetchall()
    return [decode(cast("Row", row)) for row in rows]


def read_rows(
    connection: Connection, after: int, limit: int, types: frozenset[str] | None = None
) -> list[Row]:
    """A page of the log, not decoded."""
    if types is None:
        found = connection.execute(_LOG, (after, limit), prepare=True, binary=True)
    else:
        found = connection.execute(
            _LOG_OF, (after, sorted(types), limit), prepare=True, binary=True
        )
    return cast("list[Row]", found.fetchall())


def read_log(
    connection: Connection, after: int, limit: int, types: frozenset[str] | None = None
) -> list[Recorded[Event]]:
    return [decode(row) for row in read_rows(connection, after, limit, types)]


def read_at(connection: Connection, positions: Sequence[int]) -> list[Recorded[Event]]:
    rows = connection.execute(_AT, (list(positions),), prepare=True, binary=True).fetchall()
    return [decode(cast("Row", row)) for row in rows]


def read_told(connection: Connection, command: UUID) -> list[Recorded[Event]]:
    rows = connection.execute(_TOLD, (command, command), prepare=True, binary=True).fetchall()
    return [decode(cast("Row", row)) for row in rows]


def read_head(connection: Connection) -> int:
    row = connection.execute(_HEAD, prepare=True).fetchone()
    return 0 if row is None else int(row[0])


def read_known(connection: Connection, streams: Sequence[str]) -> set[str]:
    """Those of these streams that have an event."""
    rows = connection.execute(
        "SELECT stream FROM ledger.event WHERE stream = ANY (%b::text[]) AND version = 1",
        [list(streams)],
    ).fetchall()
    return {row[0] for row in rows}
