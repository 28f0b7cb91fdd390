"""``evercase import``: complaints of another system."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workers.console import AsJson
from workers.embedded.engines import reached
from workers.importing import command
from workers.settings import Settings

app = typer.Typer(
    help="Bring in what another system recorded, with its own times and people.",
    no_args_is_help=True,
)


class OnError(StrEnum):
    STOP = "stop"
    SKIP = "skip"


class Letters(StrEnum):
    NONE = "none"


@app.callback()
def kinds() -> None:
    """Bring in what another system recorded, with its own times and people."""


@app.command()
def complaints(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="A CSV file, or an XES event log (.xes, .xes.gz).",
        ),
    ],
    mapping: Annotated[
        str,
        typer.Option(
            help="Which column is what: a mapping file (JSON), or the name of one that ships "
            "(cfpb, compensation-requests, road-fines)."
        ),
    ],
    on_error: Annotated[
        OnError,
        typer.Option(
            help="A row that cannot be imported: stop (nothing is stored where the file shows it), "
            "or skip it with its whole case; either way the reject file names line and reason."
        ),
    ] = OnError.STOP,
    rejects: Annotated[
        Path | None,
        typer.Option(help="The reject file (default: beside FILE).", show_default=False),
    ] = None,
    letters: Annotated[
        Letters,
        typer.Option(
            help="An import never writes to customers; releasing what is held is an approved batch."
        ),
    ] = Letters.NONE,
    entity: Annotated[
        str | None, typer.Option(help="The legal entity, instead of the mapping's.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="The team, instead of the mapping's.")] = None,
    as_json: AsJson = False,
) -> None:
    """Import complaints, each with its history. The same file twice adds nothing.

    A run that was interrupted goes on where it stopped when it is started again.
    """
    with reached(Settings()) as settings:
        status = command.run(
            settings,
            file,
            mapping,
            on_error=on_error.value,
            rejects=rejects,
            entity=entity,
            team=team,
            as_json=as_json,
        )
    raise typer.Exit(status)
