"""A member of staff: name, languages, and roles in legal entities and branches, each as a fact.

What a person was entitled to is asked as of the moment, so roles are given and taken by events.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, assert_never
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field

from domain.approval import Money
from domain.decider import Decider, DomainError
from domain.event import Command, Frozen
from domain.later import check_later
from domain.personal import Personal
from domain.staff_facts import (
    AbsenceEnded,
    AbsencePlanned,
    ApprovalLimitSet,
    CapacitySet,
    ManagerSet,
    Role,
    RoleGiven,
    RoleTaken,
    SecondFactorTurnedOff,
    SecondFactorTurnedOn,
    StaffEvent,
    StaffLeft,
    StaffRegistered,
)
from domain.text import Language, Text


def stream_of(login: str) -> str:
    """The stream of whoever logs in so. One login, one stream: nobody else can be given it."""
    return f"staff-{uuid5(_LOGINS, login)}"


_LOGINS: Final = UUID("6b0f3c3e-58a4-5f0b-9c3b-0d2f6f6e4a11")


# commands


class RegisterStaff(Command):
    staff: str
    login: str
    name: Text
    language: Language
    email: Personal


class GiveRole(Command):
    role: Role


class TakeRole(Command):
    role: Role


class SetCapacity(Command):
    cases: Annotated[int, Field(ge=0, le=100_000)] | None


class SetApprovalLimit(Command):
    limit: Money


class PlanAbsence(Command):
    starts: AwareDatetime
    ends: AwareDatetime | None = None
    deputy: str | None = None


class EndAbsence(Command):
    pass


class SetManager(Command):
    manager: str | None


class TurnOnSecondFactor(Command):
    pass


class TurnOffSecondFactor(Command):
    pass


class LeaveStaff(Command):
    pass


StaffCommand = (
    RegisterStaff
    | GiveRole
    | TakeRole
    | SetCapacity
    | SetApprovalLimit
    | PlanAbsence
    | EndAbsence
    | SetManager
    | TurnOnSecondFactor
    | TurnOffSecondFactor
    | LeaveStaff
)


# state


class Absence(Frozen):
    starts: AwareDatetime
    ends: AwareDatetime | None
    deputy: str | None

    def holds(self, at: datetime) -> bool:
        return self.starts <= at and (self.ends is None or at < self.ends)


class Staff(Frozen):
    stream: str | None = None
    login: str = ""
    name: Text = Text(en="", zh="")
    language: Language = "en"
    email: Personal | None = None
    roles: frozenset[Role] = frozenset()
    capacity: int | None = None
    limits: tuple[Money, ...] = ()
    absence: Absence | None = None
    manager: str | None = None
    second_factor: bool = False
    left: bool = False

    def away(self, at: datetime) -> Absence | None:
        """The absence that holds at that moment."""
        return self.absence if self.absence and self.absence.holds(at) else None

    def roles_at(self, at: datetime) -> frozenset[Role]:
        """Without those that have run out."""
        return frozenset(role for role in self.roles if role.holds(at))

    def limit(self, currency: str) -> Money | None:
        return next((money for money in self.limits if money.currency == currency), None)


INITIAL = Staff()


class StaffUnknown(DomainError):
    """No such member of staff."""


class LoginTaken(DomainError):
    """Somebody has this login, or had it: what they did stands under it."""


class OwnRightsUnchangeable(DomainError):
    """Nobody gives or takes their own roles or limits, or says to whom they report."""


class OnlyOneself(DomainError):
    """Nobody turns on the second factor of another."""


class OwnManager(DomainError):
    """Nobody reports to themselves."""


def decide(command: StaffCommand, state: Staff) -> list[StaffEvent]:
    at = command.at
    if isinstance(command, RegisterStaff):
        if state.stream:
            raise LoginTaken(field="login")
        return [
            StaffRegistered(
                at=at,
                staff=command.staff,
                login=command.login,
                name=command.name,
                language=command.language,
                email=command.email,
            )
        ]
    if state.stream is None or state.left:
        raise StaffUnknown()
    match command:
        case GiveRole():
            _not_oneself(command, state)
            given = command.role in state.roles
            return [] if given else [RoleGiven(at=at, role=command.role)]
        case TakeRole():
            _not_oneself(command, state)
            given = command.role in state.roles
            return [RoleTaken(at=at, role=command.role)] if given else []
        case SetCapacity():
            same = command.cases == state.capacity
            return [] if same else [CapacitySet(at=at, cases=command.cases)]
        case SetApprovalLimit():
            _not_oneself(command, state)
            return [ApprovalLimitSet(at=at, limit=command.limit)]
        case PlanAbsence():
            if command.ends is not None:
                check_later(max(at, command.starts), command.ends, "ends")
            return [
                AbsencePlanned(
                    at=at, starts=command.starts, ends=command.ends, deputy=command.deputy
                )
            ]
        case EndAbsence():
            return [AbsenceEnded(at=at)] if state.absence else []
        case SetManager(manager=manager):
            _not_oneself(command, state)
            if manager == state.stream:
                raise OwnManager()
            return [] if manager == state.manager else [ManagerSet(at=at, manager=manager)]
        case TurnOnSecondFactor():
            if command.actor.id != state.stream:
                raise OnlyOneself()
            return [] if state.second_factor else [SecondFactorTurnedOn(at=at)]
        case TurnOffSecondFactor():
            return [SecondFactorTurnedOff(at=at)] if state.second_factor else []
        case LeaveStaff():
            _not_oneself(command, state)
            return [StaffLeft(at=at)]
        case _:
            assert_never(command)


def _not_oneself(command: Command, state: Staff) -> None:
    if command.actor.id == state.stream:
        raise OwnRightsUnchangeable()


def evolve(state: Staff, event: StaffEvent) -> Staff:
    match event:
        case StaffRegistered():
            return Staff(
                stream=event.staff,
                login=event.login,
                name=event.name,
                language=event.language,
                email=event.email,
            )
        case RoleGiven():
            return state.model_copy(update={"roles": state.roles | {event.role}})
        case RoleTaken():
            return state.model_copy(update={"roles": state.roles - {event.role}})
        case CapacitySet():
            return state.model_copy(update={"capacity": event.cases})
        case ApprovalLimitSet():
            others = tuple(m for m in state.limits if m.currency != event.limit.currency)
            return state.model_copy(update={"limits": (*others, event.limit)})
        case AbsencePlanned():
            absence = Absence(starts=event.starts, ends=event.ends, deputy=event.deputy)
            return state.model_copy(update={"absence": absence})
        case AbsenceEnded():
            return state.model_copy(update={"absence": None})
        case ManagerSet():
            return state.model_copy(update={"manager": event.manager})
        case SecondFactorTurnedOn():
            return state.model_copy(update={"second_factor": True})
        case SecondFactorTurnedOff():
            return state.model_copy(update={"second_factor": False})
        case StaffLeft():
            return state.model_copy(update={"left": True, "roles": frozenset()})
        case _:
            assert_never(event)


def subject(state: Staff) -> str | None:
    return state.stream


staff: Decider[Staff, StaffCommand, StaffEvent] = Decider(
    name="staff", initial=INITIAL, decide=decide, evolve=evolve, subject=subject
)
