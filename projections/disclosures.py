"""Who looked something up: searches for a person, masked details shown, histories taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

from domain.access import Scope
from domain.disclosure import DetailRevealed, DisclosureEvent, HistoryExported, PersonSearched
from domain.event import Recorded
from domain.personal import Personal
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "disclosures"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    staff text NOT NULL,
    legal_entities text[] NOT NULL,
    branch text,
    team text,
    case_stream text,
    customers text[] NOT NULL,
    what text[] NOT NULL,
    format text,
    facts integer,
    reason text,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (at DESC, id DESC);
CREATE INDEX ON {table} (staff, at DESC, id DESC);
CREATE INDEX ON {table} (case_stream, at DESC) WHERE case_stream IS NOT NULL;
CREATE INDEX ON {table} USING gin (customers);
"""
    + PLACE_TABLE
)

Kind = Literal["searched", "revealed", "exported"]


@dataclass(slots=True)
class DisclosureRow:
    """``what``: purposes of a search, the field shown, the filters of an export.

    ``reason``: encrypted; ``facts``: how many were taken out.
    """

    id: str
    kind: Kind
    at: datetime
    staff: str
    legal_entities: list[str]
    branch: str | None
    team: str | None
    case_stream: str | None
    customers: list[str]
    what: list[str]
    format: str | None
    facts: int | None
    reason: str | None
    position: int

    @property
    def because(self) -> Personal | None:
        return None if self.reason is None else Personal(encrypted=self.reason)


_ROWS: Final = Shelf(DisclosureRow, "id")
_EVENTS: Final = (PersonSearched, DetailRevealed, HistoryExported)


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    _ROWS.add(connection, table, [_row(each, each.event) for each in batch if _is_ours(each.event)])


PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="park", types=types_of(*_EVENTS, *MOVES), version=2
)


def _is_ours(event: Any) -> bool:
    return isinstance(event, _EVENTS)


def _row(recorded: Recorded[Any], event: DisclosureEvent) -> DisclosureRow:
    kind: Kind = "searched"
    case = format = facts = None
    match event:
        case PersonSearched():
            customers, what = list(event.found), list(event.purposes)
        case DetailRevealed():
            kind, case = "revealed", event.case
            customers, what = [event.customer], [event.field]
        case HistoryExported():
            kind, case, format, facts = "exported", event.case, event.format, event.facts
            customers = [event.customer] if event.customer else []
            what = list(event.filters)
    reason = recorded.context.reason
    return DisclosureRow(
        id=recorded.stream,
        kind=kind,
        at=event.at,
        staff=event.by.staff,
        legal_entities=list(event.by.legal_entities),
        branch=event.by.branch,
        team=event.by.team,
        case_stream=case,
        customers=customers,
        what=what,
        format=format,
        facts=facts,
        reason=None if reason is None else reason.encrypted,
        position=recorded.position,
    )


# queries. ``scope``: of the thing "disclosure". What is about a case is not shown to who is
# recused from it.


@dataclass(slots=True)
class Looked(DisclosureRow):
    """With the number of its case."""

    number: str | None


_FIND: Final = """
SELECT t.*, c.number FROM {table} AS t
  LEFT JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE EXISTS (
    SELECT 1 FROM (
        SELECT unnest(t.legal_entities) AS legal_entity, t.branch, t.team, t.staff AS owner,
               coalesce(c.recused, '{{}}') AS recused, coalesce(c.named, '{{}}') AS named,
               c.requested_until
    ) AS p WHERE {within})
   AND """
_ORDER: Final = " ORDER BY t.at DESC, t.id DESC LIMIT %(limit)s"


def of_customer(reading: Reading, scope: Scope, customer: str, limit: int = 50) -> list[Looked]:
    """Who looked at this customer or found them, newest first."""
    return _found(reading, scope, "t.customers @> ARRAY[%(key)s]", customer, limit)


def of_case(reading: Reading, scope: Scope, stream: str, limit: int = 50) -> list[Looked]:
    return _found(reading, scope, "t.case_stream = %(key)s", stream, limit)


def of_staff(reading: Reading, scope: Scope, staff: str, limit: int = 50) -> list[Looked]:
    return _found(reading, scope, "t.staff = %(key)s", staff, limit)


def newest(reading: Reading, scope: Scope, limit: int = 50) -> list[Looked]:
    return _found(reading, scope, "%(key)s::text IS NULL", None, limit)


def _found(
    reading: Reading, scope: Scope, condition: LiteralString, key: str | None, limit: int
) -> list[Looked]:
    within, parameters = cases_within(scope, "p")
    return reading.rows(
        Looked,
        NAME,
        _FIND + condition + _ORDER,
        {**parameters, "key": key, "limit": limit},
        within=within,
    )
