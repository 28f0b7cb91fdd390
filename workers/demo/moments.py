"""When the story's facts happened, counted back from the moment it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.calendar import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Moments:
    """Of one legal entity. ``now`` is aware; all answers are aware UTC.

    Clock times are on the wall of the calendar's zone, as "HH:MM".
    """

    now: datetime
    calendar: Calendar

    def d(self, days: int, clock: str) -> datetime:
        """So many calendar days before today."""
        return self._on(self.calendar.local_date(self.now) - days * _DAY, clock)

    def wd(self, days: int, clock: str) -> datetime:
        """So many working days before the day that was last open."""
        return self._on(self._counted(days, -_DAY), clock)

    def opening(self, days_ahead: int) -> datetime:
        """When work begins so many working days after the day that was last open."""
        day = self._counted(days_ahead, _DAY)
        return self.calendar.next_open(self.calendar.end_of_day(day - _DAY))

    def wh(self, hours: float) -> datetime:
        """So much working time before the last open instant."""
        left, days = timedelta(hours=hours), 14
        while self.calendar.between(self.now - days * _DAY, self.now) < left:
            days *= 2
        for start, end in reversed(self.calendar.slices(self.now - days * _DAY, self.now)):
            if end - start >= left:
                return end - left
            left -= end - start
        raise AssertionError("the window holds enough working time")

    def last_open(self) -> datetime:
        """``now`` while the entity is open, else the moment it closed."""
        return self.wh(0)

    def _counted(self, days: int, step: timedelta) -> date:
        day = self.calendar.day_of_due(self.last_open())
        counts: Callable[[date], bool] = self.calendar.is_business_day
        while days > 0:
            day += step
            days -= counts(day)
        return day

    def _on(self, day: date, clock: str) -> datetime:
        zone = ZoneInfo(self.calendar.zone)
        return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
