"""Open promises over the API; they are made, moved and kept as commands of their case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from desk.api.visit import PROBLEMS, Program
from desk.problem import NotAllowed
from desk.visit import TheHouse
from projections import promises
from projections.reading import look

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["complaints"])


class OpenPromise(BaseModel):
    """``name`` goes into the commands of the complaint ``case``; staff by their streams."""

    name: str
    case: str
    number: str
    what: str | None
    owner: str
    due: datetime
    moved: int
    broken: bool
    offered_to: str | None


@router.get("/promises")
def mine(
    person: Program,
    house: TheHouse,
    customer: Annotated[str | None, Query(max_length=60)] = None,
) -> list[OpenPromise]:
    """What one has promised and not kept yet; of a customer's stream, what anybody has."""
    if not person.reaches("case"):
        raise NotAllowed()
    with house.pool.connection() as db, look(db) as reading:
        found = promises.promises(
            reading,
            person.scope("case"),
            owner=None if customer else person.staff,
            customer=customer,
        )
    texts = house.ledger.open_in([it.words for it in found])
    return [
        OpenPromise(
            name=it.promise,
            case=it.case_stream,
            number=it.number,
            what=text,
            owner=it.owner,
            due=it.due,
            moved=it.moved,
            broken=it.broken_at is not None,
            offered_to=it.offered_to,
        )
        for it, text in zip(found, texts, strict=True)
    ]
