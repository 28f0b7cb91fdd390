"""Files of a case, as they came: to be saved, never shown inside the desk."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.case import Case
from desk.complaint import find
from desk.file_kinds import THUMBNAIL_MEDIA
from desk.keeping import drawn_small, opened
from desk.problem import NotFound
from desk.visit import SignedIn
from domain.attachment import Attachment, AttachmentKept

router = APIRouter(include_in_schema=False)

SHUT_IN: Final = "default-src 'none'; sandbox"


@router.get("/complaints/{ref}/files/{id}")
def save(
    request: Request,
    person: SignedIn,
    ref: str,
    id: str,
    small: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """For who may read the case; what was erased is there for nobody. ``small``: its picture."""
    case = find(request, person, ref)
    return drawn(case, id) if small else saved(case, id)


def saved(case: Case, id: str) -> Response:
    """The file itself. Raises: NotFound."""
    file = _file(case, id)
    content, name = opened(case.house.ledger, file), case.house.ledger.open(file.name)
    if name is None:
        raise NotFound()
    return _answer(content, file.media, f"attachment; filename*=UTF-8''{quote(name, safe='')}")


def drawn(case: Case, id: str) -> Response:
    """Its small picture. Raises: NotFound."""
    return _answer(drawn_small(case.house.ledger, _file(case, id)), THUMBNAIL_MEDIA, "inline")


def _file(case: Case, id: str) -> Attachment:
    events = [record.event for record in case.records]
    kept = [event.file for event in events if isinstance(event, AttachmentKept)]
    file = next((one for one in kept if one.id == id), None)
    if file is None:
        raise NotFound()
    return file


def _answer(content: bytes | None, media: str, disposition: str) -> Response:
    if content is None:
        raise NotFound()
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": SHUT_IN}
    return Response(content, media_type=media, headers=headers)
