"""One measured figure, and how a number of rounds becomes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median_low
from typing import Literal


@dataclass(frozen=True)
class Measure:
    """``ours`` beside ``reference`` (per second, unless the name says otherwise).

    goal: what ``ratio`` has to reach, None where it is only reported. better: which way is good.
    rounds: the ratio of each round, in the order they were run.
    """

    name: str
    ours: float
    reference: float
    ratio: float
    goal: float | None
    better: Literal["higher", "lower"] = "higher"
    rounds: tuple[float, ...] = field(default=())


def of_rounds(
    name: str,
    pairs: Sequence[tuple[float, float]],
    goal: float | None,
    better: Literal["higher", "lower"] = "higher",
) -> Measure:
    """The round with the middle ratio stands for all; ``pairs`` are (ours, reference)."""
    ratios = tuple(ours / reference for ours, reference in pairs)
    middle = median_low(ratios)
    ours, reference = pairs[ratios.index(middle)]
    return Measure(name, ours, reference, middle, goal, better, ratios)
