"""A command in, facts out: the everyday of the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from small_book import (
    ANNA,
    AT,
    BookIsClosed,
    BookNoted,
    BookSigned,
    Close,
    CopyName,
    Move,
    Note,
    Reopen,
    Sign,
    Trip,
    book,
    new_stream,
    wish,
)

from domain.event import Cause, Context
from domain.personal import Personal
from ledger import CommandIdMisused, Ledger, RivalWrote
from ledger.database import pool


def test_a_command_becomes_facts_with_their_envelope(ledger: Ledger) -> None:
    stream, note = new_stream(), Note(**wish(), times=2)
    context = Context(
        source_recorded_at=AT,
        correlation="batch-7",
        cause=Cause(workflow="w", rule="r", version="p@1"),
    )
    receipt = ledger.handle(book, stream, note, context)
    assert receipt == ("stored", 1, 2, 2)
    first, second = ledger.history(stream)
    assert (first.position, first.version, second.position, second.version) == (1, 1, 2, 2)
    assert first.event == BookNoted(at=AT, line="a line")
    assert first.occurred_at == AT
    assert first.recorded_at > AT
    assert (first.actor, first.command_id, first.context) == (ANNA, note.command_id, context)
    assert ledger.head() == 2
    assert ledger.log(1, 10) == [second]
    assert ledger.log(0, 10, frozenset({"BookClosed"})) == []


def test_the_fold_is_the_state_of_now(ledger: Ledger) -> None:
    stream = new_stream()
    assert ledger.fold(book, stream) == (book.initial, 0)
    ledger.handle(book, stream, Note(**wish(), times=3))
    state, version = ledger.fold(book, stream)
    assert (state.lines, state.total, version) == (3, Decimal(3), 3)


def test_the_rules_refuse_in_their_own_words(ledger: Ledger) -> None:
    stream = new_stream()
    ledger.handle(book, stream, Close(**wish()))
    with pytest.raises(BookIsClosed):
        ledger.handle(book, stream, Note(**wish()))
    with pytest.raises(ZeroDivisionError):
        ledger.handle(book, new_stream(), Trip(**wish()))
    assert ledger.head() == 1


def test_a_command_sent_again_gets_its_first_answer(ledger: Ledger) -> None:
    stream, note, nothing = new_stream(), Note(**wish()), Reopen(**wish())
    assert ledger.handle(book, stream, nothing) == ("stored", None, None, 0)
    assert ledger.handle(book, stream, note) == ("stored", 1, 1, 1)
    ledger.handle(book, stream, Close(**wish()))
    assert ledger.handle(book, stream, note) == ("repeated", 1, 1, None)
    assert ledger.handle(book, stream, nothing) == ("repeated", None, None, None)
    later = note.model_copy(update={"at": AT.replace(year=2027)})
    assert ledger.handle(book, stream, later).outcome == "repeated"
    assert ledger.head() == 2


def test_an_id_with_another_content_is_refused(ledger: Ledger) -> None:
    stream, id = new_stream(), uuid4()
    ledger.handle(book, stream, Sign(**wish(id), subject="s", name=Personal("Li")))
    with pytest.raises(CommandIdMisused):
        ledger.handle(book, stream, Sign(**wish(id), subject="s", name=Personal("Wu")))
    with pytest.raises(CommandIdMisused):
        ledger.handle(book, new_stream(), Sign(**wish(id), subject="s", name=Personal("Li")))
    again = ledger.handle(book, stream, Sign(**wish(id), subject="s", name=Personal("Li")))
    assert again.outcome == "repeated"


def test_an_expected_version_is_held_and_not_tried_again(ledger: Ledger) -> None:
    stream = new_stream()
    ledger.handle(book, stream, Note(**wish()), Context(expected_version=0))
    with pytest.raises(RivalWrote):
        ledger.handle(book, stream, Note(**wish()), Context(expected_version=0))
    assert ledger.handle(book, stream, Note(**wish()), Context(expected_version=1)).version == 2


def test_one_command_over_two_streams(ledger: Ledger) -> None:
    one, two = new_stream(), new_stream()
    move = Move(**wish(), source=one, target=two)
    assert ledger.handle_across(book, [one, two], move) == ("stored", 1, 2, 1)
    assert ledger.fold(book, two).state.total == 1
    ledger.handle(book, two, Close(**wish()))
    with pytest.raises(BookIsClosed):
        ledger.handle_across(book, [one, two], Move(**wish(), source=one, target=two))
    assert ledger.fold(book, one) == (ledger.fold(book, one).state, 1)


def test_personal_data_is_stored_encrypted_and_opened_for_those_who_show_it(
    ledger: Ledger,
) -> None:
    stream = new_stream()
    sign = Sign(**wish(), subject="customer-1", name=Personal("王小明"), more={"x": Personal("y")})
    ledger.handle(book, stream, sign, Context(reason=Personal("she asked")))
    ledger.handle(book, stream, CopyName(**wish()))
    first, second = ledger.history(stream)
    assert isinstance(first.event, BookSigned)
    assert isinstance(second.event, BookSigned)
    assert first.event.name.encrypted is not None
    assert ledger.open(first.event.name) == "王小明"
    assert ledger.open(second.event.name) == "王小明"
    assert first.context.reason is not None
    assert ledger.open(first.context.reason) == "she asked"
    assert ledger.open_in(first.event) == {
        "at": AT,
        "subject": "customer-1",
        "name": "王小明",
        "more": {"x": "y"},
    }
    state = ledger.fold(book, stream).state
    assert state.name is not None
    assert state.name.encrypted is not None


def test_numbers_for_people(ledger: Ledger) -> None:
    assert ledger.next_number("complaint", 2026) == "C-2026-000001"
    assert ledger.next_number("complaint", 2027) == "C-2027-000002"
    assert ledger.next_number("deal", 2026) == "D-2026-000001"
    with pytest.raises(ValueError, match="numbered"):
        ledger.next_number("cat", 2026)


def test_readers_whose_backends_were_killed_are_replaced_before_they_are_used(
    database: Any,
) -> None:
    with pool(database.app_url, size=3, patience=5.0) as readers:
        held = [readers.getconn() for _ in range(3)]
        before = {connection.info.backend_pid for connection in held}
        for connection in held:
            readers.putconn(connection)
        with psycopg.connect(database.owner_url, autocommit=True) as attacker:
            for pid in before:
                attacker.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        for _ in range(3):
            with readers.connection() as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
                assert connection.info.backend_pid not in before
