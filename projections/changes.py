"""Which cases, customers and waiting mails have new facts, and where they stand: what open pages
are told by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import sql

from domain.access import Place, Scope, asked_for
from projections import customers, history, inbox, notices, oversight, promises, timeline
from projections.queue import NAME
from projections.reading import Reading
from projections.within import cases_within

_PLACE: Final = sql.SQL(
    "c.legal_entity, c.branch, c.team, c.owner, c.customer, c.recused, c.named, c.requested_until,"
    " c.offered_to, c.offered_team, c.reviewer"
)
_SHOWN: Final = (
    NAME, notices.NAME, oversight.NAME, promises.NAME, timeline.NAME, customers.NAME, history.NAME,
    inbox.NAME,
)  # fmt: skip
"""The read models that open pages are made of."""
_CASES: Final = """
SELECT e.stream, max(e.version), max(e.position), c.customer, {place}
  FROM ledger.event AS e JOIN {table} AS c ON c.stream = e.stream
 WHERE e.position > %s AND e.position <= %s
 GROUP BY c.stream, e.stream
"""
_CUSTOMERS: Final = """
SELECT k.customer, max(e.version), max(e.position), k.legal_entity, k.branch, k.owner
  FROM ledger.event AS e
  LEFT JOIN {contacts} AS t ON t.id = e.stream AND t.case_stream IS NULL
  JOIN {table} AS k ON k.customer = coalesce(t.customer, e.stream)
 WHERE e.position > %s AND e.position <= %s
 GROUP BY k.customer
"""
_MAILS: Final = """
SELECT e.stream, max(e.version), max(e.position), t.legal_entity, {place}
  FROM ledger.event AS e
  JOIN {table} AS t ON t.mail = e.stream
  LEFT JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE e.position > %s AND e.position <= %s
 GROUP BY t.mail, e.stream, c.stream
"""
_PLACES: Final = "SELECT c.stream, {place} FROM {table} AS c WHERE c.stream = ANY (%s)"
_NUMBERED: Final = """
SELECT c.number, c.stream, {place} FROM {table} AS c
 WHERE c.number = ANY (%(numbers)s) AND {within}
"""


class Change(NamedTuple):
    """A case, or a customer (who is then ``customer`` too), and where it stands now.

    Or a mail that waits, of no customer: it stands where the case that it names does.
    """

    stream: str
    version: int
    position: int
    customer: str | None
    place: Place


def shown(reading: Reading) -> int:
    """The position that all pages show."""
    return min(reading.freshness(name).as_of for name in _SHOWN)


def changes(reading: Reading, after: int, until: int) -> list[Change]:
    """What has facts behind ``after``, up to ``until``, in the order of its last."""
    between = [after, until]
    contacts = sql.Identifier(*reading.table(timeline.NAME).split("."))
    found = [
        Change(stream, version, at, customer, _place(place))
        for stream, version, at, customer, *place in reading.records(
            NAME, _CASES, between, place=_PLACE
        )
    ] + [
        Change(
            customer, version, at, customer, Place(legal_entity=entity, branch=branch, owner=owner)
        )
        for customer, version, at, entity, branch, owner in reading.records(
            customers.NAME, _CUSTOMERS, between, contacts=contacts
        )
    ]
    found += [
        Change(stream, version, at, None, _place(place) if place[0] else Place(legal_entity=entity))
        for stream, version, at, entity, *place in reading.records(
            inbox.NAME, _MAILS, between, place=_PLACE
        )
    ]
    return sorted(found, key=lambda change: change.position)


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
    entity, branch, team, owner, customer, recused, named, requested_until, *asked = columns
    return Place(
        legal_entity=entity,
        branch=branch,
        team=team,
        owner=owner,
        customer=customer,
        recused=frozenset(recused),
        named=frozenset(named),
        requested_until=requested_until,
        asked=asked_for(*asked),
    )
