"""What a person owes to customers: late, today by the hour, this week; and who is waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.every import ACTS
from desk.colleagues import present
from desk.finding import wait
from desk.house import House
from desk.language import local
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed
from desk.queue import customer_names, speaker
from desk.visit import SignedIn, TheHouse
from desk.words.facts import Speaker
from projections import promises, queue
from projections.case import Row
from projections.promises import Listed
from projections.reading import Freshness, look

router = APIRouter(include_in_schema=False)

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One open promise in words; ``to``: whom it was made to, or the customer."""

    promise: Listed
    customer: str
    to: str | None
    what: str
    age: str
    moment: str
    needs_reason: bool
    colleagues: Sequence[tuple[str, str]]

    @property
    def path(self) -> str:
        return f"/complaints/{self.promise.number}/{{}}/{self.promise.promise}"


@dataclass(frozen=True)
class Waiting:
    """A case that waits for its customer."""

    row: Row
    customer: str


@router.get("/follow-ups")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    done: Annotated[str, Query(max_length=30)] = "",
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    if not person.reaches("case"):
        raise NotAllowed()
    wait(house, promises.NAME, position)
    say = speaker(house, person)
    found, waiting, fresh = _found(house, person)
    names = customer_names(
        house, person, {it.customer for it in found} | {row.customer for row in waiting}, say
    )
    return page(
        request,
        "follow_ups.html",
        live={"rows": "case"},
        groups=_grouped(_lines(house, person, found, names, say), say),
        waiting=[Waiting(row, names[row.customer]) for row in waiting],
        done=say(ACTS[done].done) if done in ACTS else "",
        fresh=fresh,
        say=say,
    )


def _found(house: House, person: Person) -> tuple[list[Listed], list[Row], Freshness]:
    scope, me = person.scope("case"), person.staff
    with house.pool.connection() as db, look(db) as reading:
        mine = promises.promises(reading, scope, owner=me)
        waiting = [row for row in queue.owned(reading, scope, me) if row.waiting_until]
        return mine, waiting, reading.freshness(promises.NAME)


def _lines(
    house: House, person: Person, found: Sequence[Listed], names: Mapping[str, str], say: Speaker
) -> list[Line]:
    texts = house.ledger.open_in([(it.words, it.to) for it in found])
    return [
        Line(
            promise=it,
            customer=names[it.customer],
            to=None if it.to is None else say.shown(to),
            what=say.shown(what),
            age=say.span(say.now - it.due) if it.due < say.now else "",
            moment=local(it.due, house.directory.zone(it.legal_entity)),
            needs_reason=it.moved >= it.free_moves,
            colleagues=present(house, say, it.place, person.staff),
        )
        for it, (what, to) in zip(found, texts, strict=True)
    ]


def _grouped(lines: Sequence[Line], say: Speaker) -> list[tuple[str, list[Line]]]:
    """The groups that hold something, in the order in which they are worked."""
    titles = (say("Late"), say("Today"), say("This week"), say("Later"))
    groups: dict[str, list[Line]] = {title: [] for title in titles}
    for line in lines:
        groups[titles[_group(line.promise.due, say)]].append(line)
    return [(title, held) for title, held in groups.items() if held]


def _group(due: datetime, say: Speaker) -> int:
    if due < say.now:
        return 0
    zone = ZoneInfo(say.zone)
    if due.astimezone(zone).date() == say.now.astimezone(zone).date():
        return 1
    return 2 if due - say.now < WEEK else 3
