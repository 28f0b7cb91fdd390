"""A case of another system: what it becomes, whatever was done to it there."""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, get_args
from uuid import UUID

import pytest
from casework import BOX, IMPORT, MONDAY, days, hours, terms
from hypothesis import given
from hypothesis import strategies as st

from domain import timekeeping
from domain.approval import Money
from domain.carried_step import Act, CarriedStep
from domain.carry_over import CarryOverComplaint, carry_over, decide
from domain.complaint import complaint
from domain.complaint_evolution import evolve
from domain.complaint_facts import (
    ComplaintArchived,
    ComplaintEvent,
    ComplaintLodged,
    HistoricalStepKept,
)
from domain.complaint_state import INITIAL, Complaint
from domain.proposal import RedressPaid

ACTS: tuple[Act, ...] = get_args(Act)
EUROS = Money(amount=Decimal("12.50"), currency="EUR")
A_DAY = timedelta(days=1)


def step(act: Act | None, after: timedelta, **more: Any) -> CarriedStep:
    return CarriedStep(at=MONDAY + after, activity=act or "rang twice", act=act, **more)


def carried(*steps: CarriedStep, known: timedelta = A_DAY) -> list[ComplaintEvent]:
    command = CarryOverComplaint(
        command_id=UUID(int=1),
        at=MONDAY,
        actor=IMPORT,
        complaint="complaint-1",
        number="C-2026-000001",
        legal_entity="house",
        team="first",
        customer="customer-1",
        channel="phone",
        product="kettle",
        category="leak",
        what_happened=BOX,
        terms=terms(),
        steps=steps,
        known_at=MONDAY + known,
    )
    events = decide(command, None)
    assert decide(command, "customer-1") == []
    return events


def state_after(events: list[ComplaintEvent]) -> Complaint:
    return reduce(evolve, events, INITIAL)


def names(events: list[ComplaintEvent]) -> list[str]:
    return [type(event).__name__ for event in events if "Clock" not in type(event).__name__]


def test_gates_forms_and_owners_are_not_asked() -> None:
    events = carried(
        step("lodge", hours(0)),
        step("record", hours(1), step="investigate"),
        step("answer", hours(2), decision="upheld"),
        step("close", hours(3), reason_code="paid"),
    )
    assert names(events) == [
        "ComplaintLodged",
        "TermsAgreed",
        "StepRecorded",
        "ComplaintAnswered",
        "ComplaintClosed",
    ]
    state = state_after(events)
    assert (state.outcome, state.ending, state.hold_letters) == ("upheld", "resolved", True)


@pytest.mark.parametrize(
    ("act", "more", "made"),
    [
        ("acknowledge", {}, ["ComplaintAcknowledged"]),
        ("assess", {"severity": "high"}, ["ComplaintAssessed"]),
        ("propose", {"decision": "upheld", "money": EUROS}, ["ResolutionProposed"]),
        ("withdraw", {}, ["ComplaintWithdrawn", "ComplaintClosed"]),
        ("not_a_complaint", {"reason_code": "praise"}, ["NotAComplaint", "ComplaintClosed"]),
        ("message", {"words": BOX}, ["CustomerWrote"]),
        ("reply", {}, ["ReplySaid"]),
        ("note", {}, ["NoteAdded"]),
        ("ask_information", {}, ["InformationRequested"]),
        ("reopen", {}, ["HistoricalStepKept"]),
        ("pay", {"money": EUROS}, ["HistoricalStepKept"]),
        ("accept", {}, ["HistoricalStepKept"]),
        ("information", {}, ["HistoricalStepKept"]),
        ("record", {"step": "dance"}, ["HistoricalStepKept"]),
        (None, {}, ["HistoricalStepKept"]),
    ],
)
def test_an_act_becomes_ours_or_is_kept(
    act: Act | None, more: dict[str, Any], made: list[str]
) -> None:
    events = carried(step("lodge", hours(0)), step(act, hours(1), **more))
    assert names(events)[2:] == made
    for event in events:
        if isinstance(event, HistoricalStepKept):
            assert event.maps_to == act


def test_a_redress_agreed_and_paid() -> None:
    events = carried(
        step("propose", hours(1), decision="upheld", money=EUROS),
        step("offer", hours(2)),
        step("accept", hours(3)),
        step("answer", hours(4)),
        step("close", hours(5)),
        step("pay", hours(6), money=EUROS),
        step("pay", hours(7), money=EUROS),
    )
    assert [event.money for event in events if isinstance(event, RedressPaid)] == [EUROS]
    assert names(events)[-1] == "HistoricalStepKept"
    assert state_after(events).outcome == "upheld"


def test_a_question_stops_the_clocks_until_its_answer() -> None:
    asked = carried(step("ask_information", hours(1)))
    assert state_after(asked).clocks["resolution/1"].paused_at == MONDAY + hours(1)
    answered = carried(step("ask_information", hours(1)), step("information", hours(2)))
    assert state_after(answered).clocks["resolution/1"].paused_at is None


def test_closed_long_ago_is_archived_when_its_window_ended() -> None:
    story = (step("lodge", hours(0)), step("close", hours(5)))
    assert state_after(carried(*story, known=days(3))).archived_at is None
    late = carried(*story, known=days(300))
    assert isinstance(late[-1], ComplaintArchived)
    assert MONDAY + days(1) < late[-1].at < MONDAY + days(300)
    assert complaint.agenda(state_after(late)) == []


def test_the_fold_knows_whose_it_is() -> None:
    events = carried(step("lodge", hours(0)))
    assert carry_over.subject(reduce(carry_over.evolve, events, carry_over.initial)) == "customer-1"


moves = st.lists(
    st.builds(
        step,
        st.sampled_from([*ACTS, None]),
        st.integers(-50, 3000).map(hours),
        step=st.just("investigate"),
        money=st.just(EUROS),
    ),
    max_size=12,
).map(lambda steps: sorted(steps, key=lambda each: each.at))


@given(moves, st.integers(1, 400))
def test_whatever_was_done_there(steps: list[CarriedStep], known: int) -> None:
    """Every step is there, the rules' fold takes it, and no limit that went by is still owed."""
    now = max([MONDAY, *(each.at for each in steps)]) - MONDAY + days(known)
    events = carried(*steps, known=now)
    assert isinstance(events[0], ComplaintLodged)
    state = state_after(events)
    owed = complaint.agenda(state)
    assert not [due for due in owed if due.rule in ("breach", "archive") and due.at <= MONDAY + now]
    assert not [due for due in owed if due.letter is not None or due.rule == "deliver"]
    moments = {event.at for event in events}
    assert {each.at for each in steps if each.act != "lodge"} <= moments
    assert sum(isinstance(event, ComplaintLodged) for event in events) == 1


def test_every_event_that_moves_a_clock_is_listed() -> None:
    named = {
        node.cls.id
        for rule in (timekeeping.happenings, timekeeping._moved)
        for node in ast.walk(ast.parse(inspect.getsource(rule)))
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name)
    }
    assert named == {kind.__name__ for kind in timekeeping._MOVERS}
