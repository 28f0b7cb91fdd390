"""PostgreSQL arrays in their binary form, made directly: an append sends eighteen of them.

psycopg's own list dumper looks at every element to guess a type, which also gives one statement
many prepared forms. Here each column has one type, and ``None`` is NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from struct import Struct
from typing import Any, Final, TypeVar
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_HEADER: Final = Struct("!iiIii")
_LENGTH: Final = Struct("!i")
_NULL: Final = _LENGTH.pack(-1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_INT2: Final = Struct("!ih")
_INT4: Final = Struct("!ii")
_INT8: Final = Struct("!iq")
_BOOLS: Final = {True: b"\0\0\0\1\1", False: b"\0\0\0\1\0"}

T = TypeVar("T")


class Array(bytes):
    """A finished array; its subclass says of what."""


class Bools(Array): ...


class Bytes(Array): ...


class Int2s(Array): ...


class Int4s(Array): ...


class Int8s(Array): ...


class Texts(Array): ...


class Moments(Array): ...


class Uuids(Array): ...


_OIDS: Final[dict[type[Array], tuple[int, int]]] = {
    Bools: (1000, 16),
    Bytes: (1001, 17),
    Int2s: (1005, 21),
    Int4s: (1007, 23),
    Int8s: (1016, 20),
    Texts: (1009, 25),
    Moments: (1185, 1184),
    Uuids: (2951, 2950),
}
"""Kind -> (oid of the array type, oid of its element), fixed in PostgreSQL's catalogue."""


def register(connection: psycopg.Connection[Any]) -> None:
    """Teach a connection to send these arrays."""
    for kind, (oid, _) in _OIDS.items():
        name = f"{kind.__name__}Dumper"
        dumper = type(name, (_ReadyDumper,), {"oid": oid, "format": Format.BINARY})
        connection.adapters.register_dumper(kind, dumper)


class _ReadyDumper(Dumper):
    def dump(self, obj: Any) -> Buffer:
        return bytes(obj)


def _array(kind: type[T], values: Sequence[Any], element: Callable[[Any], bytes]) -> T:
    oid = _OIDS[kind][1]  # type: ignore[index]
    if not values:
        return kind(_LENGTH.pack(0) * 2 + oid.to_bytes(4))  # type: ignore[call-arg]
    parts: Iterable[bytes] = map(element, values)
    has_null = 0
    if None in values:
        has_null = 1
        parts = [_NULL if value is None else element(value) for value in values]
    head = _HEADER.pack(1, has_null, oid, len(values), 1)
    return kind(head + b"".join(parts))  # type: ignore[call-arg]


def bools(values: Sequence[bool]) -> Bools:
    return _array(Bools, values, _BOOLS.__getitem__)


def int2s(values: Sequence[int]) -> Int2s:
    return _array(Int2s, values, lambda value: _INT2.pack(2, value))


def int4s(values: Sequence[int]) -> Int4s:
    return _array(Int4s, values, lambda value: _INT4.pack(4, value))


def int8s(values: Sequence[int | None]) -> Int8s:
    return _array(Int8s, values, lambda value: _INT8.pack(8, value))


def blobs(values: Sequence[bytes | None]) -> Bytes:
    return _array(Bytes, values, lambda value: _LENGTH.pack(len(value)) + value)


def texts(values: Sequence[str]) -> Texts:
    def element(value: str) -> bytes:
        data = value.encode()
        return _LENGTH.pack(len(data)) + data

    return _array(Texts, values, element)


def uuids(values: Sequence[UUID]) -> Uuids:
    return _array(Uuids, values, lambda value: b"\0\0\0\x10" + value.bytes)


def moments(values: Sequence[datetime]) -> Moments:
    def element(value: datetime) -> bytes:
        since = value - _EPOCH
        return _INT8.pack(8, (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)

    return _array(Moments, values, element)
