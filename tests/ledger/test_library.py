"""The eventsourcing library's own tests of recorders, on our log.

What of ``eventsourcing.tests.persistence`` cannot hold, and why:

- ``AggregateRecorderTestCase.test_insert_and_select``: within one test it begins a stream at
  version 1 and another at version 0; our versions count from 1, so that 0 can say "no such
  stream". It also wants no positions back, which every append of ours gives. What it shows about
  reading a stream (limits, order, version bounds) is ``test_reading_a_stream`` below.
- ``TrackingRecorderTestCase`` and ``ProcessRecorderTestCase``: they record positions of upstream
  applications that may leave gaps, beside events, in one recorder. Our followers keep their
  position in the transaction of their own writes, and it moves through the log without a gap.
- ``InfrastructureFactoryTestCase``, ``TranscoderTestCase`` and those of mappers, ciphers and
  compressors: events are pydantic models and become JSON without the library's transcoder, and
  personal values are encrypted one by one.

Tests that begin their streams at version 0 run through ``FromZero``, which counts from 1 inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from eventsourcing.persistence import ApplicationRecorder, IntegrityError, Notification, StoredEvent
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

from ledger.database import pool
from ledger.recorder import LogRecorder


class AnyState(LogRecorder):
    """The library's tests store bytes that are not JSON: they are kept as a JSON text."""

    def body(self, state: bytes) -> bytes:
        return orjson.dumps(state.decode())

    def state(self, body: bytes) -> bytes:
        text: str = orjson.loads(body)
        return text.encode()


class FromZero(AnyState):
    """For tests that count versions from 0."""

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **options: Any
    ) -> Sequence[int] | None:
        return super().insert_events(
            [
                replace(each, originator_version=each.originator_version + 1)
                for each in stored_events
            ]
        )

    def select_notifications(self, *args: Any, **kwargs: Any) -> Sequence[Notification]:
        found = super().select_notifications(*args, **kwargs)
        return [replace(each, originator_version=each.originator_version - 1) for each in found]


class OnOurLog:
    """Gives the library's test cases a recorder on a database of their own."""

    kind: type[LogRecorder] = AnyState

    @pytest.fixture(autouse=True)
    def _on_a_database(self, database: Any) -> Iterator[None]:
        self.database = database
        self.readers = pool(database.app_url, size=16, patience=30)
        yield
        self.readers.close()

    def create_recorder(self) -> Any:
        return self.kind(self.readers, self.database.app_url)

    def new_originator_id(self) -> UUID | str:
        return str(uuid4())


class TestCountingFromOne(OnOurLog, ApplicationRecorderTestCase[ApplicationRecorder]):
    """test_insert_select, test_performance, and what the library calls optional."""

    test_concurrent_no_conflicts = None
    test_concurrent_throughput = None

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()

    def test_reading_a_stream(self) -> None:
        recorder, stream = self.create_recorder(), str(uuid4())
        stored = [StoredEvent(stream, version, f"t{version}", b"s") for version in range(1, 6)]
        assert recorder.insert_events([]) == []
        assert recorder.select_events(stream, desc=True, limit=1) == []
        recorder.insert_events(stored)
        assert recorder.select_events(stream) == stored
        assert recorder.select_events(stream, desc=True, limit=1) == stored[-1:]
        assert recorder.select_events(stream, lte=3, desc=True, limit=1) == [stored[2]]
        assert recorder.select_events(stream, gt=1, lte=3) == stored[1:3]
        for refused in (stored[:1], [stored[4], StoredEvent(stream, 6, "t", b"s")]):
            with pytest.raises(IntegrityError):
                recorder.insert_events(refused)
        with pytest.raises(IntegrityError):
            recorder.insert_events([StoredEvent(stream, 6, "t", b"s")] * 2)
        with pytest.raises(IntegrityError):
            recorder.insert_events([StoredEvent(stream, 7, "t", b"s")])
        assert recorder.select_events(stream) == stored


class TestCountingFromZero(OnOurLog, ApplicationRecorderTestCase[ApplicationRecorder]):
    """test_concurrent_no_conflicts, test_concurrent_throughput."""

    kind = FromZero
    INITIAL_VERSION = 0
    test_insert_select = None
    test_performance = None


class TestNonInterleaving(OnOurLog, NonInterleavingNotificationIDsBaseCase):
    """Two big saves at once: the positions of one come wholly before those of the other."""

    kind = FromZero


del ApplicationRecorderTestCase, NonInterleavingNotificationIDsBaseCase
