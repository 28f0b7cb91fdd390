"""What leads look after, for programs: the board, its days and causes, orders and skips."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel

from desk.api.visit import PROBLEMS, Program
from desk.board import DAYS, causes_of, check_team, colleagues, days_of, team_viewer
from desk.queue import speaker
from desk.visit import TheHouse
from domain.oversight import SkipReason
from projections import board, oversight, queue
from projections.reading import look

router = APIRouter(prefix="/api/v1", tags=["board"], responses=PROBLEMS)


class ColleagueRead(BaseModel):
    """What one person has open within the reader's reach."""

    staff: str
    open: int
    due_today: int
    waiting: int
    capacity: int | None
    away: bool


class BoardRead(BaseModel):
    """The four numbers; ``over``: colleagues with more open cases than they can carry."""

    law: int
    tonight: int
    nobody: int
    over: int
    people: list[ColleagueRead]
    as_of: int
    lag_seconds: float


@router.get("/board")
def read(person: Program, house: TheHouse) -> BoardRead:
    """What a team lead looks at first. Its lists: /api/v1/complaints?tab=law, tonight, nobody."""
    check_team(person)
    say = speaker(house, person)
    viewer = team_viewer(house, person, say.now)
    with house.pool.connection() as db, look(db) as reading:
        numbers = board.numbers(reading, viewer)
        people = colleagues(house, person, board.loads(reading, viewer), say)
        fresh = reading.freshness(queue.NAME)
    return BoardRead(
        law=numbers.law,
        tonight=numbers.tonight,
        nobody=numbers.nobody,
        over=sum(it.over for it in people),
        people=[
            ColleagueRead(
                staff=it.staff,
                open=it.load.open,
                due_today=it.load.due,
                waiting=it.load.waiting,
                capacity=it.capacity,
                away=it.away,
            )
            for it in people
        ],
        as_of=fresh.as_of,
        lag_seconds=fresh.lag_seconds,
    )


class DayRead(BaseModel):
    day: date
    received: int
    answered: int
    closed: int


class CauseRead(BaseModel):
    """What is complained of again and again. ``late``: cases that missed a limit."""

    legal_entity: str
    product: str
    category: str
    cases: int
    late: int


@router.get("/board/trend")
def trend(person: Program, house: TheHouse) -> list[DayRead]:
    """What came, was answered and was closed in the last days."""
    found, _ = days_of(house, person, house.now())
    return [DayRead.model_validate(it, from_attributes=True) for it in found]


@router.get("/board/causes")
def causes(person: Program, house: TheHouse) -> list[CauseRead]:
    """Products by category, in the last three months."""
    found, _ = causes_of(house, person, house.now())
    return [CauseRead.model_validate(it, from_attributes=True) for it in found]


class OrderRead(BaseModel):
    """An ordered answer that is still owed; ``missed``: its moment has passed."""

    number: str
    owner: str | None
    ordered_by: str
    answer_by: datetime
    missed: bool


class SkipRead(BaseModel):
    """A case that somebody passed over and nobody has taken since."""

    number: str
    staff: str
    reason: SkipReason
    at: datetime


class SilentRead(BaseModel):
    """Warnings of a clock that nobody was given: a later one was due at the same moment."""

    number: str
    clock: str
    warnings: int
    at: datetime


class OversightRead(BaseModel):
    orders: list[OrderRead]
    skips: list[SkipRead]
    silent: list[SilentRead]
    as_of: int


@router.get("/oversight")
def overseen(person: Program, house: TheHouse) -> OversightRead:
    """What was ordered and not answered, passed over, or warned of in silence."""
    check_team(person)
    now = speaker(house, person).now
    viewer = team_viewer(house, person, now)
    with house.pool.connection() as db, look(db) as reading:
        orders = oversight.orders(reading, viewer.scope)
        skips = oversight.skips(reading, viewer.scope)
        silent = oversight.silent(reading, viewer.scope, now - timedelta(days=DAYS))
        as_of = reading.freshness(oversight.NAME).as_of
    return OversightRead(
        orders=[OrderRead.model_validate(it, from_attributes=True) for it in orders],
        skips=[SkipRead.model_validate(it, from_attributes=True) for it in skips],
        silent=[SilentRead.model_validate(it, from_attributes=True) for it in silent],
        as_of=as_of,
    )
