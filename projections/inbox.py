"""Mail that belongs to no case by itself and waits for a person: until filed or dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from domain.access import Scope
from domain.event import Recorded
from domain.inbound import MailDismissed, MailFiled, MailKind, MailReceived, Waiting
from domain.personal import Personal
from ledger import SubjectKeyDestroyed
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "inbox"
TABLES: Final = (
    """
CREATE TABLE {table} (
    mail text PRIMARY KEY,
    legal_entity text NOT NULL,
    kind text NOT NULL,
    waits text NOT NULL,
    case_stream text,
    sender text,
    headline text,
    received_at timestamptz NOT NULL,
    position bigint NOT NULL,
    state text NOT NULL
);
CREATE INDEX ON {table} (state, legal_entity, received_at DESC, mail DESC);
"""
    + PLACE_TABLE
)

MailState = Literal["waits", "filed", "done"]
"""``filed``: its own copy of the words is still to be erased."""


@dataclass(slots=True)
class MailRow:
    """One mail that waits. ``sender`` and ``headline``: encrypted.

    case_stream: of the case that it names, without being taken for its customer's word.
    """

    mail: str
    legal_entity: str
    kind: MailKind
    waits: Waiting
    case_stream: str | None
    sender: str | None
    headline: str | None
    received_at: datetime
    position: int
    state: MailState = "waits"

    @property
    def words(self) -> tuple[Personal | None, Personal | None]:
        """Who wrote it, and its subject."""
        return _personal(self.sender), _personal(self.headline)


_MAILS: Final = Shelf(MailRow, "mail")
_EVENTS: Final = (MailReceived, MailFiled, MailDismissed)


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    about = {
        _mail_of(recorded) for recorded in batch if isinstance(recorded.event, _EVENTS + _ERASED)
    }
    rows = _MAILS.read(connection, table, about) if about else {}
    for recorded in batch:
        mail = _mail_of(recorded)
        match recorded.event:
            case MailReceived(waits=waits) if waits is not None:
                rows[mail] = _row(recorded, recorded.event, waits)
            case MailFiled() if mail in rows:
                rows[mail].state = "filed"
            case MailDismissed() if mail in rows:
                rows[mail].state = "done"
            case SubjectKeyDestroyed() if mail in rows and rows[mail].state == "filed":
                rows[mail].state = "done"
    _MAILS.write(connection, table, list(rows.values()))


_ERASED: Final = (SubjectKeyDestroyed,)
PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="park", types=types_of(*_EVENTS, *_ERASED, *MOVES), version=4
)


def _mail_of(recorded: Recorded[Any]) -> str:
    event = recorded.event
    return event.subject if isinstance(event, SubjectKeyDestroyed) else recorded.stream


def _row(recorded: Recorded[Any], event: MailReceived, waits: Waiting) -> MailRow:
    return MailRow(
        mail=recorded.stream,
        legal_entity=event.legal_entity,
        kind=event.kind,
        waits=waits,
        case_stream=event.case,
        sender=None if event.sender is None else event.sender.encrypted,
        headline=event.headline.encrypted,
        received_at=event.at,
        position=recorded.position,
    )


def _personal(encrypted: str | None) -> Personal | None:
    return None if encrypted is None else Personal(encrypted=encrypted)


# queries. ``entities``: those whose mail the person reads; ``scope``: of the thing "case".


_OF: Final = """
  FROM {table} AS t LEFT JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE t.legal_entity = ANY (%(entities)s) AND t.state = %(state)s
   AND (t.case_stream IS NULL OR {within})
"""
_BEHIND: Final = """
   AND (%(after)s = '' OR (t.received_at, t.mail) < (
       SELECT a.received_at, a.mail FROM {table} AS a WHERE a.mail = %(after)s))
 ORDER BY t.received_at DESC, t.mail DESC LIMIT %(most)s
"""
_LISTED: Final = "SELECT t.*" + _OF + _BEHIND
_COUNTED: Final = "SELECT count(*)" + _OF


def waiting(
    reading: Reading,
    scope: Scope,
    entities: Sequence[str],
    *,
    most: int,
    after: str = "",
    state: MailState = "waits",
) -> list[MailRow]:
    """The newest first, or those behind the mail ``after``."""
    within, parameters = cases_within(scope, "c")
    parameters |= {"entities": list(entities), "most": most, "after": after, "state": state}
    return reading.rows(MailRow, NAME, _LISTED, parameters, within=within)


def count(reading: Reading, scope: Scope, entities: Sequence[str]) -> int:
    """How many wait."""
    within, parameters = cases_within(scope, "c")
    parameters |= {"entities": list(entities), "state": "waits"}
    ((found,),) = reading.records(NAME, _COUNTED, parameters, within=within)
    return int(found)
