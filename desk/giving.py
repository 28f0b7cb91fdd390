"""Many things given at once: each case handed over, each promise offered, or accepted, by itself.

A form holds a tick for each; what could not be given is told with its reason, the rest is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

from starlette.requests import Request

from desk.acts.owner import right_if_asked
from desk.case import Case, load
from desk.finding import wait
from desk.house import House
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.words.facts import Speaker
from domain.complaint import complaint
from domain.complaint_wishes import ComplaintCommand
from domain.decider import DomainError
from domain.event import Context
from ledger import CommandIdMisused, KeyDestroyed, RivalWrote
from projections import promises, queue
from projections.case import Row
from projections.promises import Listed
from projections.reading import Reading, look

MOST: Final = 150
"""Ticks on one form: a form holds no more than ``desk.visit.MOST_FIELDS``."""


@dataclass(frozen=True)
class Thing:
    """A case, or one promise in it. ``tick`` is its name in the form."""

    stream: str
    number: str
    customer: str
    promise: str | None = None
    what: str = ""

    @property
    def tick(self) -> str:
        return f"give.{self.stream}" + (f".{self.promise}" if self.promise else "")


Find = Callable[[Reading, Person], tuple[list[Row], list[Listed]]]


def owed(reading: Reading, person: Person) -> tuple[list[Row], list[Listed]]:
    """What somebody answers for and has offered to nobody; with a case go its owner's promises."""
    scope = person.scope("case")
    cases = queue.owned(reading, scope, person.staff, limit=None)
    owned = {row.stream for row in cases}
    mine = promises.promises(reading, scope, owner=person.staff, limit=None)
    alone = [it for it in mine if it.case_stream not in owned and it.offered_to is None]
    return [row for row in cases if row.offered_team is None], alone


def offered(reading: Reading, person: Person) -> tuple[list[Row], list[Listed]]:
    """What colleagues ask somebody, or their team, to take over."""
    return (
        queue.offered(reading, person.scope("asked"), person.staff),
        promises.promises(reading, person.scope("case"), offered_to=person.staff, limit=None),
    )


def check_giving(house: House, person: Person, position: int | None) -> None:
    """Waits until what is given and taken is known up to there. Raises: NotAllowed."""
    if not person.reaches("case"):
        raise NotAllowed()
    for name in (queue.NAME, promises.NAME):
        wait(house, name, position)


def things(
    house: House, person: Person, find: Find, say: Speaker, most: int | None = MOST
) -> list[Thing]:
    """As many as a form holds; all of them where ``most`` is None."""
    with house.pool.connection() as db, look(db) as reading:
        cases, promised = find(reading, person)
    opened = house.ledger.open_in([row.own_words for row in cases])
    texts = house.ledger.open_in([it.words for it in promised])
    named = [
        *(
            Thing(row.stream, row.number, row.customer, what=text or "")
            for row, text in zip(cases, opened, strict=True)
        ),
        *(
            Thing(it.case_stream, it.number, it.customer, it.promise, say.shown(text))
            for it, text in zip(promised, texts, strict=True)
        ),
    ]
    return named[:most]


Make = Callable[[Case, Thing, dict[str, Any]], ComplaintCommand]
"""The command that gives one thing; the last argument is its id, moment and actor."""


def give(
    request: Request, person: Person, chosen: Sequence[Thing], wish: UUID, make: Make
) -> dict[str, str]:
    """Give each; what could not be given -> why, in words."""
    house: House = request.app.state.house
    failed = {}
    for thing in chosen:
        try:
            case = load(request, person, thing.stream)
            case.check(*right_if_asked(case))
            id = uuid5(wish, thing.tick)
            base = {"command_id": id, "at": house.now(), "actor": person.actor()}
            command = make(case, thing, base)
            context = Context(correlation=case.stream)
            house.ledger.handle(complaint, case.stream, command, context)
        except (DomainError, CommandIdMisused, KeyDestroyed, RivalWrote, NotFound) as error:
            failed[thing.tick] = trouble_of(error, person.language).detail
    return failed


def ticked(found: list[Thing], typed: Mapping[str, str]) -> list[Thing]:
    return [thing for thing in found if typed.get(thing.tick) == "yes"]
