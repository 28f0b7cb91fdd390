"""Mail that belongs to no case by itself and waits for a person: until filed or dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.event import Recorded
from domain.inbound import MailDismissed, MailFiled, MailKind, MailReceived, Waiting
from domain.personal import Personal
from projections.build import Projection, Rows, types_of
from projections.reading import Reading
from projections.rows import Shelf

NAME: Final = "inbox"
TABLES: Final = """
CREATE TABLE {table} (
    mail text PRIMARY KEY,
    legal_entity text NOT NULL,
    kind text NOT NULL,
    waits text NOT NULL,
    sender text,
    headline text,
    received_at timestamptz NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (legal_entity, received_at DESC, mail DESC);
"""


@dataclass(slots=True)
class MailRow:
    """One mail that waits. ``sender`` and ``headline``: encrypted."""

    mail: str
    legal_entity: str
    kind: MailKind
    waits: Waiting
    sender: str | None
    headline: str | None
    received_at: datetime
    position: int

    @property
    def words(self) -> tuple[Personal | None, Personal | None]:
        """Who wrote it, and its subject."""
        return _personal(self.sender), _personal(self.headline)


_MAILS: Final = Shelf(MailRow, "mail")
_EVENTS: Final = (MailReceived, MailFiled, MailDismissed)


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    waiting: dict[str, MailRow] = {}
    done: set[str] = set()
    for recorded in batch:
        match recorded.event:
            case MailReceived(waits=waits) if waits is not None:
                waiting[recorded.stream] = _row(recorded, recorded.event, waits)
            case MailFiled() | MailDismissed():
                done.add(recorded.stream)
    _MAILS.add(connection, table, [row for mail, row in waiting.items() if mail not in done])
    _MAILS.delete(connection, table, done)


PROJECTION: Final = Projection(NAME, TABLES, apply, on_error="park", types=types_of(*_EVENTS))


def _row(recorded: Recorded[Any], event: MailReceived, waits: Waiting) -> MailRow:
    return MailRow(
        mail=recorded.stream,
        legal_entity=event.legal_entity,
        kind=event.kind,
        waits=waits,
        sender=None if event.sender is None else event.sender.encrypted,
        headline=event.headline.encrypted,
        received_at=event.at,
        position=recorded.position,
    )


def _personal(encrypted: str | None) -> Personal | None:
    return None if encrypted is None else Personal(encrypted=encrypted)


# queries. ``entities``: those whose mail the person reads.

_OF: Final = """
SELECT * FROM {table} WHERE legal_entity = ANY (%(entities)s)
 ORDER BY received_at DESC, mail DESC LIMIT %(most)s
"""
_COUNT: Final = """
SELECT count(*) FROM (
    SELECT 1 FROM {table} WHERE legal_entity = ANY (%(entities)s) LIMIT %(most)s) AS waiting
"""


def waiting(reading: Reading, entities: Sequence[str], most: int) -> list[MailRow]:
    """The newest first."""
    return reading.rows(MailRow, NAME, _OF, {"entities": list(entities), "most": most})


def count(reading: Reading, entities: Sequence[str], most: int) -> int:
    """How many wait; no more than ``most`` are counted."""
    ((found,),) = reading.records(NAME, _COUNT, {"entities": list(entities), "most": most})
    return int(found)
