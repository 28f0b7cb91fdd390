"""What every stream owes next: the rows that the dispatcher, the sweep and a resync nudge from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from psycopg import Connection

from domain.decider import Decider, nothing_owed
from domain.event import Recorded
from ledger import Ledger
from projections.build import Projection, on
from projections.reading import Reading

NAME: Final = "owed"
TABLES: Final = """
CREATE TABLE {table} (
    stream    text PRIMARY KEY,
    version   bigint NOT NULL,
    next_due  timestamptz,
    changed   bigint NOT NULL
);
CREATE INDEX ON {table} (changed) WHERE changed > 0;
CREATE INDEX ON {table} (next_due) WHERE next_due IS NOT NULL;
"""
"""changed: position of the event that last made a nudge worth sending, 0 while none did."""

# A nudge is worth sending where the next moment came, moved or went, or has passed already
# (then the workflow may be waiting to try again, and something new may be due before that).
UPSERT: Final = """
INSERT INTO {table} (stream, version, next_due, changed)
SELECT stream, new.version, new.next_due,
       CASE WHEN new.next_due IS DISTINCT FROM old.next_due OR new.next_due <= new.recorded_at
            THEN new.position ELSE coalesce(old.changed, 0) END
  FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::bigint[], %s::timestamptz[])
       AS new (stream, version, next_due, position, recorded_at)
  LEFT JOIN {table} AS old USING (stream)
 WHERE old.version IS NULL OR old.version <= new.version
    ON CONFLICT (stream) DO UPDATE
   SET version = excluded.version, next_due = excluded.next_due, changed = excluded.changed
"""

MOST_STATES: Final = 5_000

Rules = Decider[Any, Any, Any]


class Owed(NamedTuple):
    """``next_due``: the moment of the earliest thing owed, aware UTC; None: nothing is."""

    stream: str
    version: int
    next_due: datetime | None
    changed: int


def projection(ledger: Ledger, rulebooks: Mapping[str, Rules]) -> Projection:
    """The read model, for the streams whose rule book (by prefix) has an agenda."""
    return Projection(NAME, TABLES, OwedRows(ledger, rulebooks).fold, on_error="park")


class OwedRows:
    """The fold: the agenda of each stream that moved. Streams without an agenda have no row."""

    def __init__(self, ledger: Ledger, rulebooks: Mapping[str, Rules]) -> None:
        self._ledger = ledger
        self._rules = {
            prefix: rules for prefix, rules in rulebooks.items() if rules.agenda is not nothing_owed
        }
        self._states: OrderedDict[str, tuple[Any, int]] = OrderedDict()

    def fold(self, connection: Connection[Any], table: str, batch: Sequence[Recorded[Any]]) -> None:
        """Never takes a row back to an earlier version."""
        ours = [recorded for recorded in batch if prefix_of(recorded.stream) in self._rules]
        ours.sort(key=lambda recorded: (recorded.stream, recorded.version))
        rows = [
            self._row(stream, list(events))
            for stream, events in groupby(ours, key=lambda recorded: recorded.stream)
        ]
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            connection.execute(on(UPSERT, table), columns)

    def _row(
        self, stream: str, events: list[Recorded[Any]]
    ) -> tuple[str, int, datetime | None, int, datetime]:
        rules = self._rules[prefix_of(stream)]
        state, version = self._folded(rules, stream, events)
        moments = [due.at for due in rules.agenda(state)]
        last = events[-1]
        return stream, version, min(moments, default=None), last.position, last.recorded_at

    def _folded(self, rules: Rules, stream: str, events: list[Recorded[Any]]) -> tuple[Any, int]:
        """The state with these events, from the one kept if they follow it, else from the log."""
        state, version = self._states.pop(stream, (rules.initial, 0))
        if events[0].version > version + 1:
            fold = self._ledger.fold(rules, stream)
            state, version = fold.state, fold.version
        for recorded in events:
            if recorded.version > version:
                state, version = rules.evolve(state, recorded.event), recorded.version
        self._states[stream] = state, version
        if len(self._states) > MOST_STATES:
            self._states.popitem(last=False)
        return state, version


def prefix_of(stream: str) -> str:
    return stream.partition("-")[0]


CHANGED_SINCE: Final = """
SELECT stream, version, next_due, changed FROM {table}
 WHERE changed > greatest(%s, 0) ORDER BY changed LIMIT %s
"""
OVERDUE: Final = """
SELECT stream, version, next_due, changed FROM {table}
 WHERE next_due < %s ORDER BY next_due, stream LIMIT %s
"""
OWING: Final = """
SELECT stream, version, next_due, changed FROM {table}
 WHERE next_due IS NOT NULL AND stream > %s ORDER BY stream LIMIT %s
"""


def changed_since(reading: Reading, position: int, limit: int) -> list[Owed]:
    """Rows worth a nudge that changed after ``position``, oldest change first."""
    return reading.rows(Owed, NAME, CHANGED_SINCE, [position, limit])


def overdue(reading: Reading, since: datetime, limit: int) -> list[Owed]:
    """Rows due since before ``since`` (aware UTC), longest first."""
    return reading.rows(Owed, NAME, OVERDUE, [since, limit])


def owing(reading: Reading, after: str, limit: int) -> list[Owed]:
    """Rows that owe anything, by stream, those after the stream ``after``."""
    return reading.rows(Owed, NAME, OWING, [after, limit])
