"""A complaint's own events, from receipt to archive, and all that stand in its stream.

"Closed" is five facts: answered, accepted or silent, redress paid, closed, archived.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import AwareDatetime

from domain.approval import ApprovalEvent
from domain.assist import AssistEvent
from domain.clock_facts import ClockEvent
from domain.conversation import ConversationEvent
from domain.customer import Tier
from domain.escalation import EscalationEvent
from domain.event import UPCASTERS, Event
from domain.letter import Channel, LetterEvent
from domain.oversight import OversightEvent
from domain.ownership import OwnershipEvent
from domain.personal import Personal
from domain.policy import REVIEW_ASK_DAYS, REVIEW_DAYS, Terms
from domain.procedure import Answer
from domain.promise import PromiseEvent
from domain.proposal import Decision, ProposalEvent
from domain.review import ReviewEvent
from domain.text import Language

Severity = Literal["low", "medium", "high", "critical"]
Ending = Literal["resolved", "withdrawn", "not_a_complaint"]


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


class TermsAgreed(Event, type="TermsAgreed", schema=4):
    """Procedure, policy and calendars that hold for this case, and why these were chosen."""

    terms: Terms


class TermsSwitched(Event, type="TermsSwitched"):
    """With a corrected fact another policy holds. The steps stay those that the case began with."""

    terms: Terms
    because: Literal["product", "channel"]


def _undo_named(body: dict[str, Any]) -> dict[str, Any]:
    """Under schema 1 every letter waited ten seconds."""
    terms = body["terms"]
    return {"terms": {**terms, "policy": {**terms["policy"], "undo_within": "PT10S"}}}


def _usual_named(body: dict[str, Any]) -> dict[str, Any]:
    """Under schema 2 no policy spoke of second reviews, or of how soon a promise is called to
    mind: what is usual holds."""
    terms = body["terms"]
    usual = {
        "promise_notice": "PT1H",
        "review_ask_days": REVIEW_ASK_DAYS,
        "review_days": REVIEW_DAYS,
    }
    return {"terms": {**terms, "policy": {**terms["policy"], **usual}}}


def _freely_moved(body: dict[str, Any]) -> dict[str, Any]:
    """Under schema 3 every promise could be moved twice without a reason, and a request opened a
    case for thirty days."""
    terms = body["terms"]
    usual = {"promise_free_moves": 2, "request_days": 30}
    return {"terms": {**terms, "policy": {**terms["policy"], **usual}}}


UPCASTERS["TermsAgreed", 1] = _undo_named
UPCASTERS["TermsAgreed", 2] = _usual_named
UPCASTERS["TermsAgreed", 3] = _freely_moved


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
    | TermsSwitched
    | ComplaintAcknowledged
    | ComplaintAssessed
    | StepRecorded
    | HistoricalStepKept
    | ProposalEvent
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
    | ReviewEvent
)
