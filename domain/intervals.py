"""Half-open intervals as sorted pairs, and slices of time: what working time is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T", int, datetime)

Slice = tuple[datetime, datetime]
"""From (inclusive) and to (exclusive), aware UTC."""


class NaiveTime(ValueError):
    """A datetime without a zone was handed to arithmetic that needs an instant."""


def aware(moment: datetime) -> datetime:
    """The moment in UTC; NaiveTime where it has no zone."""
    if moment.utcoffset() is None:
        raise NaiveTime("a datetime with a zone is needed")
    return moment.astimezone(UTC)


def merged(intervals: Iterable[tuple[T, T]]) -> tuple[tuple[T, T], ...]:
    """Intervals in order of their start, joined where they touch or overlap; empty ones go."""
    joined: list[tuple[T, T]] = []
    for start, end in intervals:
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def minus(intervals: Iterable[tuple[T, T]], holes: Sequence[tuple[T, T]]) -> Iterator[tuple[T, T]]:
    """What is left of the intervals outside the holes, lazily. Both are in order."""
    for start, end in intervals:
        left = start
        for opens, closes in holes:
            if opens >= end:
                break
            if left < opens:
                yield left, opens
            left = max(left, closes)
        if left < end:
            yield left, end


def clipped(slices: Iterable[Slice], start: datetime, end: datetime) -> tuple[Slice, ...]:
    """The part of the slices that lies between the two moments."""
    cut = ((max(opens, start), min(closes, end)) for opens, closes in slices)
    return tuple((opens, closes) for opens, closes in cut if opens < closes)


def total(slices: Iterable[Slice]) -> timedelta:
    return sum((end - start for start, end in slices), timedelta())


def spend(slices: Iterator[Slice], amounts: Sequence[timedelta]) -> tuple[datetime, ...]:
    """When each amount of the slices' time has just passed; amounts ascend, none is negative."""
    if any(later < sooner for sooner, later in pairwise((timedelta(), *amounts))):
        raise ValueError("working time is never negative")
    moments: list[datetime] = []
    spent = timedelta()
    for start, end in slices:
        while len(moments) < len(amounts) and amounts[len(moments)] - spent <= end - start:
            moments.append(start + (amounts[len(moments)] - spent))
        if len(moments) == len(amounts):
            break
        spent += end - start
    return tuple(moments)
