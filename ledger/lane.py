"""The lane: one thread that stores what a process wants stored, many commands in one flush.

Whatever waits is taken together, decided in order, each on the outcome of the one before, and
appended in one call. The database has the last word on whether it was decided on what is there;
what was not is decided again. A fault of one command is that command's alone.
"""

from __future__ import annotations

import contextlib
import queue
import random
import threading
from time import monotonic, sleep
from typing import Any, Final

import psycopg

from domain.decider import Decider
from ledger.append import Answer, Batch
from ledger.database import Connection, connect, is_loss
from ledger.draft import Draft, Job, Receipt, draft
from ledger.errors import (
    CommandIdMisused,
    KeyDestroyed,
    LaneFull,
    LedgerUnavailable,
    NotStored,
    RivalWrote,
)
from ledger.folds import Fold, Folds, read_folds, read_on
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
        self._queue.put(job)

    def close(self) -> None:
        """Finish what was given, then stop."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        self._thread.join()

    # the thread

    def _work(self) -> None:
        while batch := self._take():
            try:
                self._store(batch)
            except Exception as error:
                if is_loss(error):
                    self._lost(batch)
                else:
                    self._one_by_one(batch)
            else:
                self._pause = 0.0
        self._disconnect()

    def _take(self) -> list[Job]:
        """What is due again and what waits, at most ``most``; empty when closed and done."""
        batch: list[Job] = []
        while not batch:
            now = monotonic()
            due = [job for at, job in self._again if at <= now]
            self._again = [(at, job) for at, job in self._again if at > now]
            batch, later = due[: self._most], due[self._most :]
            self._again += [(now, job) for job in later]
            if not batch:
                if self._closing and not self._again and self._queue.empty():
                    return []
                soonest = min((at for at, _ in self._again), default=None)
                self._receive(batch, None if soonest is None else max(soonest - now, 0.0))
        with contextlib.suppress(queue.Empty):
            while len(batch) < self._most:
                job = self._queue.get_nowait()
                if job is not None:
                    batch.append(job)
        return batch

    def _receive(self, batch: list[Job], timeout: float | None) -> None:
        with contextlib.suppress(queue.Empty):
            job = self._queue.get(timeout=timeout)
            if job is not None:
                batch.append(job)

    def _store(self, jobs: list[Job]) -> None:
        """Read, decide, append, answer. Raises where the outcome is not known."""
        if self._connection is None:
            self._connection = connect(self._url, "lane", patience=self._patience)
        jobs, folds = self._read(self._connection, jobs)
        if not jobs:
            return
        batch, drafts = Batch(), []
        seen: set[str] = set()
        try:
            for job in jobs:
                made = draft(job, folds, self._keys)
                drafts.append(made)
                self._add(batch, job, made, folds, seen)
                folds.update(made.after)
            answers = batch.send(self._connection)
        except BaseException:
            self._forget_keys(drafts)
            raise
        self._remember(jobs, folds, drafts, answers)
        for job, made, answer in zip(jobs, drafts, answers, strict=True):
            self._answer(job, made, answer)

    def _read(
        self, connection: Connection, jobs: list[Job]
    ) -> tuple[list[Job], dict[str, Fold[Any]]]:
        """The jobs that can be decided now and the folds they need, kept ones first."""
        deciders: dict[str, Decider[Any, Any, Any]] = {}
        folds: dict[str, Fold[Any]] = {}
        wanted: dict[str, Decider[Any, Any, Any]] = {}
        taken: list[Job] = []
        for job in jobs:
            if any(
                deciders.setdefault(stream, job.decider).name != job.decider.name
                for stream in job.streams
            ):
                # Two rule books on one stream do not chain: the second sees what is stored.
                self._again.append((0.0, job))
                continue
            taken.append(job)
            for stream in job.streams:
                if stream not in folds and stream not in wanted:
                    kept = self._folds.peek(job.decider, stream)
                    if kept is None:
                        wanted[stream] = job.decider
                    else:
                        folds[stream] = kept
        if wanted:
            folds |= read_folds(connection, wanted)
        broken = [stream for stream in wanted if stream not in folds]
        if broken:
            taken = [job for job in taken if self._readable(connection, job, broken)]
        return taken, folds

    def _readable(self, connection: Connection, job: Job, broken: list[str]) -> bool:
        for stream in job.streams:
            if stream in broken:
                try:
                    read_on(connection, job.decider, stream)
                except Exception as error:
                    if is_loss(error):
                        raise
                    _fail(job, error)
                    return False
        return not set(broken).intersection(job.streams)

    @staticmethod
    def _add(
        batch: Batch, job: Job, made: Draft, folds: dict[str, Fold[Any]], seen: set[str]
    ) -> None:
        number = batch.command(job.command.command_id, job.digest, write=made.refusal is None)
        for stream in job.streams:
            batch.read(number, stream, None if stream in seen else folds[stream].version)
            seen.add(stream)
        for fact in made.facts:
            batch.fact(number, fact)
        for key in made.keys.values():
            batch.key(number, key)

    def _remember(
        self,
        jobs: list[Job],
        folds: dict[str, Fold[Any]],
        drafts: list[Draft],
        answers: list[Answer],
    ) -> None:
        """Keep the folds the append confirmed; drop those that something went wrong with."""
        doubtful: set[str] = set()
        deciders: dict[str, Decider[Any, Any, Any]] = {}
        for job, made, answer in zip(jobs, drafts, answers, strict=True):
            deciders.update(dict.fromkeys(job.streams, job.decider))
            if answer.outcome not in ("stored", "current"):
                doubtful.update(job.streams)
            for key in made.keys.values():
                if answer.outcome == "stored":
                    self._keys.stored(key)
                else:
                    self._keys.forget(key.subject)
        for stream, decider in deciders.items():
            if stream in doubtful:
                self._folds.drop(stream)
            else:
                self._folds.keep(decider, stream, folds[stream])

    def _answer(self, job: Job, made: Draft, answer: Answer) -> None:
        match answer.outcome:
            case "stored":
                version = made.after[job.streams[0]].version
                job.future.set_result(Receipt("stored", answer.first, answer.last, version))
            case "repeated":
                job.future.set_result(Receipt("repeated", answer.first, answer.last, None))
            case "misused":
                _fail(job, CommandIdMisused(str(job.command.command_id)))
            case "erased":
                _fail(job, KeyDestroyed(job.streams[0]))
            case "current":
                assert made.refusal is not None
                _fail(job, made.refusal)
            case "stale":
                self._try_again(job)

    def _try_again(self, job: Job) -> None:
        job.tries += 1
        if job.tries > MOST_TRIES:
            _fail(job, RivalWrote(f"decided {MOST_TRIES} times, and each time a rival was faster"))
            return
        pause = 0.0 if job.tries == 1 else _jitter(min(0.001 * 2**job.tries, 0.05))
        self._again.append((monotonic() + pause, job))

    # when something is wrong

    def _lost(self, batch: list[Job]) -> None:
        """We cannot know what was stored: forget every fold and send the same ids again."""
        self._folds.clear()
        self._disconnect()
        self._pause = min(max(self._pause * 2, 0.02), _LONGEST_PAUSE)
        now = monotonic()
        for job in batch:
            if job.future.done() or any(job is waiting for _, waiting in self._again):
                continue
            if self._closing or now - job.since > self._patience:
                _fail(job, LedgerUnavailable("the database does not answer"))
            else:
                self._again.append((now, job))
        sleep(_jitter(self._pause))

    def _one_by_one(self, batch: list[Job]) -> None:
        """Something in this batch cannot be stored: find it, and let the others pass."""
        for job in batch:
            if job.future.done() or any(job is waiting for _, waiting in self._again):
                continue
            try:
                self._store([job])
            except Exception as error:
                if is_loss(error):
                    self._lost([job])
                else:
                    self._folds.clear()
                    _fail(job, NotStored(type(error).__name__))

    def _forget_keys(self, drafts: list[Draft]) -> None:
        for made in drafts:
            for subject in made.keys:
                self._keys.forget(subject)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


def _jitter(most: float) -> float:
    """Seconds, so that rivals do not meet again at the same moment."""
    return random.uniform(0, most)  # noqa: S311 (no secret)


def _fail(job: Job, error: Exception) -> None:
    job.future.set_exception(error)
