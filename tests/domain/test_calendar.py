"""Working time against vectors, and against a walk over every minute of the wall clock."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.calendar import Calendar, CalendarExhausted
from domain.hours import Closed, seconds
from domain.intervals import NaiveTime

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NINE_TO_FIVE = {day: [["09:00", "17:00"]] for day in DAYS[:5]}
ALWAYS = {day: [["00:00", "24:00"]] for day in DAYS}


def calendar(zone: str = "UTC", weekly: Any = None, **parts: Any) -> Calendar:
    weekly = NINE_TO_FIVE if weekly is None else weekly
    return Calendar(id="test", version=1, zone=zone, weekly=weekly, **parts)


CALENDARS = {
    "office": calendar("Europe/London"),
    "lunch": calendar(
        "Asia/Shanghai", {day: [["09:00", "12:00"], ["13:30", "18:00"]] for day in DAYS[:5]}
    ),
    "china": calendar(
        "Asia/Shanghai",
        closed=[["2026-10-01", "2026-10-07"]],
        extra_open=[{"first": "2026-10-10", "hours": [["09:00", "17:00"]]}],
    ),
    "half days": calendar(
        "Europe/London",
        closed=[["2026-12-24T12:00", "2026-12-26"], {"first": "2027-01-01", "name": "New Year"}],
    ),
    "night": calendar("Europe/London", {day: [["00:00", "06:00"]] for day in DAYS}),
    "always": calendar("America/New_York", ALWAYS),
    "midnight": calendar(
        "Europe/London", {"mon": [["20:00", "24:00"]], "tue": [["00:00", "02:00"]]}
    ),
}

# calendar, start, working time, due; all on the calendar's wall clock
DUE = [
    ("office", "2026-03-06T16:30", "1:00", "2026-03-09T09:30"),
    ("office", "2026-03-06T16:00", "1:00", "2026-03-06T17:00"),
    ("office", "2026-03-06T17:00", "0:00", "2026-03-09T09:00"),
    ("office", "2026-03-06T12:00", "0:00", "2026-03-06T12:00"),
    ("office", "2026-03-07T11:00", "8:00", "2026-03-09T17:00"),
    ("office", "2026-03-07T11:00", "16:00", "2026-03-10T17:00"),
    ("office", "2026-03-27T16:00", "2:00", "2026-03-30T10:00"),
    ("lunch", "2026-03-06T11:00", "2:00", "2026-03-06T14:30"),
    ("lunch", "2026-03-06T11:00", "1:00", "2026-03-06T12:00"),
    ("lunch", "2026-03-06T12:15", "1:00", "2026-03-06T14:30"),
    ("lunch", "2026-03-06T09:00", "7:30", "2026-03-06T18:00"),
    ("china", "2026-09-30T16:00", "2:00", "2026-10-08T10:00"),
    ("china", "2026-10-09T16:00", "2:00", "2026-10-10T10:00"),
    ("china", "2026-10-10T16:00", "2:00", "2026-10-12T10:00"),
    ("half days", "2026-12-24T11:00", "1:00", "2026-12-24T12:00"),
    ("half days", "2026-12-24T11:00", "2:00", "2026-12-28T10:00"),
    ("half days", "2026-12-31T16:00", "2:00", "2027-01-04T10:00"),
    ("night", "2026-03-28T12:00", "5:00", "2026-03-29T06:00"),
    ("night", "2026-10-24T12:00", "7:00", "2026-10-25T06:00"),
    ("night", "2026-10-24T12:00", "6:30", "2026-10-25T05:30"),
    ("always", "2026-03-07T12:00", "24:00", "2026-03-08T13:00"),
    ("always", "2026-10-31T12:00", "24:00", "2026-11-01T11:00"),
    ("midnight", "2026-03-02T21:00", "4:00", "2026-03-03T01:00"),
    ("midnight", "2026-03-02T21:00", "3:00", "2026-03-03T00:00"),
    ("midnight", "2026-03-03T01:00", "2:00", "2026-03-09T21:00"),
]


def outside_vectors() -> tuple[list[Any], list[Any]]:
    """Vectors from public helpdesks, where they lie beside the checkout."""
    file = Path(__file__).parents[3] / "shared" / "data" / "calendar-vectors.json"
    if not file.exists():
        return [], []
    data = json.loads(file.read_text())
    made = {
        name: calendar(row["tz"], row["hours"], closed=row["holidays"])
        for name, row in data["calendars"].items()
    }
    due = [
        (
            made[row["calendar"]],
            row["start_local"],
            timedelta(seconds=row["working_seconds"]),
            row["due_local"],
        )
        for row in data["due"]
    ]
    elapsed = [
        (
            made[row["calendar"]],
            row["start_local"],
            row["end_local"],
            timedelta(seconds=row["working_seconds"]),
        )
        for row in data["elapsed"]
    ]
    return due, elapsed


def on_wall(calendar: Calendar, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone))


def span(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


@pytest.mark.parametrize(
    ("calendar", "start", "working", "due"),
    [(CALENDARS[name], start, span(work), due) for name, start, work, due in DUE]
    + outside_vectors()[0],
)
def test_a_due_time(calendar: Calendar, start: str, working: timedelta, due: str) -> None:
    found = calendar.add(on_wall(calendar, start), working)
    assert found == on_wall(calendar, due)
    assert found.tzinfo is UTC


ELAPSED = [
    ("office", "2026-03-06T16:30", "2026-03-09T09:30", "1:00"),
    ("office", "2026-03-09T09:30", "2026-03-06T16:30", "0:00"),
    ("office", "2026-03-02T00:00", "2026-03-09T00:00", "40:00"),
    ("china", "2026-09-28T00:00", "2026-10-12T00:00", "48:00"),
    ("half days", "2026-12-21T00:00", "2026-12-28T00:00", "27:00"),
    ("night", "2026-03-29T00:00", "2026-03-30T00:00", "5:00"),
    ("night", "2026-10-25T00:00", "2026-10-26T00:00", "7:00"),
    ("always", "2026-11-01T00:00", "2026-11-02T00:00", "25:00"),
]


@pytest.mark.parametrize(
    ("calendar", "start", "end", "working"),
    [(CALENDARS[name], start, end, span(work)) for name, start, end, work in ELAPSED]
    + outside_vectors()[1],
)
def test_working_time_between(calendar: Calendar, start: str, end: str, working: timedelta) -> None:
    assert calendar.between(on_wall(calendar, start), on_wall(calendar, end)) == working


# calendar, receipt, n, receipt day, the last day
BUSINESS_DAYS = [
    ("office", "2026-03-02T10:00", 3, 0, "2026-03-05"),
    ("office", "2026-03-07T11:00", 3, 0, "2026-03-11"),
    ("office", "2026-03-06T23:00", 1, 0, "2026-03-09"),
    ("office", "2026-03-06T10:00", 1, 1, "2026-03-06"),
    ("office", "2026-03-07T10:00", 1, 1, "2026-03-09"),
    ("half days", "2026-12-23T10:00", 1, 0, "2026-12-24"),
    ("half days", "2026-12-23T10:00", 2, 0, "2026-12-28"),
    ("china", "2026-10-08T10:00", 3, 0, "2026-10-12"),
]


@pytest.mark.parametrize(("name", "receipt", "n", "receipt_day", "last"), BUSINESS_DAYS)
def test_business_days_end_with_their_last_day(
    name: str, receipt: str, n: int, receipt_day: Any, last: str
) -> None:
    calendar = CALENDARS[name]
    due = calendar.add_business_days(on_wall(calendar, receipt), n, receipt_day=receipt_day)
    assert due == on_wall(calendar, last) + timedelta(days=1)
    assert calendar.day_of_due(due) == date.fromisoformat(last)


def test_no_business_days_cannot_be_added() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        CALENDARS["office"].add_business_days(datetime(2026, 3, 2, tzinfo=UTC), 0)


def test_the_receipt_day_is_the_local_one() -> None:
    late_on_friday_in_hangzhou = datetime(2026, 3, 5, 16, 30, tzinfo=UTC)
    due = CALENDARS["lunch"].add_business_days(late_on_friday_in_hangzhou, 1)
    assert due == datetime(2026, 3, 9, 16, tzinfo=UTC)


def test_extra_open_beats_closed_beats_weekly() -> None:
    layered = calendar(
        closed=[["2026-03-02", "2026-03-04"]],
        extra_open=[{"first": "2026-03-03", "hours": [["10:00", "11:00"], ["11:00", "12:00"]]}],
    )
    week = layered.slices(datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC))
    assert week == (
        (datetime(2026, 3, 3, 10, tzinfo=UTC), datetime(2026, 3, 3, 12, tzinfo=UTC)),
        (datetime(2026, 3, 5, 9, tzinfo=UTC), datetime(2026, 3, 5, 17, tzinfo=UTC)),
    )
    assert [layered.is_business_day(date(2026, 3, day)) for day in (2, 3, 4, 5)] == [
        False,
        True,
        False,
        True,
    ]


def test_slices_join_across_midnight() -> None:
    always = CALENDARS["always"]
    start, end = datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 3, 20, 7, tzinfo=UTC)
    assert always.slices(start, end) == ((start, end),)


def test_the_next_opening() -> None:
    office = CALENDARS["office"]
    closing, inside = on_wall(office, "2026-03-06T17:00"), on_wall(office, "2026-03-06T16:59")
    assert office.next_open(closing) == on_wall(office, "2026-03-09T09:00")
    assert office.next_open(inside) == inside


def test_a_skipped_opening_is_the_moment_of_the_change_and_a_repeated_one_opens_twice() -> None:
    odd = calendar("Europe/London", {"sun": [["01:15", "01:45"], ["03:00", "04:00"]]})
    spring = odd.slices(datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
    assert spring == ((datetime(2026, 3, 29, 2, tzinfo=UTC), datetime(2026, 3, 29, 3, tzinfo=UTC)),)
    autumn = odd.between(datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))
    assert autumn == timedelta(hours=2)


def test_touching_hours_are_joined_and_put_in_order() -> None:
    tidy = calendar(weekly={"mon": [["13:00", "17:00"], ["09:00:00", "12:00"], ["12:00", "13:00"]]})
    assert tidy.weekly.mon == (("09:00", "17:00"),)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"weekly": {}}, "never open"),
        ({"closed": [["0001-01-01", "9999-12-31"]]}, "never open"),
        (
            {
                "weekly": {"mon": [["09:00", "10:00"]]},
                "closed": [["0001-01-01", "2026-03-08"], ["2026-03-10", "9999-12-31"]],
                "valid_from": "2026-03-09",
                "valid_to": "2026-03-08",
            },
            "validity ends before",
        ),
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "overlaps"),
        ({"weekly": {"mon": [["22:00", "06:00"]]}}, "split a night"),
        ({"weekly": {"mon": [["09:00", "24:01"]]}}, "not a local time"),
        ({"weekly": {"mon": [["9", "10"]]}}, "not a local time"),
        ({"weekly": {"lundi": [["09:00", "10:00"]]}}, "lundi"),
        ({"zone": "Atlantis/Poseidonis"}, "unknown time zone"),
        ({"zone": "../../etc/passwd"}, "unknown time zone"),
        ({"closed": [["2026-03-05", "2026-03-04"]]}, "ends before it begins"),
        ({"closed": ["2026-03-05T12:00"]}, "ends before it begins"),
        ({"closed": [[datetime(2026, 3, 5, tzinfo=UTC), date(2026, 3, 6)]]}, "without a zone"),
        ({"extra_open": [{"first": "2026-03-07", "hours": []}]}, "at least 1"),
        (
            {"extra_open": [{"first": "2026-03-07", "last": "2026-03-01", "hours": [["9", "10"]]}]},
            "local time",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_when_it_is_made(
    parts: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        calendar(**parts)


def test_one_open_monday_in_all_time_is_found() -> None:
    once = calendar(
        weekly={"mon": [["09:00", "10:00"]]},
        closed=[["0001-01-01", "2026-03-08"], ["2026-03-10", "9999-12-31"]],
    )
    assert once.next_open(datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 3, 9, 9, tzinfo=UTC)


def test_a_search_without_end_is_refused_by_name() -> None:
    long_closed = calendar(closed=[["2026-01-01", "2999-12-31"]])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for ask in (
        lambda: long_closed.add(start, timedelta(hours=1)),
        lambda: long_closed.next_open(start),
        lambda: long_closed.add_business_days(start, 1),
        lambda: CALENDARS["office"].add(start, timedelta(days=90_000)),
        lambda: CALENDARS["office"].next_open(datetime.max.replace(tzinfo=UTC)),
    ):
        with pytest.raises(CalendarExhausted) as refused:
            ask()
        assert refused.value.facts == {"calendar": "test"}


def test_moments_without_a_zone_are_refused() -> None:
    sound = datetime(2026, 3, 2, tzinfo=UTC)
    naive = sound.replace(tzinfo=None)
    office = CALENDARS["office"]
    for ask in (
        lambda: office.add(naive, timedelta(hours=1)),
        lambda: office.between(sound, naive),
        lambda: office.between(naive, sound),
        lambda: office.next_open(naive),
        lambda: office.add_business_days(naive, 1),
        lambda: office.slices(naive, naive),
    ):
        with pytest.raises(NaiveTime):
            ask()


def test_working_time_is_never_negative() -> None:
    with pytest.raises(ValueError, match="never negative"):
        CALENDARS["office"].add(datetime(2026, 3, 2, tzinfo=UTC), timedelta(seconds=-1))


def test_a_document_comes_back_from_its_json() -> None:
    for made in CALENDARS.values():
        again = Calendar.model_validate_json(made.model_dump_json())
        assert again == made
        assert hash(again) == hash(made)


def test_closed_ranges_have_short_forms() -> None:
    assert Closed.model_validate("2026-12-25") == Closed(
        first=date(2026, 12, 25), last=date(2026, 12, 25)
    )
    half = Closed.model_validate([datetime.fromisoformat("2026-12-24T12:00"), "2026-12-26"])
    assert half == Closed(first=date(2026, 12, 24), start="12:00", last=date(2026, 12, 26))


# A second way to the same answer: look at the wall clock minute by minute.

CHANGES = [
    ("Europe/London", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 2, 17, tzinfo=UTC)),
    ("America/St_Johns", datetime(2006, 10, 29, tzinfo=UTC)),
    ("Asia/Beirut", datetime(2024, 3, 30, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2024, 11, 1, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 10, 1, tzinfo=UTC)),
]


@st.composite
def some_hours(draw: st.DrawFn) -> list[list[str]]:
    marks = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
    marks = marks[: len(marks) // 2 * 2]
    clock = [f"{mark // 4:02}:{mark % 4 * 15:02}" for mark in marks]
    return [clock[i : i + 2] for i in range(0, len(clock), 2)]


@st.composite
def around_a_change(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    zone, moment = draw(st.sampled_from(CHANGES))
    today = moment.date()
    closed_from = today + timedelta(days=draw(st.integers(-2, 2)))
    parts: dict[str, Any] = {"weekly": {day: draw(some_hours()) for day in DAYS}}
    if draw(st.booleans()):
        until = closed_from + timedelta(days=draw(st.integers(0, 1)))
        parts["closed"] = [[f"{closed_from}T{draw(st.sampled_from(['00:00', '12:00']))}", until]]
    hours = draw(some_hours())
    if hours:
        parts["extra_open"] = [
            {"first": today + timedelta(days=draw(st.integers(-1, 1))), "hours": hours}
        ]
    elif not any(parts["weekly"].values()):
        parts["weekly"]["sun"] = [["08:00", "09:00"]]
    return calendar(zone, **parts), moment + timedelta(minutes=draw(st.integers(-2000, 500)))


def shows_open(calendar: Calendar, at: datetime) -> bool:
    wall = at.astimezone(ZoneInfo(calendar.zone))
    now = wall.hour * 3600 + wall.minute * 60
    day = wall.date()

    def within(hours: tuple[tuple[str, str], ...]) -> bool:
        return any(seconds(opens) <= now < seconds(closes) for opens, closes in hours)

    if any(
        extra.first <= day <= extra.last and within(extra.hours) for extra in calendar.extra_open
    ):
        return True
    for closed in calendar.closed:
        after_start = (closed.first, seconds(closed.start)) <= (day, now)
        if after_start and (day, now) < (closed.last, seconds(closed.end)):
            return False
    return within(getattr(calendar.weekly, DAYS[day.weekday()]))


@settings(max_examples=60, deadline=None)
@given(around_a_change())
def test_open_is_what_the_wall_clock_shows(case: tuple[Calendar, datetime]) -> None:
    calendar, start = case
    minutes = [start + timedelta(minutes=n) for n in range(2 * 24 * 60)]
    expected = [at for at in minutes if shows_open(calendar, at)]
    slices = calendar.slices(start, minutes[-1] + timedelta(minutes=1))
    found = [
        opens + timedelta(minutes=n)
        for opens, closes in slices
        for n in range(int((closes - opens).total_seconds()) // 60)
    ]
    assert found == expected
    assert all(before[1] < after[0] for before, after in pairwise(slices))


@settings(max_examples=60, deadline=None)
@given(around_a_change())
def test_a_business_day_has_a_moment_that_is_open(case: tuple[Calendar, datetime]) -> None:
    calendar, start = case
    moments = [start + timedelta(minutes=15 * n) for n in range(4 * 24 * 4)]
    dates = [calendar.local_date(at) for at in moments]
    worked = {day for at, day in zip(moments, dates, strict=True) if shows_open(calendar, at)}
    day = dates[0] + timedelta(days=1)
    while day < dates[-1]:
        assert calendar.is_business_day(day) is (day in worked)
        day += timedelta(days=1)


@settings(max_examples=100, deadline=None)
@given(around_a_change(), st.integers(0, 3000), st.integers(1, 3000))
def test_adding_and_measuring_agree(
    case: tuple[Calendar, datetime], first: int, second: int
) -> None:
    calendar, start = case
    if not any(getattr(calendar.weekly, day) for day in DAYS):
        return
    one, two = timedelta(minutes=first), timedelta(minutes=second)
    due = calendar.add(start, one + two)
    assert calendar.between(start, due) == one + two
    assert calendar.between(start, due - timedelta(microseconds=1)) < one + two
    assert calendar.add(calendar.add(start, one), two) == due


def test_local_midnight_ends_the_day() -> None:
    office = CALENDARS["office"]
    assert office.end_of_day(date(2026, 7, 1)) == datetime(2026, 7, 1, 23, tzinfo=UTC)
    assert office.local_date(datetime(2026, 7, 1, 23, tzinfo=UTC)) == date(2026, 7, 2)
    skipped = calendar("America/Sao_Paulo")
    assert skipped.end_of_day(date(2018, 11, 3)) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_a_day_that_the_zone_skipped_is_no_business_day() -> None:
    samoa = calendar("Pacific/Apia", ALWAYS)
    assert not samoa.is_business_day(date(2011, 12, 30))
    due = samoa.add_business_days(on_wall(samoa, "2011-12-29T10:00"), 1)
    assert due == on_wall(samoa, "2012-01-01T00:00")


def test_hours_that_the_clock_skips_make_no_business_day() -> None:
    early = calendar("Europe/London", {"sun": [["01:00", "02:00"]]})
    assert not early.is_business_day(date(2026, 3, 29))
    assert early.is_business_day(date(2026, 4, 5))


def test_a_version_is_in_force_between_its_dates() -> None:
    dated = calendar(valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31))
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [dated.in_force(day) for day in days] == [False, True, True, False]
    assert CALENDARS["office"].in_force(datetime.combine(date.min, time.min).date())
