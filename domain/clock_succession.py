"""One instance of a clock after another: a receipt corrected, terms changed, a case reopened.

The old one is superseded; the new one takes over its pauses and extensions, and its breach with
the excuse, so that one breach is told once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from domain.calendar import Calendar
from domain.clock import Clock, evolve_clock
from domain.clock_algebra import begun, breach_gone_by, closed, excuse, fulfil, supersede
from domain.clock_facts import ClockEvent, ClockStarted
from domain.target import Limit, OnChange, Pause, Ref, Target

REOPENED: Final = "closed"
"""The ground of the pause between closing and reopening."""


def recompute(
    clock: Clock,
    calendar: Calendar,
    at: datetime,
    *,
    instance: str,
    started_at: datetime,
    approver: str,
    reason: str = "receipt_corrected",
) -> list[ClockEvent]:
    """The receipt was another: a new instance counts from it, both ways, fulfilled ones too.

    A breach that proves false stays on the old instance and is excused by the same approver.
    A limit that was not in force on the true day has no new instance.
    """
    if _gone(clock) or started_at == clock.started_at:
        return []
    if isinstance(clock.terms, Limit) and not clock.terms.in_force(calendar.local_date(started_at)):
        excused = clock.breached_at is not None and clock.excused is None
        return [
            *(excuse(clock, at, reason=reason, approver=approver) if excused else []),
            *supersede(clock, calendar, at, reason=reason),
        ]
    new = begun(
        clock.terms,
        calendar,
        instance,
        clock.policy,
        started_at=started_at,
        at=at,
        pauses=clock.pauses,
        extensions=clock.extensions,
        replaces=clock.id,
    )
    false = clock.breached_at is not None and not _late(clock, new.due, at)
    events: list[ClockEvent] = []
    if false and clock.excused is None:
        events += excuse(clock, at, reason=reason, approver=approver)
    if not false:
        new = _taking_over_breach(new, clock)
    events += [*supersede(clock, calendar, at, reason=reason, by=instance), new]
    if clock.fulfilled_at is not None:
        how = clock.fulfilled_how or "done"
        events += fulfil(evolve_clock(None, new), calendar, clock.fulfilled_at, how)
    return events


def retarget(
    clock: Clock,
    calendar: Calendar,
    at: datetime,
    *,
    instance: str,
    terms: Target | Limit,
    new_calendar: Calendar,
    policy: Ref,
    reason: str,
) -> list[ClockEvent]:
    """Severity, tier, policy or pack changed: a new instance by the rule the new terms name.

    from_origin credits the pauses that the new terms know; from_change begins anew;
    keep_stricter changes nothing unless the new due time is earlier. A breach is taken over.
    """
    if clock.ended_at is not None:
        return []
    rule: OnChange = terms.on_change if isinstance(terms, Target) else "from_origin"
    known = [pause for pause in clock.pauses if knows(terms, pause.ground)]
    if rule == "from_change":
        known = [p.model_copy(update={"start": at}) for p in known if p.end is None]
    new = begun(
        terms,
        new_calendar,
        instance,
        policy,
        started_at=at if rule == "from_change" else clock.started_at,
        at=at,
        pauses=known,
        replaces=clock.id,
    )
    if rule == "keep_stricter" and new.due >= clock.due:
        return []
    gone_by = breach_gone_by(clock, calendar, at)
    for event in gone_by:
        clock = evolve_clock(clock, event)
    superseded = supersede(clock, calendar, at, reason=reason, by=instance)
    return [*gone_by, *superseded, _taking_over_breach(new, clock)]


def reopen(clock: Clock, calendar: Calendar, at: datetime, *, instance: str) -> list[ClockEvent]:
    """A service clock that had ended runs on; the gap counts only if its terms say so.

    A limit that was fulfilled stays so; one that an untrue ending cancelled never stood still.
    """
    terms = clock.terms
    ended_at = clock.cancelled_at or clock.fulfilled_at
    if ended_at is None or clock.superseded_at is not None:
        return []
    if isinstance(terms, Limit) and clock.cancelled_at is None:
        return []
    pauses = [*closed(clock.pauses, ended_at)]
    if isinstance(terms, Target) and not terms.gap_counts:
        pauses.append(Pause(start=ended_at, end=at, ground=REOPENED))
    new = begun(
        terms,
        calendar,
        instance,
        clock.policy,
        started_at=clock.started_at,
        at=at,
        pauses=pauses,
        extensions=clock.extensions,
        replaces=clock.id,
    )
    superseded = supersede(clock, calendar, at, reason="reopened", by=instance)
    return [*superseded, _taking_over_breach(new, clock)]


def _taking_over_breach(new: ClockStarted, old: Clock) -> ClockStarted:
    return new.model_copy(update={"breached_at": old.breached_at, "excused": old.excused})


def knows(terms: Target | Limit, ground: str) -> bool:
    """Whether the terms let that ground hold a clock of theirs."""
    if isinstance(terms, Limit):
        return terms.article_for(ground) is not None
    return ground == REOPENED or ground in terms.pauses_on


def _gone(clock: Clock) -> bool:
    return clock.superseded_at is not None or clock.cancelled_at is not None


def _late(clock: Clock, due: datetime, at: datetime) -> bool:
    """Whether the clock had run past that due time when it stopped, or by ``at``."""
    return (clock.fulfilled_at or clock.paused_at or at) > due
