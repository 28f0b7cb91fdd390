"""One line of a history with all that can be asked of it: letter, what it changed, which rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from desk.masks import masked
from desk.words.clock import source_words
from desk.words.facts import Entry, Speaker
from desk.words.talk import origin_words
from domain.approval import ApprovalAsked, ApprovalGranted
from domain.clock_facts import (
    ClockEvent,
    ClockExtended,
    ClockResumed,
    ClockStarted,
    ClockSuperseded,
)
from domain.complaint_facts import ComplaintAssessed, ComplaintCorrected
from domain.complaint_state import Complaint
from domain.conversation import SavedReplyUsed
from domain.event import Event, Recorded
from domain.letter import LetterSent, LetterWritten

if TYPE_CHECKING:
    from desk.case import Case


@dataclass(frozen=True)
class Moved:
    """A limit whose due time was moved, by which fact and why; ``to``: what counts now."""

    position: int
    clock: str
    to: str
    was: datetime
    is_: datetime
    why: str


@dataclass(frozen=True)
class Change:
    """What a fact changed: (what, was, is), who asked, who else agreed, and the limits it moved."""

    values: Sequence[tuple[str, str, str]]
    asked_by: str
    reason: str
    granted_by: str
    moved: Sequence[Moved]


@dataclass(frozen=True)
class Letter:
    subject: str
    template: str
    language: str
    address: str
    body: str
    sent_at: datetime | None


@dataclass(frozen=True)
class Rule:
    """Why an automation acted. ``policy``: the document's id; ``row``: what it says of it."""

    name: str
    version: str
    policy: str
    title: str
    row: str


@dataclass(frozen=True)
class Line:
    """``later``: how much later than it happened it was entered, where that is noticeable."""

    entry: Entry
    record: Recorded[Event]
    later: timedelta | None
    letter: Letter | None
    change: Change | None
    rule: Rule | None


def moves(records: Sequence[Recorded[Event]], say: Speaker) -> list[Moved]:
    """Every due time that was moved, in order, and why."""
    started = {it.event.clock: it.event.due for it in records if isinstance(it.event, ClockStarted)}
    dues: dict[str, datetime] = {}
    found = []
    for record in records:
        event = record.event
        if not isinstance(event, ClockEvent):
            continue
        was, is_, to, why = dues.get(event.clock), event.due, event.clock, ""
        match event:
            case ClockSuperseded(by=str(by)) if by in started:
                is_, to, why = started[by], by, say.term("moved", event.reason)
            case ClockExtended():
                why = say.term("moved", "extended")
            case ClockResumed():
                why = say.term("moved", "paused")
        dues[event.clock] = event.due
        if why and was is not None and was != is_:
            found.append(Moved(record.position, say.clock(event.clock), to, was, is_, why))
    return found


class Reader:
    """Reads the lines of one case as of then; ``clear``: the reader may see texts."""

    def __init__(self, case: Case, *, late: timedelta, clear: bool) -> None:
        self._case = case
        self._late = late
        self._clear = clear
        self._say = case.speaker()
        self.moved = moves(case.records, self._say)
        self._asked = {
            it.event.approval: it.event
            for it in case.records
            if isinstance(it.event, ApprovalAsked)
        }
        self._granted = {
            it.event.approval: it.event.decided_by
            for it in case.records
            if isinstance(it.event, ApprovalGranted)
        }
        self._used = {
            it.command_id: it.event for it in case.records if isinstance(it.event, SavedReplyUsed)
        }
        self._sent = {
            it.event.letter: it.event for it in case.records if isinstance(it.event, LetterSent)
        }

    def lines(self, shown: Sequence[tuple[Recorded[Event], Entry]]) -> Iterator[Line]:
        for record, entry in shown:
            gap = record.recorded_at - record.occurred_at
            yield Line(
                entry=entry,
                record=record,
                later=gap if gap > self._late else None,
                letter=self._letter(record) if self._clear else None,
                change=self.change(record),
                rule=rule_of(record, self._case.state, self._say),
            )

    def change(self, record: Recorded[Event]) -> Change | None:
        event, say = record.event, self._say
        match event:
            case ComplaintCorrected():
                was, is_ = _values(event, self._case.state.legal_entity, say)
                asked = self._asked.get(event.approval)
                return Change(
                    [(say.term("field", event.field), was, is_)],
                    say.name(asked.asked_by) if asked else "",
                    self._reason(asked),
                    say.name(self._granted.get(event.approval)),
                    self._moved_by(record),
                )
            case ComplaintAssessed() if event.severity != event.was:
                was, is_ = say.term("severity", event.was), say.term("severity", event.severity)
                return Change(
                    [(say("Severity"), was, is_)], say.who(record.actor), "", "",
                    self._moved_by(record),
                )  # fmt: skip
            case _:
                return None

    def _reason(self, asked: ApprovalAsked | None) -> str:
        if asked is None or not self._clear:
            return ""
        return self._say.shown(self._case.house.ledger.open(asked.reason))

    def _moved_by(self, record: Recorded[Event]) -> list[Moved]:
        """By the facts of the same command; of a clock with several ends, each move once."""
        same = {it.position for it in self._case.records if it.command_id == record.command_id}
        moved = {(it.clock, it.was, it.is_): it for it in self.moved if it.position in same}
        return list(moved.values())

    def _letter(self, record: Recorded[Event]) -> Letter | None:
        event, say = record.event, self._say
        if not isinstance(event, LetterWritten):
            return None
        opened = self._case.house.ledger.open_in(event)
        sent = self._sent.get(event.letter)
        return Letter(
            subject=say.shown(opened["words"]["subject"]),
            template=self._origin(record, event),
            language=say.term("language", event.words.language),
            address=masked(opened["address"]) or "—",
            body=say.shown(opened["words"]["body"]),
            sent_at=sent.at if sent else None,
        )

    def _origin(self, record: Recorded[Event], event: LetterWritten) -> str:
        used = self._used.get(record.command_id)
        if used is not None:
            return origin_words(used, self._say)
        return template_words(event.words.template, self._say)


def _values(event: ComplaintCorrected, entity: str, say: Speaker) -> tuple[str, str]:
    match event.field:
        case "received_at":
            return say.at(event.was), say.at(event.is_)
        case "channel":
            return say.term("channel", event.was), say.term("channel", event.is_)
        case "customer":
            return say("another customer"), say("this customer")
        case "product":
            return say.product(entity, event.was), say.product(entity, event.is_)


def template_words(template: str, say: Speaker) -> str:
    """``ack-uk@2`` as people say it."""
    if template == "free":
        return say("own words")
    id, _, version = template.partition("@")
    return say("template %(id)s, version %(version)s", id=id, version=version)


def rule_of(record: Recorded[Event], state: Complaint, say: Speaker) -> Rule | None:
    cause = record.context.cause
    if cause is None:
        return None
    id, _, version = cause.version.partition("@")
    policy = state.terms.policy if state.terms else None
    title = say.text(policy.title) if policy is not None and policy.id == id else id
    row = _row(record.event, state, say)
    return Rule(say.term("rule", cause.rule), version, id, title, row)


def _row(event: Event, state: Complaint, say: Speaker) -> str:
    """The row of the policy: the promise or the article a clock is held by."""
    clock = state.clocks.get(getattr(event, "clock", ""))
    if clock is None or state.terms is None:
        return ""
    return f"{say.clock(clock.id)}: {source_words(clock, state.terms, say)}"
