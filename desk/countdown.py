"""What is left of a clock: in words, and as a page needs it to go on counting by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from desk.language import N_
from desk.words import Speaker
from domain.calendar import Calendar
from domain.clock import Clock, remaining
from domain.target import Limit

WORDS: Final = (N_("in %(span)s of work"), N_("%(span)s of work over"))
AHEAD: Final = timedelta(days=1)
"""How long an open page can count without asking."""


@dataclass(frozen=True)
class Countdown:
    """``seconds`` is what is left, below zero when it is past due.

    work: the working time ahead, as Unix seconds ("from-to from-to"), empty where all time counts.
    warns: when it will be due soon.
    """

    words: str
    seconds: int
    work: str
    warns: str


def countdown(clock: Clock, calendar: Calendar, now: datetime, say: Speaker) -> Countdown:
    """Of a clock that runs: working time for a promise of ours, time on the wall for the law's."""
    left = remaining(clock, calendar, now)
    whole = isinstance(clock.terms, Limit) or always_open(calendar, now)
    slices = () if whole else calendar.slices(now, now + AHEAD)
    return Countdown(
        words=_words(left, say, whole),
        seconds=int(left.total_seconds()),
        work=" ".join(f"{_seconds(start)}-{_seconds(end)}" for start, end in slices),
        warns=" ".join(str(_seconds(warn.at)) for warn in clock.warns if warn.at > now),
    )


def always_open(calendar: Calendar, now: datetime) -> bool:
    """Whether working time is all time, so that it can be told in days."""
    week = timedelta(days=7)
    return calendar.between(now, now + week) == week


def _words(left: timedelta, say: Speaker, whole: bool) -> str:
    over = left < timedelta(0)
    if whole:
        return say("%(span)s over" if over else "in %(span)s", span=say.span(abs(left)))
    return say(WORDS[over], span=say.hours(abs(left)))


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
