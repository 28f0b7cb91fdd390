"""``evercase demo``: everything, with a story in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

import psycopg
import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from desk.authentication.session import set_password
from ledger import Ledger
from workers.commands.up import say_where
from workers.console import console, errors, print_json, say
from workers.demo import seed, summary, tour
from workers.embedded.home import AlreadyRunning
from workers.settings import Settings
from workers.settling import Horizon, Remaining, wait_until_settled
from workers.supervisor import standing

WATCHED: Final = "C1"
"""The case of the story that warns, breaches and escalates while one watches."""

PATIENCE: Final = timedelta(minutes=8)
SOON: Final = timedelta(seconds=30)
AHEAD: Final = timedelta(minutes=10)
"""With --once: what falls due this soon is waited for, and what the watched case owes later."""

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

    def __init__(self, work: Callable[[], dict[str, int]]) -> None:
        super().__init__(name="demo", daemon=True)
        self.work = work
        self.done = threading.Event()
        self.counted: dict[str, int] = {}
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.counted = self.work()
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
            aside = Aside(lambda: tell_story(house.settings, once))
            aside.start()
            house.tend_until(aside.done)
            if aside.error is not None:
                raise aside.error
            if not once:
                introduce(house.settings, aside.counted)
                house.tend_until(threading.Event())
    except AlreadyRunning as running:
        say_where(running)
    except KeyboardInterrupt:
        say("Stopped.")
        if once:
            raise typer.Exit(130) from None
    else:
        seconds = round(time.monotonic() - began, 1)
        print_json(aside.counted | {"seconds": seconds, "home": str(settings.home)})


def tell_story(settings: Settings, once: bool) -> dict[str, int]:
    """Seed what is not there yet, wait for the house to settle, and count.

    Raises what seeding raises, NeverSettled.
    """
    with (
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        psycopg.connect(settings.database(), autocommit=True) as desk,
        Progress(
            SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=errors
        ) as progress,
    ):
        task = progress.add_task("Telling the story …")
        told = seed(ledger, now=datetime.now(UTC), fast=once, credentials=partial(give, desk))
        horizon = Horizon(SOON, told.complaints[WATCHED], AHEAD) if once else Horizon()

        def tell(left: Remaining) -> None:
            progress.update(task, description=f"Waiting: {left} …")

        progress.update(task, description="Waiting for the followers …")
        wait_until_settled(ledger, horizon=horizon, patience=PATIENCE, tell=tell)
        counted = summary(ledger)
        progress.update(task, description="The story is told.")
    return counted | {"lag": 0}


def give(
    desk: psycopg.Connection[Any], login: str, password: str, staff: str, language: str, /
) -> None:
    set_password(desk, login, password, staff, language)


def introduce(settings: Settings, counted: Mapping[str, int]) -> None:
    """The tour, who can log in, what there is, and at last the address."""
    say(tour())
    there = Table("What", Column("How many", justify="right"), title="What there is")
    for what, count in counted.items():
        there.add_row(what, str(count))
    console.print(there)
    say(f"Evercase is at {settings.desk_address}")
    say(f"Its data and logs are in {settings.home}. Ctrl-C stops it.")
