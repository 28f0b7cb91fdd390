"""The rules of a complaint's life: each command's conditions and the facts it makes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from domain.complaint_decision import offer, pay, propose, pulled_back, standing_proposal, tell
from domain.complaint_facts import (
    ColleagueNamed,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintLodged,
    ComplaintReopened,
    ComplaintWithdrawn,
    HistoricalStepKept,
    NotAComplaint,
    PersonRecusedFromCase,
    RequestReceived,
    SatisfactionGiven,
    StepRecorded,
    TermsAgreed,
)
from domain.complaint_standing import (
    WordsMissing,
    check_act,
    check_open,
    check_step,
    letter,
    terms_of,
)
from domain.complaint_state import Complaint
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    DecideNotAComplaint,
    GiveSatisfaction,
    KeepHistoricalStep,
    LifeCommand,
    LodgeComplaint,
    NameColleague,
    RecordRequest,
    RecordStep,
    RecusePerson,
    ReopenComplaint,
    WithdrawComplaint,
)
from domain.decider import DomainError
from domain.procedure import StepNotAvailable, parse_answers
from domain.proposal import (
    AcceptProposal,
    OfferProposal,
    ProposalAccepted,
    ProposalRejected,
    ProposeResolution,
    RecordPayment,
    RejectProposal,
    TellDecision,
)


class SurveyUnknown(DomainError):
    """The link belongs to no question of this case."""


class SatisfactionAlreadyGiven(DomainError):
    """The question was answered before; a link works once."""


class ScoreOutOfRange(DomainError):
    """The score is 1 to 5."""


class CaseIsNotClosed(DomainError):
    """The case is still open, so there is nothing to reopen and no decision to review."""


class ReopenWindowOver(DomainError):
    """The window for reopening is over; what is new is a new complaint."""


# commands


def lodge(command: LodgeComplaint, state: Complaint) -> list[ComplaintEvent]:
    if state.stream:
        return []
    lodged = ComplaintLodged(
        at=command.at,
        complaint=command.complaint,
        number=command.number,
        legal_entity=command.legal_entity,
        branch=command.branch,
        team=command.team,
        customer=command.customer,
        lodged_by=command.lodged_by,
        channel=command.channel,
        product=command.product,
        category=command.category,
        severity=command.severity,
        tier=command.tier,
        language=command.language,
        what_happened=command.what_happened,
        remedy_sought=command.remedy_sought,
        order=command.order,
        letters=command.letters,
    )
    named = [
        ColleagueNamed(at=command.at, staff=staff, reason=command.what_happened)
        for staff in dict.fromkeys(command.named)
    ]
    return [lodged, TermsAgreed(at=command.at, terms=command.terms), *named]


def decide_life(command: LifeCommand, state: Complaint) -> list[ComplaintEvent]:
    at = command.at
    match command:
        case KeepHistoricalStep():
            return [
                HistoricalStepKept(
                    at=at,
                    activity=command.activity,
                    resource=command.resource,
                    maps_to=command.maps_to,
                    attributes=dict(command.attributes),
                )
            ]
        case GiveSatisfaction():
            return _satisfaction(command, state)
        case ReopenComplaint():
            return _reopen(command, state)
        case RecusePerson():
            if command.staff in state.recused:
                return []
            return [PersonRecusedFromCase(at=at, staff=command.staff, reason=command.reason)]
        case RecordRequest():
            until = at + timedelta(days=terms_of(state).policy.request_days)
            return [RequestReceived(at=at, kind=command.kind, until=until, reason=command.reason)]
        case NameColleague():
            if command.staff in state.named:
                return []
            return [ColleagueNamed(at=at, staff=command.staff, reason=command.reason)]
        case RecordPayment():
            return pay(command, state)
        case CloseComplaint() if state.closed_at is not None:
            return []
        case WithdrawComplaint() if state.ending == "withdrawn":
            return []
    check_open(state)
    match command:
        case AcknowledgeComplaint():
            return _acknowledge(command, state)
        case AssessComplaint():
            return _assess(command, state)
        case RecordStep():
            step = terms_of(state).rules.step(command.step)
            if step.act != "record":
                raise StepNotAvailable(step=step.id, missing=(f"act:{step.act}",))
            check_step(state, step)
            answers = parse_answers(step, command.answers)
            return [StepRecorded(at=at, step=step.id, answers=answers)]
        case ProposeResolution():
            return propose(command, state)
        case OfferProposal():
            return offer(command, state)
        case AcceptProposal():
            proposal = standing_proposal(state)
            if proposal.answer == "accepted":
                return []
            return [ProposalAccepted(at=at, proposal=proposal.id, channel=command.channel)]
        case RejectProposal():
            proposal = standing_proposal(state)
            if proposal.answer == "rejected":
                return []
            return [
                ProposalRejected(
                    at=at, proposal=proposal.id, channel=command.channel, why=command.why
                )
            ]
        case TellDecision():
            return tell(command, state)
        case CloseComplaint():
            check_act(state, "close")
            outcome = state.outcome or "no_decision"
            return [
                ComplaintClosed(
                    at=at, ending="resolved", outcome=outcome, reason_code=command.reason_code
                )
            ]
        case WithdrawComplaint():
            return [
                *pulled_back(command, state),
                ComplaintWithdrawn(at=at, channel=command.channel, why=command.why),
                ComplaintClosed(
                    at=at, ending="withdrawn", outcome="no_decision", reason_code="withdrawn"
                ),
            ]
        case DecideNotAComplaint():
            return [
                *pulled_back(command, state),
                NotAComplaint(at=at, instead=command.instead, reason=command.reason),
                ComplaintClosed(
                    at=at,
                    ending="not_a_complaint",
                    outcome="no_decision",
                    reason_code=command.instead,
                ),
            ]
        case _:
            assert_never(command)


def _acknowledge(command: AcknowledgeComplaint, state: Complaint) -> list[ComplaintEvent]:
    if acknowledgement_begun(state):
        return []
    if command.words is not None:
        return letter(
            command,
            "acknowledgement",
            command.words,
            channel=command.channel,
            address=command.address,
            leaves_at=command.leaves_at,
        )
    if command.said is None:
        raise WordsMissing()
    by = "import" if command.actor.kind == "import" else "person"
    return [ComplaintAcknowledged(at=command.at, channel=command.channel, by=by, said=command.said)]


def acknowledgement_begun(state: Complaint) -> bool:
    """Told, or a letter that tells it has been written and not pulled back."""
    return state.acknowledged_at is not None or any(
        letter.purpose == "acknowledgement" and not letter.ended
        for letter in state.letters.values()
    )


def _assess(command: AssessComplaint, state: Complaint) -> list[ComplaintEvent]:
    step = terms_of(state).rules.step_for("assess")
    check_step(state, step)
    return [
        ComplaintAssessed(
            at=command.at,
            severity=command.severity,
            was=state.severity,
            category=command.category,
            fast_lane=command.fast_lane,
            answers=parse_answers(step, command.answers) if step else {},
        )
    ]


def _reopen(command: ReopenComplaint, state: Complaint) -> list[ComplaintEvent]:
    check_reopenable(command.at, state)
    return [ComplaintReopened(at=command.at, why=command.why)]


def check_reopenable(at: datetime, state: Complaint) -> None:
    """Raises: CaseIsNotClosed, ReopenWindowOver."""
    if state.closed_at is None:
        raise CaseIsNotClosed()
    policy = terms_of(state).policy
    if state.archived_at is not None or at > reopen_until(state):
        raise ReopenWindowOver(days=policy.reopen_days)


def reopen_until(state: Complaint) -> datetime:
    """The end of the last day on which the case can be reopened."""
    terms = terms_of(state)
    assert state.closed_at is not None
    return terms.calendar().end_of_day_after(state.closed_at, terms.policy.reopen_days)


def _satisfaction(command: GiveSatisfaction, state: Complaint) -> list[ComplaintEvent]:
    if state.survey is None or state.survey != command.survey:
        raise SurveyUnknown()
    if state.survey_score is not None:
        raise SatisfactionAlreadyGiven()
    if not 1 <= command.score <= 5:
        raise ScoreOutOfRange()
    return [
        SatisfactionGiven(
            at=command.at, survey=command.survey, score=command.score, comment=command.comment
        )
    ]
