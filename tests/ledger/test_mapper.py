"""Events survive being stored: today's in every shape, yesterday's from their golden files."""

from __future__ import annotations

import json
from base64 import b64decode, urlsafe_b64decode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import orjson
import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapes import every_event_class, models
from small_book import ANNA, AT, BookNoted, BookSigned

from domain.event import EVENT_TYPES, UPCASTERS, Cause, Context, Event
from domain.personal import ENCRYPTED, Personal, clear_text
from ledger import Ledger, Unreadable
from ledger.keys import Keys, SubjectKey, encrypt, place
from ledger.mapper import Encoder, decode_event, decode_meta, encode, encode_meta, to_json
from ledger.plain import boxes_in, plain

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(file for file in GOLDEN.glob("*.v*.json"))
EVENTS = every_event_class()
KEPT = json.loads((GOLDEN / "key.json").read_text())
DATA_KEY = b64decode(KEPT["data"])
KEY = SubjectKey(UUID(KEPT["id"]), KEPT["subject"], AESGCM(DATA_KEY))


class OneKey:
    """Keys as an encoder asks for them, of one subject that needs no database."""

    def of(self, subject: str) -> SubjectKey:
        assert subject == KEY.subject
        return KEY


def encoder() -> Encoder:
    return Encoder(cast("Keys", OneKey()), "stream-1", 7, KEY.subject)


def opened(event: Event) -> Any:
    """The event as plain data, boxes opened with the one key."""

    def text(box: Personal) -> str:
        assert box.encrypted is not None
        where, _, stored = box.encrypted.partition("|")
        assert where == "7@stream-1"
        _, _, data, path = stored.split(":", 3)
        sealed = urlsafe_b64decode(data)
        bound = orjson.dumps((KEY.subject, "stream-1", 7, path))
        return KEY.cipher.decrypt(sealed[:12], sealed[12:], bound).decode()

    return plain(event, text)


def clear(event: Event) -> Any:
    return plain(event, clear_text)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_every_event_survives_the_mapper(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(EVENTS.values())))
    event = data.draw(models(kind))
    stored = encode(event, encoder)
    back = decode_event(
        kind.type_name,
        kind.schema_version,
        stored.body,
        at=event.at,
        stream="stream-1",
        version=7,
    )
    assert plain(back, lambda box: box) == plain(stored.event, lambda box: box)
    assert opened(back) == clear(event)
    assert all(box.encrypted for box in boxes_in(back))
    assert (stored.key is None) == (not list(boxes_in(event)))


def test_every_event_type_has_its_golden_file() -> None:
    names = {file.name for file in FILES}
    missing = [
        f"{name}.v{kind.schema_version}.json"
        for name, kind in EVENTS.items()
        if f"{name}.v{kind.schema_version}.json" not in names
    ]
    assert missing == [], "python tests/golden/write.py writes them"


def test_every_older_version_can_be_lifted() -> None:
    steps = {(name, v) for name, kind in EVENTS.items() for v in range(1, kind.schema_version)}
    ours = {step for step in UPCASTERS if step[0] in EVENTS}
    assert ours == steps


@pytest.fixture(scope="module")
def with_golden_key(module_ledger: Ledger, module_database: Any) -> Ledger:
    """A ledger whose database holds the key of the golden files, wrapped as any other."""
    module_ledger.keys.secret("any")
    wrapped = module_ledger.keys.wrap(DATA_KEY, f"key {KEY.subject}")
    with psycopg.connect(module_database.owner_url) as superuser:
        superuser.execute(
            "INSERT INTO keys.subject VALUES (%s, %s, %s, now(), NULL)",
            (KEY.subject, KEY.id, wrapped),
        )
    return module_ledger


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_golden_file_is_read(with_golden_key: Ledger, file: Path) -> None:
    kept = json.loads(file.read_text())
    event = decode_event(
        kept["type"],
        kept["schema"],
        orjson.dumps(kept["body"]),
        at=datetime.fromisoformat(kept["occurred_at"]),
        stream=kept["stream"],
        version=kept["version"],
    )
    boxes = list(boxes_in(event))
    assert with_golden_key.keys.open_all(boxes) == kept["personal"]
    if kept["schema"] == type(event).schema_version:
        here = place(kept["stream"], kept["version"])
        again = plain(
            event, lambda box: {ENCRYPTED: (box.encrypted or "").removeprefix(f"{here}|")}
        )
        del again["at"]
        assert orjson.loads(to_json(again)) == kept["body"]


def test_an_upcaster_moves_an_encrypted_value_unopened(with_golden_key: Ledger) -> None:
    """A version 1 body whose box stood elsewhere opens in the class of version 2."""

    class Moved(Event, type="TestMoved", schema=2):
        subject: str
        person: dict[str, Personal]

    UPCASTERS["TestMoved", 1] = lambda body: {
        "subject": body["subject"],
        "person": {"name": body["name"]},
    }
    try:
        body = {"subject": "s", "name": {ENCRYPTED: encrypt(KEY, "Li", "moved-1", 2, "/name")}}
        event = decode_event("TestMoved", 1, orjson.dumps(body), at=AT, stream="moved-1", version=2)
        assert with_golden_key.open_in(event)["person"] == {"name": "Li"}
    finally:
        del UPCASTERS["TestMoved", 1]
        del EVENT_TYPES["TestMoved"]


@pytest.mark.parametrize(
    ("type_name", "schema", "body"),
    [
        ("Unheard", 1, b"{}"),
        ("BookNoted", 2, b'{"line":"from the future"}'),
        ("BookNoted", 1, b'{"line":7}'),
        ("BookNoted", 0, b'{"line":"no upcaster"}'),
        ("BookSigned", 1, b'{"subject":"s","name":{"$encrypted":7}}'),
    ],
)
def test_what_cannot_be_read_is_said_without_quoting_it(
    type_name: str, schema: int, body: bytes
) -> None:
    with pytest.raises(Unreadable) as unreadable:
        decode_event(type_name, schema, body, at=AT, stream="s", version=1)
    assert "future" not in str(unreadable.value)
    assert unreadable.value.__cause__ is None


def test_a_body_is_json_that_a_person_can_read() -> None:
    stored = encode(BookNoted(at=AT, line="今天"), encoder)
    assert stored.body.decode() == '{"line":"今天","amount":"1"}'
    signed = encode(BookSigned(at=AT, subject=KEY.subject, name=Personal("Li")), encoder)
    body = json.loads(signed.body)
    algorithm, key_id, _, path = body["name"][ENCRYPTED].split(":", 3)
    assert (algorithm, key_id, path) == ("A256GCM", KEY.id.hex, "/name")


def test_the_envelope_says_who_and_why_and_no_more_than_was_told() -> None:
    assert encode_meta(ANNA, Context(), encoder) == (
        b'{"actor":{"kind":"staff","id":"staff-anna","role":"agent"}}'
    )
    context = Context(
        source_recorded_at=AT.astimezone(UTC),
        reason=Personal("because"),
        correlation="c",
        cause=Cause(workflow="w", rule="r", version="v"),
    )
    actor, back = decode_meta(encode_meta(ANNA, context, encoder), place("stream-1", 7))
    assert actor == ANNA
    assert back.reason is not None
    assert back.reason.encrypted is not None
    assert back.model_copy(update={"reason": context.reason}) == context
