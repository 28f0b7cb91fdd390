"""Commands given to the ledger's lane with many in flight, their answers taken in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from time import sleep
from typing import Any, Final

from domain.decider import Decider
from domain.event import Command, Context
from ledger import LaneFull, Ledger, Receipt

IN_FLIGHT: Final = 512
"""Commands given and not answered yet: enough for full flushes, few enough to hold in memory."""
_PAUSE: Final = 0.02

Answered = Callable[[Future[Receipt]], None]


class Feed:
    """Bounded: whoever gives waits for the oldest answer when too many are in flight."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._waiting: deque[tuple[Future[Receipt], Answered]] = deque()

    def give(
        self,
        decider: Decider[Any, Any, Any],
        stream: str,
        command: Command,
        context: Context,
        answered: Answered,
    ) -> None:
        """``answered`` is called in this thread, in the order of giving."""
        while len(self._waiting) >= IN_FLIGHT:
            self._take()
        while True:
            try:
                future = self._ledger.submit(decider, stream, command, context)
            except LaneFull:
                self._take() if self._waiting else sleep(_PAUSE)
            else:
                self._waiting.append((future, answered))
                return

    def drain(self) -> None:
        """Wait for every answer."""
        while self._waiting:
            self._take()

    def _take(self) -> None:
        future, answered = self._waiting.popleft()
        future.exception()
        answered(future)
