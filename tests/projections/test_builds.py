"""Builds: readers read on while another one is filled, and never see an older moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from small_house import World, cases_of

from domain.complaint_facts import ComplaintLodged
from domain.event import Recorded
from ledger import Ledger
from ledger.database import Connection, connect
from ledger.follow import Stopped, catch_up, follow
from projections import queue
from projections.build import Projection, drop_retired, follower, live, stand
from projections.queue_page import Viewer, counts
from projections.reading import Reading, look, wait_for
from projections.rebuild import RebuildRunning, rebuild
from projections.registry import followers, prepare

Current = Callable[[], AbstractContextManager[Reading]]


@contextmanager
def following(ledger: Ledger) -> Iterator[None]:
    """The projector, as its process runs it."""
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(ledger, lambda: followers(ledger), stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def connection(ledger: Ledger) -> Iterator[Connection]:
    with closing(connect(ledger.url, "test")) as opened:
        yield opened


def tables(connection: Connection) -> set[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'read' AND tablename LIKE 'queue%'"
    ).fetchall()
    return {name for (name,) in rows}


def test_readers_read_on_through_a_rebuild(world: World, connection: Connection) -> None:
    """They see every case that stood before, at a position that only grows, on both builds."""
    ledger = world.ledger
    for _ in range(30):
        world.lodge()
    seen: list[tuple[int, int, str]] = []
    rebuilt, failed = threading.Event(), threading.Event()

    def read() -> None:
        viewer = Viewer(cases_of("ann"), world.at, world.at)
        with closing(connect(ledger.url, "reader")) as mine:
            while not rebuilt.is_set() or len({table for _, _, table in seen}) < 2:
                try:
                    with look(mine) as reading:
                        number = counts(reading, viewer)["all"].number
                        as_of = reading.freshness("queue").as_of
                        seen.append((as_of, number, reading.table("queue")))
                except psycopg.Error:
                    failed.set()
                    raise

    with following(ledger):
        wait_for(connection, "queue", ledger.head(), timeout=30)
        reader = threading.Thread(target=read)
        reader.start()
        for _ in range(2):
            world.lodge()
            done = rebuild(ledger, queue.PROJECTION)
        rebuilt.set()
        reader.join()
        last = world.lodge()
        freshness = wait_for(connection, "queue", ledger.head(), timeout=30)
    assert not failed.is_set()
    assert freshness.behind == 0
    assert done.build == 3
    assert [as_of for as_of, _, _ in seen] == sorted(as_of for as_of, _, _ in seen)
    assert [number for _, number, _ in seen] == sorted(number for _, number, _ in seen)
    assert seen[0][1] >= 30
    with look(connection) as reading:
        assert queue.case(reading, cases_of("ann"), last) is not None
        assert reading.table("queue") == "read.queue_3"


def test_a_replaced_build_stays_as_long_as_anybody_can_read_it(
    world: World, connection: Connection
) -> None:
    world.lodge()
    with look(connection) as reading:
        before = reading.table("queue")
        rebuild(world.ledger, queue.PROJECTION)
        with closing(connect(world.ledger.url, "sweeper")) as other:
            assert drop_retired(other) == []
        # The reader's snapshot is older than the swap: it goes on with the build it began with.
        assert reading.table("queue") == before
        assert reading.records("queue", "SELECT count(*) FROM {table}") == [(0,)]
    assert drop_retired(connection, after=0) == ["queue_1"]
    assert tables(connection) == {"queue_2"}
    with pytest.raises(LookupError), look(connection) as reading:
        reading.table("nothing")


def test_the_batch_and_its_position_commit_together(world: World, connection: Connection) -> None:
    """A fold that dies behind its last row leaves neither rows nor a position."""
    world.lodge()

    def dies(conn: psycopg.Connection[Any], table: str, batch: Sequence[Recorded[Any]]) -> None:
        queue.apply(conn, table, batch)
        raise psycopg.OperationalError("the server went away")

    with pytest.raises(psycopg.OperationalError):
        catch_up(world.ledger, follower(replace(queue.PROJECTION, fold=dies), 1))
    with look(connection) as reading:
        assert reading.freshness("queue").as_of == 0
        assert reading.freshness("queue").behind == world.ledger.head()
        assert reading.freshness("queue").lag_seconds > 0
        assert reading.records("queue", "SELECT count(*) FROM {table}") == [(0,)]
    catch_up(world.ledger, follower(queue.PROJECTION, 1))
    with look(connection) as reading:
        assert reading.freshness("queue").as_of == world.ledger.head()
        assert reading.freshness("queue").lag_seconds == 0
        assert reading.records("queue", "SELECT count(*) FROM {table}") == [(1,)]


def test_plans_are_made_for_the_table_as_it_has_become(
    world: World, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planner knows how many rows there are without waiting for autovacuum."""
    monkeypatch.setattr("projections.build.BATCH", 4)
    for _ in range(8):
        world.lodge()
    catch_up(world.ledger, follower(queue.PROJECTION, 1))
    (known,) = connection.execute(
        "SELECT reltuples FROM pg_class WHERE oid = 'read.queue_1'::regclass"
    ).fetchone() or (0,)
    assert known >= 4


def poisoned(stream: str, projection: Projection) -> Projection:
    """One that chokes on the lodging of this case."""

    def fold(conn: psycopg.Connection[Any], table: str, batch: Sequence[Recorded[Any]]) -> None:
        for recorded in batch:
            if recorded.stream == stream and isinstance(recorded.event, ComplaintLodged):
                raise ZeroDivisionError
        projection.fold(conn, table, [each for each in batch if each.stream != stream])

    return replace(projection, fold=fold)


def test_what_cannot_be_folded_is_parked_where_the_policy_says_so(
    world: World, connection: Connection
) -> None:
    good, bad = world.lodge(), world.lodge()
    later = world.lodge()
    for done in (
        lambda projection: catch_up(world.ledger, follower(projection, 1)),
        lambda projection: rebuild(world.ledger, projection),
    ):
        done(poisoned(bad, queue.PROJECTION))
        with look(connection) as reading:
            assert queue.case(reading, cases_of("ann"), good) is not None
            assert queue.case(reading, cases_of("ann"), later) is not None
            assert queue.case(reading, cases_of("ann"), bad) is None
            assert reading.freshness("queue").behind == 0
        parked = [(each.name, each.error) for each in world.ledger.parked()]
        assert ("queue", "ZeroDivisionError") in parked


def test_a_rebuild_that_must_stop_changes_nothing_for_readers(
    world: World, connection: Connection
) -> None:
    bad = world.lodge()
    catch_up(world.ledger, follower(queue.PROJECTION, 1))
    with pytest.raises(Stopped):
        rebuild(world.ledger, replace(poisoned(bad, queue.PROJECTION), on_error="stop"))
    assert live(connection, "queue") == 1
    done = rebuild(world.ledger, queue.PROJECTION)
    assert (done.replaced, live(connection, "queue")) == (1, done.build)
    assert tables(connection) == {"queue_1", f"queue_{done.build}"}, "what was left behind is gone"


def test_one_rebuild_at_a_time(world: World) -> None:
    def told(_position: int, _head: int) -> None:
        with pytest.raises(RebuildRunning):
            rebuild(world.ledger, queue.PROJECTION)

    world.lodge()
    assert rebuild(world.ledger, queue.PROJECTION, told).build == 2


def test_a_build_of_another_shape_is_rebuilt_before_it_is_followed(
    world: World, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = world.lodge()
    assert prepare(world.ledger) == []
    changed = replace(queue.PROJECTION, version=queue.PROJECTION.version + 1)
    assert not stand(connection, changed)
    monkeypatch.setattr("projections.registry.PROJECTIONS", (changed,))
    assert prepare(world.ledger) == ["queue"]
    assert stand(connection, changed)
    with look(connection) as reading:
        assert queue.case(reading, cases_of("ann"), stream) is not None


def test_a_list_waits_for_its_command_and_says_how_far_it_is(
    world: World, connection: Connection
) -> None:
    world.lodge()
    head = world.ledger.head()
    behind = wait_for(connection, "queue", head, timeout=0)
    assert (behind.as_of, behind.behind) == (0, head)
    with following(world.ledger):
        assert wait_for(connection, "queue", head, timeout=30).as_of == head
