"""The complaint queue: one row per case. Its order and its pages are in queue_page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, Literal, get_args

from psycopg import sql

from domain.access import Scope
from domain.clock_facts import ClockExcused, ClockWarned
from domain.complaint_facts import (
    ComplaintEscalated,
    ComplaintEvent,
    ComplaintLodged,
    HistoricalStepKept,
    SatisfactionAsked,
    SatisfactionGiven,
    TermsAgreed,
    TermsSwitched,
)
from domain.conversation import InformationReminded, NoteAdded
from domain.event import Recorded
from projections.build import Projection, Rows, types_of
from projections.case import Case, Row, settle
from projections.case_events import fold, lodged
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "queue"
TABLES: Final = """
CREATE TABLE {table} (
    stream text PRIMARY KEY,
    number text NOT NULL,
    customer text NOT NULL,
    legal_entity text NOT NULL,
    branch text,
    team text NOT NULL,
    channel text NOT NULL,
    product text NOT NULL,
    category text NOT NULL,
    severity text NOT NULL,
    tier text NOT NULL,
    language text NOT NULL,
    received_at timestamptz NOT NULL,
    words text,
    owner text,
    offered_to text,
    offered_team text,
    reviewer text,
    fast_lane boolean NOT NULL,
    stage text NOT NULL,
    next_act text NOT NULL,
    acknowledged_at timestamptz,
    answered_at timestamptz,
    closed_at timestamptz,
    waiting_until timestamptz,
    unanswered_since timestamptz,
    after_close_since timestamptz,
    paused boolean NOT NULL,
    approval_waiting boolean NOT NULL,
    service_due timestamptz,
    service_clock text,
    statutory_due timestamptz,
    statutory_clock text,
    calendar text,
    warns timestamptz[] NOT NULL,
    breached_service boolean NOT NULL,
    breached_statutory boolean NOT NULL,
    recused text[] NOT NULL,
    named text[] NOT NULL,
    requested_until timestamptz,
    wakes_at timestamptz NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    facts jsonb NOT NULL
);
CREATE INDEX ON {table} (owner, service_due, stream) WHERE closed_at IS NULL;
CREATE INDEX ON {table} (team, service_due, stream) WHERE closed_at IS NULL;
CREATE INDEX ON {table} (service_due, stream) WHERE closed_at IS NULL;
CREATE INDEX ON {table} (statutory_due, stream) WHERE closed_at IS NULL;
CREATE INDEX ON {table} (received_at, stream) WHERE closed_at IS NULL AND service_due IS NULL;
CREATE INDEX ON {table} (received_at, stream) WHERE closed_at IS NULL AND fast_lane;
CREATE INDEX ON {table} (waiting_until, stream)
    WHERE closed_at IS NULL AND waiting_until IS NOT NULL;
CREATE INDEX ON {table} (received_at, stream)
    WHERE closed_at IS NULL AND paused AND waiting_until IS NULL;
CREATE INDEX ON {table} (answered_at, stream)
    WHERE closed_at IS NULL AND answered_at IS NOT NULL
      AND (breached_service OR breached_statutory);
CREATE INDEX ON {table} (after_close_since, stream) WHERE after_close_since IS NOT NULL;
CREATE INDEX ON {table} (received_at DESC, stream DESC);
CREATE INDEX ON {table} (customer);
CREATE INDEX ON {table} (offered_team) WHERE offered_team IS NOT NULL;
CREATE INDEX ON {table} (number);
"""

_CASES: Final = Shelf(Case, "stream")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    cases = _CASES.read(connection, table, {recorded.stream for recorded in batch})
    for recorded in batch:
        if isinstance(recorded.event, ComplaintLodged):
            cases[recorded.stream] = lodged(recorded)
        else:
            fold(cases[recorded.stream], recorded)
    _CASES.write(connection, table, [settle(case) for case in cases.values()])


_NOT_SHOWN: Final = (
    TermsAgreed,
    TermsSwitched,
    NoteAdded,
    HistoricalStepKept,
    InformationReminded,
    ClockWarned,
    ClockExcused,
    ComplaintEscalated,
    SatisfactionAsked,
    SatisfactionGiven,
)
PROJECTION: Final = Projection(
    NAME,
    TABLES,
    apply,
    on_error="park",
    types=types_of(*(kind for kind in get_args(ComplaintEvent) if kind not in _NOT_SHOWN)),
    version=4,
)


# queries of single cases

COLUMNS: Final = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Row))


def case(reading: Reading, scope: Scope, key: str) -> Row | None:
    """One case by its stream or its number, where the person may see it."""
    column = "stream" if key.startswith("complaint-") else "number"
    which = sql.SQL("{} = %(key)s").format(sql.Identifier(column))
    found = _rows(reading, scope, which, {"key": key})
    return next(iter(found), None)


def of_customer(reading: Reading, scope: Scope, customer: str) -> list[Row]:
    """A customer's cases that the person may see, newest first."""
    return _rows(reading, scope, sql.SQL("customer = %(customer)s"), {"customer": customer})


def cases(reading: Reading, scope: Scope, streams: Sequence[str]) -> dict[str, Row]:
    """Those of these cases that the person may see, by stream."""
    among = sql.SQL("stream = ANY (%(streams)s)")
    rows = _rows(reading, scope, among, {"streams": list(streams)}, limit=len(streams))
    return {row.stream: row for row in rows}


def of_customers(reading: Reading, scope: Scope, streams: Collection[str], limit: int) -> list[Row]:
    """The cases of these customers that the person may see, newest first."""
    among = sql.SQL("customer = ANY (%(streams)s)")
    return _rows(reading, scope, among, {"streams": list(streams)}, limit=limit) if streams else []


Clear = Literal["product", "category", "team", "stage"]


def about(
    reading: Reading, scope: Scope, values: Mapping[Clear, list[str]], limit: int
) -> list[Row]:
    """Cases with one of these values, newest first."""
    among = [
        sql.SQL("{} = ANY ({})").format(sql.Identifier(column), sql.Placeholder(f"of_{column}"))
        for column in values
    ]
    given = {f"of_{column}": ids for column, ids in values.items()}
    which = sql.SQL("({})").format(sql.SQL(" OR ").join(among))
    return _rows(reading, scope, which, given, limit=limit)


_SIMILAR: Final = sql.SQL(
    "legal_entity = %(entity)s AND product = %(product)s AND category = %(category)s"
    " AND received_at >= %(since)s AND stream <> %(stream)s"
)


def similar(reading: Reading, scope: Scope, row: Row, since: datetime) -> list[Row]:
    """Other cases of the company about the same product and category, newest first."""
    given = {
        "entity": row.legal_entity,
        "product": row.product,
        "category": row.category,
        "since": since,
        "stream": row.stream,
    }
    return _rows(reading, scope, _SIMILAR, given, limit=50)


def owned(reading: Reading, scope: Scope, staff: str, limit: int | None = 200) -> list[Row]:
    """The open cases that somebody answers for, oldest first; all of them without a limit."""
    which = sql.SQL("owner = %(staff)s AND closed_at IS NULL")
    return _rows(reading, scope, which, {"staff": staff}, order=_OLDEST, limit=limit)


def offered(reading: Reading, scope: Scope, staff: str) -> list[Row]:
    """All open cases that somebody, or their team, is asked to take over, oldest first.

    ``scope``: of the thing "asked".
    """
    which = sql.SQL(
        "offered_team IS NOT NULL AND closed_at IS NULL AND owner IS DISTINCT FROM %(staff)s"
    )
    return _rows(reading, scope, which, {"staff": staff}, order=_OLDEST, limit=None)


_NEWEST: Final = sql.SQL("received_at DESC, stream DESC")
_OLDEST: Final = sql.SQL("received_at, stream")


def _rows(
    reading: Reading, scope: Scope, which: sql.Composable, given: Mapping[str, Any], *,
    order: sql.SQL = _NEWEST, limit: int | None = 200,
) -> list[Row]:  # fmt: skip
    condition, parameters = cases_within(scope)
    return reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE {which} AND {condition}"
        " ORDER BY {order} LIMIT %(limit)s",
        {**parameters, **given, "limit": limit},
        columns=COLUMNS,
        which=which,
        condition=condition,
        order=order,
    )


def open_cases(reading: Reading, staff: Collection[str]) -> dict[str, int]:
    """How many open cases each of these people answers for; for capacities, so without a scope."""
    rows = reading.records(
        NAME,
        "SELECT owner, count(*) FROM {table}"
        " WHERE closed_at IS NULL AND owner = ANY (%s) GROUP BY owner",
        [list(staff)],
    )
    return {**dict.fromkeys(staff, 0), **dict(rows)}
