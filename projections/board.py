"""The figures of a team: counts over the rows of the queue, each of which opens its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple

from psycopg import sql

from domain.access import Scope
from projections.queue import NAME
from projections.queue_page import BOARD_LISTS, Tab, Viewer, condition_of
from projections.reading import Reading
from projections.within import cases_within


class Numbers(NamedTuple):
    """How many rows each of the board's lists has; exact."""

    law: int
    tonight: int
    nobody: int


class Load(NamedTuple):
    """What one person has in the scope; ``due``: before tonight or late already."""

    staff: str
    open: int
    due: int
    waiting: int


class Day(NamedTuple):
    day: date
    received: int
    answered: int
    closed: int


@dataclass(frozen=True)
class Cause:
    """How often something was complained of."""

    legal_entity: str
    product: str
    category: str
    cases: int
    late: int


def numbers(reading: Reading, viewer: Viewer) -> Numbers:
    found = [_count(reading, viewer, name) for name in BOARD_LISTS]
    return Numbers(*found)


def _count(reading: Reading, viewer: Viewer, name: Tab) -> int:
    condition, parameters = condition_of(viewer, name)
    ((count,),) = reading.records(
        NAME, "SELECT count(*) FROM {table} WHERE {condition}", parameters, condition=condition
    )
    return int(count)


_LOADS: Final = """
SELECT owner, count(*), count(*) FILTER (WHERE answered_at IS NULL
           AND least(service_due, statutory_due) <= %(tonight)s),
       count(*) FILTER (WHERE waiting_until IS NOT NULL)
  FROM {table} WHERE closed_at IS NULL AND owner IS NOT NULL AND {condition} GROUP BY owner
"""


def loads(reading: Reading, viewer: Viewer) -> dict[str, Load]:
    """Staff stream -> what they answer for in the scope; nobody without an open case."""
    condition, parameters = cases_within(viewer.scope)
    rows = reading.records(
        NAME, _LOADS, {**parameters, "tonight": viewer.tonight}, condition=condition
    )
    return {row[0]: Load(*row) for row in rows}


_MOMENTS: Final = ("received_at", "answered_at", "closed_at")
_TREND: Final = """
SELECT ({moment} AT TIME ZONE %(zone)s)::date, count(*) FROM {table}
 WHERE {moment} >= %(since)s AND {condition} GROUP BY 1
"""


def trend(
    reading: Reading, scope: Scope, zone: str, since: datetime, days: Sequence[date]
) -> list[Day]:
    """What came, was answered and was closed on each of these days of the zone."""
    condition, parameters = cases_within(scope)
    parameters |= {"zone": zone, "since": since}
    counts = [
        dict(
            reading.records(
                NAME, _TREND, parameters, moment=sql.Identifier(moment), condition=condition
            )
        )
        for moment in _MOMENTS
    ]
    return [Day(day, *(int(count.get(day, 0)) for count in counts)) for day in days]


def causes(reading: Reading, scope: Scope, since: datetime, limit: int = 20) -> list[Cause]:
    """Product and category of what was received since, the most frequent first."""
    condition, parameters = cases_within(scope)
    return reading.rows(
        Cause,
        NAME,
        "SELECT legal_entity, product, category, count(*) AS cases,"
        " count(*) FILTER (WHERE breached_service OR breached_statutory) AS late"
        " FROM {table} WHERE received_at >= %(since)s AND {condition}"
        " GROUP BY legal_entity, product, category ORDER BY cases DESC, product, category"
        " LIMIT %(limit)s",
        {**parameters, "since": since, "limit": limit},
        condition=condition,
    )
