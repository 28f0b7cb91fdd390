"""Opening hours as a document: local times of a week, closed ranges, extra open days."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, model_validator

from domain.event import Frozen

DAY: Final = 86_400

_TIME: Final = re.compile(r"([01]\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?")


def seconds(text: str) -> int:
    """Seconds since the local midnight."""
    found = _TIME.fullmatch(text)
    hours, minutes, rest = (int(part or 0) for part in found.groups()) if found else (99, 0, 0)
    total = hours * 3600 + minutes * 60 + rest
    if total > DAY:
        raise ValueError(f"{text!r} is not a local time from 00:00 to 24:00")
    return total


def _local_time(text: str) -> str:
    seconds(text)
    return text.removesuffix(":00") if text.count(":") == 2 else text


LocalTime = Annotated[str, AfterValidator(_local_time)]
"""``HH:MM`` or ``HH:MM:SS`` on the wall clock; ``24:00`` is the end of the day."""


def _tidy(hours: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    for start, end in hours:
        if seconds(start) >= seconds(end):
            raise ValueError(f"{start}-{end} ends before it begins; split a night at 24:00")
    tidy: list[tuple[str, str]] = []
    for start, end in sorted(hours, key=lambda pair: seconds(pair[0])):
        if tidy and seconds(start) < seconds(tidy[-1][1]):
            raise ValueError(f"{start}-{end} overlaps {tidy[-1][0]}-{tidy[-1][1]}")
        if tidy and seconds(start) == seconds(tidy[-1][1]):
            tidy[-1] = (tidy[-1][0], end)
        else:
            tidy.append((start, end))
    return tuple(tidy)


Hours = Annotated[tuple[tuple[LocalTime, LocalTime], ...], AfterValidator(_tidy)]
"""Open hours of one day: in order, apart from each other; touching ones are joined."""


class Week(Frozen):
    """Open hours of each weekday; a weekday left out is closed."""

    mon: Hours = ()
    tue: Hours = ()
    wed: Hours = ()
    thu: Hours = ()
    fri: Hours = ()
    sat: Hours = ()
    sun: Hours = ()

    def days(self) -> tuple[Hours, ...]:
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)


class Closed(Frozen):
    """Closed from ``start`` on the first day to ``end`` on the last one, without a break.

    Also written as one day ``"2026-12-25"`` or a pair ``["2026-12-24T12:00", "2026-12-26"]``;
    a day without a time is closed whole.
    """

    first: date
    last: date
    start: LocalTime = "00:00"
    end: LocalTime = "24:00"
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        match value:
            case str() | date() as day:
                return _from_pair(day, day)
            case [(str() | date()) as first, (str() | date()) as last]:
                return _from_pair(first, last)
            case _:
                return _one_day(value)

    @model_validator(mode="after")
    def _in_order(self) -> Closed:
        if self.wall[0] >= self.wall[1]:
            raise ValueError("a closed range ends before it begins")
        return self

    @property
    def wall(self) -> tuple[int, int]:
        return wall_clock(self.first, self.start), wall_clock(self.last, self.end)


class ExtraOpen(Frozen):
    """Open at ``hours`` on each day from first to last, whatever else says (make-up Saturdays)."""

    first: date
    last: date
    hours: Hours = Field(min_length=1)
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        return _one_day(value)

    @model_validator(mode="after")
    def _in_order(self) -> ExtraOpen:
        if self.last < self.first:
            raise ValueError("an extra open range ends before it begins")
        return self


def _one_day(value: Any) -> Any:
    """A range that names its first day only."""
    if isinstance(value, dict) and "first" in value and "last" not in value:
        return {**value, "last": value["first"]}
    return value


def _from_pair(first: str | date, last: str | date) -> dict[str, str | date]:
    (first_day, start), (last_day, end) = _day_and_time(first), _day_and_time(last)
    return {"first": first_day, "last": last_day, "start": start or "00:00", "end": end or "24:00"}


def _day_and_time(point: str | date) -> tuple[str | date, str | None]:
    match point:
        case datetime() if point.tzinfo is not None:
            raise ValueError("a closed range is written in local time, without a zone")
        case datetime():
            return point.date(), point.time().isoformat("seconds")
        case str() if "T" in point:
            day, _, clock = point.partition("T")
            return day, clock
        case _:
            return point, None


def wall_clock(day: date, clock: str) -> int:
    """Seconds on the wall clock since 0001-01-01 00:00."""
    return (day.toordinal() - 1) * DAY + seconds(clock)
