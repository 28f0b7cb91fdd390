"""Whether what happens by itself is late: a follower behind the log, or something still owed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from projections import owed
from projections.reading import look

LATE_SECONDS: Final = 60
"""A follower further behind than this is not well."""

LATE_ACT: Final = timedelta(minutes=2)
"""What is owed for longer than this was not performed, or performing it did not settle it."""

_BEHIND: Final = """
SELECT EXISTS (
    SELECT FROM read.position AS p
      LEFT JOIN read.live AS l ON l.name = p.name
      JOIN ledger.event AS next ON next.position = p.position + 1
     WHERE coalesce(l.build = p.build, true)
       AND next.recorded_at < clock_timestamp() - make_interval(secs => %s))
"""


def is_late(connection: Connection[Any], now: datetime) -> bool:
    """``now``: until when what is owed counts. The connection must be in autocommit."""
    row = connection.execute(_BEHIND, (LATE_SECONDS,)).fetchone()
    if row is not None and row[0]:
        return True
    with look(connection) as reading:
        try:
            return bool(owed.overdue(reading, now - LATE_ACT, 1))
        except LookupError:
            return True
