"""Where each case stands, kept beside the rows that speak of it, so that every query can ask.

Rows of a read model name a case; who may see them follows from the case as it stands in the same
build: a hand-over or a recusal moves all of its rows at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from domain.complaint_facts import (
    ColleagueNamed,
    ComplaintCorrected,
    ComplaintLodged,
    PersonRecusedFromCase,
    RequestReceived,
)
from domain.event import Recorded
from domain.ownership import HandOverAccepted, OwnerAssigned
from projections.asked import ASKING, note_asked
from projections.build import Rows
from projections.rows import Shelf

TABLE: Final = """
CREATE TABLE {table_case} (
    stream text PRIMARY KEY,
    number text NOT NULL,
    customer text NOT NULL,
    legal_entity text NOT NULL,
    branch text,
    team text NOT NULL,
    owner text,
    offered_to text,
    offered_team text,
    reviewer text,
    recused text[] NOT NULL,
    named text[] NOT NULL,
    requested_until timestamptz,
    held boolean NOT NULL
);
CREATE INDEX ON {table_case} (customer);
CREATE INDEX ON {table_case} (number);
"""


@dataclass(slots=True)
class CasePlace:
    """Columns as ``projections.within`` asks for them.

    ``held``: brought in by an import, which writes to no customer.
    """

    stream: str
    number: str
    customer: str
    legal_entity: str
    branch: str | None
    team: str
    owner: str | None = None
    offered_to: str | None = None
    offered_team: str | None = None
    reviewer: str | None = None
    recused: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    requested_until: datetime | None = None
    held: bool = False


_PLACES: Final = Shelf(CasePlace, "stream", "table_case")


class Places:
    """The places of the cases of one batch: take each event in order, then write what moved."""

    def __init__(
        self, connection: Rows, table: str, batch: Iterable[Recorded[Any]], *, all_: bool = False
    ) -> None:
        """``all_``: read those of all cases in the batch, not only of those that move."""
        self._connection = connection
        self._table = table
        streams = {
            recorded.stream
            for recorded in batch
            if recorded.stream.startswith("complaint-")
            and (all_ or isinstance(recorded.event, MOVES))
        }
        self._places = _PLACES.read(connection, table, streams) if streams else {}
        self._moved: set[str] = set()

    def __getitem__(self, stream: str) -> CasePlace:
        return self._places[stream]

    def take(self, recorded: Recorded[Any]) -> None:
        event = recorded.event
        if not isinstance(event, MOVES):
            return
        match event:
            case ComplaintLodged():
                self._places[recorded.stream] = CasePlace(
                    stream=recorded.stream,
                    number=event.number,
                    customer=event.customer,
                    legal_entity=event.legal_entity,
                    branch=event.branch,
                    team=event.team,
                    held=event.letters == "hold",
                )
            case OwnerAssigned() | HandOverAccepted():
                place = self._places[recorded.stream]
                place.owner, place.team = event.owner, event.team
            case PersonRecusedFromCase():
                place = self._places[recorded.stream]
                place.recused = sorted({*place.recused, event.staff})
            case ColleagueNamed():
                place = self._places[recorded.stream]
                place.named = sorted({*place.named, event.staff})
            case RequestReceived():
                self._places[recorded.stream].requested_until = event.until
            case ComplaintCorrected(field="customer"):
                self._places[recorded.stream].customer = event.is_
        note_asked(self._places[recorded.stream], event)
        self._moved.add(recorded.stream)

    def write(self) -> None:
        _PLACES.write(
            self._connection, self._table, [self._places[stream] for stream in self._moved]
        )


MOVES: Final = (
    ComplaintLodged,
    PersonRecusedFromCase,
    ColleagueNamed,
    RequestReceived,
    ComplaintCorrected,
    *ASKING,
)


def keep_places(connection: Rows, table: str, batch: Iterable[Recorded[Any]]) -> None:
    """For read models whose rows need the places at reading only."""
    batch = list(batch)
    places = Places(connection, table, batch)
    for recorded in batch:
        places.take(recorded)
    places.write()
