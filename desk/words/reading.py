"""A stream read out: every fact in order, who, when, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from desk.words.clock import clock_words
from desk.words.complaint import life_words
from desk.words.customer import customer_words, interaction_words
from desk.words.escalation import escalation_words
from desk.words.facts import Entry, Said, Speaker, tone_of
from desk.words.oversight import oversight_words
from desk.words.promise import assist_words, promise_words
from desk.words.review import review_words
from desk.words.talk import approval_words, conversation_words, letter_words, ownership_words
from domain.approval import ApprovalEvent
from domain.assist import AssistEvent
from domain.clock_facts import ClockEvent
from domain.complaint_facts import LifeEvent
from domain.conversation import ConversationEvent
from domain.customer import CustomerEvent
from domain.escalation import EscalationEvent
from domain.event import Event, Recorded
from domain.interaction import InteractionEvent
from domain.letter import LetterEvent
from domain.oversight import OversightEvent
from domain.ownership import OwnershipEvent
from domain.promise import PromiseEvent
from domain.review import ReviewEvent
from ledger.plain import plain

if TYPE_CHECKING:
    from ledger import Ledger

LATE: Final = timedelta(hours=1)
"""From this gap on a fact counts as entered later than it happened."""


def said(event: Event, opened: Mapping[str, Any], say: Speaker) -> Said:
    """The sentence for a fact of a complaint, a customer or an interaction."""
    if isinstance(event, LifeEvent):
        return life_words(event, opened, say)
    if isinstance(event, ClockEvent):
        return clock_words(event, say)
    if isinstance(event, OwnershipEvent):
        return ownership_words(event, opened, say)
    if isinstance(event, ConversationEvent):
        return conversation_words(event, opened, say)
    if isinstance(event, PromiseEvent):
        return promise_words(event, opened, say)
    if isinstance(event, AssistEvent):
        return assist_words(event, opened, say)
    if isinstance(event, ApprovalEvent):
        return approval_words(event, opened, say)
    if isinstance(event, EscalationEvent):
        return escalation_words(event, opened, say)
    if isinstance(event, OversightEvent):
        return oversight_words(event, opened, say)
    if isinstance(event, ReviewEvent):
        return review_words(event, opened, say)
    if isinstance(event, LetterEvent):
        return letter_words(event, opened, say)
    if isinstance(event, CustomerEvent):
        return customer_words(event, opened, say)
    if isinstance(event, InteractionEvent):
        return interaction_words(event, opened, say)
    raise TypeError(f"no words for {event.type_name}")


def entries(
    records: Sequence[Recorded[Event]], ledger: Ledger, say: Speaker, *, clear: bool = True
) -> list[Entry]:
    """All facts of ``records`` in their order, personal texts opened, or not shown."""
    given = [(record.event, record.context.reason) for record in records]
    opened = ledger.open_in(given) if clear else plain(given, lambda _: say("(not shown to you)"))
    return [
        _entry(record, event, reason, say)
        for record, (event, reason) in zip(records, opened, strict=True)
    ]


def _entry(
    record: Recorded[Event], opened: Mapping[str, Any], reason: str | None, say: Speaker
) -> Entry:
    told = said(record.event, opened, say)
    cause = record.context.cause
    rule = f"{say.term('rule', cause.rule)}, {cause.version}" if cause else None
    return Entry(
        at=record.event.at,
        recorded_at=record.recorded_at,
        late=record.recorded_at - record.event.at > LATE,
        claimed_at=record.context.source_recorded_at,
        words=told.words,
        quote=told.quote,
        because=reason,
        who=say.who(record.actor, rule),
        kind=told.tone or tone_of(record.actor),
        event=record.event,
        position=record.position,
    )
