"""The webhooks as a process: facts sent to the receivers that people have named."""

from __future__ import annotations

import structlog

from desk.directory import Directory
from desk.house import House
from desk.webhook_delivery import run as deliver
from ledger import Ledger
from ledger.database import pool
from workers.ending import told_to_end
from workers.settings import Settings

log = structlog.get_logger()
CONNECTIONS = 12
SECONDS_FOR_A_CONNECTION = 10.0


def run(settings: Settings) -> None:
    """Deliver until SIGTERM; deliveries that are under way are finished."""
    stop = told_to_end()
    with (
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        pool(settings.database(), size=CONNECTIONS, patience=SECONDS_FOR_A_CONNECTION) as readers,
    ):
        house = House(
            ledger=ledger,
            pool=readers,
            home=settings.home,
            secret=settings.signing_secret().encode(),
            secure=settings.desk_address.startswith("https://"),
            directory=Directory(ledger),
            outward=settings.outward(),
        )
        log.info("webhooks.runs")
        deliver(house, stop)
    log.info("webhooks.ended")
