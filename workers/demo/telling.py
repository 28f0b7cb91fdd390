"""The story as a list of commands for the ledger; making it needs no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from domain.customer import RegisterCustomer
from domain.decider import Decider
from domain.event import Actor, Command, Context
from domain.organisation import LegalEntity
from domain.policy import Library
from domain.staff_facts import Role
from ledger import DestroyKey
from workers.demo.moments import Moments

NAMESPACE: Final = UUID("3d6c1f64-0f5e-5b52-8a77-c1f6d2a9e0b4")
"""Of every id of the story, so that telling it again says the same."""

OLD_SYSTEM: Final = Actor(kind="import", id="old-system")
"""Did what nobody did by hand before."""

Number = Callable[[str, str, int], str]
"""(kind, stream, year) -> the number people know it by; the same each time it is told."""


def stream_of(kind: str, key: str) -> str:
    """The stream of somebody or something in the story: ``complaint`` C1, ``staff`` ellie."""
    return f"{kind}-{uuid5(NAMESPACE, f'{kind}/{key}')}"


class Step(NamedTuple):
    """One command for the ledger."""

    decider: Decider[Any, Any, Any]
    stream: str
    command: Command
    context: Context


class KeyStep(NamedTuple):
    """The end of a person's key."""

    command: DestroyKey
    context: Context


@dataclass
class Telling:
    """What is told so far, and what the rest of the story needs to know.

    now: the moment of telling, aware UTC. fast: the case that is watched runs in seconds.
    roles: login -> legal entity -> role. customers: key -> how they were registered.
    names: stream of a customer -> name, for letters.
    """

    now: datetime
    fast: bool
    library: Library
    number: Number
    steps: list[Step | KeyStep] = field(default_factory=list)
    entities: dict[str, LegalEntity] = field(default_factory=dict)
    roles: dict[str, dict[str, Role]] = field(default_factory=dict)
    customers: dict[str, RegisterCustomer] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def moments(self, legal_entity: str) -> Moments:
        return Moments(self.now, self.library.calendars[self.entities[legal_entity].calendar])

    def tell(
        self,
        decider: Decider[Any, Any, Any],
        stream: str,
        command: Command,
        *,
        carried: bool = True,
    ) -> None:
        """``carried``: the old system claims to have recorded it when it happened."""
        claimed = command.at if carried else None
        context = Context(source_recorded_at=claimed, correlation=stream)
        self.steps.append(Step(decider, stream, command, context))

    def actor(self, login: str, legal_entity: str, *, carried: bool) -> Actor:
        """A member of staff; a deed that is carried over keeps the name it had."""
        stream = stream_of("staff", login)
        if carried:
            return Actor(kind="import", id=stream, on_behalf_of=stream)
        return Actor(kind="staff", id=stream, role=self.roles[login][legal_entity].name)


def envelope(stream: str, about: str, at: datetime, actor: Actor = OLD_SYSTEM) -> dict[str, Any]:
    """What every command needs; ``about`` tells it from the others of its stream."""
    return {"command_id": uuid5(NAMESPACE, f"{stream}/{about}"), "at": at, "actor": actor}


def texts(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Those of the row's values that are there."""
    return {name: row[name] for name in names if name in row}
