"""Which cases have new facts, and where cases stand: what open pages are told by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import sql

from domain.access import Place, Scope
from projections.queue import NAME
from projections.reading import Reading
from projections.within import cases_within

_PLACE: Final = sql.SQL(
    "c.legal_entity, c.branch, c.team, c.owner, c.recused, c.named, c.requested_until"
)
_CHANGED: Final = """
SELECT e.stream, max(e.version), max(e.position), {place}
  FROM ledger.event AS e JOIN {table} AS c ON c.stream = e.stream
 WHERE e.position > %s AND e.position <= %s
 GROUP BY c.stream, e.stream ORDER BY 3
"""
_PLACES: Final = "SELECT c.stream, {place} FROM {table} AS c WHERE c.stream = ANY (%s)"
_NUMBERED: Final = """
SELECT c.number, c.stream, {place} FROM {table} AS c
 WHERE c.number = ANY (%(numbers)s) AND {within}
"""


class Change(NamedTuple):
    """A case with its newest version, and where it stands now."""

    stream: str
    version: int
    position: int
    place: Place


def changes(reading: Reading, after: int, until: int) -> list[Change]:
    """The cases with facts behind ``after``, up to ``until``, in the order of their last."""
    rows = reading.records(NAME, _CHANGED, [after, until], place=_PLACE)
    return [Change(stream, version, at, _place(place)) for stream, version, at, *place in rows]


def places(reading: Reading, streams: Sequence[str]) -> dict[str, Place]:
    rows = reading.records(NAME, _PLACES, [list(streams)], place=_PLACE)
    return {stream: _place(place) for stream, *place in rows}


def within(reading: Reading, scope: Scope, numbers: Sequence[str]) -> dict[str, tuple[str, Place]]:
    """Number -> stream and place of those cases that somebody may see."""
    condition, parameters = cases_within(scope, "c")
    rows = reading.records(
        NAME,
        _NUMBERED,
        {**parameters, "numbers": list(numbers)},
        place=_PLACE,
        within=condition,
    )
    return {number: (stream, _place(place)) for number, stream, *place in rows}


def _place(columns: Sequence[Any]) -> Place:
    entity, branch, team, owner, recused, named, requested_until = columns
    return Place(
        legal_entity=entity,
        branch=branch,
        team=team,
        owner=owner,
        recused=frozenset(recused),
        named=frozenset(named),
        requested_until=requested_until,
    )
