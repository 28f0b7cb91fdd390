"""The queue for programs: how many there are, take what is next, the bell and the evening."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request

from desk.api.bodies import Body, Wanted
from desk.api.visit import PROBLEMS, Key, Program
from desk.bell import clear, told
from desk.evening import evening
from desk.forms import command_id
from desk.problem import FieldsRefused
from desk.queue import speaker, viewer_of
from desk.submit import Refused
from desk.taking import take_first
from desk.visit import TheHouse
from domain.complaint import complaint
from projections import notices_page, queue
from projections.queue_page import ANY, Tab, counts
from projections.reading import look

router = APIRouter(prefix="/api/v1", tags=["queue"], responses=PROBLEMS)


class CountRead(BaseModel):
    """``more``: there are more than were counted."""

    number: int
    more: bool


class QueueRead(BaseModel):
    """How many cases each ``tab`` of ``GET /complaints`` holds for you."""

    tabs: dict[Tab, CountRead]
    as_of: int
    lag_seconds: float


class NextBody(Body):
    """``shown``: the complaint that is to be taken first, if it is still free."""

    shown: Wanted | None = None


class NextRead(BaseModel):
    """``number`` null: nothing is free. ``raced``: one that somebody else took before you."""

    number: str | None
    raced: str | None


class NoticeRead(BaseModel):
    """``about``: the clock, letter, promise … it is of; ``by_law`` ones cannot be cleared."""

    kind: str
    about: str
    at: datetime
    due: datetime | None
    by_law: bool
    position: int


class CaseNoticesRead(BaseModel):
    case: str
    number: str
    owner: str | None
    notices: list[NoticeRead]


class ClearBody(Body):
    """``seen``: the highest ``position`` of what was looked at; newer notices stay."""

    seen: int


class AheadRead(BaseModel):
    name: str
    number: str
    what: str | None
    due: datetime


class EveningRead(BaseModel):
    """``answered``: customers you told something today; ``ahead``: your promises until the end
    of the next working day."""

    answered: int
    ahead: list[AheadRead]


@router.get("/queue")
def numbers(person: Program, house: TheHouse) -> QueueRead:
    viewer = viewer_of(house, person, speaker(house, person).now)
    with house.pool.connection() as db, look(db) as reading:
        found = counts(reading, viewer, ANY)
        fresh = reading.freshness(queue.NAME)
    tabs = {tab: CountRead(number=it.number, more=it.more) for tab, it in found.items()}
    return QueueRead(tabs=tabs, as_of=fresh.as_of, lag_seconds=fresh.lag_seconds)


@router.post("/queue/next")
def take_next(
    request: Request, person: Program, house: TheHouse, body: NextBody, key: Key
) -> NextRead:
    """Take the first case that is still free; the same key again gives the same case."""
    house.directory.catch_up()
    typed = {"command_id": str(key)}
    if before := house.ledger.told(command_id(key, typed)):
        state = house.ledger.fold(complaint, before[0].stream).state
        return NextRead(number=state.number, raced=None)
    try:
        took = take_first(request, person, house, body.shown or "", typed)
    except Refused as refused:
        if isinstance(refused.__cause__, Exception):
            raise refused.__cause__ from None
        if refused.status != 422:
            raise HTTPException(refused.status) from None
        raise FieldsRefused(refused.fields or {"shown": refused.words}) from None
    return NextRead(number=took and took.number, raced=(took and took.raced) or None)


@router.get("/notices")
def bell(person: Program, house: TheHouse) -> list[CaseNoticesRead]:
    """What you should look at, by case, without what you have cleared."""
    with house.pool.connection() as db, look(db) as reading:
        found = told(db, reading, person)
    return [
        CaseNoticesRead(
            case=case.stream,
            number=case.number,
            owner=case.owner,
            notices=[NoticeRead.model_validate(it, from_attributes=True) for it in case.notices],
        )
        for case in found
    ]


@router.post("/notices/clear")
def clear_all(person: Program, house: TheHouse, body: ClearBody) -> list[CaseNoticesRead]:
    """Clear what you have seen; what the law wants stays."""
    with house.pool.connection() as db:
        with look(db) as reading:
            found = notices_page.notices(reading, person.rights)
        standing = [it for case in found for it in case.notices]
        clear(db, person.login, standing, body.seen)
    return bell(person, house)


@router.get("/evening")
def today(person: Program, house: TheHouse) -> EveningRead:
    """Your own day, for nobody else."""
    house.directory.catch_up()
    found = evening(house, person)
    return EveningRead(
        answered=found.answered,
        ahead=[
            AheadRead(name=it.promise, number=it.number, what=what, due=it.due)
            for it, what in found.ahead
        ],
    )
