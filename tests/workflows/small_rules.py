"""A rule book small enough to be read at a glance: a case that warns, writes, reminds and ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from domain.decider import Decider, DomainError, Due, Perform, Words
from domain.event import Command, Event
from domain.letter import (
    Letter,
    LetterEvent,
    LetterFailed,
    LetterPulledBack,
    LetterSent,
    LetterWritten,
    RecordDelivery,
    decide_letter,
    evolve_letters,
    owed_letters,
)
from domain.personal import Personal

REMIND_AFTER = timedelta(days=5)
CUSTOMER = "customer-0190a0b0-0000-7000-8000-000000000001"


class SmallOpened(Event, type="SmallOpened"):
    stream: str
    warn_at: AwareDatetime
    write_at: AwareDatetime | None
    end_at: AwareDatetime
    stubborn_at: AwareDatetime | None
    idle_at: AwareDatetime | None


class SmallWarned(Event, type="SmallWarned"):
    pass


class SmallAsked(Event, type="SmallAsked"):
    pass


class SmallReminded(Event, type="SmallReminded"):
    asked_version: int


class SmallMoved(Event, type="SmallMoved"):
    end_at: AwareDatetime


class SmallEnded(Event, type="SmallEnded"):
    pass


SmallEvent = SmallOpened | SmallWarned | SmallAsked | SmallReminded | SmallMoved | SmallEnded


class OpenSmall(Command):
    stream: str
    warn_at: AwareDatetime
    write_at: AwareDatetime | None = None
    end_at: AwareDatetime
    stubborn_at: AwareDatetime | None = None
    """Owed, and refused when performed."""
    idle_at: AwareDatetime | None = None
    """Owed, and nothing follows when performed."""


class AskSmall(Command):
    pass


class RewriteSmall(Command):
    """Write a letter again under its own name, as no rule book should."""

    letter: str
    words: Words


class MoveSmallEnd(Command):
    """Also reopens an ended case."""

    end_at: AwareDatetime


class Stubborn(DomainError):
    """The rule that owes and never lets itself be performed."""


@dataclass(frozen=True)
class Small:
    version: int = 0
    stream: str = ""
    warn_at: datetime | None = None
    write_at: datetime | None = None
    end_at: datetime | None = None
    stubborn_at: datetime | None = None
    idle_at: datetime | None = None
    asked: Mapping[int, datetime] = field(default_factory=dict)
    letters: Mapping[str, Letter] = field(default_factory=dict)
    end_version: int = 0


def agenda(state: Small) -> list[Due]:
    if state.end_at is None:
        return owed_letters(state.stream, state.letters)
    owed = [_due(state, f"end/v{state.end_version}", state.end_at)]
    if state.warn_at:
        owed.append(_due(state, "warn/v1", state.warn_at))
    if state.write_at:
        owed.append(replace(_due(state, "write/v1", state.write_at), letter="acknowledgement"))
    if state.stubborn_at:
        owed.append(_due(state, "stubborn/v1", state.stubborn_at))
    if state.idle_at:
        owed.append(_due(state, "idle/v1", state.idle_at))
    owed += [_due(state, f"remind/v{v}", at + REMIND_AFTER) for v, at in state.asked.items()]
    return owed + owed_letters(state.stream, state.letters)


def _due(state: Small, name: str, at: datetime) -> Due:
    rule = name.partition("/")[0]
    return Due(key=f"{state.stream}/{name}", at=at, rule=rule, version="small@1")


def decide(command: Command, state: Small) -> list[Event]:
    at = command.at
    match command:
        case OpenSmall():
            return [SmallOpened(**command.model_dump(exclude={"command_id", "actor"}))]
        case AskSmall():
            return [SmallAsked(at=at)]
        case MoveSmallEnd():
            return [SmallMoved(at=at, end_at=command.end_at)]
        case RecordDelivery():
            return decide_letter(command, state.letters)
        case Perform():
            owed = [due for due in agenda(state) if due.key == command.key and due.at <= at]
            return _perform(command, owed[0].rule) if owed else []
        case RewriteSmall():
            return [_letter(command, command.letter, command.words, None)]
    raise AssertionError(command)


def _perform(command: Perform, rule: str) -> list[Event]:
    at = command.at
    match rule:
        case "warn":
            return [SmallWarned(at=at)]
        case "remind":
            return [SmallReminded(at=at, asked_version=int(command.key.rpartition("v")[2]))]
        case "end":
            return [SmallEnded(at=at)]
        case "write" if command.words:
            name = f"letter-{command.command_id}"
            return [_letter(command, name, command.words, command.address)]
        case "idle":
            return []
    raise Stubborn()


def _letter(command: Command, name: str, words: Words, address: Personal | None) -> Event:
    return LetterWritten(
        at=command.at,
        letter=name,
        purpose="acknowledgement",
        author="automation",
        channel="email",
        words=words,
        address=address,
        leaves_at=command.at,
    )


def evolve(state: Small, event: Event) -> Small:
    return replace(_evolve(state, event, state.version + 1), version=state.version + 1)


def _evolve(state: Small, event: Event, version: int) -> Small:
    match event:
        case SmallOpened():
            return Small(
                stream=event.stream,
                warn_at=event.warn_at,
                write_at=event.write_at,
                end_at=event.end_at,
                stubborn_at=event.stubborn_at,
                idle_at=event.idle_at,
                end_version=version,
            )
        case SmallWarned():
            return replace(state, warn_at=None)
        case SmallAsked():
            return replace(state, asked={**state.asked, version: event.at})
        case SmallReminded():
            left = {v: at for v, at in state.asked.items() if v != event.asked_version}
            return replace(state, asked=left)
        case SmallMoved():
            return replace(state, end_at=event.end_at, end_version=version)
        case SmallEnded():
            return replace(state, end_at=None)
        case LetterWritten() | LetterSent() | LetterFailed() | LetterPulledBack():
            return _with_letter(state, event, version)
    raise AssertionError(event)


def _with_letter(state: Small, event: LetterEvent, version: int) -> Small:
    return replace(state, write_at=None, letters=evolve_letters(state.letters, event, version))


def subject(_: Small) -> str:
    return CUSTOMER


small: Decider[Small, Command, Event] = Decider(
    name="small",
    initial=Small(),
    decide=decide,
    evolve=evolve,
    subject=subject,
    agenda=agenda,
)
