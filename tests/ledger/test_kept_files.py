"""Files: the same bytes once, open at their place alone, and gone with the key of their subject."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from domain.customer import RegisterCustomer, customer
from domain.event import Actor
from domain.personal import Personal
from ledger import DestroyKey, FilePlace, KeyDestroyed, Ledger, Unreadable

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BASE = {"at": AT, "actor": Actor(kind="staff", id="staff-1")}
WHERE = FilePlace("complaint-1", "file-1")


@pytest.fixture
def subject(ledger: Ledger) -> str:
    ledger.handle(
        customer,
        "customer-1",
        RegisterCustomer(
            command_id=uuid4(),
            **BASE,
            customer="customer-1",
            number="K-2026-000001",
            legal_entity="shop",
            language="en",
            name=Personal("Mei Hanlu"),
        ),
    )
    return "customer-1"


def test_a_file_is_stored_once_encrypted_and_opens_at_its_place_alone(database, ledger, subject):
    content = b"receipt of Mei Hanlu" * 1000
    digest = ledger.keep_file(subject, WHERE, content)
    assert ledger.keep_file(subject, WHERE, content) == digest
    assert ledger.open_file(WHERE, digest) == content
    with psycopg.connect(database.app_url) as connection:
        rows = connection.execute("SELECT data FROM files.file").fetchall()
        assert len(rows) == 1
        assert b"Mei" not in rows[0][0]
    for elsewhere in (FilePlace("complaint-2", "file-1"), FilePlace("complaint-1", "file-2")):
        with pytest.raises(Unreadable):
            ledger.open_file(elsewhere, digest)


def test_with_the_key_of_its_subject_a_file_is_gone(ledger, subject):
    digest = ledger.keep_file(subject, WHERE, b"content")
    ledger.destroy_key(DestroyKey(command_id=uuid4(), **BASE, subject=subject))
    assert ledger.open_file(WHERE, digest) is None
    with pytest.raises(KeyDestroyed):
        ledger.keep_file(subject, WHERE, b"content")


def test_the_app_can_neither_change_nor_delete_a_file(database, ledger, subject):
    ledger.keep_file(subject, WHERE, b"content")
    for wish in (
        "UPDATE files.file SET data = ''",
        "DELETE FROM files.file",
        "TRUNCATE files.file",
    ):
        with (
            psycopg.connect(database.app_url) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(wish)
