"""Personal data: readable where it was written, by whoever may, until its key is destroyed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any
from uuid import uuid4

import orjson
import psycopg
import pytest
from small_book import BookSigned, CopyName, Note, Sign, book, new_stream, wish

from domain.personal import Personal
from ledger import (
    CommandIdMisused,
    DestroyKey,
    KeyDestroyed,
    Ledger,
    SubjectKeyDestroyed,
    Unreadable,
    WrongMasterKey,
)
from ledger.blind import blind_index
from ledger.follow import catch_up
from ledger.mapper import PersonalWithoutSubject

MASTER_KEY = bytes(range(32))


def signed(ledger: Ledger, stream: str, subject: str = "customer-1", name: str = "Li Wei") -> None:
    ledger.handle(book, stream, Sign(**wish(), subject=subject, name=Personal(name)))


def name_in(ledger: Ledger, stream: str, version: int = 1) -> str | None:
    event = ledger.history(stream)[version - 1].event
    assert isinstance(event, BookSigned)
    return ledger.open(event.name)


def test_nothing_personal_is_stored_clear(ledger: Ledger, database: Any) -> None:
    signed(ledger, new_stream(), name="Unmistakable")
    catch_up(ledger, blind_index(ledger.keys))
    with psycopg.connect(database.owner_url) as looker:
        for table in ("ledger.event", "ledger.command", "keys.subject", "keys.blind"):
            for row in looker.execute(f"SELECT t::text FROM {table} t"):
                assert "Unmistakable" not in row[0]


READER = """
import sys
from small_book import book
from ledger import Ledger
with Ledger(sys.argv[1], master_key=bytes(range(32))) as ledger:
    for line in sys.stdin:
        print(ledger.open(ledger.fold(book, line.strip()).state.name), flush=True)
"""


def test_after_the_key_is_destroyed_every_process_reads_it_as_erased_at_once(
    ledger: Ledger, database: Any
) -> None:
    stream, other, third = new_stream(), new_stream(), new_stream()
    signed(ledger, stream)
    signed(ledger, other, "customer-2", "Someone Else")
    signed(ledger, third)
    with (
        Ledger(database.app_url, master_key=MASTER_KEY) as second,
        subprocess.Popen(
            [sys.executable, "-c", READER, database.app_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None

        def in_process() -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{stream}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        assert (name_in(second, stream), in_process()) == ("Li Wei", "Li Wei")
        receipt = ledger.destroy_key(DestroyKey(**wish(), subject="customer-1"))
        assert (receipt.outcome, receipt.first) == ("stored", 4)
        assert in_process() == "None"
        assert name_in(second, stream) is None
        assert name_in(ledger, stream) is None
        assert name_in(second, other) == "Someone Else"
        event = second.history(stream)[0].event
        assert isinstance(event, BookSigned)
        assert event.subject == "customer-1"
        for writer in (second, ledger):
            with pytest.raises(KeyDestroyed):
                signed(writer, new_stream())
            with pytest.raises(KeyDestroyed):
                writer.handle(book, stream, CopyName(**wish()))
        assert second.handle(book, stream, Note(**wish())).version == 2
        process.stdin.close()


def test_the_destruction_is_one_fact_however_often_it_is_sent(ledger: Ledger) -> None:
    signed(ledger, new_stream())
    command = DestroyKey(**wish(), subject="customer-1")
    assert ledger.destroy_key(command).outcome == "stored"
    assert ledger.destroy_key(command) == ("repeated", 2, 2, None)
    assert ledger.destroy_key(DestroyKey(**wish(), subject="customer-1")).first is None
    with pytest.raises(CommandIdMisused):
        ledger.destroy_key(DestroyKey(**wish(command.command_id), subject="customer-2"))
    (fact,) = ledger.history("key-customer-1")
    assert fact.event == SubjectKeyDestroyed(at=command.at, subject="customer-1")


def test_a_subject_without_a_key_gets_none_after_its_erasure(ledger: Ledger) -> None:
    ledger.destroy_key(DestroyKey(**wish(), subject="customer-9"))
    with pytest.raises(KeyDestroyed):
        signed(ledger, new_stream(), "customer-9")


def test_two_processes_that_meet_a_new_subject_agree_on_its_key(
    ledger: Ledger, database: Any
) -> None:
    with Ledger(database.app_url, master_key=MASTER_KEY) as second:
        streams = [new_stream() for _ in range(40)]
        waiting = [
            (ledger, second)[n % 2].submit(
                book, stream, Sign(**wish(), subject=f"s-{n // 8}", name=Personal(f"name {n}"))
            )
            for n, stream in enumerate(streams)
        ]
        for each in waiting:
            each.result()
        for n, stream in enumerate(streams):
            assert name_in(ledger, stream) == name_in(second, stream) == f"name {n}"


def test_a_moved_ciphertext_does_not_open(ledger: Ledger, database: Any) -> None:
    stream, other = new_stream(), new_stream()
    signed(ledger, stream)
    signed(ledger, stream, name="Li Wen")
    signed(ledger, other)
    with psycopg.connect(database.owner_url, autocommit=True) as attacker:
        attacker.execute("ALTER TABLE ledger.event DISABLE TRIGGER no_change")
        bodies = attacker.execute(
            "SELECT body::text FROM ledger.event ORDER BY position"
        ).fetchall()
        first, second = bodies[0][0], bodies[1][0]
        attacker.execute("UPDATE ledger.event SET body = %s WHERE position = 3", (first,))
        attacker.execute("UPDATE ledger.event SET body = %s WHERE position = 1", (second,))
        claimed = orjson.loads(first)
        claimed["name"]["$encrypted"] = f"1@{stream}|{claimed['name']['$encrypted']}"
        attacker.execute(
            "UPDATE ledger.event SET body = %s WHERE position = 2",
            (orjson.dumps(claimed).decode(),),
        )
    for where, version in ((other, 1), (stream, 1), (stream, 2)):
        with pytest.raises(Unreadable):
            name_in(ledger, where, version)


def test_an_encrypted_value_is_not_taken_from_outside(ledger: Ledger) -> None:
    stream = new_stream()
    signed(ledger, stream)
    state = ledger.fold(book, stream).state
    assert state.name is not None
    with pytest.raises(ValueError, match="text is needed"):
        Sign.model_validate(
            {**wish(), "subject": "customer-2", "name": {"$encrypted": state.name.encrypted}}
        )


def test_personal_data_of_nobody_is_a_fault_in_the_rules(ledger: Ledger) -> None:
    nobody = type(book)(**{**book.__dict__, "subject": lambda state: None})
    with pytest.raises(PersonalWithoutSubject):
        ledger.handle(nobody, new_stream(), Sign(**wish(), subject="s", name=Personal("n")))


def test_another_master_key_is_told_at_once(ledger: Ledger, database: Any) -> None:
    signed(ledger, new_stream())
    with (
        Ledger(database.app_url, master_key=bytes(32)) as stranger,
        pytest.raises(WrongMasterKey),
    ):
        stranger.handle(book, new_stream(), Note(**wish()))


def test_what_a_person_is_found_by(ledger: Ledger) -> None:
    def person(subject: str, name: str, **more: str) -> str:
        stream = f"book-{uuid4()}"
        boxes = {purpose: Personal(text) for purpose, text in more.items()}
        sign = Sign(**wish(), subject=subject, name=Personal(name), more=boxes)
        ledger.handle(book, stream, sign)
        return stream

    person("c-1", "José Álvarez-O'Brien", phone="+44 20 7946 0000", email="Jose@Example.org")
    person("c-2", "王小明", phone="139 1234 5678", order="ab-12 34")
    person("c-2", "王小明", order="CD/77")
    person("c-3", "王小红")
    person("c-4", "艾丽·奎伦", email="ai@163.example")
    person("c-5", "林 乔")
    catch_up(ledger, blind_index(ledger.keys))
    rows = [
        ("name", "alvarez jose", ["c-1"]),
        ("name", "o'brien", ["c-1"]),
        ("name", "jos", []),
        ("name", "王小", ["c-2", "c-3"]),
        ("name", "小明", ["c-2"]),
        ("name", "王小明", ["c-2"]),
        ("name", "王 小明", ["c-2"]),
        ("name", "王　小　明", ["c-2"]),
        ("name", "艾丽奎伦", ["c-4"]),
        ("name", "艾丽•奎伦", ["c-4"]),
        ("name", "奎伦", ["c-4"]),
        ("name", "林乔", ["c-5"]),
        ("phone", "0044 (0)20 79460000", ["c-1"]),
        ("phone", "+86 13912345678", ["c-2"]),
        ("phone", "8613912345678", ["c-2"]),
        ("phone", "＋８６　１３９－１２３４－５６７８", ["c-2"]),
        ("email", " JOSE@example.ORG ", ["c-1"]),
        ("email", "ＡＩ＠１６３．example", ["c-4"]),
        ("order", "AB1234", ["c-2"]),
        ("order", "cd77", ["c-2"]),
        ("name", "", []),
    ]
    for purpose, text, subjects in rows:
        assert ledger.find(purpose, text) == subjects, (purpose, text)
    assert ledger.find("name", "王小", limit=1) == ["c-2"]

    person("c-1", "Joséphine Álvarez")
    catch_up(ledger, blind_index(ledger.keys))
    assert ledger.find("name", "o'brien") == []
    assert ledger.find("email", "jose@example.org") == ["c-1"]

    ledger.destroy_key(DestroyKey(**wish(), subject="c-2"))
    assert ledger.find("phone", "+8613912345678") == []
    assert ledger.find("order", "AB1234") == []
    with ledger.reading() as connection:
        connection.execute("UPDATE read.position SET position = 0 WHERE name = 'blind_index'")
    catch_up(ledger, blind_index(ledger.keys))
    assert ledger.find("order", "AB1234") == []
    assert ledger.find("email", "jose@example.org") == ["c-1"]
    assert ledger.parked() == []
