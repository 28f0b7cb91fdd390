"""The dispatcher: whatever moved in the owed rows is nudged, each stream once for all it moved.

It follows behind the owed projection and keeps its own position; a crash between nudging and
storing it only nudges again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import structlog
from psycopg import Connection
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from projections import owed
from projections.owed import Owed
from projections.reading import look
from workflows.nudge import TASK_QUEUE, in_flight, start_or_wake, wake, workflow_of

log = structlog.get_logger()

NAME: Final = "dispatcher"
POSITION: Final = "SELECT position FROM read.position WHERE (name, build) = (%s, %s)"
STORE: Final = """
INSERT INTO read.position (name, build, position) VALUES (%s, %s, %s)
    ON CONFLICT (name, build) DO UPDATE
   SET position = excluded.position, moved_at = clock_timestamp()
"""
FORGET_OTHERS: Final = "DELETE FROM read.position WHERE name = %s AND build <> %s"
ONE_AT_A_TIME: Final = "SELECT pg_try_advisory_lock(hashtext('evercase dispatcher'))"

BATCH: Final = 1_000
IDLE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 15.0


class Batch(NamedTuple):
    """Rows of one build of the owed table that changed after ``position``, all up to ``until``."""

    build: int
    position: int
    rows: list[Owed]
    until: int


@dataclass
class Dispatcher:
    """Over one connection (autocommit) to the read models; ``most`` calls are in flight."""

    client: Client
    connection: Connection[Any]
    task_queue: str = TASK_QUEUE
    most: int = 32

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; waits for Temporal and for the read models.

        Raises psycopg.OperationalError where the database goes away.
        """
        await self._alone(stop)
        pause = IDLE_SECONDS
        while not stop.is_set():
            try:
                sent = await self.dispatch()
            except (RPCError, LookupError) as error:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                reason = error.status.name if isinstance(error, RPCError) else "no read models"
                log.warning("dispatcher.waits", reason=reason, seconds=pause)
            else:
                pause = IDLE_SECONDS
                if sent:
                    continue
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def dispatch(self) -> int:
        """Nudge one batch and store the position after it. Answers how many rows it held."""
        batch = await asyncio.to_thread(self._next)
        await in_flight(batch.rows, self._nudge, self.most)
        if batch.until > batch.position:
            await asyncio.to_thread(self._store, batch)
        return len(batch.rows)

    async def _alone(self, stop: asyncio.Event) -> None:
        """Wait until no other dispatcher runs."""
        while not stop.is_set():
            row = self.connection.execute(ONE_AT_A_TIME).fetchone()
            if row is not None and row[0]:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)

    def _next(self) -> Batch:
        with look(self.connection) as reading:
            build = int(reading.table(owed.NAME).rpartition("_")[2])
            row = self.connection.execute(POSITION, [NAME, build]).fetchone()
            position = int(row[0]) if row else 0
            rows = owed.changed_since(reading, position, BATCH)
            until = reading.freshness(owed.NAME).as_of
        return Batch(build, position, rows, rows[-1].changed if len(rows) == BATCH else until)

    def _store(self, batch: Batch) -> None:
        self.connection.execute(STORE, [NAME, batch.build, batch.until])
        if batch.position == 0:
            self.connection.execute(FORGET_OTHERS, [NAME, batch.build])

    async def _nudge(self, row: Owed) -> None:
        if workflow_of(row.stream) is None:
            return
        try:
            if row.next_due is None:
                await wake(self.client, row.stream, row.version)
            else:
                await start_or_wake(
                    self.client, row.stream, row.version, task_queue=self.task_queue
                )
        except RPCError as error:
            if error.status != RPCStatusCode.INVALID_ARGUMENT:
                raise
            log.error("dispatcher.refused", stream=row.stream)
