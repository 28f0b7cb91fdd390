"""The library's ``ProjectionRunner`` over the events of a log, with our mapper, fold and upsert."""

from __future__ import annotations

import os
import pickle
from time import perf_counter
from typing import Any, ClassVar, Final
from uuid import UUID, uuid5

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.rows import tuple_row

from domain.event import Event, Recorded
from ledger.database import Connection
from ledger.log import read_rows
from ledger.mapper import Row, decode
from projections.build import Projection as OurProjection

_PAGE: Final = 100
_SOON: Final = 0.01
_NAMES: Final = UUID(int=0)


class _SameMapper(Mapper[UUID]):
    """Decodes a row of our log; the row stands as it was read in the event's state."""

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return decode(pickle.loads(stored_event.state))


class _Log(Application[UUID]):
    name = "bench"

    def construct_mapper(self) -> Mapper[UUID]:
        return _SameMapper(self.construct_transcoder())


class _View(PostgresTrackingRecorder):
    """Our fold of one event and the library's tracking of it, in one transaction."""

    ours: ClassVar[OurProjection]
    table: ClassVar[str]

    def take(self, recorded: Recorded[Event], tracking: Tracking) -> None:
        """An event that the queue shows nothing of is tracked alone, as ours passes over it."""
        with self.datastore.transaction(commit=True) as cursor:
            if self.ours.types is None or recorded.event.type_name in self.ours.types:
                self.ours.fold(_as_tuples(cursor.connection), self.table, [recorded])
            self._insert_tracking(cursor, tracking)


class _AsTuples:
    """The library's connections give rows as dictionaries; folds read tuples."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, query: Any, parameters: Any = None) -> Any:
        return self._connection.cursor(row_factory=tuple_row).execute(query, parameters)


def _as_tuples(connection: psycopg.Connection[Any]) -> Any:
    return _AsTuples(connection)


class _Project(Projection[_View]):
    name = "bench_queue"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.take(domain_event, tracking)


class Library:
    """The log's events again, in the library's own table, and a table for our fold of them."""

    def __init__(self, connection: Connection, url: str, ours: OurProjection, build: int) -> None:
        _View.ours, _View.table = ours, ours.table(build)
        parts = psycopg.conninfo.conninfo_to_dict(url)
        self._env = {
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(parts["dbname"]),
            "POSTGRES_HOST": str(parts.get("host", "")),
            "POSTGRES_PORT": str(parts.get("port", "5432")),
            "POSTGRES_USER": str(parts["user"]),
            "POSTGRES_PASSWORD": str(parts.get("password", "")) or os.environ["PGPASSWORD"],
            "POSTGRES_SCHEMA": "read",
        }
        application = _Log(env=self._env)
        after = 0
        while rows := read_rows(connection, after, _PAGE):
            application.recorder.insert_events([_stored(row) for row in rows])
            after = rows[-1][0]
        application.close()

    def rate(self, seconds: float) -> float:
        """Events per second for so long, going on where it stopped before."""
        with ProjectionRunner(
            application_class=_Log, projection_class=_Project, view_class=_View, env=self._env
        ) as runner:
            begun = _reached(runner.view)
            while (first := _reached(runner.view)) == begun:
                runner.is_interrupted.wait(_SOON)
            started = perf_counter()
            runner.is_interrupted.wait(seconds)
            return (_reached(runner.view) - first) / (perf_counter() - started)


def _stored(row: Row) -> StoredEvent:
    stream, version, type_name = row[1:4]
    return StoredEvent(uuid5(_NAMES, stream), version, type_name, pickle.dumps(row))


def _reached(view: _View) -> int:
    return view.max_tracking_id(_Log.name) or 0
