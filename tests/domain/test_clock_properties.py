"""What holds of clocks whatever the pauses and the moves."""

from __future__ import annotations

from datetime import datetime, timedelta

from clock_cases import ALWAYS, HANGZHOU, LONDON, TEN_TO_SIX, at, fold, limit, started, target
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import clock_algebra as moves
from domain import clock_succession as succession
from domain.calendar import Calendar
from domain.clock import Clock, due_agenda, evolve_clocks
from domain.clock_facts import ClockBreached, ClockEvent, ClockStarted
from domain.event import EVENT_TYPES
from domain.intervals import total
from domain.target import (
    ExtensionStep,
    Ground,
    Limit,
    Pause,
    Target,
    Threshold,
    counted,
    reckon,
    still,
)

OFFICES = (LONDON, HANGZHOU, TEN_TO_SIX, ALWAYS)
MOMENT = at("2026-03-02T00:00")
minutes = st.integers(0, 40 * 24 * 60).map(lambda n: MOMENT + timedelta(minutes=n))


@st.composite
def some_pauses(draw: st.DrawFn) -> tuple[Pause, ...]:
    marks = sorted(draw(st.lists(minutes, max_size=8, unique=True)))
    return tuple(
        Pause(start=start, end=end, ground="waiting")
        for start, end in zip(marks[::2], marks[1::2], strict=False)
    )


@settings(deadline=None)
@given(st.sampled_from(OFFICES), minutes, st.integers(1, 80 * 60), some_pauses())
def test_the_due_time_is_the_first_at_which_enough_has_counted(
    place: Calendar, start: datetime, working: int, pauses: tuple[Pause, ...]
) -> None:
    terms = target(timedelta(minutes=working), place)
    due = reckon(terms, place, start, pauses).due
    held = still(pauses)
    assert total(counted(terms, place, start, due, held)) == terms.working_time
    just_before = due - timedelta(microseconds=1)
    assert total(counted(terms, place, start, just_before, held)) < terms.working_time


@settings(deadline=None)
@given(st.sampled_from(OFFICES[:3]), minutes, st.integers(1, 80 * 60), some_pauses(), st.data())
def test_a_pause_in_closed_hours_shifts_nothing(
    place: Calendar, start: datetime, working: int, pauses: tuple[Pause, ...], data: st.DataObject
) -> None:
    terms = target(timedelta(minutes=working), place)
    due = reckon(terms, place, start, pauses).due
    slices = place.slices(MOMENT, MOMENT + timedelta(days=40))
    night = data.draw(st.integers(0, len(slices) - 2))
    closes, opens = slices[night][1], slices[night + 1][0]
    at_night = st.integers(0, int((opens - closes).total_seconds()))
    marks = sorted(closes + timedelta(seconds=data.draw(at_night)) for _ in range(2))
    slept = Pause(start=marks[0], end=marks[1], ground="waiting")
    assert reckon(terms, place, start, (*pauses, slept)).due == due


LISTED = [Ground(ground="waiting", article="Art. 20")]
ALL_TERMS: list[tuple[Target | Limit, Calendar]] = [
    (target(timedelta(hours=30), warn=[Threshold(share=0.5), Threshold(share=0.9)]), TEN_TO_SIX),
    (target(timedelta(hours=100), ALWAYS, warn=[Threshold(before=timedelta(hours=3))]), ALWAYS),
    (
        limit(
            10,
            "business_days",
            pause_grounds=LISTED,
            warn=[Threshold(share=0.5), Threshold(before=timedelta(days=2))],
            extensions=[ExtensionStep(count=1, unit="weeks")],
        ),
        LONDON,
    ),
    (
        limit(12, "calendar_days", HANGZHOU, pause_grounds=LISTED, warn=[Threshold(share=0.8)]),
        HANGZHOU,
    ),
]

Step = tuple[str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["pause", "resume", "warn", "breach", "extend", "excuse", "fulfil", "cancel", "correct"]
        ),
        st.integers(0, 6 * 24 * 60),
    ),
    max_size=14,
)


def tried(clock: Clock, place: Calendar, now: datetime, move: str, back: int) -> list[ClockEvent]:
    try:
        match move:
            case "pause":
                return moves.pause(clock, place, now, "waiting")
            case "resume":
                return moves.resume(clock, place, now)
            case "warn":
                return moves.warn(clock, place, now)
            case "breach":
                return moves.breach(clock, place, now)
            case "extend":
                return moves.extend(clock, place, now, maker="a", approver="b", notice="l")
            case "excuse":
                return moves.excuse(clock, now, reason="outage", approver="b")
            case "fulfil":
                return moves.fulfil(clock, place, now)
            case "cancel":
                return moves.cancel(clock, place, now, reason="withdrawn")
            case _:
                receipt = clock.started_at - timedelta(minutes=back % 2000 - 1000)
                return succession.recompute(
                    clock,
                    place,
                    now,
                    instance=f"{clock.id}+",
                    started_at=receipt,
                    approver="b",
                )
    except (moves.NothingToExcuse, moves.NoFurtherExtension, moves.ExtensionTooLate):
        return []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ALL_TERMS), steps)
def test_whatever_the_moves(case: tuple[Target | Limit, Calendar], taken: list[Step]) -> None:
    terms, place = case
    clock, now = started(terms, place, MOMENT), MOMENT
    clocks, told = {clock.id: clock}, 0
    for move, wait in taken:
        now += timedelta(minutes=wait)
        for event in tried(clock, place, now, move, wait):
            before = clocks.get(event.clock)
            clocks = evolve_clocks(clocks, event)
            after = clocks[event.clock]
            told += isinstance(event, ClockBreached)
            stored = EVENT_TYPES[event.type_name].model_validate_json(event.model_dump_json())
            assert stored == event
            if before is not None:
                assert after.due >= before.due
                assert before.breached_at in (None, after.breached_at)
                assert after.revision == before.revision + 1
            if isinstance(event, ClockStarted):
                clock = after
        clock = clocks[clock.id]
        old = [other for other in clocks.values() if other.superseded_at is not None]
        disproved = sum(other.excused is not None for other in old)
        assert told <= 1 + disproved
        owed = due_agenda(clock)
        assert list(owed) == sorted(owed, key=lambda item: item.at)
        for item in owed:
            perform = moves.warn if item.rule == "warn" else moves.breach
            for late in (timedelta(), timedelta(days=30)):
                done = fold(clock, perform(clock, place, item.at + late))
                assert item not in due_agenda(done)
                assert done.revision > clock.revision
