"""How promises and limits were kept: each clock once, in the month in which it came due.

That month is the local one of the clock's legal entity, by the due time as it stood at the end
(after pauses, extensions and corrections): what was fulfilled early counts where it was due.
met: fulfilled and never breached. breached: broken, whatever came after. excused: broken, with the
second fact that it was not our fault; it is not counted among the breached. A clock that was
cancelled, or that another one replaced, is not counted unless it was broken first; what it handed
on to the one that replaced it is counted there. open: not ended and not broken, so far.
Team and legal entity are those that answered for the case when the clock last moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

from psycopg import sql

from domain.access import Scope
from domain.clock_facts import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockExcused,
    ClockFulfilled,
    ClockStarted,
    ClockSuperseded,
)
from domain.event import Recorded
from domain.organisation import LegalEntityDescribed
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, Places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "sla"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    clock text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    policy text NOT NULL,
    legal_entity text NOT NULL,
    team text NOT NULL,
    started_at timestamptz NOT NULL,
    due timestamptz NOT NULL,
    fulfilled_at timestamptz,
    how text,
    breached_at timestamptz,
    excused text,
    superseded_by text,
    ended_at timestamptz
);
CREATE INDEX ON {table} (due);
CREATE INDEX ON {table} (case_stream);
CREATE TABLE {table_entity} (
    legal_entity text PRIMARY KEY,
    zone text NOT NULL
);
"""
    + PLACE_TABLE
)


@dataclass(slots=True)
class ClockRow:
    """One clock. ``superseded_by`` "" where it ended without a successor."""

    id: str
    case_stream: str
    clock: str
    name: str
    kind: Literal["service", "statutory"]
    policy: str
    legal_entity: str
    team: str
    started_at: datetime
    due: datetime
    fulfilled_at: datetime | None = None
    how: str | None = None
    breached_at: datetime | None = None
    excused: str | None = None
    superseded_by: str | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class _Entity:
    legal_entity: str
    zone: str


_CLOCKS: Final = Shelf(ClockRow, "id")
_ENTITIES: Final = Shelf(_Entity, "legal_entity", "table_entity")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    places = Places(connection, table, batch, all_=True)
    ids = {
        f"{recorded.stream}/{recorded.event.clock}"
        for recorded in batch
        if isinstance(recorded.event, ClockEvent)
    }
    clocks = _CLOCKS.read(connection, table, ids) if ids else {}
    zones: dict[str, _Entity] = {}
    for recorded in batch:
        places.take(recorded)
        event = recorded.event
        if isinstance(event, ClockEvent):
            id = f"{recorded.stream}/{event.clock}"
            place = places[recorded.stream]
            if isinstance(event, ClockStarted):
                clocks[id] = _started(id, recorded.stream, event)
            _change(clocks[id], event)
            clocks[id].legal_entity, clocks[id].team = place.legal_entity, place.team
        elif isinstance(event, LegalEntityDescribed):
            zones[event.entity.id] = _Entity(event.entity.id, event.entity.zone)
    places.write()
    _ENTITIES.write(connection, table, list(zones.values()))
    _CLOCKS.write(connection, table, list(clocks.values()))


PROJECTION: Final = Projection(
    NAME,
    TABLES,
    apply,
    on_error="stop",
    types=types_of(*get_args(ClockEvent), LegalEntityDescribed, *MOVES),
    version=2,
)


def _started(id: str, stream: str, event: ClockStarted) -> ClockRow:
    return ClockRow(
        id=id,
        case_stream=stream,
        clock=event.clock,
        name=event.terms.name,
        kind=event.kind,
        policy=str(event.policy),
        legal_entity="",
        team="",
        started_at=event.started_at,
        due=event.due,
        breached_at=event.breached_at,
        excused=event.excused,
    )


def _change(clock: ClockRow, event: ClockEvent) -> None:
    clock.due = event.due
    match event:
        case ClockFulfilled():
            clock.fulfilled_at, clock.how, clock.ended_at = event.at, event.how, event.at
        case ClockBreached():
            clock.breached_at = clock.breached_at or event.at
        case ClockExcused():
            clock.excused = event.reason
        case ClockSuperseded():
            clock.superseded_by, clock.ended_at = event.by or "", event.at
        case ClockCancelled():
            clock.ended_at = event.at


# queries


@dataclass(frozen=True, slots=True)
class Figures:
    """How many clocks of one name came due in one month; ``month`` is its first day."""

    month: date
    legal_entity: str
    team: str
    kind: Literal["service", "statutory"]
    name: str
    met: int
    breached: int
    excused: int
    open: int


_COUNTED: Final = sql.SQL(
    "coalesce(t.superseded_by, '') = ''"
    " AND (t.breached_at IS NOT NULL OR t.fulfilled_at IS NOT NULL OR t.ended_at IS NULL)"
)
_MONTH: Final = sql.SQL(
    "date_trunc('month', (t.due - interval '1 microsecond')"
    " AT TIME ZONE coalesce(e.zone, 'UTC'))::date"
)
"""A day that is due until its end is due at the midnight that follows it."""

_FIGURES: Final = """
SELECT {month} AS month, t.legal_entity, t.team, t.kind, t.name,
       count(*) FILTER (WHERE t.breached_at IS NULL AND t.fulfilled_at IS NOT NULL) AS met,
       count(*) FILTER (WHERE t.breached_at IS NOT NULL AND t.excused IS NULL) AS breached,
       count(*) FILTER (WHERE t.breached_at IS NOT NULL AND t.excused IS NOT NULL) AS excused,
       count(*) FILTER (WHERE t.breached_at IS NULL AND t.ended_at IS NULL) AS open
  FROM {table} AS t
  JOIN {table_case} AS c ON c.stream = t.case_stream
  LEFT JOIN {table_entity} AS e ON e.legal_entity = t.legal_entity
 WHERE {within} AND {counted}
   AND {month} BETWEEN %(since)s AND %(until)s
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1 DESC, 2, 3, 4, 5
"""


def figures(reading: Reading, scope: Scope, since: date, until: date) -> list[Figures]:
    """Months from that of ``since`` to that of ``until``. ``scope``: of the thing "team"."""
    within, parameters = cases_within(scope, "c")
    first = {"since": since.replace(day=1), "until": until.replace(day=1)}
    return reading.rows(
        Figures,
        NAME,
        _FIGURES,
        {**parameters, **first},
        within=within,
        counted=_COUNTED,
        month=_MONTH,
    )


@dataclass(slots=True)
class ClockOfCase(ClockRow):
    """With the number of its case."""

    number: str = ""


_BEHIND: Final = """
SELECT t.*, c.number FROM {table} AS t
  JOIN {table_case} AS c ON c.stream = t.case_stream
  LEFT JOIN {table_entity} AS e ON e.legal_entity = t.legal_entity
 WHERE {within} AND {counted}
   AND {month} = %(month)s AND t.name = %(name)s AND t.team = %(team)s
   AND t.legal_entity = %(legal_entity)s
 ORDER BY t.due, t.id LIMIT 1000
"""


def clocks_behind(reading: Reading, scope: Scope, figure: Figures) -> list[ClockOfCase]:
    """The clocks that make up a figure."""
    within, parameters = cases_within(scope, "c")
    asked = {
        "month": figure.month,
        "name": figure.name,
        "team": figure.team,
        "legal_entity": figure.legal_entity,
    }
    return reading.rows(
        ClockOfCase,
        NAME,
        _BEHIND,
        {**parameters, **asked},
        within=within,
        counted=_COUNTED,
        month=_MONTH,
    )
