"""What is in the house, counted from the log."""

from __future__ import annotations

from typing import Final, LiteralString

from ledger import Ledger

_COUNTS: Final[LiteralString] = """
SELECT count(*) FILTER (WHERE type = 'ComplaintLodged'),
       count(*),
       count(*) FILTER (WHERE type = 'LetterSent'),
       count(*) FILTER (WHERE type = 'ClockWarned'),
       count(*) FILTER (WHERE type = 'ClockBreached'),
       count(*) FILTER (WHERE type = 'ComplaintEscalated'),
       count(*) FILTER (WHERE type = 'ComplaintClosed')
     - count(*) FILTER (WHERE type = 'ComplaintReopened')
  FROM ledger.event
"""


def summary(ledger: Ledger) -> dict[str, int]:
    """complaints, events, letters that left, warned, breached, escalated, closed (as of now)."""
    names = ("complaints", "events", "letters", "warned", "breached", "escalated", "closed")
    with ledger.reading() as connection:
        row = connection.execute(_COUNTS).fetchone()
    assert row is not None
    return dict(zip(names, row, strict=True))
