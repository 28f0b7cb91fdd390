"""Limits kept: how many clocks were met, broken or excused, by month; every number opens."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from babel.dates import format_skeleton
from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from desk.api.visit import PROBLEMS, Program
from desk.language import LOCALES
from desk.page import page
from desk.person import Person
from desk.queue import speaker
from desk.visit import SignedIn, TheHouse
from desk.words.facts import Speaker
from domain.access import NotAllowed
from domain.clock_facts import Kind
from projections import sla
from projections.reading import look
from projections.sla import Figures

router = APIRouter()

MONTHS_SHOWN = 12
Month = Annotated[date, Query(description="Its first day")]


@dataclass(frozen=True)
class Line:
    """One figure with its words; ``share`` met of what has ended, in per cent."""

    figure: Figures
    clock: str
    place: str
    share: int | None
    address: str


class FiguresRead(BaseModel):
    """Clocks of one name that came due in one month; ``month`` is its first day."""

    month: date
    legal_entity: str
    team: str
    kind: Kind
    name: str
    met: int
    breached: int
    excused: int
    open: int


class LimitsRead(BaseModel):
    rows: list[FiguresRead]
    as_of: int
    lag_seconds: float


@router.get("/limits", include_in_schema=False)
def show(request: Request, person: SignedIn, house: TheHouse) -> Response:
    _check(person)
    say = speaker(house, person)
    since, until = _months(say.now)
    with house.pool.connection() as db, look(db) as reading:
        found = sla.figures(reading, person.scope("team"), since, until)
        fresh = reading.freshness(sla.NAME)
    months = [
        (_month(month, say), [_line(figure, say) for figure in figures])
        for month, figures in groupby(found, key=lambda figure: figure.month)
    ]
    return page(request, "limits.html", months=months, fresh=fresh, say=say)


@router.get("/limits/behind", include_in_schema=False)
def behind(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    month: Month,
    legal_entity: Annotated[str, Query(max_length=60)],
    team: Annotated[str, Query(max_length=60)],
    kind: Literal["service", "statutory"],
    name: Annotated[str, Query(max_length=60)],
) -> Response:
    """The clocks that make up one line."""
    _check(person)
    say = speaker(house, person)
    figure = Figures(month, legal_entity, team, kind, name, 0, 0, 0, 0)
    with house.pool.connection() as db, look(db) as reading:
        clocks = sla.clocks_behind(reading, person.scope("team"), figure)
        fresh = reading.freshness(sla.NAME)
    line = _line(figure, say)
    return page(
        request,
        "limits_behind.html",
        line=line,
        month=_month(month, say),
        clocks=clocks,
        fresh=fresh,
        say=say,
    )


@router.get("/api/v1/limits", tags=["limits"], responses=PROBLEMS)
def limits(person: Program, house: TheHouse, since: Month, until: Month) -> LimitsRead:
    """Met, broken and excused, by clock, month, team and legal entity."""
    _check(person)
    with house.pool.connection() as db, look(db) as reading:
        found = sla.figures(reading, person.scope("team"), since, until)
        fresh = reading.freshness(sla.NAME)
    rows = [FiguresRead.model_validate(asdict(figure)) for figure in found]
    return LimitsRead(rows=rows, as_of=fresh.as_of, lag_seconds=fresh.lag_seconds)


class ClockBehind(BaseModel):
    """``number``: of its complaint; the moments tell which part of the figure it is in."""

    number: str
    name: str
    due: datetime
    fulfilled_at: datetime | None
    breached_at: datetime | None
    ended_at: datetime | None


@router.get("/api/v1/limits/behind", tags=["limits"], responses=PROBLEMS)
def clocks(
    person: Program,
    house: TheHouse,
    *,
    month: Month,
    legal_entity: Annotated[str, Query(max_length=60)],
    team: Annotated[str, Query(max_length=60)],
    kind: Kind,
    name: Annotated[str, Query(max_length=60)],
) -> list[ClockBehind]:
    """The clocks that make up one row of /limits."""
    _check(person)
    figure = Figures(month, legal_entity, team, kind, name, 0, 0, 0, 0)
    with house.pool.connection() as db, look(db) as reading:
        found = sla.clocks_behind(reading, person.scope("team"), figure)
    return [ClockBehind.model_validate(it, from_attributes=True) for it in found]


def _check(person: Person) -> None:
    if not person.reaches("team"):
        raise NotAllowed(thing="team")


def _months(now: datetime) -> tuple[date, date]:
    """From a year ago to the month after next: what is open now falls due then."""
    today = now.date()
    return today - timedelta(days=31 * MONTHS_SHOWN), today + timedelta(days=62)


def _month(month: date, say: Speaker) -> str:
    return str(format_skeleton("yMMMM", month, locale=LOCALES[say.language]))


def _line(figure: Figures, say: Speaker) -> Line:
    ended = figure.met + figure.breached + figure.excused
    asked: dict[str, Any] = {
        "month": figure.month.isoformat(),
        "legal_entity": figure.legal_entity,
        "team": figure.team,
        "kind": figure.kind,
        "name": figure.name,
    }
    return Line(
        figure=figure,
        clock=say.clock(figure.name),
        place=say.team(figure.legal_entity, figure.team),
        share=round(100 * figure.met / ended) if ended else None,
        address=f"/limits/behind?{urlencode(asked)}",
    )
