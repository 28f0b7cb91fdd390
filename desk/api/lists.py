"""Lists that a person saved, for programs; their cases are those of the complaints' list."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from desk import lists
from desk.api.bodies import Body, Plain
from desk.api.reads import PageRead
from desk.api.rows import After, Size, listed
from desk.api.visit import PROBLEMS, Program
from desk.problem import FieldsRefused, NotFound
from desk.queue import speaker
from desk.queue_filters import Asked, Chosen, readable
from desk.visit import TheHouse
from domain.complaint_facts import Severity
from projections.case import Stage
from projections.queue_page import Tab

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["lists"])

Name = Annotated[str, Path(min_length=1, max_length=60)]
Short = Annotated[Plain, Field(max_length=60)]


class ListBody(Body):
    """A tab and its filters; what is empty narrows nothing. ``due`` counts from when it is read."""

    tab: Tab = "mine"
    owner: Short = ""
    team: Short = ""
    entity: Short = ""
    stage: Stage | Literal[""] = ""
    severity: Severity | Literal[""] = ""
    clock: Literal["service", "statutory", ""] = ""
    due: Literal["today", "week", "over", ""] = ""
    breached: Literal["yes", "no", ""] = ""


class ListRead(BaseModel):
    name: str
    tab: str
    filters: dict[str, str]


@router.get("/lists")
def saved(person: Program, house: TheHouse) -> list[ListRead]:
    """Your saved lists by name."""
    with house.pool.connection() as db:
        found = readable(lists.saved(db, person.login))
    return [_told(name, asked) for name, asked in found.items()]


@router.put("/lists/{name:path}")
def save(person: Program, house: TheHouse, *, name: Name, body: ListBody) -> ListRead:
    """Keep a list by a name; the same name is kept anew."""
    asked = Asked(Chosen(**body.model_dump(exclude={"tab"})), body.tab)
    with house.pool.connection() as db:
        if not lists.save(db, person.login, name, asked.address):
            say = speaker(house, person)
            words = say("You have %(most)s already.", most=lists.MOST_SAVED)
            raise FieldsRefused({"name": words})
    return _told(name, asked)


@router.delete("/lists/{name:path}", status_code=204)
def forget(person: Program, house: TheHouse, name: Name) -> None:
    with house.pool.connection() as db:
        lists.forget(db, person.login, name)


@router.get("/lists/{name:path}")
def cases(
    person: Program, house: TheHouse, *, name: Name, after: After = "", size: Size = 50
) -> PageRead:
    """A page of the complaints in a saved list, in the order in which people should work."""
    with house.pool.connection() as db:
        asked = readable(lists.saved(db, person.login)).get(name)
    if asked is None:
        raise NotFound()
    say = speaker(house, person)
    filters = asked.chosen.filters(say)
    return listed(house, person, asked.tab, filters, say=say, after=after, size=size)


def _told(name: str, asked: Asked) -> ListRead:
    return ListRead(name=name, tab=asked.tab, filters=asked.chosen.kept)
