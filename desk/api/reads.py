"""What the API answers with."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from ledger import Receipt as Stored


class Receipt(BaseModel):
    """``stored`` now, or ``repeated``: known by its key already. ``version``: of the stream now."""

    outcome: Literal["stored", "repeated"]
    first: int | None
    last: int | None
    version: int


def receipt(stored: Stored, version: int) -> Receipt:
    """What the ledger said of a command, and at which version its stream is now."""
    return Receipt(outcome=stored.outcome, first=stored.first, last=stored.last, version=version)


class Lodged(Receipt):
    stream: str
    number: str


class ClockRead(BaseModel):
    id: str
    name: str
    kind: Literal["service", "statutory"]
    state: str
    due: datetime
    remaining_seconds: int
    counted_seconds: int
    policy: str
    calendar: str
    breached_at: datetime | None


class FileRead(BaseModel):
    """``name`` null: erased, and not to be opened any more."""

    id: str
    name: str | None
    media: str
    size: int


class HereRead(BaseModel):
    """Somebody else who is looking at a case just now."""

    staff: str
    name: str
    doing: Literal["reading", "noting", "writing"]


class StepRead(BaseModel):
    step: str
    state: Literal["done", "available", "waiting"]
    missing: list[str]


class PromiseRead(BaseModel):
    """An open promise; ``to`` null: to the customer; ``offered_to``: who was asked to keep it."""

    name: str
    what: str
    to: str | None
    owner: str
    due: datetime
    moved: int
    broken: bool
    offered_to: str | None


class TaskRead(BaseModel):
    """A question to a colleague; ``answer`` null: not answered yet."""

    name: str
    to: str
    what: str
    answer_by: datetime
    answer: str | None


class ReviewRead(BaseModel):
    """A second review of the decision; ``ended`` null: it has no outcome yet."""

    name: str
    reason: str
    reviewer: str
    due: datetime
    late: bool
    ended: Literal["stands", "changed", "reopened"] | None


class ComplaintRead(BaseModel):
    stream: str
    number: str
    version: int
    legal_entity: str
    branch: str | None
    team: str
    owner: str | None
    customer: str | None
    channel: str
    product: str
    category: str
    severity: str
    received_at: datetime | None
    what_happened: str | None
    stage: str
    next_act: str
    decision: str | None
    ending: str | None
    clocks: list[ClockRead]
    steps: list[StepRead]
    promises: list[PromiseRead]
    tasks: list[TaskRead]
    reviews: list[ReviewRead]
    waiting_requests: list[str]
    waiting_approvals: list[str]
    letters: dict[str, str]


class FactRead(BaseModel):
    position: int
    type: str
    at: datetime
    recorded_at: datetime
    claimed_at: datetime | None
    who: str
    words: str
    quote: str | None
    because: str | None
    mentions: list[str] = []
    """Colleagues whom a note calls, by their streams."""


class RowRead(BaseModel):
    stream: str
    number: str
    customer: str
    what_happened: str | None
    severity: str
    stage: str
    next_act: str
    owner: str | None
    team: str
    service_due: datetime | None
    statutory_due: datetime | None
    breached: bool
    version: int


class PageRead(BaseModel):
    """``next``: give it as ``after`` for the page behind this one. Exact as of ``as_of``."""

    rows: list[RowRead]
    next: str | None
    as_of: int
    lag_seconds: float


class CustomerRead(BaseModel):
    stream: str
    number: str
    version: int
    name: str | None
    sort: str
    prospect: bool
    legal_entity: str
    branch: str | None
    language: str
    preferred_channel: str
    tier: str
    owner: str | None
    """Who answers for them."""
    needs: list[str]
    details: dict[str, str | None]
    """Masked, but for what the person sees whole."""
    erased: bool


class ContactRead(BaseModel):
    """Words that went one way or the other; ``case``: the number of the complaint, if any."""

    at: datetime
    kind: str
    direction: Literal["in", "out"] | None
    channel: str | None
    case: str | None
    words: str | None


class OutlineRead(BaseModel):
    """A complaint of a customer for those who may not open it."""

    number: str
    legal_entity: str
    stage: str
    owner: str | None
    product: str | None
    category: str | None
    decision: str | None


class EventRead(BaseModel):
    """One fact without anything personal in it."""

    position: int
    stream: str
    version: int
    type: str
    occurred_at: datetime
    recorded_at: datetime
    actor_kind: str
    actor_id: str
    rule: str | None
    facts: dict[str, Any]


class SearchRead(BaseModel):
    """Streams of what was found; ``more``: groups that hold more than is shown."""

    complaints: list[str]
    customers: list[str]
    documents: list[str]
    tried: list[str]
    more: list[str]


class Problem(BaseModel):
    """RFC 9457. ``type`` names the reason; ``errors`` names fields."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] = []
