"""``evercase resync``: wake every workflow that owes something."""

from __future__ import annotations

import typer

from workers import resync as body
from workers.console import AsJson
from workers.embedded.engines import reached
from workers.settings import Settings


def resync(as_json: AsJson = False) -> None:
    """Wake the workflow of every case that owes something.

    Brings everything back when Temporal has lost its data. Doing it twice does no harm.
    """
    with reached(Settings()) as settings:
        status = body.run(settings, as_json=as_json)
    raise typer.Exit(status)
