"""A customer's complaints for those who may not open them: that there is one, and how it stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from desk.house import House
from desk.person import Person
from domain.complaint import complaint
from domain.complaint_state import Complaint
from domain.proposal import Decision
from projections import queue
from projections.case import Row
from projections.reading import look


@dataclass(frozen=True)
class Outline:
    """``decision``, ``product`` and ``category``: for those who may read the summary."""

    number: str
    legal_entity: str
    stage: str
    owner: str | None
    product: str | None = None
    category: str | None = None
    decision: Decision | None = None


def outlines(
    house: House, person: Person, customer: str, shown: Collection[Row] = ()
) -> list[Outline]:
    """Open ones to who may see the outline, all to who may read the summary; newest first.

    ``shown``: those the person may open anyway, which are left out.
    """
    with house.pool.connection() as db, look(db) as reading:
        rows = queue.of_customer(reading, person.scope("outline"), customer)
    known = {row.stream for row in shown}
    return [
        _outline(house, row, summary)
        for row in rows
        if row.stream not in known
        for summary in [person.may("read", "summary", row.place)]
        if summary or row.closed_at is None
    ]


def _outline(house: House, row: Row, summary: bool) -> Outline:
    if not summary:
        return Outline(row.number, row.legal_entity, row.stage, row.owner)
    state: Complaint = house.ledger.fold(complaint, row.stream).state
    return Outline(
        row.number, row.legal_entity, row.stage, row.owner,
        product=row.product, category=row.category, decision=state.outcome,
    )  # fmt: skip


def outlined(house: House, person: Person, number: str) -> Row | None:
    """The case of a number, as far as its outline may be seen."""
    with house.pool.connection() as db, look(db) as reading:
        return queue.case(reading, person.scope("outline"), number)
