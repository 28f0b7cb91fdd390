"""Whether to say that reminders are late, asked of the database every few seconds at most."""

from __future__ import annotations

import threading
import time
from typing import Final, cast

from psycopg import OperationalError
from psycopg_pool import PoolTimeout
from starlette.requests import Request

from desk.house import House
from projections.lateness import is_late

SECONDS_KEPT: Final = 5.0


class Lateness:
    """Remembers the last answer; one asks while the others go on with what was known."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._late = False
        self._asked = 0.0
        self._asking = threading.Lock()

    def __call__(self) -> bool:
        old = time.monotonic() - self._asked > SECONDS_KEPT
        if old and self._asking.acquire(blocking=False):
            try:
                with self._house.pool.connection() as db:
                    self._late = is_late(db, self._house.now())
            except (OperationalError, PoolTimeout):
                self._late = True
            finally:
                self._asked = time.monotonic()
                self._asking.release()
        return self._late


def reminders_late(request: Request) -> bool:
    return cast(Lateness, request.app.state.lateness)()
