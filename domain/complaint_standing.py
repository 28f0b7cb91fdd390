"""What stands in a case, as every rule asks it; and how a letter is written."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from domain.complaint_facts import ComplaintEvent
from domain.complaint_state import Complaint
from domain.decider import DomainError, LetterPurpose, Words
from domain.event import Command
from domain.letter import Channel, LetterSent, LetterWritten
from domain.ownership import Assignee
from domain.personal import Personal
from domain.policy import Terms
from domain.procedure import Act, Standing, Step, StepNotAvailable, closed_gates, standing

C = TypeVar("C", bound=Command)


class ComplaintUnknown(DomainError):
    """No such complaint."""


class CaseIsClosed(DomainError):
    """The case is closed; it can be reopened within its window."""


class WordsMissing(DomainError):
    """A letter needs its words."""


# what stands


def open_facts(state: Complaint) -> frozenset[str]:
    """The gates of fact (``procedure.FACT_GATES``) that are open."""
    proposal = state.proposal
    gates = {
        "owned": state.ownership.owner is not None,
        "decided": proposal is not None,
        "approved": proposal is not None and proposal.approved,
        "answered": state.answered_at is not None,
        "customer_decided": proposal is not None and proposal.answer is not None,
        "redress_paid": state.redress_owed is None or state.redress_paid_at is not None,
        "not_waiting": not state.conversation.waiting,
    }
    return frozenset(gate for gate, opened in gates.items() if opened)


def standings(state: Complaint) -> list[Standing]:
    """Where every step of the case's procedure stands, and why not."""
    return standing(terms_of(state).rules, frozenset(state.done), open_facts(state))


def terms_of(state: Complaint) -> Terms:
    if state.terms is None:
        raise ComplaintUnknown()
    return state.terms


def check_open(state: Complaint) -> None:
    if state.closed_at is not None:
        raise CaseIsClosed()


def check_kept(state: Complaint) -> None:
    """Raises: CaseIsClosed where the case is archived, after which nothing is owed any more."""
    if state.archived_at is not None:
        raise CaseIsClosed()


def check_step(state: Complaint, step: Step | None) -> None:
    if step is None:
        return
    missing = closed_gates(step, frozenset(state.done), open_facts(state))
    if missing:
        raise StepNotAvailable(step=step.id, missing=missing)


def check_act(state: Complaint, act: Act) -> None:
    check_step(state, terms_of(state).rules.step_for(act))


def with_conflicts(command: C, state: Complaint) -> C:
    """Whoever is recused or complained about is in conflict whatever the command says."""
    for name in ("to", "by"):
        person = getattr(command, name, None)
        if isinstance(person, Assignee) and person.staff in state.recused | state.named:
            conflicted = person.model_copy(update={"conflicted": True})
            return command.model_copy(update={name: conflicted})
    return command


# letters


def letter(
    command: Command,
    purpose: LetterPurpose,
    words: Words,
    *,
    channel: Channel,
    address: Personal | None,
    leaves_at: datetime | None = None,
    name: str | None = None,
) -> list[ComplaintEvent]:
    """A letter as this command writes it. What an import tells of has left long ago.

    Only e-mail leaves by itself; any other is sent by hand and then recorded as sent.
    """
    when = leaves_at or command.at
    by_mail = channel == "email" and address is not None and command.actor.kind != "import"
    written = LetterWritten(
        at=command.at,
        letter=name or str(command.command_id),
        purpose=purpose,
        author="automation" if command.actor.kind == "automation" else "person",
        channel=channel,
        words=words,
        address=address,
        leaves_at=when if by_mail else None,
    )
    if command.actor.kind == "import":
        return [written, LetterSent(at=command.at, letter=written.letter)]
    return [written]
