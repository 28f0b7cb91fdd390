"""Followers: everything once, in order, whatever breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from small_book import BookNoted, Close, Note, book, new_stream, wish

from domain.event import Event, Recorded
from ledger import Ledger
from ledger.database import Connection
from ledger.follow import Follower, Stopped, catch_up, follow

TABLE = "CREATE TABLE read.seen (position bigint, line text)"


def keep(connection: Connection, events: Sequence[Recorded[Event]]) -> None:
    for each in events:
        line = each.event.line if isinstance(each.event, BookNoted) else ""
        if line == "poison":
            raise ZeroDivisionError("poison")
        connection.execute("INSERT INTO read.seen VALUES (%s, %s)", (each.position, line))


@pytest.fixture
def seen(ledger: Ledger) -> Callable[[], list[int]]:
    with ledger.reading() as connection:
        connection.execute(TABLE)

    def positions() -> list[int]:
        with ledger.reading() as connection:
            rows = connection.execute("SELECT position FROM read.seen ORDER BY ctid").fetchall()
        return [row[0] for row in rows]

    return positions


@contextmanager
def following(ledger: Ledger, *followers: Follower) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(ledger, followers, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wait_for(fact: Callable[[], bool]) -> None:
    """Until it is so; the test's own time limit is the last resort."""
    pause = threading.Event()
    while not fact():
        pause.wait(0.01)


def note(ledger: Ledger, line: str = "a line", times: int = 1) -> None:
    ledger.handle(book, new_stream(), Note(**wish(), line=line, times=times))


def test_batch_and_position_move_together(ledger: Ledger, seen: Callable[[], list[int]]) -> None:
    note(ledger, times=7)
    told: list[tuple[int, int]] = []
    follower = Follower("seen", 1, keep, batch=3)
    assert catch_up(ledger, follower, lambda *now: told.append(now)) == 7
    assert told == [(3, 7), (6, 7), (7, 7)]
    assert seen() == [1, 2, 3, 4, 5, 6, 7]
    assert catch_up(ledger, follower) == 7
    assert seen() == [1, 2, 3, 4, 5, 6, 7]


def test_an_append_wakes_it(ledger: Ledger, seen: Callable[[], list[int]]) -> None:
    with following(ledger, Follower("seen", 1, keep)):
        for count in range(1, 6):
            note(ledger)
            wait_for(lambda count=count: len(seen()) == count)
    assert seen() == [1, 2, 3, 4, 5]


def test_only_its_types_but_the_position_of_all(
    ledger: Ledger, seen: Callable[[], list[int]]
) -> None:
    stream = new_stream()
    ledger.handle(book, stream, Note(**wish()))
    ledger.handle(book, stream, Close(**wish()))
    note(ledger)
    follower = Follower("seen", 1, keep, types=frozenset({"BookClosed"}))
    assert catch_up(ledger, follower) == 3
    assert seen() == [2]


def test_a_poisoned_event_stops_it_just_before(
    ledger: Ledger, seen: Callable[[], list[int]]
) -> None:
    note(ledger, times=5)
    note(ledger, line="poison")
    note(ledger, times=3)
    with pytest.raises(Stopped) as stopped:
        catch_up(ledger, Follower("seen", 1, keep))
    assert (stopped.value.position, stopped.value.error) == (6, "ZeroDivisionError")
    assert seen() == [1, 2, 3, 4, 5]
    (progress,) = ledger.positions()
    assert (progress.position, progress.stopped_by) == (5, "ZeroDivisionError")
    ledger.retry("seen")
    heal = Follower("seen", 1, lambda c, events: keep(c, [e for e in events if e.position != 6]))
    assert catch_up(ledger, heal) == 9


def test_a_poisoned_event_is_parked_and_can_be_tried_again(
    ledger: Ledger, seen: Callable[[], list[int]]
) -> None:
    poison = threading.Event()
    poison.set()

    def apply(connection: Connection, events: Sequence[Recorded[Event]]) -> None:
        for each in events:
            if each.position == 6 and poison.is_set():
                raise ZeroDivisionError
            keep(connection, [each])

    note(ledger, times=9)
    with following(ledger, Follower("seen", 1, apply, on_error="park")):
        wait_for(lambda: len(seen()) == 8)
        (parked,) = ledger.parked()
        assert (parked.name, parked.position, parked.error) == ("seen", 6, "ZeroDivisionError")
        ledger.retry()
        wait_for(lambda: not ledger.parked()[0].retry)
        poison.clear()
        assert ledger.retry("seen") == 1
        wait_for(lambda: not ledger.parked())
    assert seen() == [1, 2, 3, 4, 5, 7, 8, 9, 6]


def test_two_processes_that_follow_as_one_take_everything_once(
    ledger: Ledger, seen: Callable[[], list[int]]
) -> None:
    follower = Follower("seen", 1, keep)
    with following(ledger, follower), following(ledger, follower):
        for _ in range(20):
            note(ledger)
        wait_for(lambda: len(seen()) == 20)
    assert seen() == list(range(1, 21))


def test_one_behind_another_never_passes_it(ledger: Ledger, seen: Callable[[], list[int]]) -> None:
    ahead: list[int] = []

    def after(connection: Connection, events: Sequence[Recorded[Event]]) -> None:
        row = connection.execute(
            "SELECT position FROM read.position WHERE name = 'seen'"
        ).fetchone()
        assert row is not None
        ahead.extend(row[0] - each.position for each in events)

    with ledger.reading() as connection:
        connection.execute("INSERT INTO read.live VALUES ('seen', 1)")
    second = Follower("after", 1, after, behind=("seen",))
    assert catch_up(ledger, second) == 0
    with following(ledger, Follower("seen", 1, keep, batch=2), second):
        note(ledger, times=25)
        wait_for(lambda: len(ahead) == 25)
    assert min(ahead) >= 0


def test_a_superseded_build_ends_and_the_new_one_begins(
    ledger: Ledger, seen: Callable[[], list[int]]
) -> None:
    build = [1]
    stop = threading.Event()
    thread = threading.Thread(
        target=follow, args=(ledger, lambda: [Follower("seen", build[0], keep)], stop)
    )
    thread.start()
    note(ledger)
    wait_for(lambda: seen() == [1])
    with ledger.reading() as connection:
        connection.execute("INSERT INTO read.live VALUES ('seen', 1)")
    assert catch_up(ledger, Follower("seen", 2, lambda _c, _e: None)) == 1
    build[0] = 2
    with ledger.reading() as connection:
        connection.execute("UPDATE read.live SET build = 2")
    note(ledger)
    wait_for(lambda: seen() == [1, 2])
    stop.set()
    thread.join()
    live = {(each.build, each.live) for each in ledger.positions()}
    assert live == {(1, False), (2, True)}


def test_killed_backends_are_survived(
    ledger: Ledger, database: Any, seen: Callable[[], list[int]]
) -> None:
    with (
        following(ledger, Follower("seen", 1, keep, batch=5)),
        psycopg.connect(database.owner_url, autocommit=True) as attacker,
    ):
        for _ in range(5):
            note(ledger, times=10)
            attacker.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'evercase %%'"
                " AND datname = current_database()"
            )
        wait_for(lambda: ledger.head() == 50)
        wait_for(lambda: len(seen()) == 50)
    assert seen() == list(range(1, 51))
