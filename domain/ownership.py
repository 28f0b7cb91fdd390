"""Who answers for a case: assign, take, and hand over (the old owner answers until acceptance)."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from pydantic import Field

from domain.decider import DomainError
from domain.event import Command, Event, Frozen
from domain.personal import Personal

# events


class OwnerAssigned(Event, type="OwnerAssigned"):
    """From now on this person answers for the case; ``owner`` is a staff stream."""

    owner: str
    team: str


class HandOverOffered(Event, type="HandOverOffered"):
    """The owner asks a colleague or a team to take over, in three lines of their own."""

    to: str | None
    """A staff stream; None offers to whoever of ``team`` takes it."""
    team: str
    known: Personal
    promised: Personal | None
    next: Personal


class HandOverAccepted(Event, type="HandOverAccepted"):
    owner: str
    team: str


class HandOverReturned(Event, type="HandOverReturned"):
    """Sent back by the receiver, or by the rule when nobody accepted in time."""

    word: Personal | None = None


OwnershipEvent = OwnerAssigned | HandOverOffered | HandOverAccepted | HandOverReturned


# commands


class Assignee(Frozen):
    """The person as resolved when the command was made: stream, team, load and capacity.

    What is excluded is resolved anew when a command is sent again, and is no part of its content.
    """

    staff: str
    team: str
    open_cases: int = Field(default=0, exclude=True)
    capacity: int | None = Field(default=None, exclude=True)
    conflicted: bool = Field(default=False, exclude=True)
    """Named in the complaint, or on its conflict list."""
    away: bool = Field(default=False, exclude=True)
    """Absent at the moment of the command."""


class AssignComplaint(Command):
    """Give the case to somebody, or take it: then the assignee is the actor."""

    to: Assignee


class OfferHandOver(Command):
    to: Assignee | None
    team: str
    known: Personal
    promised: Personal | None = None
    next: Personal


class AcceptHandOver(Command):
    by: Assignee


class ReturnHandOver(Command):
    word: Personal | None = None


OwnershipCommand = AssignComplaint | OfferHandOver | AcceptHandOver | ReturnHandOver


# state


class Offer(Frozen):
    to: str | None
    team: str
    offered_at: datetime
    version: int


class Ownership(Frozen):
    owner: str | None = None
    team: str | None = None
    offer: Offer | None = None


INITIAL = Ownership()


class AlreadyTaken(DomainError):
    """Somebody else took it first."""


class OverCapacity(DomainError):
    """The person has as many open cases as they can carry."""


class PersonRecused(DomainError):
    """The person is named in the complaint, so they cannot handle it."""


class PersonAway(DomainError):
    """The person is absent, so nothing new is given to them."""


class NoHandOverOffered(DomainError):
    """There is no offer to accept or to send back."""


class OfferedToSomebodyElse(DomainError):
    """The hand-over was offered to another person or team."""


class NobodyOwnsIt(DomainError):
    """Only a case with an owner can be handed over."""


def check_can_help(person: Assignee, command: Command) -> None:
    """Raises: PersonRecused, PersonAway. Whoever acts for themselves is here."""
    if person.conflicted:
        raise PersonRecused()
    if person.away and command.actor.id != person.staff:
        raise PersonAway()


def check_can_take(person: Assignee, command: Command) -> None:
    """Raises: OverCapacity, and what ``check_can_help`` raises."""
    check_can_help(person, command)
    if person.capacity is not None and person.open_cases >= person.capacity:
        raise OverCapacity(capacity=person.capacity)


def decide_ownership(command: OwnershipCommand, state: Ownership) -> list[OwnershipEvent]:
    match command:
        case AssignComplaint(to=to):
            if state.owner == to.staff:
                return []
            taking = command.actor.id == to.staff and command.actor.role != "team_lead"
            if state.owner and taking:
                raise AlreadyTaken()
            check_can_take(to, command)
            return [OwnerAssigned(at=command.at, owner=to.staff, team=to.team)]
        case OfferHandOver(to=to):
            if state.owner is None:
                raise NobodyOwnsIt()
            if to is not None:
                if to.staff == state.owner:
                    return []
                check_can_take(to, command)
            return [
                HandOverOffered(
                    at=command.at,
                    to=to.staff if to else None,
                    team=command.team,
                    known=command.known,
                    promised=command.promised,
                    next=command.next,
                )
            ]
        case AcceptHandOver(by=by):
            if state.offer is None:
                raise NoHandOverOffered()
            if state.offer.to not in (None, by.staff) or state.offer.team != by.team:
                raise OfferedToSomebodyElse()
            check_can_take(by, command)
            return [HandOverAccepted(at=command.at, owner=by.staff, team=by.team)]
        case ReturnHandOver():
            if state.offer is None:
                raise NoHandOverOffered()
            by_rule = command.actor.kind != "staff" or state.offer.to is None
            if not by_rule and command.actor.id not in (state.offer.to, state.owner):
                raise OfferedToSomebodyElse()
            return [HandOverReturned(at=command.at, word=command.word)]
        case _:
            assert_never(command)


def evolve_ownership(state: Ownership, event: OwnershipEvent, version: int) -> Ownership:
    """``version`` is the stream's version with this event."""
    match event:
        case OwnerAssigned() | HandOverAccepted():
            return Ownership(owner=event.owner, team=event.team)
        case HandOverOffered():
            offer = Offer(to=event.to, team=event.team, offered_at=event.at, version=version)
            return state.model_copy(update={"offer": offer})
        case HandOverReturned():
            return state.model_copy(update={"offer": None})
        case _:
            assert_never(event)
