"""How a complaint's facts add up: one event after another, no rule applied."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, assert_never

from domain.approval import ApprovalEvent, ApprovalGranted, LetterRelease, Redress, evolve_approvals
from domain.assist import AssistEvent, evolve_tasks
from domain.clock import evolve_clock
from domain.clock_facts import ClockEvent
from domain.complaint_facts import (
    ColleagueNamed,
    ComplaintAcknowledged,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintEscalated,
    ComplaintEvent,
    ComplaintLodged,
    ComplaintReopened,
    ComplaintWithdrawn,
    HistoricalStepKept,
    LifeEvent,
    NotAComplaint,
    PersonRecusedFromCase,
    RequestReceived,
    SatisfactionAsked,
    SatisfactionGiven,
    StepRecorded,
    TermsAgreed,
    TermsSwitched,
)
from domain.complaint_state import Complaint
from domain.conversation import ConversationEvent, ended, evolve_conversation, replied
from domain.escalation import BreachExplained, EscalationEvent
from domain.letter import Letter, LetterEvent, LetterSent, as_channel, evolve_letters
from domain.oversight import OversightEvent, evolve_oversight
from domain.ownership import OwnershipEvent, evolve_ownership
from domain.procedure import Act
from domain.promise import PromiseEvent, evolve_promises
from domain.proposal import (
    ComplaintAnswered,
    CustomerStayedSilent,
    Proposal,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
)
from domain.review import ReviewEvent, evolve_reviews, overtaken

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from domain.changed import changed as replace


def evolve(state: Complaint, event: ComplaintEvent) -> Complaint:
    version = state.version + 1
    return replace(_part(type(event))(state, event, version), version=version)


@cache
def _part(kind: type[ComplaintEvent]) -> Callable[[Complaint, Any, int], Complaint]:
    """What adds up events of this kind; asked once a kind, because folds are long."""
    return next(part for events, part in _PARTS if issubclass(kind, events))


def _clocked(state: Complaint, event: ClockEvent, _version: int) -> Complaint:
    clock = evolve_clock(state.clocks.get(event.clock), event)
    return replace(state, clocks={**state.clocks, event.clock: clock})


def _owned(state: Complaint, event: OwnershipEvent, version: int) -> Complaint:
    return replace(state, ownership=evolve_ownership(state.ownership, event, version))


def _spoken(state: Complaint, event: ConversationEvent, version: int) -> Complaint:
    return replace(state, conversation=evolve_conversation(state.conversation, event, version))


def _promised(state: Complaint, event: PromiseEvent, version: int) -> Complaint:
    return replace(state, promises=evolve_promises(state.promises, event, version))


def _assisted(state: Complaint, event: AssistEvent, _version: int) -> Complaint:
    return replace(state, tasks=evolve_tasks(state.tasks, event))


def _approved(state: Complaint, event: ApprovalEvent, version: int) -> Complaint:
    approvals = evolve_approvals(state.approvals, event, version)
    return replace(_granted(state, event), approvals=approvals)


def _written(state: Complaint, event: LetterEvent, version: int) -> Complaint:
    letters = evolve_letters(state.letters, event, version)
    told = replace(_told(state, event), letters=letters)
    letter = letters[event.letter]
    return _not_offered(told, letter) if letter.ended else told


def _not_offered(state: Complaint, letter: Letter) -> Complaint:
    """A resolution was not offered by a letter that the customer never had."""
    proposal = state.proposal
    if proposal is None or proposal.offered_version != letter.written_version + 1:
        return state
    return replace(state, proposal=replace(proposal, offered_at=None))


def _overseen(state: Complaint, event: OversightEvent, version: int) -> Complaint:
    return replace(state, oversight=evolve_oversight(state.oversight, event, version))


def _reviewed(state: Complaint, event: ReviewEvent, version: int) -> Complaint:
    return replace(state, reviews=evolve_reviews(state.reviews, event, version))


def _life(state: Complaint, event: LifeEvent, version: int) -> Complaint:
    match event:
        case ComplaintLodged():
            return _lodged(event)
        case TermsAgreed():
            return _done(replace(state, terms=event.terms), "lodge", event.at)
        case TermsSwitched():
            return replace(state, terms=event.terms)
        case ComplaintAcknowledged():
            return _done(replace(state, acknowledged_at=event.at), "acknowledge", event.at)
        case ComplaintAssessed():
            assessed = replace(
                state,
                severity=event.severity,
                category=event.category,
                fast_lane=event.fast_lane,
            )
            return _done(assessed, "assess", event.at)
        case StepRecorded():
            return replace(state, done={**state.done, event.step: event.at})
        case HistoricalStepKept():
            return state
        case ResolutionProposed():
            proposal = Proposal(
                id=event.proposal,
                decision=event.decision,
                redress=event.redress,
                proposed_at=event.at,
                version=version,
                approved=not event.needs_approval,
            )
            return _done(replace(state, proposal=proposal, outcome=None), "propose", event.at)
        case ProposalOffered():
            assert state.proposal is not None
            offered = replace(state.proposal, offered_at=event.at, offered_version=version)
            return replace(state, proposal=offered)
        case ProposalAccepted():
            return _customer_decided(state, "accepted")
        case ProposalRejected():
            return _customer_decided(state, "rejected")
        case CustomerStayedSilent():
            return _customer_decided(state, "silent")
        case ComplaintAnswered():
            answered = replace(
                state,
                answered_at=state.answered_at or event.at,
                outcome=event.decision,
                redress_owed=state.proposal.redress if state.proposal else None,
            )
            return _done(answered, "answer", event.at)
        case RedressPaid():
            return replace(state, redress_paid_at=event.at)
        case ComplaintClosed():
            closed = replace(
                state,
                ownership=state.ownership.model_copy(update={"offer": None}),
                conversation=ended(state.conversation, event.at),
                closed_at=event.at,
                closed_version=version,
                ending=event.ending,
                outcome=event.outcome,
            )
            return _done(closed, "close", event.at)
        case ComplaintReopened():
            return _reopened(state)
        case ComplaintWithdrawn() | NotAComplaint():
            return state
        case ComplaintCorrected():
            return _corrected(state, event)
        case ComplaintEscalated():
            rung = f"{event.clock}/{event.level}"
            return replace(state, escalations=state.escalations | {rung})
        case SatisfactionAsked():
            return replace(state, survey=event.survey, survey_score=None)
        case SatisfactionGiven():
            return _done(replace(state, survey_score=event.score), "follow_up", event.at)
        case PersonRecusedFromCase():
            return replace(state, recused=state.recused | {event.staff})
        case RequestReceived():
            return state
        case ColleagueNamed():
            return replace(state, named=state.named | {event.staff})
        case ComplaintArchived():
            return replace(state, archived_at=event.at)
        case _:
            assert_never(event)


def _lodged(event: ComplaintLodged) -> Complaint:
    return Complaint(
        stream=event.complaint,
        number=event.number,
        legal_entity=event.legal_entity,
        branch=event.branch,
        customer=event.customer,
        channel=event.channel,
        product=event.product,
        category=event.category,
        severity=event.severity,
        tier=event.tier,
        language=event.language,
        received_at=event.at,
        hold_letters=event.letters == "hold",
    )


def _done(state: Complaint, act: Act, at: datetime) -> Complaint:
    step = state.terms.rules.step_for(act) if state.terms else None
    return replace(state, done={**state.done, step.id: at}) if step else state


def _customer_decided(
    state: Complaint, answer: Literal["accepted", "rejected", "silent"]
) -> Complaint:
    assert state.proposal is not None
    return replace(state, proposal=replace(state.proposal, answer=answer))


def _reopened(state: Complaint) -> Complaint:
    """What was answered and closed stays in the log; the work begins again at investigating."""
    rules = state.terms.rules if state.terms else None
    again = {step.id for step in rules.steps if step.act in _AGAIN} if rules else set()
    return replace(
        state,
        done={step: at for step, at in state.done.items() if step not in again},
        proposal=None,
        answered_at=None,
        redress_owed=None,
        redress_paid_at=None,
        closed_at=None,
        ending=None,
        outcome=None,
        archived_at=None,
        survey=None,
        reopened=state.reopened + 1,
        reopened_from=state.ending,
        reviews=overtaken(state.reviews),
    )


_AGAIN = frozenset({"record", "propose", "answer", "close", "follow_up"})
"""The acts whose steps are open again when a case is reopened."""


def _corrected(state: Complaint, event: ComplaintCorrected) -> Complaint:
    match event.field:
        case "received_at":
            return replace(state, received_at=datetime.fromisoformat(event.is_))
        case "customer":
            return replace(state, customer=event.is_)
        case "product":
            return replace(state, product=event.is_)
        case "channel":
            return replace(state, channel=as_channel(event.is_))


def _granted(state: Complaint, event: ApprovalEvent) -> Complaint:
    if not isinstance(event, ApprovalGranted):
        return state
    matter = state.approvals[event.approval].matter
    if isinstance(matter, LetterRelease):
        return replace(state, hold_letters=False)
    if isinstance(matter, Redress) and state.proposal and state.proposal.id == event.approval:
        return replace(state, proposal=replace(state.proposal, approved=True))
    return state


def _explained(state: Complaint, event: EscalationEvent, _version: int) -> Complaint:
    if not isinstance(event, BreachExplained):
        return state
    return replace(state, explained=state.explained | {event.clock})


def _told(state: Complaint, event: LetterEvent) -> Complaint:
    """A letter that left has answered what the customer wrote before it was written."""
    if not isinstance(event, LetterSent):
        return state
    letter = state.letters[event.letter]
    if letter.author != "person" or letter.purpose == "reminder":
        return state
    return replace(state, conversation=replied(state.conversation))


_PARTS: Final[tuple[tuple[Any, Callable[[Complaint, Any, int], Complaint]], ...]] = (
    (ClockEvent, _clocked),
    (OwnershipEvent, _owned),
    (ConversationEvent, _spoken),
    (PromiseEvent, _promised),
    (AssistEvent, _assisted),
    (ApprovalEvent, _approved),
    (LetterEvent, _written),
    (OversightEvent, _overseen),
    (EscalationEvent, _explained),
    (ReviewEvent, _reviewed),
    (LifeEvent, _life),
)
"""Kinds of events and what adds them up."""
