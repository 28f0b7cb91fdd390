"""An e-mail as it came in: received once, then filed to a case or dismissed; never deleted.

What belongs to a case is encrypted under its customer. What belongs to nobody yet has a subject
of its own, the mail, so that a stranger's words can be erased too.
"""

from __future__ import annotations

from typing import ClassVar, Literal, assert_never

from domain.attachment import Attachment, LeftOut
from domain.decider import Decider, DomainError
from domain.event import Command, Event, Frozen
from domain.personal import Personal

MailKind = Literal["person", "automatic", "bounce", "list", "own"]
Waiting = Literal[
    "unknown_sender", "other_sender", "several_customers", "no_case", "automatic", "unreadable"
]
"""Why a person has to look at it."""


# events


class MailReceived(Event, type="MailReceived"):
    """``customer`` and ``case``: whose it is, where it threads; then the words stand in the case.

    ``waits``: why it threads to none, or is not to be taken for a customer's word; then ``case``
    is the one that it names, if any.
    """

    mail: str
    legal_entity: str
    kind: MailKind
    customer: str | None
    case: str | None
    waits: Waiting | None
    sender: Personal | None
    headline: Personal
    text: Personal | None
    files: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


class MailFiled(Event, type="MailFiled"):
    """Its words stand in this case from now on."""

    case: str


class MailDismissed(Event, type="MailDismissed"):
    """Not for us, and why."""

    reason: Personal


MailEvent = MailReceived | MailFiled | MailDismissed


# commands


class ReceiveMail(Command):
    mail: str
    legal_entity: str
    kind: MailKind
    customer: str | None = None
    case: str | None = None
    waits: Waiting | None = None
    sender: Personal | None = None
    headline: Personal
    text: Personal | None = None
    files: tuple[Attachment, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    resolved: ClassVar[frozenset[str]] = Command.resolved | {"kind", "customer", "case", "waits"}


class FileMail(Command):
    case: str


class DismissMail(Command):
    reason: Personal


MailCommand = ReceiveMail | FileMail | DismissMail


# state


class Mail(Frozen):
    mail: str = ""
    legal_entity: str = ""
    kind: MailKind = "person"
    customer: str | None = None
    case: str | None = None
    """Where it threads by itself, or what it names while it waits."""
    waits: Waiting | None = None
    filed_to: str | None = None
    dismissed: bool = False

    @property
    def open(self) -> bool:
        return bool(self.mail) and self.filed_to is None and not self.dismissed


INITIAL = Mail()


class MailUnknown(DomainError):
    """No such mail."""


class MailDealtWith(DomainError):
    """Somebody has filed or dismissed it already."""


def decide(command: MailCommand, state: Mail) -> list[MailEvent]:
    if isinstance(command, ReceiveMail):
        return [] if state.mail else [_received(command)]
    if not state.mail:
        raise MailUnknown()
    match command:
        case FileMail(case=case):
            if state.filed_to == case:
                return []
            if not state.open:
                raise MailDealtWith()
            return [MailFiled(at=command.at, case=case)]
        case DismissMail():
            if not state.open:
                raise MailDealtWith()
            return [MailDismissed(at=command.at, reason=command.reason)]
        case _:
            assert_never(command)


def _received(command: ReceiveMail) -> MailReceived:
    return MailReceived(
        at=command.at,
        mail=command.mail,
        legal_entity=command.legal_entity,
        kind=command.kind,
        customer=command.customer,
        case=command.case,
        waits=command.waits,
        sender=command.sender,
        headline=command.headline,
        text=command.text,
        files=command.files,
        left_out=command.left_out,
    )


def evolve(state: Mail, event: MailEvent) -> Mail:
    match event:
        case MailReceived():
            return Mail(
                mail=event.mail,
                legal_entity=event.legal_entity,
                kind=event.kind,
                customer=event.customer,
                case=event.case,
                waits=event.waits,
            )
        case MailFiled():
            return state.model_copy(update={"filed_to": event.case})
        case MailDismissed():
            return state.model_copy(update={"dismissed": True})
        case _:
            assert_never(event)


def subject(state: Mail) -> str | None:
    return state.customer or state.mail or None


mail: Decider[Mail, MailCommand, MailEvent] = Decider(
    name="mail", initial=INITIAL, decide=decide, evolve=evolve, subject=subject
)
