"""``evercase bench``: how fast, compared in the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks import suite
from workers.console import AsJson


def bench(
    only: Annotated[
        list[str] | None, typer.Option(help="Only measures whose name begins so.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the figures are written.")] = Path(
        "benchmarks/latest.json"
    ),
    as_json: AsJson = False,
) -> None:
    """Measure speed as ratios against plain PostgreSQL and plain Temporal, on a new database.

    Takes up to twelve minutes and its own engines in a temporary folder; nothing of yours is
    touched.
    """
    raise typer.Exit(suite.run(only=only or [], out=out, as_json=as_json))
