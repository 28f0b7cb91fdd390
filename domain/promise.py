"""A promise to a customer: what, to whom, by when, by whom; kept, moved, passed on or broken.

The one who gave it owes it until somebody else accepts it. A broken promise stays open until it
is kept or moved: that it was broken is a fact for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, assert_never

from pydantic import AwareDatetime

from domain.decider import DomainError
from domain.event import UPCASTERS, Command, Event, Frozen
from domain.later import check_later
from domain.ownership import Assignee, NoHandOverOffered, OfferedToSomebodyElse, check_can_help
from domain.personal import Personal
from domain.policy import Policy

# events


class PromiseMade(Event, type="PromiseMade", schema=2):
    """``to`` None: to the customer; ``owner`` is the staff stream that owes it."""

    promise: str
    what: Personal
    to: Personal | None
    due: AwareDatetime
    tell_at: AwareDatetime
    """When the promiser is told that it falls due."""
    free_moves: int
    """How often it may be moved without a reason."""
    owner: str


def _free_moves_named(body: dict[str, Any]) -> dict[str, Any]:
    """Under schema 1 every promise could be moved twice without a reason."""
    return {**body, "free_moves": 2}


UPCASTERS["PromiseMade", 1] = _free_moves_named


class PromiseFellDue(Event, type="PromiseFellDue"):
    """The promiser was told that it is due soon."""

    promise: str


class PromiseBroken(Event, type="PromiseBroken"):
    """Its moment passed and it was neither kept nor moved."""

    promise: str


class PromiseMoved(Event, type="PromiseMoved"):
    promise: str
    due: AwareDatetime
    tell_at: AwareDatetime
    reason: Personal | None


class PromiseKept(Event, type="PromiseKept"):
    promise: str
    how: Personal | None


class PromiseTakenBack(Event, type="PromiseTakenBack"):
    """It stood in a letter that was pulled back before it left."""

    promise: str


class PromiseOffered(Event, type="PromiseOffered"):
    """A colleague is asked to keep it instead."""

    promise: str
    to: str
    team: str


class PromisePassedOn(Event, type="PromisePassedOn"):
    """From now on ``owner`` owes it: they accepted it, or the case that it belongs to."""

    promise: str
    owner: str


class PromiseReturned(Event, type="PromiseReturned"):
    """Sent back by whom it was offered to, or by the rule when nobody accepted in time."""

    promise: str
    word: Personal | None = None


PromiseEvent = (
    PromiseMade
    | PromiseFellDue
    | PromiseBroken
    | PromiseMoved
    | PromiseKept
    | PromiseTakenBack
    | PromiseOffered
    | PromisePassedOn
    | PromiseReturned
)


# commands


class Promised(Frozen):
    """One line beside a reply, a note or a call: "I promise … by …"."""

    what: Personal
    due: AwareDatetime
    to: Personal | None = None


class MakePromise(Command):
    promise: str
    promised: Promised


class MovePromise(Command):
    promise: str
    due: AwareDatetime
    reason: Personal | None = None


class KeepPromise(Command):
    promise: str
    how: Personal | None = None


class OfferPromise(Command):
    promise: str
    to: Assignee


class AcceptPromise(Command):
    promise: str
    by: Assignee


class ReturnPromise(Command):
    promise: str
    word: Personal | None = None


PromiseCommand = (
    MakePromise | MovePromise | KeepPromise | OfferPromise | AcceptPromise | ReturnPromise
)


# state


class PromiseOffer(Frozen):
    to: str
    team: str
    offered_at: datetime
    version: int


class Promise(Frozen):
    """``version``: of the event that last set ``due``, which is what is owed by it."""

    owner: str
    due: datetime
    tell_at: datetime
    version: int
    free_moves: int
    moved: int = 0
    told: bool = False
    broken_at: datetime | None = None
    offer: PromiseOffer | None = None


Promises = Mapping[str, Promise]
"""The open ones, by name: what was kept or taken back is owed no more."""


class PromiseUnknown(DomainError):
    """No such open promise in this case."""


class PromiseNeedsReason(DomainError):
    """Moved before, so this time the customer is owed a reason."""


def made(
    command: Command, name: str, promised: Promised | None, policy: Policy
) -> list[PromiseMade]:
    """The promise that goes with a command, if one does. Raises: MomentHasPassed, MomentTooFar."""
    if promised is None:
        return []
    due = promised.due
    return [
        PromiseMade(
            at=command.at,
            promise=name,
            what=promised.what,
            to=promised.to,
            due=due,
            tell_at=_tell_at(command.at, due, policy.promise_notice),
            free_moves=policy.promise_free_moves,
            owner=command.actor.on_behalf_of or command.actor.id,
        )
    ]


def _tell_at(at: datetime, due: datetime, notice: timedelta) -> datetime:
    """Halfway there where it is due sooner than twice the notice."""
    check_later(at, due, "promise_due")
    return max(due - notice, at + (due - at) / 2)


def decide_promise(
    command: PromiseCommand, promises: Promises, policy: Policy
) -> list[PromiseEvent]:
    if isinstance(command, MakePromise):
        known = command.promise in promises
        return [] if known else [*made(command, command.promise, command.promised, policy)]
    promise = promises.get(command.promise)
    if promise is None:
        raise PromiseUnknown()
    match command:
        case MovePromise():
            return _move(command, promise, policy)
        case KeepPromise():
            return [PromiseKept(at=command.at, promise=command.promise, how=command.how)]
        case OfferPromise(to=to):
            if to.staff in (promise.owner, promise.offer.to if promise.offer else None):
                return []
            check_can_help(to, command)
            return [
                PromiseOffered(at=command.at, promise=command.promise, to=to.staff, team=to.team)
            ]
        case AcceptPromise(by=by):
            _check_offered(promise, by.staff)
            check_can_help(by, command)
            return [PromisePassedOn(at=command.at, promise=command.promise, owner=by.staff)]
        case ReturnPromise():
            _check_offered(promise, command.actor.id, promise.owner)
            return [PromiseReturned(at=command.at, promise=command.promise, word=command.word)]
        case _:
            assert_never(command)


def _move(command: MovePromise, promise: Promise, policy: Policy) -> list[PromiseEvent]:
    if command.due == promise.due:
        return []
    if promise.moved >= promise.free_moves and command.reason is None:
        raise PromiseNeedsReason(field="reason")
    return [
        PromiseMoved(
            at=command.at,
            promise=command.promise,
            due=command.due,
            tell_at=_tell_at(command.at, command.due, policy.promise_notice),
            reason=command.reason,
        )
    ]


def _check_offered(promise: Promise, who: str, *others: str) -> None:
    """Raises: NoHandOverOffered; OfferedToSomebodyElse where it is not theirs or ``others``'."""
    if promise.offer is None:
        raise NoHandOverOffered()
    if who not in (promise.offer.to, *others):
        raise OfferedToSomebodyElse()


def passed_on(
    promises: Promises, before: str | None, owner: str, at: datetime
) -> list[PromiseEvent]:
    """With a case its owner's promises pass to the new owner."""
    return [
        PromisePassedOn(at=at, promise=name, owner=owner)
        for name, promise in promises.items()
        if promise.owner == before and before != owner
    ]


def evolve_promises(promises: Promises, event: PromiseEvent, version: int) -> Promises:
    """``version`` is the stream's version with this event."""
    match event:
        case PromiseMade():
            promise = Promise(
                owner=event.owner,
                due=event.due,
                tell_at=event.tell_at,
                version=version,
                free_moves=event.free_moves,
            )
            return {**promises, event.promise: promise}
        case PromiseKept() | PromiseTakenBack():
            return {name: it for name, it in promises.items() if name != event.promise}
    promise = promises[event.promise]
    change: dict[str, object]
    match event:
        case PromiseFellDue():
            change = {"told": True}
        case PromiseBroken():
            change = {"told": True, "broken_at": event.at}
        case PromiseMoved():
            change = {
                "due": event.due,
                "tell_at": event.tell_at,
                "version": version,
                "moved": promise.moved + 1,
                "told": False,
                "broken_at": None,
            }
        case PromiseOffered():
            offer = PromiseOffer(to=event.to, team=event.team, offered_at=event.at, version=version)
            change = {"offer": offer}
        case PromisePassedOn():
            change = {"owner": event.owner, "offer": None}
        case PromiseReturned():
            change = {"offer": None}
        case _:
            assert_never(event)
    return {**promises, event.promise: promise.model_copy(update=change)}
