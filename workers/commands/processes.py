"""The processes that ``up`` starts, each alone: how production runs them."""

from __future__ import annotations

from importlib import import_module

from workers import logs
from workers.embedded.engines import reached
from workers.settings import Settings


def run(module: str) -> None:
    """Run ``module.run(settings)`` until SIGTERM. Raises SettingsRefused for default secrets."""
    with reached(Settings()) as settings:
        settings.refuse_default_secrets()
        logs.configure(module, settings.log_level)
        import_module(f"workers.{module}").run(settings)


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


def maildrop() -> None:
    """Take mail on EVERCASE_SMTP_PORT and keep it as files instead of sending it."""
    run("maildrop")


COMMANDS = (desk, worker, projector, dispatcher, maildrop)
