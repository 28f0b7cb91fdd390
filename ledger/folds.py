"""States of streams, read from the log and kept for the next command: a bounded cache.

A state is kept with the rule book that folded it and the version it stands at. Whether it is
still the newest is the append's question, not the cache's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar

from domain.decider import Decider
from ledger.database import Connection
from ledger.mapper import decode_event

S = TypeVar("S")

_READ: Final = (
    "SELECT stream, version, type, schema, occurred_at, body FROM ledger.event"
    " WHERE stream = ANY (%b::text[]) ORDER BY stream, version"
)
_READ_ON: Final = (
    "SELECT stream, version, type, schema, occurred_at, body FROM ledger.event"
    " WHERE stream = %b AND version > %b ORDER BY version"
)


class Fold(NamedTuple, Generic[S]):
    """A stream's state at a version; version 0 where the stream does not exist."""

    state: S
    version: int


class Folds:
    """The newest ``most`` folds. Written by one thread; others may ``peek``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[str, Fold[Any]]] = OrderedDict()

    def peek(self, decider: Decider[S, Any, Any], stream: str) -> Fold[S] | None:
        """What is kept of the stream as this rule book sees it."""
        kept = self._kept.get(stream)
        return kept[1] if kept is not None and kept[0] == decider.name else None

    def keep(self, decider: Decider[S, Any, Any], stream: str, fold: Fold[S]) -> None:
        self._kept[stream] = (decider.name, fold)
        self._kept.move_to_end(stream)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, stream: str) -> None:
        self._kept.pop(stream, None)

    def clear(self) -> None:
        self._kept.clear()


def read_folds(
    connection: Connection, wanted: dict[str, Decider[Any, Any, Any]]
) -> dict[str, Fold[Any]]:
    """Fold these streams from the log, all in one read. A stream that cannot be read is left out:
    its command meets the error alone (see ``read_on``)."""
    rows = connection.execute(_READ, (list(wanted),), prepare=True, binary=True).fetchall()
    found = {stream: Fold(decider.initial, 0) for stream, decider in wanted.items()}
    for stream, of_it in groupby(rows, itemgetter(0)):
        decider = wanted[stream]
        try:
            found[stream] = _fold(decider, Fold(decider.initial, 0), of_it)
        except Exception:
            del found[stream]
    return found


def read_on(
    connection: Connection, decider: Decider[S, Any, Any], stream: str, fold: Fold[S] | None = None
) -> Fold[S]:
    """The stream's fold as it stands, on from an older one. Raises Unreadable."""
    fold = fold or Fold(decider.initial, 0)
    rows = connection.execute(_READ_ON, (stream, fold.version), prepare=True, binary=True)
    return _fold(decider, fold, rows)


def _fold(decider: Decider[S, Any, Any], fold: Fold[S], rows: Iterable[tuple[Any, ...]]) -> Fold[S]:
    state, reached = fold
    evolve = decider.evolve
    for stream, version, type_name, schema, at, body in rows:
        event = decode_event(type_name, schema, body, at=at, stream=stream, version=version)
        state = evolve(state, event)
        reached = version
    return Fold(state, reached)
