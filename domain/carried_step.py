"""One step of a foreign case: what it becomes with us, or that it is kept under its own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import AwareDatetime

from domain.approval import Money
from domain.complaint_facts import (
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintReopened,
    ComplaintWithdrawn,
    Ending,
    HistoricalStepKept,
    NotAComplaint,
    Severity,
    StepRecorded,
)
from domain.complaint_state import Complaint
from domain.conversation import (
    CustomerWrote,
    InformationReceived,
    InformationRequested,
    NoteAdded,
    ReplySaid,
)
from domain.event import Frozen
from domain.letter import Channel
from domain.personal import Personal
from domain.policy import Terms
from domain.procedure import Answer
from domain.proposal import (
    ComplaintAnswered,
    Decision,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
)

Act = Literal[
    "lodge", "acknowledge", "assess", "record", "propose", "offer", "accept", "reject", "answer",
    "pay", "close", "withdraw", "not_a_complaint", "reopen", "message", "reply", "note",
    "ask_information", "information",
]  # fmt: skip
"""What a step of theirs can be with us; ``not_a_complaint`` names its kind as reason_code."""

_ON_CLOSED: frozenset[Act] = frozenset({"reopen", "pay", "note"})
_INSTEAD: Mapping[str, Literal["inquiry", "suggestion", "praise"]] = {
    "inquiry": "inquiry",
    "suggestion": "suggestion",
    "praise": "praise",
}


class CarriedStep(Frozen):
    """One step as it was recorded elsewhere; ``act`` None: nothing with us is like it.

    ``attributes``: what of it has no place in our facts. The rest is for the act alone.
    """

    at: AwareDatetime
    activity: str
    resource: str | None = None
    act: Act | None = None
    attributes: Mapping[str, Answer] = {}
    step: str | None = None
    decision: Decision | None = None
    severity: Severity | None = None
    channel: Channel | None = None
    words: Personal | None = None
    money: Money | None = None
    reason_code: str | None = None


def kept(step: CarriedStep, *, refused: bool) -> HistoricalStepKept:
    """The step under its own name, its words and its money among its attributes."""
    return _history(step, _left(step, ()), step.act if refused else None)


def rest(step: CarriedStep, ours: Sequence[ComplaintEvent] = ()) -> list[HistoricalStepKept]:
    """What a step had besides what became ``ours``."""
    attributes = _left(step, ours)
    if step.resource is None and not attributes:
        return []
    return [_history(step, attributes, None)]


def _left(step: CarriedStep, ours: Sequence[ComplaintEvent]) -> dict[str, Answer]:
    """What none of ours holds: the columns without a place, and words or money that had one."""
    held = [value for event in ours for _, value in event]
    said: dict[str, Answer] = {}
    if step.words is not None and step.words not in held:
        said["words"] = step.words
    if step.money is not None and step.money not in held:
        said["amount"] = Personal(f"{step.money.amount} {step.money.currency}")
    return {**said, **step.attributes}


def _history(
    step: CarriedStep, attributes: dict[str, Answer], maps_to: str | None
) -> HistoricalStepKept:
    return HistoricalStepKept(
        at=step.at,
        activity=step.activity,
        resource=step.resource,
        maps_to=maps_to,
        attributes=attributes,
    )


def made(step: CarriedStep, terms: Terms, state: Complaint) -> list[ComplaintEvent]:
    """Our facts for the step; none where there is no such thing, or it cannot be true here."""
    if step.act is None or (state.closed_at is not None and step.act not in _ON_CLOSED):
        return []
    at, channel = step.at, step.channel or state.channel
    words = step.words if step.words is not None else Personal(step.activity)
    name = f"{step.act}-{state.version + 1}"
    proposal = state.proposal
    match step.act:
        case "lodge":
            return []
        case "acknowledge" if state.acknowledged_at is None:
            return [ComplaintAcknowledged(at=at, channel=channel, by="import", said=step.words)]
        case "assess":
            return [_assessed(step, state)]
        case "record":
            rules = terms.rules
            ours = any(each.id == step.step and each.act == "record" for each in rules.steps)
            return [StepRecorded(at=at, step=step.step, answers={})] if ours and step.step else []
        case "propose" if state.answered_at is None:
            return [
                ResolutionProposed(
                    at=at,
                    proposal=name,
                    decision=step.decision or "no_decision",
                    reasons=words,
                    redress=step.money,
                    goods=None,
                    needs_approval=False,
                )
            ]
        case "offer" if proposal is not None and proposal.offered_at is None:
            return [ProposalOffered(at=at, proposal=proposal.id, channel=channel, said=step.words)]
        case "accept" if proposal is not None and proposal.answer is None:
            return [ProposalAccepted(at=at, proposal=proposal.id, channel=channel)]
        case "reject" if proposal is not None and proposal.answer is None:
            return [ProposalRejected(at=at, proposal=proposal.id, channel=channel, why=step.words)]
        case "answer" if state.answered_at is None:
            decision = step.decision or (proposal.decision if proposal else "no_decision")
            return [ComplaintAnswered(at=at, decision=decision, channel=channel, said=step.words)]
        case "pay" if proposal is not None and state.redress_paid_at is None:
            if step.money is None:
                return []
            return [RedressPaid(at=at, proposal=proposal.id, money=step.money, proof=words)]
        case "close" | "withdraw" | "not_a_complaint":
            return _ended(step, state, channel, words)
        case "reopen" if state.closed_at is not None:
            return [ComplaintReopened(at=at, why=words)]
        case "message":
            return [CustomerWrote(at=at, message=name, channel=channel, text=words)]
        case "reply":
            return [ReplySaid(at=at, channel=channel, said=words)]
        case "note":
            return [NoteAdded(at=at, text=words)]
        case "ask_information":
            until = terms.calendar().add(at, terms.policy.information_within)
            return [
                InformationRequested(
                    at=at, request=name, channel=channel, what=words, answer_by=until, reminders=()
                )
            ]
        case "information":
            return [
                InformationReceived(at=at, request=request, channel=channel, text=step.words)
                for request in [*state.conversation.waiting][:1]
            ]
        case _:
            return []


def _assessed(step: CarriedStep, state: Complaint) -> ComplaintAssessed:
    return ComplaintAssessed(
        at=step.at,
        severity=step.severity or state.severity,
        was=state.severity,
        category=state.category,
        fast_lane=state.fast_lane,
        answers={},
    )


def _ended(
    step: CarriedStep, state: Complaint, channel: Channel, words: Personal
) -> list[ComplaintEvent]:
    at = step.at
    events: list[ComplaintEvent] = []
    ending: Ending = "resolved"
    outcome: Decision = "no_decision"
    reason = step.reason_code or "carried_over"
    if step.act == "withdraw":
        ending, reason = "withdrawn", "withdrawn"
        events = [ComplaintWithdrawn(at=at, channel=channel, why=step.words)]
    elif step.act == "not_a_complaint":
        ending, instead = "not_a_complaint", _INSTEAD.get(reason, "inquiry")
        reason = instead
        events = [NotAComplaint(at=at, instead=instead, reason=words)]
    else:
        decided = state.proposal.decision if state.proposal else outcome
        outcome = step.decision or state.outcome or decided
    closed = ComplaintClosed(at=at, ending=ending, outcome=outcome, reason_code=reason)
    return [*events, closed]
