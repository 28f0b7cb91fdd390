"""Published documents: every version that was ever in force, and what is read from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from domain.calendar import Calendar
from domain.document import Document, DocumentPublished, Kind, parse
from domain.event import Recorded
from domain.policy import Library, Policy
from domain.procedure import Procedure
from domain.saved_reply import SavedReply
from domain.template import Template
from projections.build import Projection, Rows, types_of
from projections.reading import Reading
from projections.rows import Shelf

NAME: Final = "library"
TABLES: Final = """
CREATE TABLE {table} (
    document text PRIMARY KEY,
    kind text NOT NULL,
    id text NOT NULL,
    version integer NOT NULL,
    valid_from date,
    body jsonb NOT NULL,
    published_by text NOT NULL,
    published_at timestamptz NOT NULL,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (kind, id, version);
CREATE INDEX ON {table} (position);
"""


@dataclass(slots=True)
class DocumentRow:
    """One version. ``document``: ``<kind>/<id>@<version>``."""

    document: str
    kind: Kind
    id: str
    version: int
    valid_from: date | None
    body: dict[str, Any]
    published_by: str
    published_at: datetime
    position: int

    def parsed(self) -> Document:
        return parse(self.kind, self.body)


_DOCUMENTS: Final = Shelf(DocumentRow, "document")


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    _DOCUMENTS.add(connection, table, [_row(recorded) for recorded in batch])


PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="stop", types=types_of(DocumentPublished)
)


def _row(recorded: Recorded[DocumentPublished]) -> DocumentRow:
    event = recorded.event
    valid_from = event.body.get("valid_from")
    return DocumentRow(
        document=f"{event.kind}/{event.id}@{event.version}",
        kind=event.kind,
        id=event.id,
        version=event.version,
        valid_from=date.fromisoformat(valid_from) if isinstance(valid_from, str) else None,
        body=event.body,
        published_by=event.published_by,
        published_at=event.at,
        position=recorded.position,
    )


# queries


def versions(reading: Reading, kind: Kind, id: str) -> list[DocumentRow]:
    """All versions, oldest first."""
    return _DOCUMENTS.find(reading, NAME, "(kind, id) = (%s, %s) ORDER BY version", [kind, id])


def latest(reading: Reading, kind: Kind | None = None) -> list[DocumentRow]:
    """The last version of each document."""
    return _DOCUMENTS.find(
        reading,
        NAME,
        "(%(kind)s::text IS NULL OR kind = %(kind)s) AND version ="
        " (SELECT max(o.version) FROM {table} AS o WHERE (o.kind, o.id) = (t.kind, t.id))"
        " ORDER BY kind, id",
        {"kind": kind},
    )


def load(reading: Reading) -> Library:
    """Everything published, parsed; the same object until something else is published."""
    ((newest,),) = reading.records(NAME, "SELECT coalesce(max(position), 0) FROM {table}")
    key = (reading.database, reading.table(NAME), int(newest))
    known = _LOADED.get(reading.database)
    if known is None or known[0] != key:
        known = _LOADED[reading.database] = (key, _load(reading))
    return known[1]


_LOADED: Final[dict[str, tuple[tuple[str, str, int], Library]]] = {}


def _load(reading: Reading) -> Library:
    policies: list[Policy] = []
    others: dict[tuple[Kind, str], Document] = {}
    for row in _DOCUMENTS.find(reading, NAME, "TRUE ORDER BY kind, id, version"):
        document = row.parsed()
        if isinstance(document, Policy):
            policies.append(document)
        else:
            others[row.kind, row.id] = document
    latest = list(others.values())
    return Library(
        policies=tuple(policies),
        procedures={each.id: each for each in latest if isinstance(each, Procedure)},
        calendars={each.id: each for each in latest if isinstance(each, Calendar)},
        templates=tuple(each for each in latest if isinstance(each, Template)),
        saved_replies={each.id: each for each in latest if isinstance(each, SavedReply)},
    )
