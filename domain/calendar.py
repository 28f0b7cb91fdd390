"""Working time. A calendar is data; its arithmetic is pure, exact over DST and bounded.

An instant is open when the wall clock of the calendar's zone then shows an open time: hours that
a DST change skips are not worked, hours that it repeats are worked twice. Precedence of the three
parts: ``extra_open`` beats ``closed`` beats ``weekly``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, model_validator

from domain.decider import DomainError
from domain.event import Frozen
from domain.hours import DAY, Closed, ExtraOpen, Week, seconds, wall_clock
from domain.intervals import Slice, aware, clipped, merged, minus, spend, total

HORIZON: Final = 7_320
"""How many days (twenty years) a calculation may walk before it is refused."""

_ONE_DAY: Final = timedelta(days=1)
_YEAR_ONE: Final = datetime.min.replace(tzinfo=UTC)


class CalendarExhausted(DomainError):
    """The calendar has too little open time ahead to answer (facts: calendar)."""


class Calendar(Frozen):
    """When work is done: an IANA zone, a week, and its exceptions. A published, versioned document.

    A calendar that is never open is refused when it is made. All methods take aware datetimes in
    any zone (else NaiveTime), answer in UTC and raise CalendarExhausted past twenty years ahead.
    """

    id: str = Field(min_length=1)
    version: int = Field(ge=1)
    zone: str
    weekly: Week = Week()
    closed: tuple[Closed, ...] = ()
    extra_open: tuple[ExtraOpen, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def _usable(self) -> Calendar:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"unknown time zone {self.zone!r}") from unknown
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("the calendar's validity ends before it begins")
        if not _timetable(self).ever_open():
            raise ValueError(f"calendar {self.id} is never open")
        return self

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def open_from(self, start: datetime) -> Iterator[Slice]:
        """Open slices from ``start`` on, in order; a slice may be split at midnight UTC."""
        at = aware(start)
        day, first = _timetable(self).day, at.toordinal()
        for ordinal in range(first, min(first + HORIZON, date.max.toordinal() - 1)):
            for opens, closes in day(ordinal):
                if closes > at:
                    yield max(opens, at), closes
        raise CalendarExhausted(calendar=self.id)

    def slices(self, start: datetime, end: datetime) -> tuple[Slice, ...]:
        """Open slices between two moments, joined where they touch."""
        until = aware(end)
        found: list[Slice] = []
        if aware(start) < until:
            day = _timetable(self).day
            for ordinal in range(aware(start).toordinal(), until.toordinal() + 1):
                found.extend(day(ordinal))
        return clipped(merged(found), aware(start), until)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments; zero where the end is not after the start."""
        return total(self.slices(start, end))

    def add(self, start: datetime, working_time: timedelta) -> datetime:
        """The first moment by which so much working time has passed.

        It may be a closing instant; with no working time it is the next open instant.
        """
        return spend(self.open_from(start), (working_time,))[0]

    def next_open(self, at: datetime) -> datetime:
        """``at`` itself where open then (a closing instant is not), else the next opening."""
        return next(self.open_from(at))[0]

    def local_date(self, at: datetime) -> date:
        return aware(at).astimezone(ZoneInfo(self.zone)).date()

    def end_of_day(self, day: date) -> datetime:
        """24:00 of that local day, which is when the next one begins (first, if it repeats)."""
        midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(self.zone))
        return midnight.astimezone(UTC)

    def end_of_day_after(self, at: datetime, days: int) -> datetime:
        """The end of the day that is so many days after the local day of ``at``."""
        return self.end_of_day(self.local_date(at) + timedelta(days=days))

    def day_of_due(self, due: datetime) -> date:
        """The local day a due time belongs to: 24:00 of Wednesday is Wednesday, not Thursday."""
        return self.local_date(aware(due) - timedelta(microseconds=1))

    def is_business_day(self, day: date) -> bool:
        """Open for any part of that local day; half days count, days that the zone skips do not."""
        begins, ends = self.end_of_day(day - _ONE_DAY), self.end_of_day(day)
        return bool(_timetable(self).local(day.toordinal()) and self.slices(begins, ends))

    def count_days(self, first: date, n: int, counts: Callable[[date], bool]) -> date:
        """The day on which the n-th day that counts is reached, ``first`` being looked at first."""
        if n < 1:
            raise ValueError("at least one day is counted")
        ordinal = first.toordinal()
        for after in range(min(HORIZON, date.max.toordinal() - ordinal)):
            day = date.fromordinal(ordinal + after)
            n -= counts(day)
            if n == 0:
                return day
        raise CalendarExhausted(calendar=self.id)

    def add_business_days(
        self, start: datetime, n: int, *, receipt_day: Literal[0, 1] = 0
    ) -> datetime:
        """End of the n-th business day; the local day of ``start`` is day 0, or the first counted.

        A receipt on a closed day is never day 1. What hour of the day it is does not matter.
        """
        first = self.local_date(start) + timedelta(days=1 - receipt_day)
        return self.end_of_day(self.count_days(first, n, self.is_business_day))

    def in_force(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


class _Timetable:
    """A calendar made ready for arithmetic; days are kept as they are asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self._zone = ZoneInfo(calendar.zone)
        self._week = [[(seconds(a), seconds(b)) for a, b in day] for day in calendar.weekly.days()]
        self._closed = merged(sorted(closed.wall for closed in calendar.closed))
        self._extra = calendar.extra_open
        self.local = lru_cache(maxsize=4096)(self._local)
        self.day = lru_cache(maxsize=4096)(self._day)

    def _local(self, ordinal: int) -> tuple[tuple[int, int], ...]:
        """Open wall time of one local day, in seconds since 0001-01-01 00:00."""
        day, midnight = date.fromordinal(ordinal), (ordinal - 1) * DAY
        weekly = [(midnight + a, midnight + b) for a, b in self._week[day.weekday()]]
        holes = [(a, b) for a, b in self._closed if a < midnight + DAY and b > midnight]
        extra = [
            (wall_clock(day, a), wall_clock(day, b))
            for more in self._extra
            if more.first <= day <= more.last
            for a, b in more.hours
        ]
        return merged(sorted([*minus(weekly, holes), *extra]))

    def _day(self, ordinal: int) -> tuple[Slice, ...]:
        """Open slices of one UTC day."""
        open_: list[tuple[int, int]] = []
        for start, end, offset in self._offsets((ordinal - 1) * DAY, ordinal * DAY):
            for day in range((start + offset) // DAY + 1, (end + offset - 1) // DAY + 2):
                for opens, closes in self.local(day):
                    piece = max(opens - offset, start), min(closes - offset, end)
                    if piece[0] < piece[1]:
                        open_.append(piece)
        return tuple((_instant(a), _instant(b)) for a, b in merged(sorted(open_)))

    def _offsets(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """Pieces of a UTC day with the seconds the wall clock is ahead in each."""
        before, after = self._offset(start), self._offset(end)
        if before == after:
            return [(start, end, before)]
        low, high = start, end
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._offset(middle) == before else (low, middle)
        return [(start, high, before), (high, end, after)]

    def _offset(self, at: int) -> int:
        ahead = _instant(at).astimezone(self._zone).utcoffset() or timedelta()
        return int(ahead.total_seconds())

    def ever_open(self) -> bool:
        """Whether any day is: each open stretch begins with time itself or after a closed range."""
        if self._extra:
            return True
        first, last = date.min.toordinal(), date.max.toordinal()
        starts = [first, *(end // DAY + 1 for _, end in self._closed)]
        weeks = (range(start, min(start + 8, last + 1)) for start in starts)
        return any(self._local(day) for week in weeks for day in week)


def _instant(at: int) -> datetime:
    return _YEAR_ONE + timedelta(seconds=at)


@lru_cache(maxsize=256)
def _timetable(calendar: Calendar) -> _Timetable:
    return _Timetable(calendar)
