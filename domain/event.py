"""Events, commands and the envelope: the words every other file is written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.personal import Personal


class Frozen(BaseModel):
    """A value: equal by content, never changed, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Frozen):
    """A fact. ``type`` is the stored name: it outlives any renaming of the class.

    ``at`` is when it happened in the world. It is stored as the envelope's ``occurred_at``,
    outside the body, and comes back from there; one command may make events of several moments
    (a limit that was passed a week ago is breached at that moment).
    """

    at: AwareDatetime
    type_name: ClassVar[str]
    schema_version: ClassVar[int] = 1

    def __init_subclass__(cls, **names: Any) -> None:
        """Lets ``type`` and ``schema`` through to the hook below, which sees the whole class."""
        super().__init_subclass__()

    @classmethod
    def __pydantic_init_subclass__(cls, **names: Any) -> None:
        type, schema = names["type"], names.get("schema", 1)
        if type in EVENT_TYPES and EVENT_TYPES[type].__qualname__ != cls.__qualname__:
            raise TypeError(f"event type {type} is taken")
        cls.type_name = type
        cls.schema_version = schema
        EVENT_TYPES[type] = cls

    def found_by(self) -> Mapping[str, Personal | None]:
        """What its subject is found by from now on: purpose of the blind index -> value.

        None takes it back. A new name, phone or e-mail replaces the old one; orders add up.
        """
        return {}


EVENT_TYPES: Final[dict[str, type[Event]]] = {}
"""Stored type name -> class, filled as the event classes are defined."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
UPCASTERS: Final[dict[tuple[str, int], Upcaster]] = {}
"""(type, schema) -> what turns that body into the body of schema + 1."""


class Actor(Frozen):
    """Who did it. ``id``: a staff or customer stream, a workflow's kind, an import's batch."""

    kind: Literal["staff", "customer", "automation", "import"]
    id: str
    role: str | None = None
    on_behalf_of: str | None = None


class Cause(Frozen):
    """Why an automation acted: which workflow, by which rule, in which version."""

    workflow: str
    rule: str
    version: str


class Command(Frozen):
    """A wish, and the moment in the world at which it is meant to happen."""

    command_id: UUID
    at: AwareDatetime
    actor: Actor

    resolved: ClassVar[frozenset[str]] = frozenset({"at", "number"})
    """Fields filled in anew each time it is sent (the moment, a number, a policy as it stands):
    a command sent again under its id may differ in these and in no other."""


class Context(Frozen):
    """The rest of the envelope, and the version the sender saw (None: any)."""

    reason: Personal | None = None
    source_recorded_at: AwareDatetime | None = None
    correlation: str | None = None
    cause: Cause | None = None
    expected_version: int | None = None


E = TypeVar("E", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event as stored: ``occurred_at`` in the world, ``recorded_at`` by the database."""

    position: int
    stream: str
    version: int
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    command_id: UUID
    context: Context
    event: E
