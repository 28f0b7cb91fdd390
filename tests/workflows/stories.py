"""Stories over weeks: one case on one time-skipping server, with the real ledger beneath."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from small_rules import AskSmall, MoveSmallEnd, OpenSmall, small
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from domain.decider import Decider, Due, Words
from domain.event import Actor, Command, Event
from domain.personal import Personal
from workflows.activities import Activities, Render, Tell, nobody
from workflows.hosting import THREADS, worker
from workflows.mail import Delivery, Outgoing
from workflows.messages import Look, PerformItem
from workflows.nudge import start_or_wake
from workflows.repair import Repair

HISTORIES = Path(__file__).parents[1] / "histories"
PERSON = Actor(kind="staff", id="staff-1", role="agent")
STREAM = "complaint-0190a0b0-0000-7000-8000-000000000002"


@dataclass
class Post:
    """A mail server that answers as told, and remembers what it was given."""

    answers: list[Delivery] = field(default_factory=list)
    given: list[Outgoing] = field(default_factory=list)

    async def send(self, letter: Outgoing) -> Delivery:
        self.given.append(letter)
        if self.answers:
            return self.answers.pop(0).model_copy(update={"letter": letter.letter})
        return Delivery(letter=letter.letter, sent=True, message_id=f"<{letter.letter}@test>")


@dataclass(frozen=True)
class Watched(Activities):
    """The real activities, remembering what they were asked to perform."""

    looked: list[Look] = field(default_factory=list)
    performed: list[PerformItem] = field(default_factory=list)

    def _agenda(self, stream):
        self.looked.append(Look(stream=stream))
        return super()._agenda(stream)

    def _perform(self, item, due, fold):
        self.performed.append(item)
        super()._perform(item, due, fold)


def words(_state, due: Due):
    text = Words(
        template=f"{due.letter}@1",
        language="en",
        subject=Personal("We have your complaint"),
        body=Personal("Dear Ada,\n\nwe have it.\n"),
    )
    return text, Personal("ada@example.org")


async def record(name: str, run: WorkflowHandle) -> None:
    """Keep the run's history for replays, where the environment asks for new ones.

    Without what differs from machine to machine.
    """
    if "RECORD_HISTORIES" not in os.environ:
        return
    history = await run.fetch_history()
    for event in history.events:
        for _, attributes in event.ListFields():
            for field_name in ("identity", "binary_checksum"):
                if hasattr(attributes, field_name):
                    attributes.ClearField(field_name)
            queue = getattr(attributes, "task_queue", None)
            if queue is not None and queue.normal_name:
                queue.name = queue.normal_name
    (HISTORIES / f"{name}.json").write_text(history.to_json() + "\n")


@dataclass
class Story:
    """``now`` is the server's time; every command is nudged as the dispatcher would."""

    environment: object
    ledger: object
    activities: Watched
    rules: Decider
    stream: str = STREAM

    async def now(self) -> datetime:
        return await self.environment.get_current_time()

    async def does(self, command: Command, *, nudge: bool = True) -> int:
        receipt = await asyncio.to_thread(self.ledger.handle, self.rules, self.stream, command)
        if nudge:
            await self.nudge(receipt.version)
        return receipt.version

    async def opens(self, *, nudge: bool = True, **after: timedelta) -> None:
        now = await self.now()
        moments = {f"{name}_at": now + span for name, span in after.items()}
        await self.does(
            OpenSmall(command_id=uuid4(), at=now, actor=PERSON, stream=self.stream, **moments),
            nudge=nudge,
        )

    async def moves_end(self, span: timedelta, *, nudge: bool = True) -> None:
        now = await self.now()
        moved = MoveSmallEnd(command_id=uuid4(), at=now, actor=PERSON, end_at=now + span)
        await self.does(moved, nudge=nudge)

    async def asks(self) -> int:
        """Ask for information; the version that asks."""
        return await self.does(AskSmall(command_id=uuid4(), at=await self.now(), actor=PERSON))

    async def nudge(self, version: int) -> None:
        await start_or_wake(self.environment.client, self.stream, version)

    @property
    def run(self) -> WorkflowHandle:
        return self.environment.client.get_workflow_handle(self.stream)

    async def ends(self) -> None:
        """Let days pass until the workflow has completed."""
        for _ in range(400):
            if not await self.is_running():
                break
            await self.passes(timedelta(days=1))
        assert (await self.run.describe()).status == WorkflowExecutionStatus.COMPLETED

    async def passes(self, span: timedelta) -> None:
        await self.environment.sleep(span)

    @property
    def post(self) -> Post:
        return self.activities.mail

    async def is_running(self) -> bool:
        return (await self.run.describe()).status == WorkflowExecutionStatus.RUNNING

    def events(self) -> list[Event]:
        return [recorded.event for recorded in self.ledger.history(self.stream)]

    def performed(self, rule: str) -> list[PerformItem]:
        return [item for item in self.activities.performed if f"/{rule}/" in item.key]

    async def record(self, name: str) -> None:
        await record(name, self.run)

    def told(self) -> list[str]:
        return [type(event).__name__ for event in self.events()]

    def moment(self, name: str) -> datetime:
        """When the last event of that name happened."""
        return [event.at for event in self.events() if type(event).__name__ == name][-1]


@asynccontextmanager
async def story(
    time_skipping, ledger, rules: Decider = small, render: Render = words, tell: Tell = nobody
) -> AsyncIterator[Story]:
    activities = Watched(ledger, {"complaint": rules}, render, Post(), tell)
    with ThreadPoolExecutor(THREADS) as threads:
        async with await time_skipping() as environment:
            told = Story(environment, ledger, activities, rules)
            repair = Repair(environment.client, ledger.reading)
            async with worker(environment.client, activities, repair, threads):
                yield told
