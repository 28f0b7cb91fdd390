"""As of a moment: exactly the facts of then, folded; also what happened or was known late."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import reduce
from typing import Any
from uuid import UUID

from casework import AGENT, BOX, LEAD, MONDAY, Case, days, hours
from hypothesis import given, settings
from hypothesis import strategies as st
from test_properties import WISHES, calm

from domain.approval import AskApproval, Correction, GrantApproval
from domain.as_of import AsOf
from domain.clock import state_of
from domain.complaint import complaint
from domain.complaint_state import Complaint
from domain.conversation import RecordCustomerMessage
from domain.decider import DomainError
from domain.event import Context, Event, Recorded
from projections.case_events import row_of

few = settings(calm, max_examples=40)
backdated = st.lists(
    st.tuples(st.sampled_from(WISHES), st.sampled_from([AGENT, LEAD]), st.integers(-200, 400)),
    max_size=25,
)


def recorded(case: Case) -> list[Recorded[Event]]:
    """Its facts as a log holds them, each recorded an hour after the one before."""
    return [
        Recorded(
            position=n,
            stream="complaint-1",
            version=n,
            occurred_at=event.at,
            recorded_at=MONDAY + hours(n),
            actor=AGENT,
            command_id=UUID(int=n),
            context=Context(),
            event=event,
        )
        for n, event in enumerate(case.events, 1)
    ]


def fold(records: list[Recorded[Any]]) -> Complaint:
    return reduce(complaint.evolve, (record.event for record in records), complaint.initial)


@few
@given(backdated)
def test_what_was_known_is_the_fold_of_every_prefix(story: list[Any]) -> None:
    records = recorded(played(story))
    for n, record in enumerate(records, 1):
        seen = AsOf(recorded=record.recorded_at).seen(records)
        assert seen == records[:n]
        assert fold(seen) == fold(records[:n])
    assert AsOf().seen(records) == records
    assert AsOf(recorded=MONDAY).seen(records) == []


@few
@given(backdated)
def test_what_was_true_folds_at_any_moment(story: list[Any]) -> None:
    records = recorded(played(story))
    for record in records:
        seen = AsOf(occurred=record.occurred_at).seen(records)
        assert [it for it in seen if it.occurred_at > record.occurred_at] == []
        assert fold(seen).version == len(seen)
        if seen:
            assert row_of(seen).number == "C-2026-000001"
        if in_order(records):
            assert seen == [it for it in records if it.occurred_at <= record.occurred_at]
    assert AsOf(occurred=MONDAY - hours(100_000)).seen(records) == []


def played(story: list[Any]) -> Case:
    """Each wish some hours later or earlier: some things are entered long after they happened."""
    case = Case()
    for (command, fields), who, moved in story:
        case.after(timedelta(hours=moved))
        try:
            case.do(command, who=who, **fields)
        except DomainError:
            continue
    return case


def in_order(records: list[Recorded[Event]]) -> bool:
    moments = [record.occurred_at for record in records]
    return moments == sorted(moments)


def test_what_was_entered_late_was_true_before_it_was_known() -> None:
    """The customer wrote fifteen days ago; it was entered four days later."""
    case = Case()
    case.now = MONDAY + days(1)
    case.do(RecordCustomerMessage, message="m", channel="letter", text=BOX)
    happened, entered = case.now, case.now + days(4)
    records = [
        replace(it, recorded_at=entered) if it.occurred_at == happened else it
        for it in recorded(case)
    ]
    between = happened + days(2)
    assert fold(AsOf(occurred=between).seen(records)).conversation.unanswered_since == happened
    assert fold(AsOf(recorded=between).seen(records)).conversation.unanswered_since is None
    both = AsOf(occurred=happened, recorded=entered)
    assert both.seen(records) == records
    assert both.moment == happened


def test_a_limit_that_a_correction_began_is_passed_from_when_it_was_begun() -> None:
    case = Case()
    earlier = MONDAY - days(30)
    corrected = Correction(field="received_at", was=MONDAY.isoformat(), is_=earlier.isoformat())
    case.now = MONDAY + days(1)
    case.do(AskApproval, approval="x", matter=corrected, reason=BOX)
    case.do(GrantApproval, who=LEAD, approval="x")
    case.after(hours(1))
    records = recorded(case)
    before = case.now - hours(2)
    then = fold(AsOf(occurred=before).seen(records))
    assert then.received_at == MONDAY
    assert {state_of(clock, before) for clock in then.clocks.values()} <= {"running", "overdue"}
    now = fold(AsOf(occurred=case.now).seen(records))
    assert now.received_at == earlier
    assert any(clock.breached_at for clock in now.clocks.values())


def test_a_moment_is_the_earlier_of_both() -> None:
    early, late = MONDAY, MONDAY + days(1)
    assert AsOf().moment is None
    assert AsOf(occurred=late).moment == late
    assert AsOf(occurred=late, recorded=early).moment == early
