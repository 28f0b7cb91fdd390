"""Four eyes: one asks, another decides. Extension, excuse, correction and redress share it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self, assert_never

from pydantic import AwareDatetime, Field, model_validator

from domain.decider import DomainError, Words
from domain.event import Command, Event, Frozen
from domain.letter import Channel, as_channel
from domain.personal import Personal
from domain.policy import Terms


class Money(Frozen):
    amount: Decimal = Field(ge=0, max_digits=14, decimal_places=2)
    currency: str = Field(pattern=r"^[A-Z]{3}$")


class Extension(Frozen):
    """More time for a statutory limit; takes effect when its notice has reached the customer."""

    kind: Literal["extension"] = "extension"
    clock: str
    step: int
    """Which extension of the limit's list, from 0."""


class Excuse(Frozen):
    """A breach that was not our fault: a second fact beside it, never instead of it."""

    kind: Literal["excuse"] = "excuse"
    clock: str


class Correction(Frozen):
    """A stated fact was wrong. ``was`` is checked against what stands."""

    kind: Literal["correction"] = "correction"
    field: Literal["received_at", "customer", "product", "channel"]
    was: str
    is_: str

    @model_validator(mode="after")
    def _is_a_value_of_its_field(self) -> Self:
        if self.field == "received_at" and datetime.fromisoformat(self.is_).tzinfo is None:
            raise ValueError("a receipt needs its zone")
        if self.field == "channel":
            as_channel(self.is_)
        return self


class Redress(Frozen):
    """What we give: money, goods, or an apology put down as such."""

    kind: Literal["redress"] = "redress"
    money: Money


class LetterRelease(Frozen):
    """Letters that an import held back may go out."""

    kind: Literal["letter_release"] = "letter_release"


Matter = Annotated[
    Extension | Excuse | Correction | Redress | LetterRelease, Field(discriminator="kind")
]


# events


class ApprovalAsked(Event, type="ApprovalAsked"):
    approval: str
    matter: Matter
    asked_by: str
    reason: Personal


class ApprovalGranted(Event, type="ApprovalGranted"):
    approval: str
    decided_by: str


class ApprovalRefused(Event, type="ApprovalRefused"):
    approval: str
    decided_by: str
    reason: Personal


ApprovalEvent = ApprovalAsked | ApprovalGranted | ApprovalRefused


# commands


class AskApproval(Command):
    """``notice`` is what the customer will be told of an extension."""

    approval: str
    matter: Matter
    reason: Personal
    notice: Words | None = None
    channel: Channel = "email"
    address: Personal | None = None


class GrantApproval(Command):
    """``limit`` is the approver's own, as resolved when the command was made; None: no limit.

    ``terms``: what holds for the case with a correction, as published when it was received.
    """

    approval: str
    limit: Money | None = None
    terms: Terms | None = None
    notice: Words | None = None
    channel: Channel = "email"
    address: Personal | None = None
    leaves_at: AwareDatetime | None = None

    resolved: ClassVar[frozenset[str]] = Command.resolved | {
        *("address", "leaves_at", "limit", "terms"),
    }


class RefuseApproval(Command):
    approval: str
    reason: Personal


ApprovalCommand = AskApproval | GrantApproval | RefuseApproval


# state


class Approval(Frozen):
    matter: Matter
    asked_by: str
    asked_at: datetime
    version: int
    decided_by: str | None = None
    granted_at: datetime | None = None
    refused_at: datetime | None = None

    @property
    def waiting(self) -> bool:
        return self.granted_at is None and self.refused_at is None


Approvals = Mapping[str, Approval]


class ApprovalUnknown(DomainError):
    """Nothing of that name waits for approval in this case."""


class MakerCannotApprove(DomainError):
    """Whoever asked cannot be the one who decides."""


class BeyondYourLimit(DomainError):
    """The amount is more than the approver may approve."""


class AlreadyDecided(DomainError):
    """The approval was decided the other way before."""


def decide_approval(
    command: GrantApproval | RefuseApproval, approvals: Approvals
) -> list[ApprovalEvent]:
    """The decision itself; what follows from a grant is the matter's own."""
    approval = approvals.get(command.approval)
    if approval is None:
        raise ApprovalUnknown()
    if approval.asked_by == command.actor.id:
        raise MakerCannotApprove()
    granting = isinstance(command, GrantApproval)
    if not approval.waiting:
        if granting == (approval.granted_at is not None):
            return []
        raise AlreadyDecided()
    if isinstance(command, RefuseApproval):
        return [
            ApprovalRefused(
                at=command.at,
                approval=command.approval,
                decided_by=command.actor.id,
                reason=command.reason,
            )
        ]
    if isinstance(approval.matter, Redress) and command.limit is not None:
        money = approval.matter.money
        if money.currency != command.limit.currency or money.amount > command.limit.amount:
            raise BeyondYourLimit()
    return [ApprovalGranted(at=command.at, approval=command.approval, decided_by=command.actor.id)]


def evolve_approvals(approvals: Approvals, event: ApprovalEvent, version: int) -> Approvals:
    """``version`` is the stream's version with this event."""
    match event:
        case ApprovalAsked():
            approval = Approval(
                matter=event.matter, asked_by=event.asked_by, asked_at=event.at, version=version
            )
        case ApprovalGranted():
            approval = approvals[event.approval].model_copy(
                update={"granted_at": event.at, "decided_by": event.decided_by}
            )
        case ApprovalRefused():
            approval = approvals[event.approval].model_copy(
                update={"refused_at": event.at, "decided_by": event.decided_by}
            )
        case _:
            assert_never(event)
    return {**approvals, event.approval: approval}
