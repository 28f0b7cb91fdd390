"""One batch of commands as ``ledger.append`` takes it, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, NamedTuple, cast
from uuid import UUID

from ledger import arrays
from ledger.database import Connection
from ledger.keys import SubjectKey

Outcome = Literal["stored", "repeated", "misused", "stale", "erased", "current"]

_CALL: Final = (
    "SELECT outcome, first, last FROM ledger.append(%b, %b, %b, %b, %b, %b, %b, %b, %b,"
    " %b, %b, %b, %b, %b, %b, %b, %b, %b)"
)


class Answer(NamedTuple):
    """What became of one command; ``first`` and ``last`` are positions, None where none."""

    outcome: Outcome
    first: int | None
    last: int | None


class Fact(NamedTuple):
    """One event, ready to be stored at its place."""

    stream: str
    version: int
    type: str
    schema: int
    at: datetime
    meta: bytes
    body: bytes


@dataclass(slots=True)
class Batch:
    """Columns, because that is how they travel. Commands are numbered from 1 as they are added."""

    ids: list[UUID] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    writes: list[bool] = field(default_factory=list)
    read_commands: list[int] = field(default_factory=list)
    read_streams: list[str] = field(default_factory=list)
    read_versions: list[int | None] = field(default_factory=list)
    event_commands: list[int] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    key_commands: list[int] = field(default_factory=list)
    keys: list[SubjectKey] = field(default_factory=list)

    def command(self, id: UUID, digest: bytes, *, write: bool) -> int:
        """Begin the next command; ``write`` false: it was refused, look only."""
        self.ids.append(id)
        self.digests.append(digest)
        self.writes.append(write)
        return len(self.ids)

    def read(self, command: int, stream: str, version: int | None) -> None:
        """It was decided on this stream at this version; None: as this batch left it."""
        self.read_commands.append(command)
        self.read_streams.append(stream)
        self.read_versions.append(version)

    def fact(self, command: int, fact: Fact) -> None:
        self.event_commands.append(command)
        self.facts.append(fact)

    def key(self, command: int, key: SubjectKey) -> None:
        """It encrypted with this key, which must stand when the batch is stored."""
        self.key_commands.append(command)
        self.keys.append(key)

    def send(self, connection: Connection) -> list[Answer]:
        """Append it in one call, one flush. One answer per command."""
        facts = self.facts
        rows = connection.execute(
            _CALL,
            (
                arrays.uuids(self.ids),
                arrays.blobs(self.digests),
                arrays.bools(self.writes),
                arrays.int4s(self.read_commands),
                arrays.texts(self.read_streams),
                arrays.int8s_or_null(self.read_versions),
                arrays.int4s(self.event_commands),
                arrays.texts([fact.stream for fact in facts]),
                arrays.int8s([fact.version for fact in facts]),
                arrays.texts([fact.type for fact in facts]),
                arrays.int2s([fact.schema for fact in facts]),
                arrays.moments([fact.at for fact in facts]),
                arrays.blobs([fact.meta for fact in facts]),
                arrays.blobs([fact.body for fact in facts]),
                arrays.int4s(self.key_commands),
                arrays.texts([key.subject for key in self.keys]),
                arrays.uuids([key.id for key in self.keys]),
                arrays.blobs_or_null([key.made for key in self.keys]),
            ),
            prepare=True,
            binary=True,
        ).fetchall()
        return [Answer(*cast("tuple[Outcome, int | None, int | None]", row)) for row in rows]
