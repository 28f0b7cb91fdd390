"""What is asked of the history: a page of it, narrowed, and how many customers somebody told."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, Literal

from psycopg import sql

from domain.access import Scope
from domain.complaint_facts import ComplaintAcknowledged
from domain.conversation import ReplySaid
from domain.letter import LetterWritten
from domain.proposal import ComplaintAnswered, ProposalOffered
from projections.build import on, types_of
from projections.history import NAME, HistoryRow
from projections.reading import Reading
from projections.within import cases_within, customers_within


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
    " (SELECT stream FROM {table_case} WHERE number = %(case)s UNION ALL SELECT %(case)s::text)",
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
