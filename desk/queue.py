"""The queue: what to do first, with its filters in the address; it remembers where one was."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from desk import lists, presence
from desk.finding import wait
from desk.house import House
from desk.left_rows import gone_words, left_rows, merged
from desk.page import page
from desk.person import Person
from desk.problem import NotFound
from desk.queue_filters import Asked, asked_of, questions, readable
from desk.visit import SEEN, SignedIn, TheHouse, see
from desk.words.clock import Mark
from desk.words.countdown import Countdown, countdown
from desk.words.facts import Speaker
from desk.words.terms import choices
from domain.access import Thing
from domain.customer import customer
from projections import customers, oversight, queue
from projections.case import Row
from projections.queue_page import ANY, FOLDED, Count, Cursor, Filters, Tab, Viewer, counts
from projections.queue_page import page as rows_of
from projections.reading import Reading, look

router = APIRouter(include_in_schema=False)

TABS: Final[tuple[Tab, ...]] = ("mine", "team", "unassigned", "waiting", "after_close")
LED: Final[tuple[Tab, ...]] = ("mine", "team", "unassigned")
"""The tabs whose first row is a card, with the folded groups below."""
FOLDED_SHOWN: Final = 5


@dataclass(frozen=True)
class Line:
    """A row as it is shown: names and the customer's words opened.

    gone: why it is not in the list any more, where it stays until its reader leaves.
    skipped: the reader passed it over.
    """

    row: Row
    customer: str
    words: str
    owner: str
    mark: Mark
    due: datetime | None
    left: Countdown | None
    here: str = ""
    """Who else is looking at it."""
    gone: str = ""
    skipped: bool = False


HOMES: Final[Sequence[tuple[str, Thing]]] = (
    ("/queue", "case"), ("/customers", "customer"), ("/staff", "staff"), ("/documents", "document"),
)  # fmt: skip
"""Where somebody begins: the first that there is for them."""


@router.get("/")
def home(person: SignedIn) -> Response:
    return see(next((path for path, thing in HOMES if person.reaches(thing)), "/me"))


@router.get("/queue")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    asked: Annotated[Asked, Depends()],
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    if not request.url.query and (known := _remembered(house, person, asked)):
        return see(f"/queue?{known}")
    say = speaker(house, person)
    filters, whose = asked.chosen.filters(say), asked.tab if asked.tab in LED else None
    wait(house, queue.NAME, position)
    viewer = viewer_of(house, person, say.now)
    id = lists.list_id(house, person.login, asked.address)
    with house.pool.connection() as db:
        before = lists.shown(db, person.login, id) if asked.row else None
        saved = readable(lists.saved(db, person.login))
        with look(db) as reading:
            found = rows_of(
                reading, viewer, asked.tab, filters=filters, after=cursor_of(asked.after)
            )
            numbers = counts(reading, viewer, filters)
            folded = _folded(reading, viewer, filters, whose) if not asked.after else {}
            skipped = oversight.skipped_by(reading, person.staff)
            fresh = reading.freshness(queue.NAME)
            left = left_rows(reading, viewer, asked.tab, filters, before=before, rows=found.rows)
        rows = merged(found.rows, before, left)
        if SEEN not in request.headers:
            streams = tuple(row.stream for row in rows)
            lists.keep(db, person.login, lists.Shown(id, asked.address, streams), say.now)
    shown = [
        replace(
            line,
            gone=gone_words(house, person, line.row, say) if line.row.stream in left else "",
            skipped=line.row.stream in skipped,
        )
        for line in lines(house, person, rows, viewer, say)
    ]
    lead = None
    if asked.tab in LED and not asked.after:
        lead = next((line for line in shown if not line.gone and not line.skipped), None)
    return page(
        request,
        "queue.html",
        live={"rows": "case"},
        tab=asked.tab,
        tabs=TABS if asked.tab in TABS else (*TABS, asked.tab),
        numbers=numbers,
        lead=lead,
        lines=[line for line in shown if line is not lead],
        folded={
            group: (count, lines(house, person, resting, viewer, say))
            for group, (count, resting) in folded.items()
        },
        more=f"/queue?{replace(asked, after=cursor_text(found.next)).address}"
        if found.next
        else "",
        filters=questions(house, person, say, asked.chosen.kept),
        filtered=filters != ANY,
        kept=urlencode(asked.chosen.kept),
        address=asked.address,
        saved=[(name, it.address) for name, it in saved.items()],
        list=id,
        came=asked.row,
        skips=choices(say.language, "skip"),
        may_lodge=person.reaches("case", "write"),
        may_assign=person.reaches("team", "write"),
        fresh=fresh,
        say=say,
    )


def _remembered(house: House, person: Person, asked: Asked) -> str:
    """The address of the list looked at last, where it is another than the plain one."""
    with house.pool.connection() as db:
        last = lists.last(db, person.login)
    return last.address if last and last.address != asked.address else ""


def _folded(
    reading: Reading, viewer: Viewer, filters: Filters, whose: Tab | None
) -> dict[Tab, tuple[Count, list[Row]]]:
    """The groups that wake by themselves, each with its count and its first rows."""
    if whose is None:
        return {}
    numbers = counts(reading, viewer, filters, whose)
    return {
        group: (
            numbers[group],
            rows_of(reading, viewer, group, filters=filters, size=FOLDED_SHOWN, whose=whose).rows,
        )
        for group in FOLDED
        if numbers[group].number
    }


@router.get("/queue/new")
def new(person: SignedIn, house: TheHouse, list: str) -> Mapping[str, int]:
    """How many cases a list has on its first page that were not there when it was shown."""
    with house.pool.connection() as db:
        shown = lists.shown(db, person.login, list)
        if shown is None:
            raise NotFound()
        asked, say = asked_of(shown.address), speaker(house, person)
        with look(db) as reading:
            found = rows_of(
                reading, viewer_of(house, person, say.now), asked.tab,
                filters=asked.chosen.filters(say), after=cursor_of(asked.after),
            )  # fmt: skip
            position = reading.freshness(queue.NAME).as_of
    count = sum(row.stream not in shown.streams for row in found.rows)
    return {"count": count, "position": position}


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
        tonight=_tonight(person, now),
    )


def _tonight(person: Person, now: datetime) -> datetime:
    """The end of this day in the zone of the person's entity."""
    local = now.astimezone(ZoneInfo(person.zone))
    midnight = datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo)
    return midnight.astimezone(now.tzinfo)


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
            left=_left(house, row, viewer, say),
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


def _left(house: House, row: Row, viewer: Viewer, say: Speaker) -> Countdown | None:
    due = due_of(row)
    if due is None or row.closed_at is not None:
        return None
    calendar = house.directory.calendar(row.calendar) if row.calendar else None
    return countdown(due, calendar, row.warns, viewer.now, say)


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
    return "soon" if any(at <= viewer.now for at in row.warns) else "in_time"


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
