"""``evercase demo``: everything, with a story in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Annotated, Any, Final

import psycopg
import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from desk.session import set_password
from ledger import Ledger
from workers.commands.up import say_where
from workers.console import console, print_json, say
from workers.embedded.home import AlreadyRunning
from workers.settings import Settings
from workers.settling import Remaining, wait_until_settled
from workers.supervisor import Supervisor, standing

PATIENCE: Final = timedelta(minutes=8)
HORIZON: Final = timedelta(seconds=45)
"""With --once: what falls due this soon is waited for, such as the one case that runs late."""

Once = Annotated[
    bool,
    typer.Option(
        "--once",
        help="Wait until everything due has been done, print the summary as one JSON object on "
        "the last line, and stop (also: DEMO=once).",
    ),
]


class Aside(threading.Thread):
    """Work beside the main thread, which must go on tending; ``done`` when it has ended."""

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        super().__init__(name="demo", daemon=True)
        self.work = work
        self.done = threading.Event()
        self.answer: dict[str, Any] = {}
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.answer = self.work()
        except Exception as error:
            self.error = error
        finally:
            self.done.set()


def demo(once: Once = False) -> None:
    """Start everything, tell a story into it, and say where to look and who to log in as.

    The story is seeded once; a second run goes on with the same data. Stays until Ctrl-C.
    """
    began = time.monotonic()
    settings = Settings()
    once = once or settings.demo_mode == "once"
    settings = settings.model_copy(update={"demo": True})
    try:
        with standing(settings, say) as house:
            aside = Aside(lambda: tell_story(house, once))
            aside.start()
            house.tend_until(aside.done)
            if aside.error is not None:
                raise aside.error
            summary = aside.answer
            if not once:
                introduce(house, summary)
                house.tend_until(threading.Event())
    except AlreadyRunning as running:
        say_where(running)
    except KeyboardInterrupt:
        say("Stopped.")
        if once:
            raise typer.Exit(130) from None
    else:
        seconds = round(time.monotonic() - began, 1)
        print_json(summary | {"seconds": seconds, "home": str(settings.home)})


def tell_story(house: Supervisor, once: bool) -> dict[str, Any]:
    """Seed what is not there yet, wait for the house to settle where asked, and count.

    Raises what seeding raises, NeverSettled.
    """
    settings = house.settings
    errors = Console(stderr=True)
    with (
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        psycopg.connect(settings.database(), autocommit=True) as desk,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors
        ) as progress,
    ):
        task = progress.add_task("Telling the story …")

        def credentials(login: str, password: str, staff: str, language: str) -> None:
            set_password(desk, login, password, staff, language)

        story: Any = import_module("workers.demo")
        story.seed(ledger, now=datetime.now(UTC), fast=once, credentials=credentials)

        def tell(left: Remaining) -> None:
            progress.update(task, description=f"Waiting: {left} …")

        progress.update(task, description="Waiting for the followers …")
        horizon = HORIZON if once else timedelta(0)
        wait_until_settled(ledger, horizon=horizon, patience=PATIENCE, tell=tell)
        progress.update(task, description="Counting …")
        summary: dict[str, Any] = story.summary(ledger)
    return summary | {"lag": 0}


def introduce(house: Supervisor, summary: dict[str, Any]) -> None:
    """The address, the summary, and the tour of each role."""
    table = Table(title="What is in it")
    table.add_column("What")
    table.add_column("How many", justify="right")
    for name, count in summary.items():
        table.add_row(name, str(count))
    console.print(table)
    story: Any = import_module("workers.demo")
    say(story.tour())
    say(f"Evercase is at {house.settings.desk_address}")
    say(f"Its data and logs are in {house.settings.home}. Ctrl-C stops it.")
