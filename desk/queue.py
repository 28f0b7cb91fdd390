"""The queue: what to do first, with its filters in the address."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import presence
from desk.clock_words import Mark
from desk.finding import wait
from desk.forms import Question
from desk.house import House
from desk.page import page
from desk.person import Person
from desk.terms import choices
from desk.visit import SignedIn, TheHouse, see
from desk.words import Speaker
from domain.complaint_facts import Severity
from domain.customer import customer
from projections import customers, queue
from projections.case import Row, Stage
from projections.queue_page import ANY, TABS, Cursor, Filters, Tab, Viewer, counts
from projections.queue_page import page as rows_of
from projections.reading import look

router = APIRouter(include_in_schema=False)

SOON: Final = timedelta(hours=4)
DUE: Final = {"today": timedelta(days=1), "week": timedelta(days=7), "over": timedelta(0)}


@dataclass(frozen=True)
class Line:
    """A row as it is shown: names and the customer's words opened."""

    row: Row
    customer: str
    words: str
    owner: str
    mark: Mark
    due: datetime | None
    here: str = ""
    """Who else is looking at it."""


@router.get("/")
def home(person: SignedIn) -> Response:
    return see("/queue" if person.reaches("case") else "/documents")


@router.get("/queue")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    tab: Tab = "mine",
    owner: Annotated[str, Query(max_length=60)] = "",
    team: Annotated[str, Query(max_length=60)] = "",
    entity: Annotated[str, Query(max_length=60)] = "",
    stage: Stage | Literal[""] = "",
    severity: Severity | Literal[""] = "",
    clock: Literal["service", "statutory", ""] = "",
    due: Literal["today", "week", "over", ""] = "",
    breached: Literal["yes", "no", ""] = "",
    after: Annotated[str, Query(max_length=400)] = "",
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    say = speaker(house, person)
    filters = Filters(
        owner=owner or None,
        team=team or None,
        legal_entity=entity or None,
        stage=stage or None,
        severity=severity or None,
        due_before=say.now + DUE[due] if due else None,
        breached=breached == "yes" if breached else None,
        clock=clock or None,
    )
    wait(house, queue.NAME, position)
    viewer = viewer_of(house, person, say.now)
    with house.pool.connection() as db, look(db) as reading:
        found = rows_of(reading, viewer, tab, filters=filters, after=cursor_of(after))
        numbers = counts(reading, viewer, filters)
        fresh = reading.freshness(queue.NAME)
    chosen = {
        "owner": owner, "team": team, "entity": entity, "stage": stage, "severity": severity,
        "clock": clock, "due": due, "breached": breached,
    }  # fmt: skip
    kept = {name: value for name, value in chosen.items() if value}
    return page(
        request,
        "queue.html",
        live={"rows": 1},
        tab=tab,
        tabs=TABS,
        numbers=numbers,
        lines=lines(house, person, found.rows, viewer, say),
        first=not after,
        more=_address(tab, kept, cursor_text(found.next)) if found.next else "",
        filters=_filters(house, person, say, chosen),
        filtered=filters != ANY,
        kept=urlencode(kept),
        may_lodge=person.reaches("case", "write"),
        fresh=fresh,
        say=say,
    )


def speaker(house: House, person: Person) -> Speaker:
    house.directory.catch_up()
    return Speaker(person.language, person.zone, house.now(), house.directory)


def viewer_of(house: House, person: Person, now: datetime) -> Viewer:
    teams = {role.team for role in person.rights.roles if role.team}
    return Viewer(
        scope=person.scope("case"),
        now=now,
        soon=_end_of_next_working_day(house, person, now),
        teams=tuple(sorted(teams)),
    )


def _end_of_next_working_day(house: House, person: Person, now: datetime) -> datetime:
    for name in person.entities("case"):
        entity = house.directory.entity(name)
        calendar = house.directory.library.calendars.get(entity.calendar) if entity else None
        if calendar is not None:
            tomorrow = calendar.local_date(now) + timedelta(days=1)
            return calendar.end_of_day(calendar.count_days(tomorrow, 1, calendar.is_business_day))
    return now + timedelta(days=1)


def lines(
    house: House, person: Person, rows: Iterable[Row], viewer: Viewer, say: Speaker
) -> list[Line]:
    found = list(rows)
    names = customer_names(house, person, {row.customer for row in found}, say)
    words = house.ledger.open_in([row.own_words for row in found])
    with house.pool.connection() as db:
        there = presence.everyone(db, [row.stream for row in found])
    return [
        Line(
            row=row,
            customer=names[row.customer],
            words=say.shown(text),
            owner=say.name(row.owner) if row.owner else "",
            mark=mark_of(row, viewer),
            due=due_of(row),
            here=presence.words(there.get(row.stream, {}), row.place, say, person.staff),
        )
        for row, text in zip(found, words, strict=True)
    ]


def customer_names(
    house: House, person: Person, streams: Iterable[str], say: Speaker
) -> Mapping[str, str]:
    """Stream -> name, "(erased)" where it is gone. Of cases that the person may read."""
    ordered = list(streams)
    with house.pool.connection() as db, look(db) as reading:
        rows = customers.customers(reading, person.scope("customer"), ordered)
    boxes = [
        rows[stream].called if stream in rows else house.ledger.fold(customer, stream).state.name
        for stream in ordered
    ]
    texts = house.ledger.open_in(boxes)
    return {stream: say.shown(text) for stream, text in zip(ordered, texts, strict=True)}


def due_of(row: Row) -> datetime | None:
    return min((at for at in (row.service_due, row.statutory_due) if at), default=None)


def mark_of(row: Row, viewer: Viewer) -> Mark:
    """The state of a row in one shape and word."""
    if row.closed_at is not None:
        return "ended"
    if (due := due_of(row)) is not None and due < viewer.now:
        return "overdue"
    if row.stage == "waiting":
        return "waiting"
    if row.paused:
        return "paused"
    urgent = row.statutory_due is not None and row.statutory_due <= viewer.soon
    return "soon" if urgent or (due is not None and due < viewer.now + SOON) else "in_time"


def cursor_text(cursor: Cursor) -> str:
    key = cursor.key.isoformat() if cursor.key else None
    return urlsafe_b64encode(orjson.dumps([cursor.rank, key, cursor.stream])).decode()


def cursor_of(text: str) -> Cursor | None:
    """A page's beginning from the address; one that was tampered with is the first page."""
    try:
        rank, key, stream = orjson.loads(urlsafe_b64decode(text.encode()))
        at = datetime.fromisoformat(key)
        fits = isinstance(rank, int) and isinstance(stream, str) and at.tzinfo is not None
        return Cursor(rank, at, stream) if fits and stream.isprintable() else None
    except (ValueError, TypeError):
        return None


def _address(tab: Tab, kept: Mapping[str, str], after: str) -> str:
    return "/queue?" + urlencode({"tab": tab, **kept, "after": after})


def _filters(
    house: House, person: Person, say: Speaker, chosen: Mapping[str, str]
) -> list[Question]:
    """The filters, each with what is chosen."""
    entities = [house.directory.entity(name) for name in person.entities("case")]
    known = [entity for entity in entities if entity]
    people = sorted(
        (
            (stream, say.text(one.name))
            for stream, one in house.directory.staff.items()
            if any(role.name in ("agent", "team_lead") for role in one.roles)
        ),
        key=lambda pair: pair[1],
    )
    teams = {id: say.text(name) for entity in known for id, name in entity.teams.items()}
    options: Mapping[str, tuple[str, list[tuple[str, str]]]] = {
        "owner": (say("Owner"), people),
        "team": (say("Team"), sorted(teams.items())),
        "entity": (say("Company"), [(entity.id, say.text(entity.name)) for entity in known]),
        "stage": (say("Stage"), choices(say.language, "stage", among=get_args(Stage))),
        "severity": (say("Severity"), choices(say.language, "severity")),
        "clock": (say("Time limit"), choices(say.language, "kind")),
        "due": (
            say("Due"),
            [
                ("over", say("overdue")),
                ("today", say("within a day")),
                ("week", say("within a week")),
            ],
        ),
        "breached": (say("Missed a limit"), [("yes", say("yes")), ("no", say("no"))]),
    }
    return [
        Question(name, title, "choice", required=False, choices=values, value=chosen[name])
        for name, (title, values) in options.items()
        if len(values) > 1 or name not in ("entity", "team")
    ]
