"""A page of complaints as programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from desk.api.reads import PageRead, RowRead
from desk.house import House
from desk.person import Person
from desk.queue import cursor_of, cursor_text, viewer_of
from desk.words.facts import Speaker
from projections import queue
from projections.case import Row
from projections.queue_page import Filters, Tab
from projections.queue_page import page as rows_of
from projections.reading import look

After = Annotated[str, Query(max_length=400)]
Size = Annotated[int, Query(ge=1, le=200)]


def listed(
    house: House, person: Person, tab: Tab, filters: Filters, *, say: Speaker, after: str, size: int
) -> PageRead:
    viewer = viewer_of(house, person, say.now)
    with house.pool.connection() as db, look(db) as reading:
        found = rows_of(reading, viewer, tab, filters=filters, after=cursor_of(after), size=size)
        fresh = reading.freshness(queue.NAME)
    return PageRead(
        rows=rows_read(house, found.rows),
        next=cursor_text(found.next) if found.next else None,
        as_of=fresh.as_of,
        lag_seconds=fresh.lag_seconds,
    )


def rows_read(house: House, rows: Sequence[Row]) -> list[RowRead]:
    """Each with the customer's words opened."""
    texts = house.ledger.open_in([row.own_words for row in rows])
    return [
        RowRead.model_validate(
            {name: getattr(row, name) for name in RowRead.model_fields if name != "what_happened"}
            | {"what_happened": text}
        )
        for row, text in zip(rows, texts, strict=True)
    ]
