"""``evercase``: the one command line. Each command lies in a file of its own."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

import psycopg
import typer
from pydantic import ValidationError

from ledger.errors import DatabaseNewer, LedgerUnavailable, TooManyRights, WrongMasterKey
from workers import logs
from workers.console import complain
from workers.settings import Settings, variable
from workers.trouble import Trouble

HELP: Final = (
    "An event-sourced workflow engine for keeping customers.\n\n"
    "Start with `evercase demo`: it brings its own PostgreSQL and Temporal and fills them with a "
    "story. Every command takes its settings from the environment: DATABASE_URL and "
    "TEMPORAL_ADDRESS for engines of yours, EVERCASE_HOME for the folder of the ones it brings "
    "along (default: .evercase)."
)

RUN: Final = "Run it"
ALONE: Final = "One process alone"
DATA: Final = "Companies, people, cases"
CARE: Final = "Care for it"

COMMANDS: Final = {
    "demo": ("demo", RUN),
    "up": ("up", RUN),
    "desk": ("processes", ALONE),
    "worker": ("processes", ALONE),
    "projector": ("processes", ALONE),
    "dispatcher": ("processes", ALONE),
    "webhooks": ("processes", ALONE),
    "maildrop": ("processes", ALONE),
    "mailbox": ("processes", ALONE),
    "import": ("importing", DATA),
    "entity": ("entity", DATA),
    "user": ("user", DATA),
    "letters": ("letters", DATA),
    "migrate": ("migrate", CARE),
    "doctor": ("doctor", CARE),
    "rebuild": ("rebuild", CARE),
    "resync": ("resync", CARE),
    "bench": ("bench", CARE),
}
"""Command -> its file under ``workers/commands`` and the panel of the help it stands in."""

GROUPS: Final = frozenset({"entity", "import", "letters", "user"})
"""Those that have commands below them: their file holds a typer ``app``."""

_RARELY: Final = (20_000, 20, 20)
"""When cycles are looked for: rarely, for nearly all we make is gone without that, or stays."""

EXPECTED: Final = (
    Trouble,
    DatabaseNewer,
    LedgerUnavailable,
    TooManyRights,
    WrongMasterKey,
)
"""What can go wrong on a machine; everything else is a fault of ours and shows its trace."""


def command_line(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The application with these commands; the others' files are not even imported."""
    app = typer.Typer(
        name="evercase",
        help=HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    # With a single command typer would do away with its name.
    app.callback()(lambda: None)
    for name in names:
        file, panel = COMMANDS[name]
        module: Any = import_module(f"workers.commands.{file}")
        if name in GROUPS:
            app.add_typer(module.app, name=name, rich_help_panel=panel)
        else:
            app.command(name, rich_help_panel=panel)(getattr(module, name))
    return app


def main() -> None:
    """Run the command line; an expected trouble is one line on standard error and status 1."""
    logs.keep_apart()
    gc.set_threshold(*_RARELY)
    first = sys.argv[1] if len(sys.argv) > 1 else ""
    app = command_line([first] if first in COMMANDS else COMMANDS)
    try:
        app(prog_name="evercase")
    except EXPECTED as error:
        complain(str(error))
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for fault in error.errors(include_url=False, include_input=False):
            said = fault["msg"].removeprefix("Value error, ")
            complain(f"{variable(str(fault['loc'][0]))}: {said}")
    except psycopg.OperationalError as error:
        complain(f"the database does not answer: {str(error).strip()}")
    except OSError as error:
        complain(": ".join(filter(None, (error.filename, error.strerror))) or str(error))
    sys.exit(1)
