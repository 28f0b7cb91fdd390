"""The only effects of a workflow: read an agenda, perform what is due, deliver a letter.

An activity fails, and Temporal tries it again, only where the ledger cannot be reached. Where a
rule refuses or breaks, the agenda it answers with still holds the item, and the workflow waits.
What leaves here for Temporal holds ids only: the text of an error may quote a customer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.attachment import Attachment, AttachmentKept
from domain.decider import Decider, DomainError, Due, Perform, Words
from domain.event import Actor, Cause, Command, Context
from domain.letter import LetterWritten, RecordDelivery
from domain.personal import Personal
from ledger import FilePlace, Fold, LaneFull, Ledger, LedgerUnavailable, RivalWrote
from workflows.mail import Delivery, Enclosed, MailServer, Outgoing
from workflows.messages import Agenda, Item, Look, PerformItem
from workflows.staff_letters import post

log = structlog.get_logger()

NAMESPACE: Final = UUID("5f0d5c1e-6a3b-5d0e-9c55-0f7f1f0a6c11")
"""Of the command ids made of what is due, so that the same item is done once."""

RIVALS = 5
"""Times the stream may move between reading what is due and doing it, before Temporal retries."""

Rulebooks = Mapping[str, Decider[Any, Any, Any]]
Render = Callable[[Any, Due], tuple[Words | None, Personal | None]]
"""(state of the stream, what is due) -> the words of its letter and the address."""
Tell = Callable[[Any, Due, datetime], Sequence[Outgoing]]
"""(state of the stream, what is due, when) -> letters to colleagues that go before it is done."""


def nobody(state: Any, due: Due, at: datetime) -> Sequence[Outgoing]:
    return ()


def command_id(key: str) -> UUID:
    """The id of performing ``key``: what it did once it never does again."""
    return uuid5(NAMESPACE, key)


class NothingFollows(DomainError):
    """A rule owes what it will not do: agenda and decide do not agree."""


class SentBefore(DomainError):
    """This very attempt was made and recorded, and a rule owes it again."""


@contextmanager
def only_ids() -> Iterator[None]:
    """Let an error through by its name alone."""
    try:
        yield
    except Exception as error:
        name = type(error).__name__
        log.warning("activity.failed", activity=activity.info().activity_type, reason=name)
        raise ApplicationError(name, type=name) from None


@dataclass(frozen=True)
class Activities:
    """Built once per worker. ``rulebooks`` is by prefix of the stream."""

    ledger: Ledger
    rulebooks: Rulebooks
    render: Render
    mail: MailServer
    tell: Tell = nobody

    @activity.defn(name="agenda")
    def agenda(self, look: Look) -> Agenda:
        with only_ids():
            return self._agenda(look.stream)

    @activity.defn(name="perform")
    def perform(self, item: PerformItem) -> Agenda:
        with only_ids():
            for tried in range(RIVALS):
                fold, due = self._due(item)
                if due is None:
                    break
                if tried == 0:
                    self._tell(item, due, fold.state)
                try:
                    self._perform(item, due, fold)
                    break
                except RivalWrote:
                    if tried == RIVALS - 1:
                        raise
                except (LedgerUnavailable, LaneFull):
                    raise
                except Exception as fault:
                    log.warning("perform.refused", key=item.key, reason=type(fault).__name__)
                    break
            return self._agenda(item.stream)

    @activity.defn(name="deliver")
    async def deliver(self, item: PerformItem) -> Agenda:
        """Send, then record. A worker that dies between the two leaves the letter to be sent again.

        It carries the same Message-ID; an attempt after ours that finds the heartbeat only records.
        """
        with only_ids():
            _, due = await asyncio.to_thread(self._due, item)
            if due is not None:
                try:
                    delivery = sent_before() or await self._send(item, due.facts["letter"])
                    activity.heartbeat(delivery)
                    await asyncio.to_thread(self._record, item, due, delivery)
                except (LedgerUnavailable, LaneFull, RivalWrote):
                    raise
                except Exception as fault:
                    log.warning("deliver.refused", key=item.key, reason=type(fault).__name__)
            return await asyncio.to_thread(self._agenda, item.stream)

    def _rules(self, stream: str) -> Decider[Any, Any, Any]:
        return self.rulebooks[stream.partition("-")[0]]

    def _agenda(self, stream: str) -> Agenda:
        rules = self._rules(stream)
        fold = self.ledger.fold(rules, stream)
        owed = sorted(rules.agenda(fold.state), key=lambda due: (due.at, due.key))
        items = (Item(key=due.key, at=due.at, rule=due.rule) for due in owed)
        return Agenda(version=fold.version, items=tuple(items))

    def _due(self, item: PerformItem) -> tuple[Fold[Any], Due | None]:
        """The item as the stream owes it now; None where it is owed no more, or not yet."""
        rules = self._rules(item.stream)
        fold = self.ledger.fold(rules, item.stream)
        for due in rules.agenda(fold.state):
            if due.key == item.key and due.at <= item.at:
                return fold, due
        return fold, None

    def _perform(self, item: PerformItem, due: Due, fold: Fold[Any]) -> None:
        """Decided on the very version that owes it, so no answer is used up on another one."""
        words, address = self.render(fold.state, due) if due.letter else (None, None)
        command = Perform(
            command_id=command_id(item.key),
            at=item.at,
            actor=automation(item),
            key=item.key,
            words=words,
            address=address,
        )
        if not self._rules(item.stream).decide(command, fold.state):
            raise NothingFollows()
        self._handle(item, due, command, fold.version)

    def _tell(self, item: PerformItem, due: Due, state: Any) -> None:
        """Mail colleagues before the fact; whatever happens to that, the fact is not kept waiting.

        A worker that dies between the two mails them again, under the same Message-IDs.
        """
        try:
            letters = self.tell(state, due, item.at)
            if not letters:
                return
            became = asyncio.run(post(self.mail, letters))
        except Exception as fault:
            log.warning("tell.failed", key=item.key, reason=type(fault).__name__)
            return
        failed = [delivery for delivery in became if not delivery.sent]
        for delivery in failed:
            log.warning("tell.not_sent", letter=delivery.letter, code=delivery.code)
        log.info("tell", key=item.key, sent=len(became) - len(failed), failed=len(failed))

    async def _send(self, item: PerformItem, letter: str) -> Delivery:
        opened = await asyncio.to_thread(self._opened, item, letter)
        if opened is None:
            return Delivery(letter=letter, sent=False, permanent=True)
        return await self.mail.send(opened)

    def _opened(self, item: PerformItem, letter: str) -> Outgoing | None:
        """The exact text as it was written; None where it cannot be read or has no address.

        Raises: SentBefore.
        """
        history = self.ledger.history(item.stream)
        if any(recorded.command_id == command_id(item.key) for recorded in history):
            raise SentBefore()
        record = next(
            recorded
            for recorded in reversed(history)
            if isinstance(recorded.event, LetterWritten) and recorded.event.letter == letter
        )
        written = record.event
        assert isinstance(written, LetterWritten)
        enclosed = [
            recorded.event.file
            for recorded in history
            if recorded.command_id == record.command_id
            and isinstance(recorded.event, AttachmentKept)
        ]
        address = None if written.address is None else self.ledger.open(written.address)
        subject = self.ledger.open(written.words.subject)
        body = self.ledger.open(written.words.body)
        if address is None or subject is None or body is None:
            return None
        return Outgoing(
            stream=item.stream,
            letter=letter,
            language=written.words.language,
            written_at=written.at,
            subject=subject,
            body=body,
            address=address,
            answerable=True,
            files=[file for each in enclosed if (file := self._enclosed(each)) is not None],
        )

    def _enclosed(self, file: Attachment) -> Enclosed | None:
        name = self.ledger.open(file.name)
        content = self.ledger.open_file(FilePlace(file.stream, file.id), file.digest)
        return None if name is None or content is None else Enclosed(name, file.media, content)

    def _record(self, item: PerformItem, due: Due, delivery: Delivery) -> None:
        command = RecordDelivery(
            command_id=command_id(item.key),
            at=item.at,
            actor=automation(item),
            **delivery.model_dump(),
        )
        self._handle(item, due, command)

    def _handle(
        self, item: PerformItem, due: Due, command: Command, expected: int | None = None
    ) -> None:
        context = Context(
            cause=Cause(workflow=item.workflow, rule=due.rule, version=due.version),
            correlation=item.stream,
            expected_version=expected,
        )
        self.ledger.handle(self._rules(item.stream), item.stream, command, context)


def automation(item: PerformItem) -> Actor:
    return Actor(kind="automation", id=item.workflow)


def sent_before() -> Delivery | None:
    """What an earlier attempt of this activity told, when it had sent and could not record."""
    told = activity.info().heartbeat_details
    return Delivery.model_validate(told[0]) if told else None
