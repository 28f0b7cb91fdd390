"""The history of cases and customers for compliance: one row per event, nothing personal in it.

What was said stands in the log alone; ``facts`` are the values that may be counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from psycopg import sql

from domain.access import Scope
from domain.clock_facts import ClockEvent
from domain.complaint_facts import ComplaintAcknowledged, TermsAgreed
from domain.conversation import ReplySaid
from domain.customer import CustomerRegistered
from domain.event import Event, Recorded
from domain.interaction import InteractionLinked, InteractionRecorded
from domain.letter import LetterWritten
from domain.personal import Personal
from domain.proposal import ComplaintAnswered, ProposalOffered
from projections.build import Projection, Rows, on, types_of
from projections.place import TABLE as PLACE_TABLE
from projections.place import keep_places
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within, customers_within

NAME: Final = "history"
TABLES: Final = (
    """
CREATE TABLE {table} (
    position bigint PRIMARY KEY,
    stream text NOT NULL,
    version bigint NOT NULL,
    type text NOT NULL,
    case_stream text,
    customer text,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source_recorded_at timestamptz,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    actor_role text,
    on_behalf_of text,
    workflow text,
    rule text,
    policy text,
    command_id uuid NOT NULL,
    facts jsonb NOT NULL
);
CREATE INDEX ON {table} (stream, position);
CREATE INDEX ON {table} (case_stream, position);
CREATE INDEX ON {table} (customer, position);
CREATE INDEX ON {table} (type, position);
CREATE INDEX ON {table} (actor_id, position);
CREATE INDEX ON {table} (rule, position) WHERE rule IS NOT NULL;
CREATE INDEX ON {table} (occurred_at);
CREATE TABLE {table_customer} (
    customer text PRIMARY KEY,
    legal_entity text NOT NULL,
    branch text
);
"""
    + PLACE_TABLE
)


@dataclass(slots=True)
class HistoryRow:
    """One event. ``case_stream`` or ``customer`` says whose it is, and so who may see it.

    ``policy``: of a clock, else the version of the rule that an automation acted by.
    """

    position: int
    stream: str
    version: int
    type: str
    case_stream: str | None
    customer: str | None
    occurred_at: datetime
    recorded_at: datetime
    source_recorded_at: datetime | None
    actor_kind: str
    actor_id: str
    actor_role: str | None
    on_behalf_of: str | None
    workflow: str | None
    rule: str | None
    policy: str | None
    command_id: UUID
    facts: dict[str, Any]


@dataclass(slots=True)
class _CustomerPlace:
    customer: str
    legal_entity: str
    branch: str | None


_EVENTS: Final = Shelf(HistoryRow, "position")
_CUSTOMERS: Final = Shelf(_CustomerPlace, "customer", "table_customer")
_KINDS: Final = ("complaint-", "customer-", "interaction-")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    ours = [recorded for recorded in batch if recorded.stream.startswith(_KINDS)]
    keep_places(connection, table, ours)
    _CUSTOMERS.add(
        connection,
        table,
        [
            _CustomerPlace(event.customer, event.legal_entity, event.branch)
            for event in (recorded.event for recorded in ours)
            if isinstance(event, CustomerRegistered)
        ],
    )
    _EVENTS.add(connection, table, [_row(recorded) for recorded in ours])
    linked = {
        recorded.stream: recorded.event.case
        for recorded in ours
        if isinstance(recorded.event, InteractionLinked)
    }
    if linked:
        connection.execute(on(_LINK, table), [list(linked), list(linked.values())])


_LINK: Final = """
UPDATE {table} AS t SET case_stream = u.case_stream
  FROM unnest(%s::text[], %s::text[]) AS u (stream, case_stream) WHERE t.stream = u.stream
"""

PROJECTION: Final = Projection(NAME, TABLES, apply, on_error="stop")


def _row(recorded: Recorded[Any]) -> HistoryRow:
    event, actor, context = recorded.event, recorded.actor, recorded.context
    cause = context.cause
    workflow, rule, version = (
        (None, None, None) if cause is None else (cause.workflow, cause.rule, cause.version)
    )
    case_stream, customer = _whose(recorded.stream, event)
    return HistoryRow(
        position=recorded.position,
        stream=recorded.stream,
        version=recorded.version,
        type=event.type_name,
        case_stream=case_stream,
        customer=customer,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        source_recorded_at=context.source_recorded_at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_role=actor.role,
        on_behalf_of=actor.on_behalf_of,
        workflow=workflow,
        rule=rule,
        policy=str(event.policy) if isinstance(event, ClockEvent) else version,
        command_id=recorded.command_id,
        facts=countable(event),
    )


def _whose(stream: str, event: Event) -> tuple[str | None, str | None]:
    """(case, customer): a case's own customer is looked up where the case stands."""
    if stream.startswith("complaint-"):
        return stream, None
    match event:
        case InteractionRecorded():
            return event.case, event.customer
        case InteractionLinked():
            return event.case, None
        case _:
            return None, stream


def countable(event: Event) -> dict[str, Any]:
    """The values of an event that are not personal. Long ones are named, not repeated."""
    if isinstance(event, TermsAgreed):
        terms = event.terms
        return {
            "policy": str(terms.policy.ref),
            "procedure": f"{terms.rules.id}@{terms.rules.version}",
            "why": terms.why,
        }
    clear = _without_boxes(event.model_dump(exclude={"at"}))
    assert isinstance(clear, dict)
    return clear


def _without_boxes(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_boxes(each)
            for key, each in value.items()
            if not isinstance(each, Personal) and key != "slices"
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_boxes(each) for each in value if not isinstance(each, Personal)]
    return value


# queries


@dataclass(frozen=True)
class Facts:
    """What narrows a history; None is any. ``known_at``: as of what was recorded by then."""

    case: str | None = None
    """A case's stream or its number."""
    customer: str | None = None
    type: str | None = None
    types: list[str] | None = None
    actor_kind: Literal["staff", "customer", "automation", "import"] | None = None
    actor: str | None = None
    rule: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    known_at: datetime | None = None


@dataclass(slots=True)
class Told(HistoryRow):
    """A row with the case's number and place."""

    number: str | None
    legal_entity: str
    branch: str | None


_CONDITIONS: Final = {
    "case": "t.case_stream IN"
    " (SELECT stream FROM {table_case} WHERE stream = %(case)s OR number = %(case)s)",
    "customer": "t.position IN"
    " (SELECT position FROM {table} WHERE customer = %(customer)s AND case_stream IS NULL"
    " UNION ALL SELECT h.position FROM {table} AS h"
    " JOIN {table_case} AS o ON o.stream = h.case_stream WHERE o.customer = %(customer)s)",
    "type": "t.type = %(type)s",
    "types": "t.type = ANY (%(types)s)",
    "actor_kind": "t.actor_kind = %(actor_kind)s",
    "actor": "t.actor_id = %(actor)s",
    "rule": "t.rule = %(rule)s",
    "since": "t.occurred_at >= %(since)s",
    "until": "t.occurred_at < %(until)s",
    "known_at": "t.recorded_at <= %(known_at)s",
}
_COLUMNS: Final = sql.SQL(", ").join(
    sql.Identifier("t", field.name) for field in fields(HistoryRow) if field.name != "customer"
)
_FIND: Final = """
SELECT {columns}, coalesce(c.customer, t.customer) AS customer, c.number,
       coalesce(c.legal_entity, k.legal_entity) AS legal_entity,
       coalesce(c.branch, k.branch) AS branch
  FROM {table} AS t
  LEFT JOIN {table_case} AS c ON c.stream = t.case_stream
  LEFT JOIN {table_customer} AS k ON k.customer = t.customer
 WHERE t.position {beyond} %(after)s
   AND CASE WHEN t.case_stream IS NULL THEN {customers} ELSE {cases} END
   AND {narrowed}
 ORDER BY t.position {order} LIMIT %(limit)s
"""


def find(
    reading: Reading, scope: Scope, which: Facts, *, after: int = 0, limit: int = 500
) -> list[Told]:
    """Events in the order of the log, behind position ``after``.

    ``scope``: of the thing "history". Of a case the rows follow the case, else the customer.
    """
    return _find(reading, scope, which, sql.SQL(">"), sql.SQL("ASC"), after=after, limit=limit)


def latest(
    reading: Reading, scope: Scope, which: Facts, *, before: int | None = None, limit: int = 50
) -> list[Told]:
    """The newest first, those before position ``before``."""
    after = before if before is not None else reading.freshness(NAME).as_of + 1
    return _find(reading, scope, which, sql.SQL("<"), sql.SQL("DESC"), after=after, limit=limit)


def _find(
    reading: Reading, scope: Scope, which: Facts, beyond: sql.SQL, order: sql.SQL,
    *, after: int, limit: int,
) -> list[Told]:  # fmt: skip
    cases, in_cases = cases_within(scope, "c")
    customers, in_customers = customers_within(scope, "k")
    wanted = {name: getattr(which, name) for name in _CONDITIONS}
    given = {name: value for name, value in wanted.items() if value is not None}
    table = reading.table(NAME)
    narrowed = sql.SQL(" AND ").join([on(_CONDITIONS[name], table) for name in given])
    return reading.rows(
        Told,
        NAME,
        _FIND,
        {**in_cases, **in_customers, **given, "after": after, "limit": limit},
        columns=_COLUMNS,
        cases=cases,
        customers=customers,
        beyond=beyond,
        order=order,
        narrowed=narrowed if given else sql.SQL("TRUE"),
    )


_ANSWERED: Final = """
SELECT count(DISTINCT c.customer)
  FROM {table} AS t JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE t.actor_id = %(staff)s AND t.occurred_at >= %(since)s AND t.type = ANY (%(types)s)
"""
_TELLING: Final = types_of(
    ComplaintAcknowledged, ComplaintAnswered, LetterWritten, ProposalOffered, ReplySaid
)


def answered(reading: Reading, staff: str, since: datetime) -> int:
    """How many customers somebody told or wrote something since then; for themselves alone."""
    parameters = {"staff": staff, "since": since, "types": sorted(_TELLING)}
    ((count,),) = reading.records(NAME, _ANSWERED, parameters)
    return int(count)
