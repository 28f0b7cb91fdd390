"""A world to tell stories in, and its read models at the head of the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any

import pytest
from small_house import World

from ledger import Ledger
from ledger.database import connect
from ledger.follow import catch_up
from projections.reading import Reading, look
from projections.registry import followers, prepare


@pytest.fixture
def world(ledger: Ledger) -> World:
    prepare(ledger)
    return World(ledger)


@pytest.fixture
def current(world: World) -> Iterator[Callable[[], AbstractContextManager[Reading]]]:
    """Bring the read models to the head of the log and look at them."""
    with closing(connect(world.ledger.url, "test")) as connection:

        def caught_up() -> AbstractContextManager[Any]:
            for follower in followers(world.ledger):
                catch_up(world.ledger, follower)
            return look(connection)

        yield caught_up
