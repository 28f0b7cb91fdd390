"""What is decided and offered to the customer, what they say to it, and the redress paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from domain.approval import Money
from domain.decider import Words
from domain.event import Command, Event
from domain.letter import Channel
from domain.personal import Personal

Decision = Literal["upheld", "partly_upheld", "rejected", "no_decision"]


# events


class ResolutionProposed(Event, type="ResolutionProposed"):
    """What was decided and is offered. A redress beyond the maker's limit waits for approval."""

    proposal: str
    decision: Decision
    reasons: Personal
    redress: Money | None
    goods: Personal | None
    needs_approval: bool


class ProposalOffered(Event, type="ProposalOffered"):
    """The proposal was put to the customer, who has the policy's days to answer."""

    proposal: str
    channel: Channel
    said: Personal | None = None


class ProposalAccepted(Event, type="ProposalAccepted"):
    proposal: str
    channel: Channel


class ProposalRejected(Event, type="ProposalRejected"):
    proposal: str
    channel: Channel
    why: Personal | None


class CustomerStayedSilent(Event, type="CustomerStayedSilent"):
    """No answer to the proposal in the policy's days; acceptance is never invented."""

    proposal: str


class ComplaintAnswered(Event, type="ComplaintAnswered"):
    """The customer was told the decision: ends the limits of the law."""

    decision: Decision
    channel: Channel
    said: Personal | None = None


class RedressPaid(Event, type="RedressPaid"):
    proposal: str
    money: Money
    proof: Personal


ProposalEvent = (
    ResolutionProposed
    | ProposalOffered
    | ProposalAccepted
    | ProposalRejected
    | CustomerStayedSilent
    | ComplaintAnswered
    | RedressPaid
)


# commands


class ProposeResolution(Command):
    """``limit`` is the maker's own for this currency, as resolved; None: no limit."""

    proposal: str
    decision: Decision
    reasons: Personal
    redress: Money | None = None
    goods: Personal | None = None
    limit: Money | None = None

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"limit"}


class OfferProposal(Command):
    """Put the proposal to the customer: in writing with ``words``, or ``said``."""

    channel: Channel
    words: Words | None = None
    address: Personal | None = None
    said: Personal | None = None
    leaves_at: AwareDatetime | None = None

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"address", "leaves_at"}


class AcceptProposal(Command):
    channel: Channel


class RejectProposal(Command):
    channel: Channel
    why: Personal | None = None


class TellDecision(Command):
    """The final answer, in writing with ``words``, or ``said``."""

    channel: Channel
    words: Words | None = None
    address: Personal | None = None
    said: Personal | None = None
    leaves_at: AwareDatetime | None = None

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"address", "leaves_at"}


class RecordPayment(Command):
    money: Money
    proof: Personal


ProposalCommand = (
    ProposeResolution
    | OfferProposal
    | AcceptProposal
    | RejectProposal
    | TellDecision
    | RecordPayment
)


# state


@dataclass(frozen=True)
class Proposal:
    id: str
    decision: Decision
    redress: Money | None
    proposed_at: datetime
    version: int
    approved: bool
    offered_at: datetime | None = None
    offered_version: int = 0
    answer: Literal["accepted", "rejected", "silent"] | None = None
