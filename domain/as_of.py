"""A stream as of a moment, on two axes: what had happened by then, and what was known by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from domain.event import Event, Recorded

E = TypeVar("E", bound=Event)

BEGUN: Final = (
    "clock", "approval", "letter", "proposal", "request", "promise", "task", "survey",
)  # fmt: skip
"""Fields by which a fact speaks of something that an earlier fact of its stream began."""


@dataclass(frozen=True)
class AsOf:
    """``occurred``: what was true then; ``recorded``: what was known then. None: as of today."""

    occurred: datetime | None = None
    recorded: datetime | None = None

    @property
    def moment(self) -> datetime | None:
        """The moment that clocks are read at."""
        given = [at for at in (self.occurred, self.recorded) if at is not None]
        return min(given, default=None)

    def seen(self, records: Sequence[Recorded[E]]) -> list[Recorded[E]]:
        """What of a whole stream stood then, in the order of the stream.

        A fact may have happened before what it speaks of was begun (a corrected receipt starts a
        limit that was passed long ago): it stands from when both had happened.
        """
        shown: list[Recorded[E]] = []
        begun: set[tuple[str, Any]] = set()
        known: set[tuple[str, Any]] = set()
        for record in records:
            topics = _topics(record.event)
            if self._holds(record) and known & topics <= begun:
                shown.append(record)
                begun |= topics
            known |= topics
        return shown

    def _holds(self, record: Recorded[Any]) -> bool:
        return (self.occurred is None or record.occurred_at <= self.occurred) and (
            self.recorded is None or record.recorded_at <= self.recorded
        )


def _topics(event: Event) -> set[tuple[str, Any]]:
    """What it speaks of: its stream, and what it names."""
    named = ((name, getattr(event, name, None)) for name in BEGUN)
    return {("stream", ""), *((name, value) for name, value in named if value is not None)}
