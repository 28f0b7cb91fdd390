"""Repair by looking again: the sweep over what is overdue, and the resync of all that owes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from psycopg import Connection
from temporalio import activity
from temporalio.client import Client

from projections.owed import Owed, overdue, owing
from projections.reading import look
from workflows.messages import Swept
from workflows.nudge import TASK_QUEUE, in_flight, look_again, start_or_wake, workflow_of
from workflows.sweep import OVERDUE_BY

log = structlog.get_logger()

Nudger = Callable[..., Awaitable[None]]
PAGE = 1_000
MOST_PER_SWEEP = 5_000


@dataclass(frozen=True)
class Repair:
    """``connect`` opens a connection to the read models; ``most`` calls are in flight at a time."""

    client: Client
    connect: Callable[[], AbstractContextManager[Connection[Any]]]
    task_queue: str = TASK_QUEUE
    most: int = 32

    @activity.defn(name="sweep")
    async def sweep(self) -> Swept:
        """Nudge what has been due for more than five minutes."""
        rows = await asyncio.to_thread(self._overdue, datetime.now(UTC) - OVERDUE_BY)
        nudged = await self._each(rows, start_or_wake)
        if nudged:
            log.info("sweep.nudged", streams=nudged)
        return Swept(nudged=nudged)

    async def resync(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Nudge every stream that owes anything: what is lost in Temporal comes back.

        ``progress`` hears how many were nudged so far. Raises RPCError where Temporal is away.
        """
        nudged, last = 0, ""
        while rows := await asyncio.to_thread(self._owing, last):
            nudged, last = nudged + await self._each(rows, look_again), rows[-1].stream
            progress(nudged)
        return nudged

    def _overdue(self, since: datetime) -> list[Owed]:
        with self.connect() as connection, look(connection) as reading:
            return overdue(reading, since, MOST_PER_SWEEP)

    def _owing(self, after: str) -> list[Owed]:
        with self.connect() as connection, look(connection) as reading:
            return owing(reading, after, PAGE)

    async def _each(self, rows: Sequence[Owed], how: Nudger) -> int:
        async def nudge(row: Owed) -> None:
            await how(self.client, row.stream, row.version, task_queue=self.task_queue)

        return await in_flight([row for row in rows if workflow_of(row.stream)], nudge, self.most)
