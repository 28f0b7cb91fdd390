"""Colleagues who may see a complaint: whom a note can call."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request

from desk.api.visit import PROBLEMS, Program
from desk.called import colleagues
from desk.case import find
from domain.mention import Colleague

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["complaints"])

MOST: Final = 8


class ColleagueRead(BaseModel):
    """``call``: what calls them behind ``@``: their name, or their login where others have it."""

    staff: str
    login: str
    name: str
    call: str


@router.get("/complaints/{ref}/colleagues")
def who(
    request: Request,
    person: Program,
    ref: str,
    begins: Annotated[str, Query(max_length=60)] = "",
) -> list[ColleagueRead]:
    """Colleagues whose login or a word of whose name begins so, by name; eight at most."""
    case, wanted = find(request, person, ref), begins.strip().casefold()
    known, say = colleagues(case), case.speaker()
    shared = Counter(name.casefold() for it in known for name in it.called)
    found = []
    for it in known:
        if it.reads and it.staff != person.staff and _fits(it, wanted):
            name = say.name(it.staff)
            call = name if shared[name.casefold()] == 1 else it.login
            found.append(ColleagueRead(staff=it.staff, login=it.login, name=name, call=call))
    return sorted(found, key=lambda each: say.by_sound(each.name))[:MOST]


def _fits(colleague: Colleague, wanted: str) -> bool:
    names = (name.casefold() for name in colleague.called)
    return any(_begins(name, wanted) for name in names)


def _begins(name: str, wanted: str) -> bool:
    return any(part.startswith(wanted) for part in (name, *name.split()))
