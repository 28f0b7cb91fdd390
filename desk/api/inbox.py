"""Mail that waits for a person, over the API."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from desk import dealing, from_mail, waiting_mail
from desk.api.bodies import Body, Plain, Wanted
from desk.api.commands import lodged
from desk.api.lodge import LodgeBody, LodgeMailBody, lodge_command
from desk.api.reads import FileRead, Lodged
from desk.api.visit import PROBLEMS, Key, Program
from desk.files import one_of, saved
from desk.forms import FormRefused, stream_for
from desk.house import House
from desk.lodge import handle
from desk.lodge_form import LONGEST
from desk.person import Person
from desk.problem import FieldsRefused
from desk.queue import speaker
from desk.visit import TheHouse
from desk.waiting_mail import PAGE
from desk.words.facts import Speaker
from domain.attachment import Attachment
from domain.inbound import Waiting
from domain.inbound import mail as rules
from ledger import Receipt

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["inbox"])


class MailListed(BaseModel):
    """``sender``: its address masked; ``waits``: why a person has to look at it."""

    mail: str
    received_at: datetime
    waits: Waiting
    sender: str | None
    headline: str | None


class InboxRead(BaseModel):
    """``next``: give it as ``after`` for the page behind this one."""

    mails: list[MailListed]
    next: str | None


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
def waiting(
    person: Program,
    house: TheHouse,
    *,
    after: Annotated[Plain, Query(max_length=60)] = "",
    size: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> InboxRead:
    """A page of them, the newest first."""
    mails, next = waiting_mail.waiting(house, person, after, size)
    return InboxRead(mails=[MailListed.model_validate(asdict(it)) for it in mails], next=next)


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


@router.post("/inbox/{mail}/lodge", status_code=201)
def lodge(
    response: Response,
    *,
    person: Program,
    house: TheHouse,
    mail: str,
    body: LodgeMailBody,
    key: Key,
) -> Lodged:
    """A complaint of its own: lodged, and the mail filed to it, in one."""
    say, letter = speaker(house, person), from_mail.letter_of(house, person, mail)
    case = stream_for("complaint", key, key)
    if house.ledger.fold(rules, mail).state.filed_to == case:
        return lodged(response, house, case, Receipt("repeated", None, None, None))
    try:
        told = _told(house, person, letter, body, say)
        command = lodge_command(house, person, told, key, say)
    except FormRefused as refused:
        raise FieldsRefused(refused.fields) from None
    wish = from_mail.lodging(house, letter, command, told.what_happened)
    return lodged(response, house, case, handle(house, wish))


def _told(
    house: House, person: Person, letter: from_mail.Letter, body: LodgeMailBody, say: Speaker
) -> LodgeBody:
    """With what the mail says where the body is silent. Raises: FormRefused."""
    known = from_mail.known_senders(house, person, letter.event)
    customer = body.customer or (known[0] if len(known) == 1 else None)
    said = body.what_happened or letter.whole[: LONGEST["what_happened"]]
    needed = {"customer": customer, "what_happened": said}
    wrong = {name: say("This is needed.") for name, value in needed.items() if not value}
    if customer is None or wrong:
        raise FormRefused(wrong)
    return LodgeBody.model_validate(
        {
            **body.model_dump(),
            "customer": customer,
            "what_happened": said,
            "channel": "email",
            "at": letter.event.at,
        }
    )


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
