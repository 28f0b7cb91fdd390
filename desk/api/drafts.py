"""Drafts over the API: the same that the pages save while somebody types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from desk.acts.act import Act
from desk.acts.every import allowed
from desk.acts.page import check_about
from desk.api.bodies import Body, Plain
from desk.api.visit import PROBLEMS, Program
from desk.case import Case, find
from desk.drafts import Draft, NewerDraft, box_act, drafts_of, drop, keep, typed_into, words_of
from desk.forms import command_id
from desk.problem import NotAllowed, NotFound
from ledger import RivalWrote

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["drafts"])


class DraftBody(Body):
    """What stands in a box. ``edition``: the one it was typed over; another since then is a 412.

    form: the id of the form it is typed into; the same form with the same words is one wish.
    version: of the complaint when the box was opened; left out: as it is now.
    """

    fields: Annotated[Mapping[Plain, Plain], Field(max_length=50)]
    form: UUID | None = None
    edition: Annotated[int, Field(ge=0, lt=2**62)] = 0
    version: Annotated[int, Field(ge=0, lt=2**31)] | None = None


class DraftRead(BaseModel):
    """``edition`` 0: the words were sent already, and nothing is kept."""

    box: str
    fields: Mapping[str, str]
    form: UUID
    edition: int
    version: int
    saved_at: datetime | None


def _read(draft: Draft) -> DraftRead:
    return DraftRead.model_validate(draft, from_attributes=True)


@router.get("/complaints/{ref}/drafts")
def drafts(request: Request, person: Program, ref: str) -> list[DraftRead]:
    """Your own drafts in a complaint, by box: "reply", "note", or the path of an act."""
    return [_read(draft) for draft in drafts_of(find(request, person, ref)).values()]


@router.get("/complaints/{ref}/drafts/{box:path}")
def draft(request: Request, person: Program, ref: str, box: str) -> DraftRead:
    """One draft of your own."""
    found = drafts_of(find(request, person, ref)).get(box)
    if found is None:
        raise NotFound()
    return _read(found)


@router.put("/complaints/{ref}/drafts/{box:path}")
def save(request: Request, person: Program, ref: str, box: str, body: DraftBody) -> DraftRead:
    """Save what stands in a box. It is no fact; it is gone when it is sent."""
    case = find(request, person, ref)
    act, about = _box(case, box)
    questions = act.questions(case, case.speaker(), about)
    if not words_of(questions):
        raise NotFound()
    form, fields = body.form or uuid4(), typed_into(questions, body.fields)
    version = case.version if body.version is None else min(body.version, case.version)
    if command_id(form, body.fields) in {record.command_id for record in case.records}:
        return DraftRead(box=box, fields={}, form=form, edition=0, version=version, saved_at=None)
    try:
        return _read(keep(case, box, fields, form=form, version=version, seen=body.edition))
    except NewerDraft:
        raise RivalWrote("the draft was saved from another window") from None


@router.delete("/complaints/{ref}/drafts/{box:path}", status_code=204)
def throw_away(request: Request, person: Program, ref: str, box: str) -> Response:
    """Throw a draft of your own away."""
    case = find(request, person, ref)
    _box(case, box)
    drop(case, box)
    return Response(status_code=204)


def _box(case: Case, box: str) -> tuple[Act, str]:
    """Raises: NotFound, NotAllowed."""
    known = box_act(box)
    if known is None:
        raise NotFound()
    if not allowed(case, *known):
        raise NotAllowed()
    check_about(case, *known)
    return known
