"""A case of another system, carried over whole by one command with the moments it had there.

An import states what happened: gates, roles, forms and windows are not asked. What cannot be true
with us (an answer after the end, a second receipt) is kept under its own name instead. A limit
that went by is breached at its due time, and a case whose reopen window is over is archived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import takewhile
from typing import ClassVar, Literal

from pydantic import AwareDatetime

from domain.approval import Money
from domain.complaint import follow
from domain.complaint_agenda import agenda
from domain.complaint_facts import (
    INITIAL,
    Complaint,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintLodged,
    ComplaintReopened,
    ComplaintWithdrawn,
    Decision,
    Ending,
    HistoricalStepKept,
    LodgeComplaint,
    NotAComplaint,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
    Severity,
    StepRecorded,
)
from domain.complaint_life import lodge, terms_of
from domain.complaint_state import evolve
from domain.conversation import (
    CustomerWrote,
    InformationReceived,
    InformationRequested,
    NoteAdded,
    ReplySaid,
)
from domain.customer import Tier
from domain.decider import Decider
from domain.event import Command, Frozen
from domain.letter import Channel
from domain.personal import Personal
from domain.policy import Terms
from domain.procedure import Answer
from domain.text import Language
from domain.timekeeping import perform_clock

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


class CarryOverComplaint(Command):
    """A whole case. ``at`` is its receipt; ``steps`` in order of time, the receipt among them.

    known_at: the moment of the import, by which what has gone by is judged.
    """

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"actor", "terms", "known_at"}

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
    terms: Terms
    steps: tuple[CarriedStep, ...]
    known_at: AwareDatetime


@dataclass(slots=True)
class _Story:
    """The case as it grows: its events so far and the state they make."""

    state: Complaint = INITIAL
    events: list[ComplaintEvent] = field(default_factory=list)

    def add(self, events: Sequence[ComplaintEvent]) -> None:
        new, self.state = follow(events, self.state)
        self.events += new

    def keep(self, events: Sequence[HistoricalStepKept]) -> None:
        """Nothing follows from them."""
        self.events += events
        self.state = reduce(evolve, events, self.state)


def decide(command: CarryOverComplaint, customer: str | None) -> list[ComplaintEvent]:
    """All events of the case; none where it is here already. Raises CalendarExhausted."""
    if customer is not None:
        return []
    story = _Story()
    story.add(lodge(_lodging(command), INITIAL))
    before = [*takewhile(lambda step: step.at < command.at, command.steps)]
    for step in before:
        story.keep([_kept(step, refused=step.act is not None)])
    received = False
    for step in command.steps[len(before) :]:
        if step.act == "lodge" and not received:
            received = True
            story.keep(_rest(step))
            continue
        made = _made(step, command, story.state)
        if made:
            story.add(made)
            story.keep(_rest(step))
        else:
            story.keep([_kept(step, refused=step.act is not None)])
    _catch_up(story, command)
    return story.events


def _lodging(command: CarryOverComplaint) -> LodgeComplaint:
    return LodgeComplaint.model_construct(
        **{
            name: getattr(command, name)
            for name in LodgeComplaint.model_fields
            if name != "letters"
        },
        letters="hold",
    )


def _catch_up(story: _Story, command: CarryOverComplaint) -> None:
    """What time alone has made true by now: limits broken or near, and the archive."""
    if story.state.closed_at is None:
        for rule in ("breach", "warn"):
            for due in reversed(agenda(story.state)):
                if due.rule == rule and due.at <= command.known_at:
                    story.add(perform_clock(story.state, due, due.at))
        return
    for due in agenda(story.state):
        if due.rule == "archive" and due.at <= command.known_at:
            story.add([ComplaintArchived(at=due.at)])


def _kept(step: CarriedStep, *, refused: bool) -> HistoricalStepKept:
    """The step under its own name, its words among its attributes."""
    said = {} if step.words is None else {"words": step.words}
    return _history(step, {**said, **step.attributes}, step.act if refused else None)


def _rest(step: CarriedStep) -> list[HistoricalStepKept]:
    """What a step that became ours had besides."""
    if step.resource is None and not step.attributes:
        return []
    return [_history(step, dict(step.attributes), None)]


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


def _made(step: CarriedStep, command: CarryOverComplaint, state: Complaint) -> list[ComplaintEvent]:
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
            rules = terms_of(state).rules
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
            until = command.terms.calendar().add(at, command.terms.policy.information_within)
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


def _whose(customer: str | None, event: ComplaintEvent) -> str | None:
    return event.customer if isinstance(event, ComplaintLodged) else customer


carry_over: Decider[str | None, CarryOverComplaint, ComplaintEvent] = Decider(
    name="carry-over",
    initial=None,
    decide=decide,
    evolve=_whose,
    subject=lambda customer: customer,
)
"""The way in for this one command. Of a stream it needs to know whether there is one, and whose."""
