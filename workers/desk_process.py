"""The desk as a process: one web server over one ledger."""

from __future__ import annotations

import uvicorn

from desk.app import create_app
from desk.serving import Server
from ledger import Ledger
from ledger.database import pool
from workers.mailing import staff_post
from workers.settings import Settings

CONNECTIONS = 24
SECONDS_TO_FINISH = 10
SECONDS_FOR_A_CONNECTION = 10.0


def run(settings: Settings) -> None:
    """Serve until SIGTERM; requests that are under way are finished."""
    with (
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        pool(settings.database(), size=CONNECTIONS, patience=SECONDS_FOR_A_CONNECTION) as readers,
        staff_post(settings) as post,
    ):
        app = create_app(
            ledger=ledger,
            pool=readers,
            home=settings.home,
            secret=settings.signing_secret().encode(),
            secure=settings.desk_address.startswith("https://"),
            outward=settings.outward(),
            post=post,
            largest_file=settings.largest_file_mb * 1_000_000,
            largest_upload=settings.largest_upload_mb * 1_000_000,
        )
        Server(
            app,
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                forwarded_allow_ips=settings.trusted_proxies,
                timeout_graceful_shutdown=SECONDS_TO_FINISH,
            ),
        ).run()
