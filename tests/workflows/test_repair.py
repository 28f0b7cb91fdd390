"""What a crash left behind is found again: the sweep, and the resync of everything."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from uuid import uuid4

from servers import DAY, house
from stories import record
from temporalio.client import ScheduleOverlapPolicy, WorkflowExecutionStatus

from workers import resync
from workers.embedded import temporal as server
from workers.embedded.ports import free_port
from workers.settings import Settings
from workflows.hosting import keep_schedule
from workflows.messages import Swept
from workflows.sweep import EVERY, SCHEDULE, SweepOwed

MINUTE = timedelta(minutes=1)


def test_the_sweep_nudges_what_is_due_for_more_than_five_minutes(ledger, temporal):
    async def told():
        async with house(ledger, temporal) as our:
            late = our.opens(warn=-6 * MINUTE, end=-6 * MINUTE)
            recent = our.opens(warn=-2 * MINUTE, end=-2 * MINUTE)
            our.fold()
            sweep = await our.client.start_workflow(
                SweepOwed.run, id=f"sweep-{uuid4()}", task_queue=our.queue
            )
            assert await sweep.result() == Swept(nudged=1)
            await record("swept", sweep)
            await our.completes(late)
            assert our.told(late) == ["SmallOpened", "SmallEnded"]
            assert await our.status(recent) is None

    asyncio.run(told())


def test_the_schedule_is_kept_however_often_a_worker_starts(ledger, temporal):
    async def told():
        async with house(ledger, temporal) as our:
            for _ in range(3):
                await keep_schedule(our.client, our.queue)
            schedule = our.client.get_schedule_handle(SCHEDULE)
            described = (await schedule.describe()).schedule
            assert [each.every for each in described.spec.intervals] == [EVERY]
            assert described.action.task_queue == our.queue
            late = our.opens(warn=-6 * MINUTE, end=-6 * MINUTE)
            our.fold()
            # A worker of another test may have left a sweep under way that nobody will finish.
            await schedule.trigger(overlap=ScheduleOverlapPolicy.ALLOW_ALL)
            async with asyncio.timeout(60):
                while await our.status(late) is None:
                    await asyncio.sleep(0.1)
            await our.completes(late)
            await schedule.delete()

    asyncio.run(told())


def test_temporal_loses_everything_and_a_resync_brings_it_back(ledger, tmp_path):
    """The server's file is deleted between the two servers."""
    first = server.start(tmp_path, port=0)

    async def before():
        async with house(ledger, first.address) as our:
            cases = [our.opens(warn=DAY, end=2 * DAY) for _ in range(20)]
            ended = our.opens(warn=-DAY, end=-DAY)
            assert await our.dispatches() == 21
            await our.completes(ended)
            return cases, ended

    cases, ended = asyncio.run(before())
    first.stop()
    for file in tmp_path.glob("temporal.db*"):
        file.unlink()
    second = server.start(tmp_path, port=0)

    async def after():
        async with house(ledger, second.address) as our:
            assert [await our.status(case) for case in cases] == [None] * 20
            our.ends(cases[0])
            await asyncio.to_thread(our.fold)
            nudged = []
            assert await our.repair.resync(nudged.append) == nudged[-1] == 19
            running = WorkflowExecutionStatus.RUNNING
            assert [await our.status(case) for case in cases] == [None] + [running] * 19
            assert await our.status(ended) is None
            our.ends(cases[1])
            await our.dispatches()
            await our.completes(cases[1])

    try:
        asyncio.run(after())
    finally:
        second.stop()


def settings(database, address: str) -> Settings:
    return Settings(database_url=database.app_url, temporal_address=address, demo=True)


def test_the_command_nudges_and_reports(database, ledger, temporal, capsys):
    async def before():
        async with house(ledger, temporal, working=False) as our:
            case = our.opens(warn=DAY, end=DAY)
            our.fold()
            return case

    case = asyncio.run(before())
    assert resync.run(settings(database, temporal), as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["nudged"] == 1

    async def after():
        async with house(ledger, temporal, working=False) as our:
            assert await our.status(case) == WorkflowExecutionStatus.RUNNING

    asyncio.run(after())


def test_the_command_says_what_is_missing(database, temporal, capsys):
    assert resync.run(settings(database, temporal)) == 1
    assert "start the projector" in capsys.readouterr().err
    assert resync.run(settings(database, f"127.0.0.1:{free_port()}")) == 1
    assert "Temporal does not answer" in capsys.readouterr().err
