"""Nudging: "this stream is now at that version, look". Lost, doubled or late ones do no harm."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from workflows.messages import LOOK_AGAIN, NUDGE, Nudge, Watch

TASK_QUEUE: Final = "evercase"
WORKFLOWS: Final[Mapping[str, str]] = {"complaint": "HandleComplaint"}
"""Prefix of a stream -> the workflow that keeps its time."""

RPC_TIMEOUT = timedelta(seconds=10)

T = TypeVar("T")


def workflow_of(stream: str) -> str | None:
    return WORKFLOWS.get(stream.partition("-")[0])


async def start_or_wake(
    client: Client, stream: str, version: int, *, signal: str = NUDGE, task_queue: str = TASK_QUEUE
) -> None:
    """Signal the stream's workflow, starting it where none runs. A closed one may owe again.

    Raises RPCError where the server cannot be reached, KeyError for a stream without a workflow.
    """
    await client.start_workflow(
        WORKFLOWS[stream.partition("-")[0]],
        Watch(stream=stream),
        id=stream,
        task_queue=task_queue,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=signal,
        start_signal_args=[Nudge(version=version)],
        rpc_timeout=RPC_TIMEOUT,
    )


async def look_again(
    client: Client, stream: str, version: int, *, task_queue: str = TASK_QUEUE
) -> None:
    """As ``start_or_wake``, and a running workflow looks even if it has seen this version."""
    await start_or_wake(client, stream, version, signal=LOOK_AGAIN, task_queue=task_queue)


async def wake(client: Client, stream: str, version: int) -> None:
    """Signal the workflow if one runs. For a stream that owes nothing: it ends, none is started."""
    try:
        await client.get_workflow_handle(stream).signal(
            NUDGE, Nudge(version=version), rpc_timeout=RPC_TIMEOUT
        )
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise


async def in_flight(work: Iterable[T], do: Callable[[T], Awaitable[None]], most: int) -> int:
    """Do all of it, at most ``most`` at a time; the first failure stops the rest and is raised."""
    waiting = iter(work)
    done = 0

    async def one_after_another() -> None:
        nonlocal done
        for item in waiting:
            await do(item)
            done += 1

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(most):
                group.create_task(one_after_another())
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return done
