"""Files as they came: to be saved, never shown inside the desk; here those of a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.case import Case, find
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
    case = find(request, person, ref)
    file = one_of(kept_in(case), id)
    return drawn(case.house.ledger, file) if small else saved(case.house.ledger, file)


def kept_in(case: Case) -> list[Attachment]:
    """The files that were kept, oldest first."""
    events = [record.event for record in case.records]
    return [event.file for event in events if isinstance(event, AttachmentKept)]


def one_of(files: Iterable[Attachment], id: str) -> Attachment:
    """Raises: NotFound."""
    file = next((one for one in files if one.id == id), None)
    if file is None:
        raise NotFound()
    return file


def saved(ledger: Ledger, file: Attachment) -> Response:
    """The file itself. Raises: NotFound."""
    content, name = opened(ledger, file), ledger.open(file.name)
    if name is None:
        raise NotFound()
    return _answer(content, file.media, f"attachment; filename*=UTF-8''{quote(name, safe='')}")


def drawn(ledger: Ledger, file: Attachment) -> Response:
    """Its small picture. Raises: NotFound."""
    return _answer(drawn_small(ledger, file), THUMBNAIL_MEDIA, "inline")


def _answer(content: bytes | None, media: str, disposition: str) -> Response:
    if content is None:
        raise NotFound()
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": SHUT_IN}
    return Response(content, media_type=media, headers=headers)
