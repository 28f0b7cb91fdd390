"""Files of a case over the API: which there are, and one of them as it came."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.api.reads import FileRead
from desk.api.visit import PROBLEMS, Program
from desk.case import find
from desk.files import kept_in, one_of, saved
from domain.attachment import Attachment

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["complaints"])


@router.get("/complaints/{ref}/files")
def files(request: Request, person: Program, ref: str) -> list[FileRead]:
    """The files that were kept, oldest first."""
    case = find(request, person, ref)
    shown = [it for files in case.files.values() for it in files]
    return [
        FileRead(id=it.file.id, name=it.name, media=it.file.media, size=it.file.size)
        for it in shown
        if isinstance(it.file, Attachment)
    ]


@router.get("/complaints/{ref}/files/{id}", response_class=Response)
def file(request: Request, person: Program, ref: str, id: str) -> Response:
    """One file, as it came."""
    case = find(request, person, ref)
    return saved(case.house.ledger, one_of(kept_in(case), id))
