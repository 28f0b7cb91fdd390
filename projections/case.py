"""One case as lists show it: what each event changes, and the stage and next act that follow.

From events alone, the row before and the event in hand; nothing is looked up elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from domain.access import Place
from domain.approval import ApprovalAsked, ApprovalGranted, ApprovalRefused
from domain.clock import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockFulfilled,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockSuperseded,
)
from domain.complaint_facts import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintArchived,
    ComplaintAssessed,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintLodged,
    ComplaintReopened,
    CustomerStayedSilent,
    PersonRecusedFromCase,
    ProposalAccepted,
    ProposalOffered,
    ProposalRejected,
    RedressPaid,
    ResolutionProposed,
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
from domain.ownership import HandOverAccepted, HandOverOffered, HandOverReturned, OwnerAssigned
from domain.personal import Personal

Stage = Literal[
    "received", "acknowledged", "assessed", "investigating", "waiting", "approval", "proposed",
    "proposal_out", "decided", "answered", "closed", "withdrawn", "not_a_complaint", "archived",
]  # fmt: skip
"""proposed: not offered to the customer yet; decided: accepted, or met with silence, and the
final answer is not told yet."""

NextAct = Literal[
    "take", "acknowledge", "assess", "investigate", "wait", "approve", "offer", "record_answer",
    "answer", "pay", "close", "read_mail", "nothing",
]  # fmt: skip

NEVER: Final = "infinity"
ALWAYS: Final = "-infinity"


@dataclass(slots=True)
class ClockLine:
    """A clock that has not ended."""

    name: str
    kind: Literal["service", "statutory"]
    due: datetime
    paused: bool = False


@dataclass(slots=True)
class Facts:
    """What the row must remember to fold the next event; not shown."""

    clocks: dict[str, ClockLine] = field(default_factory=dict)
    requests: dict[str, datetime] = field(default_factory=dict)
    """Open request for information -> until when the customer has time."""
    letters: list[str] = field(default_factory=list)
    """Letters of persons that have not left."""
    approvals: dict[str, str] = field(default_factory=dict)
    """Waiting approval -> kind of its matter."""
    assessed: bool = False
    investigated: bool = False
    proposal: Literal["none", "approval", "made", "out", "accepted", "silent"] = "none"
    redress_offered: bool = False
    redress_owed: bool = False
    ending: str | None = None
    archived: bool = False


@dataclass(slots=True)
class Row:
    """What lists show of a case. ``words``: the customer's own, encrypted; times are aware UTC.

    ``version`` and ``position`` are those of the last event that the row shows something of.
    """

    stream: str
    number: str
    customer: str
    legal_entity: str
    branch: str | None
    team: str
    channel: str
    product: str
    category: str
    severity: str
    tier: str
    language: str
    received_at: datetime
    words: str | None
    owner: str | None = None
    offered_to: str | None = None
    offered_team: str | None = None
    fast_lane: bool = False
    stage: Stage = "received"
    next_act: NextAct = "take"
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    waiting_until: datetime | None = None
    unanswered_since: datetime | None = None
    after_close_since: datetime | None = None
    paused: bool = False
    approval_waiting: bool = False
    service_due: datetime | None = None
    service_clock: str | None = None
    statutory_due: datetime | None = None
    statutory_clock: str | None = None
    breached_service: bool = False
    breached_statutory: bool = False
    recused: list[str] = field(default_factory=list)
    version: int = 0
    position: int = 0

    @property
    def breached(self) -> bool:
        return self.breached_service or self.breached_statutory

    @property
    def own_words(self) -> Personal | None:
        return None if self.words is None else Personal(encrypted=self.words)

    @property
    def place(self) -> Place:
        return Place(
            legal_entity=self.legal_entity,
            branch=self.branch,
            team=self.team,
            owner=self.owner,
            recused=frozenset(self.recused),
        )


@dataclass(slots=True)
class Case(Row):
    """The row as it is stored."""

    wakes_at: datetime | str = ALWAYS
    """Until then it rests in a folded group; NEVER while it is paused or answered late."""
    facts: Facts = field(default_factory=Facts)


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


def fold(case: Case, recorded: Recorded[Event]) -> Case:
    """The case with one more event; ``case`` itself is changed."""
    event = recorded.event
    if isinstance(event, ClockEvent):
        _clock(case, event)
    else:
        _change(case, event)
    return _stamp(case, recorded)


def settle(case: Case) -> Case:
    """Fill in what follows from the facts: once for a batch, after its last event."""
    facts = case.facts
    open_ = case.closed_at is None
    case.waiting_until = max(facts.requests.values(), default=None) if open_ else None
    case.approval_waiting = bool(facts.approvals)
    running = [clock for clock in facts.clocks.values() if not clock.paused]
    case.service_clock, case.service_due = _soonest(running, "service")
    case.statutory_clock, case.statutory_due = _soonest(running, "statutory")
    service = [clock for clock in facts.clocks.values() if clock.kind == "service"]
    case.paused = open_ and bool(service) and all(clock.paused for clock in service)
    case.stage = stage_of(case)
    case.next_act = next_act_of(case)
    case.wakes_at = _wakes_at(case)
    return case


def stage_of(case: Case) -> Stage:
    facts = case.facts
    if facts.archived:
        return "archived"
    if case.closed_at is not None:
        match facts.ending:
            case "withdrawn":
                return "withdrawn"
            case "not_a_complaint":
                return "not_a_complaint"
            case _:
                return "closed"
    if case.answered_at is not None:
        return "answered"
    if facts.requests:
        return "waiting"
    match facts.proposal:
        case "approval":
            return "approval"
        case "made":
            return "proposed"
        case "out":
            return "proposal_out"
        case "accepted" | "silent":
            return "decided"
    if facts.investigated:
        return "investigating"
    if facts.assessed:
        return "assessed"
    return "received" if case.acknowledged_at is None else "acknowledged"


def next_act_of(case: Case) -> NextAct:
    """The verb of the row: what somebody is to do next."""
    if case.after_close_since is not None:
        return "read_mail"
    if case.closed_at is not None:
        return "nothing"
    if case.owner is None:
        return "take"
    if case.acknowledged_at is None and case.answered_at is None:
        return "acknowledge"
    if case.stage == "waiting" and case.unanswered_since is None:
        return "wait"
    if not case.facts.assessed and case.answered_at is None:
        return "assess"
    match case.stage:
        case "approval":
            return "approve"
        case "proposed":
            return "offer"
        case "proposal_out":
            return "record_answer"
        case "decided":
            return "answer"
        case "answered":
            return "pay" if case.facts.redress_owed else "close"
        case _:
            return "investigate"


def _wakes_at(case: Case) -> datetime | str:
    if case.unanswered_since is not None:
        return ALWAYS
    if case.waiting_until is not None:
        return case.waiting_until
    late_but_answered = case.answered_at is not None and (
        case.breached_service or case.breached_statutory
    )
    return NEVER if case.paused or late_but_answered else ALWAYS


def _soonest(clocks: list[ClockLine], kind: str) -> tuple[str | None, datetime | None]:
    found = min((c for c in clocks if c.kind == kind), key=lambda c: c.due, default=None)
    return (None, None) if found is None else (found.name, found.due)


def _stamp(case: Case, recorded: Recorded[Any]) -> Case:
    case.version, case.position = recorded.version, recorded.position
    return case


def _clock(case: Case, event: ClockEvent) -> None:
    clocks = case.facts.clocks
    match event:
        case ClockStarted():
            paused = bool(event.pauses) and event.pauses[-1].end is None
            clocks[event.clock] = ClockLine(event.terms.name, event.kind, event.due, paused)
            _breached(case, event.kind, event.breached_at is not None)
            return
        case ClockBreached():
            _breached(case, event.kind, True)
        case ClockFulfilled() | ClockSuperseded() | ClockCancelled():
            clocks.pop(event.clock, None)
    if (clock := clocks.get(event.clock)) is not None:
        clock.due = event.due
        if isinstance(event, ClockPaused | ClockResumed):
            clock.paused = isinstance(event, ClockPaused)


def _breached(case: Case, kind: str, breached: bool) -> None:
    """A breach is for ever."""
    if kind == "service":
        case.breached_service |= breached
    else:
        case.breached_statutory |= breached


def _change(case: Case, event: Event) -> None:
    facts = case.facts
    match event:
        case OwnerAssigned() | HandOverAccepted():
            case.owner, case.team = event.owner, event.team
            case.offered_to = case.offered_team = None
        case HandOverOffered():
            case.offered_to, case.offered_team = event.to, event.team
        case HandOverReturned():
            case.offered_to = case.offered_team = None
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
        case LetterSent() | LetterPulledBack() | LetterFailed():
            _letter_ended(case, event)


def _letter_ended(case: Case, event: LetterSent | LetterPulledBack | LetterFailed) -> None:
    letters = case.facts.letters
    failed_for_now = isinstance(event, LetterFailed) and not event.permanent
    if event.letter not in letters or failed_for_now:
        return
    letters.remove(event.letter)
    if isinstance(event, LetterSent):
        _replied(case)


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
