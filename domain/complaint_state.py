"""The state of one complaint: what its facts have added up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.approval import Approvals, Money
from domain.assist import Tasks
from domain.clock import Clock
from domain.complaint_facts import Ending, Severity
from domain.conversation import INITIAL as NO_CONVERSATION
from domain.conversation import Conversation
from domain.customer import Tier
from domain.letter import Channel, Letters
from domain.oversight import INITIAL as NOT_OVERSEEN
from domain.oversight import Oversight
from domain.ownership import INITIAL as NO_OWNER
from domain.ownership import Ownership
from domain.policy import Terms
from domain.promise import Promises
from domain.proposal import Decision, Proposal
from domain.review import Reviews
from domain.text import Language


@dataclass(frozen=True)
class Complaint:
    """What the rules need of one case. Texts stay in the log."""

    version: int = 0
    stream: str = ""
    number: str = ""
    legal_entity: str = ""
    branch: str | None = None
    customer: str | None = None
    channel: Channel = "email"
    product: str = ""
    category: str = ""
    severity: Severity = "medium"
    tier: Tier = "standard"
    language: Language = "en"
    received_at: datetime | None = None
    hold_letters: bool = False
    """Carried over by an import: nothing goes to the customer by itself."""
    terms: Terms | None = None
    fast_lane: bool = False
    acknowledged_at: datetime | None = None
    done: Mapping[str, datetime] = field(default_factory=dict)
    """Step -> when it was last done."""
    proposal: Proposal | None = None
    answered_at: datetime | None = None
    redress_owed: Money | None = None
    redress_paid_at: datetime | None = None
    closed_at: datetime | None = None
    closed_version: int = 0
    ending: Ending | None = None
    outcome: Decision | None = None
    reopened: int = 0
    reopened_from: Ending | None = None
    """The ending that the last reopening undid."""
    archived_at: datetime | None = None
    recused: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    """Members of staff whom it complains about."""
    escalations: frozenset[str] = frozenset()
    """``<clock>/<level>`` of each rung that was climbed."""
    explained: frozenset[str] = frozenset()
    """The missed clocks whose cause is known."""
    survey: str | None = None
    survey_score: int | None = None
    ownership: Ownership = NO_OWNER
    conversation: Conversation = NO_CONVERSATION
    promises: Promises = field(default_factory=dict)
    tasks: Tasks = field(default_factory=dict)
    oversight: Oversight = NOT_OVERSEEN
    reviews: Reviews = field(default_factory=dict)
    approvals: Approvals = field(default_factory=dict)
    letters: Letters = field(default_factory=dict)
    clocks: Mapping[str, Clock] = field(default_factory=dict)


INITIAL = Complaint()
