"""An interaction: one contact with a customer, in or out, linked to a case or not."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal, assert_never

from domain.decider import Decider, DomainError
from domain.event import Command, Event, Frozen
from domain.letter import Channel
from domain.personal import Personal

# events


class InteractionRecorded(Event, type="InteractionRecorded"):
    """One contact happened at ``at``; what was said belongs to the customer."""

    customer: str
    case: str | None
    legal_entity: str
    branch: str | None
    channel: Channel
    direction: Literal["in", "out"]
    lasted: timedelta | None
    summary: Personal


class InteractionLinked(Event, type="InteractionLinked"):
    """It turned out to belong to this case."""

    case: str


InteractionEvent = InteractionRecorded | InteractionLinked


# commands


class RecordInteraction(Command):
    resolved: ClassVar[frozenset[str]] = Command.resolved | {"lasted"}
    """Sent again it has not lasted longer."""

    customer: str
    case: str | None = None
    legal_entity: str
    branch: str | None = None
    channel: Channel
    direction: Literal["in", "out"]
    lasted: timedelta | None = None
    summary: Personal


class LinkInteraction(Command):
    case: str


InteractionCommand = RecordInteraction | LinkInteraction


# state


class Interaction(Frozen):
    customer: str | None = None
    cases: frozenset[str] = frozenset()


INITIAL = Interaction()


class InteractionUnknown(DomainError):
    """No such interaction."""


def decide(command: InteractionCommand, state: Interaction) -> list[InteractionEvent]:
    match command:
        case RecordInteraction():
            if state.customer:
                return []
            return [
                InteractionRecorded(
                    at=command.at,
                    customer=command.customer,
                    case=command.case,
                    legal_entity=command.legal_entity,
                    branch=command.branch,
                    channel=command.channel,
                    direction=command.direction,
                    lasted=command.lasted,
                    summary=command.summary,
                )
            ]
        case LinkInteraction():
            if state.customer is None:
                raise InteractionUnknown()
            if command.case in state.cases:
                return []
            return [InteractionLinked(at=command.at, case=command.case)]
        case _:
            assert_never(command)


def evolve(state: Interaction, event: InteractionEvent) -> Interaction:
    match event:
        case InteractionRecorded():
            cases = frozenset({event.case} if event.case else ())
            return Interaction(customer=event.customer, cases=cases)
        case InteractionLinked():
            return state.model_copy(update={"cases": state.cases | {event.case}})
        case _:
            assert_never(event)


def subject(state: Interaction) -> str | None:
    return state.customer


interaction: Decider[Interaction, InteractionCommand, InteractionEvent] = Decider(
    name="interaction", initial=INITIAL, decide=decide, evolve=evolve, subject=subject
)
