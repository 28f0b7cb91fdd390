"""``evercase up``: everything that is needed, as children of this one process."""

from __future__ import annotations

from threading import Event
from typing import Annotated

import typer

from workers.console import say
from workers.embedded.home import AlreadyRunning
from workers.settings import Settings
from workers.supervisor import standing

Port = Annotated[
    int | None, typer.Option(help="Port of the desk; a busy one picks another.", show_default=False)
]


def up(port: Port = None) -> None:
    """Start everything and stay until Ctrl-C: database, Temporal, desk, worker, followers.

    With DATABASE_URL or TEMPORAL_ADDRESS set, those are used instead of the engines that come
    along. A second `evercase up` in the same home prints the address of the first.
    """
    settings = Settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    try:
        with standing(settings, say) as house:
            say(f"Evercase is at {house.settings.desk_address}")
            say(f"Its data and logs are in {settings.home}. Ctrl-C stops it.")
            house.tend_until(Event())
    except AlreadyRunning as running:
        say_where(running)
    except KeyboardInterrupt:
        say("Stopped.")


def say_where(running: AlreadyRunning) -> None:
    """What a second start says."""
    where = f" at {running.address}" if running.address else ""
    say(f"{running}{where}. Nothing was started.")
