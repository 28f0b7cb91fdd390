"""``evercase rebuild``: a read model again from the log."""

from __future__ import annotations

from typing import Annotated

import typer

from workers import rebuilding
from workers.console import AsJson
from workers.embedded.engines import reached
from workers.settings import Settings


def rebuild(
    name: Annotated[
        str | None,
        typer.Argument(help="The read model, or `all`; without one, their names are listed."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fill a read model again from the log, beside the live one, and swap.

    Readers go on reading the old one until the new one has caught up.
    """
    with reached(Settings()) as settings:
        status = rebuilding.run(settings, name, as_json=as_json)
    raise typer.Exit(status)
