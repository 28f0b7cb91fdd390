"""The queue and what leads look after, for programs."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from desk.api import PROBLEMS
from desk.api_visit import Program
from desk.board import check_team, team_viewer
from desk.queue import speaker
from desk.visit import TheHouse
from domain.oversight import SkipReason
from projections import oversight
from projections.reading import look

router = APIRouter(prefix="/api/v1", tags=["board"], responses=PROBLEMS)


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


class OversightRead(BaseModel):
    orders: list[OrderRead]
    skips: list[SkipRead]
    as_of: int


@router.get("/oversight")
def read(person: Program, house: TheHouse) -> OversightRead:
    """What was ordered and not answered, and what was passed over."""
    check_team(person)
    viewer = team_viewer(house, person, speaker(house, person).now)
    with house.pool.connection() as db, look(db) as reading:
        orders = oversight.orders(reading, viewer.scope)
        skips = oversight.skips(reading, viewer.scope)
        as_of = reading.freshness(oversight.NAME).as_of
    return OversightRead(
        orders=[OrderRead.model_validate(it, from_attributes=True) for it in orders],
        skips=[SkipRead.model_validate(it, from_attributes=True) for it in skips],
        as_of=as_of,
    )
