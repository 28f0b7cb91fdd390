"""What is done with a mail that waits: filed to a case, or put aside with a reason."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from starlette.requests import Request

from desk.case import load
from desk.filing import file_by_hand
from desk.finding import complaint_stream
from desk.forms import FormRefused
from desk.house import House, house_of
from desk.person import Person
from desk.problem import NotFound
from desk.queue import speaker
from desk.waiting_mail import found_to_deal_with
from domain.inbound import DismissMail
from domain.inbound import mail as rules
from domain.personal import Personal

LONGEST_REASON: Final = 1_000


def file(request: Request, person: Person, stream: str, number: str, id: UUID) -> None:
    """``id``: of the wish. Raises: NotFound, NotAllowed, FormRefused, DomainError, KeyDestroyed."""
    house = house_of(request)
    found_to_deal_with(house, person, stream)
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
    file_by_hand(
        house.ledger,
        stream,
        case,
        id=id,
        actor=person.actor(),
        now=house.now(),
        largest=house.largest_file,
    )


def dismiss(house: House, person: Person, stream: str, reason: str, id: UUID) -> None:
    """Raises: NotFound, NotAllowed, FormRefused, DomainError, KeyDestroyed."""
    found_to_deal_with(house, person, stream)
    say, reason = speaker(house, person), reason.strip()
    if not reason:
        raise FormRefused({"reason": say("This is needed.")})
    if len(reason) > LONGEST_REASON:
        raise FormRefused({"reason": say("At most %(most)s characters.", most=LONGEST_REASON)})
    command = DismissMail(
        command_id=id, at=house.now(), actor=person.actor(), reason=Personal(reason)
    )
    house.ledger.handle(rules, stream, command)
