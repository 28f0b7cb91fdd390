"""Kinds of facts that people filter by: each stored type of a case or customer is of one kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from domain.approval import ApprovalEvent
from domain.assist import AssistEvent
from domain.clock_facts import ClockEvent
from domain.complaint_facts import (
    ComplaintArchived,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintEscalated,
    ComplaintEvent,
    ComplaintLodged,
    ComplaintReopened,
    ComplaintWithdrawn,
    NotAComplaint,
    PersonRecusedFromCase,
    SatisfactionAsked,
    SatisfactionGiven,
    TermsAgreed,
    TermsSwitched,
)
from domain.conversation import ConversationEvent
from domain.customer import CustomerEvent
from domain.escalation import EscalationEvent
from domain.event import Event
from domain.interaction import InteractionEvent
from domain.letter import LetterEvent
from domain.ownership import OwnershipEvent
from domain.promise import PromiseEvent
from domain.proposal import (
    ComplaintAnswered,
    CustomerStayedSilent,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
)
from domain.review import ReviewEvent
from projections.build import types_of

_OF_LIFE: Final[Mapping[str, tuple[type[Event], ...]]] = {
    "receipt": (ComplaintLodged, TermsAgreed),
    "decision": (
        ResolutionProposed, ProposalOffered, ProposalAccepted, ProposalRejected,
        CustomerStayedSilent, ComplaintAnswered, RedressPaid,
    ),
    "ending": (
        ComplaintClosed, ComplaintReopened, ComplaintWithdrawn, NotAComplaint, ComplaintArchived,
        SatisfactionAsked, SatisfactionGiven,
    ),
    "correction": (ComplaintCorrected, TermsSwitched),
    "owner": (PersonRecusedFromCase,),
    "escalation": (ComplaintEscalated,),
}  # fmt: skip
_NAMED: Final[Mapping[str, frozenset[str]]] = {
    name: types_of(*_OF_LIFE.get(name, ()), *others)
    for name, others in {
        "receipt": (),
        "work": (),
        "talk": get_args(ConversationEvent),
        "letter": get_args(LetterEvent),
        "decision": get_args(ReviewEvent),
        "ending": (),
        "limit": get_args(ClockEvent),
        "escalation": get_args(EscalationEvent),
        "owner": (*get_args(OwnershipEvent), *get_args(AssistEvent)),
        "promise": get_args(PromiseEvent),
        "approval": get_args(ApprovalEvent),
        "correction": (),
        "customer": (*get_args(CustomerEvent), *get_args(InteractionEvent)),
    }.items()
}
KINDS: Final[Mapping[str, frozenset[str]]] = {
    **_NAMED,
    "work": types_of(*get_args(ComplaintEvent)) - frozenset().union(*_NAMED.values()),
}
"""Kind -> stored types, in the order in which people look for them; the rest of a case is work."""


def kind_of(event: Event) -> str:
    return next((name for name, types in KINDS.items() if event.type_name in types), "work")
