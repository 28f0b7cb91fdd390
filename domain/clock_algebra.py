"""The moves of a clock. Each answers with events; none means that nothing changes.

The calendar is handed in as a value and must be the version the clock is pinned to. What is
recorded late is judged by its own moment: a due time that had gone by before a pause, a
fulfilment or an end is breached first, at the due time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypedDict

from domain.calendar import Calendar
from domain.clock import Clock, counted_slices, overdue
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
    Tally,
)
from domain.decider import DomainError
from domain.intervals import total
from domain.target import (
    ExtensionStep,
    Limit,
    LimitNotConfirmed,
    LimitNotInForce,
    Pause,
    Ref,
    Target,
    Warn,
    reckon,
)

MOST_SLICES: Final = 120
"""A tally of more slices keeps their sum alone; they follow from the pinned calendar."""


class WrongCalendar(ValueError):
    """Another calendar, or another version of it, than the clock is pinned to."""


class GroundNotListed(DomainError):
    """The law lists no such ground to let this clock stand still (facts: clock, ground)."""


class NothingToExcuse(DomainError):
    """There is no breach (facts: clock)."""


class NoFurtherExtension(DomainError):
    """The row of law allows no more (facts: clock)."""


class ExtensionTooLate(DomainError):
    """The time to be extended is over (facts: clock)."""


class ApproverIsMaker(DomainError):
    """An extension is approved by somebody else than who asks for it (facts: clock)."""


class NoticeNotSent(DomainError):
    """The customer has not been told of the extension (facts: clock)."""


def start(
    terms: Target | Limit,
    calendar: Calendar,
    *,
    instance: str,
    policy: Ref,
    started_at: datetime,
    at: datetime,
) -> list[ClockEvent]:
    """A new clock, counting from ``started_at`` (receipt). Warnings of moments up to ``at`` go.

    Raises LimitNotConfirmed, LimitNotInForce, CalendarExhausted, WrongCalendar.
    """
    return [begun(terms, calendar, instance, policy, started_at=started_at, at=at)]


def pause(clock: Clock, calendar: Calendar, at: datetime, ground: str) -> list[ClockEvent]:
    """Stands still from ``at``. A target's policy decides by ground; a limit's list is closed.

    Raises GroundNotListed.
    """
    if clock.ended_at is not None or clock.paused_at is not None:
        return []
    article = None
    if isinstance(clock.terms, Limit):
        article = clock.terms.article_for(ground)
        if article is None:
            raise GroundNotListed(clock=clock.name, ground=ground)
    elif ground not in clock.terms.pauses_on:
        return []
    at = max(at, clock.started_at)
    paused = ClockPaused(
        **_head(clock, at),
        ground=ground,
        article=article,
        counted=_tally(clock, calendar, at).counted,
    )
    return [*breach_gone_by(clock, calendar, at), paused]


def resume(clock: Clock, calendar: Calendar, at: datetime) -> list[ClockEvent]:
    if clock.ended_at is not None or clock.paused_at is None:
        return []
    at = max(at, clock.paused_at)
    used = _tally(clock, calendar, at).counted
    pauses = closed(clock.pauses, at)
    new = reckon(clock.terms, calendar, clock.started_at, pauses, clock.extensions)
    open_ = {warn.label for warn in clock.warns} - clock.warned
    warns = tuple(warn for warn in new.warns if warn.label in open_)
    return [ClockResumed(**_head(clock, at, new.due), warns=warns, counted=used)]


def extend(
    clock: Clock,
    calendar: Calendar,
    at: datetime,
    *,
    maker: str,
    approver: str | None,
    notice: str | None,
    by: ExtensionStep | None = None,
) -> list[ClockEvent]:
    """The limit's next step, or ``by`` on a service clock (in working time).

    Raises NoFurtherExtension, ExtensionTooLate, ApproverIsMaker, NoticeNotSent.
    """
    if clock.ended_at is not None:
        return []
    granted = len(clock.extensions)
    listed = clock.terms.extensions[granted:] if isinstance(clock.terms, Limit) else (by,)
    step = listed[0] if listed else None
    if step is None:
        raise NoFurtherExtension(clock=clock.name)
    if clock.breached_at is not None or overdue(clock, at):
        raise ExtensionTooLate(clock=clock.name)
    if step.needs_approval and approver in (None, maker):
        raise ApproverIsMaker(clock=clock.name)
    if notice is None:
        raise NoticeNotSent(clock=clock.name)
    _check_pin(clock, calendar)
    steps = (*clock.extensions, step)
    new = reckon(clock.terms, calendar, clock.started_at, clock.pauses, steps)
    return [
        ClockExtended(
            **_head(clock, at, new.due),
            warns=_ahead(new.warns, at),
            step=step,
            maker=maker,
            approver=approver,
            notice=notice,
        )
    ]


def warn(clock: Clock, calendar: Calendar, at: datetime) -> list[ClockEvent]:
    """The latest warning that is due; those before it go with it. Past the due time: the breach."""
    if clock.ended_at is not None or clock.breached_at is not None or clock.paused_at is not None:
        return []
    if at >= clock.due:
        return breach(clock, calendar, at)
    reached = [w.label for w in clock.warns if w.at <= at and w.label not in clock.warned]
    if not reached:
        return []
    *passed, threshold = reached
    return [ClockWarned(**_head(clock, at), threshold=threshold, passed=tuple(passed))]


def breach(clock: Clock, calendar: Calendar, at: datetime) -> list[ClockEvent]:
    """Once, at the due time, when it has come and nothing has ended the clock."""
    if clock.ended_at is not None or clock.breached_at is not None:
        return []
    if clock.paused_at is not None and clock.paused_at <= clock.due:
        return []
    return [_breached(clock, calendar)] if at >= clock.due else []


def fulfil(clock: Clock, calendar: Calendar, at: datetime, how: str = "done") -> list[ClockEvent]:
    """Done at ``at``. In time up to the due instant itself; a recorded breach stays."""
    if clock.ended_at is not None:
        return []
    done = ClockFulfilled(**_head(clock, at), how=how, tally=_tally(clock, calendar, at))
    return [*breach_gone_by(clock, calendar, at), done]


def excuse(clock: Clock, at: datetime, *, reason: str, approver: str) -> list[ClockEvent]:
    """Raises NothingToExcuse."""
    if clock.breached_at is None:
        raise NothingToExcuse(clock=clock.name)
    if clock.excused is not None:
        return []
    return [ClockExcused(**_head(clock, at), reason=reason, approver=approver)]


def supersede(
    clock: Clock, calendar: Calendar, at: datetime, *, reason: str, by: str | None = None
) -> list[ClockEvent]:
    """Another one counts instead. Of a fulfilled one too (a receipt corrected, a case reopened)."""
    if clock.superseded_at is not None or clock.cancelled_at is not None:
        return []
    tally = _tally(clock, calendar, at)
    return [ClockSuperseded(**_head(clock, at), by=by, reason=reason, tally=tally)]


def cancel(clock: Clock, calendar: Calendar, at: datetime, *, reason: str) -> list[ClockEvent]:
    """Nothing is owed any more."""
    if clock.ended_at is not None:
        return []
    tally = _tally(clock, calendar, at)
    cancelled = ClockCancelled(**_head(clock, at), reason=reason, tally=tally)
    return [*breach_gone_by(clock, calendar, at), cancelled]


class _Head(TypedDict):
    at: datetime
    clock: str
    kind: Kind
    policy: Ref
    calendar: Ref
    due: datetime


def _head(clock: Clock, at: datetime, due: datetime | None = None) -> _Head:
    """What every event of this clock says."""
    return {
        "at": at,
        "clock": clock.id,
        "kind": clock.kind,
        "policy": clock.policy,
        "calendar": clock.calendar,
        "due": due or clock.due,
    }


def begun(
    terms: Target | Limit,
    calendar: Calendar,
    instance: str,
    policy: Ref,
    *,
    started_at: datetime,
    at: datetime,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[ExtensionStep] = (),
    replaces: str | None = None,
) -> ClockStarted:
    """The start of an instance, with what it takes over from the one it replaces."""
    if calendar.id != terms.calendar:
        raise WrongCalendar(f"{terms.name} counts by {terms.calendar}, not {calendar.id}")
    if isinstance(terms, Limit):
        day = calendar.local_date(started_at)
        if not terms.confirmed:
            raise LimitNotConfirmed(clock=terms.name)
        if not terms.in_force(day):
            raise LimitNotInForce(clock=terms.name, day=day)
    new = reckon(terms, calendar, started_at, pauses, extensions)
    return ClockStarted(
        at=at,
        clock=instance,
        kind=terms.kind,
        policy=policy,
        calendar=Ref(id=calendar.id, version=calendar.version),
        due=new.due,
        terms=terms,
        started_at=started_at,
        warns=_ahead(new.warns, at),
        pauses=tuple(pauses),
        extensions=tuple(extensions),
        replaces=replaces,
    )


def _ahead(warns: Sequence[Warn], at: datetime) -> tuple[Warn, ...]:
    return tuple(warn for warn in warns if warn.at > at)


def _breached(clock: Clock, calendar: Calendar) -> ClockBreached:
    return ClockBreached(**_head(clock, clock.due), tally=_tally(clock, calendar, clock.due))


def breach_gone_by(clock: Clock, calendar: Calendar, at: datetime) -> list[ClockEvent]:
    """The breach that nobody has recorded yet although its moment lies before ``at``."""
    if clock.breached_at is None and overdue(clock, at):
        return [_breached(clock, calendar)]
    return []


def _tally(clock: Clock, calendar: Calendar, at: datetime) -> Tally:
    _check_pin(clock, calendar)
    slices = counted_slices(clock, calendar, at)
    return Tally(counted=total(slices), slices=slices if len(slices) <= MOST_SLICES else ())


def _check_pin(clock: Clock, calendar: Calendar) -> None:
    if (calendar.id, calendar.version) != (clock.calendar.id, clock.calendar.version):
        raise WrongCalendar(f"{clock.id} counts by {clock.calendar}")


def closed(pauses: Sequence[Pause], at: datetime) -> tuple[Pause, ...]:
    """The pauses, the last one ended at ``at`` if it still lasted."""
    return tuple(p if p.end else p.model_copy(update={"end": at}) for p in pauses)
