"""What stands beside a complaint: who had it when, similar ones, and what holds for it."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from desk.api.reads import RowRead
from desk.api.rows import rows_read
from desk.api.visit import PROBLEMS, Program
from desk.case import find
from desk.complaint import similar_to
from desk.problem import NotFound
from desk.visit import TheHouse
from desk.waterfall import stretches

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["complaints"])


class StretchRead(BaseModel):
    """From when to when somebody had the complaint; ``owner`` null: nobody."""

    owner: str | None
    team: str
    began: datetime
    ended: datetime


class PolicyRead(BaseModel):
    """Ids with versions; ``why``: the properties by which the policy was chosen."""

    policy: str
    procedure: str
    calendars: list[str]
    why: list[str]


@router.get("/complaints/{ref}/time")
def time(request: Request, person: Program, ref: str) -> list[StretchRead]:
    """Who had it when, without the time in which it was closed."""
    return [
        StretchRead(owner=it.owner or None, team=it.team, began=it.began, ended=it.ended)
        for it in stretches(find(request, person, ref))
    ]


@router.get("/complaints/{ref}/similar")
def similar(request: Request, person: Program, house: TheHouse, ref: str) -> list[RowRead]:
    """What else came about the same product and category of late."""
    rows, _ = similar_to(find(request, person, ref))
    return rows_read(house, rows)


@router.get("/complaints/{ref}/policy")
def policy(request: Request, person: Program, ref: str) -> PolicyRead:
    """Which policy, procedure and calendars hold for it; its clocks are on the complaint."""
    terms = find(request, person, ref).state.terms
    if terms is None:
        raise NotFound()
    return PolicyRead(
        policy=str(terms.policy.ref),
        procedure=f"{terms.rules.id}@{terms.rules.version}",
        calendars=[f"{it.id}@{it.version}" for it in terms.calendars.values()],
        why=list(terms.why),
    )
