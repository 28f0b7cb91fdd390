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
from ledger import Ledger

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
    file = file_of(find(request, person, ref), id)
    if small:
        drawn = drawn_small(request.app.state.house.ledger, file)
        return _answer(drawn, THUMBNAIL_MEDIA, "inline")
    name, content = file_opened(request.app.state.house.ledger, file)
    kind = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return _answer(content, file.media, kind)


def file_of(case: Case, id: str) -> Attachment:
    """A file of the case by its id. Raises: NotFound."""
    events = [record.event for record in case.records]
    kept = [event.file for event in events if isinstance(event, AttachmentKept)]
    file = next((one for one in kept if one.id == id), None)
    if file is None:
        raise NotFound()
    return file


def file_opened(ledger: Ledger, file: Attachment) -> tuple[str, bytes]:
    """Its name and bytes. Raises: NotFound, where they were erased."""
    content, name = opened(ledger, file), ledger.open(file.name)
    if content is None or name is None:
        raise NotFound()
    return name, content


def _answer(content: bytes | None, media: str, disposition: str) -> Response:
    if content is None:
        raise NotFound()
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": SHUT_IN}
    return Response(content, media_type=media, headers=headers)
