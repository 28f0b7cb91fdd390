"""Between events and what is stored: readable JSON, ids outside the body, personal data encrypted.

Upcasters lift old bodies to the class of today before it reads them; encrypted values pass
through them unopened.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from domain.event import EVENT_TYPES, UPCASTERS, Actor, Cause, Context, Event, Frozen, Recorded
from domain.personal import ENCRYPTED, Personal, clear_text
from ledger.errors import KeyDestroyed, Unreadable
from ledger.holding import may_hold_personal, replace_boxes
from ledger.keys import Keys, SubjectKey, encrypt, place

_OUTSIDE: Final = {"at"}
"""Fields of an event that the envelope keeps, not the body."""

Row = tuple[int, str, int, str, int, datetime, datetime, UUID, bytes, bytes]
"""position, stream, version, type, schema, occurred_at, recorded_at, command_id, meta, body."""

COLUMNS: Final = (
    "position, stream, version, type, schema, occurred_at, recorded_at, command_id, meta, body"
)


class PersonalWithoutSubject(TypeError):
    """A rule book stores personal data and does not say whose: a fault in the code."""


class Encoded(NamedTuple):
    """What is stored of an event, and the event as it will be read back."""

    body: bytes
    event: Event
    key: SubjectKey | None


class Encoder:
    """Encrypts the boxes of one event at its place; remembers the key it used."""

    def __init__(self, keys: Keys, stream: str, version: int, subject: str | None) -> None:
        self._keys = keys
        self.stream = stream
        self.version = version
        self._subject = subject
        self.key: SubjectKey | None = None

    def __call__(self, box: Personal, path: str) -> dict[str, str]:
        if self.key is None:
            if self._subject is None:
                raise PersonalWithoutSubject(f"{self.stream}: {path}")
            self.key = self._keys.of(self._subject)
        text = clear_text(box)
        if text is None:
            # A rule carried over what was stored elsewhere: it is encrypted anew for this place.
            (text,) = self._keys.open_all([box])
            if text is None:
                raise KeyDestroyed(self.stream)
        return {ENCRYPTED: encrypt(self.key, text, self.stream, self.version, path)}


def encode(event: Event, encoder: Callable[[], Encoder]) -> Encoded:
    """The body of an event. ``encoder`` is asked for only where the class can hold boxes."""
    kind = type(event)
    if not may_hold_personal(kind):
        return Encoded(kind.__pydantic_serializer__.to_json(event, exclude=_OUTSIDE), event, None)
    data = kind.__pydantic_serializer__.to_python(event, exclude=_OUTSIDE)
    lazily: list[Encoder] = []

    def put(box: Personal, path: str) -> dict[str, str]:
        if not lazily:
            lazily.append(encoder())
        return lazily[0](box, path)

    body = to_json(replace_boxes(data, put))
    if not lazily:
        return Encoded(body, event, None)
    used = lazily[0]
    as_stored = _decode_data(kind, orjson.loads(body), event.at, used.stream, used.version)
    return Encoded(body, as_stored, used.key)


def to_json(data: Any) -> bytes:
    """Python data (no boxes) as JSON, in pydantic's spelling of what JSON lacks."""
    return orjson.dumps(
        data, default=to_jsonable_python, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    )


def decode_event(
    type_name: str, schema: int, body: bytes, *, at: datetime, stream: str, version: int
) -> Event:
    """The event as today's class; its boxes stay encrypted. Raises Unreadable."""
    kind = EVENT_TYPES.get(type_name)
    if kind is None or schema > kind.schema_version:
        raise Unreadable(f"{type_name} v{schema} is not known to this version of the code")
    data = orjson.loads(body)
    if schema < kind.schema_version:
        data = _lift(kind, schema, data)
    return _decode_data(kind, data, at, stream, version)


def _lift(kind: type[Event], schema: int, data: dict[str, Any]) -> dict[str, Any]:
    type_name = kind.type_name
    while schema < kind.schema_version:
        upcast = UPCASTERS.get((type_name, schema))
        if upcast is None:
            raise Unreadable(f"nothing lifts {type_name} v{schema} to v{schema + 1}")
        data = upcast(data)
        schema += 1
    return data


def _decode_data(
    kind: type[Event], data: dict[str, Any], at: datetime, stream: str, version: int
) -> Event:
    data["at"] = at
    where = place(stream, version) if may_hold_personal(kind) else None
    try:
        event = kind.__pydantic_validator__.validate_python(data, context=where)
    except ValidationError as error:
        # The message of a validation error quotes the input, which may be personal.
        places = ", ".join(".".join(map(str, one["loc"])) for one in error.errors())
        raise Unreadable(
            f"{kind.type_name} at {place(stream, version)} does not fit its class: {places}"
        ) from None
    assert isinstance(event, Event)
    return event


# --- the rest of the envelope ---------------------------------------------------------------


class _Meta(Frozen):
    actor: Actor
    source_recorded_at: datetime | None = None
    reason: Personal | None = None
    correlation: str | None = None
    cause: Cause | None = None


NO_CONTEXT: Final = Context()


@lru_cache(maxsize=4096)
def _actor_json(kind: str, id: str, role: str | None, on_behalf_of: str | None) -> bytes:
    said = {"kind": kind, "id": id, "role": role, "on_behalf_of": on_behalf_of}
    return orjson.dumps({name: value for name, value in said.items() if value is not None})


def encode_meta(actor: Actor, context: Context, encoder: Callable[[], Encoder]) -> bytes:
    """Who and why, as JSON; fields that say nothing are left out."""
    who = _actor_json(actor.kind, actor.id, actor.role, actor.on_behalf_of)
    if context is NO_CONTEXT:
        return b'{"actor":' + who + b"}"
    meta: dict[str, Any] = {"actor": orjson.Fragment(who)}
    if context.source_recorded_at is not None:
        meta["source_recorded_at"] = context.source_recorded_at
    if context.reason is not None:
        meta["reason"] = encoder()(context.reason, "meta:/reason")
    if context.correlation is not None:
        meta["correlation"] = context.correlation
    if context.cause is not None:
        meta["cause"] = context.cause.model_dump()
    return to_json(meta)


def decode_meta(meta: bytes, where: str) -> tuple[Actor, Context]:
    """Most metas say the same few things, so those without a box are remembered."""
    if b'"$encrypted"' in meta:
        return _parse_meta(meta, where)
    return _known_meta(meta)


@lru_cache(maxsize=4096)
def _known_meta(meta: bytes) -> tuple[Actor, Context]:
    return _parse_meta(meta, "")


def _parse_meta(meta: bytes, where: str) -> tuple[Actor, Context]:
    try:
        read = _Meta.__pydantic_validator__.validate_json(meta, context=where)
    except ValidationError:
        raise Unreadable(f"the envelope at {where} does not fit its class") from None
    context = Context(
        reason=read.reason,
        source_recorded_at=read.source_recorded_at,
        correlation=read.correlation,
        cause=read.cause,
    )
    return read.actor, NO_CONTEXT if context == NO_CONTEXT else context


def decode(row: Row) -> Recorded[Event]:
    """A row of the log as what others see of it."""
    position, stream, version, type_name, schema, occurred_at, recorded_at, id, meta, body = row
    event = decode_event(type_name, schema, body, at=occurred_at, stream=stream, version=version)
    actor, context = decode_meta(meta, place(stream, version))
    return Recorded(position, stream, version, occurred_at, recorded_at, actor, id, context, event)
