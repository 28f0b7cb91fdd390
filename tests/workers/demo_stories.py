"""The demo's story told in memory, and what is counted of it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import reduce

from domain.clock import state_of
from domain.complaint import complaint
from domain.complaint_state import Complaint
from workers.demo.case import Case
from workers.demo.story import begin, tell_history, tell_watched
from workers.demo.telling import Telling


def told(now: datetime, fast: bool = False) -> tuple[Telling, dict[str, Case]]:
    numbers = itertools.count(1)
    telling = begin(
        now, fast, lambda kind, stream, year: f"{kind[0].upper()}-{year}-{next(numbers):06}"
    )
    cases = tell_history(telling)
    return telling, cases | {"C1": tell_watched(telling)}


def figures(states: Mapping[str, Complaint], now: datetime) -> dict[str, int]:
    """What the story expects of itself after seeding, by the words it uses."""
    open_ = {key: state for key, state in states.items() if state.closed_at is None}
    readings = Counter(
        state_of(clock, now) for state in states.values() for clock in state.clocks.values()
    )
    return {
        "open": len(open_),
        "waiting for documents": sum(bool(s.conversation.waiting) for s in open_.values()),
        "proposal out": sum(
            s.proposal is not None and s.proposal.offered_at is not None and not s.proposal.answer
            for s in open_.values()
        ),
        "unassigned": sum(s.ownership.owner is None for s in open_.values()),
        "overdue and open": sum(
            any(
                state_of(c, now) in {"overdue", "breached"} and c.ended_at is None
                for c in s.clocks.values()
            )
            for s in open_.values()
        ),
        "broken ever": readings["breached"] + readings["excused"],
        "excused": readings["excused"],
        "withdrawn": sum(s.ending == "withdrawn" for s in states.values()),
        "not complaint": sum(s.ending == "not_a_complaint" for s in states.values()),
        "approvals waiting": sum(a.waiting for s in states.values() for a in s.approvals.values()),
        "owed already": sum(due.at <= now for s in states.values() for due in complaint.agenda(s)),
    }


EXPECTED = {
    "open": 9,
    "waiting for documents": 1,
    "proposal out": 1,
    "unassigned": 1,
    "overdue and open": 0,
    "broken ever": 1,
    "excused": 1,
    "withdrawn": 1,
    "not complaint": 1,
    "approvals waiting": 1,
    "owed already": 0,
}


def folded(telling: Telling) -> dict[str, Complaint]:
    """The complaints as the ledger will fold them, from the commands alone."""
    states: dict[str, Complaint] = {}
    for step in telling.steps:
        if getattr(step, "decider", None) is complaint:
            state = states.get(step.stream, complaint.initial)
            events = complaint.decide(step.command, state)
            states[step.stream] = reduce(complaint.evolve, events, state)
    return states
