"""What is promised to customers and not kept yet, by whom and by when. No clear words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.access import Place, Scope
from domain.event import Recorded
from domain.personal import Personal
from domain.promise import (
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseMoved,
    PromiseOffered,
    PromisePassedOn,
    PromiseReturned,
    PromiseTakenBack,
)
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "promises"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    promise text NOT NULL,
    owner text NOT NULL,
    what text,
    made_for text,
    made_at timestamptz NOT NULL,
    due timestamptz NOT NULL,
    moved integer NOT NULL,
    free_moves integer NOT NULL,
    broken_at timestamptz,
    offered_to text,
    offered_at timestamptz
);
CREATE INDEX ON {table} (owner, due);
CREATE INDEX ON {table} (offered_to) WHERE offered_to IS NOT NULL;
CREATE INDEX ON {table} (case_stream);
"""
    + PLACE_TABLE
)


@dataclass(slots=True)
class Promise:
    """An open one. ``what`` and ``made_for`` (None: the customer) are encrypted."""

    id: str
    case_stream: str
    promise: str
    owner: str
    what: str | None
    made_for: str | None
    made_at: datetime
    due: datetime
    free_moves: int
    moved: int = 0
    broken_at: datetime | None = None
    offered_to: str | None = None
    offered_at: datetime | None = None

    @property
    def words(self) -> Personal | None:
        return None if self.what is None else Personal(encrypted=self.what)

    @property
    def to(self) -> Personal | None:
        return None if self.made_for is None else Personal(encrypted=self.made_for)


_PROMISES: Final = Shelf(Promise, "id")
_ENDED: Final = (PromiseKept, PromiseTakenBack)
_EVENTS: Final = (
    PromiseMade,
    PromiseMoved,
    PromiseBroken,
    PromiseOffered,
    PromisePassedOn,
    PromiseReturned,
    *_ENDED,
)


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    ours = [recorded for recorded in batch if isinstance(recorded.event, _EVENTS)]
    ids = {_id(recorded) for recorded in ours}
    open_ = _PROMISES.read(connection, table, ids) if ids else {}
    for recorded in ours:
        id, event = _id(recorded), recorded.event
        if isinstance(event, PromiseMade):
            open_[id] = _made(recorded, event)
        elif isinstance(event, _ENDED):
            open_.pop(id, None)
        else:
            _change(open_[id], event)
    _PROMISES.delete(connection, table, sorted(ids - open_.keys()))
    _PROMISES.write(connection, table, list(open_.values()))


def _id(recorded: Recorded[Any]) -> str:
    return f"{recorded.stream}/{recorded.event.promise}"


def _made(recorded: Recorded[Any], event: PromiseMade) -> Promise:
    return Promise(
        id=_id(recorded),
        case_stream=recorded.stream,
        promise=event.promise,
        owner=event.owner,
        what=event.what.encrypted,
        made_for=None if event.to is None else event.to.encrypted,
        made_at=event.at,
        due=event.due,
        free_moves=event.free_moves,
    )


def _change(promise: Promise, event: Any) -> None:
    match event:
        case PromiseMoved():
            promise.due, promise.broken_at = event.due, None
            promise.moved += 1
        case PromiseBroken():
            promise.broken_at = event.at
        case PromiseOffered():
            promise.offered_to, promise.offered_at = event.to, event.at
        case PromisePassedOn():
            promise.owner = event.owner
            promise.offered_to = promise.offered_at = None
        case PromiseReturned():
            promise.offered_to = promise.offered_at = None


PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="park", types=types_of(*_EVENTS, *MOVES), version=3
)


# queries


@dataclass(slots=True)
class Listed(Promise):
    """With the case that it belongs to."""

    number: str = ""
    customer: str = ""
    case_owner: str | None = None
    legal_entity: str = ""
    branch: str | None = None
    team: str = ""
    recused: list[str] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(
            legal_entity=self.legal_entity,
            branch=self.branch,
            team=self.team,
            owner=self.case_owner,
            customer=self.customer,
            recused=frozenset(self.recused),
        )


_FIND: Final = """
SELECT t.*, c.number, c.customer, c.owner AS case_owner,
       c.legal_entity, c.branch, c.team, c.recused
  FROM {table} AS t JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE {cases} AND (%(owner)s::text IS NULL OR t.owner = %(owner)s)
   AND (%(offered_to)s::text IS NULL OR t.offered_to = %(offered_to)s)
   AND (%(customer)s::text IS NULL OR c.customer = %(customer)s)
 ORDER BY t.due, t.id LIMIT %(limit)s
"""


def promises(
    reading: Reading,
    scope: Scope,
    *,
    owner: str | None = None,
    offered_to: str | None = None,
    customer: str | None = None,
    limit: int | None = 200,
) -> list[Listed]:
    """Open promises, earliest due first; None is any, without a limit all of them.

    ``scope``: of the thing "case".
    """
    cases, parameters = cases_within(scope, "c")
    wanted = {"owner": owner, "offered_to": offered_to, "customer": customer, "limit": limit}
    return reading.rows(Listed, NAME, _FIND, {**parameters, **wanted}, cases=cases)
