"""Mail that waits for a person: read, filed to a case, or put aside with a reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from desk.case import load
from desk.filing import file_by_hand, id_of, received
from desk.finding import complaint_stream, wait
from desk.forms import FormRefused, Question, filled
from desk.house import House
from desk.masks import masked
from desk.page import page
from desk.person import Person
from desk.problem import NotAllowed, NotFound, trouble_of
from desk.queue import speaker
from desk.terms import term
from desk.visit import OwnForm, SignedIn, TheHouse, see
from domain.decider import DomainError
from domain.inbound import DismissMail, MailDealtWith, MailUnknown, Waiting
from domain.inbound import mail as rules
from domain.personal import Personal
from ledger import KeyDestroyed
from projections import inbox
from projections.reading import look

router = APIRouter(include_in_schema=False)

MAIL: Final = re.compile(r"mail-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
MOST: Final = 200
LONGEST_REASON: Final = 1_000


@dataclass(frozen=True)
class Listed:
    """``sender`` masked; None: erased."""

    mail: str
    received_at: datetime
    waits: Waiting
    sender: str | None
    headline: str | None


@dataclass(frozen=True)
class Opened(Listed):
    """``files``: their names."""

    text: str | None
    files: list[str]
    open: bool


def waiting(house: House, person: Person) -> list[Listed]:
    """Raises: NotAllowed."""
    if not person.widely("case"):
        raise NotAllowed()
    with house.pool.connection() as db, look(db) as reading:
        rows = inbox.waiting(reading, person.widely("case"), MOST)
    opened = house.ledger.open_in([row.words for row in rows])
    return [
        Listed(row.mail, row.received_at, row.waits, _shown(sender), headline)
        for row, (sender, headline) in zip(rows, opened, strict=True)
    ]


def opened(house: House, person: Person, stream: str) -> Opened:
    """Raises: NotFound, also for another entity's."""
    event = received(house.ledger, stream) if MAIL.match(stream) else None
    if event is None or event.waits is None or event.legal_entity not in person.widely("case"):
        raise NotFound()
    told = house.ledger.open_in(event)
    return Opened(
        mail=stream,
        received_at=event.at,
        waits=event.waits,
        sender=_shown(told["sender"]),
        headline=told["headline"],
        text=told["text"],
        files=[name for one in told["files"] if (name := one["name"])],
        open=house.ledger.fold(rules, stream).state.open,
    )


def file(request: Request, person: Person, stream: str, number: str) -> None:
    """Raises: NotFound, NotAllowed, FormRefused, DomainError, KeyDestroyed."""
    house: House = request.app.state.house
    _mine(house, person, stream)
    say = speaker(house, person)
    unknown = FormRefused({"case": say("No case of yours has this number.")})
    case = complaint_stream(house, person, number.strip())
    if case is None:
        raise unknown
    try:
        found = load(request, person, case)
    except NotFound:
        raise unknown from None
    found.check("write")
    state = house.ledger.fold(rules, stream).state
    if not state.open and state.filed_to != case:
        raise MailDealtWith()
    file_by_hand(
        house.ledger,
        stream,
        case,
        actor=person.actor(),
        now=house.now(),
        largest=house.largest_file,
    )


def dismiss(house: House, person: Person, stream: str, reason: str) -> None:
    """Raises: NotFound, NotAllowed, FormRefused, DomainError, KeyDestroyed."""
    _mine(house, person, stream)
    say, reason = speaker(house, person), reason.strip()
    if not reason:
        raise FormRefused({"reason": say("This is needed.")})
    if len(reason) > LONGEST_REASON:
        raise FormRefused({"reason": say("At most %(most)s characters.", most=LONGEST_REASON)})
    command = DismissMail(
        command_id=id_of(stream, f"dismiss {person.staff}"),
        at=house.now(),
        actor=person.actor(),
        reason=Personal(reason),
    )
    house.ledger.handle(rules, stream, command)


def _shown(sender: str | None) -> str | None:
    """The name as it stands, the address masked."""
    if sender is None:
        return None
    name, address = parseaddr(sender)
    shown = (masked(name) if "@" in name else name, masked(address or sender))
    return " ".join(part for part in shown if part)


def _mine(house: House, person: Person, stream: str) -> None:
    event = received(house.ledger, stream) if MAIL.match(stream) else None
    if event is None or event.waits is None or event.legal_entity not in person.widely("case"):
        raise MailUnknown()
    if event.legal_entity not in person.widely("case", "write"):
        raise NotAllowed()


@router.get("/inbox")
def show(
    request: Request,
    person: SignedIn,
    house: TheHouse,
    *,
    done: Annotated[bool, Query()] = False,
    position: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    wait(house, inbox.NAME, position)
    mails = waiting(house, person)
    with house.pool.connection() as db, look(db) as reading:
        fresh = reading.freshness(inbox.NAME)
    words = partial(term, person.language)
    return page(request, "inbox.html", mails=mails, done=done, fresh=fresh, term=words)


@router.get("/inbox/{mail}")
def read(request: Request, person: SignedIn, house: TheHouse, mail: str) -> Response:
    return _page(request, house, person, mail)


def _page(
    request: Request,
    house: House,
    person: Person,
    mail: str,
    *,
    typed: dict[str, str] | None = None,
    fields: dict[str, str] | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    say = speaker(house, person)
    asked = filled(
        [
            Question("case", say("Number of the case"), most=60),
            Question("reason", say("Why"), "long_text", rows=2, most=LONGEST_REASON),
        ],
        typed or {},
        fields,
    )
    it = opened(house, person, mail)
    return page(
        request,
        "inbox_mail.html",
        status=status,
        it=it,
        case=asked[0],
        reason=asked[1],
        may_file=bool(person.widely("case", "write")),
        wrong=wrong,
        term=partial(term, person.language),
    )


@router.post("/inbox/{mail}/{deed}")
def deal(
    request: Request, person: SignedIn, typed: OwnForm, house: TheHouse, *, mail: str, deed: str
) -> Response:
    try:
        if deed == "file":
            file(request, person, mail, typed.get("case", ""))
        elif deed == "dismiss":
            dismiss(house, person, mail, typed.get("reason", ""))
        else:
            raise NotFound()
    except FormRefused as refused:
        words = speaker(house, person)("Look at the marked fields.")
        return _page(
            request, house, person, mail,
            typed=dict(typed), fields=dict(refused.fields), wrong=words, status=422,
        )  # fmt: skip
    except MailUnknown:
        raise NotFound() from None
    except (DomainError, KeyDestroyed) as error:
        trouble = trouble_of(error, person.language)
        return _page(
            request, house, person, mail,
            typed=dict(typed), wrong=trouble.detail, status=trouble.status,
        )  # fmt: skip
    return see(f"/inbox?done=yes&position={max(house.ledger.head(), 1)}")
