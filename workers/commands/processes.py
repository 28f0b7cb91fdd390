"""The processes that ``up`` starts, each alone: how production runs them."""

from __future__ import annotations

from importlib import import_module

import psycopg

from ledger import pending, refuse_to_run_with_rights
from workers import logs
from workers.embedded.engines import reached
from workers.settings import Settings, SettingsRefused


def run(module: str) -> None:
    """Run ``module.run(settings)`` until SIGTERM. Raises SettingsRefused for default secrets."""
    with reached(Settings()) as settings:
        settings.refuse_default_secrets()
        refuse_database(settings.database())
        logs.configure(module.removesuffix("_process"), settings.log_level)
        import_module(f"workers.{module}").run(settings)


def refuse_database(url: str) -> None:
    """Start on no database that is not up to date, or where we could change the log.

    Raises SettingsRefused, DatabaseNewer, TooManyRights.
    """
    if missing := pending(url):
        raise SettingsRefused(f"The database lacks {', '.join(missing)}: run `evercase migrate`.")
    with psycopg.connect(url, autocommit=True) as connection:
        refuse_to_run_with_rights(connection)


def desk() -> None:
    """Serve the pages and the JSON API on EVERCASE_HOST and EVERCASE_PORT."""
    run("desk_process")


def worker() -> None:
    """Run the Temporal workflows and their activities."""
    run("worker")


def projector() -> None:
    """Follow the log and keep the read models up to date."""
    run("projector")


def dispatcher() -> None:
    """Follow the log and wake the workflows of the cases that owe something."""
    run("dispatcher")


def webhooks() -> None:
    """Send facts to the receivers that people have named at /webhooks."""
    run("webhooks")


def maildrop() -> None:
    """Take mail on EVERCASE_SMTP_PORT and keep it as files instead of sending it."""
    run("maildrop")


def mailbox() -> None:
    """Take mail over LMTP on EVERCASE_LMTP_PORT, or on EVERCASE_LMTP_SOCKET, into the cases."""
    run("mailbox")
