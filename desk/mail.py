"""The mail drop: letters that the embedded stack kept instead of sending them, as they look."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from desk.house import House
from desk.masks import masked
from desk.page import page
from desk.person import Person
from desk.problem import NotFound
from desk.visit import SignedIn, TheHouse
from projections import letters
from projections.reading import look

router = APIRouter(include_in_schema=False)

NAME: Final = re.compile(r"[0-9a-f]{16,64}\Z")
MOST: Final = 100
MOST_READABLE: Final = 1000


@dataclass(frozen=True)
class Mail:
    """One letter in the drop. ``number``: of the case it is about; "" for one to a colleague."""

    name: str
    number: str
    sent: datetime
    to: str
    from_: str
    subject: str
    body: str


@router.get("/mail")
def show(request: Request, person: SignedIn, house: TheHouse) -> Response:
    with house.pool.connection() as db, look(db) as reading:
        fresh = reading.freshness(letters.NAME)
    return page(request, "mail.html", mails=_mails(house, person), fresh=fresh)


@router.get("/mail/{name}")
def letter(request: Request, person: SignedIn, house: TheHouse, name: str) -> Response:
    found = [mail for mail in _mails(house, person, MOST_READABLE) if mail.name == name]
    if not NAME.match(name) or not found:
        raise NotFound()
    return page(request, "letter.html", mail=found[0])


def _mails(house: House, person: Person, most: int = MOST) -> list[Mail]:
    """The newest letters about cases that the person may see, and those to the person."""
    with house.pool.connection() as db, look(db) as reading:
        sent = letters.latest(reading, person.scope("case"), "sent", most)
    about = {_file_name(row.message_id): row.number for row in sent if row.message_id}
    folder = house.home / "mail"
    files = sorted(folder.glob("*.eml"), key=_kept_at, reverse=True) if folder.is_dir() else []
    own = house.ledger.open(person.record.email) if person.record.email is not None else None
    mails = []
    for file in files:
        if file.stem in about:
            letter = _read(file, about[file.stem])
            mails.append(letter and replace(letter, to=masked(letter.to) or ""))
        elif own is not None and (mail := _read(file, "")) is not None and mail.to == own:
            mails.append(mail)
        if len(mails) == most:
            break
    return [mail for mail in mails if mail is not None]


def _file_name(message_id: str) -> str:
    """The drop names a message by its Message-ID."""
    return hashlib.sha256(message_id.strip().encode()).hexdigest()[:32]


def _kept_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _read(file: Path, number: str) -> Mail | None:
    """None where it is gone, or is no letter."""
    try:
        content, kept = file.read_bytes(), file.stat().st_mtime
        message = message_from_bytes(content, policy=default)
    except (OSError, MessageError):
        return None
    if not isinstance(message, EmailMessage):
        return None
    part = message.get_body(("plain",))
    try:
        body = str(part.get_content()) if part is not None else ""
    except (LookupError, UnicodeError):
        body = ""
    return Mail(
        name=file.stem,
        number=number,
        sent=datetime.fromtimestamp(kept, UTC),
        to=str(message.get("To", "")),
        from_=str(message.get("From", "")),
        subject=str(message.get("Subject", "")),
        body=body,
    )
