"""One follower's way along the log: a batch and the position it reaches commit together.

What cannot be taken is found by halving, tried again, and then stops the follower or is parked,
as the follower declares. Words of errors stay out of tables and logs: they may quote the data.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from domain.event import Event, Recorded
from ledger.database import Connection, is_loss
from ledger.log import read_rows
from ledger.mapper import Row, decode

Apply = Callable[[Connection, Sequence[Recorded[Event]]], None]
"""Takes events in the order of the log, writes through the connection, never commits."""

MOVED: Final = "evercase_read"
"""Notified with a follower's name when it has moved."""

_TRIES: Final = 3
"""How often one event is tried before the policy applies."""

_log = structlog.get_logger("ledger.follow")


@dataclass(frozen=True)
class Follower:
    """Somebody who takes every event, in order, once.

    build: which of its tables it fills. on_error: what an event it cannot take does to it.
    batch: events at most in one transaction. types: the only ones it is handed, None for all.
    behind: names of followers whose live builds must have passed an event first.
    """

    name: str
    build: int
    apply: Apply
    on_error: Literal["stop", "park"] = "stop"
    batch: int = 500
    types: frozenset[str] | None = None
    behind: tuple[str, ...] = ()


class Stopped(Exception):
    """An event could not be taken and the policy is to stop. ``position`` is that event's."""

    def __init__(self, name: str, position: int, error: str) -> None:
        super().__init__(f"{name} stopped at {position}: {error}")
        self.position = position
        self.error = error


class Superseded(Exception):
    """Readers use another build of this follower; this one need not go on."""


class Pursuit:
    """A follower on a connection that holds its lock. Not thread-safe.

    beside: it fills a build beside the one that readers use, so that is no reason to end.
    """

    def __init__(
        self,
        connection: Connection,
        follower: Follower,
        stop: threading.Event,
        *,
        beside: bool = False,
    ) -> None:
        self._connection = connection
        self._follower = follower
        self._key = (follower.name, follower.build)
        self._stop = stop
        self._beside = beside
        connection.execute(
            "INSERT INTO read.position (name, build) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            self._key,
        )

    @staticmethod
    def lock(connection: Connection, follower: Follower) -> bool:
        """Whether we are now the only one who follows as this; held until the connection ends."""
        row = connection.execute(
            "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))",
            (f"evercase follower {follower.name}/{follower.build}",),
        ).fetchone()
        return row is not None and bool(row[0])

    def position(self) -> int:
        """The last event that was taken."""
        return self._standing()[0]

    def step(self) -> int:
        """Take the next batch; how far it moved along the log. Raises Stopped, Superseded."""
        position, stopped, limit, retries = self._standing()
        if stopped is not None:
            raise Stopped(self._follower.name, position + 1, stopped)
        if retries:
            self._retry_parked()
        rows = read_rows(self._connection, position, self._follower.batch)
        if limit is not None:
            rows = [row for row in rows if row[0] <= limit]
        if not rows:
            return 0
        self._take(rows)
        return rows[-1][0] - position

    def _standing(self) -> tuple[int, str | None, int | None, bool]:
        """Own position, what stopped us, how far those before us are, whether parked ones wait."""
        row = self._connection.execute(
            "SELECT p.position, p.stopped_by,"
            " (SELECT l.build FROM read.live l WHERE l.name = p.name),"
            " EXISTS (SELECT FROM read.parked k WHERE (k.name, k.build) = (p.name, p.build)"
            "         AND k.retry),"
            " (SELECT min(coalesce(o.position, 0)) FROM unnest(%s::text[]) AS b (name)"
            "  LEFT JOIN read.live l ON l.name = b.name"
            "  LEFT JOIN read.position o ON (o.name, o.build) = (l.name, l.build))"
            " FROM read.position p WHERE (p.name, p.build) = (%s, %s)",
            (list(self._follower.behind), *self._key),
            prepare=True,
        ).fetchone()
        ours = row is not None and (self._beside or row[2] in (None, self._follower.build))
        if row is None or not ours:
            raise Superseded
        return row[0], row[1], row[4], row[3]

    def _take(self, rows: list[Row]) -> None:
        for tried in range(1, _TRIES + 1):
            try:
                with self._connection.transaction():
                    self._hand_over(rows)
                    self._move(rows[-1][0])
            except Exception as error:
                if is_loss(error):
                    raise
                if len(rows) > 1:
                    break
                if tried == _TRIES:
                    self._give_up(rows[0][0], error)
                self._stop.wait(0.01 * 2**tried)
            else:
                return
        if len(rows) > 1:
            middle = len(rows) // 2
            self._take(rows[:middle])
            self._take(rows[middle:])

    def _hand_over(self, rows: list[Row]) -> None:
        types = self._follower.types
        events = [decode(row) for row in rows if types is None or row[3] in types]
        if events:
            self._follower.apply(self._connection, events)

    def _move(self, position: int) -> None:
        self._connection.execute(
            "UPDATE read.position SET position = %s, moved_at = clock_timestamp()"
            " WHERE (name, build) = (%s, %s)",
            (position, *self._key),
            prepare=True,
        )
        self._connection.execute("SELECT pg_notify(%s, %s)", (MOVED, self._follower.name))

    def _give_up(self, position: int, error: Exception) -> None:
        name, kind = self._follower.name, type(error).__name__
        _log.error("event not taken", follower=name, position=position, error=kind)
        with self._connection.transaction():
            if self._follower.on_error == "park":
                self._connection.execute(
                    "INSERT INTO read.parked (name, build, position, error)"
                    " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (*self._key, position, kind),
                )
                self._move(position)
                return
            self._connection.execute(
                "UPDATE read.position SET stopped_by = %s WHERE (name, build) = (%s, %s)",
                (kind, *self._key),
            )
        raise Stopped(name, position, kind) from error

    def _retry_parked(self) -> None:
        """Events somebody asked to try again: taken they are parked no more, else parked anew."""
        parked = self._connection.execute(
            "SELECT position FROM read.parked WHERE (name, build) = (%s, %s) AND retry"
            " ORDER BY position",
            self._key,
        ).fetchall()
        for (position,) in parked:
            try:
                with self._connection.transaction():
                    self._hand_over(read_rows(self._connection, position - 1, 1))
                    self._connection.execute(
                        "DELETE FROM read.parked WHERE (name, build, position) = (%s, %s, %s)",
                        (*self._key, position),
                    )
            except Exception as error:
                if is_loss(error):
                    raise
                self._connection.execute(
                    "UPDATE read.parked SET retry = false, error = %s, parked_at ="
                    " clock_timestamp() WHERE (name, build, position) = (%s, %s, %s)",
                    (type(error).__name__, *self._key, position),
                )
