"""One letter for everybody who has cases of a batch now, instead of one for each case."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from domain.access import Place
from ledger import Ledger
from workers.console import complain
from workers.importing.batch import CarriedCase, carried_by
from workers.importing.report import Summary
from workflows.staff_letters import Post, Share, StaffLetters, post


def shares(cases: Iterable[CarriedCase]) -> list[Share]:
    """Open cases counted by owner and, where there is none, by team."""
    open_: Counter[Place] = Counter()
    broken: Counter[Place] = Counter()
    for case in cases:
        if case.open:
            open_[case.place] += 1
            broken[case.place] += case.broken
    return [Share(place, count, broken[place]) for place, count in open_.items()]


def send_digests(
    ledger: Ledger, address: str, server: Post, summary: Summary, now: datetime
) -> None:
    """Mail them and count them into the summary; an import is done whether or not they arrive."""
    try:
        found = shares(carried_by(ledger, summary.batch))
        letters = StaffLetters(ledger, address).carried_over(summary.batch, found, now)
        became = asyncio.run(post(server, letters))
    except LookupError:
        complain("nobody was told by mail: who works here is known once `evercase up` has run.")
        summary.digests_failed += 1
        return
    except Exception as fault:
        complain(f"colleagues were not told of {summary.batch} by mail ({type(fault).__name__})")
        summary.digests_failed += 1
        return
    for delivery in became:
        if delivery.sent:
            summary.digests += 1
        else:
            complain(f"{delivery.letter} did not leave (code {delivery.code or 'none'})")
            summary.digests_failed += 1
