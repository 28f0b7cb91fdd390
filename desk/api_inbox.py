"""Mail that waits for a person, over the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from desk import inbox
from desk.api import PROBLEMS
from desk.api_bodies import Body, Wanted
from desk.api_visit import Program
from desk.forms import FormRefused
from desk.problem import FieldsRefused
from desk.visit import TheHouse
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
    """``files``: their names; ``open``: nobody has dealt with it yet."""

    text: str | None
    files: list[str]
    open: bool


class FileBody(Body):
    """``case``: its number or stream."""

    case: Wanted


class DismissBody(Body):
    reason: Wanted


@router.get("/inbox")
def waiting(person: Program, house: TheHouse) -> list[MailListed]:
    """The newest first."""
    return [MailListed.model_validate(asdict(it)) for it in inbox.waiting(house, person)]


@router.get("/inbox/{mail}")
def read(person: Program, house: TheHouse, mail: str) -> MailRead:
    return MailRead.model_validate(asdict(inbox.opened(house, person, mail)))


@router.post("/inbox/{mail}/file")
def file(
    request: Request, person: Program, house: TheHouse, *, mail: str, body: FileBody
) -> MailRead:
    """Its words become a message of the customer in the case."""
    try:
        inbox.file(request, person, mail, body.case)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    return read(person, house, mail)


@router.post("/inbox/{mail}/dismiss")
def dismiss(person: Program, house: TheHouse, *, mail: str, body: DismissBody) -> MailRead:
    """Not for us, and why."""
    try:
        inbox.dismiss(house, person, mail, body.reason)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    return read(person, house, mail)
