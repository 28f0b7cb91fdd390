"""Everything that colleagues ask one to take over, accepted on one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.every import ACTS
from desk.case import Case
from desk.colleagues import assignee, helper
from desk.forms import FormRefused, command_id, form_id
from desk.giving import Thing, check_giving, give, offered, things, ticked
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import NotFound
from desk.queue import customer_names, speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
from domain.complaint_wishes import ComplaintCommand
from domain.ownership import AcceptHandOver
from domain.promise import AcceptPromise

router = APIRouter(include_in_schema=False)


@router.get("/offers")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    done: Annotated[bool, Query()] = False,
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    check_giving(house, person, position)
    return _page(request, house, person, done=done)


def _page(
    request: Request,
    house: House,
    person: Person,
    *,
    done: bool = False,
    wrong: str = "",
    failed: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    say = speaker(house, person)
    found = things(house, person, offered, say)
    return page(
        request,
        "offers.html",
        status=status,
        things=found,
        acts=ACTS,
        names=customer_names(house, person, {it.customer for it in found}, say),
        done=done,
        wrong=wrong,
        failed=failed or {},
        say=say,
    )


@router.post("/offers")
def accept(request: Request, person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    person.check("case", "write")
    say = speaker(house, person)
    try:
        wish = command_id(form_id(typed), typed)
    except FormRefused:
        words = say("This form is too old. Send it again.")
        return _page(request, house, person, wrong=words, status=422)
    chosen = ticked(things(house, person, offered, say), typed)
    failed = give(request, person, chosen, wish, accepted)
    if failed:
        words = say("Some could not be taken over. The others are yours.")
        return _page(request, house, person, wrong=words, failed=failed, status=409)
    return see(f"/offers?done=yes&position={max(house.ledger.head(), 1)}")


def accepted(case: Case, thing: Thing, base: dict[str, Any]) -> ComplaintCommand:
    me = case.person.staff
    by = assignee(case, me) if thing.promise is None else helper(case, me)
    if by is None:
        raise NotFound()
    if thing.promise is None:
        return AcceptHandOver(**base, by=by)
    return AcceptPromise(**base, promise=thing.promise, by=by)
