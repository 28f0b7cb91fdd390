"""How fast commands become facts, beside the plainest insert and beside the library.

64 callers in one process, one event each, over 4,000 streams of 5 events; fsync on.
"""

from __future__ import annotations

import itertools
import os
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final, Protocol
from uuid import uuid4

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.measure import Measure, of_rounds
from domain.decider import Decider
from domain.event import Actor, Command, Event, Frozen
from ledger import Ledger

CALLERS: Final = 64
STREAMS: Final = 4_000
EVENTS: Final = 5
THREADS: Final = 8
ROUNDS: Final = 3
_PAGE: Final = 1_000
MASTER_KEY: Final = bytes(range(32))
AT: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ACTOR: Final = Actor(kind="staff", id="staff-0190e3b0", role="agent")
TEXTS: Final = {"step": "x" * 80, "words": "y" * 60, "code": "z" * 40, "more": "w" * 60}


class Urls(Protocol):
    """A database that nobody else uses, as ``evercase_app`` reaches it."""

    @property
    def app_url(self) -> str: ...


class BenchStepped(Event, type="BenchStepped"):
    step: str
    words: str
    code: str
    more: str
    count: int


class Step(Command):
    count: int


class Steps(Frozen):
    count: int = 0
    last: str = ""


def _decide(command: Step, _state: Steps) -> list[BenchStepped]:
    return [BenchStepped(at=command.at, count=command.count, **TEXTS)]


def _evolve(state: Steps, stepped: BenchStepped) -> Steps:
    return Steps(count=state.count + stepped.count, last=stepped.step)


stepping: Final = Decider(name="bench", initial=Steps(), decide=_decide, evolve=_evolve)


def measure(database: Urls, seconds: float = 5.0) -> list[Measure]:
    """Three rounds of each, side by side; ``seconds`` is the length of one."""
    warm: list[tuple[float, float]] = []
    cold: list[tuple[float, float]] = []
    library: list[tuple[float, float]] = []
    _prepare_raw(database.app_url)
    for number in range(ROUNDS):
        raw = _raw(database.app_url, seconds, number)
        with Ledger(database.app_url, master_key=MASTER_KEY) as ledger:
            streams = _fill(ledger, f"warm{number}")
            ours = _handle(ledger, streams, seconds)
        with Ledger(database.app_url, master_key=MASTER_KEY) as ledger:
            streams = _fill(ledger, f"cold{number}")
        with Ledger(database.app_url, master_key=MASTER_KEY, cached=0) as ledger:
            without_folds = _handle(ledger, streams, seconds)
        saves = _library(database.app_url, seconds)
        warm.append((ours, raw))
        cold.append((without_folds, raw))
        library.append((ours, saves))
    return [
        of_rounds("commands, warm folds / raw insert", warm, 0.8),
        of_rounds("commands, cold folds / raw insert", cold, 0.4),
        of_rounds("commands, warm folds / library save", library, 5.0),
    ]


def _during(seconds: float, threads: int, work: Callable[[int], Callable[[], None]]) -> float:
    """How often per second ``threads`` callers together do what ``work(number)`` gives them."""
    done = [0] * threads
    ready = threading.Barrier(threads + 1)
    over = threading.Event()

    def run(number: int) -> None:
        act = work(number)
        ready.wait()
        while not over.is_set():
            act()
            done[number] += 1

    callers = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for caller in callers:
        caller.start()
    ready.wait()
    started = perf_counter()
    over.wait(seconds)
    over.set()
    counted, took = sum(done), perf_counter() - started
    for caller in callers:
        caller.join()
    return counted / took


def _fill(ledger: Ledger, name: str) -> list[str]:
    streams = [f"bench-{name}-{number}" for number in range(STREAMS)]
    for _ in range(EVENTS):
        for first in range(0, STREAMS, _PAGE):
            page = streams[first : first + _PAGE]
            waiting = [ledger.submit(stepping, stream, _step()) for stream in page]
            for each in waiting:
                each.result()
    return streams


def _step() -> Step:
    return Step(command_id=uuid4(), at=AT, actor=ACTOR, count=1)


def _handle(ledger: Ledger, streams: list[str], seconds: float) -> float:
    def work(number: int) -> Callable[[], None]:
        choose = random.Random(number)
        return lambda: _discard(ledger.handle(stepping, choose.choice(streams), _step()))

    return _during(seconds, CALLERS, work)


def _discard(_: object) -> None:
    """The receipt is not looked at."""


# --- the references ---------------------------------------------------------------------------

_COLUMNS: Final = (
    "position, stream, version, type, schema, occurred_at, recorded_at, command_id, meta, body"
)


def _prepare_raw(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE read.raw (LIKE ledger.event INCLUDING ALL)")


def _raw(url: str, seconds: float, number: int) -> float:
    """One autocommit prepared INSERT a row, same columns and indexes, on eight connections."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE read.raw")
    positions = itertools.count(1)
    meta = '{"actor":{"kind":"staff","id":"staff-0190e3b0","role":"agent"}}'
    body = BenchStepped(at=AT, count=1, **TEXTS).model_dump_json(exclude={"at"})

    def work(caller: int) -> Callable[[], None]:
        connection = psycopg.connect(url, autocommit=True)
        versions = itertools.count(1)

        def insert() -> None:
            version = next(versions)
            connection.execute(
                f"INSERT INTO read.raw ({_COLUMNS})"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (
                    next(positions),
                    f"bench-{number}-{caller}-{version % (STREAMS // THREADS)}",
                    version,
                    "BenchStepped",
                    1,
                    AT,
                    AT,
                    uuid4(),
                    meta,
                    body,
                ),
                prepare=True,
            )

        return insert

    return _during(seconds, THREADS, work)


class _Stepper(Aggregate):
    """The same event as the library would have it."""

    @event("Begun")
    def __init__(self) -> None:
        self.count = 0
        self.last = ""

    @event("Stepped")
    def step(self, step: str, words: str, code: str, more: str, count: int) -> None:
        self.count += count
        self.last = step


def _library(url: str, seconds: float) -> float:
    """The library's default ``Application.save`` of one new event, on eight threads."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    application: Application[Any] = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts["dbname"]),
            "POSTGRES_HOST": str(parts.get("host", "")),
            "POSTGRES_PORT": str(parts.get("port", "5432")),
            "POSTGRES_USER": str(parts["user"]),
            "POSTGRES_PASSWORD": str(parts.get("password", "")) or os.environ["PGPASSWORD"],
            "POSTGRES_SCHEMA": "read",
            "POSTGRES_POOL_SIZE": str(THREADS),
        }
    )

    def work(_: int) -> Callable[[], None]:
        aggregates = [_Stepper() for _ in range(10)]
        turn = itertools.cycle(aggregates)

        def save() -> None:
            aggregate = next(turn)
            aggregate.step(**TEXTS, count=1)
            application.save(aggregate)

        return save

    try:
        return _during(seconds, THREADS, work)
    finally:
        application.close()
