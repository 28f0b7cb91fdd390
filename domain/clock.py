"""One clock: what it is after its facts, what it reads, what it owes.

Its moves are in clock_algebra; how one follows another is in clock_succession.

A breach is a fact for ever, an excuse a second fact beside it. Remaining and counted time are
computed from intervals each time they are asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, assert_never

from domain.calendar import Calendar
from domain.clock_facts import (
    ClockBreached,
    ClockCancelled,
    ClockEvent,
    ClockExcused,
    ClockExtended,
    ClockFulfilled,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockSuperseded,
    ClockWarned,
    Kind,
)
from domain.intervals import Slice, total
from domain.target import ExtensionStep, Limit, Pause, Ref, Target, Warn, counted, still

if TYPE_CHECKING:
    from dataclasses import replace
else:
    from domain.changed import changed as replace

Reading = Literal[
    "running", "paused", "overdue", "met", "breached", "excused", "superseded", "cancelled"
]
"""overdue: past its due time and the breach is not recorded yet."""


_NO_END: Final = (None, None, None)


@dataclass(frozen=True)
class Clock:
    """One instance. ``revision`` counts its events, so that what is owed can be told apart."""

    id: str
    terms: Target | Limit
    policy: Ref
    calendar: Ref
    started_at: datetime
    due: datetime
    warns: tuple[Warn, ...]
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[ExtensionStep, ...] = ()
    warned: frozenset[str] = frozenset()
    breached_at: datetime | None = None
    excused: str | None = None
    fulfilled_at: datetime | None = None
    fulfilled_how: str | None = None
    superseded_at: datetime | None = None
    superseded_by: str | None = None
    cancelled_at: datetime | None = None
    replaces: str | None = None
    revision: int = 1

    @property
    def name(self) -> str:
        return self.terms.name

    @property
    def kind(self) -> Kind:
        return self.terms.kind

    @property
    def ended_at(self) -> datetime | None:
        """When it stopped counting for good."""
        ends = (self.fulfilled_at, self.superseded_at, self.cancelled_at)
        if ends == _NO_END:
            return None
        return min(end for end in ends if end is not None)

    @property
    def paused_at(self) -> datetime | None:
        """Since when it stands still, None while it runs."""
        return self.pauses[-1].start if self.pauses and self.pauses[-1].end is None else None

    @property
    def breach_disproved(self) -> bool:
        """A breach stands although it was fulfilled in time: the fulfilment was recorded later."""
        return (
            self.breached_at is not None
            and self.fulfilled_at is not None
            and self.fulfilled_at <= self.due
        )


@dataclass(frozen=True, slots=True)
class Owed:
    """A moment at which the clock asks for something: a warning (its threshold) or the breach."""

    clock: str
    at: datetime
    rule: Literal["warn", "breach"]
    threshold: str | None = None


class UnknownClock(LookupError):
    """An event speaks of a clock that never started: the stream is damaged."""


def evolve_clock(clock: Clock | None, event: ClockEvent) -> Clock:
    """The clock after the event. Raises UnknownClock."""
    if isinstance(event, ClockStarted):
        return Clock(
            id=event.clock,
            terms=event.terms,
            policy=event.policy,
            calendar=event.calendar,
            started_at=event.started_at,
            due=event.due,
            warns=event.warns,
            pauses=event.pauses,
            extensions=event.extensions,
            breached_at=event.breached_at,
            excused=event.excused,
            replaces=event.replaces,
        )
    if clock is None:
        raise UnknownClock(event.clock)
    clock = replace(clock, due=event.due, revision=clock.revision + 1)
    match event:
        case ClockPaused():
            pause = Pause(start=event.at, end=None, ground=event.ground, article=event.article)
            return replace(clock, pauses=(*clock.pauses, pause))
        case ClockResumed():
            last = clock.pauses[-1].model_copy(update={"end": event.at})
            return replace(clock, pauses=(*clock.pauses[:-1], last), warns=event.warns)
        case ClockWarned():
            return replace(clock, warned=clock.warned | {event.threshold, *event.passed})
        case ClockFulfilled():
            return replace(clock, fulfilled_at=event.at, fulfilled_how=event.how)
        case ClockBreached():
            return replace(clock, breached_at=clock.breached_at or event.at)
        case ClockExcused():
            return replace(clock, excused=event.reason)
        case ClockSuperseded():
            return replace(clock, superseded_at=event.at, superseded_by=event.by)
        case ClockCancelled():
            return replace(clock, cancelled_at=event.at)
        case ClockExtended():
            steps = (*clock.extensions, event.step)
            return replace(clock, extensions=steps, warns=event.warns, warned=frozenset())
        case _:
            assert_never(event)


def evolve_clocks(clocks: Mapping[str, Clock], event: ClockEvent) -> dict[str, Clock]:
    """All clocks of a stream, by instance, after the event."""
    return {**clocks, event.clock: evolve_clock(clocks.get(event.clock), event)}


def next_instance(clocks: Mapping[str, Clock], name: str) -> str:
    """The id the next clock of that name gets."""
    return f"{name}/{1 + sum(clock.name == name for clock in clocks.values())}"


def current(clocks: Mapping[str, Clock], name: str) -> Clock | None:
    """The clock of that name that began last, of those that nothing has replaced."""
    standing = [c for c in clocks.values() if c.name == name and c.superseded_at is None]
    return max(reversed(standing), key=lambda clock: clock.started_at, default=None)


# readings


def state_of(clock: Clock, at: datetime) -> Reading:
    """In one word. A breach is not covered by what came after it, only by its excuse."""
    if clock.superseded_at is not None:
        return "superseded"
    if clock.breached_at is not None:
        return "breached" if clock.excused is None else "excused"
    if clock.cancelled_at is not None:
        return "cancelled"
    if clock.fulfilled_at is not None:
        return "met"
    if overdue(clock, at):
        return "overdue"
    return "running" if clock.paused_at is None else "paused"


def overdue(clock: Clock, at: datetime) -> bool:
    """Whether the due time has gone by (the due instant itself is still in time)."""
    return clock.ended_at is None and min(clock.paused_at or at, at) > clock.due


def counted_slices(clock: Clock, calendar: Calendar, at: datetime) -> tuple[Slice, ...]:
    """What has counted by ``at`` (or by its end): working time, or whole days of a limit."""
    until = min(clock.ended_at or at, at)
    held = still(clock.pauses, until)
    return counted(clock.terms, calendar, clock.started_at, until, held)


def remaining(clock: Clock, calendar: Calendar, at: datetime) -> timedelta:
    """Time left at ``at`` (or at its end or pause); below zero when it is past due.

    Working time of a service clock, time on the wall until the due moment of a statutory one.
    """
    now = min(clock.ended_at or at, clock.paused_at or at, at)
    if isinstance(clock.terms, Limit):
        return clock.due - now
    if now > clock.due:
        return -calendar.between(clock.due, now)
    held = still(clock.pauses)
    return total(counted(clock.terms, calendar, now, clock.due, held))


def due_agenda(clock: Clock) -> tuple[Owed, ...]:
    """Warnings and the breach that are still owed, in order; none while it stands still.

    A due time that went by before the pause began is owed all the same.
    """
    if clock.ended_at is not None or clock.breached_at is not None:
        return ()
    breach = Owed(clock=clock.id, at=clock.due, rule="breach")
    if clock.paused_at is not None:
        return (breach,) if clock.due < clock.paused_at else ()
    warns = (warn for warn in clock.warns if warn.label not in clock.warned)
    return (*(Owed(clock.id, warn.at, "warn", warn.label) for warn in warns), breach)
