"""The shape of every rule book: what is wished, what was, what follows; and what is owed when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from domain.event import Command, Event, Frozen
from domain.personal import Personal

LetterPurpose = Literal[
    "acknowledgement",
    "reply",
    "information_request",
    "reminder",
    "proposal",
    "decision",
    "holding",
    "withdrawal_confirmed",
    "satisfaction",
    "hand_over",
]

S = TypeVar("S")
C = TypeVar("C", bound=Command)
E = TypeVar("E", bound=Event)


class DomainError(Exception):
    """A broken rule. The class name is the reason; ``facts`` fill its words, never personal."""

    def __init__(self, **facts: Any) -> None:
        super().__init__(type(self).__name__)
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Due:
    """One thing a stream owes. ``key`` names its cause, so that nothing is done twice.

    key: ``stream/rule/v<version of the event that owes it>[/threshold]``
    at: from when it is due (aware UTC)
    rule: the name the automation acts by; version: ``policy-id@version`` it comes from
    letter: the template to be rendered and handed in with the performing command, or None
    """

    key: str
    at: datetime
    rule: str
    version: str
    letter: LetterPurpose | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def nothing_owed(state: Any) -> list[Due]:
    return []


def no_subject(state: Any) -> str | None:
    return None


@dataclass(frozen=True)
class Decider(Generic[S, C, E]):
    """One rule book over streams named ``<name>-<uuid7>``.

    ``subject(state)`` is the subject whose key encrypts the personal data of its events,
    asked of the state *after* the event. A command over several streams has ``decide_across``.
    """

    name: str
    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    subject: Callable[[S], str | None] = no_subject
    agenda: Callable[[S], list[Due]] = nothing_owed
    decide_across: Callable[[C, Mapping[str, S]], Sequence[tuple[str, E]]] | None = None


class Words(Frozen):
    """A text for a customer as it was rendered: from which template, in which language.

    ``template`` is a published document's ``id@version``, or "free" for staff's own words.
    """

    template: str
    language: str
    subject: Personal
    body: Personal


class Perform(Command):
    """Do what is due. ``key`` is a ``Due``'s; ``words`` where that due names a letter.

    Every decider with an agenda takes it, and answers with no events where the
    agenda no longer holds the key at ``at``.
    """

    key: str
    words: Words | None = None
    address: Personal | None = None
