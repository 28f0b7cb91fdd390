"""One case as lists show it, and what follows from its facts: stage, next act, due times."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from domain.access import Place, asked_for
from domain.personal import Personal

Stage = Literal[
    "received", "acknowledged", "assessed", "investigating", "waiting", "approval", "proposed",
    "proposal_out", "decided", "answered", "closed", "withdrawn", "not_a_complaint", "archived",
]  # fmt: skip
"""proposed: not offered to the customer yet; decided: accepted, or met with silence, and the
final answer is not told yet."""

NextAct = Literal[
    "take", "acknowledge", "assess", "investigate", "propose", "wait", "approve", "offer",
    "record_answer", "answer", "pay", "close", "read_mail", "nothing",
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
    calendar: str | None = None
    warns: list[datetime] = field(default_factory=list)


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
    offered_by: str | None = None
    """The letter that the standing resolution was offered by."""
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
    reviewer: str | None = None
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
    calendar: str | None = None
    """By which the time until the nearest due moment counts; None where all time does."""
    warns: list[datetime] = field(default_factory=list)
    """When that will be due soon."""
    breached_service: bool = False
    breached_statutory: bool = False
    recused: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    requested_until: datetime | None = None
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
            customer=self.customer,
            recused=frozenset(self.recused),
            named=frozenset(self.named),
            requested_until=self.requested_until,
            asked=asked_for(self.offered_to, self.offered_team, self.reviewer),
        )


@dataclass(slots=True)
class Case(Row):
    """The row as it is stored."""

    wakes_at: datetime | str = ALWAYS
    """Until then it rests in a folded group; NEVER while it is paused or answered late."""
    facts: Facts = field(default_factory=Facts)


def settle(case: Case) -> Case:
    """Fill in what follows from the facts: once for a batch, after its last event."""
    facts = case.facts
    open_ = case.closed_at is None
    case.waiting_until = max(facts.requests.values(), default=None) if open_ else None
    case.approval_waiting = bool(facts.approvals)
    running = [clock for clock in facts.clocks.values() if not clock.paused]
    nearest = {
        kind: min((c for c in running if c.kind == kind), key=_due, default=None)
        for kind in ("service", "statutory")
    }
    case.service_clock, case.service_due = _named(nearest["service"])
    case.statutory_clock, case.statutory_due = _named(nearest["statutory"])
    first = min((clock for clock in nearest.values() if clock), key=_due, default=None)
    case.calendar = first.calendar if first else None
    case.warns = first.warns if first else []
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
        case "investigating":
            return "propose"
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


def _due(clock: ClockLine) -> datetime:
    return clock.due


def _named(clock: ClockLine | None) -> tuple[str | None, datetime | None]:
    return (None, None) if clock is None else (clock.name, clock.due)
