"""The JSON API, /api/v1: the same reads and commands as the pages, for programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from desk import feed, history_view, presence
from desk.api_bodies import (
    Body,
    ClockRead,
    ComplaintRead,
    EventRead,
    FactRead,
    HereRead,
    Lodged,
    PageRead,
    Problem,
    PromiseRead,
    Receipt,
    ReviewRead,
    RowRead,
    StepRead,
    TaskRead,
    receipt,
)
from desk.api_lodge import LodgeBody, lodge_command
from desk.api_visit import Expected, Key, KnownFirst, Program
from desk.api_wishes import WISHES, Wish, command_for, thing_for
from desk.case import Case, load
from desk.finding import complaint_stream
from desk.forms import FormRefused
from desk.history_asked import as_of_asked
from desk.house import House
from desk.keeping import Handed
from desk.lodge import handle
from desk.problem import FieldsRefused, NotFound, wrong_words
from desk.promised import promises_of, tasks_of
from desk.pulled_back import return_words
from desk.queue import cursor_of, cursor_text, speaker, viewer_of
from desk.review_acts import reviews_of
from desk.uploads import FIELD, FilesRefused, check_files, too_much, with_files
from desk.visit import TheHouse
from desk.words import Speaker
from domain.clock import Clock, counted_slices, remaining, state_of
from domain.complaint import complaint
from domain.complaint_facts import Severity
from domain.complaint_standing import standings
from domain.conversation import NoteAdded
from domain.event import Context
from domain.intervals import total
from domain.letter import PullBackLetter
from ledger import Receipt as Stored
from projections import queue
from projections.case import Stage
from projections.queue_page import Filters, Tab
from projections.queue_page import page as rows_of
from projections.reading import look

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (401, 403, 404, 409, 412, 413, 422, 503)
}
router = APIRouter(prefix="/api/v1", responses=PROBLEMS, route_class=KnownFirst)

Id = Annotated[str, Query(max_length=60)]


@router.get("/complaints", tags=["complaints"])
def complaints(
    person: Program,
    house: TheHouse,
    *,
    tab: Tab = "all",
    owner: Id | None = None,
    team: Id | None = None,
    stage: Stage | None = None,
    severity: Severity | None = None,
    breached: bool | None = None,
    customer: Id | None = None,
    after: Annotated[str, Query(max_length=400)] = "",
    size: Annotated[int, Query(ge=1, le=200)] = 50,
) -> PageRead:
    """A page of complaints in the order in which people should work."""
    say = speaker(house, person)
    filters = Filters(
        owner=owner, team=team, stage=stage, severity=severity, breached=breached,
        customer=customer,
    )  # fmt: skip
    viewer = viewer_of(house, person, say.now)
    with house.pool.connection() as db, look(db) as reading:
        found = rows_of(reading, viewer, tab, filters=filters, after=cursor_of(after), size=size)
        fresh = reading.freshness(queue.NAME)
    texts = house.ledger.open_in([row.own_words for row in found.rows])
    rows = [
        RowRead.model_validate(
            {name: getattr(row, name) for name in RowRead.model_fields if name != "what_happened"}
            | {"what_happened": text}
        )
        for row, text in zip(found.rows, texts, strict=True)
    ]
    next = cursor_text(found.next) if found.next else None
    return PageRead(rows=rows, next=next, as_of=fresh.as_of, lag_seconds=fresh.lag_seconds)


def find(request: Request, person: Program, ref: str) -> Case:
    """Raises: NotFound, also for what the person may not see."""
    stream = complaint_stream(request.app.state.house, person, ref)
    if stream is None:
        raise NotFound()
    return load(request, person, stream)


@router.get("/complaints/{ref}", tags=["complaints"])
def read(request: Request, response: Response, person: Program, ref: str) -> ComplaintRead:
    """One complaint by its number or stream. The ETag is its version."""
    case = find(request, person, ref)
    response.headers["ETag"] = f'"{case.version}"'
    return told(case)


def told(case: Case) -> ComplaintRead:
    state, row = case.state, case.row
    return ComplaintRead(
        stream=case.stream,
        number=state.number,
        version=case.version,
        legal_entity=state.legal_entity,
        branch=state.branch,
        team=row.team,
        owner=row.owner,
        customer=state.customer,
        channel=state.channel,
        product=state.product,
        category=state.category,
        severity=state.severity,
        received_at=state.received_at,
        what_happened=case.words.quote,
        stage=row.stage,
        next_act=row.next_act,
        decision=state.outcome,
        ending=state.ending,
        clocks=[_clock(clock, case) for clock in state.clocks.values()],
        steps=[
            StepRead(step=it.step, state=it.state, missing=list(it.missing))
            for it in (standings(state) if state.terms else ())
        ],
        promises=[
            PromiseRead.model_validate(it, from_attributes=True)
            for it in promises_of(case, case.speaker())
        ],
        tasks=[
            TaskRead.model_validate(it, from_attributes=True)
            for it in tasks_of(case, case.speaker())
        ],
        reviews=[
            ReviewRead.model_validate(it, from_attributes=True)
            for it in reviews_of(case, case.speaker())
        ],
        waiting_requests=list(state.conversation.waiting),
        waiting_approvals=[name for name, it in state.approvals.items() if it.waiting],
        letters={
            name: "sent" if it.sent_at else "ended" if it.ended else "written"
            for name, it in state.letters.items()
        },
    )


def _clock(clock: Clock, case: Case) -> ClockRead:
    assert case.state.terms is not None
    now, calendar = case.house.now(), case.state.terms.calendar(clock.calendar.id)
    counted = total(counted_slices(clock, calendar, now))
    return ClockRead(
        id=clock.id,
        name=clock.name,
        kind=clock.kind,
        state=state_of(clock, now),
        due=clock.due,
        remaining_seconds=int(remaining(clock, calendar, now).total_seconds()),
        counted_seconds=int(counted.total_seconds()),
        policy=str(clock.policy),
        calendar=str(clock.calendar),
        breached_at=clock.breached_at,
    )


@router.get("/complaints/{ref}/here", tags=["complaints"])
def here(request: Request, person: Program, house: TheHouse, ref: str) -> list[HereRead]:
    """Who else is looking at a complaint just now, and whether they write."""
    case = find(request, person, ref)
    with house.pool.connection() as db:
        there = presence.everyone(db, [case.stream]).get(case.stream, {})
    others = presence.others(there, case.place, person.staff)
    return [
        HereRead(staff=staff, name=house.directory.name(staff, person.language), doing=doing)
        for staff, doing in others.items()
    ]


@router.get("/complaints/{ref}/history", tags=["complaints"])
def facts(
    request: Request,
    response: Response,
    person: Program,
    *,
    ref: str,
    as_of_occurred: AwareDatetime | None = None,
    as_of_recorded: AwareDatetime | None = None,
) -> list[FactRead]:
    """Every fact of a complaint in plain sentences, oldest first.

    ``as_of_occurred``: what had happened by then; ``as_of_recorded``: what was known by then.
    """
    case = history_view.find(request, person, ref)
    try:
        seen = history_view.view(case, as_of_asked(as_of_occurred, as_of_recorded))
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    response.headers["ETag"] = f'"{case.version}-{seen.seen}"'
    return [
        FactRead(
            position=it.position,
            type=it.event.type_name,
            at=it.at,
            recorded_at=it.recorded_at,
            claimed_at=it.claimed_at,
            who=it.who,
            words=it.words,
            quote=it.quote,
            because=it.because,
            mentions=list(it.event.mentions) if isinstance(it.event, NoteAdded) else [],
        )
        for _, it in seen.shown
    ]


@router.get("/events", tags=["events"])
def events(
    person: Program,
    house: TheHouse,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[EventRead]:
    """The facts behind a position in the order of the log, with nothing personal in them.

    Ask again with the last position that you have taken; webhooks bring the same facts.
    """
    house.directory.catch_up()
    with house.pool.connection() as db:
        found = feed.page(db, person, after, limit)
    return [feed.told(row) for row in found.rows]


@router.post("/complaints", status_code=201, tags=["complaints"])
def lodge(
    response: Response, person: Program, house: TheHouse, body: LodgeBody, key: Key
) -> Lodged:
    """Lodge a complaint of a known customer."""
    say = speaker(house, person)
    try:
        command = lodge_command(house, person, body, key, say)
        handed = _handed(body, house, say)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    if handed:
        command = with_files(
            command, handed, house, subject=command.customer, stream=command.complaint
        )
    return lodged(response, house, command.complaint, handle(house, command, body.named))


def lodged(response: Response, house: House, stream: str, stored: Stored) -> Lodged:
    """What was stored of a new complaint, and where it is."""
    state = house.ledger.fold(complaint, stream).state
    response.headers["Location"] = f"/api/v1/complaints/{stream}"
    response.headers["ETag"] = f'"{state.version}"'
    return Lodged(
        outcome=stored.outcome,
        first=stored.first,
        last=stored.last,
        version=state.version,
        stream=stream,
        number=state.number,
    )


def _endpoint(wish: Wish) -> Callable[..., Receipt]:
    def endpoint(
        request: Request,
        response: Response,
        *,
        person: Program,
        ref: str,
        body: Body,
        key: Key,
        expected: Expected,
    ) -> Receipt:
        case = find(request, person, ref)
        case.check("write", thing_for(wish, case, body))
        stored = _handle(case, wish, body, key=key, expected=expected)
        if wish.kind is PullBackLetter and stored.outcome == "stored" and stored.last:
            return_words(load(request, person, case.stream), getattr(body, "letter", ""))
        version = stored.version
        if version is None:
            version = case.house.ledger.fold(complaint, case.stream).version
        response.headers["ETag"] = f'"{version}"'
        return receipt(stored, version)

    endpoint.__doc__ = wish.kind.__doc__
    endpoint.__name__ = wish.name.replace("-", "_")
    endpoint.__annotations__ = {
        "request": Request, "response": Response, "person": Program, "ref": str,
        "body": wish.body, "key": Key, "expected": Expected, "return": Receipt,
    }  # fmt: skip
    return endpoint


def _handle(case: Case, wish: Wish, body: Body, *, key: Any, expected: int | None) -> Stored:
    """Raises: FieldsRefused, and what the rules and the ledger say."""
    try:
        command = command_for(wish, case, body, key, case.house.now())
        handed = _handed(body, case.house, case.speaker())
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    except ValidationError as error:
        language = case.person.language
        found = error.errors(include_input=False, include_url=False)
        raise FieldsRefused(
            {
                ".".join(map(str, each["loc"])) or "body": wrong_words(each, language)
                for each in found
            }
        ) from None
    if handed:
        command = with_files(
            command, handed, case.house, subject=case.state.customer or "", stream=case.stream
        )
    context = Context(correlation=case.stream, expected_version=expected)
    return case.house.ledger.handle(complaint, case.stream, command, context)


def _handed(body: Body, house: House, say: Speaker) -> list[Handed]:
    """The files of a command. Raises: FormRefused."""
    handed = [file.handed() for file in getattr(body, "files", ())]
    try:
        if sum(one.size for one in handed) > house.largest_upload:
            raise FilesRefused(413, too_much(house, say))
        check_files(handed, house, say)
    except FilesRefused as refused:
        raise FormRefused({FIELD: refused.words}) from None
    return handed


for each in WISHES.values():
    router.add_api_route(
        f"/complaints/{{ref}}/{each.name}", _endpoint(each), methods=["POST"], tags=["commands"]
    )
