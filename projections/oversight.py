"""What leads look after: orders without an answer, cases passed over, warnings nobody was given.

An order stands until its answer, a skip until somebody takes the case or it is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.access import Scope
from domain.clock_facts import ClockWarned
from domain.complaint_facts import ComplaintClosed
from domain.event import Recorded
from domain.oversight import (
    ComplaintSkipped,
    FollowThroughAnswered,
    FollowThroughMissed,
    FollowThroughOrdered,
    SkipReason,
)
from domain.ownership import HandOverAccepted, OwnerAssigned
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "oversight"
MOST: Final = 50
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    ordered_by text NOT NULL,
    ordered_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    missed boolean NOT NULL
);
CREATE INDEX ON {table} (case_stream);
CREATE TABLE {table_skip} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    staff text NOT NULL,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ON {table_skip} (case_stream);
CREATE TABLE {table_silent} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    clock text NOT NULL,
    warnings integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ON {table_silent} (at);
CREATE INDEX ON {table_skip} (staff);
"""
    + PLACE_TABLE
)


@dataclass(slots=True)
class Order:
    id: str
    case_stream: str
    ordered_by: str
    ordered_at: datetime
    answer_by: datetime
    missed: bool = False


@dataclass(slots=True)
class Skip:
    """``id`` names the case and who passed it over: their last reason counts."""

    id: str
    case_stream: str
    staff: str
    reason: SkipReason
    at: datetime


@dataclass(slots=True)
class Silent:
    """Warnings of a clock that nobody was given: a later one was due at the same moment."""

    id: str
    case_stream: str
    clock: str
    warnings: int
    at: datetime


_SILENT: Final = Shelf(Silent, "id", "table_silent")
_ORDERS: Final = Shelf(Order, "id")
_SKIPS: Final = Shelf(Skip, "id", "table_skip")
_TAKEN: Final = (OwnerAssigned, HandOverAccepted, ComplaintClosed)
_ORDERED: Final = (FollowThroughOrdered, FollowThroughMissed, FollowThroughAnswered)


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    ours = [it for it in batch if isinstance(it.event, (*_ORDERED, *_TAKEN, ComplaintSkipped))]
    _SILENT.add(
        connection,
        table,
        [
            Silent(f"{it.stream}/v{it.version}", it.stream, it.event.clock,
                   len(it.event.passed), it.occurred_at)
            for it in batch
            if isinstance(it.event, ClockWarned) and it.event.passed
        ],
    )  # fmt: skip
    streams = {recorded.stream for recorded in ours}
    if not streams:
        return
    orders = {it.id: it for it in _ORDERS.read_by(connection, table, "case_stream", streams)}
    skips = {it.id: it for it in _SKIPS.read_by(connection, table, "case_stream", streams)}
    before = (set(orders), set(skips))
    for recorded in ours:
        _fold(orders, skips, recorded)
    _ORDERS.delete(connection, table, list(before[0] - orders.keys()))
    _SKIPS.delete(connection, table, list(before[1] - skips.keys()))
    _ORDERS.write(connection, table, list(orders.values()))
    _SKIPS.write(connection, table, list(skips.values()))


def _fold(orders: dict[str, Order], skips: dict[str, Skip], recorded: Recorded[Any]) -> None:
    stream, at = recorded.stream, recorded.occurred_at
    match recorded.event:
        case FollowThroughOrdered() as event:
            id = f"{stream}/{event.order}"
            orders[id] = Order(id, stream, event.by, at, event.answer_by)
        case FollowThroughMissed() as event:
            orders[f"{stream}/{event.order}"].missed = True
        case FollowThroughAnswered() as event:
            orders.pop(f"{stream}/{event.order}", None)
        case ComplaintSkipped() as event:
            id = f"{stream}/{event.by}"
            skips[id] = Skip(id, stream, event.by, event.reason, at)
        case _:
            for id in [id for id, it in skips.items() if it.case_stream == stream]:
                del skips[id]


PROJECTION: Final = Projection(
    NAME,
    TABLES,
    apply,
    on_error="park",
    types=types_of(*_ORDERED, *_TAKEN, ComplaintSkipped, ClockWarned, *MOVES),
    version=2,
)


# queries


@dataclass(slots=True)
class StandingOrder(Order):
    number: str = ""
    customer: str = ""
    owner: str | None = None


@dataclass(slots=True)
class SkippedCase(Skip):
    number: str = ""
    customer: str = ""


@dataclass(slots=True)
class SilentCase(Silent):
    number: str = ""


def orders(reading: Reading, scope: Scope) -> list[StandingOrder]:
    """Orders without an answer, of cases in the scope, the most urgent first."""
    condition, parameters = cases_within(scope, "c")
    return reading.rows(
        StandingOrder,
        NAME,
        "SELECT t.*, c.number, c.customer, c.owner FROM {table} AS t"
        " JOIN {table_case} AS c ON c.stream = t.case_stream WHERE {condition}"
        " ORDER BY t.answer_by, t.id LIMIT %(most)s",
        {**parameters, "most": MOST},
        condition=condition,
    )


def skips(reading: Reading, scope: Scope) -> list[SkippedCase]:
    """Cases in the scope that were passed over and that nobody has taken since, newest first."""
    condition, parameters = cases_within(scope, "c")
    return reading.rows(
        SkippedCase,
        NAME,
        "SELECT t.*, c.number, c.customer FROM {table_skip} AS t"
        " JOIN {table_case} AS c ON c.stream = t.case_stream WHERE {condition}"
        " ORDER BY t.at DESC, t.id LIMIT %(most)s",
        {**parameters, "most": MOST},
        condition=condition,
    )


def silent(reading: Reading, scope: Scope, since: datetime) -> list[SilentCase]:
    """Warnings of cases in the scope that nobody was given, newest first."""
    condition, parameters = cases_within(scope, "c")
    return reading.rows(
        SilentCase,
        NAME,
        "SELECT t.*, c.number FROM {table_silent} AS t"
        " JOIN {table_case} AS c ON c.stream = t.case_stream"
        " WHERE t.at >= %(since)s AND {condition} ORDER BY t.at DESC, t.id LIMIT %(most)s",
        {**parameters, "since": since, "most": MOST},
        condition=condition,
    )


def skipped_by(reading: Reading, staff: str) -> frozenset[str]:
    """The streams that this person passed over and that nobody has taken since."""
    rows = reading.records(NAME, "SELECT case_stream FROM {table_skip} WHERE staff = %s", [staff])
    return frozenset(stream for (stream,) in rows)
