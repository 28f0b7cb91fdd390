"""Mail that waits for a person, over the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from desk import dealing, waiting_mail
from desk.api import PROBLEMS
from desk.api_bodies import Body, FileRead, Wanted
from desk.api_visit import Key, Program
from desk.files import one_of, saved
from desk.forms import FormRefused
from desk.problem import FieldsRefused
from desk.visit import TheHouse
from domain.attachment import Attachment
from domain.inbound import Waiting

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["inbox"])


class MailListed(BaseModel):
    """``sender``: its address masked; ``waits``: why a person has to look at it."""

    mail: str
    received_at: datetime
    waits: Waiting
    sender: str | None
    headline: str | None


class MailRead(MailListed):
    """``number``: of the case that it names; ``open``: nobody has dealt with it yet."""

    number: str | None
    text: str | None
    files: list[FileRead]
    open: bool


class FileBody(Body):
    """``case``: its number or stream."""

    case: Wanted


class DismissBody(Body):
    reason: Wanted


@router.get("/inbox")
def waiting(person: Program, house: TheHouse) -> list[MailListed]:
    """The newest first."""
    return [MailListed.model_validate(asdict(it)) for it in waiting_mail.waiting(house, person)]


@router.get("/inbox/{mail}")
def read(person: Program, house: TheHouse, mail: str) -> MailRead:
    it = waiting_mail.opened(house, person, mail)
    files = [
        FileRead(id=one.file.id, name=one.name, media=one.file.media, size=one.file.size)
        for one in it.files
        if isinstance(one.file, Attachment)
    ]
    return MailRead.model_validate({**vars(it), "files": files})


@router.get("/inbox/{mail}/files/{id}", response_class=Response)
def save(person: Program, house: TheHouse, mail: str, id: str) -> Response:
    """One file of a mail that waits, as it came."""
    return saved(house.ledger, one_of(waiting_mail.found(house, person, mail).files, id))


@router.post("/inbox/{mail}/file")
def file(
    request: Request, person: Program, house: TheHouse, *, mail: str, body: FileBody, key: Key
) -> MailRead:
    """Its words become a message of the customer in the case."""
    try:
        dealing.file(request, person, mail, body.case, key)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    return read(person, house, mail)


@router.post("/inbox/{mail}/dismiss")
def dismiss(
    person: Program, house: TheHouse, *, mail: str, body: DismissBody, key: Key
) -> MailRead:
    """Not for us, and why."""
    try:
        dealing.dismiss(house, person, mail, body.reason, key)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    return read(person, house, mail)
