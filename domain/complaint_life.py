"""The rules of a complaint's life: each command's conditions and the facts it makes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from domain.approval import (
    ApprovalAsked,
    Money,
    Redress,
)
from domain.complaint_facts import (
    AcceptProposal,
    AcknowledgeComplaint,
    AssessComplaint,
    CloseComplaint,
    Complaint,
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintEvent,
    ComplaintLodged,
    ComplaintReopened,
    ComplaintWithdrawn,
    DecideNotAComplaint,
    GiveSatisfaction,
    HistoricalStepKept,
    KeepHistoricalStep,
    LifeCommand,
    LodgeComplaint,
    NotAComplaint,
    OfferProposal,
    PersonRecusedFromCase,
    Proposal,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    ProposeResolution,
    RecordPayment,
    RecordStep,
    RecusePerson,
    RedressPaid,
    RejectProposal,
    ReopenComplaint,
    ResolutionProposed,
    SatisfactionGiven,
    StepRecorded,
    TellDecision,
    TermsAgreed,
    WithdrawComplaint,
)
from domain.decider import DomainError, LetterPurpose, Words
from domain.event import Command
from domain.letter import Channel, Letter, LetterPulledBack, LetterSent, LetterWritten
from domain.ownership import Assignee, OwnershipCommand
from domain.personal import Personal
from domain.policy import Terms
from domain.procedure import (
    Act,
    Standing,
    Step,
    StepNotAvailable,
    closed_gates,
    parse_answers,
    standing,
)


class ComplaintUnknown(DomainError):
    """No such complaint."""


class CaseIsClosed(DomainError):
    """The case is closed; it can be reopened within its window."""


class CaseIsNotClosed(DomainError):
    """Only a closed case can be reopened."""


class ReopenWindowOver(DomainError):
    """The window for reopening is over; what is new is a new complaint."""


class NothingProposed(DomainError):
    """There is no resolution to speak of yet."""


class ApprovalStillWaiting(DomainError):
    """The resolution waits for approval."""


class DecisionUnderWay(DomainError):
    """A final answer is written and has not left; pull it back before deciding anew."""


class NoRedressOwed(DomainError):
    """Nothing is owed that could be paid."""


class PaymentDiffers(DomainError):
    """What was paid is not what was decided (facts: amount, currency)."""


class SurveyUnknown(DomainError):
    """The link belongs to no question of this case."""


class SatisfactionAlreadyGiven(DomainError):
    """The question was answered before; a link works once."""


class ScoreOutOfRange(DomainError):
    """The score is 1 to 5."""


class WordsMissing(DomainError):
    """A letter needs its words."""


# what stands


def open_facts(state: Complaint) -> frozenset[str]:
    """The gates of fact (``procedure.FACT_GATES``) that are open."""
    proposal = state.proposal
    gates = {
        "owned": state.ownership.owner is not None,
        "decided": proposal is not None,
        "approved": proposal is not None and proposal.approved,
        "answered": state.answered_at is not None,
        "customer_decided": proposal is not None and proposal.answer is not None,
        "redress_paid": state.redress_owed is None or state.redress_paid_at is not None,
        "not_waiting": not state.conversation.waiting,
    }
    return frozenset(gate for gate, opened in gates.items() if opened)


def standings(state: Complaint) -> list[Standing]:
    """Where every step of the case's procedure stands, and why not."""
    return standing(terms_of(state).rules, frozenset(state.done), open_facts(state))


def terms_of(state: Complaint) -> Terms:
    if state.terms is None:
        raise ComplaintUnknown()
    return state.terms


def check_open(state: Complaint) -> None:
    if state.closed_at is not None:
        raise CaseIsClosed()


def _check_step(state: Complaint, step: Step | None) -> None:
    if step is None:
        return
    missing = closed_gates(step, frozenset(state.done), open_facts(state))
    if missing:
        raise StepNotAvailable(step=step.id, missing=missing)


def _check_act(state: Complaint, act: Act) -> None:
    _check_step(state, terms_of(state).rules.step_for(act))


def with_conflicts(command: OwnershipCommand, state: Complaint) -> OwnershipCommand:
    """A person recused from the case is in conflict whatever the command says."""
    for name in ("to", "by"):
        person = getattr(command, name, None)
        if isinstance(person, Assignee) and person.staff in state.recused:
            conflicted = person.model_copy(update={"conflicted": True})
            return command.model_copy(update={name: conflicted})
    return command


# letters


def letter(
    command: Command,
    purpose: LetterPurpose,
    words: Words,
    *,
    channel: Channel,
    address: Personal | None,
    leaves_at: datetime | None = None,
    name: str | None = None,
) -> list[ComplaintEvent]:
    """A letter as this command writes it. What an import tells of has left long ago.

    Only e-mail leaves by itself; any other is sent by hand and then recorded as sent.
    """
    when = leaves_at or command.at
    by_mail = channel == "email" and address is not None and command.actor.kind != "import"
    written = LetterWritten(
        at=command.at,
        letter=name or str(command.command_id),
        purpose=purpose,
        author="automation" if command.actor.kind == "automation" else "person",
        channel=channel,
        words=words,
        address=address,
        leaves_at=when if by_mail else None,
    )
    if command.actor.kind == "import":
        return [written, LetterSent(at=command.at, letter=written.letter)]
    return [written]


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
    return [lodged, TermsAgreed(at=command.at, terms=command.terms)]


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
        case RecordPayment():
            return _pay(command, state)
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
            _check_step(state, step)
            answers = parse_answers(step, command.answers)
            return [StepRecorded(at=at, step=step.id, answers=answers)]
        case ProposeResolution():
            return _propose(command, state)
        case OfferProposal():
            return _offer(command, state)
        case AcceptProposal():
            proposal = _proposal(state)
            if proposal.answer == "accepted":
                return []
            return [ProposalAccepted(at=at, proposal=proposal.id, channel=command.channel)]
        case RejectProposal():
            proposal = _proposal(state)
            if proposal.answer == "rejected":
                return []
            return [
                ProposalRejected(
                    at=at, proposal=proposal.id, channel=command.channel, why=command.why
                )
            ]
        case TellDecision():
            return _tell(command, state)
        case CloseComplaint():
            _check_act(state, "close")
            outcome = state.outcome or "no_decision"
            return [
                ComplaintClosed(
                    at=at, ending="resolved", outcome=outcome, reason_code=command.reason_code
                )
            ]
        case WithdrawComplaint():
            return [
                *_pulled_back(command, state),
                ComplaintWithdrawn(at=at, channel=command.channel, why=command.why),
                ComplaintClosed(
                    at=at, ending="withdrawn", outcome="no_decision", reason_code="withdrawn"
                ),
            ]
        case DecideNotAComplaint():
            return [
                *_pulled_back(command, state),
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
    _check_step(state, step)
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


def _propose(command: ProposeResolution, state: Complaint) -> list[ComplaintEvent]:
    _check_act(state, "propose")
    if decision_under_way(state):
        raise DecisionUnderWay()
    money, limit = command.redress, command.limit
    beyond = (
        money is not None
        and limit is not None
        and (money.currency != limit.currency or money.amount > limit.amount)
    )
    proposed = ResolutionProposed(
        at=command.at,
        proposal=command.proposal,
        decision=command.decision,
        reasons=command.reasons,
        redress=money,
        goods=command.goods,
        needs_approval=beyond,
    )
    if not beyond or money is None:
        return [proposed]
    asked = ApprovalAsked(
        at=command.at,
        approval=command.proposal,
        matter=Redress(money=money),
        asked_by=command.actor.id,
        reason=command.reasons,
    )
    return [proposed, asked]


def _proposal(state: Complaint) -> Proposal:
    if state.proposal is None:
        raise NothingProposed()
    if not state.proposal.approved:
        raise ApprovalStillWaiting()
    return state.proposal


def _offer(command: OfferProposal, state: Complaint) -> list[ComplaintEvent]:
    proposal = _proposal(state)
    if proposal.offered_at is not None:
        return []
    if (command.words is None) == (command.said is None):
        raise WordsMissing()
    offered = ProposalOffered(
        at=command.at, proposal=proposal.id, channel=command.channel, said=command.said
    )
    if command.words is None:
        return [offered]
    written = letter(
        command,
        "reply",
        command.words,
        channel=command.channel,
        address=command.address,
        leaves_at=command.leaves_at,
    )
    return [*written, offered]


def _tell(command: TellDecision, state: Complaint) -> list[ComplaintEvent]:
    proposal = _proposal(state)
    _check_act(state, "answer")
    if decision_under_way(state):
        return []
    if command.words is not None:
        return letter(
            command,
            "decision",
            command.words,
            channel=command.channel,
            address=command.address,
            leaves_at=command.leaves_at,
        )
    if command.said is None:
        raise WordsMissing()
    return [
        ComplaintAnswered(
            at=command.at, decision=proposal.decision, channel=command.channel, said=command.said
        )
    ]


def decision_under_way(state: Complaint) -> bool:
    """The final answer is written and neither left nor pulled back."""
    return any(letter.purpose == "decision" for _, letter in _unsent(state))


def _unsent(state: Complaint) -> list[tuple[str, Letter]]:
    return [
        (name, letter)
        for name, letter in state.letters.items()
        if letter.sent_at is None and not letter.ended
    ]


def _pulled_back(command: Command, state: Complaint) -> list[ComplaintEvent]:
    """Whatever was on its way to the customer of a case that ends stays in the house."""
    return [LetterPulledBack(at=command.at, letter=name) for name, _ in _unsent(state)]


def _pay(command: RecordPayment, state: Complaint) -> list[ComplaintEvent]:
    if state.redress_paid_at is not None:
        return []
    if state.redress_owed is None or state.proposal is None:
        raise NoRedressOwed()
    if not state.proposal.approved:
        raise ApprovalStillWaiting()
    owed: Money = state.redress_owed
    if command.money != owed:
        raise PaymentDiffers(amount=str(owed.amount), currency=owed.currency)
    return [
        RedressPaid(
            at=command.at, proposal=state.proposal.id, money=command.money, proof=command.proof
        )
    ]


def _reopen(command: ReopenComplaint, state: Complaint) -> list[ComplaintEvent]:
    if state.closed_at is None:
        raise CaseIsNotClosed()
    policy = terms_of(state).policy
    if state.archived_at is not None or command.at > reopen_until(state):
        raise ReopenWindowOver(days=policy.reopen_days)
    return [ComplaintReopened(at=command.at, why=command.why)]


def reopen_until(state: Complaint) -> datetime:
    """The end of the last day on which the case can be reopened."""
    terms = terms_of(state)
    assert state.closed_at is not None
    calendar = terms.calendar()
    last = calendar.local_date(state.closed_at) + timedelta(days=terms.policy.reopen_days)
    return calendar.end_of_day(last)


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
