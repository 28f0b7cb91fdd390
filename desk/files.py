"""Files of a case, as they came: to be saved, never shown inside the desk."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.complaint import find
from desk.keeping import opened
from desk.problem import NotFound
from desk.visit import SignedIn
from domain.attachment import AttachmentKept

router = APIRouter(include_in_schema=False)

SHUT_IN: Final = "default-src 'none'; sandbox"


@router.get("/complaints/{ref}/files/{id}")
def save(request: Request, person: SignedIn, ref: str, id: str) -> Response:
    """For who may read the case; what was erased is there for nobody."""
    case = find(request, person, ref)
    events = [record.event for record in case.records]
    kept = [event.file for event in events if isinstance(event, AttachmentKept)]
    file = next((one for one in kept if one.id == id), None)
    content = None if file is None else opened(case.house.ledger, file)
    name = None if file is None else case.house.ledger.open(file.name)
    if file is None or content is None or name is None:
        raise NotFound()
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": SHUT_IN,
    }
    return Response(content, media_type=file.media, headers=headers)
