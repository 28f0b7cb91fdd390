"""The dispatcher behind the owed rows: who is nudged, who is left alone, what a failure costs."""

from __future__ import annotations

import asyncio

import pytest
from servers import DAY, RULES, house, rows
from small_rules import AskSmall
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError

from projections import owed
from projections.rebuild import rebuild
from workers.embedded.ports import free_port
from workflows.client import converter
from workflows.dispatch import Dispatcher
from workflows.nudge import in_flight

RUNNING, COMPLETED = WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED


@pytest.fixture
def nobody_there() -> str:
    """An address where nothing listens."""
    return f"127.0.0.1:{free_port()}"


async def nudged(our, case: str) -> None:
    """Wait until a workflow was started for the case."""
    while await our.status(case) is None:
        await asyncio.sleep(0.02)


def test_a_case_that_owes_gets_a_workflow_and_one_that_owes_nothing_none(ledger, temporal):
    async def told():
        async with house(ledger, temporal, working=False) as our:
            owing, done = our.opens(warn=DAY, end=DAY), our.opens(warn=-DAY, end=-DAY)
            our.ends(done)
            assert await our.dispatches() == 1
            assert await our.status(owing) == RUNNING
            assert await our.status(done) is None

    asyncio.run(told())


def test_a_waiting_workflow_hears_that_nothing_is_owed_any_more(ledger, temporal):
    async def told():
        async with house(ledger, temporal) as our:
            case = our.opens(warn=DAY, end=2 * DAY)
            await our.dispatches()
            our.ends(case)
            assert await our.dispatches() == 1
            await our.completes(case)
            assert our.told(case) == ["SmallOpened", "SmallEnded"]

    asyncio.run(told())


def test_an_ended_case_that_nobody_waits_for_starts_nothing(ledger, temporal):
    """Its workflow is gone with Temporal's data: the nudge that would end it finds none."""

    async def told():
        async with house(ledger, temporal, working=False) as our:
            case = our.opens(warn=DAY, end=DAY)
            our.fold()
            our.ends(case)
            assert await our.dispatches() == 1
            assert await our.status(case) is None

    asyncio.run(told())


def test_many_events_of_a_case_are_one_nudge(ledger, temporal):
    async def told():
        async with house(ledger, temporal, working=False) as our:
            case = our.opens(warn=20 * DAY, end=21 * DAY)
            for _ in range(5):
                our.handle(case, AskSmall)
            assert await our.dispatches() == 1
            assert rows(ledger)[case].version == 6

    asyncio.run(told())


def test_what_changes_nothing_in_time_is_not_nudged(ledger, temporal):
    async def told():
        async with house(ledger, temporal, working=False) as our:
            case = our.opens(warn=DAY, end=20 * DAY)
            assert await our.dispatches() == 1
            our.handle(case, AskSmall)
            assert await our.dispatches() == 0
            assert rows(ledger)[case].version == 2

    asyncio.run(told())


def test_something_new_beside_an_overdue_item_is_nudged(ledger, temporal):
    async def told():
        async with house(ledger, temporal, working=False) as our:
            case = our.opens(stubborn=-DAY, warn=DAY, end=20 * DAY)
            assert await our.dispatches() == 1
            our.handle(case, AskSmall)
            assert await our.dispatches() == 1

    asyncio.run(told())


def test_while_temporal_is_away_nothing_is_lost(ledger, temporal, nobody_there):
    async def told():
        async with house(ledger, temporal, working=False) as our:
            case = our.opens(warn=DAY, end=DAY)
            our.fold()
            nobody = await Client.connect(nobody_there, lazy=True, data_converter=converter())
            lost = Dispatcher(nobody, our.dispatcher.connection, our.queue)
            with pytest.raises((RPCError, RuntimeError)):
                await lost.dispatch()
            assert await our.dispatches() == 1
            assert await our.status(case) == RUNNING

    asyncio.run(told())


def test_a_new_build_of_the_rows_is_nudged_from_its_beginning(ledger, temporal):
    async def told():
        async with house(ledger, temporal, working=False) as our:
            our.opens(warn=DAY, end=DAY)
            await our.dispatches()
            await asyncio.to_thread(rebuild, ledger, owed.projection(ledger, RULES))
            assert await our.dispatches() == 1
            names = {(each.name, each.build) for each in ledger.positions()}
            assert {build for name, build in names if name == "dispatcher"} == {2}

    asyncio.run(told())


def test_a_dispatcher_waits_while_another_one_runs(ledger, temporal):
    async def told():
        async with (
            house(ledger, temporal, working=False) as first,
            house(ledger, temporal, working=False) as second,
        ):
            ended = [asyncio.Event(), asyncio.Event()]
            case = first.opens(warn=DAY, end=DAY)
            first.fold()
            runs = [asyncio.create_task(first.dispatcher.run(ended[0]))]
            await nudged(first, case)
            runs.append(asyncio.create_task(second.dispatcher.run(ended[1])))
            case = first.opens(warn=DAY, end=DAY)
            first.fold()
            await nudged(first, case)
            started = await first.client.get_workflow_handle(case).describe()
            assert started.task_queue == first.queue
            for end in ended:
                end.set()
            await asyncio.gather(*runs)

    asyncio.run(told())


def test_no_more_than_so_many_calls_are_in_flight():
    async def told():
        now, most = 0, 0

        async def call(_):
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.02)
            now -= 1

        assert await in_flight(range(100), call, 7) == 100
        assert most == 7

    asyncio.run(told())


def test_the_first_failure_is_told_as_it_is():
    async def fails(n):
        if n == 3:
            raise LookupError(n)

    async def told():
        with pytest.raises(LookupError):
            await in_flight(range(100), fails, 7)

    asyncio.run(told())
