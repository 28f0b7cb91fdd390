"""``evercase import complaints``: one file brought in, shown as it goes, told at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ledger import Ledger
from workers.console import complain, errors, print_json, say
from workers.importing.digest import send_digests
from workers.importing.mapping import CaseMapping, MappingRefused, load_mapping
from workers.importing.opened import FileRefused
from workers.importing.report import Rejects, Summary, beside
from workers.importing.run import Import, Moved, OnError, Stopped
from workers.mailing import mail_server
from workers.settings import Settings

REFUSED = (FileRefused, MappingRefused, Stopped)


def import_complaints(
    ledger: Ledger,
    file: Path,
    mapping: CaseMapping,
    *,
    on_error: OnError = "stop",
    rejects: Path | None = None,
    now: datetime | None = None,
    moved: Moved = lambda phase, done, of: None,
) -> Summary:
    """Bring a file in. Where it cannot be, ``error`` of the summary says why.

    Run again after whatever ended it, it adds what is missing.
    """
    summary = Summary(file=str(file), mapping=mapping.name)
    started = monotonic()
    path = rejects or beside(file)
    try:
        with Rejects(path, file) as rejected:
            moment = now or datetime.now(UTC)
            Import(ledger, mapping, rejected, summary, on_error, moment, moved).run(file)
    except REFUSED as error:
        summary.error = f"{file.name}: {error}"
    except (OSError, sqlite3.Error) as error:
        told = error.strerror if isinstance(error, OSError) else error
        summary.error = f"{file.name}: what is set aside meanwhile cannot be written: {told}"
    if summary.rejected and path.exists():
        summary.reject_file = str(path)
    summary.seconds = round(monotonic() - started, 3)
    return summary


def run(
    settings: Settings,
    file: Path,
    mapping: str,
    *,
    on_error: OnError,
    rejects: Path | None,
    as_json: bool,
    entity: str | None = None,
    team: str | None = None,
) -> int:
    """The command. Returns its exit status: 1 where the file was not imported to its end."""
    try:
        ours = load_mapping(mapping).into(entity, team)
    except MappingRefused as error:
        summary = Summary(file=str(file), mapping=mapping, error=str(error))
    else:
        with (
            Ledger(settings.database(), master_key=settings.key()) as ledger,
            shown(quiet=as_json) as moved,
        ):
            summary = import_complaints(
                ledger, file, ours, on_error=on_error, rejects=rejects, moved=moved
            )
            if summary.error is None and summary.cases:
                server = mail_server(settings)
                send_digests(ledger, settings.desk_address, server, summary, datetime.now(UTC))
    if as_json:
        print_json(summary.plain())
    else:
        tell(summary)
    return 0 if summary.error is None else 1


@contextmanager
def shown(*, quiet: bool) -> Iterator[Moved]:
    """A bar for reading the file and one for carrying its cases over."""
    if quiet:
        yield lambda phase, done, of: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        yield _mover(progress)


def _mover(progress: Progress) -> Callable[[str, int, int], None]:
    tasks: dict[str, TaskID] = {}

    def moved(phase: str, done: int, of: int) -> None:
        if phase not in tasks:
            tasks[phase] = progress.add_task(phase, total=of)
        progress.update(tasks[phase], completed=done)

    return moved


def tell(summary: Summary) -> None:
    """The summary in plain lines."""
    if summary.error is not None:
        complain(summary.error)
    say(
        f"{summary.cases} cases carried over with {summary.events} events in "
        f"{summary.seconds:.1f} s; {summary.repeated} were here already."
    )
    if summary.kept_as_history:
        say(
            f"{summary.kept_as_history} steps are kept under their own name, "
            f"{summary.out_of_order} of them because they could not be true in our order."
        )
    if summary.steps_unused:
        names = ", ".join(summary.steps_unused)
        say(f"No row has these activities of the mapping; are they spelt as in the file? {names}")
    if summary.archived:
        say(f"{summary.archived} cases are archived: they were closed and their window is over.")
    if summary.reject_file is not None:
        say(
            f"{summary.rejected} rows were rejected and {summary.left_out} more of their cases "
            f"left out; {summary.reject_file} says why. Put right, they can be imported again."
        )
    if summary.digests:
        say(f"{summary.digests} colleagues were told by mail, with one letter each.")
    if summary.digests_failed:
        say("Whoever was not told by mail finds the cases in their queue all the same.")
    if summary.cases:
        say(
            "No letter was written to any customer. To let them go out, somebody asks: "
            f"evercase letters release ask --batch {summary.batch}"
        )
