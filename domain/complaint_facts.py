"""A complaint's own events and commands, from receipt to archive, and what the rules need of it.

"Closed" is five facts: answered, accepted or silent, redress paid, closed, archived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import AwareDatetime

from domain.approval import ApprovalCommand, ApprovalEvent, Approvals, Money
from domain.assist import AssistCommand, AssistEvent, Tasks
from domain.attachment import WithFiles
from domain.clock import Clock, ClockEvent
from domain.conversation import INITIAL as NO_CONVERSATION
from domain.conversation import Conversation, ConversationCommand, ConversationEvent
from domain.customer import Tier
from domain.decider import Perform, Words
from domain.escalation import EscalationCommand, EscalationEvent
from domain.event import UPCASTERS, Command, Event
from domain.letter import Channel, LetterEvent, Letters, PullBackLetter, RecordDelivery
from domain.oversight import INITIAL as NOT_OVERSEEN
from domain.oversight import Oversight, OversightCommand, OversightEvent
from domain.ownership import INITIAL as NO_OWNER
from domain.ownership import Ownership, OwnershipCommand, OwnershipEvent
from domain.personal import Personal
from domain.policy import Terms
from domain.procedure import Answer
from domain.promise import PromiseCommand, PromiseEvent, Promises
from domain.text import Language

Severity = Literal["low", "medium", "high", "critical"]
Decision = Literal["upheld", "partly_upheld", "rejected", "no_decision"]
Ending = Literal["resolved", "withdrawn", "not_a_complaint"]


# events


class ComplaintLodged(Event, type="ComplaintLodged"):
    """Somebody is not content and expects an answer. ``at`` is its receipt.

    ``customer`` is whom it is about; ``lodged_by`` names a representative or heir.
    """

    complaint: str
    number: str
    legal_entity: str
    branch: str | None
    team: str
    customer: str
    lodged_by: Personal | None
    channel: Channel
    product: str
    category: str
    severity: Severity
    tier: Tier
    language: Language
    what_happened: Personal
    remedy_sought: Personal | None
    order: Personal | None
    letters: Literal["send", "hold"]
    """``hold``: an import never writes to customers."""

    def found_by(self) -> Mapping[str, Personal | None]:
        return {} if self.order is None else {"order": self.order}


class TermsAgreed(Event, type="TermsAgreed", schema=2):
    """Procedure, policy and calendars that hold for this case, and why these were chosen."""

    terms: Terms


def _undo_named(body: dict[str, Any]) -> dict[str, Any]:
    """Under schema 1 every letter waited ten seconds."""
    terms = body["terms"]
    return {"terms": {**terms, "policy": {**terms["policy"], "undo_within": "PT10S"}}}


UPCASTERS["TermsAgreed", 1] = _undo_named


class ComplaintAcknowledged(Event, type="ComplaintAcknowledged"):
    """The customer was told that the complaint is here, by letter or in words."""

    channel: Channel
    by: Literal["person", "automation", "import"]
    said: Personal | None = None


class ComplaintAssessed(Event, type="ComplaintAssessed"):
    severity: Severity
    was: Severity
    category: str
    fast_lane: bool
    answers: dict[str, Answer]


class StepRecorded(Event, type="StepRecorded"):
    """A step of the procedure was done, with what its form asked."""

    step: str
    answers: dict[str, Answer]


class HistoricalStepKept(Event, type="HistoricalStepKept"):
    """A step of a foreign log, kept under its own name; ``maps_to`` where order refused it."""

    activity: str
    resource: str | None
    maps_to: str | None
    attributes: dict[str, Answer]


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


class ComplaintClosed(Event, type="ComplaintClosed"):
    """The desk has nothing more to do."""

    ending: Ending
    outcome: Decision
    reason_code: str


class ComplaintReopened(Event, type="ComplaintReopened"):
    why: Personal


class ComplaintWithdrawn(Event, type="ComplaintWithdrawn"):
    """Ends the case on the day the withdrawal is received."""

    channel: Channel
    why: Personal | None


class NotAComplaint(Event, type="NotAComplaint"):
    """A recorded decision that this is an inquiry, a suggestion or praise."""

    instead: Literal["inquiry", "suggestion", "praise"]
    reason: Personal


class ComplaintCorrected(Event, type="ComplaintCorrected"):
    """A stated fact was wrong: what it was, what it is; asked by one, approved by another."""

    field: Literal["received_at", "customer", "product", "channel"]
    was: str
    is_: str
    approval: str


class ComplaintEscalated(Event, type="ComplaintEscalated"):
    """The ladder's next rung: who must look at it now."""

    level: int
    role: str
    clock: str


class SatisfactionAsked(Event, type="SatisfactionAsked"):
    survey: str


class SatisfactionGiven(Event, type="SatisfactionGiven"):
    """``score`` on the one question, 1 (very dissatisfied) to 5 (very satisfied)."""

    survey: str
    score: int
    comment: Personal | None


class PersonRecusedFromCase(Event, type="PersonRecusedFromCase"):
    """Named in the complaint or in conflict: sees nothing of it from now on."""

    staff: str
    reason: Personal


class ColleagueNamed(Event, type="ColleagueNamed"):
    """It complains about this member of staff: they, all above and all below see nothing of it."""

    staff: str
    reason: Personal


class RequestReceived(Event, type="RequestReceived"):
    """The customer asks what we hold, or to be erased: until then it is open to the DPO."""

    kind: Literal["access", "erasure"]
    until: AwareDatetime
    reason: Personal


class ComplaintArchived(Event, type="ComplaintArchived"):
    """The reopen window is over and nothing is owed."""


LifeEvent = (
    ComplaintLodged
    | TermsAgreed
    | ComplaintAcknowledged
    | ComplaintAssessed
    | StepRecorded
    | HistoricalStepKept
    | ResolutionProposed
    | ProposalOffered
    | ProposalAccepted
    | ProposalRejected
    | CustomerStayedSilent
    | ComplaintAnswered
    | RedressPaid
    | ComplaintClosed
    | ComplaintReopened
    | ComplaintWithdrawn
    | NotAComplaint
    | ComplaintCorrected
    | ComplaintEscalated
    | SatisfactionAsked
    | SatisfactionGiven
    | PersonRecusedFromCase
    | ColleagueNamed
    | RequestReceived
    | ComplaintArchived
)
ComplaintEvent = (
    LifeEvent
    | OwnershipEvent
    | ConversationEvent
    | PromiseEvent
    | AssistEvent
    | ApprovalEvent
    | LetterEvent
    | ClockEvent
    | EscalationEvent
    | OversightEvent
)


# commands


class LodgeComplaint(WithFiles):
    """``at`` is the receipt; ``terms`` are what the library chose for such a case."""

    complaint: str
    number: str
    legal_entity: str
    branch: str | None = None
    team: str
    customer: str
    lodged_by: Personal | None = None
    channel: Channel
    product: str
    category: str
    severity: Severity = "medium"
    tier: Tier = "standard"
    language: Language = "en"
    what_happened: Personal
    remedy_sought: Personal | None = None
    order: Personal | None = None
    letters: Literal["send", "hold"] = "send"
    terms: Terms

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"terms", "tier"}


class AcknowledgeComplaint(Command):
    """In writing with ``words``, or ``said`` on the phone or at the counter."""

    channel: Channel
    words: Words | None = None
    address: Personal | None = None
    said: Personal | None = None
    leaves_at: AwareDatetime | None = None

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"address", "leaves_at"}


class AssessComplaint(Command):
    severity: Severity
    category: str
    fast_lane: bool = False
    answers: Mapping[str, str] = {}


class RecordStep(Command):
    step: str
    answers: Mapping[str, str] = {}


class KeepHistoricalStep(Command):
    activity: str
    resource: str | None = None
    maps_to: str | None = None
    attributes: Mapping[str, Answer] = {}


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


class CloseComplaint(Command):
    reason_code: str


class ReopenComplaint(Command):
    why: Personal


class WithdrawComplaint(Command):
    channel: Channel
    why: Personal | None = None


class DecideNotAComplaint(Command):
    instead: Literal["inquiry", "suggestion", "praise"]
    reason: Personal


class GiveSatisfaction(Command):
    survey: str
    score: int
    comment: Personal | None = None


class RecusePerson(Command):
    staff: str
    reason: Personal


class RecordRequest(Command):
    kind: Literal["access", "erasure"]
    reason: Personal


class NameColleague(Command):
    staff: str
    reason: Personal


LifeCommand = (
    AcknowledgeComplaint
    | AssessComplaint
    | RecordStep
    | KeepHistoricalStep
    | ProposeResolution
    | OfferProposal
    | AcceptProposal
    | RejectProposal
    | TellDecision
    | RecordPayment
    | CloseComplaint
    | ReopenComplaint
    | WithdrawComplaint
    | DecideNotAComplaint
    | GiveSatisfaction
    | RecusePerson
    | NameColleague
    | RecordRequest
)
ComplaintCommand = (
    LodgeComplaint
    | LifeCommand
    | OwnershipCommand
    | ConversationCommand
    | PromiseCommand
    | AssistCommand
    | ApprovalCommand
    | EscalationCommand
    | OversightCommand
    | RecordDelivery
    | PullBackLetter
    | Perform
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
    answer: Literal["accepted", "rejected", "silent"] | None = None


@dataclass(frozen=True)
class Complaint:
    """What the rules need of one case. Texts stay in the log."""

    version: int = 0
    stream: str = ""
    number: str = ""
    legal_entity: str = ""
    branch: str | None = None
    customer: str | None = None
    channel: Channel = "email"
    product: str = ""
    category: str = ""
    severity: Severity = "medium"
    tier: Tier = "standard"
    language: Language = "en"
    received_at: datetime | None = None
    hold_letters: bool = False
    """Carried over by an import: nothing goes to the customer by itself."""
    terms: Terms | None = None
    fast_lane: bool = False
    acknowledged_at: datetime | None = None
    done: Mapping[str, datetime] = field(default_factory=dict)
    """Step -> when it was last done."""
    proposal: Proposal | None = None
    answered_at: datetime | None = None
    redress_owed: Money | None = None
    redress_paid_at: datetime | None = None
    closed_at: datetime | None = None
    closed_version: int = 0
    ending: Ending | None = None
    outcome: Decision | None = None
    reopened: int = 0
    reopened_from: Ending | None = None
    """The ending that the last reopening undid."""
    archived_at: datetime | None = None
    recused: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    """Members of staff whom it complains about."""
    escalations: frozenset[str] = frozenset()
    """``<clock>/<level>`` of each rung that was climbed."""
    explained: frozenset[str] = frozenset()
    """The missed clocks whose cause is known."""
    survey: str | None = None
    survey_score: int | None = None
    ownership: Ownership = NO_OWNER
    conversation: Conversation = NO_CONVERSATION
    promises: Promises = field(default_factory=dict)
    tasks: Tasks = field(default_factory=dict)
    oversight: Oversight = NOT_OVERSEEN
    approvals: Approvals = field(default_factory=dict)
    letters: Letters = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)


INITIAL = Complaint()
