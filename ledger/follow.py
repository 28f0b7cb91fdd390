"""Following the log: threads that keep followers at its head, and a way to catch one up.

An append's notification wakes them; a poll backs it up, so a lost one costs half a second.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
import structlog

from ledger.database import CHANNEL, connect, is_loss
from ledger.ledger import Ledger
from ledger.log import read_head
from ledger.pursuit import MOVED, Apply, Follower, Pursuit, Stopped, Superseded

__all__ = ["Apply", "Follower", "Stopped", "catch_up", "follow"]

POLL: Final = 0.5
"""Seconds after which a follower looks without having been woken."""

_AFTER_LOSS: Final = 0.5
_log = structlog.get_logger("ledger.follow")


def follow(
    ledger: Ledger,
    followers: Sequence[Follower] | Callable[[], Sequence[Follower]],
    stop: threading.Event,
) -> None:
    """Follow until ``stop`` is set. Where another process follows as one of these, wait for it.

    Given as a function, the followers are asked for again when readers change to another build.
    """
    bells: dict[tuple[str, int], tuple[Follower, threading.Event]] = {}
    threads: dict[tuple[str, int], threading.Thread] = {}
    listener = threading.Thread(
        target=_listen, args=(ledger.url, bells, stop), name="evercase listener", daemon=True
    )
    listener.start()
    while not stop.is_set():
        for follower in _wanted(followers):
            key = (follower.name, follower.build)
            if key not in threads or not threads[key].is_alive():
                bell = threading.Event()
                bells[key] = (follower, bell)
                threads[key] = threading.Thread(
                    target=_pursue,
                    args=(ledger.url, follower, bell, stop),
                    name=f"follower {follower.name}",
                    daemon=True,
                )
                threads[key].start()
        stop.wait(POLL)
    for _, bell in list(bells.values()):
        bell.set()
    for thread in (*threads.values(), listener):
        thread.join()


def _wanted(
    followers: Sequence[Follower] | Callable[[], Sequence[Follower]],
) -> Sequence[Follower]:
    if not callable(followers):
        return followers
    try:
        return followers()
    except Exception as error:
        if not is_loss(error):
            raise
        _log.warning("lost the log", error=type(error).__name__)
        return []


def catch_up(
    ledger: Ledger,
    follower: Follower,
    progress: Callable[[int, int], None] = lambda _done, _head: None,
    stop: threading.Event | None = None,
) -> int:
    """Take everything up to the head as it is when we get there; the position reached.

    ``progress(position, head)`` is told after each batch. Raises Stopped.
    """
    stop = stop or threading.Event()
    with contextlib.closing(connect(ledger.url, f"follower {follower.name}")) as connection:
        while not Pursuit.lock(connection, follower):
            if stop.wait(POLL / 10):
                return 0
        pursuit = Pursuit(connection, follower, stop, beside=True)
        while pursuit.step() and not stop.is_set():
            progress(pursuit.position(), read_head(connection))
        return pursuit.position()


def _pursue(url: str, follower: Follower, bell: threading.Event, stop: threading.Event) -> None:
    """Keep one follower at the head, over lost connections and faults, until told to stop."""
    while not stop.is_set():
        try:
            with contextlib.closing(connect(url, f"follower {follower.name}")) as connection:
                if not Pursuit.lock(connection, follower):
                    stop.wait(POLL)
                    continue
                _stay_at_head(Pursuit(connection, follower, stop), bell, stop)
        except Superseded:
            return
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            _log.warning("lost the log", follower=follower.name, error=type(error).__name__)
            stop.wait(_AFTER_LOSS)
        except Exception as error:
            _log.error("follower failed", follower=follower.name, error=type(error).__name__)
            stop.wait(_AFTER_LOSS)


def _stay_at_head(pursuit: Pursuit, bell: threading.Event, stop: threading.Event) -> None:
    while not stop.is_set():
        bell.clear()
        try:
            moved = pursuit.step()
        except Stopped:
            # It stands still, and says so, until somebody asks for another try.
            moved = 0
        if not moved:
            bell.wait(POLL)


def _listen(
    url: str, bells: dict[tuple[str, int], tuple[Follower, threading.Event]], stop: threading.Event
) -> None:
    """Ring the bells: of all at an append, of those behind a follower when it has moved."""
    while not stop.is_set():
        try:
            with contextlib.closing(connect(url, "listener")) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                connection.execute(f"LISTEN {MOVED}")
                while not stop.is_set():
                    for notice in connection.notifies(timeout=POLL, stop_after=1):
                        for follower, bell in list(bells.values()):
                            if notice.channel == CHANNEL or notice.payload in follower.behind:
                                bell.set()
        except psycopg.Error as error:
            _log.warning("lost the log", follower="listener", error=type(error).__name__)
            stop.wait(_AFTER_LOSS)
