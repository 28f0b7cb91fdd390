from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import Worker

from workers.embedded import temporal as server


@workflow.defn
class Nap:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(days=56))
        return (workflow.now()).isoformat()


def test_the_development_server_has_the_default_namespace(temporal):
    assert server.reachable(temporal)


def test_eight_weeks_pass_at_once_on_the_time_skipping_server(time_skipping):
    async def story():
        async with await time_skipping() as environment:
            begun = await environment.get_current_time()
            async with Worker(environment.client, task_queue="naps", workflows=[Nap]):
                await environment.client.execute_workflow(Nap.run, id="nap", task_queue="naps")
            return await environment.get_current_time() - begun

    assert asyncio.run(story()) >= timedelta(days=56)


def test_a_busy_port_picks_another_and_what_ran_is_kept(tmp_path):
    first = server.start(tmp_path, port=0)
    port = int(first.address.split(":")[1])
    second = server.start(tmp_path, port=port, kept=False)
    assert second.address != first.address
    second.stop()

    async def begin() -> None:
        client = await Client.connect(first.address)
        await client.start_workflow("Nap", id="nap", task_queue="nobody")

    async def find(address: str) -> str:
        client = await Client.connect(address)
        return (await client.get_workflow_handle("nap").describe()).status.name

    asyncio.run(begin())
    first.stop()
    again = server.start(tmp_path, port=0)
    assert asyncio.run(find(again.address)) == "RUNNING"
    again.stop()
