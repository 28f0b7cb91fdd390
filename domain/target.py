"""What a policy says of one clock, and the due time that follows from it.

Two kinds: a *target* counts working time and pauses (service); a *limit* counts days as the law
does and pauses on a listed ground only (statutory). Both are reckoned from intervals: origin,
pauses and extensions in, due time out; nothing is ever added up along the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Annotated, Final, Literal, Self, assert_never

from pydantic import AwareDatetime, Field, model_validator

from domain.calendar import Calendar
from domain.decider import DomainError
from domain.event import Frozen
from domain.intervals import Slice, aware, clipped, merged, minus, spend

ClockName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""ack, first_reply, next_reply, update, resolution, total_resolution; a pack names its own."""

Unit = Literal["calendar_days", "business_days", "weeks", "working_time"]
OnChange = Literal["from_origin", "from_change", "keep_stricter"]

_ONE_DAY: Final = timedelta(days=1)
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


class LimitNotInForce(DomainError):
    """The row of law does not cover the day of receipt (facts: clock, day)."""


class LimitNotConfirmed(DomainError):
    """The row of law is still to be confirmed and nobody has signed it (facts: clock)."""


class Ref(Frozen):
    """A published document in one version."""

    id: str
    version: int

    def __str__(self) -> str:
        return f"{self.id}@{self.version}"


class Threshold(Frozen):
    """Warn when ``share`` of the time is used, or when ``before`` is all that is left of it."""

    share: float | None = Field(default=None, gt=0, lt=1)
    before: timedelta | None = Field(default=None, gt=timedelta())

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.share is None) == (self.before is None):
            raise ValueError("a threshold is a share or a time before the due time")
        return self

    @property
    def label(self) -> str:
        """``75%`` or ``-2h``: stable, as it is stored with each warning."""
        if self.share is not None:
            return f"{self.share:.1%}".replace(".0%", "%")
        left = int((self.before or timedelta()).total_seconds())
        size, unit = next(pair for pair in _UNITS if left % pair[0] == 0)
        return f"-{left // size}{unit}"

    def lead(self, whole: timedelta) -> timedelta:
        """How much of the whole is left at that moment."""
        return self.before if self.before is not None else whole * (1 - (self.share or 0))


class ExtensionStep(Frozen):
    """More time that may be granted once, after the steps before it; ``count`` is added."""

    count: int = Field(ge=1)
    unit: Unit
    needs_approval: bool = True
    article: str = ""


class Ground(Frozen):
    """A reason for which the law lets its clock stand still, with the article that says so."""

    ground: str
    article: str = Field(min_length=1)


class Pause(Frozen):
    """The clock stands still from ``start`` until ``end`` (None: still does)."""

    start: AwareDatetime
    end: AwareDatetime | None
    ground: str
    article: str | None = None


class ClockTerms(Frozen):
    """What both kinds of clock are told: name, calendar, warnings, what moves it."""

    name: ClockName
    calendar: str
    warn: tuple[Threshold, ...] = ()
    starts_on: tuple[str, ...] = ()
    fulfilled_by: tuple[str, ...] = ()


class Target(ClockTerms):
    """A promise of ours in working time. ``pauses_on``: the grounds on which it stands still.

    on_change: what a new severity, tier or policy does to it; gap_counts: whether the time
    between closing and reopening counts.
    """

    kind: Literal["service"] = "service"
    working_time: timedelta = Field(gt=timedelta())
    pauses_on: tuple[str, ...] = ()
    resumes_on: tuple[str, ...] = ()
    on_change: OnChange = "from_origin"
    gap_counts: bool = False

    @model_validator(mode="after")
    def _can_both_run_and_pause(self) -> Self:
        stuck = set(self.pauses_on) & {*self.starts_on, *self.fulfilled_by, *self.resumes_on}
        if stuck:
            raise ValueError(f"{self.name} is paused and moved by the same: {sorted(stuck)}")
        return self


class Limit(ClockTerms):
    """A row of law. ``count`` is of its unit (of seconds for working_time).

    receipt_day: the number the day of receipt has; roll_forward: whether a last day on which the
    calendar is closed moves to the next business day; confirmed: False refuses to run;
    check_by: the day on which somebody must read the law again.
    """

    kind: Literal["statutory"] = "statutory"
    count: int = Field(ge=1)
    unit: Unit
    receipt_day: Literal[0, 1] = 0
    roll_forward: bool = False
    article: str = Field(min_length=1)
    pause_grounds: tuple[Ground, ...] = ()
    extensions: tuple[ExtensionStep, ...] = ()
    valid_from: date
    valid_to: date | None = None
    check_by: date | None = None
    confirmed: bool = True

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"{self.name} ends before it is in force")
        return self

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day <= (self.valid_to or date.max)

    def article_for(self, ground: str) -> str | None:
        return next((row.article for row in self.pause_grounds if row.ground == ground), None)


AnyTerms = Annotated[Target | Limit, Field(discriminator="kind")]


class Warn(Frozen):
    """One warning and its moment."""

    label: str
    at: AwareDatetime


class Reckoning(Frozen):
    """Due time and warnings, in order; what lies at or before the origin is left out."""

    due: AwareDatetime
    warns: tuple[Warn, ...]


def reckon(
    terms: Target | Limit,
    calendar: Calendar,
    start: datetime,
    pauses: Sequence[Pause] = (),
    extensions: Sequence[ExtensionStep] = (),
) -> Reckoning:
    """The smallest moment at which the counted time since ``start`` reaches what is granted.

    A pause without an end counts as none: the due time is the one of a clock resumed at once.
    Raises CalendarExhausted.
    """
    held = still(pauses)
    match terms:
        case Target():
            whole = terms.working_time + sum((_working(step) for step in extensions), timedelta())
            left = {step.label: whole - step.lead(whole) for step in terms.warn}
            warned = sorted((used, label) for label, used in left.items() if used > timedelta())
            amounts = [*(used for used, _ in warned), whole]
            *moments, due = spend(running(calendar, start, held), amounts)
            named = zip(warned, moments, strict=True)
            warns = tuple(Warn(label=label, at=at) for (_, label), at in named)
        case Limit():
            due = _limit_due(terms, calendar, start, held, extensions)
            whole = (_limit_due(terms, calendar, start, (), extensions) if held else due) - start
            early = ((due - step.lead(whole), step.label) for step in terms.warn)
            warns = tuple(Warn(label=label, at=at) for at, label in sorted(early) if at > start)
        case _:
            assert_never(terms)
    return Reckoning(due=due, warns=warns)


def still(pauses: Sequence[Pause], until: datetime | None = None) -> tuple[Slice, ...]:
    """The pauses as intervals; one without an end lasts until ``until``, else is left out."""
    ends = ((pause.start, pause.end or until or pause.start) for pause in pauses)
    return merged(sorted((aware(start), aware(end)) for start, end in ends))


def running(calendar: Calendar, start: datetime, held: Sequence[Slice]) -> Iterator[Slice]:
    """Open slices from ``start`` on outside the pauses, lazily."""
    return minus(calendar.open_from(start), held)


def counted(
    terms: Target | Limit,
    calendar: Calendar,
    start: datetime,
    end: datetime,
    held: Sequence[Slice] = (),
) -> tuple[Slice, ...]:
    """The slices between two moments that count: working time, or the days that count whole."""
    if isinstance(terms, Target) or terms.unit == "working_time":
        return tuple(minus(calendar.slices(start, end), held))
    day = calendar.local_date(start) + _ONE_DAY * (1 - terms.receipt_day)
    if not held and terms.unit != "business_days":
        return clipped([(_whole(day, calendar)[0], aware(end))], aware(start), aware(end))
    days: list[Slice] = []
    while day <= calendar.local_date(end):
        if _counts(day, terms.unit, calendar, held):
            days.append(_whole(day, calendar))
        day += _ONE_DAY
    return clipped(merged(days), aware(start), aware(end))


def _working(step: ExtensionStep) -> timedelta:
    if step.unit != "working_time":
        raise ValueError("a service clock is extended by working time")
    return timedelta(seconds=step.count)


def _limit_due(
    limit: Limit,
    calendar: Calendar,
    start: datetime,
    held: Sequence[Slice],
    extensions: Sequence[ExtensionStep],
) -> datetime:
    """Counts stage after stage; stages of one unit are counted as one from the start."""
    due = aware(start)
    first = calendar.local_date(start) + _ONE_DAY * (1 - limit.receipt_day)
    granted = [(limit.count, limit.unit), *((step.count, step.unit) for step in extensions)]
    stages = [_in_days(count, unit) for count, unit in granted]
    for unit, group in groupby(stages, key=lambda stage: stage[0]):
        n = sum(count for _, count in group)
        if unit == "working_time":
            (due,) = spend(running(calendar, due, held), [timedelta(seconds=n)])
            first = calendar.day_of_due(due) + _ONE_DAY
        else:
            counts = partial(_counts, unit=unit, calendar=calendar, held=held)
            last = calendar.count_days(first, n, counts)
            due, first = calendar.end_of_day(last), last + _ONE_DAY
    if limit.roll_forward and not calendar.is_business_day(calendar.day_of_due(due)):
        last = calendar.count_days(calendar.day_of_due(due), 1, calendar.is_business_day)
        due = calendar.end_of_day(last)
    return due


def _counts(day: date, unit: Unit, calendar: Calendar, held: Sequence[Slice]) -> bool:
    """A day counts unless the clock stood still for all of it (of its open time: business days)."""
    whole = _whole(day, calendar)
    if unit == "business_days":
        if not held:
            return calendar.is_business_day(day)
        return any(minus(calendar.slices(*whole), held))
    return not any(start <= whole[0] and whole[1] <= end for start, end in held)


def _whole(day: date, calendar: Calendar) -> Slice:
    return calendar.end_of_day(day - _ONE_DAY), calendar.end_of_day(day)


def _in_days(count: int, unit: Unit) -> tuple[Unit, int]:
    return ("calendar_days", 7 * count) if unit == "weeks" else (unit, count)
