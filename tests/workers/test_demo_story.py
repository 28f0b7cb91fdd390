from datetime import UTC, datetime, timedelta

import pytest
from stories import EXPECTED, figures, told

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
