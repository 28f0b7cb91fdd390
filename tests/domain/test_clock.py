"""What pauses, warnings, fulfilment, breach and excuse do to a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from clock_cases import (
    ALWAYS,
    EIGHT_WEEKS,
    HANGZHOU,
    LONDON,
    NOON,
    POLICY,
    TEN_TO_SIX,
    TWO_HOURS,
    at,
    fold,
    limit,
    names,
    started,
    target,
    two_hours,
)

from domain import clock_algebra as moves
from domain.clock import (
    Clock,
    UnknownClock,
    counted_slices,
    due_agenda,
    evolve_clock,
    remaining,
    state_of,
)
from domain.clock_facts import ClockBreached, ClockEvent, ClockWarned
from domain.intervals import total
from domain.target import Ground, Threshold

# Pauses


@pytest.mark.parametrize(
    ("hold", "due"),
    [
        (timedelta(hours=1), "2026-07-23T18:00"),
        (timedelta(seconds=3601), "2026-07-24T10:00:01"),
        (timedelta(0), "2026-07-23T17:00"),
    ],
)
def test_a_hold_moves_the_due_time_by_the_working_time_it_takes(hold: timedelta, due: str) -> None:
    clock = started(target(timedelta(hours=2)), TEN_TO_SIX, at("2026-07-23T15:00"))
    held = at("2026-07-23T15:30")
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, held, "waiting"))
    clock = fold(clock, moves.resume(clock, TEN_TO_SIX, held + hold))
    assert clock.due == at(due)


def test_working_minutes_around_a_pause() -> None:
    new = at("2026-07-20T12:00")
    pending, closed = new + timedelta(minutes=30), new + timedelta(minutes=120)

    def paused_for(first: Clock, minutes: int) -> Clock:
        first = fold(first, moves.pause(first, ALWAYS, pending, "waiting"))
        return fold(first, moves.resume(first, ALWAYS, pending + timedelta(minutes=minutes)))

    clock = paused_for(started(target(timedelta(hours=9), ALWAYS), ALWAYS, new), 30)
    clock = fold(clock, moves.fulfil(clock, ALWAYS, closed))
    assert total(counted_slices(clock, ALWAYS, closed)) == timedelta(minutes=90)
    half_hour = target(timedelta(minutes=30), ALWAYS)
    assert started(half_hour, ALWAYS, new).due == new + timedelta(minutes=30)
    assert paused_for(started(half_hour, ALWAYS, new + timedelta(minutes=15)), 30).due == (
        pending + timedelta(minutes=45)
    )


def test_a_hold_over_the_night_moves_nothing() -> None:
    clock = started(target(timedelta(hours=4)), TEN_TO_SIX, at("2026-07-23T15:00"))
    before = clock.due
    for closes, opens in (("23T18:00", "24T10:00"), ("24T02:00", "24T03:00")):
        clock = fold(clock, moves.pause(clock, TEN_TO_SIX, at(f"2026-07-{closes}"), "waiting"))
        assert state_of(clock, at("2026-07-23T20:00")) == "paused"
        clock = fold(clock, moves.resume(clock, TEN_TO_SIX, at(f"2026-07-{opens}")))
    assert clock.due == before == at("2026-07-24T11:00")


def test_a_paused_clock_neither_warns_nor_breaches() -> None:
    terms = target(timedelta(hours=2), warn=[Threshold(share=0.5)])
    clock = started(terms, TEN_TO_SIX, at("2026-07-23T10:00"))
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, at("2026-07-23T10:30"), "waiting"))
    later = at("2026-07-30T12:00")
    assert due_agenda(clock) == ()
    assert moves.warn(clock, TEN_TO_SIX, later) == []
    assert moves.breach(clock, TEN_TO_SIX, later) == []
    assert state_of(clock, later) == "paused"
    assert remaining(clock, TEN_TO_SIX, later) == timedelta(hours=1, minutes=30)
    clock = fold(clock, moves.resume(clock, TEN_TO_SIX, later))
    assert clock.due == at("2026-07-30T13:30")
    assert [owed.at for owed in due_agenda(clock)] == [at("2026-07-30T12:30"), clock.due]


def test_a_pause_lies_within_the_life_of_its_clock_and_ends_after_it_began() -> None:
    before, start = at("2026-07-22T12:00"), at("2026-07-23T10:00")
    clock = started(target(timedelta(hours=2)), TEN_TO_SIX, start)
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, before, "waiting"))
    clock = fold(clock, moves.resume(clock, TEN_TO_SIX, before))
    assert [(pause.start, pause.end) for pause in clock.pauses] == [(start, start)]


def test_a_warning_that_was_past_when_the_clock_came_in_does_not_come_back() -> None:
    terms = target(timedelta(hours=4), warn=[Threshold(share=0.25), Threshold(share=0.75)])
    clock = started(terms, TEN_TO_SIX, at("2026-07-23T10:00"), now=at("2026-07-23T11:30"))
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, at("2026-07-23T12:00"), "waiting"))
    clock = fold(clock, moves.resume(clock, TEN_TO_SIX, at("2026-07-23T12:30")))
    assert [(owed.threshold, owed.at) for owed in due_agenda(clock)] == [
        ("75%", at("2026-07-23T13:30")),
        (None, at("2026-07-23T14:30")),
    ]


def test_a_warning_longer_before_than_there_is_time_is_left_out() -> None:
    terms = target(timedelta(hours=1), warn=[Threshold(before=timedelta(hours=2))])
    assert started(terms, TEN_TO_SIX, at("2026-07-23T10:00")).warns == ()


def test_only_grounds_of_the_policy_pause_a_target() -> None:
    clock = started(target(timedelta(hours=2), pauses_on=()), TEN_TO_SIX, at("2026-07-23T10:00"))
    assert moves.pause(clock, TEN_TO_SIX, at("2026-07-23T10:30"), "waiting") == []


TESTED = limit(
    10, "business_days", HANGZHOU, pause_grounds=[Ground(ground="testing", article="Art. 20")]
)


def test_a_limit_pauses_on_a_listed_ground_alone() -> None:
    clock = started(TESTED, HANGZHOU, at("2026-03-02T10:00"))
    with pytest.raises(moves.GroundNotListed) as refused:
        moves.pause(clock, HANGZHOU, at("2026-03-03T10:00"), "waiting")
    assert refused.value.facts == {"clock": "final_response", "ground": "waiting"}
    (paused,) = moves.pause(clock, HANGZHOU, at("2026-03-03T10:00"), "testing")
    assert getattr(paused, "article", None) == "Art. 20"


@pytest.mark.parametrize(
    ("unit", "start", "end", "lost"),
    [
        ("business_days", "2026-03-03T12:00", "2026-03-05T12:00", 1),
        ("business_days", "2026-03-03T08:59", "2026-03-05T17:00", 3),
        ("business_days", "2026-03-06T17:00", "2026-03-09T09:00", 0),
        ("calendar_days", "2026-03-03T12:00", "2026-03-05T12:00", 1),
        ("calendar_days", "2026-03-06T17:00", "2026-03-09T09:00", 2),
        ("calendar_days", "2026-03-06T00:00", "2026-03-08T00:00", 2),
    ],
)
def test_a_day_counts_unless_all_of_it_is_paused(
    unit: Any, start: str, end: str, lost: int
) -> None:
    terms = limit(5, unit, HANGZHOU, pause_grounds=[Ground(ground="testing", article="Art. 20")])
    clock = started(terms, HANGZHOU, at("2026-03-02T10:00", "Asia/Shanghai"))
    until = at(end, "Asia/Shanghai")
    clock = fold(clock, moves.pause(clock, HANGZHOU, at(start, "Asia/Shanghai"), "testing"))
    clock = fold(clock, moves.resume(clock, HANGZHOU, until))
    unpaused = limit(5 + lost, unit, HANGZHOU)
    assert clock.due == started(unpaused, HANGZHOU, clock.started_at).due


def test_ended_or_paused_clocks_do_not_pause() -> None:
    now = at("2026-07-23T11:00")
    clock = started(target(timedelta(hours=2)), TEN_TO_SIX, at("2026-07-23T10:00"))
    paused = fold(clock, moves.pause(clock, TEN_TO_SIX, now, "waiting"))
    met = fold(clock, moves.fulfil(clock, TEN_TO_SIX, now))
    gone = fold(clock, moves.cancel(clock, TEN_TO_SIX, now, reason="withdrawn"))
    stopped = fold(
        None, moves.start(TESTED, HANGZHOU, instance="x/1", policy=POLICY, started_at=now, at=now)
    )
    stopped = fold(stopped, moves.fulfil(stopped, HANGZHOU, now))
    for ended in (paused, met, gone):
        assert moves.pause(ended, TEN_TO_SIX, now, "waiting") == []
    assert moves.pause(stopped, HANGZHOU, now, "not listed") == []
    for running in (clock, met, gone):
        assert moves.resume(running, TEN_TO_SIX, now) == []


# Breach, fulfilment, excuse


def test_what_a_running_clock_owes() -> None:
    clock = two_hours()
    assert [(owed.rule, owed.threshold, owed.at) for owed in due_agenda(clock)] == [
        ("warn", "50%", at("2026-07-23T11:00")),
        ("warn", "-15m", at("2026-07-23T11:45")),
        ("breach", None, NOON),
    ]
    assert moves.warn(clock, TEN_TO_SIX, at("2026-07-23T10:59")) == []
    clock = fold(clock, moves.warn(clock, TEN_TO_SIX, at("2026-07-23T11:00")))
    assert [owed.threshold for owed in due_agenda(clock)] == ["-15m", None]


def test_missed_warnings_come_as_one_and_none_after_the_due_time() -> None:
    clock = two_hours()
    (event,) = moves.warn(clock, TEN_TO_SIX, at("2026-07-23T11:50"))
    assert isinstance(event, ClockWarned)
    assert (event.threshold, event.passed) == ("-15m", ("50%",))
    (breached,) = moves.warn(clock, TEN_TO_SIX, at("2026-07-24T11:50"))
    assert isinstance(breached, ClockBreached)
    assert breached.at == NOON
    assert due_agenda(fold(clock, [breached])) == ()


def test_the_due_instant_is_in_time() -> None:
    clock = two_hours()
    assert names(moves.fulfil(clock, TEN_TO_SIX, NOON)) == ["fulfilled"]
    met = fold(clock, moves.fulfil(clock, TEN_TO_SIX, NOON))
    assert state_of(met, NOON) == "met"
    assert moves.breach(met, TEN_TO_SIX, NOON) == []


def test_a_breach_happens_once_at_the_due_time_and_stays() -> None:
    clock = two_hours()
    next_week = NOON + timedelta(days=7)
    assert moves.breach(clock, TEN_TO_SIX, NOON - timedelta(seconds=1)) == []
    assert state_of(clock, next_week) == "overdue"
    (event,) = moves.breach(clock, TEN_TO_SIX, next_week)
    assert isinstance(event, ClockBreached)
    assert (event.at, event.tally.counted) == (NOON, timedelta(hours=2))
    assert event.tally.slices == ((at("2026-07-23T10:00"), NOON),)
    clock = fold(clock, [event])
    assert moves.breach(clock, TEN_TO_SIX, next_week) == []
    assert evolve_clock(clock, event.model_copy(update={"at": next_week})).breached_at == NOON
    for change in (
        moves.fulfil(clock, TEN_TO_SIX, next_week),
        moves.pause(clock, TEN_TO_SIX, next_week, "waiting"),
        moves.cancel(clock, TEN_TO_SIX, next_week, reason="withdrawn"),
    ):
        assert state_of(fold(clock, change), next_week) == "breached"


@pytest.mark.parametrize(
    "move",
    [
        lambda clock, now: moves.fulfil(clock, TEN_TO_SIX, now),
        lambda clock, now: moves.pause(clock, TEN_TO_SIX, now, "waiting"),
        lambda clock, now: moves.cancel(clock, TEN_TO_SIX, now, reason="withdrawn"),
    ],
)
def test_an_unnoticed_breach_is_told_before_what_follows(
    move: Callable[[Clock, datetime], list[ClockEvent]],
) -> None:
    events = move(two_hours(), NOON + timedelta(minutes=1))
    assert names(events)[0] == "breached"
    assert events[0].at == NOON
    assert len(events) == 2


def test_a_pause_told_late_that_began_in_time_prevents_the_breach() -> None:
    clock = two_hours()
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, NOON - timedelta(minutes=10), "waiting"))
    assert state_of(clock, NOON + timedelta(days=2)) == "paused"
    assert (
        moves.fulfil(clock, TEN_TO_SIX, NOON + timedelta(days=2))[0].type_name == "ClockFulfilled"
    )


def test_a_fulfilment_in_time_that_is_told_late_leaves_the_breach() -> None:
    broken = fold(two_hours(), moves.breach(two_hours(), TEN_TO_SIX, NOON))
    in_time = fold(broken, moves.fulfil(broken, TEN_TO_SIX, at("2026-07-23T11:30")))
    late = fold(broken, moves.fulfil(broken, TEN_TO_SIX, at("2026-07-23T12:30")))
    assert (state_of(in_time, NOON), in_time.breach_disproved) == ("breached", True)
    assert (state_of(late, NOON), late.breach_disproved) == ("breached", False)


def test_an_excuse_is_a_second_fact() -> None:
    clock = two_hours()
    with pytest.raises(moves.NothingToExcuse):
        moves.excuse(clock, NOON, reason="mail_outage", approver="song")
    clock = fold(clock, moves.breach(clock, TEN_TO_SIX, NOON))
    excused = fold(clock, moves.excuse(clock, NOON, reason="mail_outage", approver="song"))
    assert state_of(excused, NOON) == "excused"
    assert excused.breached_at == NOON
    assert moves.excuse(excused, NOON, reason="other", approver="song") == []


def test_a_holding_letter_fulfils_in_a_lesser_way() -> None:
    clock = started(EIGHT_WEEKS, LONDON, at("2026-03-02T10:00"))
    clock = fold(clock, moves.fulfil(clock, LONDON, at("2026-04-20T10:00"), "holding"))
    assert (state_of(clock, clock.due), clock.fulfilled_how) == ("met", "holding")


# The rest


def test_a_clock_knows_its_calendar() -> None:
    newer = TEN_TO_SIX.model_copy(update={"version": 2})
    for place in (newer, LONDON):
        with pytest.raises(moves.WrongCalendar):
            moves.fulfil(two_hours(), place, NOON)
    with pytest.raises(moves.WrongCalendar):
        started(TWO_HOURS, LONDON, NOON)


def test_an_event_of_an_unknown_clock_is_a_damaged_stream() -> None:
    (event,) = moves.breach(two_hours(), TEN_TO_SIX, NOON)
    with pytest.raises(UnknownClock):
        evolve_clock(None, event)


def test_time_left() -> None:
    clock = two_hours()
    assert remaining(clock, TEN_TO_SIX, at("2026-07-23T11:30")) == timedelta(minutes=30)
    assert remaining(clock, TEN_TO_SIX, at("2026-07-24T11:00")) == -timedelta(hours=7)
    law = started(EIGHT_WEEKS, LONDON, at("2026-03-02T10:00"))
    assert remaining(law, LONDON, at("2026-04-26T23:00")) == timedelta(days=1)
    assert remaining(law, LONDON, at("2026-04-28T23:00")) == -timedelta(days=1)


def test_the_days_of_a_limit_that_counted() -> None:
    clock = started(limit(3, "business_days"), LONDON, at("2026-03-06T10:00"))
    assert counted_slices(clock, LONDON, at("2026-03-10T12:00")) == (
        (at("2026-03-09"), at("2026-03-10T12:00")),
    )
    weeks = started(EIGHT_WEEKS, LONDON, at("2026-03-06T10:00"))
    assert counted_slices(weeks, LONDON, at("2026-03-08T12:00")) == (
        (at("2026-03-07"), at("2026-03-08T12:00")),
    )


def test_a_very_long_tally_keeps_its_sum_alone() -> None:
    clock = started(target(timedelta(hours=8 * 300)), TEN_TO_SIX, at("2024-01-01T10:00"))
    (done,) = moves.fulfil(clock, TEN_TO_SIX, at("2024-12-30T10:00"))
    tally = done.model_dump()["tally"]
    assert tally == {"counted": timedelta(hours=8 * 260), "slices": ()}
