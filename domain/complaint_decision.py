"""The rules of a decision: proposed, approved, offered, told to the customer, paid."""

from __future__ import annotations

from domain.approval import ApprovalAsked, Money, Redress
from domain.complaint_facts import ComplaintEvent
from domain.complaint_standing import WordsMissing, check_act, letter
from domain.complaint_state import Complaint
from domain.decider import DomainError
from domain.event import Command
from domain.letter import Letter, LetterPulledBack
from domain.proposal import (
    ComplaintAnswered,
    OfferProposal,
    Proposal,
    ProposalOffered,
    ProposeResolution,
    RecordPayment,
    RedressPaid,
    ResolutionProposed,
    TellDecision,
)


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


def propose(command: ProposeResolution, state: Complaint) -> list[ComplaintEvent]:
    check_act(state, "propose")
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


def standing_proposal(state: Complaint) -> Proposal:
    if state.proposal is None:
        raise NothingProposed()
    if not state.proposal.approved:
        raise ApprovalStillWaiting()
    return state.proposal


def offer(command: OfferProposal, state: Complaint) -> list[ComplaintEvent]:
    proposal = standing_proposal(state)
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
        "proposal",
        command.words,
        channel=command.channel,
        address=command.address,
        leaves_at=command.leaves_at,
    )
    return [*written, offered]


def tell(command: TellDecision, state: Complaint) -> list[ComplaintEvent]:
    proposal = standing_proposal(state)
    check_act(state, "answer")
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


def pulled_back(command: Command, state: Complaint) -> list[ComplaintEvent]:
    """Whatever was on its way to the customer of a case that ends stays in the house."""
    return [LetterPulledBack(at=command.at, letter=name) for name, _ in _unsent(state)]


def pay(command: RecordPayment, state: Complaint) -> list[ComplaintEvent]:
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
