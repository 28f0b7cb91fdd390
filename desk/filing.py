"""A mail into a case, with its words and its files: all of it in one wish, done once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from desk.keeping import Handed, handed_again, keep
from domain.attachment import LeftOut
from domain.complaint import complaint
from domain.event import Actor, Command, Context
from domain.filing import FileToCase, FilingCommand, filing, streams_of
from domain.inbound import MailDealtWith, MailReceived, MailUnknown, mail
from domain.personal import Personal
from ledger import CommandIdMisused, DestroyKey, KeyDestroyed, Ledger, Receipt

NAMESPACE: Final = UUID("9f3b2f0c-52b7-5d7e-9d55-6f1f5a4c2e77")
MAILBOX: Final = Actor(kind="automation", id="mailbox")
_ANSWER: Final = re.compile(r"\s*(?:re|aw|fwd?|sv|回复|答复|转发)\s*[:：]", re.IGNORECASE)


def id_of(stream: str, deed: str) -> UUID:
    """The id of doing something with this mail: done once, however often it is tried."""
    return uuid5(NAMESPACE, f"{stream}/{deed}")


def words(headline: str, text: str) -> str:
    """What the customer wrote; the subject where it says something of its own."""
    if not headline or _ANSWER.match(headline):
        return text or headline
    return f"{headline}\n\n{text}".strip()


def put_into(
    ledger: Ledger,
    stream: str,
    case: str,
    *,
    id: UUID,
    text: str,
    handed: Sequence[Handed],
    left_out: Sequence[LeftOut] = (),
    answers: bool = True,
    actor: Actor,
    now: datetime,
    largest: int,
) -> Receipt:
    """The mail ``stream`` becomes a message of the customer in ``case``, by the command ``id``.

    ``answers``: it may be what the customer was asked for.

    Raises: KeyDestroyed, LedgerUnavailable, the rules' own DomainError.
    """
    customer = ledger.fold(complaint, case).state.customer or ""
    kept = keep(ledger, handed, subject=customer, stream=case, command=id, largest=largest)
    command = FileToCase(
        command_id=id,
        at=now,
        actor=actor,
        message=stream,
        case=case,
        channel="email",
        text=Personal(text),
        answers=answers,
        files=kept.files,
        left_out=(*kept.left_out, *left_out),
    )
    return file(ledger, command, now)


def file(ledger: Ledger, command: FilingCommand, now: datetime) -> Receipt:
    """File it, then erase the mail's own copy of its words.

    Sent again after that, a wish can't bring the same files any more: it is known by its case.
    """
    case, stream = streams_of(command)
    try:
        receipt = ledger.handle_across(filing, (case, stream), command, Context(correlation=case))
    except (CommandIdMisused, MailDealtWith):
        if ledger.fold(mail, stream).state.filed_to != case:
            raise
        receipt = Receipt("repeated", None, None, None)
    forget(ledger, stream, now)
    return receipt


def forget(ledger: Ledger, stream: str, now: datetime) -> None:
    """Make the own text and files of a filed mail unreadable for ever, where it has any."""
    if ledger.fold(mail, stream).state.customer is None:
        ledger.destroy_key(
            DestroyKey(command_id=id_of(stream, "forget"), at=now, actor=MAILBOX, subject=stream)
        )


def received(ledger: Ledger, stream: str) -> MailReceived | None:
    """The mail as it came, still encrypted; None for a stream that is none."""
    first: Command | object = next((each.event for each in ledger.history(stream)), None)
    return first if isinstance(first, MailReceived) else None


def file_by_hand(
    ledger: Ledger, stream: str, case: str, *, id: UUID, actor: Actor, now: datetime, largest: int
) -> None:
    """Somebody read it and knows the case.

    Raises: as ``put_into``; MailDealtWith; KeyDestroyed also where its words were erased.
    """
    event = received(ledger, stream)
    if event is None:
        raise MailUnknown()
    opened = ledger.open_in(event)
    state = ledger.fold(mail, stream).state
    if state.filed_to == case:
        forget(ledger, stream, now)
        return
    if not state.open:
        raise MailDealtWith()
    if opened["text"] is None:
        raise KeyDestroyed(stream)
    put_into(
        ledger,
        stream,
        case,
        id=id,
        text=words(opened["headline"] or "", opened["text"]),
        handed=handed_again(ledger, event.files),
        left_out=left_out(ledger, event),
        answers=event.kind == "person",
        actor=actor,
        now=now,
        largest=largest,
    )


def left_out(ledger: Ledger, event: MailReceived) -> tuple[LeftOut, ...]:
    """The files that were not kept when it came, for whoever stores its words elsewhere."""
    names = ledger.open_in([one.name for one in event.left_out])
    return tuple(
        LeftOut(name=Personal(name), size=one.size, why=one.why)
        for one, name in zip(event.left_out, names, strict=True)
        if name is not None
    )
