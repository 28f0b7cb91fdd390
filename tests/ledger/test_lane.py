"""The lane under rivals, faults and loss: everything once, every caller answered, no hole."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import rivals
from small_book import (
    BookIsClosed,
    BookNoted,
    Close,
    Note,
    Reopen,
    Sign,
    Trip,
    book,
    new_stream,
    wish,
)

from domain.decider import Decider
from domain.event import Context
from domain.personal import Personal
from ledger import (
    CommandIdMisused,
    LaneFull,
    Ledger,
    LedgerUnavailable,
    NotStored,
    Receipt,
    RivalWrote,
    Unreadable,
)
from ledger.database import LOG_LOCK
from ledger.follow import Follower, catch_up

MASTER_KEY = bytes(range(32))


@contextmanager
def log_locked(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Hold what every append needs, as a transaction that takes long would."""
    with psycopg.connect(url) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (LOG_LOCK,))
        yield holder
        holder.rollback()


def wait_until_lane_waits(url: str) -> None:
    """Until a lane stands before the lock of the log."""
    with psycopg.connect(url, autocommit=True) as looker:
        while not looker.execute(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ).fetchall():
            pass


def together(
    ledger: Ledger, database: Any, commands: list[tuple[str, Any]]
) -> list[Future[Receipt]]:
    """Hand these in so that the lane takes them as one batch."""
    with log_locked(database.owner_url):
        first = ledger.submit(book, new_stream(), Note(**wish()))
        wait_until_lane_waits(database.owner_url)
        futures = [ledger.submit(book, stream, command) for stream, command in commands]
    first.result()
    return futures


def positions_and_versions(ledger: Ledger) -> list[tuple[int, str, int]]:
    with ledger.reading() as connection:
        return connection.execute(
            "SELECT position, stream, version FROM ledger.event ORDER BY position"
        ).fetchall()


def assert_no_hole(ledger: Ledger) -> None:
    rows = positions_and_versions(ledger)
    assert [position for position, _, _ in rows] == list(range(1, len(rows) + 1))
    reached: dict[str, int] = {}
    for _, stream, version in rows:
        assert version == reached.get(stream, 0) + 1
        reached[stream] = version


def test_one_command_sent_100_times_over_two_processes_is_stored_once(
    ledger: Ledger, database: Any
) -> None:
    stream, id = new_stream(), uuid4()
    ledger.handle(book, stream, Note(**wish()))
    processes = [rivals.start(database.app_url, "repeat", stream, id, 50, 6) for _ in range(2)]
    answers = [each for process in processes for each in rivals.answer(process)]
    assert len(answers) == 100
    assert {(first, last) for _, first, last, _ in answers} == {(2, 2)}
    assert [outcome for outcome, *_ in answers].count("stored") == 1
    assert len(ledger.history(stream)) == 2
    with pytest.raises(CommandIdMisused):
        ledger.handle(book, stream, Note(**wish(id), line="another"))


def test_rival_processes_on_five_hot_streams_leave_no_hole(ledger: Ledger, database: Any) -> None:
    streams = [new_stream() for _ in range(5)]
    processes = [rivals.start(database.app_url, "rival", seed, 800, *streams) for seed in range(2)]
    counted = [rivals.answer(process) for process in processes]
    assert sum(sum(each.values()) for each in counted) == 1600
    assert sum(each["stored"] for each in counted) == ledger.head()
    assert_no_hole(ledger)
    for stream in streams:
        closed = False
        for each in ledger.history(stream):
            assert each.event.type_name != ("BookReopened" if not closed else "BookNoted")
            closed = each.event.type_name == "BookClosed" or (
                closed and each.event.type_name != "BookReopened"
            )


def test_killed_backends_leave_everything_stored_once(ledger: Ledger, database: Any) -> None:
    streams = [new_stream() for _ in range(10)]
    process = rivals.start(database.app_url, "survive", 300, *streams)
    with psycopg.connect(database.owner_url, autocommit=True) as attacker:
        killed = 0
        while process.poll() is None:
            killed += len(
                attacker.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN"
                    " (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    "  AND objid = %s)",
                    (LOG_LOCK,),
                ).fetchall()
                if killed < 8
                else []
            )
    positions = rivals.answer(process)
    assert killed > 0
    assert sorted(positions) == list(range(1, 301))
    assert_no_hole(ledger)


def test_one_broken_command_among_64_fails_alone(ledger: Ledger, database: Any) -> None:
    commands: list[tuple[str, Any]] = [(new_stream(), Note(**wish())) for _ in range(64)]
    commands[17] = (commands[17][0], Trip(**wish()))
    futures = together(ledger, database, commands)
    with pytest.raises(ZeroDivisionError):
        futures[17].result()
    stored = [each.result() for n, each in enumerate(futures) if n != 17]
    assert [each.first for each in stored] == list(range(2, 65))
    assert_no_hole(ledger)


def test_data_the_database_refuses_fails_alone_and_without_its_words(
    ledger: Ledger, database: Any
) -> None:
    commands: list[tuple[str, Any]] = [(new_stream(), Note(**wish())) for _ in range(64)]
    commands[40] = (new_stream(), Close(**wish(), why="a secret"))
    with psycopg.connect(database.owner_url, autocommit=True) as attacker:
        attacker.execute(
            "ALTER TABLE ledger.event ADD CHECK (body::text NOT LIKE '%secret%') NOT VALID"
        )
    futures = together(ledger, database, commands)
    with pytest.raises(NotStored) as refused:
        futures[40].result()
    assert "secret" not in str(refused.value)
    stored = [each.result() for n, each in enumerate(futures) if n != 40]
    assert len({each.first for each in stored}) == 63
    assert_no_hole(ledger)


def test_a_stream_that_cannot_be_read_fails_its_own_commands_only(
    ledger: Ledger, database: Any
) -> None:
    broken, sound = new_stream(), new_stream()
    ledger.handle(book, broken, Note(**wish()))
    ledger.handle(book, sound, Note(**wish()))
    with psycopg.connect(database.owner_url, autocommit=True) as attacker:
        attacker.execute("ALTER TABLE ledger.event DISABLE TRIGGER no_change")
        attacker.execute("UPDATE ledger.event SET body = '{}' WHERE stream = %s", (broken,))
    with Ledger(database.app_url, master_key=MASTER_KEY) as fresh:
        futures = together(fresh, database, [(broken, Note(**wish())), (sound, Note(**wish()))])
        with pytest.raises(Unreadable):
            futures[0].result()
        assert futures[1].result().version == 2


def test_each_in_a_batch_is_decided_on_what_the_one_before_left(
    ledger: Ledger, database: Any
) -> None:
    stream = new_stream()
    again = Note(**wish())
    futures = together(
        ledger,
        database,
        [
            (stream, again),
            (stream, Close(**wish())),
            (stream, Note(**wish())),
            (stream, again),
            (stream, Reopen(**wish())),
            (stream, Note(**wish(), times=2)),
        ],
    )
    assert futures[0].result() == ("stored", 2, 2, 1)
    assert futures[1].result() == ("stored", 3, 3, 2)
    with pytest.raises(BookIsClosed):
        futures[2].result()
    assert futures[3].result() == ("repeated", 2, 2, None)
    assert futures[4].result().version == 3
    assert futures[5].result() == ("stored", 5, 6, 5)
    assert_no_hole(ledger)


def test_a_stale_cache_never_refuses_what_is_allowed(ledger: Ledger, database: Any) -> None:
    stream = new_stream()
    with Ledger(database.app_url, master_key=MASTER_KEY) as rival:
        ledger.handle(book, stream, Close(**wish()))
        with pytest.raises(BookIsClosed):
            ledger.handle(book, stream, Note(**wish()))
        rival.handle(book, stream, Reopen(**wish()))
        assert ledger.handle(book, stream, Note(**wish())).version == 3
        rival.handle(book, stream, Note(**wish()))
        assert ledger.handle(book, stream, Note(**wish()), Context(expected_version=4)).version == 5


def test_a_stale_cache_never_stores_on_a_fact_that_is_not_there(
    ledger: Ledger, database: Any
) -> None:
    stream = new_stream()
    with Ledger(database.app_url, master_key=MASTER_KEY) as rival:
        ledger.handle(book, stream, Note(**wish()))
        rival.handle(book, stream, Close(**wish()))
        with pytest.raises(BookIsClosed):
            ledger.handle(book, stream, Note(**wish()))
        rival.handle(book, stream, Reopen(**wish()))
        with pytest.raises(RivalWrote):
            ledger.handle(book, stream, Note(**wish()), Context(expected_version=2))
    assert len(ledger.history(stream)) == 3


def test_a_transaction_held_open_makes_no_follower_skip(ledger: Ledger, database: Any) -> None:
    """An append that has written and not committed: nobody overtakes it, nobody misses it."""
    seen: list[int] = []
    follower = Follower("seen", 1, lambda _c, events: seen.extend(e.position for e in events))
    other = new_stream()
    with Ledger(database.app_url, master_key=MASTER_KEY) as second:
        for each in (ledger, second):
            each.handle(book, new_stream(), Note(**wish()))
        with psycopg.connect(database.owner_url) as held:
            held.execute(
                "SELECT * FROM ledger.append(ARRAY[gen_random_uuid()], ARRAY['x'::bytea],"
                " ARRAY[true], ARRAY[1], ARRAY['held'], ARRAY[0::bigint], ARRAY[1],"
                " ARRAY['held'], ARRAY[1::bigint], ARRAY['BookNoted'], ARRAY[1::smallint],"
                ' ARRAY[now()], ARRAY[\'{"actor":{"kind":"staff","id":"a"}}\'::bytea],'
                " ARRAY['{\"line\":\"held\"}'::bytea], '{}'::int[], '{}'::text[], '{}'::uuid[],"
                " '{}'::bytea[])"
            )
            behind = second.submit(book, other, Note(**wish(), times=2))
            wait_until_lane_waits(database.owner_url)
            assert catch_up(ledger, follower) == 2
            assert not behind.done()
            held.commit()
        assert behind.result().first == 4
        assert catch_up(ledger, follower) == 5
    assert seen == [1, 2, 3, 4, 5]
    assert_no_hole(ledger)


def test_two_rule_books_on_one_stream_see_each_others_facts(ledger: Ledger, database: Any) -> None:
    def count(state: int, _event: object) -> int:
        return state + 1

    def only_after_one(command: Note, state: int) -> list[BookNoted]:
        return [BookNoted(at=command.at, line="counted")] * state

    counting: Decider[int, Any, Any] = Decider("counting", 0, only_after_one, count)
    stream = new_stream()
    with log_locked(database.owner_url):
        first = ledger.submit(book, new_stream(), Note(**wish()))
        wait_until_lane_waits(database.owner_url)
        one = ledger.submit(book, stream, Note(**wish()))
        two = ledger.submit(counting, stream, Note(**wish()))
        three = ledger.submit(book, stream, Note(**wish()))
    first.result()
    assert (one.result().version, two.result().version, three.result().version) == (1, 4, 2)
    assert ledger.fold(counting, stream) == (4, 4)
    assert_no_hole(ledger)


def test_a_full_lane_refuses_at_once_and_stores_what_it_took(database: Any) -> None:
    taken: list[Future[Receipt]] = []
    with Ledger(database.app_url, master_key=MASTER_KEY, most=4, waiting=8) as ledger:

        def give(number: int) -> None:
            taken.append(ledger.submit(book, new_stream(), Note(**wish())))

        with log_locked(database.owner_url), pytest.raises(LaneFull):
            deque(map(give, range(100)))
        assert 8 <= len(taken) <= 16
        stored = sorted(each.result().first or 0 for each in taken)
    assert stored == list(range(1, len(taken) + 1))


def test_a_database_that_is_away_is_said_and_nothing_hangs() -> None:
    away = Ledger("host=127.0.0.1 port=1 dbname=none", master_key=MASTER_KEY, patience=0.2)
    with away as ledger, pytest.raises(LedgerUnavailable):
        ledger.handle(book, new_stream(), Note(**wish()))


def test_a_log_that_stays_locked_is_said_and_afterwards_all_is_well(database: Any) -> None:
    with Ledger(database.app_url, master_key=MASTER_KEY, patience=0.3) as ledger:
        note = Note(**wish())
        stream = new_stream()
        with log_locked(database.owner_url), pytest.raises(LedgerUnavailable):
            ledger.handle(book, stream, note)
        assert ledger.handle(book, stream, note) == ("stored", 1, 1, 1)


def test_what_is_on_its_way_is_not_taken_back(ledger: Ledger) -> None:
    stream = new_stream()
    waiting = [ledger.submit(book, stream, Note(**wish())) for _ in range(50)]
    assert not any(each.cancel() for each in waiting)
    assert {each.result().outcome for each in waiting} == {"stored"}
    assert ledger.fold(book, stream).version == 50


def test_closing_stores_what_was_given_and_takes_no_more(database: Any) -> None:
    ledger = Ledger(database.app_url, master_key=MASTER_KEY)
    futures = [ledger.submit(book, new_stream(), Note(**wish())) for _ in range(50)]
    ledger.close()
    assert all(each.result().outcome == "stored" for each in futures)
    with pytest.raises(LedgerUnavailable):
        ledger.submit(book, new_stream(), Note(**wish()))


def test_the_bounded_cache_forgets_and_is_right_all_the_same(database: Any) -> None:
    streams = [new_stream() for _ in range(20)]
    with Ledger(database.app_url, master_key=MASTER_KEY, cached=3) as ledger:
        for count in range(1, 4):
            for stream in streams:
                sign = Sign(**wish(), subject="s", name=Personal("n"))
                assert ledger.handle(book, stream, sign).version == count
        assert_no_hole(ledger)


def test_rising_recorded_at_follows_position(ledger: Ledger) -> None:
    threads = [
        threading.Thread(target=ledger.handle, args=(book, new_stream(), Note(**wish(), times=3)))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments = [each.recorded_at for each in ledger.log(0, 100)]
    assert len(moments) == 60
    assert moments == sorted(moments)
