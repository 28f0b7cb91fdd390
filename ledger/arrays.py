"""PostgreSQL arrays in their binary form, made directly: an append sends eighteen of them.

psycopg's own list dumper looks at every element to guess a type, which also gives one statement
many prepared forms. Here each column has one type, and ``None`` is NULL.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from struct import Struct, pack
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

_HEADER: Final = Struct("!iiIii")
_LENGTH: Final = Struct("!i")
_NULL: Final = _LENGTH.pack(-1)
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_INT8: Final = Struct("!iq")
_BOOLS: Final = {True: b"\0\0\0\1\1", False: b"\0\0\0\1\0"}


class Array:
    """A finished array; its subclass says of what."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Bools(Array): ...


class Bytes(Array): ...


class Int2s(Array): ...


class Int4s(Array): ...


class Int8s(Array): ...


class Texts(Array): ...


class Moments(Array): ...


class Uuids(Array): ...


A = TypeVar("A", bound=Array)

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
        return cast(Array, obj).data


def _head(kind: type[Array], count: int, *, has_null: bool = False) -> bytes:
    """What stands before the elements; an empty array has no dimensions and is no more than it."""
    oid = _OIDS[kind][1]
    if not count:
        return _LENGTH.pack(0) * 2 + oid.to_bytes(4)
    return _HEADER.pack(1, has_null, oid, count, 1)


def _numbers(kind: type[A], letter: str, width: int, values: Sequence[int]) -> A:
    """Numbers of one width, packed in one call: width and number by turns."""
    turns = [width] * (2 * len(values))
    turns[1::2] = values
    return kind(_head(kind, len(values)) + pack(f"!{('i' + letter) * len(values)}", *turns))


def _sized(kind: type[A], values: Sequence[bytes]) -> A:
    """Bytes of any length: length and bytes by turns."""
    parts = [_head(kind, len(values))] * (2 * len(values) + 1)
    parts[1::2] = map(_LENGTH.pack, map(len, values))
    parts[2::2] = values
    return kind(b"".join(parts))


def bools(values: Sequence[bool]) -> Bools:
    return Bools(_head(Bools, len(values)) + b"".join(map(_BOOLS.__getitem__, values)))


def int2s(values: Sequence[int]) -> Int2s:
    return _numbers(Int2s, "h", 2, values)


def int4s(values: Sequence[int]) -> Int4s:
    return _numbers(Int4s, "i", 4, values)


def int8s(values: Sequence[int]) -> Int8s:
    return _numbers(Int8s, "q", 8, values)


def int8s_or_null(values: Sequence[int | None]) -> Int8s:
    parts = (_NULL if value is None else _INT8.pack(8, value) for value in values)
    return Int8s(_head(Int8s, len(values), has_null=None in values) + b"".join(parts))


def blobs(values: Sequence[bytes]) -> Bytes:
    return _sized(Bytes, values)


def blobs_or_null(values: Sequence[bytes | None]) -> Bytes:
    parts = (_NULL if value is None else _LENGTH.pack(len(value)) + value for value in values)
    return Bytes(_head(Bytes, len(values), has_null=None in values) + b"".join(parts))


def texts(values: Sequence[str]) -> Texts:
    return _sized(Texts, [*map(str.encode, values)])


def uuids(values: Sequence[UUID]) -> Uuids:
    return _sized(Uuids, [value.bytes for value in values])


def moments(values: Sequence[datetime]) -> Moments:
    since = [value - _EPOCH for value in values]
    micro = [(it.days * 86_400 + it.seconds) * 1_000_000 + it.microseconds for it in since]
    return _numbers(Moments, "q", 8, micro)
