"""``evercase doctor``: is it well, and if not, what is it?"""

from __future__ import annotations

from typing import Annotated

import typer

from ledger import Ledger
from workers.checks import Check, examine
from workers.console import AsJson, print_json, say
from workers.embedded import temporal
from workers.embedded.engines import reached
from workers.settings import Settings

Retry = Annotated[
    bool, typer.Option("--retry", help="Let followers try again what they could not take.")
]
Follower = Annotated[
    str | None, typer.Option(help="With --retry: only this follower.", show_default=False)
]


def doctor(retry: Retry = False, follower: Follower = None, as_json: AsJson = False) -> None:
    """Look whether all is well: rights, tables, followers, Temporal, and what is owed.

    Status 0 when it is, 1 when anything is not; each line says what, and what to do.
    """
    with reached(Settings()) as settings:
        retried = ask_again(settings, follower) if retry else None
        address = settings.temporal_address
        answers = (
            temporal.reachable(address, settings.temporal_namespace)
            if address is not None
            else None
        )
        checks = list(examine(settings, temporal_answers=answers))
    well = all(check.well for check in checks)
    if as_json:
        report = {"well": well, "checks": [check.report() for check in checks]}
        print_json(report if retried is None else report | {"retried": retried})
    else:
        show(checks, retried)
    raise typer.Exit(0 if well else 1)


def ask_again(settings: Settings, follower: str | None) -> int:
    with Ledger(settings.database(), master_key=settings.key()) as ledger:
        return ledger.retry(follower)


def show(checks: list[Check], retried: int | None) -> None:
    if retried is not None:
        say(f"{retried} to be tried again.")
    for check in checks:
        say(f"{'well' if check.well else 'NOT WELL':<9} {check.name:<24} {check.words}")
