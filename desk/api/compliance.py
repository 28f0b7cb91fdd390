"""Facts of many complaints, for programs of who reads histories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from desk.api.visit import PROBLEMS, Program
from desk.history.asked import Short
from desk.history.compliance import ActorKind
from desk.history.compliance_export import as_of
from desk.history.told import read_out
from desk.problem import NotFound
from desk.queue import speaker
from desk.visit import TheHouse
from projections import history, history_page
from projections.history_page import Facts
from projections.reading import look

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["compliance"])


class FactListed(BaseModel):
    """``case``: its number; nothing of what people said stands here."""

    position: int
    case: str | None
    type: str
    at: datetime
    recorded_at: datetime
    who: str
    words: str


class FactsRead(BaseModel):
    """``next``: give it as ``before`` for older facts."""

    facts: list[FactListed]
    next: int | None
    as_of: int
    lag_seconds: float


@router.get("/compliance")
def facts(
    person: Program,
    house: TheHouse,
    *,
    case: Short | None = None,
    type: Short | None = None,
    actor_kind: ActorKind | None = None,
    actor: Short | None = None,
    rule: Short | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    as_of_occurred: AwareDatetime | None = None,
    as_of_recorded: AwareDatetime | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FactsRead:
    """The newest first. To look for words, take them out: POST /compliance/export."""
    if not person.reaches("history"):
        raise NotFound()
    narrowed = Facts(
        case=case, type=type, actor_kind=actor_kind, actor=actor, rule=rule, since=since,
        until=until,
    )  # fmt: skip
    which, say = as_of(narrowed, as_of_occurred, as_of_recorded), speaker(house, person)
    with house.pool.connection() as db, look(db) as reading:
        rows = history_page.latest(
            reading, person.scope("history"), which, before=before, limit=size + 1
        )
        fresh = reading.freshness(history.NAME)
    told = [
        FactListed(
            position=row.position,
            case=row.number,
            type=record.event.type_name,
            at=entry.at,
            recorded_at=entry.recorded_at,
            who=entry.who,
            words=entry.words,
        )
        for row, record, entry in read_out(house, rows[:size], say)
    ]
    next = told[-1].position if len(rows) > size else None
    return FactsRead(facts=told, next=next, as_of=fresh.as_of, lag_seconds=fresh.lag_seconds)
