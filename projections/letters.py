"""Letters of cases: written, sent, failed; the mail drop's index and what a case's page lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from domain.access import Scope
from domain.decider import LetterPurpose
from domain.event import Recorded
from domain.letter import Channel, LetterFailed, LetterPulledBack, LetterSent, LetterWritten
from domain.personal import Personal
from projections.build import Projection, Rows, types_of
from projections.place import MOVES, keep_places
from projections.place import TABLE as PLACE_TABLE
from projections.reading import Reading
from projections.rows import Shelf
from projections.within import cases_within

NAME: Final = "letters"
TABLES: Final = (
    """
CREATE TABLE {table} (
    id text PRIMARY KEY,
    case_stream text NOT NULL,
    letter text NOT NULL,
    purpose text NOT NULL,
    author text NOT NULL,
    channel text NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    subject text,
    state text NOT NULL,
    written_at timestamptz NOT NULL,
    leaves_at timestamptz,
    sent_at timestamptz,
    tried_at timestamptz,
    attempts integer NOT NULL,
    code integer,
    message_id text,
    position bigint NOT NULL
);
CREATE INDEX ON {table} (case_stream, written_at);
CREATE INDEX ON {table} (written_at DESC, id DESC);
CREATE INDEX ON {table} (state, written_at DESC, id DESC);
CREATE INDEX ON {table} (message_id) WHERE message_id IS NOT NULL;
"""
    + PLACE_TABLE
)

LetterState = Literal["written", "sent", "retrying", "failed", "pulled_back"]


@dataclass(slots=True)
class LetterRow:
    """One letter. ``subject``: encrypted; ``code``: the mail server's last answer."""

    id: str
    case_stream: str
    letter: str
    purpose: LetterPurpose
    author: str
    channel: Channel
    template: str
    language: str
    subject: str | None
    state: LetterState
    written_at: datetime
    leaves_at: datetime | None
    sent_at: datetime | None = None
    tried_at: datetime | None = None
    attempts: int = 0
    code: int | None = None
    message_id: str | None = None
    position: int = 0

    @property
    def headline(self) -> Personal | None:
        return None if self.subject is None else Personal(encrypted=self.subject)


_LETTERS: Final = Shelf(LetterRow, "id")
_EVENTS: Final = (LetterWritten, LetterSent, LetterFailed, LetterPulledBack)


def apply(connection: Rows, table: str, batch: Sequence[Recorded[Any]]) -> None:
    keep_places(connection, table, batch)
    ours = [
        (f"{recorded.stream}/{recorded.event.letter}", recorded)
        for recorded in batch
        if isinstance(recorded.event, _EVENTS)
    ]
    letters = _LETTERS.read(connection, table, {id for id, _ in ours}) if ours else {}
    for id, recorded in ours:
        if isinstance(recorded.event, LetterWritten):
            letters[id] = _written(id, recorded, recorded.event)
        else:
            _change(letters[id], recorded.event)
    _LETTERS.write(connection, table, list(letters.values()))


PROJECTION: Final = Projection(
    NAME, TABLES, apply, on_error="park", types=types_of(*_EVENTS, *MOVES), version=2
)


def _written(id: str, recorded: Recorded[Any], event: LetterWritten) -> LetterRow:
    return LetterRow(
        id=id,
        case_stream=recorded.stream,
        letter=event.letter,
        purpose=event.purpose,
        author=event.author,
        channel=event.channel,
        template=event.words.template,
        language=event.words.language,
        subject=event.words.subject.encrypted,
        state="written",
        written_at=event.at,
        leaves_at=event.leaves_at,
        position=recorded.position,
    )


def _change(letter: LetterRow, event: LetterSent | LetterFailed | LetterPulledBack) -> None:
    match event:
        case LetterSent():
            letter.state, letter.sent_at, letter.message_id = "sent", event.at, event.message_id
        case LetterFailed():
            letter.state = "failed" if event.permanent else "retrying"
            letter.tried_at, letter.attempts, letter.code = event.at, event.attempt, event.code
        case LetterPulledBack():
            letter.state = "pulled_back"


# queries


@dataclass(slots=True)
class LetterOfCase(LetterRow):
    """With the number of its case."""

    number: str = ""


_OF_CASES: Final = """
SELECT t.*, c.number FROM {table} AS t JOIN {table_case} AS c ON c.stream = t.case_stream
 WHERE {within} AND """


def of_case(reading: Reading, scope: Scope, stream: str) -> list[LetterOfCase]:
    """A case's letters, oldest first. ``scope``: of the thing "case", here and below."""
    return _found(reading, scope, "t.case_stream = %(key)s ORDER BY t.written_at, t.id", stream)


def of_customer(reading: Reading, scope: Scope, customer: str) -> list[LetterOfCase]:
    """Letters in all the customer's cases that the person may see, newest first."""
    return _found(
        reading, scope, "c.customer = %(key)s ORDER BY t.written_at DESC, t.id LIMIT 200", customer
    )


def latest(
    reading: Reading, scope: Scope, state: LetterState | None = None, limit: int = 50
) -> list[LetterOfCase]:
    """The newest letters, all or those in one state."""
    within = "(%(key)s::text IS NULL OR t.state = %(key)s)"
    return _found(
        reading, scope, f"{within} ORDER BY t.written_at DESC, t.id DESC LIMIT {limit:d}", state
    )


_BY_MESSAGE_ID: Final = "SELECT case_stream, letter FROM {table} WHERE message_id = %s LIMIT 1"


def by_message_id(reading: Reading, message_id: str) -> tuple[str, str] | None:
    """(case, letter) of the e-mail; for machines, which ask for nobody's eyes."""
    found = reading.records(NAME, _BY_MESSAGE_ID, (message_id,))
    return next(((case, letter) for case, letter in found), None)


def _found(reading: Reading, scope: Scope, condition: str, key: str | None) -> list[LetterOfCase]:
    within, parameters = cases_within(scope, "c")
    return reading.rows(
        LetterOfCase, NAME, _OF_CASES + condition, {**parameters, "key": key}, within=within
    )
