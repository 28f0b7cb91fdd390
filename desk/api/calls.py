"""Calls over the API: what the script says, and the record of a call."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from desk.api.bodies import Body, Wanted
from desk.api.reads import Receipt, receipt
from desk.api.visit import PROBLEMS, Key, Program
from desk.calling import Call, beginning, case_in, keep, known, open_cases, script
from desk.finding import place_of, wait
from desk.forms import FormRefused
from desk.house import House
from desk.person import Person
from desk.problem import FieldsRefused
from desk.queue import speaker
from desk.search import LONGEST, search
from desk.visit import TheHouse
from domain.interaction import interaction
from domain.personal import Personal
from domain.promise import Promised
from projections import queue

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["calls"])


class PromiseOpen(BaseModel):
    name: str
    case: str
    what: str | None
    owner: str
    due: datetime


class ScriptRead(BaseModel):
    """``told``: what the customer was told last; ``no_calls``: they do not want to be called.

    ``cases``: numbers of the open complaints that you may see.
    """

    customer: str
    name: str
    greeting: str
    needs: list[str]
    no_calls: bool
    told: str | None
    promises: list[PromiseOpen]
    cases: list[str]


class PhoneBody(Body):
    phone: Annotated[Wanted, Field(max_length=LONGEST)]


class PromisedBody(Body):
    what: Wanted
    due: AwareDatetime


class CallBody(Body):
    """``begun`` and ``ended``: today; the promise belongs to the complaint ``case``."""

    direction: Literal["in", "out"] = "in"
    summary: Wanted
    case: Wanted | None = None
    begun: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    promise: PromisedBody | None = None


class CallKept(Receipt):
    """``call``: its stream; ``promise``: its name in the commands of the complaint."""

    call: str
    promise: str | None


@router.post("/calls")
def ringing(person: Program, house: TheHouse, body: PhoneBody) -> list[ScriptRead]:
    """The scripts of those you may speak with whom a phone number belongs to.

    A search that is recorded, as any other.
    """
    person.check("customer", "write")
    house.directory.catch_up()
    found = search(house, person, body.phone).customers
    mine = [row for row in found if person.may("write", "customer", place_of(row))]
    return [_told(house, person, row.customer) for row in mine]


@router.get("/calls/{ref}")
def read(person: Program, house: TheHouse, ref: str) -> ScriptRead:
    """The script of a call with a customer: who it is, what was said last, what is promised."""
    house.directory.catch_up()
    return _told(house, person, ref)


@router.post("/calls/{ref}/record", status_code=201)
def record(person: Program, house: TheHouse, *, ref: str, body: CallBody, key: Key) -> CallKept:
    """Keep a call, and what was promised in it."""
    say = speaker(house, person)
    stream, state = known(house, person, ref)
    if body.case is not None:
        wait(house, queue.NAME, house.ledger.head())
    try:
        case = case_in(open_cases(house, person, stream), body.case or "", say)
        if body.promise is not None and case is None:
            raise FormRefused({"case": say("A promise belongs to a case: choose it.")})
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    promised = None
    if body.promise is not None:
        promised = Promised(what=Personal(body.promise.what), due=body.promise.due)
    begun = beginning(body.begun or say.now, say.now)
    ended = body.ended or begun
    call = Call(
        begun=begun, ended=max(begun, ended), direction=body.direction, summary=body.summary,
        case=case, promised=promised,
    )  # fmt: skip
    kept = keep(house, person, stream, state, call=call, form=key, id=key)
    version = house.ledger.fold(interaction, kept.stream).version
    return CallKept(
        **receipt(kept.receipt, version).model_dump(), call=kept.stream, promise=kept.promise
    )


def _told(house: House, person: Person, ref: str) -> ScriptRead:
    stream, state = known(house, person, ref)
    it = script(house, person, stream, state, speaker(house, person))
    return ScriptRead(
        customer=state.number,
        name=it.name,
        greeting=it.greeting,
        needs=list(it.needs),
        no_calls=it.no_calls,
        told=it.told,
        promises=[
            PromiseOpen(name=one.promise, case=one.number, what=what, owner=one.owner, due=one.due)
            for one, what in it.given
        ],
        cases=[row.number for row in it.cases],
    )
