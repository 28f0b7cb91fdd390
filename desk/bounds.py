"""Measures a business may change, as rows of ``desk.bound``: how often, and within what time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from starlette.exceptions import HTTPException

from desk.house import House

Name = Literal["person_search", "entered_late"]


class Bound(NamedTuple):
    most: int | None
    within: timedelta


class TooManySearches(HTTPException):
    """One person searched for people more often than the house allows (429)."""

    def __init__(self) -> None:
        super().__init__(429)


_BOUND: Final = "SELECT most, within FROM desk.bound WHERE name = %s"


def bound(db: Connection[Any], name: Name) -> Bound:
    """Raises LookupError where the row was taken away."""
    row = db.execute(_BOUND, [name]).fetchone()
    if row is None:
        raise LookupError(f"there is no bound {name}")
    return Bound(*row)


def entered_late(house: House) -> timedelta:
    """From this gap on a fact counts as entered later than it happened."""
    with house.pool.connection() as db:
        return bound(db, "entered_late").within


def count_search(house: House, staff: str) -> None:
    """One more search for a person by this colleague. Raises: TooManySearches."""
    now: datetime = house.now()
    with house.pool.connection() as db, db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"search {staff}"])
        most, within = bound(db, "person_search")
        db.execute("DELETE FROM desk.person_search WHERE staff = %s AND at <= %s",
                   [staff, now - within])  # fmt: skip
        row = db.execute(
            "SELECT count(*) FROM desk.person_search WHERE staff = %s", [staff]
        ).fetchone()
        if row is not None and most is not None and row[0] >= most:
            raise TooManySearches()
        db.execute("INSERT INTO desk.person_search VALUES (%s, %s)", [staff, now])
