"""What each event changes in a case's row: from the row before and the event, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import Any

from domain.approval import ApprovalAsked, ApprovalGranted, ApprovalRefused
from domain.clock_facts import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockExtended,
    ClockFulfilled,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockSuperseded,
)
from domain.complaint_facts import (
    ColleagueNamed,
    ComplaintAcknowledged,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintLodged,
    ComplaintReopened,
    PersonRecusedFromCase,
    RequestReceived,
    StepRecorded,
)
from domain.conversation import (
    CustomerWrote,
    InformationReceived,
    InformationRequested,
    NoReplyNeeded,
    ReplySaid,
)
from domain.event import Event, Recorded
from domain.letter import LetterFailed, LetterPulledBack, LetterSent, LetterWritten
from domain.ownership import HandOverAccepted, OwnerAssigned
from domain.proposal import (
    ComplaintAnswered,
    CustomerStayedSilent,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
)
from domain.target import Limit
from projections.asked import note_asked
from projections.case import Case, ClockLine, Facts, settle


def lodged(recorded: Recorded[ComplaintLodged]) -> Case:
    event = recorded.event
    case = Case(
        stream=recorded.stream,
        number=event.number,
        customer=event.customer,
        legal_entity=event.legal_entity,
        branch=event.branch,
        team=event.team,
        channel=event.channel,
        product=event.product,
        category=event.category,
        severity=event.severity,
        tier=event.tier,
        language=event.language,
        received_at=event.at,
        words=event.what_happened.encrypted,
    )
    return _stamp(case, recorded)


def row_of(history: Sequence[Recorded[Any]]) -> Case:
    """The row of one case from its whole stream, which begins with its lodging."""
    return settle(reduce(fold, history[1:], lodged(history[0])))


def fold(case: Case, recorded: Recorded[Event]) -> Case:
    """The case with one more event; ``case`` itself is changed."""
    event = recorded.event
    if isinstance(event, ClockEvent):
        _clock(case, event)
    else:
        _change(case, event)
    return _stamp(case, recorded)


def _stamp(case: Case, recorded: Recorded[Any]) -> Case:
    case.version, case.position = recorded.version, recorded.position
    return case


def _clock(case: Case, event: ClockEvent) -> None:
    clocks = case.facts.clocks
    match event:
        case ClockStarted():
            paused = bool(event.pauses) and event.pauses[-1].end is None
            calendar = None if isinstance(event.terms, Limit) else str(event.calendar)
            clocks[event.clock] = ClockLine(
                event.terms.name, event.kind, event.due, paused, calendar
            )
            _warns(case, event)
            _breached(case, event.kind, event.breached_at is not None)
            return
        case ClockBreached():
            _breached(case, event.kind, True)
        case ClockResumed() | ClockExtended():
            _warns(case, event)
        case ClockFulfilled() | ClockSuperseded() | ClockCancelled():
            clocks.pop(event.clock, None)
    if (clock := clocks.get(event.clock)) is not None:
        clock.due = event.due
        if isinstance(event, ClockPaused | ClockResumed):
            clock.paused = isinstance(event, ClockPaused)


def _warns(case: Case, event: ClockStarted | ClockResumed | ClockExtended) -> None:
    if (clock := case.facts.clocks.get(event.clock)) is not None:
        clock.warns = [warn.at for warn in event.warns]


def _breached(case: Case, kind: str, breached: bool) -> None:
    """A breach is for ever."""
    if kind == "service":
        case.breached_service |= breached
    else:
        case.breached_statutory |= breached


def _change(case: Case, event: Event) -> None:
    facts = case.facts
    note_asked(case, event)
    match event:
        case OwnerAssigned() | HandOverAccepted():
            case.owner, case.team = event.owner, event.team
        case ComplaintAcknowledged():
            case.acknowledged_at = event.at
        case ComplaintAssessed():
            case.severity, case.category = event.severity, event.category
            case.fast_lane = event.fast_lane
            facts.assessed = True
        case StepRecorded():
            facts.investigated |= facts.assessed
        case ResolutionProposed():
            facts.proposal = "approval" if event.needs_approval else "made"
            facts.redress_offered = event.redress is not None
        case ProposalOffered():
            facts.proposal = "out"
            facts.offered_by = facts.letters[-1] if event.said is None and facts.letters else None
        case ProposalAccepted():
            facts.proposal = "accepted"
        case CustomerStayedSilent():
            facts.proposal = "silent"
        case ProposalRejected():
            facts.proposal, facts.investigated = "none", True
        case ComplaintAnswered():
            case.answered_at = case.answered_at or event.at
            facts.redress_owed = facts.redress_offered
        case RedressPaid():
            facts.redress_owed = False
        case ComplaintClosed():
            case.closed_at, facts.ending = event.at, event.ending
            case.unanswered_since = None
            facts.requests.clear()
        case ComplaintReopened():
            case.answered_at = case.closed_at = case.after_close_since = None
            case.facts = Facts(
                clocks=facts.clocks,
                requests=facts.requests,
                letters=facts.letters,
                approvals=facts.approvals,
                assessed=facts.assessed,
                investigated=True,
            )
        case ComplaintArchived():
            facts.archived = True
        case ComplaintCorrected():
            _correct(case, event)
        case PersonRecusedFromCase():
            case.recused = sorted({*case.recused, event.staff})
        case RequestReceived():
            case.requested_until = event.until
        case ColleagueNamed():
            case.named = sorted({*case.named, event.staff})
        case ApprovalAsked():
            facts.approvals[event.approval] = event.matter.kind
        case ApprovalGranted() | ApprovalRefused():
            if facts.approvals.pop(event.approval, None) == "redress":
                granted = isinstance(event, ApprovalGranted)
                facts.proposal = "made" if granted else "none"
        case CustomerWrote():
            case.unanswered_since = case.unanswered_since or event.at
            if event.after_close:
                case.after_close_since = case.after_close_since or event.at
        case ReplySaid() | NoReplyNeeded():
            _replied(case)
        case InformationRequested():
            facts.requests[event.request] = event.answer_by
        case InformationReceived():
            facts.requests.pop(event.request, None)
        case LetterWritten(author="person"):
            facts.letters.append(event.letter)
        case LetterSent() if event.letter in facts.letters:
            facts.letters.remove(event.letter)
            _replied(case)
        case LetterPulledBack() | LetterFailed(permanent=True):
            if facts.proposal == "out" and facts.offered_by == event.letter:
                facts.proposal, facts.offered_by = "made", None


def _replied(case: Case) -> None:
    case.unanswered_since = case.after_close_since = None


def _correct(case: Case, event: ComplaintCorrected) -> None:
    match event.field:
        case "received_at":
            case.received_at = datetime.fromisoformat(event.is_)
        case "customer":
            case.customer = event.is_
        case "product":
            case.product = event.is_
        case "channel":
            case.channel = event.is_
