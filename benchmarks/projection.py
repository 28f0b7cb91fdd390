"""How fast the queue follows the log.

The reference of catching up is the library's ``ProjectionRunner`` over the same events in the
library's own table: same decoding, same fold, same upsert, an event and its tracking a transaction.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Sequence
from contextlib import closing
from statistics import median, quantiles
from time import monotonic, perf_counter
from typing import Any, Final, Protocol

from benchmarks.house import MASTER_KEY, live_cases, lodge
from benchmarks.library_runner import Library
from benchmarks.measure import Measure, of_rounds
from domain.rulebooks import rulebook
from ledger import Ledger
from ledger.database import Connection, connect
from ledger.follow import catch_up, follow
from projections import queue
from projections.build import as_reader, create, follower
from projections.rebuild import rebuild
from projections.registry import followers, prepare

ROUNDS: Final = 3
FEW: Final = 200
SOME: Final = 2_000
SECONDS: Final = 4.0
A_SECOND: Final = 50
WATCHED: Final = 400
"""Commands whose way to the queue is timed."""


class Urls(Protocol):
    """A database that nobody else uses, as ``evercase_app`` reaches it."""

    @property
    def app_url(self) -> str: ...


def measure(database: Urls) -> list[Measure]:
    """Catching up and rebuilding beside the library, commit to visible."""
    with (
        Ledger(database.app_url, master_key=MASTER_KEY) as ledger,
        closing(connect(database.app_url, "bench")) as connection,
    ):
        prepare(ledger)
        live_cases(ledger, range(FEW))
        visible = _visible(ledger, connection)
        live_cases(ledger, range(FEW, SOME))
        return [*_catching_up(ledger, connection), *visible]


# --- catching up ------------------------------------------------------------------------------


def _catching_up(ledger: Ledger, connection: Connection) -> list[Measure]:
    """Events per second from an empty table to the head of the log."""
    events = ledger.head()
    library = Library(connection, ledger.url, queue.PROJECTION, _empty_build(connection))
    followed, rebuilt = [], []
    for _ in range(ROUNDS):
        reference = library.rate(SECONDS)
        build = _empty_build(connection)
        started = perf_counter()
        catch_up(ledger, follower(queue.PROJECTION, build))
        followed.append((events / (perf_counter() - started), reference))
        rebuilt.append((events / rebuild(ledger, queue.PROJECTION).seconds, reference))
    return [
        of_rounds("catching up, events/s / ProjectionRunner", followed, 15.0),
        of_rounds("rebuild, events/s / ProjectionRunner", rebuilt, 15.0),
    ]


def _empty_build(connection: Connection) -> int:
    with connection.transaction():
        as_reader(connection)
        return create(connection, queue.PROJECTION)


# --- commit to visible ------------------------------------------------------------------------


def _visible(ledger: Ledger, connection: Connection) -> list[Measure]:
    """From the commit of a command until a reader of the queue sees it; all followers at work."""
    for each in followers(ledger):
        catch_up(ledger, each)
    spawn = multiprocessing.get_context("spawn")
    over = spawn.Event()
    projector = spawn.Process(target=_project, args=(ledger.url, over), daemon=True)
    projector.start()
    try:
        _seen_after(ledger, connection, A_SECOND)
        lags, took = _seen_after(ledger, connection, WATCHED)
    finally:
        over.set()
        projector.join()
    cuts, command = quantiles(lags, n=100), median(took)
    return [
        Measure(f"commit to visible {name}, ms / a command", lag, command, lag / command, None,
                "lower")
        for name, lag in (("p50", cuts[49]), ("p99", cuts[98]))
    ]  # fmt: skip


def _project(url: str, over: Any) -> None:
    """The projector, in a process of its own as in production."""
    stop = threading.Event()

    def end() -> None:
        over.wait()
        stop.set()

    threading.Thread(target=end, daemon=True).start()
    with Ledger(url, master_key=MASTER_KEY) as ledger:
        follow(ledger, lambda: followers(ledger), stop)


def _seen_after(
    ledger: Ledger, connection: Connection, commands: int
) -> tuple[list[float], list[float]]:
    """Milliseconds until each of so many commands was visible, and that each of them took."""
    stamps: list[tuple[float, int]] = []
    done = threading.Event()
    head = ledger.head()

    def watch() -> None:
        position = 0
        while not (done.is_set() and position >= committed[-1][1]):
            (position,) = connection.execute(
                "SELECT position FROM read.live JOIN read.position USING (name, build)"
                " WHERE name = 'queue'"
            ).fetchone() or (0,)
            if not stamps or position > stamps[-1][1]:
                stamps.append((monotonic(), position))
            done.wait(0.001)

    committed: list[tuple[float, int]] = []
    took: list[float] = []
    watcher = threading.Thread(target=watch)
    watcher.start()
    began = monotonic()
    for number in range(commands):
        due = began + number / A_SECOND
        threading.Event().wait(max(0.0, due - monotonic()))
        stream, command = lodge(head + number)
        started = monotonic()
        receipt = ledger.handle(rulebook(stream), stream, command)
        took.append(1_000 * (monotonic() - started))
        committed.append((monotonic(), receipt.last or 0))
    done.set()
    watcher.join()
    return [_first(stamps, position) - 1_000 * at for at, position in committed], took


def _first(stamps: Sequence[tuple[float, int]], position: int) -> float:
    """When the queue had folded the event, in milliseconds."""
    return 1_000 * next(at for at, reached in stamps if reached >= position)
