"""A moment to come, as people name one in advance: behind now, and within reach of a calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from domain.decider import DomainError

FURTHEST: Final = timedelta(days=5 * 366)


class MomentHasPassed(DomainError):
    """It is for later than the moment in which it is said."""


class MomentTooFar(DomainError):
    """Nobody can answer for what is years away."""


def check_later(at: datetime, moment: datetime, field: str) -> None:
    """Raises: MomentHasPassed, MomentTooFar."""
    if moment <= at:
        raise MomentHasPassed(field=field)
    if moment - at > FURTHEST:
        raise MomentTooFar(field=field)
