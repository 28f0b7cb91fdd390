"""A new complaint from a mail of the inbox: its form is filled from it, and lodging files it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from typing import Final
from uuid import uuid5
from zoneinfo import ZoneInfo

from desk.filing import left_out, words
from desk.finding import customer_of
from desk.forms import Question, filled
from desk.house import House
from desk.keeping import Handed, handed_again, keep
from desk.lodge_form import LONGEST
from desk.masks import masked
from desk.person import Person
from desk.waiting_mail import Opened, found_to_deal_with, opened
from desk.words.facts import Speaker
from domain.complaint_wishes import LodgeComplaint
from domain.filing import LodgeFromMail
from domain.inbound import MailReceived

MOST_KNOWN: Final = 20


@dataclass(frozen=True)
class Letter:
    """A mail and what it says. ``whole``: all its words, as a case would have them."""

    event: MailReceived
    it: Opened

    @property
    def whole(self) -> str:
        return words(self.it.headline or "", self.it.text or "").strip()

    def typed(self, zone: str) -> Mapping[str, str]:
        """What it fills in of the form."""
        local = self.event.at.astimezone(ZoneInfo(zone))
        return {
            "channel": "email",
            "received_at": f"{local:%Y-%m-%dT%H:%M}",
            "what_happened": self.whole[: LONGEST["what_happened"]],
        }


def letter_of(house: House, person: Person, mail: str) -> Letter:
    """Raises: NotFound; NotAllowed for who may only read it."""
    return Letter(found_to_deal_with(house, person, mail), opened(house, person, mail))


def _sender(house: House, event: MailReceived) -> tuple[str, str]:
    """Name and address; empty where they are erased, or are none."""
    shown = house.ledger.open(event.sender) if event.sender is not None else None
    name, address = parseaddr(shown or "")
    return ("" if "@" in name else name, address if "@" in address else "")


def address_of(house: House, event: MailReceived) -> str:
    return _sender(house, event)[1]


def known_senders(house: House, person: Person, event: MailReceived) -> list[str]:
    """The customers of the mail's company who have the sender's address, as far as they are the
    person's to see."""
    address = address_of(house, event)
    found = house.ledger.find("email", address, MOST_KNOWN) if address else []
    states = ((stream, customer_of(house, person, stream)) for stream in found)
    return [
        stream
        for stream, state in states
        if state is not None and state.legal_entity == event.legal_entity and not state.erased
    ]


def asked_of_sender(
    house: House, event: MailReceived, questions: Sequence[Question], say: Speaker
) -> list[Question]:
    """The form for a new customer, filled from the mail; the address itself stays masked."""
    name, address = _sender(house, event)
    entity = house.directory.entity(event.legal_entity)
    asked = filled(
        questions,
        {
            "name": name,
            "legal_entity": event.legal_entity,
            "language": entity.language if entity else "",
        },
    )
    if not address:
        return asked
    words = say("Left empty, it is %(address)s from the mail.", address=masked(address))
    return [replace(it, help=words) if it.name == "email" else it for it in asked]


def lodging(
    house: House, letter: Letter, lodge: LodgeComplaint, said: str, *, at: datetime | None = None
) -> LodgeFromMail:
    """The wish with the mail's files, and with its words as they came where ``said`` differs.

    ``at``: the receipt. Raises: KeyDestroyed, LedgerUnavailable.
    """
    content = letter.whole.encode()
    differs = bool(content) and letter.whole != said.strip()
    as_it_came = [Handed("message.txt", content, len(content))] if differs else []
    files, not_kept = list(lodge.files), [*lodge.left_out, *left_out(house.ledger, letter.event)]
    for name, handed in (
        ("words", as_it_came),
        ("files", handed_again(house.ledger, letter.event.files)),
    ):
        kept = keep(
            house.ledger, handed, subject=lodge.customer, stream=lodge.complaint,
            command=uuid5(lodge.command_id, name), largest=house.largest_file,
        )  # fmt: skip
        files += kept.files
        not_kept += kept.left_out
    wish = {
        **dict(lodge),
        "mail": letter.it.mail,
        "at": at or lodge.at,
        "files": tuple(files),
        "left_out": tuple(not_kept),
    }
    return LodgeFromMail.model_validate(wish)
