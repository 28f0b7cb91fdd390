"""From the queue: take what is next, pass it over, and deal with several cases at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import uuid5

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk import lists
from desk.acts.every import ACTS
from desk.case import Case, find, load
from desk.colleagues import assignee
from desk.forms import FormRefused, form_id
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.problem import FieldsRefused, NotAllowed, NotFound
from desk.queue import speaker, viewer_of
from desk.queue_filters import asked_of
from desk.submit import Refused, submit
from desk.visit import OwnForm, SignedIn, TheHouse, see
from domain.ownership import AlreadyTaken
from ledger import CommandIdMisused
from projections import oversight
from projections.queue_page import PAGE
from projections.queue_page import page as rows_of
from projections.reading import look

router = APIRouter(include_in_schema=False)

CHOSEN: Final = "case-"
"""How the field of a selected row begins; its case's number follows."""
BULK: Final = ("assign", "nudge")


class Took(NamedTuple):
    """The number of the case that is one's own now; ``raced``: one that somebody took before."""

    number: str
    raced: str = ""
    own: bool = False


@router.post("/queue/next")
def take_next(request: Request, person: SignedIn, house: TheHouse, typed: OwnForm) -> Response:
    """Take the case that was shown as next, or the one after it that is still free."""
    try:
        took = take_first(request, person, house, typed.get("shown", ""), typed)
    except Refused as refused:
        return _refused(request, person, house, refused)
    if took is None:
        return see("/queue?tab=mine")
    raced = f"&raced={took.raced}" if took.raced else ""
    return see(f"/complaints/{took.number}" + ("" if took.own else f"?done=take{raced}"))


def take_first(
    request: Request, person: Person, house: House, shown: str, typed: Mapping[str, str]
) -> Took | None:
    """The first that is still free; None where nothing is. Raises: Refused."""
    person.check("case", "write")
    raced = ""
    for case in _candidates(request, person, house, shown):
        number, owner = case.state.number, case.state.ownership.owner
        if owner == person.staff:
            return Took(number, own=True)
        if owner is not None:
            raced = raced or number
            continue
        if assignee(case, person.staff) is None:
            continue
        try:
            submit(request, case, ACTS["take"], "", typed)
        except Refused as refused:
            if isinstance(refused.__cause__, CommandIdMisused):
                return None
            if isinstance(refused.__cause__, AlreadyTaken):
                raced = raced or number
                continue
            raise
        return Took(number, raced)
    return None


def _candidates(request: Request, person: Person, house: House, shown: str) -> Iterator[Case]:
    """What was shown first, then what nobody has taken, in the order of the queue."""
    first = None
    if shown:
        first = find(request, person, shown)
        yield first
    viewer = viewer_of(house, person, house.now())
    with house.pool.connection() as db, look(db) as reading:
        rows = rows_of(reading, viewer, "unassigned").rows
        skipped = oversight.skipped_by(reading, person.staff)
    for row in rows:
        if row.stream not in skipped and (first is None or row.stream != first.stream):
            yield load(request, person, row.stream)


def _refused(request: Request, person: Person, house: House, refused: Refused) -> Response:
    return page(
        request, "bulk.html", status=refused.status, words=refused.words, results=(),
        say=speaker(house, person),
    )  # fmt: skip


@router.post("/queue/skip")
def skip(request: Request, person: SignedIn, house: TheHouse, typed: OwnForm) -> Response:
    case = find(request, person, typed.get("number", ""))
    try:
        receipt = submit(request, case, ACTS["skip"], "", typed)
    except Refused as refused:
        return _refused(request, person, house, refused)
    return see(f"/queue?tab=unassigned&position={receipt.last or 1}")


@dataclass(frozen=True)
class Result:
    """What became of one of several cases."""

    number: str
    words: str
    done: bool


@router.post("/queue/bulk")
def bulk(request: Request, person: SignedIn, house: TheHouse, typed: OwnForm) -> Response:
    """One act on each selected case; what one refuses does not stop the others."""
    act = typed.get("act", "")
    if act not in BULK:
        raise NotFound()
    right, thing = ACTS[act].right
    person.check(thing, right)
    try:
        form = form_id(typed)
    except FormRefused:
        raise NotFound() from None
    chosen = sorted(name.removeprefix(CHOSEN) for name in typed if name.startswith(CHOSEN))
    say = speaker(house, person)
    results = [
        _one(request, person, number, act, {"command_id": str(uuid5(form, number)), **_to(typed)})
        for number in chosen[:PAGE]
    ]
    words = "" if results else say("Nothing is selected.")
    return page(request, "bulk.html", words=words, results=results, say=say)


def _to(typed: Mapping[str, str]) -> dict[str, str]:
    return {"to": typed.get("to", "")}


def _one(
    request: Request, person: Person, number: str, act: str, typed: Mapping[str, str]
) -> Result:
    say = speaker(request.app.state.house, person)
    try:
        submit(request, find(request, person, number), ACTS[act], "", typed)
    except Refused as refused:
        words = " ".join([refused.words, *refused.fields.values()])
        return Result(number, words, done=False)
    except NotFound:
        return Result(number, say("There is no such complaint."), done=False)
    except NotAllowed:
        return Result(number, say("Your role does not allow this step."), done=False)
    return Result(number, say(ACTS[act].done), done=True)


@router.post("/queue/saved")
def save(person: SignedIn, house: TheHouse, typed: OwnForm) -> Response:
    """Keep the filters by a name, or forget them."""
    name = typed.get("name", "").strip()[:60]
    try:
        address = asked_of(typed.get("address", "")).address
    except ValueError:
        wrong = speaker(house, person)("This does not fit here.")
        raise FieldsRefused({"address": wrong}) from None
    with house.pool.connection() as db:
        if typed.get("forget"):
            lists.forget(db, person.login, name)
        elif name:
            lists.save(db, person.login, name, address)
    return see(f"/queue?{address}")
