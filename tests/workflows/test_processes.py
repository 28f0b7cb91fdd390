"""Worker and dispatcher as processes: they begin by themselves and end when they are told to."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from temporalio.service import RPCError

from workers.embedded.ports import free_port
from workflows.client import connect
from workflows.sweep import SCHEDULE


@contextmanager
def process(name: str, database, temporal: str, folder):
    """``evercase NAME`` on this database and server; ended and checked when the block is left."""
    environment = {
        **os.environ,
        "DATABASE_URL": database.app_url,
        "TEMPORAL_ADDRESS": temporal,
        "EVERCASE_DEMO": "1",
        "EVERCASE_HOME": str(folder),
    }
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        running = subprocess.Popen(
            [sys.executable, "-m", "workers", name],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield log
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0, log.read_text()
    finally:
        if running.poll() is None:
            running.kill()
            running.wait()


def until(fact) -> None:
    """Wait for a fact; the test's own time limit ends a wait in vain."""
    while not fact():
        time.sleep(0.05)


def schedule_is_there(address: str) -> bool:
    async def asked() -> bool:
        schedule = (await connect(address)).get_schedule_handle(SCHEDULE)
        try:
            await schedule.describe()
        except RPCError:
            return False
        return True

    return asyncio.run(asked())


def test_a_worker_keeps_the_sweep_and_ends_when_told(database, temporal, tmp_path):
    with process("worker", database, temporal, tmp_path) as log:
        until(lambda: schedule_is_there(temporal))
        until(lambda: "worker.runs" in log.read_text())
    assert "worker.ended" in log.read_text()


@pytest.mark.parametrize("name", ["worker", "dispatcher"])
def test_without_temporal_a_process_waits_and_still_ends_when_told(name, database, tmp_path):
    with process(name, database, f"127.0.0.1:{free_port()}", tmp_path) as log:
        until(lambda: "temporal.away" in log.read_text())


def test_a_dispatcher_waits_for_the_read_models_and_ends_when_told(database, temporal, tmp_path):
    with process("dispatcher", database, temporal, tmp_path) as log:
        until(lambda: "dispatcher.runs" in log.read_text())
        until(lambda: "dispatcher.waits" in log.read_text())
