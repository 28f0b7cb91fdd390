"""Calendars, clocks and short words that the tests of clocks share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain import clock_algebra as moves
from domain.calendar import Calendar
from domain.clock import Clock, evolve_clock, evolve_clocks
from domain.clock_facts import ClockEvent
from domain.target import ExtensionStep, Limit, Ref, Target, Threshold

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
POLICY = Ref(id="house", version=3)


def calendar(
    id: str, zone: str, opens: str, closes: str, days: Sequence[str] = DAYS[:5], **parts: Any
) -> Calendar:
    weekly: Any = {day: [[opens, closes]] for day in days}
    return Calendar(id=id, version=1, zone=zone, weekly=weekly, **parts)


LONDON = calendar(
    "london", "Europe/London", "09:00", "17:00", closed=[["2026-04-03", "2026-04-06"]]
)
HANGZHOU = calendar(
    "hangzhou",
    "Asia/Shanghai",
    "09:00",
    "17:00",
    closed=[["2026-10-01", "2026-10-07"]],
    extra_open=[{"first": "2026-10-10", "hours": [["09:00", "17:00"]]}],
)
TEN_TO_SIX = calendar("ten", "UTC", "10:00", "18:00")
ALWAYS = calendar("always", "UTC", "00:00", "24:00", DAYS)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def limit(count: int, unit: Any, where: Calendar = LONDON, **parts: Any) -> Limit:
    return Limit(
        name="final_response",
        calendar=where.id,
        count=count,
        unit=unit,
        article="Art. 1",
        valid_from=date(2020, 1, 1),
        **parts,
    )


def target(working: timedelta, where: Calendar = TEN_TO_SIX, **parts: Any) -> Target:
    parts.setdefault("pauses_on", ("waiting",))
    return Target(name="resolution", calendar=where.id, working_time=working, **parts)


def started(
    terms: Target | Limit, where: Calendar, start: datetime, now: datetime | None = None
) -> Clock:
    events = moves.start(
        terms,
        where,
        instance=f"{terms.name}/1",
        policy=POLICY,
        started_at=start,
        at=now or start,
    )
    return fold(None, events)


def fold(clock: Clock | None, events: Sequence[ClockEvent]) -> Clock:
    for event in events:
        clock = evolve_clock(clock, event)
    assert clock is not None
    return clock


def names(events: Sequence[ClockEvent]) -> list[str]:
    return [event.type_name.removeprefix("Clock").lower() for event in events]


EIGHT_WEEKS = limit(8, "weeks")
PAYMENTS = limit(15, "business_days", extensions=[ExtensionStep(count=20, unit="business_days")])
CHINA_15 = limit(
    15,
    "calendar_days",
    HANGZHOU,
    extensions=[
        ExtensionStep(count=15, unit="calendar_days", needs_approval=False),
        ExtensionStep(count=30, unit="calendar_days"),
    ],
)
TWO_HOURS = target(
    timedelta(hours=2), warn=[Threshold(share=0.5), Threshold(before=timedelta(minutes=15))]
)


def two_hours() -> Clock:
    """Due at noon; warns at 11:00 and 11:45."""
    return started(TWO_HOURS, TEN_TO_SIX, at("2026-07-23T10:00"))


NOON = at("2026-07-23T12:00")


def granted(clock: Clock, place: Calendar, now: datetime) -> Clock:
    events = moves.extend(clock, place, now, maker="fang", approver="priya", notice="letter-1")
    return fold(clock, events)


def split(events: Sequence[ClockEvent], old: Clock) -> tuple[Clock, Clock]:
    """The old instance and the new one after the events."""
    clocks = {old.id: old}
    for event in events:
        clocks = evolve_clocks(clocks, event)
    return clocks[old.id], next(clock for id, clock in clocks.items() if id != old.id)
