"""Mail that waits for a person, as far as the reader may see it.

A mail belongs to the company that it came to; one that names a case also to those who may read
that case, and to nobody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Final, NamedTuple

from desk.case import File
from desk.filing import forget, received
from desk.house import House
from desk.masks import masked
from desk.person import Person
from desk.problem import NotAllowed, NotFound
from domain.attachment import Attachment, LeftOut
from domain.inbound import MailReceived, Waiting
from domain.inbound import mail as rules
from projections import inbox
from projections.case import Case
from projections.case_events import row_of
from projections.reading import look

MAIL: Final = re.compile(r"mail-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
PAGE: Final = 50


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
    """``number``: of the case that it names; ``open``: nobody has dealt with it yet."""

    number: str | None
    text: str | None
    files: list[File]
    open: bool


class Waits(NamedTuple):
    """A page of the list; ``next``: what the page behind it is asked with."""

    mails: list[Listed]
    next: str | None


def waiting(house: House, person: Person, after: str = "", size: int = PAGE) -> Waits:
    """The newest first, or those behind the mail ``after``. Raises: NotAllowed."""
    entities, scope = person.widely("case"), person.scope("case")
    if not entities:
        raise NotAllowed()
    with house.pool.connection() as db, look(db) as reading:
        rows = inbox.waiting(reading, scope, entities, most=size + 1, after=after)
        half_filed = inbox.waiting(reading, scope, entities, most=PAGE, state="filed")
    for row in half_filed:
        # A crash came between filing it and erasing its own copy.
        forget(house.ledger, row.mail, house.now())
    shown = rows[:size]
    opened = house.ledger.open_in([row.words for row in shown])
    mails = [
        Listed(row.mail, row.received_at, row.waits, _shown(sender), headline)
        for row, (sender, headline) in zip(shown, opened, strict=True)
    ]
    return Waits(mails, shown[-1].mail if len(rows) > size else None)


def found(house: House, person: Person, stream: str) -> MailReceived:
    """A mail that waited, for who may read it. Raises: NotFound."""
    event = received(house.ledger, stream) if MAIL.match(stream) else None
    if event is None or event.waits is None or event.legal_entity not in person.widely("case"):
        raise NotFound()
    if event.case is not None:
        row = _case(house, event.case)
        if row is None or not person.may("read", "case", row.place):
            raise NotFound()
    return event


def found_to_deal_with(house: House, person: Person, stream: str) -> MailReceived:
    """Raises: NotFound; NotAllowed for who may only read it."""
    event = found(house, person, stream)
    if event.legal_entity not in person.widely("case", "write"):
        raise NotAllowed()
    return event


def _case(house: House, stream: str) -> Case | None:
    history = house.ledger.history(stream)
    return row_of(history) if history else None


def opened(house: House, person: Person, stream: str) -> Opened:
    """Raises: NotFound."""
    event = found(house, person, stream)
    told = house.ledger.open_in(event)
    files: list[Attachment | LeftOut] = [*event.files, *event.left_out]
    names = house.ledger.open_in([file.name for file in files])
    row = _case(house, event.case) if event.case is not None else None
    return Opened(
        mail=stream,
        received_at=event.at,
        waits=event.waits or "no_case",
        sender=_shown(told["sender"]),
        headline=told["headline"],
        number=row.number if row else None,
        text=told["text"],
        files=[File(file, name) for file, name in zip(files, names, strict=True)],
        open=house.ledger.fold(rules, stream).state.open,
    )


def _shown(sender: str | None) -> str | None:
    """The name as it stands, the address masked."""
    if sender is None:
        return None
    name, address = parseaddr(sender)
    shown = (masked(name) if "@" in name else name, masked(address or sender))
    return " ".join(part for part in shown if part)
