"""Rebuilding: fill a build beside the live one from the whole log, then let readers use it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from ledger import Ledger
from ledger.database import connect
from ledger.follow import catch_up
from projections.build import (
    Projection,
    Rows,
    analyze,
    as_reader,
    create,
    drop,
    drop_retired,
    follower,
    lock,
    stand,
)

Tell = Callable[[int, int], None]
"""(position reached, head of the log)."""


class RebuildRunning(Exception):
    """Somebody else is rebuilding this read model."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """``events``: the position the new build had when readers began to use it."""

    name: str
    build: int
    replaced: int
    events: int
    parked: int
    seconds: float


def rebuild(
    ledger: Ledger, projection: Projection, progress: Tell = lambda _position, _head: None
) -> Rebuilt:
    """Readers read on all the while, and never see an older position than before.

    Raises RebuildRunning; ledger.follow.Stopped where an event cannot be folded and the policy is
    to stop: then the live build stays as it is.
    """
    started = time.monotonic()
    name = projection.name
    with closing(connect(ledger.url, f"rebuild {name}")) as connection:
        _alone(connection, name)
        stand(connection, projection)
        drop_retired(connection)
        build = _begin(connection, projection)
        filler = follower(projection, build, beside=True)
        catch_up(ledger, filler, progress)
        analyze(connection, name, build)
        with connection.transaction():
            # Waits for the batch that is being folded into the live build, and keeps out the next
            # one, so that what is caught up now is all there is to catch up.
            (replaced,) = connection.execute(
                "UPDATE read.live SET build = %s WHERE name = %s"
                " RETURNING (SELECT build FROM read.live WHERE name = %s)",
                [build, name, name],
            ).fetchone() or (0,)
            events = catch_up(ledger, filler, progress)
            connection.execute(
                "UPDATE read.build SET retired_at = clock_timestamp()"
                " WHERE (name, build) = (%s, %s)",
                [name, replaced],
            )
        (parked,) = connection.execute(
            "SELECT count(*) FROM read.parked WHERE (name, build) = (%s, %s)", [name, build]
        ).fetchone() or (0,)
    return Rebuilt(name, build, replaced, events, parked, time.monotonic() - started)


def _alone(connection: Rows, name: str) -> None:
    """Until the connection ends."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended('rebuild ' || %s, 0))", [name]
    ).fetchone()
    if row is None or not row[0]:
        raise RebuildRunning(f"{name} is being rebuilt by somebody else")


def _begin(connection: Rows, projection: Projection) -> int:
    """A new build; one that an interrupted rebuild left behind goes."""
    with connection.transaction():
        as_reader(connection)
        lock(connection, projection.name)
        left = connection.execute(
            "SELECT build.build FROM read.build JOIN read.live USING (name)"
            " WHERE name = %s AND build.build <> live.build AND retired_at IS NULL",
            [projection.name],
        ).fetchall()
        for (build,) in left:
            drop(connection, projection.name, build)
        return create(connection, projection)
