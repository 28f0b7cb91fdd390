"""A small rule book for tests: a notebook that can be closed and reopened, owned by a subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from domain.decider import Decider, DomainError
from domain.event import Actor, Command, Event, Frozen
from domain.personal import Personal

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANNA = Actor(kind="staff", id="staff-anna", role="agent")


class BookNoted(Event, type="BookNoted"):
    line: str
    amount: Decimal = Decimal(1)


class BookSigned(Event, type="BookSigned"):
    subject: str
    name: Personal
    more: Mapping[str, Personal] = {}

    def found_by(self) -> Mapping[str, Personal | None]:
        return {"name": self.name, **self.more}


class BookClosed(Event, type="BookClosed"):
    why: str


class BookReopened(Event, type="BookReopened"):
    pass


class Note(Command):
    line: str = "a line"
    times: int = 1


class Sign(Command):
    subject: str
    name: Personal
    more: Mapping[str, Personal] = {}


class CopyName(Command):
    """Write the name down again, from the state."""


class Close(Command):
    why: str = "full"


class Reopen(Command):
    pass


class Trip(Command):
    """A fault in the rules."""


class Move(Command):
    """A line goes from the first book to the second."""

    source: str
    target: str


class Book(Frozen):
    lines: int = 0
    total: Decimal = Decimal(0)
    closed: bool = False
    owner: str | None = None
    name: Personal | None = None


class BookIsClosed(DomainError):
    pass


def decide(command: Command, state: Book) -> list[Event]:
    match command:
        case Reopen():
            return [BookReopened(at=command.at)] if state.closed else []
        case Close():
            return [] if state.closed else [BookClosed(at=command.at, why=command.why)]
        case _ if state.closed:
            raise BookIsClosed()
        case Note():
            return [BookNoted(at=command.at, line=command.line) for _ in range(command.times)]
        case Sign():
            return [
                BookSigned(
                    at=command.at, subject=command.subject, name=command.name, more=command.more
                )
            ]
        case CopyName():
            assert state.owner is not None
            assert state.name is not None
            return [BookSigned(at=command.at, subject=state.owner, name=state.name)]
        case _:
            raise ZeroDivisionError("a fault in the rules")


def decide_across(command: Command, states: Mapping[str, Book]) -> list[tuple[str, Event]]:
    assert isinstance(command, Move)
    if any(state.closed for state in states.values()):
        raise BookIsClosed()
    return [
        (command.source, BookNoted(at=command.at, line="out", amount=Decimal(-1))),
        (command.target, BookNoted(at=command.at, line="in")),
    ]


def evolve(state: Book, event: Event) -> Book:
    match event:
        case BookNoted():
            return state.model_copy(
                update={"lines": state.lines + 1, "total": state.total + event.amount}
            )
        case BookSigned():
            return state.model_copy(update={"owner": event.subject, "name": event.name})
        case BookClosed():
            return state.model_copy(update={"closed": True})
        case BookReopened():
            return state.model_copy(update={"closed": False})
        case _:
            return state


book: Decider[Book, Any, Any] = Decider(
    name="book",
    initial=Book(),
    decide=decide,
    evolve=evolve,
    subject=lambda state: state.owner,
    decide_across=decide_across,
)


def wish(id: UUID | None = None) -> dict[str, Any]:
    """What every command needs; a new id where none is given."""
    return {"command_id": id or uuid4(), "at": AT, "actor": ANNA}


def new_stream() -> str:
    return f"book-{uuid4()}"
