"""What is left until a due moment: in words, and as a page needs it to go on counting by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from desk.language import N_
from desk.words.facts import Speaker
from domain.calendar import Calendar

WORDS: Final = (N_("in %(span)s of work"), N_("%(span)s of work over"))
AHEAD: Final = timedelta(days=1)
"""How long an open page can count without asking."""


@dataclass(frozen=True)
class Countdown:
    """``seconds`` is what is left, below zero when it is past due. Moments are Unix seconds.

    work: the working time ahead ("from-to from-to"), None where all time counts.
    warns: when it will be due soon.
    """

    due: int
    words: str
    seconds: int
    work: str | None
    warns: str


def countdown(
    due: datetime,
    calendar: Calendar | None,
    warns: Iterable[datetime],
    now: datetime,
    say: Speaker,
) -> Countdown:
    """Of what runs: in working time of ``calendar``; where there is none, in time on the wall."""
    if calendar is not None and always_open(calendar, now):
        calendar = None
    left, work = due - now, None
    if calendar is not None:
        left = calendar.between(now, due) if now <= due else -calendar.between(due, now)
        ahead = calendar.slices(now, now + AHEAD)
        work = " ".join(f"{_seconds(start)}-{_seconds(end)}" for start, end in ahead)
    return Countdown(
        due=_seconds(due),
        words=_words(left, say, whole=calendar is None),
        seconds=int(left.total_seconds()),
        work=work,
        warns=" ".join(str(_seconds(at)) for at in warns if at > now),
    )


def always_open(calendar: Calendar, now: datetime) -> bool:
    """Whether working time is all time, so that it can be told in days."""
    week = timedelta(days=7)
    return calendar.between(now, now + week) == week


def _words(left: timedelta, say: Speaker, *, whole: bool) -> str:
    over = left < timedelta(0)
    if whole:
        return say("%(span)s over" if over else "in %(span)s", span=say.span(abs(left)))
    return say(WORDS[over], span=say.hours(abs(left)))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
