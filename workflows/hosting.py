"""A worker for our workflows, and the schedule of the sweep."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.worker import Worker

from workflows.activities import Activities
from workflows.complaint import HandleComplaint
from workflows.nudge import TASK_QUEUE
from workflows.repair import Repair
from workflows.sweep import EVERY, SCHEDULE, SweepOwed

WORKFLOWS: Final = (HandleComplaint, SweepOwed)
THREADS: Final = 32
"""For activities that talk to PostgreSQL; their commands share one lane."""


def worker(
    client: Client,
    activities: Activities,
    repair: Repair,
    threads: ThreadPoolExecutor,
    task_queue: str = TASK_QUEUE,
) -> Worker:
    """Run it with ``async with``; leaving lets what is being performed come to its end."""
    return Worker(
        client,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=[activities.agenda, activities.perform, activities.deliver, repair.sweep],
        activity_executor=threads,
        max_concurrent_activities=THREADS,
        graceful_shutdown_timeout=timedelta(seconds=20),
    )


async def keep_schedule(client: Client, task_queue: str = TASK_QUEUE) -> None:
    """Have the server start a sweep every five minutes; at every start of a worker, again."""
    schedule = Schedule(
        action=ScheduleActionStartWorkflow(SweepOwed.run, id=SCHEDULE, task_queue=task_queue),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=EVERY)]),
        policy=SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)
        ),
    )

    def as_of_now(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = found.description.schedule.state
        return ScheduleUpdate(schedule=schedule)

    try:
        await client.create_schedule(SCHEDULE, schedule)
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(SCHEDULE).update(as_of_now)
