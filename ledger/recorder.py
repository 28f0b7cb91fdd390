"""The log as the eventsourcing library sees one: its tools can read it, and its tests try it.

Writes go through the same append as every command. A topic is a type, with ``@schema`` where that
is not 1; the state is the JSON body. Versions count from 1 without a gap, so does the position.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import psycopg
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    StoredEvent,
)
from psycopg import sql
from psycopg_pool import ConnectionPool

from ledger.append import Batch, Fact
from ledger.database import CHANNEL, Connection, connect, reading
from ledger.log import read_head

_COLUMNS: Final = "stream, version, type, schema, body"
_META: Final = b'{"actor":{"kind":"automation","id":"eventsourcing"}}'
_LOOK: Final = 0.1
"""Seconds after which a subscription looks whether it was stopped."""


class LogRecorder(ApplicationRecorder):
    """``readers`` give connections to the log as the app; ``url`` is for subscriptions."""

    def __init__(self, readers: ConnectionPool[Connection], url: str) -> None:
        self._readers = readers
        self.url = url

    def body(self, state: bytes) -> bytes:
        """The JSON that is stored of a state."""
        return state

    def state(self, body: bytes) -> bytes:
        """The state in a stored body."""
        return body

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **_options: Any
    ) -> Sequence[int] | None:
        """Positions of the events, all stored or none. Raises IntegrityError where a stream is
        not where the first of them says, or the versions leave a gap."""
        if not stored_events:
            return []
        batch = Batch()
        number = batch.command(uuid4(), b"", write=True)
        reached: dict[str, int] = {}
        for stored in stored_events:
            stream, version = str(stored.originator_id), stored.originator_version
            if stream not in reached:
                batch.read(number, stream, version - 1)
            elif version != reached[stream] + 1:
                raise IntegrityError(f"version {version} does not follow {reached[stream]}")
            reached[stream] = version
            kind, _, schema = stored.topic.partition("@")
            body = self.body(stored.state)
            at = datetime.now(UTC)
            batch.fact(number, Fact(stream, version, kind, int(schema or 1), at, _META, body))
        try:
            with reading(self._readers) as connection:
                (answer,) = batch.send(connection)
        except psycopg.IntegrityError as error:
            raise IntegrityError(str(error)) from error
        if answer.outcome != "stored" or answer.first is None:
            raise IntegrityError(f"not stored: {answer.outcome}")
        return list(range(answer.first, answer.first + len(stored_events)))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        query = sql.SQL(
            "SELECT {} FROM ledger.event WHERE stream = %b AND version > %b"
            " AND version <= coalesce(%b, version) ORDER BY version {} LIMIT %b"
        ).format(sql.SQL(_COLUMNS), sql.SQL("DESC" if desc else "ASC"))
        with reading(self._readers) as connection:
            rows = connection.execute(
                query, (str(originator_id), gt or 0, lte, limit), binary=True
            ).fetchall()
        return [StoredEvent(**self._told(*row)) for row in rows]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        after = (start or 0) - (1 if inclusive_of_start and start else 0)
        query = sql.SQL(
            "SELECT position, {} FROM ledger.event WHERE position > %b"
            " AND position <= coalesce(%b, position)"
            " AND (%b::text[] = '{{}}' OR type"
            "      || CASE WHEN schema = 1 THEN '' ELSE '@' || schema END = ANY (%b::text[]))"
            " ORDER BY position LIMIT %b"
        ).format(sql.SQL(_COLUMNS))
        with reading(self._readers) as connection:
            rows = connection.execute(
                query, (after, stop, list(topics), list(topics), limit), binary=True
            ).fetchall()
        return [Notification(id=row[0], **self._told(*row[1:])) for row in rows]

    def max_notification_id(self) -> int | None:
        with reading(self._readers) as connection:
            return read_head(connection) or None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> LogSubscription:
        return LogSubscription(self, gt, topics)

    def _told(
        self, stream: str, version: int, kind: str, schema: int, body: bytes
    ) -> dict[str, Any]:
        return {
            "originator_id": stream,
            "originator_version": version,
            "topic": kind if schema == 1 else f"{kind}@{schema}",
            "state": self.state(body),
        }


class LogSubscription(ListenNotifySubscription[LogRecorder]):
    """Events as they are appended."""

    def __init__(
        self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._listen_thread = threading.Thread(target=self._listen, daemon=True)
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    def _listen(self) -> None:
        try:
            with connect(self._recorder.url, "subscription") as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                # What came before we listened rang no bell.
                self._has_been_notified.set()
                while not self._has_been_stopped and not self._thread_error:
                    for _ in connection.notifies(timeout=_LOOK, stop_after=1):
                        self._has_been_notified.set()
        except psycopg.Error as error:
            self._thread_error = self._thread_error or error
            self.stop()
