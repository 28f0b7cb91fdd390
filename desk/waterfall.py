"""Where the time of one case went: owner after owner, team after team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.case import Case, find
from desk.page import page
from desk.visit import SignedIn
from domain.complaint_facts import ComplaintClosed, ComplaintReopened
from domain.ownership import HandOverAccepted, OwnerAssigned

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Stretch:
    """From when to when somebody had the case; ``owner`` empty: nobody. In per cent of all."""

    owner: str
    team: str
    began: datetime
    ended: datetime
    start: float = 0
    share: float = 0

    @property
    def length(self) -> timedelta:
        return self.ended - self.began


@router.get("/complaints/{ref}/time")
def show(request: Request, person: SignedIn, ref: str) -> Response:
    case = find(request, person, ref)
    say = case.speaker()
    return page(
        request, "waterfall.html", zone=case.zone, case=case, state=case.state, say=say,
        stretches=stretches(case),
    )  # fmt: skip


def stretches(case: Case) -> list[Stretch]:
    """In order, without the time in which the case was closed."""
    received = case.state.received_at or case.records[0].event.at
    owner, team, since, closed = "", case.row.team, received, False
    found: list[Stretch] = []
    for record in case.records:
        event = record.event
        match event:
            case OwnerAssigned() | HandOverAccepted():
                found.append(Stretch(owner, team, since, event.at))
                owner, team, since = event.owner, event.team, event.at
            case ComplaintClosed():
                found.append(Stretch(owner, team, since, event.at))
                closed = True
            case ComplaintReopened():
                since, closed = event.at, False
    if not closed:
        found.append(Stretch(owner, team, since, case.house.now()))
    kept = [it for it in found if it.length > timedelta(0)]
    return _laid_out(kept)


def _laid_out(stretches: list[Stretch]) -> list[Stretch]:
    if not stretches:
        return []
    first, whole = stretches[0].began, stretches[-1].ended - stretches[0].began
    return [
        Stretch(
            it.owner, it.team, it.began, it.ended,
            start=round(100 * ((it.began - first) / whole), 1),
            share=max(round(100 * (it.length / whole), 1), 0.5),
        )
        for it in stretches
    ]  # fmt: skip
