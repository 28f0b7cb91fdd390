"""A mail's words into a case: stored there first, then filed, so a crash between loses none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from desk.keeping import Handed, handed_again, keep
from domain.attachment import LeftOut
from domain.complaint import complaint
from domain.conversation import RecordCustomerMessage
from domain.event import Actor, Command, Context
from domain.inbound import FileMail, MailReceived, mail
from domain.personal import Personal
from ledger import CommandIdMisused, DestroyKey, Ledger

NAMESPACE: Final = UUID("9f3b2f0c-52b7-5d7e-9d55-6f1f5a4c2e77")
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
    text: str,
    handed: Sequence[Handed],
    left_out: Sequence[LeftOut] = (),
    actor: Actor,
    now: datetime,
    largest: int,
) -> None:
    """The mail ``stream`` becomes a message of the customer in ``case``, and is filed.

    Raises: KeyDestroyed, LedgerUnavailable, the rules' own DomainError.
    """
    state = ledger.fold(complaint, case).state
    id = id_of(stream, f"message {case}")
    kept = keep(
        ledger, handed, subject=state.customer or "", stream=case, command=id, largest=largest
    )
    message = RecordCustomerMessage(
        command_id=id,
        at=now,
        actor=actor,
        message=stream,
        channel="email",
        text=Personal(text),
        files=kept.files,
        left_out=(*kept.left_out, *left_out),
    )
    # Misused: another mail under the same Message-ID stands in the case already.
    with suppress(CommandIdMisused):
        ledger.handle(complaint, case, message, Context(correlation=case))
    file(ledger, stream, case, actor, now)


def file(ledger: Ledger, stream: str, case: str, actor: Actor, now: datetime) -> None:
    """The words stand in the case; the mail's own copy of them is erased."""
    command = FileMail(command_id=id_of(stream, f"file {case}"), at=now, actor=actor, case=case)
    ledger.handle(mail, stream, command, Context(correlation=case))
    if ledger.fold(mail, stream).state.customer is None:
        forget(ledger, stream, actor, now)


def forget(ledger: Ledger, stream: str, actor: Actor, now: datetime) -> None:
    """Make the mail's own text and files unreadable for ever."""
    ledger.destroy_key(
        DestroyKey(command_id=id_of(stream, "forget"), at=now, actor=actor, subject=stream)
    )


def received(ledger: Ledger, stream: str) -> MailReceived | None:
    """The mail as it came, still encrypted; None for a stream that is none."""
    first: Command | object = next((each.event for each in ledger.history(stream)), None)
    return first if isinstance(first, MailReceived) else None


def file_by_hand(
    ledger: Ledger, stream: str, case: str, *, actor: Actor, now: datetime, largest: int
) -> None:
    """Somebody read it and knows the case. What was erased meanwhile is not filed.

    Raises: as ``put_into``.
    """
    event = received(ledger, stream)
    if event is None:
        return
    opened = ledger.open_in(event)
    left_out = [
        LeftOut(name=Personal(told["name"]), size=one.size, why=one.why)
        for one, told in zip(event.left_out, opened["left_out"], strict=True)
        if told["name"] is not None
    ]
    put_into(
        ledger,
        stream,
        case,
        text=words(opened["headline"] or "", opened["text"] or ""),
        handed=handed_again(ledger, event.files),
        left_out=left_out,
        actor=actor,
        now=now,
        largest=largest,
    )
