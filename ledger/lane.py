"""The lane: one thread that stores what a process wants stored, many commands in one flush.

Whatever waits is taken together, decided in order, each on the outcome of the one before, and
appended in one call; what comes in meanwhile is the next flush. The database has the last word on
whether a command was decided on what is there; what was not is decided again. A fault of one
command is its own alone.
"""

from __future__ import annotations

import contextlib
import queue
import random
import threading
from collections.abc import Iterable
from time import monotonic, sleep
from typing import Final

import psycopg

from ledger.append import Answer
from ledger.bundle import Bundle
from ledger.database import Connection, connect, is_loss
from ledger.draft import Draft, Job, Receipt
from ledger.errors import (
    CommandIdMisused,
    KeyDestroyed,
    LaneFull,
    LedgerUnavailable,
    NotStored,
    RivalWrote,
)
from ledger.folds import Folds
from ledger.keys import Keys

MOST_TRIES: Final = 50
"""How often a command is decided again because a rival wrote, before ``RivalWrote``."""

PATIENCE: Final = 30.0
"""Seconds a command waits for a database that is away, before ``LedgerUnavailable``."""

_LONGEST_PAUSE: Final = 1.0


class Lane:
    """Give it jobs with ``submit``; each job's future is answered exactly once."""

    def __init__(
        self, url: str, keys: Keys, folds: Folds, *, most: int, waiting: int, patience: float
    ) -> None:
        self._url = url
        self._keys = keys
        self._folds = folds
        self._most = most
        self._waiting = waiting
        self._patience = patience
        self._queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._again: list[tuple[float, Job]] = []
        self._connection: Connection | None = None
        self._pause = 0.0
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="evercase lane", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Raises LaneFull, or LedgerUnavailable once closed."""
        if self._closing:
            raise LedgerUnavailable("the ledger is closed")
        if self._queue.qsize() >= self._waiting:
            raise LaneFull(f"{self._waiting} commands are waiting")
        job.future.set_running_or_notify_cancel()  # what is on its way is not taken back
        self._queue.put(job)

    def close(self) -> None:
        """Finish what was given, then stop."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        self._thread.join()

    # the thread

    def _work(self) -> None:
        while jobs := self._take():
            self._store(jobs)
        self._disconnect()

    def _take(self) -> list[Job]:
        """What is due again and what waits, at most one flush; nothing: closed and done."""
        most = self._most
        jobs = self._due(most)
        while not jobs:
            if self._closing and not self._again and self._queue.empty():
                return []
            soonest = min((at for at, _ in self._again), default=None)
            with contextlib.suppress(queue.Empty):
                timeout = None if soonest is None else max(soonest - monotonic(), 0.0)
                jobs += filter(None, [self._queue.get(timeout=timeout)])
            jobs = jobs or self._due(most)
        with contextlib.suppress(queue.Empty):
            while len(jobs) < most:
                jobs += filter(None, [self._queue.get_nowait()])
        return jobs

    def _due(self, most: int) -> list[Job]:
        if not self._again:
            return []
        now = monotonic()
        due = [entry for entry in self._again if entry[0] <= now][:most]
        self._again = [entry for entry in self._again if entry not in due]
        return [job for _, job in due]

    def _store(self, jobs: list[Job]) -> None:
        """Decide them, append what follows in one call, and answer."""
        bundle = Bundle(self._keys)
        try:
            aside = bundle.take(jobs, self._folds, self._connected)
            answers = bundle.send(self._connected()) if bundle.jobs else []
        except Exception as error:
            bundle.forget_keys()
            self._failed(jobs, error)
            return
        self._again += [(0.0, job) for job in aside]
        self._pause = 0.0
        self._answer_all(bundle, answers)

    # answers

    def _answer_all(self, bundle: Bundle, answers: list[Answer]) -> None:
        bundle.remember(answers, self._folds)
        for job, made, answer in zip(bundle.jobs, bundle.drafts, answers, strict=True):
            self._answer(job, made, answer)

    def _answer(self, job: Job, made: Draft, answer: Answer) -> None:
        match answer.outcome:
            case "stored":
                version = made.after[job.streams[0]].version
                job.future.set_result(Receipt("stored", answer.first, answer.last, version))
            case "repeated":
                job.future.set_result(Receipt("repeated", answer.first, answer.last, None))
            case "misused":
                job.future.set_exception(CommandIdMisused(str(job.command.command_id)))
            case "erased":
                job.future.set_exception(KeyDestroyed(job.streams[0]))
            case "current":
                job.future.set_exception(made.refusal)
            case "stale":
                self._try_again(job)

    def _try_again(self, job: Job) -> None:
        job.tries += 1
        if job.tries > MOST_TRIES:
            words = f"decided {MOST_TRIES} times, and each time a rival was faster"
            job.future.set_exception(RivalWrote(words))
            return
        pause = 0.0 if job.tries == 1 else _jitter(min(0.001 * 2**job.tries, 0.05))
        self._again.append((monotonic() + pause, job))

    # when something is wrong

    def _failed(self, jobs: Iterable[Job], error: Exception) -> None:
        waiting = {id(job) for _, job in self._again}
        unanswered = {id(job): job for job in _open(jobs) if id(job) not in waiting}
        if is_loss(error):
            self._lost(list(unanswered.values()))
        else:
            for job in unanswered.values():
                self._alone(job)

    def _lost(self, jobs: list[Job]) -> None:
        """We cannot know what was stored: forget every fold and send the same ids again."""
        self._folds.clear()
        self._disconnect()
        self._pause = min(max(self._pause * 2, 0.02), _LONGEST_PAUSE)
        now = monotonic()
        for job in jobs:
            if self._closing or now - job.since > self._patience:
                job.future.set_exception(LedgerUnavailable("the database does not answer"))
            else:
                self._again.append((now, job))
        sleep(_jitter(self._pause))

    def _alone(self, job: Job) -> None:
        """Something among several could not be stored: find it, and let the others pass."""
        bundle = Bundle(self._keys)
        try:
            bundle.take([job], self._folds, self._connected)
            if bundle.jobs:
                self._answer_all(bundle, bundle.send(self._connected()))
        except Exception as error:
            bundle.forget_keys()
            if is_loss(error):
                self._lost([job])
            else:
                self._folds.clear()
                job.future.set_exception(NotStored(type(error).__name__))

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = connect(self._url, "lane", patience=self._patience)
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()


def _open(jobs: Iterable[Job]) -> list[Job]:
    """Those that nobody has answered yet."""
    return [job for job in jobs if not job.future.done()]


def _jitter(most: float) -> float:
    """Seconds, so that rivals do not meet again at the same moment."""
    return random.uniform(0, most)  # noqa: S311 (no secret)
