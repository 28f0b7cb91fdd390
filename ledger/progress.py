"""How far the followers are, and what they could not take."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ledger.database import Connection


class Progress(NamedTuple):
    """One build of a follower. ``live``: readers use it (or there is no other build to use)."""

    name: str
    build: int
    live: bool
    position: int
    moved_at: datetime
    stopped_by: str | None
    """The kind of error it stands still at; the event is the one after ``position``."""
    parked: int


class Parked(NamedTuple):
    """An event a follower left aside, by the kind of error that made it."""

    name: str
    build: int
    position: int
    error: str
    parked_at: datetime
    retry: bool


def read_positions(connection: Connection) -> list[Progress]:
    rows = connection.execute(
        "SELECT p.name, p.build, coalesce(l.build = p.build, true), p.position, p.moved_at,"
        " p.stopped_by, (SELECT count(*) FROM read.parked k"
        " WHERE (k.name, k.build) = (p.name, p.build))"
        " FROM read.position p LEFT JOIN read.live l ON l.name = p.name ORDER BY p.name, p.build"
    )
    return [Progress(*row) for row in rows]


def read_parked(connection: Connection) -> list[Parked]:
    rows = connection.execute(
        "SELECT name, build, position, error, parked_at, retry FROM read.parked"
        " ORDER BY name, build, position"
    )
    return [Parked(*row) for row in rows]


def ask_retry(connection: Connection, name: str | None) -> int:
    """Let followers (one, or all) try again what they parked or stand still at; how many."""
    with connection.transaction():
        parked = connection.execute(
            "UPDATE read.parked SET retry = true WHERE %(name)s::text IS NULL OR name = %(name)s",
            {"name": name},
        ).rowcount
        stopped = connection.execute(
            "UPDATE read.position SET stopped_by = NULL WHERE stopped_by IS NOT NULL"
            " AND (%(name)s::text IS NULL OR name = %(name)s)",
            {"name": name},
        ).rowcount
        connection.execute("SELECT pg_notify('evercase_log', '')")
    return parked + stopped
