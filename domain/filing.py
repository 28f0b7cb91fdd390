"""A mail becomes part of a case: what it says and that it is filed are one wish, or none of it.

Two people who file one mail at one instant do it once: the second is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from domain import inbound
from domain.complaint import decide as decide_case
from domain.complaint import subject as subject_of_case
from domain.complaint_evolution import evolve as evolve_case
from domain.complaint_facts import ComplaintEvent
from domain.complaint_state import INITIAL as NO_CASE
from domain.complaint_state import Complaint
from domain.complaint_wishes import LodgeComplaint
from domain.conversation import RecordCustomerMessage
from domain.decider import Decider, DomainError
from domain.inbound import INITIAL as NO_MAIL
from domain.inbound import (
    FileMail,
    Mail,
    MailDismissed,
    MailEvent,
    MailFiled,
    MailReceived,
    MailUnknown,
)

# commands


class FileToCase(RecordCustomerMessage):
    """The mail, named by ``message``, is the customer's word in this case."""

    case: str


class LodgeFromMail(LodgeComplaint):
    """What the mail says is a complaint of its own."""

    mail: str

    resolved: ClassVar[frozenset[str]] = LodgeComplaint.resolved


FilingCommand = FileToCase | LodgeFromMail
FilingEvent = MailEvent | ComplaintEvent

# state

State = Mail | Complaint | None
"""Of the mail, or of the case; None: there is nothing yet."""


class MailOfAnotherCompany(DomainError):
    """It came to another company than the one whose case or customer it is to become."""


def check_company(came_to: str, legal_entity: str) -> None:
    """Raises: MailOfAnotherCompany. Also asked before its sender is registered as a customer."""
    if came_to != legal_entity:
        raise MailOfAnotherCompany()


def streams_of(command: FilingCommand) -> tuple[str, str]:
    """The case and the mail."""
    if isinstance(command, FileToCase):
        return command.case, command.message
    return command.complaint, command.mail


def decide(command: FilingCommand, state: State) -> Sequence[FilingEvent]:
    """One stream alone is never enough."""
    raise MailUnknown()


def decide_across(
    command: FilingCommand, states: Mapping[str, State]
) -> Sequence[tuple[str, FilingEvent]]:
    case, mail = streams_of(command)
    of_mail = _mail(states[mail])
    of_case = _case(states[case])
    wish = FileMail(command_id=command.command_id, at=command.at, actor=command.actor, case=case)
    filed = inbound.decide(wish, of_mail)
    if not filed:
        return []
    said = decide_case(command, of_case)
    to = command.legal_entity if isinstance(command, LodgeFromMail) else of_case.legal_entity
    check_company(of_mail.legal_entity, to)
    return [*((case, event) for event in said), *((mail, event) for event in filed)]


def evolve(state: State, event: FilingEvent) -> State:
    if isinstance(event, MailReceived | MailFiled | MailDismissed):
        return inbound.evolve(_mail(state), event)
    return evolve_case(_case(state), event)


def _mail(state: State) -> Mail:
    return state if isinstance(state, Mail) else NO_MAIL


def _case(state: State) -> Complaint:
    return state if isinstance(state, Complaint) else NO_CASE


def subject(state: State) -> str | None:
    match state:
        case Mail():
            return inbound.subject(state)
        case Complaint():
            return subject_of_case(state)
        case None:
            return None


filing: Decider[State, FilingCommand, FilingEvent] = Decider(
    name="filing",
    initial=None,
    decide=decide,
    evolve=evolve,
    subject=subject,
    decide_across=decide_across,
)
