"""How those who answer for a team look after a case: orders to be answered, nudges, skipped cases.

None of it moves a clock. An order 督办 is owed until its answer; a nudge 催办 is a word to
the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, assert_never

from pydantic import AwareDatetime

from domain.decider import DomainError
from domain.event import Command, Event, Frozen
from domain.later import check_later
from domain.personal import Personal

SkipReason = Literal["skill", "language", "time", "involved", "other"]
"""The one word with which somebody passes over the case that is next."""

# events


class FollowThroughOrdered(Event, type="FollowThroughOrdered"):
    """The owner must answer by then how the case goes on; ``by`` is a staff stream."""

    order: str
    by: str
    words: Personal
    answer_by: AwareDatetime


class FollowThroughAnswered(Event, type="FollowThroughAnswered"):
    order: str
    answer: Personal


class FollowThroughMissed(Event, type="FollowThroughMissed"):
    """The moment of the answer passed without one; the order stays owed."""

    order: str


class OwnerNudged(Event, type="OwnerNudged"):
    """``by`` asks the owner to get on with it; ``day`` is the day where the case stands."""

    by: str
    owner: str
    day: date


class ComplaintSkipped(Event, type="ComplaintSkipped"):
    """It was next for this person, who passed it over."""

    by: str
    reason: SkipReason


OversightEvent = (
    FollowThroughOrdered
    | FollowThroughAnswered
    | FollowThroughMissed
    | OwnerNudged
    | ComplaintSkipped
)


# commands


class OrderFollowThrough(Command):
    order: str
    words: Personal
    answer_by: AwareDatetime


class AnswerFollowThrough(Command):
    order: str
    answer: Personal


class NudgeOwner(Command):
    pass


class SkipComplaint(Command):
    reason: SkipReason


OversightCommand = OrderFollowThrough | AnswerFollowThrough | NudgeOwner | SkipComplaint


# state


class Order(Frozen):
    answer_by: datetime
    version: int
    missed_at: datetime | None = None


class Oversight(Frozen):
    """``orders``: those without an answer; ``nudged``: who nudged -> on which day last."""

    orders: Mapping[str, Order] = {}
    answered: frozenset[str] = frozenset()
    nudged: Mapping[str, date] = {}


INITIAL = Oversight()


class OrderUnknown(DomainError):
    """No such order was given in the case."""


class NobodyToNudge(DomainError):
    """Nobody answers for the case yet."""


class NudgedToday(DomainError):
    """One person nudges the owner of a case once a day."""


class SkippedIsTaken(DomainError):
    """Only a case that nobody has taken can be passed over."""


def decide_oversight(
    command: OversightCommand, state: Oversight, owner: str | None, day: date
) -> list[OversightEvent]:
    """``day``: that of the command in the zone of the case."""
    by = command.actor.id
    match command:
        case OrderFollowThrough(order=order):
            if order in state.orders or order in state.answered:
                return []
            check_later(command.at, command.answer_by, "answer_by")
            return [
                FollowThroughOrdered(
                    at=command.at,
                    order=order,
                    by=by,
                    words=command.words,
                    answer_by=command.answer_by,
                )
            ]
        case AnswerFollowThrough(order=order):
            if order in state.answered:
                return []
            if order not in state.orders:
                raise OrderUnknown()
            return [FollowThroughAnswered(at=command.at, order=order, answer=command.answer)]
        case NudgeOwner():
            if owner is None:
                raise NobodyToNudge()
            if state.nudged.get(by, date.min) >= day:
                raise NudgedToday()
            return [OwnerNudged(at=command.at, by=by, owner=owner, day=day)]
        case SkipComplaint():
            if owner is not None:
                raise SkippedIsTaken()
            return [ComplaintSkipped(at=command.at, by=by, reason=command.reason)]
        case _:
            assert_never(command)


def evolve_oversight(state: Oversight, event: OversightEvent, version: int) -> Oversight:
    """``version`` is the stream's version with this event."""
    match event:
        case FollowThroughOrdered():
            order = Order(answer_by=event.answer_by, version=version)
            return state.model_copy(update={"orders": {**state.orders, event.order: order}})
        case FollowThroughMissed():
            missed = state.orders[event.order].model_copy(update={"missed_at": event.at})
            return state.model_copy(update={"orders": {**state.orders, event.order: missed}})
        case FollowThroughAnswered():
            left = {name: it for name, it in state.orders.items() if name != event.order}
            answered = state.answered | {event.order}
            return state.model_copy(update={"orders": left, "answered": answered})
        case OwnerNudged():
            return state.model_copy(update={"nudged": {**state.nudged, event.by: event.day}})
        case ComplaintSkipped():
            return state
        case _:
            assert_never(event)
