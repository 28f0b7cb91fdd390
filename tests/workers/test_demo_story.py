from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from demo_stories import EXPECTED, figures, folded, told

from domain.access import Person, Place, may
from domain.complaint import complaint
from domain.customer import RegisterCustomer, customer
from domain.decider import Words
from ledger.blind import Purpose
from workers.demo.telling import stream_of

DAYS = {
    "a Monday morning in London": "2026-11-23T10:00Z",
    "a Sunday": "2026-11-22T13:00Z",
    "a Monday at half past midnight in London": "2026-11-23T00:30Z",
    "a Monday at half past midnight in Hangzhou": "2026-11-22T16:30Z",
    "the holiday week in China": "2026-10-04T03:00Z",
    "its last day": "2026-10-07T15:00Z",
    "a made-up Saturday in China": "2026-10-10T06:00Z",
    "the Spring Festival": "2026-02-22T08:00Z",
    "New Year's Day": "2027-01-01T12:00Z",
    "the last moment of a year": "2026-12-31T23:59:59Z",
    "between Christmas and New Year": "2026-12-28T11:00Z",
    "the Sunday on which summer time begins": "2026-03-29T01:30Z",
    "the Sunday on which it ends": "2026-10-25T01:30Z",
    "Easter Monday": "2027-03-29T09:00Z",
    "a leap day": "2028-02-29T09:00Z",
    "before the law on data protection complaints": "2026-05-04T09:00Z",
}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS.keys())
def test_story_comes_out_the_same_on_any_day(day):
    now = datetime.fromisoformat(day)
    _, cases = told(now)
    states = {key: case.state for key, case in cases.items()}
    assert figures(states, now) == EXPECTED
    assert len(states) == 12


@pytest.mark.parametrize("month", range(1, 13))
def test_story_comes_out_the_same_all_through_a_year(month):
    now = datetime(2027, month, 1, tzinfo=UTC) + timedelta(days=month * 2, hours=month * 5)
    _, cases = told(now)
    assert figures({key: case.state for key, case in cases.items()}, now) == EXPECTED


NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""A Tuesday."""


@pytest.fixture(scope="module")
def tuesday():
    telling, cases = told(NOW)
    return telling, {key: case.state for key, case in cases.items()}


def due(state, name):
    clock = next(clock for clock in state.clocks.values() if clock.name == name)
    calendar = state.terms.calendar(clock.terms.calendar)
    return (calendar.day_of_due(clock.due) - calendar.local_date(NOW)).days


def test_limits_of_the_law_fall_where_the_story_says(tuesday):
    _, states = tuesday
    assert due(states["C2"], "final_response") == 2
    assert due(states["C3"], "final_response") == 2
    assert due(states["C4"], "payment_response") == 2
    assert due(states["C5"], "summary_resolution") == 1
    assert due(states["C6"], "odr_settlement") == 2


def test_service_rests_while_the_law_runs(tuesday):
    clocks = tuesday[1]["C3"].clocks.values()
    resolution = next(clock for clock in clocks if clock.name == "resolution")
    limit = next(clock for clock in clocks if clock.name == "final_response")
    assert resolution.paused_at is not None
    assert limit.paused_at is None
    assert limit.ended_at is None


def test_watched_case_warns_breaches_and_escalates_within_minutes(tuesday):
    state = tuesday[1]["C1"]
    soon = [
        (due.rule, due.at - NOW)
        for due in complaint.agenda(state)
        if due.at < NOW + timedelta(minutes=10)
    ]
    assert soon == [
        ("warn", timedelta(minutes=3)),
        ("acknowledge", timedelta(minutes=4, seconds=30)),
        ("breach", timedelta(minutes=5)),
    ]
    assert state.terms.policy.ladder[0].after == timedelta(minutes=1)


def test_in_a_hurry_it_does_so_in_seconds():
    _, cases = told(NOW, fast=True)
    moments = {due.rule: due.at - NOW for due in reversed(complaint.agenda(cases["C1"].state))}
    assert moments["warn"] == timedelta(seconds=12)
    assert moments["breach"] == timedelta(seconds=20)
    assert cases["C1"].state.terms.policy.ladder[0].after == timedelta(seconds=4)


def test_extension_was_asked_by_one_and_waits_for_another(tuesday):
    (approval,) = tuesday[1]["C2"].approvals.values()
    assert approval.waiting
    assert approval.asked_by == stream_of("staff", "fang")


def test_breach_of_the_mail_outage_stands_and_is_excused(tuesday):
    clock = tuesday[1]["C9"].clocks["first_reply/1"]
    assert clock.breached_at == clock.due
    assert clock.excused is not None
    assert clock.fulfilled_at > clock.due
    assert tuesday[1]["C9"].escalations == {"first_reply/1/1"}


def test_person_named_in_the_complaint_sees_nothing_of_it(tuesday):
    telling, states = tuesday
    wei = Person(staff=stream_of("staff", "wei"), roles=frozenset(telling.roles["wei"].values()))
    state = states["C8"]
    place = Place(legal_entity="larkmere-cn", branch="west-lane", team="care-cn")
    assert may(wei, "read", "case", place)
    assert not may(wei, "read", "case", place.model_copy(update={"named": state.named}))


def test_colleague_with_two_cases_can_carry_no_third(tuesday):
    _, states = tuesday
    dayo = stream_of("staff", "dayo")
    owned = [key for key, s in states.items() if s.ownership.owner == dayo and not s.closed_at]
    assert sorted(owned) == ["C6", "C7"]


def test_ledger_folds_what_was_told(tuesday):
    telling, states = tuesday
    again = folded(telling)
    assert {state.stream: state.version for state in states.values()} == {
        stream: state.version for stream, state in again.items()
    }


def test_letters_speak_the_language_of_the_customer(tuesday):
    telling, _ = tuesday
    letters = [
        (step.stream, words.language)
        for step in telling.steps
        if (words := getattr(step.command, "words", None)) is not None and isinstance(words, Words)
    ]
    english = {stream_of("complaint", key) for key in ("C1", "C3", "C4", "C5", "C12")}
    assert letters
    assert all((stream in english) == (language == "en") for stream, language in letters)


def test_people_are_found_by_what_the_index_knows(tuesday):
    telling, _ = tuesday
    purposes = set(get_args(Purpose))
    found = [
        purpose
        for step in telling.steps
        if getattr(step, "decider", None) is customer and isinstance(step.command, RegisterCustomer)
        for event in customer.decide(step.command, customer.initial)
        for purpose in event.found_by()
    ]
    assert set(found) <= purposes
    assert {"name", "phone", "email", "order"} <= set(found)
