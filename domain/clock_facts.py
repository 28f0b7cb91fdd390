"""What happens to a clock: started, paused, warned, fulfilled, breached and the like."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import AwareDatetime

from domain.event import Event, Frozen
from domain.target import AnyTerms, ExtensionStep, Pause, Ref, Warn

Kind = Literal["service", "statutory"]


class ClockFact(Frozen):
    """What every clock event says. ``clock`` is the instance (``first_reply/1``).

    ``due`` is the due time after the event; of a paused clock, the one if it resumed at once.
    """

    clock: str
    kind: Kind
    policy: Ref
    calendar: Ref
    due: AwareDatetime


class Tally(Frozen):
    """How much had been counted by then, and the slices (empty where there are too many)."""

    counted: timedelta
    slices: tuple[tuple[AwareDatetime, AwareDatetime], ...] = ()


class ClockStarted(ClockFact, Event, type="ClockStarted"):
    """Counting began at ``started_at``, before or at ``at``.

    What a clock takes over from the one it ``replaces``: pauses, extensions, a breach (with its
    excuse), so that one breach is not told twice.
    """

    terms: AnyTerms
    started_at: AwareDatetime
    warns: tuple[Warn, ...]
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[ExtensionStep, ...] = ()
    replaces: str | None = None
    breached_at: AwareDatetime | None = None
    excused: str | None = None


class ClockPaused(ClockFact, Event, type="ClockPaused"):
    """Stands still from ``at``; a statutory clock names the article that allows it."""

    ground: str
    article: str | None
    counted: timedelta


class ClockResumed(ClockFact, Event, type="ClockResumed"):
    warns: tuple[Warn, ...]
    counted: timedelta


class ClockWarned(ClockFact, Event, type="ClockWarned"):
    """``threshold`` was reached; with it those of ``passed`` that nobody was warned of."""

    threshold: str
    passed: tuple[str, ...] = ()


class ClockFulfilled(ClockFact, Event, type="ClockFulfilled"):
    """What was promised was done; ``how``: "done", or a lesser way such as "holding"."""

    how: str
    tally: Tally


class ClockBreached(ClockFact, Event, type="ClockBreached"):
    """``at`` is the due time that went by, however late it was noticed."""

    tally: Tally


class ClockExcused(ClockFact, Event, type="ClockExcused"):
    """The breach stands and was not our fault; ``reason`` is a code."""

    reason: str
    approver: str


class ClockSuperseded(ClockFact, Event, type="ClockSuperseded"):
    """Another instance counts instead (``by``); ``reason`` is a code."""

    by: str | None
    reason: str
    tally: Tally


class ClockCancelled(ClockFact, Event, type="ClockCancelled"):
    """Nothing is owed any more (withdrawn, merged …); ``reason`` is a code."""

    reason: str
    tally: Tally


class ClockExtended(ClockFact, Event, type="ClockExtended"):
    """More time by approval; ``notice`` is the letter that told the customer."""

    step: ExtensionStep
    maker: str
    approver: str | None
    notice: str
    warns: tuple[Warn, ...]


ClockEvent = (
    ClockStarted
    | ClockPaused
    | ClockResumed
    | ClockWarned
    | ClockFulfilled
    | ClockBreached
    | ClockExcused
    | ClockSuperseded
    | ClockCancelled
    | ClockExtended
)
