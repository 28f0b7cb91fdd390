"""The body of ``evercase rebuild``: read models again from the log, while readers read on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ledger import Ledger, LedgerUnavailable
from ledger.follow import Stopped
from projections.build import Projection
from projections.rebuild import RebuildRunning, Rebuilt, rebuild
from projections.registry import projections
from workers.console import complain, errors, print_json, say
from workers.settings import Settings

ALL = "all"


def run(settings: Settings, name: str | None, *, as_json: bool = False) -> int:
    """0 when all were rebuilt, 1 where one could not be, 2 for a name that does not exist.

    ``name`` None lists the names, "all" rebuilds one after the other.
    """
    with Ledger(settings.database(), master_key=settings.key()) as ledger:
        known = {projection.name: projection for projection in projections(ledger)}
        if name is None:
            return _list(sorted(known), as_json)
        if name not in {*known, ALL}:
            complain(f"there is no read model {name}; there are {', '.join(sorted(known))}")
            return 2
        chosen = list(known.values()) if name == ALL else [known[name]]
        try:
            rebuilt = _rebuild(ledger, chosen, as_json)
        except (RebuildRunning, Stopped, LedgerUnavailable) as error:
            complain(f"{error}; readers keep what they had")
            return 1
    if as_json:
        print_json({"rebuilt": [asdict(each) for each in rebuilt]})
    for each in () if as_json else rebuilt:
        parked = f", {each.parked} parked (see evercase doctor)" if each.parked else ""
        say(
            f"{each.name}: build {each.build} instead of {each.replaced}, as of event"
            f" {each.events}, in {each.seconds:.1f} s{parked}"
        )
    return 0


def _list(names: Sequence[str], as_json: bool) -> int:
    if as_json:
        print_json({"read_models": list(names)})
    else:
        say("Read models: " + ", ".join(names) + f". Rebuild one by its name, or {ALL}.")
    return 0


def _rebuild(ledger: Ledger, chosen: Sequence[Projection], quiet: bool) -> list[Rebuilt]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, disable=quiet) as bar:
        rebuilt = []
        for projection in chosen:
            task = bar.add_task(projection.name, total=ledger.head())

            def told(position: int, head: int, task: Any = task) -> None:
                bar.update(task, completed=position, total=head)

            rebuilt.append(rebuild(ledger, projection, told))
    return rebuilt
