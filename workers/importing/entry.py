"""What a reader makes of a file: entries, and faults where a row cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.decider import DomainError

TRACE: Final = "trace:"
"""Before the name of an attribute that stands on a whole trace of an event log."""

MOST_ENTRIES: Final = 10_000
"""Rows one case may have: it is carried over by one command, whole."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a table or one event of a log.

    ``values``: column or attribute -> text, empty ones left out. ``raw``: as it stood in the
    file, for the reject file. ``line``: where it begins, counted from 1. ``trace``: the attributes
    of the trace it stands in, which are among the values of the trace's first event.
    """

    line: int
    values: Mapping[str, str]
    raw: str
    trace: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that cannot be imported, and why. The reason never quotes what is in the row.

    ``readings``: what it may say, where it cannot be read for sure; for its case alone.
    """

    line: int
    reason: str
    raw: str
    readings: Iterable[Mapping[str, str]] = ()


class RowRefused(Exception):
    """Why a row cannot be imported, in words; the text never quotes what is in the row."""


def broken_rule(error: DomainError) -> str:
    """A rule's refusal in words."""
    facts = ", ".join(f"{name} {fact}" for name, fact in error.facts.items())
    doc = (type(error).__doc__ or type(error).__name__).split("\n")[0]
    return f"{doc} ({facts})" if facts else doc
