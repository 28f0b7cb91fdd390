"""How much the dispatcher adds to the calls it makes.

The reference is bare signal-with-start of the same workflow over the same cases, with the same
number of calls in flight. A worker in a process of its own drives whatever is started, in both.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final, Protocol

import psutil
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy

from benchmarks.house import MASTER_KEY, life, lodge
from benchmarks.measure import Measure, of_rounds
from domain.decider import Due, Words
from domain.personal import Personal
from domain.rulebooks import RULEBOOKS, rulebook
from ledger import Ledger
from ledger.database import connect as connect_database
from ledger.follow import catch_up
from projections import owed
from projections.build import follower, live, stand
from workers.events import know_all_events
from workflows.activities import Activities
from workflows.client import connect
from workflows.complaint import HandleComplaint
from workflows.dispatch import Dispatcher
from workflows.hosting import THREADS, worker
from workflows.mail import MailServer
from workflows.messages import NUDGE, Nudge, Watch
from workflows.nudge import TASK_QUEUE, in_flight
from workflows.repair import Repair

ROUNDS: Final = 3
CASES: Final = 400
BUSY_CASES: Final = 100
WARM_UP: Final = 50
IN_FLIGHT: Final = 32
OPEN_CASES: Final = 5_000
BATCH: Final = 500


class Place(Protocol):
    """A database that nobody else uses, and a Temporal server."""

    @property
    def app_url(self) -> str: ...

    @property
    def temporal(self) -> str: ...


def measure(place: Place) -> list[Measure]:
    """Calls per second of the dispatcher beside bare ones; events that one nudge stands for."""
    with Ledger(place.app_url, master_key=MASTER_KEY) as ledger, _working(place) as worker:
        return asyncio.run(_measure(place, ledger, worker))


async def _measure(place: Place, ledger: Ledger, worker: psutil.Process) -> list[Measure]:
    client = await connect(place.temporal)
    with closing(connect_database(place.app_url, "bench dispatcher")) as connection:
        dispatcher = Dispatcher(client, connection, most=IN_FLIGHT)
        bench = Bench(ledger, client, dispatcher)
        await bench.round(WARM_UP, ours_first=True)
        few = Load.of(worker)
        pairs = [await bench.round(CASES, ours_first=n % 2 == 0) for n in range(ROUNDS)]
        return [
            of_rounds("dispatcher, calls/s over distinct cases / bare calls", pairs, 0.8),
            await _merged(ledger, dispatcher),
            *await bench.many_open(worker, few),
        ]


@dataclass(frozen=True)
class Load:
    """What a process takes: memory in MiB, and threads."""

    mebibytes: float
    threads: int

    @classmethod
    def of(cls, process: psutil.Process) -> Load:
        return cls(process.memory_info().rss / 2**20, process.num_threads())


@dataclass(frozen=True)
class Bench:
    ledger: Ledger
    client: Client
    dispatcher: Dispatcher

    async def round(self, cases: int, *, ours_first: bool) -> tuple[float, float]:
        """Calls per second over new cases: by the dispatcher, and bare."""
        streams = _lodge(self.ledger, cases)
        if ours_first:
            return await self._ours(streams), await self._bare(streams)
        reference = await self._bare(streams)
        return await self._ours(streams), reference

    async def many_open(self, worker: psutil.Process, few: Load) -> list[Measure]:
        """The worker's memory and threads while thousands of cases wait, beside a few."""
        open_already = WARM_UP * 2 + CASES * 2 * ROUNDS + BUSY_CASES
        for _ in range(max(0, OPEN_CASES - open_already) // BATCH):
            await self._ours(_lodge(self.ledger, BATCH))
        many = Load.of(worker)
        at = f"at {OPEN_CASES:,} open cases / at {WARM_UP * 2}"
        return [
            Measure(f"worker, MiB {at}", many.mebibytes, few.mebibytes,
                    many.mebibytes / few.mebibytes, None, "lower"),
            Measure(f"worker, threads {at}", many.threads, few.threads,
                    many.threads / few.threads, None, "lower"),
        ]  # fmt: skip

    async def _ours(self, streams: Sequence[str]) -> float:
        began = perf_counter()
        nudged = await self.dispatcher.dispatch()
        seconds = perf_counter() - began
        if nudged != len(streams):
            raise RuntimeError(f"{nudged} of {len(streams)} cases were nudged")
        await _settled(self.client, streams)
        return nudged / seconds

    async def _bare(self, streams: Sequence[str]) -> float:
        async def call(stream: str) -> None:
            await self.client.start_workflow(
                HandleComplaint.run,
                Watch(stream=stream),
                id=bare(stream),
                task_queue=TASK_QUEUE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal=NUDGE,
                start_signal_args=[Nudge(version=1)],
            )

        began = perf_counter()
        await in_flight(streams, call, IN_FLIGHT)
        seconds = perf_counter() - began
        await _settled(self.client, [bare(stream) for stream in streams])
        return len(streams) / seconds


def bare(stream: str) -> str:
    """The id of a second workflow over the same case."""
    return f"bare-{stream}"


async def _merged(ledger: Ledger, dispatcher: Dispatcher) -> Measure:
    """Cases that moved often since the last batch; the ratio is how many events a call covers."""
    before = ledger.head()
    _lodge(ledger, BUSY_CASES, lively=True)
    events = ledger.head() - before
    began = perf_counter()
    calls = await dispatcher.dispatch()
    seconds = perf_counter() - began
    name = "dispatcher, events/s merged / calls/s"
    return Measure(name, events / seconds, calls / seconds, events / calls, None)


def _lodge(ledger: Ledger, cases: int, *, lively: bool = False) -> list[str]:
    """New cases received now, so that nothing is due yet, and their owed rows."""
    now = datetime.now(UTC)
    waiting = []
    streams = []
    for number in range(cases):
        stream, command = lodge(number)
        streams.append(stream)
        for wish in (command, *(life(number) if lively else ())):
            today = wish.model_copy(update={"at": now})
            waiting.append(ledger.submit(rulebook(stream), stream, today))
    for each in waiting:
        each.result()
    projection = owed.projection(ledger, RULEBOOKS)
    with ledger.reading() as connection:
        stand(connection, projection)
        build = live(connection, owed.NAME)
    catch_up(ledger, follower(projection, build))
    return streams


async def _settled(client: Client, ids: Sequence[str]) -> None:
    """Wait until the worker has read the agenda of the last ones and sleeps."""
    for each in ids[-IN_FLIGHT:]:
        while True:
            run = await client.get_workflow_handle(each).describe()
            if run.status != WorkflowExecutionStatus.RUNNING:
                raise RuntimeError("a case that owes ended")
            if run.raw_description.pending_activities or run.history_length < SLEEPING:
                await asyncio.sleep(0.01)
                continue
            break


SLEEPING: Final = 11
"""Events of a history that has come to its first timer."""


@contextmanager
def _working(place: Place) -> Iterator[psutil.Process]:
    process = multiprocessing.get_context("spawn").Process(
        target=_work, args=(place.app_url, place.temporal), daemon=True
    )
    process.start()
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.join()


def _work(app_url: str, address: str) -> None:
    know_all_events()
    with Ledger(app_url, master_key=MASTER_KEY) as ledger, ThreadPoolExecutor(THREADS) as threads:
        asyncio.run(_serve(ledger, address, threads))


async def _serve(ledger: Ledger, address: str, threads: ThreadPoolExecutor) -> None:
    client = await connect(address)
    nobody = MailServer("127.0.0.1", 1, "nobody@bench.example")
    activities = Activities(ledger, RULEBOOKS, _no_words, nobody)
    async with worker(client, activities, Repair(client, ledger.reading), threads):
        await asyncio.Event().wait()


def _no_words(_state: Any, _due: Due) -> tuple[Words | None, Personal | None]:
    return None, None
