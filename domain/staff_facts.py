"""What happens to a member of staff: registered, roles, limits, absences, and leaving."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from domain.approval import Money
from domain.event import UPCASTERS, Event, Frozen
from domain.personal import Personal
from domain.text import Language, Text

RoleName = Literal[
    "agent", "customer_success", "team_lead", "sales", "retention", "compliance", "dpo",
    "admin", "auditor",
]  # fmt: skip


class Role(Frozen):
    """One role in one legal entity; ``branch`` None: all of its branches. ``level``: L1-L3."""

    name: RoleName
    legal_entity: str
    branch: str | None = None
    team: str | None = None
    level: Literal[1, 2, 3] | None = None
    until: AwareDatetime | None = None
    """From then on it gives no right; None: until it is taken."""

    def holds(self, at: datetime) -> bool:
        return self.until is None or at < self.until


class StaffRegistered(Event, type="StaffRegistered"):
    """Names of colleagues stay in the history as they were; only the address is personal."""

    staff: str
    login: str
    name: Text
    language: Language
    email: Personal


class RoleGiven(Event, type="RoleGiven", schema=2):
    role: Role


class RoleTaken(Event, type="RoleTaken", schema=2):
    role: Role


def _for_good(body: dict[str, Any]) -> dict[str, Any]:
    """Roles of schema 1 had no end."""
    return {"role": {**body["role"], "until": None}}


UPCASTERS["RoleGiven", 1] = UPCASTERS["RoleTaken", 1] = _for_good


class CapacitySet(Event, type="CapacitySet"):
    """How many open cases the person can carry; None: no bound."""

    cases: int | None


class ApprovalLimitSet(Event, type="ApprovalLimitSet"):
    """Up to how much the person may approve in one currency."""

    limit: Money


class AbsencePlanned(Event, type="AbsencePlanned"):
    """Away from ``starts`` to ``ends`` (None: open), and who stands in."""

    starts: AwareDatetime
    ends: AwareDatetime | None
    deputy: str | None


class AbsenceEnded(Event, type="AbsenceEnded"):
    pass


class ManagerSet(Event, type="ManagerSet"):
    """To whom the person reports from now on; None: to nobody."""

    manager: str | None


class SecondFactorTurnedOn(Event, type="SecondFactorTurnedOn"):
    """From now on a code is asked for after the password."""


class SecondFactorTurnedOff(Event, type="SecondFactorTurnedOff"):
    """By the person, or for one who lost it: then the reason stands in the envelope."""


class StaffLeft(Event, type="StaffLeft"):
    pass


StaffEvent = (
    StaffRegistered
    | RoleGiven
    | RoleTaken
    | CapacitySet
    | ApprovalLimitSet
    | AbsencePlanned
    | AbsenceEnded
    | ManagerSet
    | SecondFactorTurnedOn
    | SecondFactorTurnedOff
    | StaffLeft
)
