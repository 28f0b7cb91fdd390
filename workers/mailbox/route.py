"""Whose mail is it, and to which case does it belong? A sender who is not the customer never gets
words into a case: that mail waits for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr

from domain.complaint import complaint
from domain.complaint_state import Complaint
from domain.customer import customer
from domain.inbound import Waiting
from domain.organisation import STREAM, LegalEntity, organisation
from domain.reply_address import case_of, plain_address
from ledger import Ledger
from projections import letters
from projections.reading import look
from workers.mailbox.parsing import Mail


@dataclass(frozen=True)
class Route:
    """``case`` and ``customer`` where it threads; else ``waits`` says why it does not, and ``case``
    is the one that it names."""

    legal_entity: str
    case: str | None = None
    customer: str | None = None
    waits: Waiting | None = None

    @property
    def rank(self) -> tuple[bool, bool]:
        """Of several recipients the one that says most is followed."""
        return self.waits is None, self.case is not None


@dataclass(frozen=True)
class Router:
    """``mailboxes``: address -> legal entity, where they are set; ``own``: what we send from."""

    ledger: Ledger
    secret: bytes
    own: str
    mailboxes: Mapping[str, str]

    def takes(self, recipient: str) -> bool:
        """Whether mail for this address is ours."""
        return plain_address(recipient) in self._addresses()

    def _addresses(self) -> Mapping[str, str | None]:
        """Address -> entity; None: shared by all of them."""
        named = {
            parseaddr(entity.mail_from)[1].lower(): entity.id
            for entity in self._entities().values()
            if entity.mail_from
        }
        given = {address.lower(): entity for address, entity in self.mailboxes.items()}
        return {self.own.lower(): None, **named, **given}

    def _entities(self) -> Mapping[str, LegalEntity]:
        return self.ledger.fold(organisation, STREAM).state.entities

    def ours(self, mail: Mail) -> bool:
        """From this house itself: a loop."""
        return mail.sender in self._addresses() or bool(self._letter(mail.message_id))

    def route(self, mail: Mail, recipient: str) -> Route:
        case = self._case(mail, recipient)
        state = self.ledger.fold(complaint, case or "").state
        if case and mail.kind == "person" and self._wrote(state, mail.sender):
            return Route(state.legal_entity, case, state.customer)
        entity = self._entity(mail, recipient, case)
        named = case if state.legal_entity == entity else None
        if mail.kind != "person":
            return Route(entity, named, waits="automatic")
        return Route(entity, named, waits="other_sender" if case else self._why(mail))

    def bounced(self, mail: Mail) -> list[tuple[str, str]]:
        """(case, letter) of each letter of ours that it gives up."""
        return [found for id in mail.bounced if (found := self._letter(id)) is not None]

    def _case(self, mail: Mail, recipient: str) -> str | None:
        """By the signed address, else by a letter of ours that it answers."""
        named = case_of(self.secret, recipient)
        answered = (self._letter(id) for id in mail.references)
        case = named or next((found[0] for found in answered if found), None)
        return case if case and self.ledger.known([case]) else None

    def _letter(self, message_id: str) -> tuple[str, str] | None:
        if not message_id:
            return None
        with self.ledger.reading() as db, look(db) as reading:
            return letters.by_message_id(reading, message_id)

    def _wrote(self, state: Complaint, sender: str) -> bool:
        known = self.ledger.fold(customer, state.customer or "").state.details.get("email")
        text = self.ledger.open(known) if known is not None else None
        return bool(sender) and text is not None and text.strip().casefold() == sender.casefold()

    def _entity(self, mail: Mail, recipient: str, case: str | None) -> str:
        """By the address it came to; by the case, the sender, or the first, where all share it."""
        named = self._addresses().get(plain_address(recipient))
        if named:
            return named
        if case is not None:
            return self.ledger.fold(complaint, case).state.legal_entity
        for stream in self.ledger.find("email", mail.sender, 1) if mail.sender else []:
            return self.ledger.fold(customer, stream).state.legal_entity
        return next(iter(self._entities()), "")

    def _why(self, mail: Mail) -> Waiting:
        known = self.ledger.find("email", mail.sender, 2) if mail.sender else []
        if not mail.whole:
            return "unreadable"
        if len(known) > 1:
            return "several_customers"
        return "no_case" if known else "unknown_sender"
