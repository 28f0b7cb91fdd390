"""Destroying the key of a subject: the one thing that is undone for ever, and itself a fact.

The fact stands in the stream ``key-<subject>``. Key, terms of the blind index and fact go in one
transaction that holds the lock of the log, so no append can store under a key that is gone.
"""

from __future__ import annotations

from typing import Final

from domain.event import Command, Context, Event
from ledger.append import Answer
from ledger.database import Connection
from ledger.draft import Receipt
from ledger.errors import CommandIdMisused
from ledger.mapper import Encoder, encode, encode_meta


class SubjectKeyDestroyed(Event, type="SubjectKeyDestroyed"):
    """From here on nobody can read the personal data of this subject."""

    subject: str


class DestroyKey(Command):
    """``subject`` is an id, never a name: what is personal here could not be erased."""

    subject: str


_CALL: Final = (
    "SELECT outcome, first, last FROM ledger.destroy_key(%b, %b, %b, %b, %b, %b::int2, %b, %b, %b)"
)


def stream_of(subject: str) -> str:
    return f"key-{subject}"


def destroy(
    connection: Connection, digest: bytes, command: DestroyKey, context: Context
) -> Receipt:
    """Answers ``repeated`` without positions where the key was destroyed by another command."""
    event = SubjectKeyDestroyed(at=command.at, subject=command.subject)
    row = connection.execute(
        _CALL,
        (
            command.subject,
            command.command_id,
            digest,
            stream_of(command.subject),
            event.type_name,
            event.schema_version,
            command.at,
            encode_meta(command.actor, context, _no_personal_data),
            encode(event, _no_personal_data).body,
        ),
        binary=True,
    ).fetchone()
    assert row is not None
    answer = Answer(*row)
    match answer.outcome:
        case "stored":
            return Receipt("stored", answer.first, answer.last, 1)
        case "misused":
            raise CommandIdMisused(str(command.command_id))
        case _:
            return Receipt("repeated", answer.first, answer.last, None)


def _no_personal_data() -> Encoder:
    raise ValueError("the reason for an erasure must not be personal data")
