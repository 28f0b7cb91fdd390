"""The dispatcher as a process: it nudges Temporal about whatever the owed rows say has moved."""

from __future__ import annotations

import asyncio

import psycopg
import structlog

from workers.settings import Settings
from workers.worker import connected, told_to_end
from workflows.dispatch import Dispatcher

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Dispatch until SIGTERM. Raises psycopg.OperationalError when the database goes away."""
    asyncio.run(dispatch(settings))


async def dispatch(settings: Settings) -> None:
    stop = told_to_end()
    client = await connected(settings, stop)
    if client is None:
        return
    with psycopg.connect(
        settings.database(), autocommit=True, application_name="evercase dispatcher"
    ) as connection:
        log.info("dispatcher.runs")
        await Dispatcher(client, connection).run(stop)
    log.info("dispatcher.ended")
