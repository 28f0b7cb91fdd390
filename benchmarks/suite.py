"""All measures in one run: engines of their own in a temporary folder, a new database for each."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final

import psycopg
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.measure import Measure
from ledger import create_roles, migrate
from workers.embedded import postgres, temporal
from workers.events import know_all_events

SUITES: Final = ("append", "projection", "importing", "dispatch", "live", "pages")
"""Modules beside this one, each with ``measure(Place) -> list[Measure]``."""


@dataclass(frozen=True)
class Place:
    """Where one suite measures: a database of its own, and Temporal for all of them."""

    app_url: str = field(repr=False)
    migrate_url: str = field(repr=False)
    owner_url: str = field(repr=False)
    temporal: str
    beside: Callable[[], Place]
    """Makes another database."""


def run(*, only: Sequence[str], out: Path, as_json: bool) -> int:
    """0 where every goal is reached, 1 where one is not. ``only``: beginnings of suites' names."""
    know_all_events()
    chosen = [name for name in SUITES if not only or name.startswith(tuple(only))]
    console = Console(stderr=True)
    measures: list[Measure] = []
    with engines() as make, _progress(console) as progress:
        task = progress.add_task("", total=len(chosen))
        for name in chosen:
            progress.update(task, description=f"Measuring {name}")
            measures += import_module(f"benchmarks.{name}").measure(make(name))
            progress.advance(task)
    told = [asdict(measure) for measure in measures]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(told, indent=2) + "\n")
    if as_json:
        sys.stdout.write(json.dumps(told) + "\n")
    else:
        Console().print(_table(measures))
    return 0 if all(_reached(measure) is not False for measure in measures) else 1


@contextmanager
def engines() -> Iterator[Callable[[str], Place]]:
    """Real engines, durable (fsync on), for as long as the block lasts."""
    home = Path(tempfile.mkdtemp(prefix="evercase-bench-"))
    server = postgres.start(home, secrets.token_hex(16))
    passwords = {role: secrets.token_hex(16) for role in ("evercase_migrate", "evercase_app")}
    try:
        temporally = temporal.start(home, port=0)
        try:
            yield lambda name: _place(server, passwords, temporally.address, name)
        finally:
            temporally.stop()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _place(
    server: postgres.Postgres, passwords: Mapping[str, str], address: str, name: str
) -> Place:
    """A new database of that name. ``beside`` it: one more, named after it."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE bench_{name}".encode())
    urls = {"": server.url(f"bench_{name}")}
    for role, password in passwords.items():
        urls[role] = server.url(f"bench_{name}", role, password)
    create_roles(urls[""], passwords)
    migrate(urls["evercase_migrate"])
    return Place(
        urls["evercase_app"],
        urls["evercase_migrate"],
        urls[""],
        address,
        lambda: _place(server, passwords, address, f"{name}_more"),
    )


def _reached(measure: Measure) -> bool | None:
    if measure.goal is None:
        return None
    good = measure.ratio >= measure.goal
    return good if measure.better == "higher" else measure.ratio <= measure.goal


def _table(measures: Sequence[Measure]) -> Table:
    table = Table("measure", "ours", "reference", "ratio", "goal", "rounds")
    for measure in measures:
        reached = _reached(measure)
        sign = {True: "✓", False: "✗", None: ""}[reached]
        bound = "≥" if measure.better == "higher" else "≤"
        table.add_row(
            measure.name,
            f"{measure.ours:,.6g}",
            f"{measure.reference:,.6g}",
            f"{measure.ratio:.2f} {sign}",
            "" if measure.goal is None else f"{bound} {measure.goal:g}",
            " ".join(f"{ratio:.2f}" for ratio in measure.rounds),
        )
    return table


def _progress(console: Console) -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
                    console=console)  # fmt: skip
