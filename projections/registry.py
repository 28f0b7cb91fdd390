"""All read models, and what keeps them at the head of the log."""

from __future__ import annotations

from domain.rulebooks import RULEBOOKS
from ledger import Ledger
from ledger.follow import Follower
from projections import (
    customers,
    disclosures,
    history,
    inbox,
    letters,
    library,
    notices,
    oversight,
    owed,
    promises,
    queue,
    sla,
    staff,
    timeline,
)
from projections.build import Projection, drop_retired, follower, live, stand
from projections.rebuild import Tell, rebuild

PROJECTIONS: tuple[Projection, ...] = (
    queue.PROJECTION,
    staff.PROJECTION,
    library.PROJECTION,
    customers.PROJECTION,
    timeline.PROJECTION,
    notices.PROJECTION,
    letters.PROJECTION,
    inbox.PROJECTION,
    history.PROJECTION,
    sla.PROJECTION,
    oversight.PROJECTION,
    disclosures.PROJECTION,
    promises.PROJECTION,
)


def projections(ledger: Ledger) -> tuple[Projection, ...]:
    """All of them, also those that need more of the ledger than the events they are handed."""
    return (*PROJECTIONS, owed.projection(ledger, RULEBOOKS))


def prepare(ledger: Ledger, tell: Tell = lambda _position, _head: None) -> list[str]:
    """Make what is not there; rebuild what another version of the code wrote. Names of those."""
    rebuilt = []
    for projection in projections(ledger):
        with ledger.reading() as connection:
            as_written = stand(connection, projection)
        if not as_written:
            rebuild(ledger, projection, tell)
            rebuilt.append(projection.name)
    return rebuilt


def followers(ledger: Ledger) -> list[Follower]:
    """One for each live build, as readers use them now; for ``ledger.follow.follow``."""
    with ledger.reading() as connection:
        drop_retired(connection)
        return [
            follower(projection, live(connection, projection.name))
            for projection in projections(ledger)
        ]
