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
CREATE INDEX ON {table} (offered_to) WHERE offered_to IS NOT NULL;
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
)


# queries of single cases

COLUMNS: Final = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Row))


def case(reading: Reading, scope: Scope, key: str) -> Row | None:
    """One case by its stream or its number, where the person may see it."""
    column = "stream" if key.startswith("complaint-") else "number"
    return next(iter(_found(reading, scope, column, key)), None)


def of_customer(reading: Reading, scope: Scope, customer: str) -> list[Row]:
    """A customer's cases that the person may see, newest first."""
    return _found(reading, scope, "customer", customer)


def cases(reading: Reading, scope: Scope, streams: Sequence[str]) -> dict[str, Row]:
    """Those of these cases that the person may see, by stream."""
    condition, parameters = cases_within(scope)
    rows = reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE stream = ANY (%(streams)s) AND {condition}",
        {**parameters, "streams": list(streams)},
        columns=COLUMNS,
        condition=condition,
    )
    return {row.stream: row for row in rows}


def of_customers(reading: Reading, scope: Scope, streams: Collection[str], limit: int) -> list[Row]:
    """The cases of these customers that the person may see, newest first."""
    return _newest(reading, scope, sql.SQL("customer = ANY (%(streams)s)"), limit,
                   streams=list(streams)) if streams else []  # fmt: skip


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
    return _newest(reading, scope, sql.SQL("({})").format(sql.SQL(" OR ").join(among)), limit,
                   **given)  # fmt: skip


def _newest(
    reading: Reading, scope: Scope, which: sql.Composable, limit: int, **given: Any
) -> list[Row]:
    condition, parameters = cases_within(scope)
    return reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE {which} AND {condition}"
        " ORDER BY received_at DESC, stream DESC LIMIT %(limit)s",
        {**parameters, **given, "limit": limit},
        columns=COLUMNS,
        which=which,
        condition=condition,
    )


def similar(reading: Reading, scope: Scope, row: Row, since: datetime) -> list[Row]:
    """Other cases of the company about the same product and category, newest first."""
    condition, parameters = cases_within(scope)
    return reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE {condition} AND received_at >= %(since)s"
        " AND legal_entity = %(entity)s AND product = %(product)s AND category = %(category)s"
        " AND stream <> %(stream)s ORDER BY received_at DESC, stream DESC LIMIT 50",
        {
            **parameters,
            "since": since,
            "entity": row.legal_entity,
            "product": row.product,
            "category": row.category,
            "stream": row.stream,
        },
        columns=COLUMNS,
        condition=condition,
    )


def _found(reading: Reading, scope: Scope, column: str, value: str) -> list[Row]:
    condition, parameters = cases_within(scope)
    return reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE {column} = %(value)s AND {condition}"
        " ORDER BY received_at DESC, stream LIMIT 200",
        {**parameters, "value": value},
        columns=COLUMNS,
        column=sql.Identifier(column),
        condition=condition,
    )


def owned(reading: Reading, scope: Scope, staff: str) -> list[Row]:
    """The open cases that somebody answers for, oldest first."""
    return _open(reading, scope, "owner", staff)


def offered(reading: Reading, scope: Scope, staff: str) -> list[Row]:
    """The open cases that somebody is asked to take over, oldest first."""
    return _open(reading, scope, "offered_to", staff)


def _open(reading: Reading, scope: Scope, column: str, staff: str) -> list[Row]:
    condition, parameters = cases_within(scope)
    return reading.rows(
        Row,
        NAME,
        "SELECT {columns} FROM {table} WHERE {column} = %(value)s AND closed_at IS NULL"
        " AND {condition} ORDER BY received_at, stream LIMIT 200",
        {**parameters, "value": staff},
        columns=COLUMNS,
        column=sql.Identifier(column),
        condition=condition,
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
