"""Builds: each projection may stand several times side by side, and readers use the live one.

A build is a table (``read.queue_7``, and ``read.queue_7_...`` where it needs more than one) with
its own position in ``read.position``; ``read.live`` says which build readers look at. Whoever
folds into the live build holds its row of ``read.live`` for share, so that the swap, one UPDATE of
that row, waits for the batch that is being folded and for nothing else; readers never wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final, Literal, LiteralString

from psycopg import Connection, sql

from domain.event import Event, Recorded
from ledger.follow import Follower

Rows = Connection[Any]
Fold = Callable[[Rows, str, Sequence[Recorded[Any]]], None]
"""(connection, table, batch in order of position): folds the batch, inside its transaction."""

LONGEST_STATEMENT: Final = 30
"""Seconds: no look at the read models lasts longer."""

_KEPT: Final = LONGEST_STATEMENT + 5
"""Seconds a build is kept after it was replaced: until nobody can still be looking at it."""

BATCH: Final = 1_000
"""Events at most in one transaction."""

_BUILDS: Final = """
CREATE TABLE IF NOT EXISTS read.build (
    name text NOT NULL,
    build integer NOT NULL,
    shape text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz,
    PRIMARY KEY (name, build)
)
"""


@dataclass(frozen=True)
class Projection:
    """One read model: its tables as SQL with ``{table}``, its fold, and what an error does.

    ``version`` is raised whenever the fold means something else than before; with the SQL it
    makes the shape, and a live build of another shape is rebuilt before it is followed.
    ``on_error``: "park" where a row that lags is better than all rows that lag. ``types``: of
    the events that it folds, None for all. ``behind``: projections that must have folded an
    event first.
    """

    name: LiteralString
    tables: LiteralString
    fold: Fold
    on_error: Literal["stop", "park"]
    types: frozenset[str] | None = None
    version: int = 1
    behind: tuple[str, ...] = ()

    @property
    def shape(self) -> str:
        return f"{self.version}-{hashlib.sha256(self.tables.encode()).hexdigest()[:16]}"

    def table(self, build: int) -> str:
        """The qualified name of a build's first table."""
        return f"read.{self.name}_{build}"


class _Growth:
    """Tells when so much was folded that plans should be made anew: autovacuum looks once a minute.

    First after a batch's worth of events, then whenever there are twice as many.
    """

    def __init__(self) -> None:
        self._folded = 0
        self._next = BATCH

    def doubled(self, events: int) -> bool:
        self._folded += events
        if self._folded < self._next:
            return False
        self._next = 2 * self._folded
        return True


def analyze(connection: Rows, name: str, build: int) -> None:
    for table in tables_of(connection, name, build):
        connection.execute(sql.SQL("ANALYZE {}").format(table))


def types_of(*events: type[Event]) -> frozenset[str]:
    """The stored names of these classes."""
    return frozenset(event.type_name for event in events)


def as_reader(connection: Rows) -> None:
    """What is made until the end of the transaction belongs to the owner of the read models."""
    connection.execute("SET LOCAL ROLE evercase_read")


def stand(connection: Rows, projection: Projection) -> bool:
    """Make the first, empty, live build where there is none.

    False where the live build has another shape than this code writes: it must be rebuilt.
    """
    with connection.transaction():
        as_reader(connection)
        lock(connection, projection.name)
        connection.execute(_BUILDS)
        row = connection.execute(
            "SELECT shape FROM read.live JOIN read.build USING (name, build) WHERE name = %s",
            [projection.name],
        ).fetchone()
        if row is not None:
            return bool(row[0] == projection.shape)
        build = create(connection, projection)
        connection.execute("INSERT INTO read.live VALUES (%s, %s)", [projection.name, build])
        return True


def create(connection: Rows, projection: Projection) -> int:
    """An empty build beside the others, at position 0. In a transaction, as the reader."""
    row = connection.execute(
        "SELECT coalesce(max(build), 0) + 1 FROM read.build WHERE name = %s", [projection.name]
    ).fetchone()
    assert row is not None
    build = int(row[0])
    connection.execute(on(projection.tables, projection.table(build)))
    connection.execute(
        "INSERT INTO read.build (name, build, shape) VALUES (%s, %s, %s)",
        [projection.name, build, projection.shape],
    )
    connection.execute(
        "INSERT INTO read.position (name, build) VALUES (%s, %s)", [projection.name, build]
    )
    return build


def live(connection: Rows, name: str) -> int:
    """The live build. Raises LookupError where the projection was never started."""
    row = connection.execute("SELECT build FROM read.live WHERE name = %s", [name]).fetchone()
    if row is None:
        raise LookupError(f"there is no read model {name} yet: start the projector")
    return int(row[0])


def follower(projection: Projection, build: int, *, beside: bool = False) -> Follower:
    """Who fills this build. ``beside``: readers do not use it yet, so no swap waits for it."""
    table = projection.table(build)
    growth = _Growth()

    def take(connection: Rows, batch: Sequence[Recorded[Any]]) -> None:
        # What is derived may be lost together with its position: both come again from the log.
        connection.execute("SET LOCAL synchronous_commit = off")
        if not beside:
            connection.execute("SELECT FROM read.live WHERE name = %s FOR SHARE", [projection.name])
        projection.fold(connection, table, batch)
        if growth.doubled(len(batch)):
            analyze(connection, projection.name, build)

    return Follower(
        projection.name,
        build,
        take,
        on_error=projection.on_error,
        batch=BATCH,
        types=projection.types,
        behind=projection.behind,
    )


def on(text: LiteralString, table: str, **parts: sql.Composable) -> sql.Composed:
    """SQL with its ``{table}`` filled in, and ``{table_case}``, a further table of the build.

    Other places are filled from ``parts``.
    """
    schema, _, name = table.rpartition(".")
    tables = {
        place: sql.Identifier(schema, name + place.removeprefix("table"))
        for _, place, _, _ in Formatter().parse(text)
        if place and place.startswith("table")
    }
    return sql.SQL(text).format(**tables, **parts)


def tables_of(connection: Rows, name: str, build: int) -> list[sql.Identifier]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'read' AND tablename ~ %s",
        [f"^{name}_{build}(_[a-z_]+)?$"],
    ).fetchall()
    return [sql.Identifier("read", table) for (table,) in rows]


def drop(connection: Rows, name: str, build: int) -> None:
    """Take a build away, with its position. In a transaction, as the reader."""
    for table in tables_of(connection, name, build):
        connection.execute(sql.SQL("DROP TABLE {}").format(table))
    connection.execute("DELETE FROM read.position WHERE (name, build) = (%s, %s)", [name, build])
    connection.execute("DELETE FROM read.parked WHERE (name, build) = (%s, %s)", [name, build])
    connection.execute("DELETE FROM read.build WHERE (name, build) = (%s, %s)", [name, build])


def drop_retired(connection: Rows, after: float = _KEPT) -> list[str]:
    """Drop the builds that were replaced more than ``after`` seconds ago; their tables' names."""
    retired = connection.execute(
        "SELECT name, build FROM read.build"
        " WHERE retired_at < clock_timestamp() - make_interval(secs => %s)",
        [after],
    ).fetchall()
    for name, build in retired:
        with connection.transaction():
            as_reader(connection)
            lock(connection, name)
            drop(connection, name, build)
    return [f"{name}_{build}" for name, build in retired]


def lock(connection: Rows, name: str) -> None:
    """Builds of one projection are made and dropped by one process at a time."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('build ' || %s, 0))", [name])
