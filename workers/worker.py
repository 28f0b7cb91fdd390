"""The worker: Temporal's workflows and the activities that do what they call for."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog
from temporalio.client import Client

from domain.rulebooks import RULEBOOKS
from ledger import Ledger
from workers.mailing import mail_server
from workers.settings import Settings
from workflows.activities import Activities
from workflows.client import connect
from workflows.hosting import THREADS, keep_schedule, worker
from workflows.letters import Letters, Templates
from workflows.repair import Repair
from workflows.staff_letters import StaffLetters

log = structlog.get_logger()

PAUSE_SECONDS = 1.0


def run(settings: Settings) -> None:
    """Work until SIGTERM; what is being performed comes to its end."""
    with (
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        ThreadPoolExecutor(THREADS, "activity") as threads,
    ):
        asyncio.run(work(settings, ledger, threads))


async def work(settings: Settings, ledger: Ledger, threads: ThreadPoolExecutor) -> None:
    stop = told_to_end()
    client = await connected(settings, stop)
    if client is None:
        return
    await keep_schedule(client)
    secret = settings.signing_secret().encode()
    letters = Letters(ledger, Templates(ledger), settings.desk_address, secret)
    colleagues = StaffLetters(ledger, settings.desk_address)
    activities = Activities(
        ledger, RULEBOOKS, letters.render, mail_server(settings, secret), colleagues.escalated
    )
    async with worker(client, activities, Repair(client, ledger.reading), threads):
        log.info("worker.runs")
        await stop.wait()
    log.info("worker.ended")


def told_to_end() -> asyncio.Event:
    """Set by SIGTERM and SIGINT. Call inside the loop, in the main thread."""
    told = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, told.set)
    return told


async def connected(settings: Settings, stop: asyncio.Event) -> Client | None:
    """A client as soon as Temporal answers; None where we are told to end before."""
    while not stop.is_set():
        try:
            return await connect(
                settings.temporal(), settings.temporal_namespace, settings.codec_key()
            )
        except RuntimeError:
            log.warning("temporal.away")
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)
    return None
