"""A receipt corrected, terms changed, a case reopened: one instance follows another."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from clock_cases import (
    EIGHT_WEEKS,
    LONDON,
    NOON,
    PAYMENTS,
    TEN_TO_SIX,
    at,
    fold,
    names,
    split,
    started,
    target,
    two_hours,
)

from domain import clock_algebra as moves
from domain import clock_succession as succession
from domain.clock import Clock, current, due_agenda, evolve_clocks, next_instance, state_of
from domain.clock_facts import ClockEvent
from domain.target import Ref


def corrected(clock: Clock, now: datetime, started_at: datetime) -> list[ClockEvent]:
    place = {c.id: c for c in (LONDON, TEN_TO_SIX)}[clock.calendar.id]
    return succession.recompute(
        clock, place, now, instance="next/2", started_at=started_at, approver="priya"
    )


def test_an_earlier_receipt_shortens_and_may_breach_at_once() -> None:
    now = at("2026-07-23T11:30")
    events = corrected(two_hours(), now, at("2026-07-22T17:00"))
    assert names(events) == ["superseded", "started"]
    old, new = split(events, two_hours())
    assert (state_of(old, now), old.superseded_by, old.due) == ("superseded", "next/2", NOON)
    assert (new.due, new.replaces, new.warns) == (at("2026-07-23T11:00"), old.id, ())
    assert names(moves.breach(new, TEN_TO_SIX, now)) == ["breached"]


def test_a_breach_that_a_later_receipt_disproves_stays_and_is_excused() -> None:
    now = at("2026-07-23T13:00")
    broken = fold(two_hours(), moves.breach(two_hours(), TEN_TO_SIX, NOON))
    events = corrected(broken, now, at("2026-07-23T12:00"))
    assert names(events) == ["excused", "superseded", "started"]
    old, new = split(events, broken)
    assert (old.breached_at, old.excused) == (NOON, "receipt_corrected")
    assert (new.breached_at, new.due) == (None, at("2026-07-23T14:00"))


def test_a_breach_that_stands_after_the_correction_is_not_told_twice() -> None:
    now = at("2026-07-25T13:00")
    broken = fold(two_hours(), moves.breach(two_hours(), TEN_TO_SIX, NOON))
    events = corrected(broken, now, at("2026-07-23T11:00"))
    assert names(events) == ["superseded", "started"]
    _, new = split(events, broken)
    assert new.breached_at == NOON
    assert moves.breach(new, TEN_TO_SIX, now) == []


def test_a_fulfilled_clock_is_recomputed_both_ways() -> None:
    receipt, answered = at("2026-03-02T10:00"), at("2026-04-27T20:00")
    met = started(EIGHT_WEEKS, LONDON, receipt)
    met = fold(met, moves.fulfil(met, LONDON, answered))
    earlier = corrected(met, at("2026-05-01"), receipt - timedelta(days=3))
    assert names(earlier) == ["superseded", "started", "breached", "fulfilled"]
    _, new = split(earlier, met)
    assert state_of(new, at("2026-05-01")) == "breached"
    broken = started(EIGHT_WEEKS, LONDON, receipt - timedelta(days=3))
    broken = fold(broken, moves.fulfil(broken, LONDON, answered))
    later = corrected(broken, at("2026-05-02"), receipt)
    assert names(later) == ["excused", "superseded", "started", "fulfilled"]


def test_a_correction_to_the_same_receipt_or_of_a_dead_clock_changes_nothing() -> None:
    clock = two_hours()
    gone = fold(clock, moves.cancel(clock, TEN_TO_SIX, NOON, reason="merged"))
    assert corrected(clock, NOON, clock.started_at) == []
    assert corrected(gone, NOON, NOON) == []


def retargeted(clock: Clock, now: datetime, **parts: Any) -> list[ClockEvent]:
    return succession.retarget(
        clock,
        TEN_TO_SIX,
        now,
        instance="resolution/2",
        terms=target(**parts),
        new_calendar=TEN_TO_SIX,
        policy=Ref(id="house", version=4),
        reason="severity_changed",
    )


def waited() -> Clock:
    """Eight hours from Thursday 10:00, of which one was waited: due on Friday at 11:00."""
    clock = started(target(timedelta(hours=8)), TEN_TO_SIX, at("2026-07-23T10:00"))
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, at("2026-07-23T11:00"), "waiting"))
    return fold(clock, moves.resume(clock, TEN_TO_SIX, at("2026-07-23T12:00")))


@pytest.mark.parametrize(
    ("parts", "due"),
    [
        ({"working": timedelta(hours=4)}, "2026-07-23T15:00"),
        ({"working": timedelta(hours=4), "pauses_on": ()}, "2026-07-23T14:00"),
        ({"working": timedelta(hours=4), "on_change": "from_change"}, "2026-07-23T17:00"),
        ({"working": timedelta(hours=4), "on_change": "keep_stricter"}, "2026-07-23T15:00"),
    ],
)
def test_new_terms_by_the_rule_they_name(parts: dict[str, Any], due: str) -> None:
    events = retargeted(waited(), at("2026-07-23T13:00"), **parts)
    assert names(events) == ["superseded", "started"]
    old, new = split(events, waited())
    assert (old.due, new.due) == (at("2026-07-24T11:00"), at(due))
    assert (old.policy.version, new.policy.version) == (3, 4)


def test_the_stricter_one_is_kept() -> None:
    longer = {"working": timedelta(hours=20), "on_change": "keep_stricter"}
    assert retargeted(waited(), at("2026-07-23T13:00"), **longer) == []


def test_a_change_that_is_late_at_once_breaches_once() -> None:
    now = at("2026-07-23T17:00")
    old, new = split(retargeted(waited(), now, working=timedelta(hours=4)), waited())
    assert [(owed.rule, owed.at) for owed in due_agenda(new)] == [
        ("breach", at("2026-07-23T15:00"))
    ]
    assert due_agenda(old) == ()
    overdue = at("2026-07-24T17:00")
    events = retargeted(waited(), overdue, working=timedelta(hours=4))
    assert names(events) == ["breached", "superseded", "started"]
    assert due_agenda(split(events, waited())[1]) == ()


def test_lowering_the_severity_does_not_hide_a_breach() -> None:
    broken = fold(waited(), moves.breach(waited(), TEN_TO_SIX, at("2026-07-24T12:00")))
    events = retargeted(broken, at("2026-07-24T12:00"), working=timedelta(hours=80))
    assert state_of(split(events, broken)[1], at("2026-07-24T12:00")) == "breached"


def test_a_change_while_it_stands_still() -> None:
    paused = fold(waited(), moves.pause(waited(), TEN_TO_SIX, at("2026-07-23T13:00"), "waiting"))
    now = at("2026-07-23T15:00")
    _, still_paused = split(retargeted(paused, now, working=timedelta(hours=4)), paused)
    assert state_of(still_paused, now) == "paused"
    resumed = fold(still_paused, moves.resume(still_paused, TEN_TO_SIX, at("2026-07-23T16:00")))
    assert resumed.due == at("2026-07-23T18:00")
    anew = {"working": timedelta(hours=4), "on_change": "from_change"}
    _, fresh = split(retargeted(paused, now, **anew), paused)
    fresh = fold(fresh, moves.resume(fresh, TEN_TO_SIX, at("2026-07-23T16:00")))
    assert fresh.due == at("2026-07-24T12:00")
    _, runs = split(retargeted(paused, now, working=timedelta(hours=4), pauses_on=()), paused)
    assert state_of(runs, at("2026-07-23T13:30")) == "running"


def test_new_terms_that_ran_out_before_the_pause_began_breach_while_it_stands_still() -> None:
    paused = fold(waited(), moves.pause(waited(), TEN_TO_SIX, at("2026-07-23T16:00"), "waiting"))
    now = at("2026-07-27T12:00")
    _, new = split(retargeted(paused, now, working=timedelta(hours=2)), paused)
    (owed,) = due_agenda(new)
    assert (owed.rule, owed.at) == ("breach", at("2026-07-23T13:00"))
    assert state_of(new, now) == "overdue"
    broken = fold(new, moves.breach(new, TEN_TO_SIX, now))
    assert (broken.breached_at, due_agenda(broken)) == (owed.at, ())


def test_a_gap_that_did_not_count_is_credited_by_new_terms() -> None:
    clock = started(target(timedelta(hours=8)), TEN_TO_SIX, at("2026-07-23T10:00"))
    clock = fold(clock, moves.pause(clock, TEN_TO_SIX, at("2026-07-23T13:00"), "waiting"))
    clock = fold(clock, moves.fulfil(clock, TEN_TO_SIX, at("2026-07-23T14:00")))
    again = succession.reopen(clock, TEN_TO_SIX, at("2026-07-27T10:00"), instance="resolution/2")
    _, reopened = split(again, clock)
    assert (state_of(reopened, at("2026-07-27T10:00")), reopened.paused_at) == ("running", None)
    assert reopened.due == at("2026-07-27T15:00")
    events = succession.retarget(
        reopened,
        TEN_TO_SIX,
        at("2026-07-27T11:00"),
        instance="resolution/3",
        terms=target(timedelta(hours=6)),
        new_calendar=TEN_TO_SIX,
        policy=Ref(id="house", version=4),
        reason="severity_changed",
    )
    assert events[-1].due == at("2026-07-27T13:00")


def test_another_pack_counts_from_the_original_receipt() -> None:
    receipt, now = at("2026-03-02T10:00"), at("2026-04-01T10:00")
    clock = started(EIGHT_WEEKS, LONDON, receipt)
    events = succession.retarget(
        clock,
        LONDON,
        now,
        instance="final_response/2",
        terms=PAYMENTS,
        new_calendar=LONDON,
        policy=Ref(id="payments", version=1),
        reason="procedure_switched",
    )
    old, new = split(events, clock)
    assert state_of(old, now) == "superseded"
    assert (new.due, state_of(new, now)) == (LONDON.add_business_days(receipt, 15), "overdue")


@pytest.mark.parametrize(
    ("gap_counts", "due"), [(False, "2026-07-27T14:00"), (True, "2026-07-23T18:00")]
)
def test_a_reopened_total_runs_on(gap_counts: bool, due: str) -> None:
    terms = target(timedelta(hours=8), gap_counts=gap_counts)
    clock = started(terms, TEN_TO_SIX, at("2026-07-23T10:00"))
    clock = fold(clock, moves.fulfil(clock, TEN_TO_SIX, at("2026-07-23T14:00")))
    again = succession.reopen(clock, TEN_TO_SIX, at("2026-07-27T10:00"), instance="resolution/2")
    old, new = split(again, clock)
    assert (old.fulfilled_at, old.superseded_by) == (at("2026-07-23T14:00"), "resolution/2")
    assert new.due == at(due)


def test_a_limit_does_not_restart_and_an_open_clock_does_not_reopen() -> None:
    law = started(EIGHT_WEEKS, LONDON, at("2026-03-02T10:00"))
    law = fold(law, moves.fulfil(law, LONDON, at("2026-03-10")))
    assert succession.reopen(law, LONDON, at("2026-03-20"), instance="x/2") == []
    assert succession.reopen(two_hours(), TEN_TO_SIX, NOON, instance="x/2") == []


def test_instances_are_numbered_by_name() -> None:
    clocks: dict[str, Clock] = {}
    assert next_instance(clocks, "resolution") == "resolution/1"
    assert current(clocks, "resolution") is None
    clocks = {waited().id: waited()}
    for event in retargeted(waited(), at("2026-07-23T13:00"), working=timedelta(hours=4)):
        clocks = evolve_clocks(clocks, event)
    assert next_instance(clocks, "resolution") == "resolution/3"
    assert next_instance(clocks, "ack") == "ack/1"
    assert current(clocks, "resolution") == clocks["resolution/2"]
