"""What may be wished of a complaint: the commands of its own life, and all that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field

from domain.approval import ApprovalCommand
from domain.assist import AssistCommand
from domain.attachment import WithFiles
from domain.complaint_facts import Severity
from domain.conversation import ConversationCommand
from domain.customer import Tier
from domain.decider import Perform, Words
from domain.escalation import EscalationCommand
from domain.event import Command
from domain.letter import Channel, PullBackLetter, RecordDelivery
from domain.oversight import OversightCommand
from domain.ownership import OwnershipCommand
from domain.personal import Personal
from domain.policy import Terms
from domain.procedure import Answer
from domain.promise import PromiseCommand
from domain.proposal import ProposalCommand
from domain.review import ReviewCommand
from domain.text import Language


class LodgeComplaint(WithFiles):
    """``at`` is the receipt; ``terms`` are what the library chose for such a case.

    named: members of staff whom it complains about. Empty it is no part of what is written of
    the wish, so that one sent before there was the field is known when it comes again.
    """

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
    named: Annotated[tuple[str, ...], Field(exclude_if=lambda named: not named)] = ()
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
    | ProposalCommand
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
    | ReviewCommand
    | RecordDelivery
    | PullBackLetter
    | Perform
)
