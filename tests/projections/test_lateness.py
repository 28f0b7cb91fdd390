"""When reminders are said to be late."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import timedelta
from typing import Any

import psycopg
from small_house import START, World

from ledger.database import connect
from projections.lateness import LATE_ACT, LATE_SECONDS, is_late
from projections.owed import NAME
from projections.reading import Reading

Current = Callable[[], AbstractContextManager[Reading]]


def test_what_is_owed_past_its_time_is_late(world: World, current: Current) -> None:
    stream = world.lodge()
    with current() as reading:
        ((due,),) = reading.records(
            NAME, "SELECT next_due FROM {table} WHERE stream = %s", [stream]
        )
    assert due > START
    with closing(connect(world.ledger.url, "test")) as db:
        assert not is_late(db, due + LATE_ACT)
        assert is_late(db, due + LATE_ACT + timedelta(seconds=1))


def test_a_follower_that_stands_still_is_late(
    world: World, current: Current, database: Any
) -> None:
    world.lodge()
    with current():
        pass
    world.lodge()
    with closing(connect(world.ledger.url, "test")) as db:
        assert not is_late(db, START)
    _let_time_pass(database.owner_url)
    with closing(connect(world.ledger.url, "test")) as db:
        assert is_late(db, START)


def _let_time_pass(url: str) -> None:
    """As if the log's facts had been recorded longer ago than a follower may be behind."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("ALTER TABLE ledger.event DISABLE TRIGGER ALL")
        db.execute(
            "UPDATE ledger.event SET recorded_at = recorded_at - make_interval(secs => %s)",
            (LATE_SECONDS + 1,),
        )


def test_without_read_models_everything_is_late(database: Any) -> None:
    with closing(connect(database.app_url, "test")) as db:
        assert is_late(db, START)
