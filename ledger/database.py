"""Connections to PostgreSQL as this room needs them: UTC, binary, JSON columns as bytes."""

from __future__ import annotations

import contextlib
import select
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg_pool import ConnectionPool, PoolTimeout

from ledger import arrays
from ledger.errors import LedgerUnavailable

Connection = psycopg.Connection[tuple[Any, ...]]
"""What followers and openers get: a plain connection, rows as tuples."""

LOG_LOCK = 7305504
"""The advisory lock that ``ledger.append`` takes (the same number as in 0001_log.sql)."""

CHANNEL = "evercase_log"
"""Notified with the last position whenever something was appended."""


class _JsonText(Loader):
    """JSON as the bytes that were stored: hashes and upcasters want those."""

    format = Format.TEXT

    def load(self, data: Buffer) -> bytes:
        return bytes(data)


class _JsonBinary(_JsonText):
    format = Format.BINARY


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Make a fresh connection ours."""
    connection.autocommit = True
    connection.adapters.register_loader("json", _JsonText)
    connection.adapters.register_loader("json", _JsonBinary)
    arrays.register(connection)
    connection.execute("SET TimeZone = 'UTC'")


_ALIVE: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A database that fell silent is given up after about twenty seconds, not after hours."""


def connect(url: str, name: str, *, patience: float | None = None) -> Connection:
    """One connection of its own, shown to operators as ``evercase <name>``.

    patience: seconds after which the server gives up a statement, None: never.
    """
    connection = psycopg.connect(url, application_name=f"evercase {name}", **_ALIVE)
    prepare(connection)
    if patience is not None:
        connection.execute(
            "SELECT set_config('statement_timeout', %s, false)", (str(int(patience * 1000)),)
        )
    return connection


async def hear(url: str, name: str, *channels: str) -> psycopg.AsyncConnection[tuple[Any, ...]]:
    """A connection that is notified of what happens on these channels."""
    connection = await psycopg.AsyncConnection.connect(
        url, autocommit=True, application_name=f"evercase {name}", **_ALIVE
    )
    for channel in channels:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
    return connection


_UNDECIDED: Final = frozenset({"08", "40", "53", "55", "57"})
"""Classes of SQLSTATE after which the same may be tried again: connection, rollback, resources,
lock, operator."""


def is_loss(error: Exception) -> bool:
    """Whether we cannot know what became of a statement, or it may well succeed next time.

    Other errors are the statement's own: psycopg calls some of them operational too.
    """
    if isinstance(error, psycopg.OperationalError):
        return error.sqlstate is None or error.sqlstate[:2] in _UNDECIDED
    return isinstance(error, psycopg.InterfaceError | LedgerUnavailable)


def pool(url: str, *, size: int, patience: float) -> ConnectionPool[Connection]:
    """Connections for readers, opened as they are needed; ``patience`` seconds to get one."""
    return ConnectionPool(
        url,
        min_size=0,
        max_size=size,
        open=True,
        timeout=patience,
        configure=prepare,
        check=_check,
        kwargs={"application_name": "evercase reader", **_ALIVE},
    )


def _check(connection: Connection) -> None:
    """Raises where the server has hung up: only then an idle connection has something to read."""
    heard = select.poll()
    heard.register(connection.fileno(), select.POLLIN)
    if heard.poll(0):
        ConnectionPool.check_connection(connection)


@contextlib.contextmanager
def reading(source: ConnectionPool[Connection]) -> Iterator[Connection]:
    """A connection from the pool; a database that is away becomes ``LedgerUnavailable``."""
    try:
        with source.connection() as connection:
            yield connection
    except (PoolTimeout, psycopg.OperationalError) as error:
        raise LedgerUnavailable("the database does not answer") from error
