"""What an open page asks by itself: to be told of changes, what stands now, and to be seen.

The stream says only that something changed. Names and numbers come with an answer of its own, to
the person whose page it is, with the rights of that moment.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from desk import presence
from desk.authentication.session import Session
from desk.customer import known_to
from desk.house import House
from desk.lateness import reminders_late
from desk.newsroom import newsroom_of
from desk.open_page import OpenPage, Rows
from desk.page import bell
from desk.person import Person
from desk.presence import Doing
from desk.problem import NotFound
from desk.queue import speaker
from desk.visit import OwnForm, SignedIn, TheHouse
from domain.access import Place
from domain.complaint import complaint
from projections.changes import within
from projections.reading import look

router = APIRouter(include_in_schema=False)

MOST_ROWS: Final = 100
Number = Annotated[str, Query(max_length=20)]
Position = Annotated[int, Query(ge=0)]


@router.get("/live")
async def live(
    request: Request,
    *,
    person: SignedIn,
    house: TheHouse,
    case: Number = "",
    version: Position = 0,
    customer: Number = "",
    rows: Rows | None = None,
    at: Position = 0,
) -> Response:
    """Server-sent events for one open page: of a case, of a customer, of rows of a kind.

    ``at``: the position of the log it was made at.
    """
    page = OpenPage(
        Session(request.state.session, person.login, person.staff, person.language),
        person,
        rows=rows,
    )
    if case:
        page.stream, page.place, newest = await run_sync(_found, house, person, case)
        if newest > version:
            page.news["case"] = newest
    elif customer:
        page.stream, _ = await run_sync(known_to, house, person, customer)
    last = request.headers.get("last-event-id", "")
    at = int(last) if last.isdecimal() and len(last) < 19 else at
    newsroom = newsroom_of(request)
    await newsroom.begin()
    return StreamingResponse(
        newsroom.listen(page, at),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


def _found(house: House, person: Person, number: str) -> tuple[str, Place, int]:
    """Stream, place and version of a case that the person may see. Raises: NotFound."""
    stream, place = _seen(house, person, [number])[number]
    return stream, place, house.ledger.fold(complaint, stream).version


def _seen(house: House, person: Person, numbers: list[str]) -> dict[str, tuple[str, Place]]:
    with house.pool.connection() as db, look(db) as reading:
        found = within(reading, person.scope("case"), numbers)
    if len(numbers) == 1 and not found:
        raise NotFound()
    return found


@router.get("/live/now")
def now(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    of: Annotated[list[str], Query(max_length=MOST_ROWS)] = [],  # noqa: B006
) -> Response:
    """What stands now beside the words of a page: the bell, the grey bar, who is on its cases."""
    say = speaker(house, person)
    with house.pool.connection() as db:
        with look(db) as reading:
            cases = within(reading, person.scope("case"), of) if of else {}
        there = presence.everyone(db, [stream for stream, _ in cases.values()])
    told: dict[str, Any] = {
        number: presence.words(there.get(stream, {}), place, say, person.staff)
        for number, (stream, place) in cases.items()
    }
    waits = bell(house, person)
    late = reminders_late(request)
    return JSONResponse(
        {"notices": waits.notices, "mails": waits.mails, "late": late, "here": told}
    )


_PAGE: Final = TypeAdapter(UUID)
_DOING: Final[TypeAdapter[Doing | Literal["gone"]]] = TypeAdapter(Doing | Literal["gone"])


@router.post("/live/here")
def here(person: SignedIn, typed: OwnForm, house: TheHouse) -> Response:
    """Somebody is on a case and does something there, or has gone."""
    try:
        page = _PAGE.validate_python(typed.get("page", ""))
        doing = _DOING.validate_python(typed.get("doing", ""))
    except ValidationError:
        raise HTTPException(422) from None
    if doing == "gone":
        with house.pool.connection() as db:
            presence.leave(db, page, person.staff)
        return Response(status_code=204)
    number = typed.get("case", "")
    stream, _ = _seen(house, person, [number])[number]
    with house.pool.connection() as db:
        presence.stay(db, page, person.staff, stream, doing)
    return Response(status_code=204)
