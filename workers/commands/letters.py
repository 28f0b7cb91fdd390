"""``evercase letters``: letters that are held back, and how they may go out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Final

import psycopg
import typer

from desk.directory import Directory
from domain.access import Person
from domain.staff import staff
from ledger import Ledger
from workers.console import AsJson, complain, print_json, say
from workers.embedded.engines import reached
from workers.importing.command import shown
from workers.importing.release import Release, Released
from workers.settings import Settings
from workers.trouble import Trouble

HELP: Final = (
    "Letters that are held back.\n\n"
    "An import never writes to customers: acknowledgements, reminders and questions of the cases "
    "it carried over are held until a release was asked for by one person and approved by another."
)

app = typer.Typer(help=HELP, no_args_is_help=True)
release = typer.Typer(
    help="Let the letters of imported cases go out: one person asks, another approves.",
    no_args_is_help=True,
)
app.add_typer(release, name="release")

Batch = Annotated[
    str, typer.Option(help="The import's batch, as its summary named it.", show_default=False)
]
By = Annotated[
    str, typer.Option(metavar="LOGIN", help="In whose name; their rights hold.", show_default=False)
]
LEFT: Final = {
    "not_asked": "nobody has asked for {} of them yet: evercase letters release ask",
    "own": "{} were asked for by the same person; somebody else must approve them",
    "not_allowed": "{} stand where this person has no right to it",
    "failed": "{} were refused or not reached; the same command again goes on",
}


class LoginUnknown(Trouble):
    """Nobody who works here logs in so."""


@release.command()
def ask(
    batch: Batch,
    by: By,
    reason: Annotated[str, typer.Option(help="Why; whoever approves reads it.")],
    as_json: AsJson = False,
) -> None:
    """Ask that the letters of every open case of the batch may go out.

    Nothing goes out yet: somebody else approves, here or on each case's page. Run again, it asks
    for what has not been asked for.
    """
    if not reason.strip():
        raise typer.BadParameter("--reason must say why.")
    with _run(batch, by, quiet=as_json) as run:
        told = run.ask(reason.strip())
    _tell(told, as_json)


@release.command()
def approve(batch: Batch, by: By, as_json: AsJson = False) -> None:
    """Approve what was asked for: from then on those cases write to their customers.

    Needs the right to approve where each case stands, and cannot be done by whoever asked. Run
    again, it approves what has not been approved.
    """
    with _run(batch, by, quiet=as_json) as run:
        told = run.approve()
    _tell(told, as_json)


@contextmanager
def _run(batch: str, login: str, *, quiet: bool) -> Iterator[Release]:
    """Raises LoginUnknown."""
    with (
        reached(Settings()) as settings,
        Ledger(settings.database(), master_key=settings.key()) as ledger,
        shown(quiet=quiet) as moved,
    ):
        person = person_of(ledger, settings.database(), login)
        yield Release(ledger, batch, person, datetime.now(UTC), moved)


def person_of(ledger: Ledger, database: str, login: str) -> Person:
    """Who logs in so, with the roles of now. Raises LoginUnknown."""
    with psycopg.connect(database, autocommit=True) as desk:
        row = desk.execute(
            "SELECT staff FROM desk.credential WHERE login = %s", [login.lower()]
        ).fetchone()
    known = ledger.fold(staff, row[0]).state if row else None
    if known is None or known.stream is None or known.left:
        raise LoginUnknown(f"nobody who works here logs in as {login}")
    directory = Directory(ledger)
    directory.catch_up()
    return Person(
        staff=known.stream,
        roles=known.roles_at(datetime.now(UTC)),
        line=directory.line(known.stream),
    )


def _tell(told: Released, as_json: bool) -> None:
    """The counts; status 1 where something is left for this act."""
    if as_json:
        print_json(told.plain())
    else:
        done = "asked for" if told.act == "ask" else "approved"
        say(
            f"{told.open} open cases of {told.batch}: {told.done} {done} now, {told.before} before."
        )
        for name, words in LEFT.items():
            if count := getattr(told, name):
                complain(words.format(count))
        if told.act == "ask" and told.whole:
            say(
                "Now somebody else who may: "
                f"evercase letters release approve --batch {told.batch} --by LOGIN"
            )
    if not told.whole:
        raise typer.Exit(1)
