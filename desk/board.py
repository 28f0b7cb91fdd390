"""The team lead's board: what will be late, who carries how much, what waits for the lead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.colleagues import WORKING
from desk.finding import wait
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.queue import customer_names, due_of, lines, speaker, viewer_of
from desk.visit import SignedIn, TheHouse
from desk.words.facts import Speaker
from domain.access import NotAllowed, Place
from domain.staff import Staff
from domain.staff_facts import Role
from projections import board, notices, notices_page, oversight, queue
from projections.board import Cause, Day, Load
from projections.case import Row
from projections.queue_page import LAW_WITHIN, Viewer
from projections.queue_page import page as rows_of
from projections.reading import Freshness, look

router = APIRouter(include_in_schema=False)

HOTTEST: Final = 10
DAYS: Final = 14
CAUSES_WITHIN: Final = timedelta(days=90)


@dataclass(frozen=True)
class Colleague:
    """One person of the team. ``full``: how much of the capacity is used, in per cent."""

    staff: str
    name: str
    load: Load
    capacity: int | None
    away: bool
    away_until: datetime | None
    no_deputy: bool

    @property
    def full(self) -> int | None:
        return None if not self.capacity else round(100 * self.load.open / self.capacity)

    @property
    def over(self) -> bool:
        return self.capacity is not None and self.load.open > self.capacity


@router.get("/board")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    over: Annotated[str, Query(max_length=3)] = "",
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    check_team(person)
    say = speaker(house, person)
    for name in (queue.NAME, oversight.NAME, notices.NAME):
        wait(house, name, position)
    viewer = team_viewer(house, person, say.now)
    with house.pool.connection() as db, look(db) as reading:
        numbers = board.numbers(reading, viewer)
        people = colleagues(house, person, board.loads(reading, viewer), say)
        ahead = rows_of(reading, viewer, "hot").rows
        mine = notices_page.notices(reading, person.rights)
        orders = oversight.orders(reading, viewer.scope)
        skips = oversight.skips(reading, viewer.scope)
        silent = oversight.silent(reading, viewer.scope, say.now - timedelta(days=DAYS))
        fresh = reading.freshness(queue.NAME)
    hot = [row for row in ahead if _hot(row, viewer)][:HOTTEST]
    names = customer_names(
        house, person, {*(it.customer for it in orders), *(it.customer for it in skips)}, say
    )
    return page(
        request,
        "board.html",
        live={"rows": "team"},
        numbers=numbers,
        over=sum(it.over for it in people),
        people=[it for it in people if it.over or not over],
        only_over=bool(over),
        alone=_alone(people, say),
        hot=lines(house, person, hot, viewer, say),
        first_late=min((at for row in ahead if (at := due_of(row))), default=None),
        approvals=[
            (case.number, notice)
            for case in mine
            for notice in case.notices
            if notice.kind == "approval"
        ],
        orders=orders,
        skips=skips,
        silent=silent,
        names=names,
        may_order=person.reaches("oversight", "write"),
        may_move=person.reaches("team", "write"),
        fresh=fresh,
        say=say,
    )


def check_team(person: Person) -> None:
    """Raises: NotAllowed."""
    if not person.reaches("team"):
        raise NotAllowed(thing="team")


def team_viewer(house: House, person: Person, now: datetime) -> Viewer:
    return replace(viewer_of(house, person, now), scope=person.scope("team"))


def _hot(row: Row, viewer: Viewer) -> bool:
    """Late, before tonight, in danger of the law, or in the fast lane."""
    law = row.statutory_due is not None and row.statutory_due <= viewer.now + LAW_WITHIN
    due = due_of(row)
    tonight = viewer.tonight or viewer.now
    return row.fast_lane or (law and row.answered_at is None) or (due is not None and due < tonight)


def colleagues(
    house: House, person: Person, loads: dict[str, Load], say: Speaker
) -> list[Colleague]:
    """Who works in the teams that the person leads, by name: never by what they did."""
    found = [
        _colleague(staff, house.directory.staff[staff], loads.get(staff, Load(staff, 0, 0, 0)), say)
        for staff in house.directory.holders(say.now, lambda role: _of_team(person, role))
    ]
    return sorted(found, key=lambda it: say.by_sound(it.name))


def _of_team(person: Person, role: Role) -> bool:
    place = Place(legal_entity=role.legal_entity, branch=role.branch, team=role.team)
    return role.name in WORKING and person.may("read", "team", place)


def _colleague(staff: str, record: Staff, load: Load, say: Speaker) -> Colleague:
    absence = record.away(say.now)
    return Colleague(
        staff=staff,
        name=say.name(staff),
        load=load,
        capacity=record.capacity,
        away=absence is not None,
        away_until=absence.ends if absence else None,
        no_deputy=absence is not None and absence.deputy is None,
    )


def _alone(people: list[Colleague], say: Speaker) -> bool:
    """Whether everybody is away and somebody has no deputy."""
    return bool(people) and all(it.away for it in people) and any(it.no_deputy for it in people)


@router.get("/board/trend")
def trend(request: Request, person: SignedIn, house: TheHouse) -> Response:
    """What came, was answered and was closed, day by day."""
    say, zone = speaker(house, person), ZoneInfo(person.zone)
    found, fresh = days_of(house, person, say.now)
    most = max((max(it.received, it.answered, it.closed) for it in found), default=0)
    return page(
        request, "trend.html", days=found, most=max(most, 1), fresh=fresh, say=say,
        named=[(it, say.at(datetime.combine(it.day, time(12), zone))[:-6]) for it in found],
    )  # fmt: skip


@router.get("/board/causes")
def causes(request: Request, person: SignedIn, house: TheHouse) -> Response:
    """What is complained of again and again: product by category."""
    say = speaker(house, person)
    found, fresh = causes_of(house, person, say.now)
    most = max((it.cases for it in found), default=1)
    return page(
        request, "causes.html", causes=found, most=most, days=CAUSES_WITHIN.days, fresh=fresh,
        say=say,
    )  # fmt: skip


def days_of(house: House, person: Person, now: datetime) -> tuple[list[Day], Freshness]:
    """The last days in the person's zone. Raises: NotAllowed."""
    check_team(person)
    zone = ZoneInfo(person.zone)
    today = now.astimezone(zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    since = datetime.combine(days[0], time(), zone)
    with house.pool.connection() as db, look(db) as reading:
        found = board.trend(reading, person.scope("team"), person.zone, since, days)
        return found, reading.freshness(queue.NAME)


def causes_of(house: House, person: Person, now: datetime) -> tuple[list[Cause], Freshness]:
    """Raises: NotAllowed."""
    check_team(person)
    with house.pool.connection() as db, look(db) as reading:
        found = board.causes(reading, person.scope("team"), now - CAUSES_WITHIN)
        return found, reading.freshness(queue.NAME)
