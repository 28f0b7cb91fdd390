"""What stands of a case after whatever was done to it: facts, drafts, and letters that left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from mailing import stream_of
from pydantic import BaseModel
from temporalio.testing import ActivityEnvironment
from two_people import typed_in
from visiting import House

from domain.complaint import complaint
from domain.complaint_facts import ComplaintClosed
from domain.event import Event
from domain.letter import LetterPulledBack, LetterSent, LetterWritten
from domain.personal import Personal
from workflows.activities import Activities
from workflows.mail import Delivery, Outgoing
from workflows.messages import PerformItem


@dataclass
class Outbox:
    """The mail server, and the activity of the worker that hands letters to it."""

    house: House
    given: list[Outgoing] = field(default_factory=list)

    async def send(self, letter: Outgoing) -> Delivery:
        self.given.append(letter)
        return Delivery(letter=letter.letter, sent=True, message_id=f"<{len(self.given)}@test>")

    def leave(self, stream: str) -> None:
        """Every letter that waits leaves, at the moment at which it may."""
        acts = Activities(
            self.house.ledger, {"complaint": complaint}, lambda *_: (None, None), self
        )  # type: ignore[arg-type]
        for due in complaint.agenda(self.house.ledger.fold(complaint, stream).state):
            if due.rule == "deliver":
                item = PerformItem(stream=stream, workflow="test", key=due.key, at=due.at)
                asyncio.run(ActivityEnvironment().run(acts.deliver, item))


@dataclass
class Kept:
    """What stands of a case: its facts, and everybody's drafts by person and box."""

    house: House
    number: str
    stream: str = field(init=False)

    def __post_init__(self) -> None:
        self.stream = stream_of(self.house, self.number)

    def events(self) -> list[Event]:
        return [record.event for record in self.house.ledger.history(self.stream)]

    def drafts(self) -> dict[tuple[str, str], str]:
        with psycopg.connect(self.house.url, autocommit=True) as db:
            rows = db.execute(
                "SELECT staff, box, words FROM desk.draft WHERE stream = %s", [self.stream]
            ).fetchall()
        opened = self.house.ledger.open_at
        return {(s, box): opened(f"{s}/{self.stream}/{box}", words) or "" for s, box, words in rows}

    def words(self) -> set[str]:
        """What people typed and the desk still holds.

        The words of a letter that somebody took back are theirs again, so the letter does not
        count; one that was held back because the case ended stands in it as the words of a fact.
        """
        records = self.house.ledger.history(self.stream)
        ending = {it.command_id for it in records if isinstance(it.event, ComplaintClosed)}
        taken_back = {
            record.event.letter
            for record in records
            if isinstance(record.event, LetterPulledBack) and record.command_id not in ending
        }
        boxes = [
            box
            for event in (record.event for record in records)
            if not (isinstance(event, LetterWritten) and event.letter in taken_back)
            for box in boxes_of(event)
        ]
        texts = [*self.house.ledger.open_in(boxes), *self.drafts().values()]
        return typed_in(" ".join(text or "" for text in texts))

    def check_letters(self, given: list[Outgoing]) -> None:
        """Each leaves once at the most, none that was pulled back, no two with the same words."""
        events = self.events()
        back = {event.letter for event in events if isinstance(event, LetterPulledBack)}
        left = Counter(event.letter for event in events if isinstance(event, LetterSent))
        handed = Counter(letter.letter for letter in given)
        assert max([0, *left.values(), *handed.values()]) <= 1
        assert not back & (left.keys() | handed.keys())
        standing = [
            body
            for event in events
            if isinstance(event, LetterWritten) and event.letter not in back
            if typed_in(body := self.house.ledger.open(event.words.body) or "")
        ]
        assert max([0, *Counter(standing).values()]) <= 1, standing


def boxes_of(value: Any) -> Iterator[Personal]:
    """Everything personal in an event."""
    if isinstance(value, Personal):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from boxes_of(getattr(value, name))
