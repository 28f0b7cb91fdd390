"""What the rows of a case say together: its facts, and its rows in order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from workers.importing.entry import RowRefused
from workers.importing.mapping import Source
from workers.importing.rows import value
from workers.importing.spool import Spooled


def first(source: Source, rows: Sequence[Spooled]) -> str | None:
    """What the first row in time says that says it; else what stands in for it."""
    for each in rows:
        found = value(source, each.values)
        if found is not None:
            return found
    return source.otherwise


def fact_of(name: str, source: Source | None, rows: Sequence[Spooled]) -> str | None:
    """Raises RowRefused where a fact that every case needs is told nowhere."""
    if source is None:
        return None
    found = first(source, rows)
    if found is None and name not in ("branch", "remedy_sought", "lodged_by", "order"):
        raise RowRefused(f"nothing in the case tells its {name} ({', '.join(source.names())})")
    return found


def in_time(spooled: Sequence[Spooled]) -> list[Spooled]:
    """The rows in order of time; one without a time of its own happened with the row before it.

    Raises RowRefused where no row of the case says a time.
    """
    known = [each.row.at for each in spooled if each.row.at is not None]
    if not known:
        raise RowRefused("no row of the case says a time")
    at = known[0]
    timed = []
    for each in spooled:
        at = each.row.at if each.row.at is not None else at
        timed.append(each if each.row.at else replace(each, row=replace(each.row, at=at)))
    return sorted(timed, key=moment_of)


def moment_of(spooled: Spooled) -> datetime:
    assert spooled.row.at is not None
    return spooled.row.at
