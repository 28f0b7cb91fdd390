"""Cases to measure on: one agreed set of terms, and lives of cases made by real commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from benchmarks.importing import DOCUMENTS, MASTER_KEY, START
from domain.access import Region, Scope
from domain.calendar import Calendar
from domain.complaint_wishes import (
    AcknowledgeComplaint,
    AssessComplaint,
    LodgeComplaint,
    RecordStep,
)
from domain.conversation import AddNote, RecordCustomerMessage, ReplyToCustomer
from domain.event import Actor, Command
from domain.ownership import AssignComplaint, Assignee
from domain.personal import Personal
from domain.policy import Policy, Terms
from domain.procedure import Procedure
from domain.rulebooks import rulebook
from ledger import Ledger, Receipt

__all__ = ["MASTER_KEY", "SCOPE", "STAFF", "START", "live_cases", "lodge", "step"]

STAFF: Final = "staff-0190e3b0-0000-7000-8000-000000000001"
ACTOR: Final = Actor(kind="staff", id=STAFF, role="agent")
SCOPE: Final = Scope(staff=STAFF, regions=(Region(legal_entity="bench", team="bench"),))
IN_FLIGHT: Final = 500
TERMS: Final = Terms(
    rules=Procedure.model_validate(DOCUMENTS["procedure"]).rules,
    policy=Policy.model_validate(DOCUMENTS["policy"]),
    calendars={"bench": Calendar.model_validate(DOCUMENTS["calendar"])},
)


def lodge(number: int) -> tuple[str, Command]:
    """A new case, received an hour after the one before."""
    stream = f"complaint-{uuid4()}"
    received = START + timedelta(minutes=number)
    command = LodgeComplaint(
        command_id=uuid4(),
        at=received,
        actor=ACTOR,
        complaint=stream,
        number=f"C-2024-{number:06}",
        legal_entity="bench",
        team="bench",
        customer=f"customer-bench-{number % 1_000}",
        channel="email",
        product="parcel",
        category="delay",
        what_happened=Personal("The parcel did not come on the day it was promised."),
        terms=TERMS,
    )
    return stream, command


def _wish(kind: type[Command], number: int, **fields: Any) -> Command:
    at = START + timedelta(minutes=number, seconds=30)
    return kind(command_id=uuid4(), at=at, actor=ACTOR, **fields)


def step(number: int) -> Command:
    return _wish(RecordStep, number, step="investigate")


def life(number: int) -> list[Command]:
    """What follows a lodging: seven commands."""
    return [
        _wish(AssignComplaint, number, to=Assignee(staff=STAFF, team="bench")),
        _wish(AcknowledgeComplaint, number, channel="phone", said=Personal("It is here.")),
        _wish(AssessComplaint, number, severity="high", category="delay"),
        step(number),
        _wish(AddNote, number, text=Personal("The carrier lost it.")),
        _wish(
            RecordCustomerMessage, number, message="m", channel="email", text=Personal("And now?")
        ),
        _wish(ReplyToCustomer, number, channel="phone", said=Personal("We have found it.")),
    ]


def live_cases(ledger: Ledger, numbers: Iterable[int], *, whole: bool = True) -> list[str]:
    """Cases in the log, lodged only or with a life behind that; their streams."""
    streams = []

    def commands() -> Iterator[tuple[str, Command]]:
        for number in numbers:
            stream, command = lodge(number)
            streams.append(stream)
            yield stream, command
            for wish in life(number) if whole else ():
                yield stream, wish

    waiting: list[Future[Receipt]] = []
    for stream, command in commands():
        waiting.append(ledger.submit(rulebook(stream), stream, command))
        if len(waiting) >= IN_FLIGHT:
            _settle(waiting)
    _settle(waiting)
    return streams


def _settle(waiting: list[Future[Receipt]]) -> None:
    for each in waiting:
        each.result()
    waiting.clear()
