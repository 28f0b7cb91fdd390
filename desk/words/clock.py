"""Clocks: what moved them, as sentences; how they stand, as cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, assert_never

from desk.words.countdown import Countdown, always_open, countdown
from desk.words.facts import Said, Speaker
from domain.calendar import Calendar
from domain.clock import Clock, counted_slices, state_of
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
)
from domain.complaint_state import Complaint
from domain.intervals import Slice, total
from domain.policy import Terms
from domain.target import Limit
from domain.timekeeping import WAITING

Mark = Literal["overdue", "soon", "in_time", "waiting", "paused", "met", "excused", "ended"]


def clock_words(event: ClockEvent, say: Speaker) -> Said:
    name = say.clock(event.clock)
    match event:
        case ClockStarted():
            words = say("“%(clock)s” runs: due %(at)s", clock=name, at=say.due(event.due))
            return Said(words, None, "automation")
        case ClockPaused():
            ground = say.term("ground", event.ground)
            words = say("“%(clock)s” pauses: %(ground)s", clock=name, ground=ground)
            if event.article:
                words = say("%(words)s (%(more)s)", words=words, more=event.article)
            return Said(words, None, "automation")
        case ClockResumed():
            words = say("“%(clock)s” runs on: due %(at)s", clock=name, at=say.due(event.due))
            return Said(words, None, "automation")
        case ClockWarned():
            words = say(
                "Warned: “%(clock)s” is due %(at)s (%(threshold)s)",
                clock=name,
                at=say.due(event.due),
                threshold=_reached(event.threshold, say),
            )
            return Said(words, None, "automation")
        case ClockFulfilled():
            words = say("“%(clock)s” kept", clock=name)
            if event.at > event.due:
                words = say("“%(clock)s” done, late", clock=name)
            if event.how == "holding":
                words += " · " + say("by a holding letter")
            return Said(words, None, "automation")
        case ClockBreached():
            words = say("“%(clock)s” overdue since %(at)s", clock=name, at=say.due(event.due))
            return Said(words, None, "breach")
        case ClockExcused():
            words = say("“%(clock)s” excused by %(name)s",
                        clock=name, name=say.name(event.approver))  # fmt: skip
            return Said(words)
        case ClockSuperseded(by=by) if by is not None:
            return Said(say("“%(clock)s” is counted anew", clock=name), None, "automation")
        case ClockSuperseded() | ClockCancelled():
            return Said(say("“%(clock)s” ended: nothing is owed", clock=name), None, "automation")
        case ClockExtended():
            words = say("“%(clock)s” extended: due %(at)s", clock=name, at=say.due(event.due))
            return Said(words)
        case _:
            assert_never(event)


@dataclass(frozen=True)
class Card:
    """One clock as it is shown. ``bar``: (start, width, kind) in percent of the whole span.

    left: while it runs. source: the article or the promise; rules: the documents it goes by.
    """

    id: str
    name: str
    mark: Mark
    due: datetime
    live: bool
    ended: bool
    left: Countdown | None
    source: str
    rules: str
    note: str
    bar: Sequence[tuple[float, float, str]]
    counted: str
    slices: Sequence[tuple[datetime, datetime]]
    struck: Sequence[datetime]
    breached_at: datetime | None


def cards(
    state: Complaint, kind: Literal["service", "statutory"], now: datetime, say: Speaker
) -> list[Card]:
    """The clocks of one kind: what still runs, nearest first, then what has ended."""
    shown = [
        clock
        for clock in state.clocks.values()
        if clock.kind == kind and clock.superseded_at is None
    ]
    shown.sort(key=lambda clock: (clock.ended_at is not None, clock.due))
    return [_card(clock, state, now, say) for clock in shown]


def mark_of(clock: Clock, now: datetime) -> Mark:
    """The one word and shape for a clock: an open breach stays overdue until it is done."""
    reading = state_of(clock, now)
    match reading:
        case "overdue":
            return "overdue"
        case "breached":
            return "overdue"
        case "paused":
            return "waiting" if clock.pauses[-1].ground == WAITING else "paused"
        case "met":
            return "met"
        case "excused":
            return "excused"
        case "superseded" | "cancelled":
            return "ended"
        case "running":
            warned = any(warn.at <= now for warn in clock.warns)
            return "soon" if warned else "in_time"
        case _:
            assert_never(reading)


def _card(clock: Clock, state: Complaint, now: datetime, say: Speaker) -> Card:
    assert state.terms is not None
    calendar = state.terms.calendars.get(clock.calendar.id) or state.terms.calendar()
    slices = counted_slices(clock, calendar, now)
    mark, always = mark_of(clock, now), always_open(calendar, now)
    live = clock.ended_at is None and clock.paused_at is None
    return Card(
        id=clock.id,
        name=say.term("clock", clock.name),
        mark=mark,
        due=clock.due,
        live=live,
        ended=clock.ended_at is not None,
        left=_left(clock, calendar, now, say) if live else None,
        rules=_rules(clock, state, calendar, say),
        source=_source(clock, say, always),
        note=_note(clock, say),
        bar=_bar(clock, now),
        counted=_counted(clock, slices, say, always),
        slices=slices[-12:],
        struck=[
            other.due
            for other in state.clocks.values()
            if other.superseded_by == clock.id and other.due != clock.due
        ],
        breached_at=clock.breached_at,
    )


def _left(clock: Clock, calendar: Calendar, now: datetime, say: Speaker) -> Countdown:
    """Working time for a promise of ours, time on the wall for the law's."""
    counts = None if isinstance(clock.terms, Limit) else calendar
    return countdown(clock.due, counts, [warn.at for warn in clock.warns], now, say)


def _counted(clock: Clock, slices: Sequence[Slice], say: Speaker, always: bool) -> str:
    days = isinstance(clock.terms, Limit) or always
    return say.span(total(slices)) if days else say.hours(total(slices))


def source_words(clock: Clock, terms: Terms, say: Speaker) -> str:
    """What the clock is held by: the article of a law, or the time that was promised."""
    calendar = terms.calendars.get(clock.calendar.id) or terms.calendar()
    return _source(clock, say, always_open(calendar, clock.started_at))


def _source(clock: Clock, say: Speaker, always: bool) -> str:
    if isinstance(clock.terms, Limit):
        return clock.terms.article
    if always:
        return say("%(span)s, day and night", span=say.span(clock.terms.working_time))
    return say("%(span)s of working time", span=say.hours(clock.terms.working_time))


_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def _reached(threshold: str, say: Speaker) -> str:
    """``75%`` or ``-2h``, as a warning says it."""
    if not threshold.startswith("-"):
        return say("%(share)s of the time is used", share=threshold)
    left = timedelta(**{_UNITS[threshold[-1]]: int(threshold[1:-1])})
    return say("%(span)s before", span=say.span(left))


def _rules(clock: Clock, state: Complaint, calendar: Calendar, say: Speaker) -> str:
    """Policy and calendar, each in the version that the clock goes by."""
    assert state.terms is not None
    policy = state.terms.policy
    title = say.text(policy.title) if policy.id == clock.policy.id else say("Policy")
    return say(
        "%(policy)s, version %(version)s · working hours of %(zone)s, version %(hours)s",
        policy=title,
        version=clock.policy.version,
        zone=say.zone_name(calendar.zone),
        hours=calendar.version,
    )


def _note(clock: Clock, say: Speaker) -> str:
    if clock.paused_at is not None:
        ground = say.term("ground", clock.pauses[-1].ground)
        return say("paused since %(at)s: %(ground)s", at=say.at(clock.paused_at), ground=ground)
    if clock.fulfilled_at is not None:
        return say("done %(at)s", at=say.at(clock.fulfilled_at))
    if clock.pauses:
        return say.many("paused once", "paused %(count)s times", len(clock.pauses))
    return ""


def _bar(clock: Clock, now: datetime) -> list[tuple[float, float, str]]:
    """From the start to the due time: what has passed, and where it stood still."""
    whole = (clock.due - clock.started_at).total_seconds() or 1.0
    until = min(clock.ended_at or now, now)

    def share(at: datetime) -> float:
        return max(0.0, min(100.0, 100 * (at - clock.started_at).total_seconds() / whole))

    parts: list[tuple[float, float, str]] = []
    at = clock.started_at
    for pause in clock.pauses:
        end = min(pause.end or until, until)
        parts.append((share(at), share(pause.start) - share(at), "counted"))
        parts.append((share(pause.start), share(end) - share(pause.start), "paused"))
        at = end
    parts.append((share(at), share(until) - share(at), "counted"))
    return [(round(start, 1), round(width, 1), kind) for start, width, kind in parts if width > 0]
