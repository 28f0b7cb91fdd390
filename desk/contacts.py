"""When we last spoke with a customer, and about what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desk.house import House
from desk.person import Person
from projections import timeline
from projections.reading import look
from projections.timeline import TimelineEntry

LAST: Final = 3
LOOKED_AT: Final = 30


def contacts_of(moments: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """The last of them in which words went one way or the other; a letter once it has left."""
    spoken = (it for it in moments if it.direction and (it.kind != "letter" or it.sent_at))
    return [*spoken][:LAST]


def last_contacts(house: House, person: Person, customer: str) -> list[TimelineEntry]:
    """The last three that the person may know of, the newest first."""
    with house.pool.connection() as db, look(db) as reading:
        scope, cases = person.scope("customer"), person.scope("case")
        return contacts_of(timeline.timeline(reading, scope, cases, customer, limit=LOOKED_AT))
