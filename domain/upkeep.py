"""What of the published documents somebody must look at again: law to be read, days to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from domain.calendar import Calendar
from domain.hours import Closed, ExtraOpen
from domain.policy import Library, Policy

AHEAD: Final = timedelta(days=60)
"""So long before it is too late it is told."""


def law_to_read(library: Library, day: date) -> dict[str, date]:
    """Policy -> the day by which its law must be read again, where that day is near or past.

    Only the last version of a policy is asked, and only while it is not over.
    """
    last = {policy.id: policy for policy in library.policies}
    due = {id: _check_by(policy) for id, policy in sorted(last.items()) if not _over(policy, day)}
    return {id: by for id, by in due.items() if by is not None and by <= day + AHEAD}


def days_to_tell(library: Library, day: date) -> dict[str, int]:
    """Calendar -> the coming year of which its holidays, or days made up for them, are not told.

    A calendar whose last exceptions are of long ago has none of every year.
    """
    year = (day + AHEAD).year
    return {
        name: year for name, calendar in sorted(library.calendars.items()) if _lacks(calendar, year)
    }


def _lacks(calendar: Calendar, year: int) -> bool:
    kinds: tuple[Sequence[Closed | ExtraOpen], ...] = (calendar.closed, calendar.extra_open)
    told = [{y for row in rows for y in (row.first.year, row.last.year)} for rows in kinds]
    return any(years & {year - 1, year - 2} and max(years) < year for years in told)


def _check_by(policy: Policy) -> date | None:
    days = (policy.check_by, *(limit.check_by for limit in policy.limits))
    return min((by for by in days if by is not None), default=None)


def _over(policy: Policy, day: date) -> bool:
    return policy.valid_to is not None and policy.valid_to < day
