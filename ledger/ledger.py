"""The ledger as the rest of the house knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, TypeVar
from uuid import UUID

from domain.decider import Decider
from domain.event import Command, Context, Event, Recorded
from domain.personal import Personal
from ledger.blind import Purpose, find
from ledger.database import Connection, pool, reading
from ledger.digest import digest_of
from ledger.draft import Job, Receipt
from ledger.erasure import DestroyKey, destroy, stream_of
from ledger.errors import KeyDestroyed
from ledger.files import FilePlace
from ledger.files import keep as keep_file
from ledger.files import read as read_file
from ledger.folds import Fold, Folds, read_on
from ledger.keys import Keys, encrypt
from ledger.keys import place as place_of
from ledger.lane import PATIENCE, Lane
from ledger.log import read_at, read_head, read_history, read_known, read_log, read_told
from ledger.mapper import NO_CONTEXT
from ledger.plain import boxes_in, plain
from ledger.progress import Parked, Progress, ask_retry, read_parked, read_positions

S = TypeVar("S")
C = TypeVar("C", bound=Command)
E = TypeVar("E", bound=Event)

_LETTERS: Final = {"complaint": "C", "customer": "K", "deal": "D", "letter": "L", "retention": "R"}
"""Kind -> the letter its numbers begin with; each has a sequence ``ledger.number_<kind>``."""

_READERS: Final = 8
_LONGEST_NAME: Final = 200


class Ledger(AbstractContextManager["Ledger"]):
    """One way in, for desk, API, import and workflow alike. Thread-safe; one lane per process.

    database_url: as ``evercase_app``. master_key: 32 bytes that wrap the keys of subjects.
    cached: folds kept. most: commands in one flush. waiting: commands that may queue.
    patience: seconds a command waits for a database that is away.
    """

    def __init__(
        self,
        database_url: str,
        *,
        master_key: bytes,
        cached: int = 10_000,
        most: int = 256,
        waiting: int = 4096,
        patience: float = PATIENCE,
    ) -> None:
        self.url = database_url
        self._readers = pool(database_url, size=_READERS, patience=min(patience, 5.0))
        self.keys = Keys(self._readers, master_key)
        self._folds = Folds(cached)
        self._lane = Lane(
            database_url, self.keys, self._folds, most=most, waiting=waiting, patience=patience
        )

    def close(self) -> None:
        """Store what was given, then let go of the database."""
        self._lane.close()
        self._readers.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection for a read of your own."""
        return reading(self._readers)

    # in

    def handle(
        self, decider: Decider[S, C, E], stream: str, command: C, context: Context | None = None
    ) -> Receipt:
        """Decide on the stream as it is and store what follows; waits until it is durable.

        Raises the rules' own DomainError, RivalWrote, CommandIdMisused, KeyDestroyed, LaneFull,
        LedgerUnavailable, NotStored, Unreadable.
        """
        return self.submit(decider, stream, command, context).result()

    def submit(
        self, decider: Decider[S, C, E], stream: str, command: C, context: Context | None = None
    ) -> Future[Receipt]:
        """``handle`` without the waiting."""
        return self._give(decider, (stream,), command, context, across=False)

    def handle_across(
        self,
        decider: Decider[S, C, E],
        streams: Sequence[str],
        command: C,
        context: Context | None = None,
    ) -> Receipt:
        """One command over several streams, by ``decider.decide_across``: all of it or nothing."""
        return self._give(
            decider, tuple(dict.fromkeys(streams)), command, context, across=True
        ).result()

    def _give(
        self,
        decider: Decider[S, C, E],
        streams: tuple[str, ...],
        command: C,
        context: Context | None,
        *,
        across: bool,
    ) -> Future[Receipt]:
        for stream in streams:
            if not 0 < len(stream) <= _LONGEST_NAME or "|" in stream or "\0" in stream:
                raise ValueError("a stream's name has 1 to 200 characters, none of them | or NUL")
        if not streams:
            raise ValueError("a command is about at least one stream")
        context = context or NO_CONTEXT
        digest = self._digest(decider.name, streams, command, context)
        job = Job(decider, streams, command, context, digest, across)
        self._lane.submit(job)
        return job.future

    def _digest(
        self, decider: str, streams: tuple[str, ...], command: Command, context: Context
    ) -> bytes:
        secret = self.keys.secret("digest of commands")
        return digest_of(secret, decider, streams, command, context)

    # out

    def fold(self, decider: Decider[S, C, E], stream: str) -> Fold[S]:
        """The stream's state as of now; version 0 where it does not exist."""
        with self.reading() as connection:
            return read_on(connection, decider, stream, self._folds.peek(decider, stream))

    def history(self, stream: str) -> list[Recorded[Event]]:
        """All its events in order, lifted to today's classes, personal values still encrypted."""
        with self.reading() as connection:
            return read_history(connection, stream)

    def log(
        self, after: int, limit: int, types: frozenset[str] | None = None
    ) -> list[Recorded[Event]]:
        """Events with a position beyond ``after``, in order, at most ``limit``."""
        with self.reading() as connection:
            return read_log(connection, after, limit, types)

    def facts(self, positions: Sequence[int]) -> list[Recorded[Event]]:
        """The events at these positions, in the order of the log."""
        with self.reading() as connection:
            return read_at(connection, positions)

    def told(self, command: UUID) -> list[Recorded[Event]]:
        """The events that a command made; none while it is not known."""
        with self.reading() as connection:
            return read_told(connection, command)

    def head(self) -> int:
        """The last position; 0 while the log is empty."""
        with self.reading() as connection:
            return read_head(connection)

    def known(self, streams: Sequence[str]) -> set[str]:
        """Those of them that exist."""
        with self.reading() as connection:
            return read_known(connection, streams)

    def next_number(self, kind: str, year: int) -> str:
        """A number for people, such as ``C-2026-000123``; gaps are allowed."""
        return self.next_numbers(kind, [year])[0]

    def next_numbers(self, kind: str, years: Sequence[int]) -> list[str]:
        """One number for each of these years, in one read."""
        letter = _LETTERS.get(kind)
        if letter is None:
            raise ValueError(f"nothing is numbered as {kind}")
        with self.reading() as connection:
            rows = connection.execute(
                "SELECT nextval(%b::regclass) FROM generate_series(1, %b)",
                [f"ledger.number_{kind}", len(years)],
            ).fetchall()
        return [f"{letter}-{year}-{n:06}" for year, (n,) in zip(years, rows, strict=True)]

    # followers

    def positions(self) -> list[Progress]:
        """How far each build of each follower is."""
        with self.reading() as connection:
            return read_positions(connection)

    def parked(self) -> list[Parked]:
        """What followers left aside."""
        with self.reading() as connection:
            return read_parked(connection)

    def retry(self, name: str | None = None) -> int:
        """Ask followers to try again what they parked or stand still at; how many there are."""
        with self.reading() as connection:
            return ask_retry(connection, name)

    # personal data

    def open(self, personal: Personal) -> str | None:
        """The text; None where the key of its subject was destroyed. Raises Unreadable."""
        return self.keys.open_all([personal])[0]

    def open_in(self, value: Any) -> Any:
        """A model, dict or list as plain python data, every box opened (erased: None)."""
        boxes = list(boxes_in(value))
        texts: Iterator[str | None] = iter(self.keys.open_all(boxes))
        return plain(value, lambda _: next(texts))

    def keep_file(self, subject: str, place: FilePlace, content: bytes) -> str:
        """Encrypt and store a file; the digest that an event names it by. Raises KeyDestroyed."""
        with self.reading() as connection:
            return keep_file(connection, self.keys, subject, place, content)

    def open_file(self, place: FilePlace, digest: str) -> bytes | None:
        """Its bytes; None where the key of its subject was destroyed. Raises Unreadable."""
        with self.reading() as connection:
            return read_file(connection, self.keys, place, digest)

    def encrypt(self, subject: str, text: str, place: str) -> str:
        """For what is no fact and stands outside the log: a text that opens at ``place`` only.

        Raises KeyDestroyed, also where nothing personal of the subject is in the log.
        """
        key = self.keys.of(subject)
        if key.made is not None:
            raise KeyDestroyed(subject)
        return encrypt(key, text, place, 0, "")

    def open_at(self, place: str, stored: str) -> str | None:
        """What ``encrypt`` gave for this place; None where the key was destroyed."""
        return self.open(Personal(encrypted=f"{place_of(place, 0)}|{stored}"))

    def destroy_key(self, command: DestroyKey, context: Context | None = None) -> Receipt:
        """Make the subject's personal data unreadable for ever, everywhere, as a fact.

        Sent again it answers ``repeated``. Nothing personal of this subject is stored afterwards:
        commands that carry some raise KeyDestroyed.
        """
        context = context or NO_CONTEXT
        stream = stream_of(command.subject)
        digest = self._digest("key", (stream,), command, context)
        with self.reading() as connection:
            receipt = destroy(connection, digest, command, context)
        self.keys.forget(command.subject)
        return receipt

    def find(self, purpose: Purpose, text: str, limit: int = 50) -> list[str]:
        """Subjects found by this text through the blind index (as far as its follower is)."""
        with self.reading() as connection:
            return find(connection, self.keys, purpose, text, limit)
