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

from desk.demo_customer import LONGEST, NotTaken, answer, door, hand_in
from desk.forms import FormRefused, Question, command_id, form_id
from desk.house import House
from desk.masks import masked
from desk.page import page
from desk.person import Person
from desk.problem import NotFound
from desk.queue import speaker
from desk.visit import OwnForm, SignedIn, TheHouse, see
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
    return _letter(request, house, _found(house, person, name))


def _found(house: House, person: Person, name: str) -> Mail:
    """Raises: NotFound."""
    found = [mail for mail in _mails(house, person, MOST_READABLE) if mail.name == name]
    if not NAME.match(name) or not found:
        raise NotFound()
    return found[0]


def _letter(
    request: Request,
    house: House,
    mail: Mail,
    *,
    text: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    """With the form of the demo's customer, where there is one to answer."""
    person: Person = request.state.person
    say = speaker(house, person)
    asked = Question(
        "text", say("What the customer answers"), "long_text",
        rows=5, most=LONGEST, value=text, wrong=wrong,
    )  # fmt: skip
    answers = bool(mail.number) and door(house) is not None
    return page(request, "letter.html", status=status, mail=mail, answer=asked if answers else None)


@router.post("/mail/{name}/answer")
def answer_it(
    request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, name: str
) -> Response:
    """As the customer, by mail, in a demo."""
    mail, port = _found(house, person, name), door(house)
    letter = _message(house.home / "mail" / f"{name}.eml")
    if not mail.number or port is None or letter is None:
        raise NotFound()
    say, text = speaker(house, person), typed.get("text", "").strip()
    if not text:
        return _letter(request, house, mail, wrong=say("This is needed."), status=422)
    if len(text) > LONGEST:
        wrong = say("At most %(most)s characters.", most=LONGEST)
        return _letter(request, house, mail, text=text, wrong=wrong, status=422)
    try:
        id = command_id(form_id(typed), typed)
        hand_in(port, answer(letter, text, id=id, now=house.now()))
    except FormRefused:
        words = say("This form is too old. Send it again.")
        return _letter(request, house, mail, text=text, wrong=words, status=422)
    except NotTaken:
        words = say("The mailbox does not take it at the moment. Try again.")
        return _letter(request, house, mail, text=text, wrong=words, status=503)
    return see(f"/complaints/{mail.number}")


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
    message, kept = _message(file), _kept_at(file)
    if message is None:
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


def _message(file: Path) -> EmailMessage | None:
    try:
        message = message_from_bytes(file.read_bytes(), policy=default)
    except (OSError, MessageError):
        return None
    return message if isinstance(message, EmailMessage) else None
