"""Being away and what colleagues ask one to take over, for programs."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel
from starlette.requests import Request

from desk import absence
from desk.api.bodies import Body, Plain, Wanted
from desk.api.reads import Receipt, receipt
from desk.api.visit import PROBLEMS, Key, Program
from desk.forms import FormRefused
from desk.giving import Find, Thing, check_giving, give, offered, owed, things
from desk.house import House
from desk.offers import accepted
from desk.person import Person
from desk.problem import FieldsRefused
from desk.queue import speaker
from desk.visit import TheHouse
from domain.staff import Absence, staff
from ledger import Receipt as Stored

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["away"])


class ThingRead(BaseModel):
    """A case, or one ``promise`` in it; ``id`` names it when it is given or accepted."""

    id: str
    case: str
    number: str
    promise: str | None
    what: str


class ColleagueAway(BaseModel):
    """``cases``: open ones; ``deputies``: who could stand in, where that is yours to say."""

    staff: str
    starts: AwareDatetime
    ends: AwareDatetime | None
    deputy: str | None
    cases: int
    deputies: list[str]


class AwayRead(BaseModel):
    """``absence``: your own; ``owed``: what goes to a deputy; ``deputies``: who could be it."""

    absence: Absence | None
    owed: list[ThingRead]
    deputies: list[str]
    colleagues: list[ColleagueAway]


class LeaveBody(Body):
    """``give``: ids of what is owed; all of it where it is left out. ``word``: to the deputy."""

    ends: AwareDatetime | None = None
    deputy: Wanted | None = None
    word: Plain = ""
    give: list[Wanted] | None = None


class DeputyBody(Body):
    deputy: Wanted


class AcceptBody(Body):
    """``accept``: ids of what is offered; all of it where it is left out."""

    accept: list[Wanted] | None = None


class Given(BaseModel):
    """``failed``: what could not be given, by its id, and why. The rest is done."""

    given: list[str]
    failed: dict[str, str]


class Left(Receipt, Given):
    """The absence is recorded; of what was to go to the deputy, what did."""


@router.get("/away")
def read(person: Program, house: TheHouse) -> AwayRead:
    check_giving(house, person, None)
    say = speaker(house, person)
    record = house.directory.staff[person.staff]
    return AwayRead(
        absence=record.away(say.now),
        owed=_told(house, person, owed),
        deputies=[it for it, _ in absence.deputies(house, record, person.staff, say)],
        colleagues=[
            ColleagueAway(
                staff=it.staff,
                starts=it.absence.starts,
                ends=it.absence.ends,
                deputy=it.absence.deputy,
                cases=it.cases,
                deputies=[one for one, _ in it.deputies] if it.mine else [],
            )
            for it in absence.absent(house, person, say)
        ],
    )


@router.post("/away")
def leave(request: Request, person: Program, house: TheHouse, body: LeaveBody, key: Key) -> Left:
    """Away from now on; what one owes is offered to the deputy."""
    say = speaker(house, person)
    chosen = _chosen(house, person, owed, body.give) if body.deputy else []
    try:
        stored = absence.leave(house, person, key, ends=body.ends, deputy=body.deputy, say=say)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    failed = {}
    if body.deputy:
        failed = absence.offer_to(
            request, person, chosen, key, deputy=body.deputy, word=body.word, ends=body.ends,
            say=say,
        )  # fmt: skip
    given = _given(chosen, failed)
    return Left(**_receipt(house, person.staff, stored).model_dump(), **given.model_dump())


@router.post("/away/back")
def back(person: Program, house: TheHouse, key: Key) -> Receipt:
    """Here again, early or not."""
    return _receipt(house, person.staff, absence.come_back(house, person, key))


@router.post("/away/{other}/deputy")
def stand_in(
    person: Program, house: TheHouse, *, other: str, body: DeputyBody, key: Key
) -> Receipt:
    """A lead chooses who stands in for somebody who went without a deputy."""
    say = speaker(house, person)
    away = absence.away_of(house, person, other, say)
    try:
        stored = absence.stand_in(house, person, key, away, deputy=body.deputy, say=say)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    return _receipt(house, other, stored)


@router.get("/offers")
def offers(person: Program, house: TheHouse) -> list[ThingRead]:
    """What colleagues ask you to take over."""
    check_giving(house, person, None)
    return _told(house, person, offered)


@router.post("/offers")
def accept(request: Request, person: Program, house: TheHouse, body: AcceptBody, key: Key) -> Given:
    person.check("case", "write")
    chosen = _chosen(house, person, offered, body.accept)
    return _given(chosen, give(request, person, chosen, key, accepted))


def _told(house: House, person: Person, find: Find) -> list[ThingRead]:
    found = things(house, person, find, speaker(house, person), most=None)
    return [
        ThingRead(id=it.tick, case=it.stream, number=it.number, promise=it.promise, what=it.what)
        for it in found
    ]


def _chosen(house: House, person: Person, find: Find, ids: Sequence[str] | None) -> list[Thing]:
    """An id that is none any more is passed over: sent again, it has been given already."""
    say = speaker(house, person)
    found = {it.tick: it for it in things(house, person, find, say, most=None)}
    return [found[id] for id in (found if ids is None else ids) if id in found]


def _given(chosen: Sequence[Thing], failed: dict[str, str]) -> Given:
    return Given(given=[it.tick for it in chosen if it.tick not in failed], failed=failed)


def _receipt(house: House, stream: str, stored: Stored) -> Receipt:
    return receipt(stored, house.ledger.fold(staff, stream).version)
