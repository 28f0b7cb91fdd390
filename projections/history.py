"""The history of cases and customers for compliance: one row per event, nothing personal in it.

What was said stands in the log alone; ``facts`` are the values that may be counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from domain.clock_facts import ClockEvent
from domain.complaint_facts import TermsAgreed, TermsSwitched
from domain.customer import CustomerRegistered
from domain.event import Event, Recorded
from domain.interaction import InteractionLinked, InteractionRecorded
from domain.personal import Personal
from projections.build import Projection, Rows, on
from projections.place import TABLE as PLACE_TABLE
from projections.place import keep_places
from projections.rows import Shelf

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
CREATE INDEX ON {table} (actor_kind, position);
CREATE INDEX ON {table} (actor_id, position);
CREATE INDEX ON {table} (recorded_at);
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

PROJECTION: Final = Projection(NAME, TABLES, apply, on_error="stop", version=2)


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
    if isinstance(event, TermsAgreed | TermsSwitched):
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
