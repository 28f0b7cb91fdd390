"""Notices for owners and leads: each stands as long as its reason does, and goes by itself.

What is about to be late, late, escalated; a hand-over, a promise, a question or an approval that
waits; a note that calls somebody; words of the customer, also after closing; a letter that could
not be sent. Grouped by case.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from domain.event import Recorded
from projections.build import Projection, Rows, types_of
from projections.notice import Notice, Standing
from projections.notice_reasons import MATTERS, fold
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.rows import Shelf

NAME: Final = "notices"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    detail text,
    at timestamptz NOT NULL,
    due timestamptz,
    for_person text,
    for_team text,
    not_for text,
    author text,
    by_import boolean NOT NULL,
    by_law boolean NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (case_stream);
"""
    + PLACE_TABLE
)


_NOTICES: Final = Shelf(Notice, "id")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    ours = [recorded for recorded in batch if isinstance(recorded.event, MATTERS)]
    if not ours:
        return
    streams = {recorded.stream for recorded in ours}
    before = _NOTICES.read_by(connection, table, "case_stream", streams)
    cases: dict[str, Standing] = {stream: {} for stream in streams}
    for notice in before:
        cases[notice.case_stream][notice.id] = notice
    for recorded in ours:
        fold(cases[recorded.stream], recorded)
    standing = {id: notice for case in cases.values() for id, notice in case.items()}
    _NOTICES.delete(connection, table, [row.id for row in before if row.id not in standing])
    _NOTICES.write(connection, table, list(standing.values()))


PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="park", types=types_of(*MATTERS, *MOVES), version=9
)
