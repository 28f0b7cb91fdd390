"""Letters: words that leave the house. Written first, sent when they may leave, each fact once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

from pydantic import AwareDatetime

from domain.decider import DomainError, Due, LetterPurpose, Words
from domain.event import Command, Event, Frozen
from domain.personal import Personal

Channel = Literal[
    "phone", "email", "chat", "visit", "letter", "portal", "social", "text_message", "app"
]
Author = Literal["person", "automation"]

RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""Waits between attempts at a mail server; after the last the letter is undeliverable."""


def as_channel(text: str) -> Channel:
    """Raises: ValueError."""
    channels: dict[str, Channel] = {channel: channel for channel in get_args(Channel)}
    if text not in channels:
        raise ValueError(f"no such channel: {text}")
    return channels[text]


# events


class LetterWritten(Event, type="LetterWritten"):
    """The exact text, for whom, by which channel, and from when it may leave."""

    letter: str
    purpose: LetterPurpose
    author: Author
    channel: Channel
    words: Words
    address: Personal | None
    leaves_at: AwareDatetime | None
    """None: held back (an import's letters), or to be sent by hand."""


class LetterSent(Event, type="LetterSent"):
    """It left: the mail server took it, or a person posted it. ``message_id`` names the e-mail."""

    letter: str
    message_id: str | None = None


class LetterFailed(Event, type="LetterFailed"):
    """An attempt that did not succeed. ``code`` is the mail server's answer, without its text."""

    letter: str
    attempt: int
    code: int | None
    permanent: bool


class LetterPulledBack(Event, type="LetterPulledBack"):
    """Taken back by a person before it left."""

    letter: str


LetterEvent = LetterWritten | LetterSent | LetterFailed | LetterPulledBack


# commands


class RecordDelivery(Command):
    """What became of an attempt to send: ``code`` None and not ``permanent`` means it was taken.

    Refused for good after it was taken: it came back, so the customer never had it.
    """

    letter: str
    sent: bool
    message_id: str | None = None
    code: int | None = None
    permanent: bool = False


class PullBackLetter(Command):
    letter: str


# state


class Letter(Frozen):
    """What the rules need of one letter. Its text stays in the log."""

    purpose: LetterPurpose
    author: Author
    channel: Channel
    written_version: int
    leaves_at: datetime | None
    attempts: int = 0
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    ended: bool = False
    """Pulled back or undeliverable: nothing is owed any more."""


Letters = Mapping[str, Letter]


class LetterAlreadyLeft(DomainError):
    """What has left the house cannot be pulled back."""


class LetterUnknown(DomainError):
    """No such letter in this case."""


def decide_letter(command: RecordDelivery | PullBackLetter, letters: Letters) -> list[LetterEvent]:
    letter = letters.get(command.letter)
    if letter is None:
        raise LetterUnknown()
    match command:
        case RecordDelivery():
            if command.sent:
                return [] if letter.sent_at else [
                    LetterSent(at=command.at, letter=command.letter, message_id=command.message_id)
                ]  # fmt: skip
            if letter.ended or (letter.sent_at and not command.permanent):
                return []
            return [
                LetterFailed(
                    at=command.at,
                    letter=command.letter,
                    attempt=letter.attempts + 1,
                    code=command.code,
                    permanent=command.permanent or letter.attempts >= len(RETRY_AFTER),
                )
            ]
        case PullBackLetter():
            if letter.sent_at:
                raise LetterAlreadyLeft()
            return [] if letter.ended else [LetterPulledBack(at=command.at, letter=command.letter)]


def evolve_letters(letters: Letters, event: LetterEvent, version: int) -> Letters:
    """``version`` is the stream's version with this event."""
    match event:
        case LetterWritten():
            letter = Letter(
                purpose=event.purpose,
                author=event.author,
                channel=event.channel,
                written_version=version,
                leaves_at=event.leaves_at,
            )
        case LetterSent():
            letter = letters[event.letter].model_copy(update={"sent_at": event.at, "ended": False})
        case LetterFailed():
            letter = letters[event.letter].model_copy(
                update={"attempts": event.attempt, "tried_at": event.at, "ended": event.permanent}
            )
        case LetterPulledBack():
            letter = letters[event.letter].model_copy(update={"ended": True})
    return {**letters, event.letter: letter}


def owed_letters(stream: str, letters: Letters) -> list[Due]:
    """A delivery for each letter that may leave and has not."""
    return [
        Due(
            key=f"{stream}/deliver/{name}/{letter.attempts + 1}",
            at=_next_attempt(letter),
            rule="deliver",
            version="letters@1",
            facts={"letter": name},
        )
        for name, letter in letters.items()
        if letter.leaves_at is not None and letter.sent_at is None and not letter.ended
    ]


def _next_attempt(letter: Letter) -> datetime:
    assert letter.leaves_at is not None
    if letter.tried_at is None:
        return letter.leaves_at
    return letter.tried_at + RETRY_AFTER[min(letter.attempts, len(RETRY_AFTER)) - 1]
