"""The projector: every read model and the blind index, kept at the head of the log."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from ledger import Ledger
from ledger.blind import blind_index
from ledger.follow import Follower, follow
from projections import registry
from workers.ending import told_to_end
from workers.settings import Settings

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Follow until SIGTERM; the batch that is under way is finished."""
    stop = told_to_end()
    with Ledger(settings.database(), master_key=settings.key()) as ledger:
        for name in registry.prepare(ledger):
            log.info("projector.rebuilt", projection=name)

        def followers() -> Sequence[Follower]:
            return [*registry.followers(ledger), blind_index(ledger.keys)]

        log.info("projector.runs")
        follow(ledger, followers, stop)
    log.info("projector.ended")
