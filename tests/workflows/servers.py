"""Cases of the small rule book on a development server: owed rows, dispatcher and worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from small_rules import OpenSmall, small
from stories import PERSON, Post, words
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.decider import Perform
from ledger.database import connect as connect_database
from ledger.follow import catch_up
from projections import owed
from projections.build import follower, live, stand
from projections.reading import look
from workflows.activities import Activities, command_id
from workflows.client import connect
from workflows.dispatch import Dispatcher
from workflows.hosting import THREADS, worker
from workflows.repair import Repair

RULES = {"complaint": small}
DAY = timedelta(days=1)


@dataclass
class House:
    """``queue`` is of this test alone, so that tests share a server."""

    ledger: object
    client: Client
    queue: str
    dispatcher: Dispatcher
    repair: Repair
    post: Post

    def opens(self, stream: str | None = None, **after: timedelta) -> str:
        """A new case; due moments count from now and may be negative."""
        stream = stream or f"complaint-{uuid4()}"
        now = datetime.now(UTC)
        moments = {f"{name}_at": now + span for name, span in after.items()}
        self.handle(stream, OpenSmall, stream=stream, at=now, **moments)
        return stream

    def handle(self, case: str, command, **fields) -> None:
        fields = {"at": datetime.now(UTC), "command_id": uuid4()} | fields
        self.ledger.handle(small, case, command(actor=PERSON, **fields))

    def ends(self, stream: str) -> None:
        """Do everything the case owes, by hand."""
        while owed_now := small.agenda(self.ledger.fold(small, stream).state):
            due = owed_now[0]
            self.handle(
                stream, Perform, command_id=command_id(due.key), key=due.key, at=due.at + DAY
            )

    def fold(self) -> None:
        fold_owed(self.ledger)

    async def dispatches(self) -> int:
        """Fold what was stored and nudge once; how many rows were worth it."""
        await asyncio.to_thread(self.fold)
        return await self.dispatcher.dispatch()

    async def status(self, stream: str) -> WorkflowExecutionStatus | None:
        """None where no workflow was ever started for the stream."""
        try:
            return (await self.client.get_workflow_handle(stream).describe()).status
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def completes(self, stream: str) -> None:
        await asyncio.wait_for(self.client.get_workflow_handle(stream).result(), 60)

    def told(self, stream: str) -> list[str]:
        return [type(recorded.event).__name__ for recorded in self.ledger.history(stream)]


def fold_owed(ledger) -> None:
    """Bring the live build of the owed rows to the head."""
    projection = owed.projection(ledger, RULES)
    with ledger.reading() as connection:
        stand(connection, projection)
        build = live(connection, owed.NAME)
    catch_up(ledger, follower(projection, build))


def rows(ledger) -> dict[str, owed.Owed]:
    """By stream."""
    with ledger.reading() as connection, look(connection) as reading:
        found = reading.rows(
            owed.Owed, owed.NAME, "SELECT stream, version, next_due, changed FROM {table}"
        )
    return {row.stream: row for row in found}


@asynccontextmanager
async def house(
    ledger,
    address: str,
    *,
    working: bool = True,
    key: bytes | None = None,
    activities: type[Activities] = Activities,
) -> AsyncIterator[House]:
    """Dispatcher and sweep; with a worker unless not ``working``."""
    client = await connect(address, key=key)
    queue = f"test-{uuid4()}"
    post = Post()
    repair = Repair(client, ledger.reading, task_queue=queue)
    with closing(connect_database(ledger.url, "dispatcher")) as connection:
        dispatcher = Dispatcher(client, connection, queue)
        built = House(ledger, client, queue, dispatcher, repair, post)
        if not working:
            yield built
            return
        with ThreadPoolExecutor(THREADS) as threads:
            acts = activities(ledger, RULES, words, post)
            async with worker(client, acts, repair, threads, queue):
                yield built
