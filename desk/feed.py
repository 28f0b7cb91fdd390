"""The feed of facts for programs: in the order of the log, within a person's reach, nothing
personal in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from psycopg import Connection

from desk.api.reads import EventRead
from desk.person import Person
from domain.access import Scope
from projections import history, history_page
from projections.history_page import Told
from projections.reading import look


class Page(NamedTuple):
    """``reached``: up to which position these are all there are for the person."""

    rows: list[Told]
    reached: int


def page(
    db: Connection[Any], person: Person, after: int, limit: int, types: Sequence[str] = ()
) -> Page:
    """The facts behind a position; of some types only, where any are named."""
    with look(db) as reading:
        head = reading.freshness(history.NAME).as_of
        rows = history_page.find(
            reading, reach(person), history_page.Facts(), after=after, limit=limit
        )
    reached = rows[-1].position if len(rows) == limit else max(head, after)
    return Page([row for row in rows if not types or row.type in types], reached)


def reach(person: Person) -> Scope:
    """Whose facts a person's programs may follow: those of the history page, else one's cases."""
    return person.scope("history" if person.reaches("history") else "case")


def told(row: Told) -> EventRead:
    return EventRead.model_validate({name: getattr(row, name) for name in EventRead.model_fields})
