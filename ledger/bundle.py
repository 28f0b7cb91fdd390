"""Commands on their way together: decided in order, each on what the one before left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from domain.decider import Decider
from ledger.append import Answer, Batch
from ledger.database import Connection, is_loss
from ledger.draft import Draft, Job, draft
from ledger.folds import Fold, Folds, read_folds, read_on
from ledger.keys import Keys


class Bundle:
    """Jobs with their drafts, and the folds of all their streams as they will be."""

    def __init__(self, keys: Keys) -> None:
        self.jobs: list[Job] = []
        self.drafts: list[Draft] = []
        self._keys = keys
        self._batch = Batch()
        self._folds: dict[str, Fold[Any]] = {}
        self._deciders: dict[str, Decider[Any, Any, Any]] = {}
        self._seen: set[str] = set()

    def take(self, jobs: Sequence[Job], kept: Folds, reader: Callable[[], Connection]) -> list[Job]:
        """Decide these too, on folds that are kept or else read. Answers those set aside.

        Two rule books on one stream do not chain: the second has to see what is stored. A job
        whose stream cannot be read is refused here. Raises where the database does not answer.
        """
        ready, aside = [], []
        wanted: dict[str, Decider[Any, Any, Any]] = {}
        for job in jobs:
            if self._another_rule_book(job):
                aside.append(job)
                continue
            ready.append(job)
            for stream in job.streams:
                self._deciders[stream] = job.decider
                if stream not in self._folds and stream not in wanted:
                    fold = kept.peek(job.decider, stream)
                    if fold is None:
                        wanted[stream] = job.decider
                    else:
                        self._folds[stream] = fold
        broken = self._read(reader(), wanted) if wanted else {}
        for job in ready:
            error = next((broken[stream] for stream in job.streams if stream in broken), None)
            if error is None:
                self._add(job)
            else:
                job.future.set_exception(error)
        return aside

    def send(self, connection: Connection) -> list[Answer]:
        """Append it; one answer per job."""
        return self._batch.send(connection)

    def remember(self, answers: Sequence[Answer], kept: Folds) -> None:
        """Keep what the append confirmed; forget folds and keys that it did not."""
        doubtful: set[str] = set()
        for job, made, answer in zip(self.jobs, self.drafts, answers, strict=True):
            if answer.outcome not in ("stored", "current"):
                doubtful.update(job.streams)
            for key in made.keys.values():
                if answer.outcome == "stored":
                    self._keys.stored(key)
                else:
                    self._keys.forget(key.subject)
        for stream in self._seen:
            if stream in doubtful:
                kept.drop(stream)
            else:
                kept.keep(self._deciders[stream], stream, self._folds[stream])

    def forget_keys(self) -> None:
        """It was not stored, or we do not know: ask for its keys again."""
        for made in self.drafts:
            for subject in made.keys:
                self._keys.forget(subject)

    def _another_rule_book(self, job: Job) -> bool:
        deciders = (self._deciders.get(stream, job.decider) for stream in job.streams)
        return any(decider.name != job.decider.name for decider in deciders)

    def _read(
        self, connection: Connection, wanted: dict[str, Decider[Any, Any, Any]]
    ) -> dict[str, Exception]:
        """Fold these; what is wrong with those that cannot be."""
        found = read_folds(connection, wanted)
        broken: dict[str, Exception] = {}
        for stream in wanted.keys() - found.keys():
            try:
                found[stream] = read_on(connection, wanted[stream], stream)
            except Exception as error:
                if is_loss(error):
                    raise
                broken[stream] = error
        self._folds |= found
        return broken

    def _add(self, job: Job) -> None:
        made = draft(job, self._folds, self._keys)
        self.jobs.append(job)
        self.drafts.append(made)
        number = self._batch.command(job.command.command_id, job.digest, write=made.refusal is None)
        for stream in job.streams:
            version = None if stream in self._seen else self._folds[stream].version
            self._batch.read(number, stream, version)
            self._seen.add(stream)
        for fact in made.facts:
            self._batch.fact(number, fact)
        for key in made.keys.values():
            self._batch.key(number, key)
        self._folds.update(made.after)
