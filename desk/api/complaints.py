"""The JSON API, /api/v1: what programs read of complaints, as the pages show it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from desk import feed, presence
from desk.api.bodies import Body, Plain
from desk.api.reads import ComplaintRead, EventRead, FactRead, HereRead, PageRead
from desk.api.rows import After, Size, listed
from desk.api.told import told
from desk.api.visit import PROBLEMS, KnownFirst, Program
from desk.case import Case, find
from desk.forms import FormRefused
from desk.history import view as history_view
from desk.history.asked import Asked, Short, as_of_asked, spelled
from desk.problem import FieldsRefused, NotFound
from desk.queue import speaker
from desk.visit import TheHouse
from domain.clock_facts import Kind
from domain.complaint_facts import Severity
from domain.conversation import NoteAdded
from projections.case import Stage
from projections.queue_page import Filters, Tab

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
    legal_entity: Id | None = None,
    clock: Kind | None = None,
    due_before: AwareDatetime | None = None,
    after: After = "",
    size: Size = 50,
) -> PageRead:
    """A page of complaints in the order in which people should work."""
    say = speaker(house, person)
    filters = Filters(
        owner=owner, team=team, stage=stage, severity=severity, breached=breached,
        customer=customer, legal_entity=legal_entity, clock=clock, due_before=due_before,
    )  # fmt: skip
    return listed(house, person, tab, filters, say=say, after=after, size=size)


@router.get("/complaints/{ref}", tags=["complaints"])
def read(request: Request, response: Response, person: Program, ref: str) -> ComplaintRead:
    """One complaint by its number or stream. The ETag is its version."""
    case = find(request, person, ref)
    response.headers["ETag"] = f'"{case.version}"'
    return told(case)


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
    return _facts(response, case, as_of_asked(as_of_occurred, as_of_recorded))


class NarrowBody(Body):
    """As the page is narrowed; ``words``: of reasons and quotes, which stand in no address."""

    as_of_occurred: AwareDatetime | None = None
    as_of_recorded: AwareDatetime | None = None
    words: Annotated[Plain, Field(max_length=200)] = ""
    kind: Short = ""
    by: Short = ""
    who: Short = ""
    rule: Short = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@router.post("/complaints/{ref}/history", tags=["complaints"])
def facts_narrowed(
    request: Request, response: Response, *, person: Program, ref: str, body: NarrowBody
) -> list[FactRead]:
    """Facts of a complaint by kind, who acted, rule, time and words."""
    case = history_view.find(request, person, ref)
    if not case.may("read", "history"):
        raise NotFound()
    asked = as_of_asked(body.as_of_occurred, body.as_of_recorded).model_copy(
        update={
            **body.model_dump(include={"kind", "by", "who", "rule"}),
            "since": spelled(body.since) if body.since else "",
            "until": spelled(body.until) if body.until else "",
        }
    )
    return _facts(response, case, asked, body.words)


def _facts(response: Response, case: Case, asked: Asked, words: str = "") -> list[FactRead]:
    try:
        seen = history_view.view(case, asked, words)
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
