"""``evercase``: the one command line. Each command lies in a file of its own."""

from __future__ import annotations

import sys

import psycopg
import typer
from pydantic import ValidationError

from ledger.errors import DatabaseNewer, LedgerUnavailable, TooManyRights, WrongMasterKey
from workers.commands import (
    bench,
    demo,
    doctor,
    importing,
    migrate,
    processes,
    rebuild,
    resync,
    up,
    user,
)
from workers.console import complain
from workers.embedded.child import ChildFailed
from workers.embedded.home import AlreadyRunning
from workers.embedded.identity import NoUnprivilegedUser
from workers.embedded.postgres import OtherMajorVersion
from workers.settings import SettingsRefused
from workers.settling import NeverSettled

app = typer.Typer(
    name="evercase",
    help=(
        "An event-sourced workflow engine for keeping customers.\n\n"
        "Start with `evercase demo`: it brings its own PostgreSQL and Temporal and fills them with "
        "a story. Every command takes its settings from the environment: DATABASE_URL and "
        "TEMPORAL_ADDRESS for engines of yours, EVERCASE_HOME for the folder of the ones it brings "
        "along (default: .evercase)."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

RUN, DATA, CARE = "Run it", "Data in", "Care for it"

app.command(rich_help_panel=RUN)(demo.demo)
app.command(rich_help_panel=RUN)(up.up)
for process in processes.COMMANDS:
    app.command(rich_help_panel="One process alone")(process)
app.add_typer(importing.app, name="import", rich_help_panel=DATA)
app.add_typer(user.app, name="user", rich_help_panel=DATA)
app.command(rich_help_panel=CARE)(migrate.migrate)
app.command(rich_help_panel=CARE)(doctor.doctor)
app.command(rich_help_panel=CARE)(rebuild.rebuild)
app.command(rich_help_panel=CARE)(resync.resync)
app.command(rich_help_panel=CARE)(bench.bench)


EXPECTED = (
    AlreadyRunning,
    ChildFailed,
    NeverSettled,
    DatabaseNewer,
    LedgerUnavailable,
    NoUnprivilegedUser,
    OtherMajorVersion,
    SettingsRefused,
    TooManyRights,
    WrongMasterKey,
)
"""What can go wrong on a machine; everything else is a fault of ours and shows its trace."""


def main() -> None:
    """Run the command line; an expected trouble is one line on standard error and status 1."""
    try:
        app(prog_name="evercase")
    except EXPECTED as error:
        complain(str(error))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            complain(f"setting {'.'.join(map(str, fault['loc']))}: {fault['msg']}")
    except psycopg.OperationalError as error:
        complain(f"the database does not answer: {str(error).strip()}")
    sys.exit(1)
