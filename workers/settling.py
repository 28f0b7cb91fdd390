"""Waiting until nothing moves any more: followers at the head, and nothing due left undone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from ledger import Ledger, LedgerUnavailable
from projections import owed
from projections.reading import look
from workers.trouble import Trouble

LOOK_AGAIN_SECONDS: Final = 0.3
MOST_LISTED: Final = 1_000


class NeverSettled(Trouble):
    """Something is still behind or still owed; the text says what."""


@dataclass(frozen=True)
class Remaining:
    """behind: events that the slowest follower has not taken. due: streams that owe by then."""

    behind: int
    due: tuple[str, ...]
    stopped: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{self.behind} events to follow", f"{len(self.due)} cases with something due"]
        if self.stopped:
            parts.append(f"standing still: {', '.join(self.stopped)}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Horizon:
    """How far ahead is looked for what falls due: for all streams, and for the ``watched`` one."""

    all: timedelta = timedelta(0)
    watched: str = ""
    ahead: timedelta = timedelta(0)


def remaining(ledger: Ledger, horizon: Horizon) -> Remaining | None:
    """What is left up to ``horizon`` from now; None while the read models are not there yet."""
    now = datetime.now(UTC)
    with ledger.reading() as connection, look(connection) as reading:
        try:
            rows = owed.overdue(reading, now + max(horizon.all, horizon.ahead), MOST_LISTED)
        except LookupError:
            return None
    standing = [each for each in ledger.positions() if each.live]
    head = ledger.head()
    return Remaining(
        max((head - each.position for each in standing), default=0),
        tuple(
            row.stream
            for row in rows
            if row.stream == horizon.watched
            or (row.next_due is not None and row.next_due < now + horizon.all)
        ),
        tuple(each.name for each in standing if each.stopped_by is not None),
    )


def wait_until_settled(
    ledger: Ledger,
    *,
    horizon: Horizon,
    patience: timedelta,
    tell: Callable[[Remaining], None] = lambda _: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Until followers are at the head and nothing is due within ``horizon`` of now.

    What happens meanwhile may owe something new, so it must hold at two looks in a row. Raises
    NeverSettled after ``patience``.
    """
    deadline = time.monotonic() + patience.total_seconds()
    settled, left = 0, None
    while settled < 2:
        if time.monotonic() > deadline:
            raise NeverSettled(f"after {patience} there are still {left or 'no read models'}")
        try:
            left = remaining(ledger, horizon)
        except (psycopg.OperationalError, LedgerUnavailable):
            left = None
        if left is not None:
            tell(left)
        settled = settled + 1 if left == Remaining(0, ()) else 0
        sleep(LOOK_AGAIN_SECONDS)
