"""A case of another system, carried over whole by one command with the moments it had there.

An import states what happened: gates, roles, forms and windows are not asked. What cannot be true
with us (an answer after the end, a second receipt) is kept under its own name instead. A limit
that went by is breached at its due time, and a case whose reopen window is over is archived.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import takewhile
from typing import ClassVar

from pydantic import AwareDatetime

from domain.carried_step import CarriedStep, kept, made, rest
from domain.complaint import follow
from domain.complaint_agenda import agenda
from domain.complaint_evolution import evolve
from domain.complaint_facts import (
    ComplaintArchived,
    ComplaintEvent,
    ComplaintLodged,
    HistoricalStepKept,
    Severity,
)
from domain.complaint_life import lodge
from domain.complaint_state import INITIAL, Complaint
from domain.complaint_wishes import LodgeComplaint
from domain.customer import Tier
from domain.decider import Decider
from domain.event import Command
from domain.letter import Channel
from domain.personal import Personal
from domain.policy import Terms
from domain.text import Language
from domain.timekeeping import perform_clock


class CarryOverComplaint(Command):
    """A whole case. ``at`` is its receipt; ``steps`` in order of time, the receipt among them.

    known_at: the moment of the import, by which what has gone by is judged.
    """

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"actor", "terms", "known_at"}

    complaint: str
    number: str
    legal_entity: str
    branch: str | None = None
    team: str
    customer: str
    lodged_by: Personal | None = None
    channel: Channel
    product: str
    category: str
    severity: Severity = "medium"
    tier: Tier = "standard"
    language: Language = "en"
    what_happened: Personal
    remedy_sought: Personal | None = None
    order: Personal | None = None
    terms: Terms
    steps: tuple[CarriedStep, ...]
    known_at: AwareDatetime


@dataclass(slots=True)
class _Story:
    """The case as it grows: its events so far and the state they make."""

    state: Complaint = INITIAL
    events: list[ComplaintEvent] = field(default_factory=list)

    def add(self, events: Sequence[ComplaintEvent]) -> None:
        new, self.state = follow(events, self.state)
        self.events += new

    def keep(self, events: Sequence[HistoricalStepKept]) -> None:
        """Nothing follows from them."""
        self.events += events
        self.state = reduce(evolve, events, self.state)


def decide(command: CarryOverComplaint, customer: str | None) -> list[ComplaintEvent]:
    """All events of the case; none where it is here already. Raises CalendarExhausted."""
    if customer is not None:
        return []
    story = _Story()
    story.add(lodge(_lodging(command), INITIAL))
    before = [*takewhile(lambda step: step.at < command.at, command.steps)]
    for step in before:
        story.keep([kept(step, refused=step.act is not None)])
    received = False
    for step in command.steps[len(before) :]:
        if step.act == "lodge" and not received:
            received = True
            story.keep(rest(step))
            continue
        ours = made(step, command.terms, story.state)
        if ours:
            story.add(ours)
            story.keep(rest(step, ours))
        else:
            story.keep([kept(step, refused=step.act is not None)])
    _catch_up(story, command)
    return story.events


def _lodging(command: CarryOverComplaint) -> LodgeComplaint:
    carried = LodgeComplaint.model_fields.keys() & CarryOverComplaint.model_fields.keys()
    return LodgeComplaint.model_construct(
        **{name: getattr(command, name) for name in carried}, letters="hold"
    )


def _catch_up(story: _Story, command: CarryOverComplaint) -> None:
    """What time alone has made true by now: limits broken or near, and the archive."""
    if story.state.closed_at is None:
        for rule in ("breach", "warn"):
            for due in reversed(agenda(story.state)):
                if due.rule == rule and due.at <= command.known_at:
                    story.add(perform_clock(story.state, due, due.at))
        return
    for due in agenda(story.state):
        if due.rule == "archive" and due.at <= command.known_at:
            story.add([ComplaintArchived(at=due.at)])


def _whose(customer: str | None, event: ComplaintEvent) -> str | None:
    return event.customer if isinstance(event, ComplaintLodged) else customer


carry_over: Decider[str | None, CarryOverComplaint, ComplaintEvent] = Decider(
    name="carry-over",
    initial=None,
    decide=decide,
    evolve=_whose,
    subject=lambda customer: customer,
)
"""The way in for this one command. Of a stream it needs to know whether there is one, and whose."""
