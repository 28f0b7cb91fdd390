"""What people say of a case that runs late or is stuck: its cause, and a call for the lead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, assert_never

from domain.clock import Clock
from domain.decider import DomainError
from domain.event import Command, Event
from domain.personal import Personal

DelayCause = Literal[
    "workload", "absence", "colleague", "third_party", "customer", "system", "overlooked", "other"
]
"""Why a limit was missed; ``colleague``: another department of ours did not answer."""

# events


class BreachExplained(Event, type="BreachExplained"):
    """Why a limit was missed, as its owner sees it. It excuses nothing."""

    clock: str
    cause: DelayCause
    words: Personal | None


class LeadCalled(Event, type="LeadCalled"):
    """Whoever works the case asks the team lead to look at it, without waiting for the ladder."""

    why: Personal


EscalationEvent = BreachExplained | LeadCalled

# commands


class ExplainBreach(Command):
    clock: str
    cause: DelayCause
    words: Personal | None = None


class CallLead(Command):
    why: Personal


EscalationCommand = ExplainBreach | CallLead


# rules


class NothingBreached(DomainError):
    """This limit was not missed, so there is nothing to explain."""


def decide_escalation(
    command: EscalationCommand, clocks: Mapping[str, Clock], explained: frozenset[str]
) -> list[EscalationEvent]:
    """``explained``: the clocks whose cause is known; it is asked once."""
    match command:
        case ExplainBreach():
            clock = clocks.get(command.clock)
            if clock is None or clock.breached_at is None:
                raise NothingBreached()
            if command.clock in explained:
                return []
            return [
                BreachExplained(
                    at=command.at, clock=command.clock, cause=command.cause, words=command.words
                )
            ]
        case CallLead():
            return [LeadCalled(at=command.at, why=command.why)]
        case _:
            assert_never(command)
