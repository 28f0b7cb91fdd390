"""``evercase up``: everything that is needed, as children of this one process."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from typing import Annotated

import typer

from domain.organisation import STREAM, organisation
from ledger import Ledger
from workers.console import say
from workers.embedded.home import AlreadyRunning
from workers.events import know_all_events
from workers.packs import publish
from workers.settings import Settings
from workers.supervisor import standing

Port = Annotated[
    int | None, typer.Option(help="Port of the desk; a busy one picks another.", show_default=False)
]


def up(port: Port = None) -> None:
    """Start everything and stay until Ctrl-C: database, Temporal, desk, worker, followers.

    A new house has calendars, a procedure, a policy and letters to begin with; your company and
    its staff are yours to add: `evercase entity add`, `evercase user add`.

    With DATABASE_URL or TEMPORAL_ADDRESS set, those are used instead of the engines that come
    along. A second `evercase up` in the same home prints the address of the first.
    """
    settings = Settings()
    if port is not None:
        settings = settings.model_copy(update={"port": port})
    try:
        with standing(settings, say) as house:
            if settings.database_url is None:
                furnish(house.settings)
            say(f"Evercase is at {house.settings.desk_address}")
            say(f"Its data and logs are in {settings.home}. Ctrl-C stops it.")
            house.tend_until(Event())
    except AlreadyRunning as running:
        say_where(running)
    except KeyboardInterrupt:
        say("Stopped.")


def furnish(settings: Settings) -> None:
    """Publish what ships and is not published yet; say how a house without a company begins."""
    know_all_events()
    with Ledger(settings.database(), master_key=settings.key()) as ledger:
        documents = publish(ledger, datetime.now(UTC))
        entities = ledger.fold(organisation, STREAM).state.entities
    if documents:
        say(f"Published {len(documents)} documents that ship with Evercase.")
    if not entities:
        say("No company is here yet. In a second terminal: evercase entity add --help")


def say_where(running: AlreadyRunning) -> None:
    """What a second start says."""
    where = f" at {running.address}" if running.address else ""
    say(f"{running}{where}. Nothing was started.")
