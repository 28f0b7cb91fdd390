"""The dispatcher: whatever moved in the owed rows is nudged, each stream once for all it moved.

It follows behind the owed projection and keeps its own position; a crash between nudging and
storing it only nudges again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from psycopg import Connection
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from projections import owed
from projections.owed import Owed
from projections.reading import look
from workflows.nudge import TASK_QUEUE, in_flight, start_or_wake, wake, workflow_of

log = structlog.get_logger()

POSITION_TABLE: Final = """
CREATE TABLE IF NOT EXISTS read.dispatched (build text PRIMARY KEY, position bigint NOT NULL)
"""
POSITION: Final = "SELECT position FROM read.dispatched WHERE build = %s"
STORE: Final = """
INSERT INTO read.dispatched VALUES (%s, %s)
    ON CONFLICT (build) DO UPDATE SET position = excluded.position
"""
ONE_AT_A_TIME: Final = "SELECT pg_try_advisory_lock(hashtext('evercase dispatcher'))"

BATCH: Final = 1_000
IDLE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 15.0


@dataclass
class Dispatcher:
    """Over one connection (autocommit) to the read models; ``most`` calls are in flight."""

    client: Client
    connection: Connection[Any]
    task_queue: str = TASK_QUEUE
    most: int = 32

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``. Waits while Temporal is away; raises psycopg's error without database."""
        await self._alone(stop)
        pause = IDLE_SECONDS
        while not stop.is_set():
            try:
                sent = await self.dispatch()
            except RPCError as error:
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                log.warning("dispatcher.waits", status=error.status.name, seconds=pause)
            else:
                pause = IDLE_SECONDS
                if sent:
                    continue
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def dispatch(self) -> int:
        """Nudge one batch and store the position after it. Answers how many rows it held."""
        build, rows = await asyncio.to_thread(self._next)
        if rows:
            await in_flight(rows, self._nudge, self.most)
            await asyncio.to_thread(self.connection.execute, STORE, [build, rows[-1].changed])
        return len(rows)

    async def _alone(self, stop: asyncio.Event) -> None:
        """Wait until no other dispatcher runs."""
        while not stop.is_set():
            row = self.connection.execute(ONE_AT_A_TIME).fetchone()
            if row is not None and row[0]:
                self.connection.execute(POSITION_TABLE)
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)

    def _next(self) -> tuple[str, list[Owed]]:
        """The live build of the rows, and those that changed since this build was last nudged."""
        with look(self.connection) as reading:
            build = reading.table(owed.NAME)
            row = self.connection.execute(POSITION, [build]).fetchone()
            return build, owed.changed_since(reading, row[0] if row else 0, BATCH)

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
