"""What happened with each customer, newest first: contacts, cases, letters. No clear words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from domain.access import Scope
from domain.complaint_facts import ComplaintClosed, ComplaintLodged, ComplaintReopened
from domain.conversation import CustomerWrote, InformationReceived, InformationRequested, ReplySaid
from domain.event import Recorded
from domain.interaction import InteractionLinked, InteractionRecorded
from domain.letter import LetterSent, LetterWritten
from domain.personal import Personal
from domain.proposal import ComplaintAnswered, ProposalOffered
from projections import customers
from projections.build import Projection, Rows, on, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "timeline"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    customer text,
    case_stream text,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    channel text,
    direction text,
    detail text,
    words text,
    sent_at timestamptz,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (customer, at) WHERE customer IS NOT NULL;
CREATE INDEX ON {table} (case_stream, at) WHERE case_stream IS NOT NULL;
"""
    + PLACE_TABLE
)

EntryKind = Literal[
    "interaction", "lodged", "answered", "closed", "reopened", "wrote", "said", "offered",
    "asked", "received", "letter",
]  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One moment with the customer. ``words``: encrypted; ``detail``: purpose, outcome, ending.

    ``customer`` stands where there is no case; a case's entries follow the case's customer.
    """

    id: str
    customer: str | None
    case_stream: str | None
    at: datetime
    kind: EntryKind
    channel: str | None = None
    direction: Literal["in", "out"] | None = None
    detail: str | None = None
    words: str | None = None
    sent_at: datetime | None = None
    position: int = 0

    @property
    def said(self) -> Personal | None:
        return None if self.words is None else Personal(encrypted=self.words)


_ENTRIES: Final = Shelf(Entry, "id")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    _ENTRIES.add(
        connection,
        table,
        [entry for recorded in batch if (entry := _entry(recorded)) is not None],
    )
    sent = [
        (f"{recorded.stream}/{recorded.event.letter}", recorded.event.at)
        for recorded in batch
        if isinstance(recorded.event, LetterSent)
    ]
    if sent:
        connection.execute(on(_SENT, table), [list(column) for column in zip(*sent, strict=True)])
    linked = [
        (recorded.stream, recorded.event.case)
        for recorded in batch
        if isinstance(recorded.event, InteractionLinked)
    ]
    if linked:
        connection.execute(
            on(_LINKED, table), [list(column) for column in zip(*linked, strict=True)]
        )


_SENT: Final = """
UPDATE {table} AS t SET sent_at = u.at
  FROM unnest(%s::text[], %s::timestamptz[]) AS u (id, at) WHERE t.id = u.id
"""
_LINKED: Final = """
UPDATE {table} AS t SET case_stream = u.case_stream
  FROM unnest(%s::text[], %s::text[]) AS u (id, case_stream) WHERE t.id = u.id
"""

PROJECTION: Final = Projection(
    NAME,
    TABLES,
    apply,
    on_error="park",
    types=types_of(
        ComplaintAnswered,
        ComplaintClosed,
        ComplaintReopened,
        CustomerWrote,
        InformationReceived,
        InformationRequested,
        InteractionLinked,
        InteractionRecorded,
        LetterSent,
        LetterWritten,
        ProposalOffered,
        ReplySaid,
        *MOVES,
    ),
    version=2,
)


def _entry(recorded: Recorded[Any]) -> Entry | None:
    event = recorded.event
    match event:
        case InteractionRecorded():
            entry = _of_interaction(recorded, event)
        case ComplaintLodged():
            entry = _of_case(recorded, "lodged", event.channel, "in", event.what_happened)
        case ComplaintAnswered():
            entry = _of_case(recorded, "answered", event.channel, "out", event.said)
            entry.detail = event.decision
        case ComplaintClosed():
            entry = _of_case(recorded, "closed")
            entry.detail = event.ending
        case ComplaintReopened():
            entry = _of_case(recorded, "reopened", words=event.why)
        case CustomerWrote():
            entry = _of_case(recorded, "wrote", event.channel, "in", event.text)
        case ReplySaid():
            entry = _of_case(recorded, "said", event.channel, "out", event.said)
        case ProposalOffered():
            entry = _of_case(recorded, "offered", event.channel, "out", event.said)
        case InformationRequested():
            entry = _of_case(recorded, "asked", event.channel, "out", event.what)
        case InformationReceived(without=False):
            entry = _of_case(recorded, "received", event.channel, "in", event.text)
        case LetterWritten():
            entry = _of_case(recorded, "letter", event.channel, "out", event.words.subject)
            entry.id, entry.detail = f"{recorded.stream}/{event.letter}", event.purpose
        case _:
            return None
    return entry


def _of_case(
    recorded: Recorded[Any],
    kind: EntryKind,
    channel: str | None = None,
    direction: Literal["in", "out"] | None = None,
    words: Personal | None = None,
) -> Entry:
    return Entry(
        id=f"{recorded.stream}@{recorded.version}",
        customer=None,
        case_stream=recorded.stream,
        at=recorded.occurred_at,
        kind=kind,
        channel=channel,
        direction=direction,
        words=None if words is None else words.encrypted,
        position=recorded.position,
    )


def _of_interaction(recorded: Recorded[Any], event: InteractionRecorded) -> Entry:
    return Entry(
        id=recorded.stream,
        customer=event.customer,
        case_stream=event.case,
        at=event.at,
        kind="interaction",
        channel=event.channel,
        direction=event.direction,
        words=event.summary.encrypted,
        position=recorded.position,
    )


# queries


@dataclass(slots=True)
class TimelineEntry(Entry):
    """With the number of its case."""

    number: str | None = None


_TIMELINE: Final = """
SELECT t.*, c.number FROM (
    SELECT e.* FROM {table} AS e WHERE e.customer = %(customer)s AND e.case_stream IS NULL
    UNION ALL
    SELECT e.* FROM {table} AS e JOIN {table_case} AS o ON o.stream = e.case_stream
     WHERE o.customer = %(customer)s
) AS t
  LEFT JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE (t.case_stream IS NULL OR {cases})
 ORDER BY t.at DESC, t.position DESC LIMIT %(limit)s
"""


def timeline(
    reading: Reading, scope: Scope, cases: Scope, customer: str, limit: int = 200
) -> list[TimelineEntry]:
    """Of cases only those that one may see; nothing where one may not see the customer.

    ``scope``: of the thing "customer"; ``cases``: of the thing "case".
    """
    if customers.customer(reading, scope, customer) is None:
        return []
    of_cases, parameters = cases_within(cases, "c")
    return reading.rows(
        TimelineEntry,
        NAME,
        _TIMELINE,
        {**parameters, "customer": customer, "limit": limit},
        cases=of_cases,
    )
