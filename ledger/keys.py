"""Keys of subjects: personal data is encrypted with them, and gone when they are destroyed.

A value is stored as ``A256GCM:<key id>:<nonce and ciphertext>:<path when it was encrypted>``.
Its subject, stream, version and path are authenticated with it (AAD), so it opens nowhere else.
In memory the place where it was read stands before it: ``<version>@<stream>|<stored>``.
"""

from __future__ import annotations

import base64
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID, uuid4

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg_pool import ConnectionPool

from domain.personal import Personal, clear_text
from ledger.database import Connection, reading
from ledger.errors import KeyDestroyed, Unreadable, WrongMasterKey

ALGORITHM: Final = "A256GCM"
_NONCE: Final = 12
_NONCES_DRAWN: Final = 256
_MOST_KEPT: Final = 50_000
"""Keys kept unwrapped in memory at most; the cache starts again when it is full."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """A data key. ``made`` is its wrapped form while no append has stored it yet."""

    id: UUID
    subject: str
    cipher: AESGCM
    made: bytes | None = None


_nonces: Final[deque[bytes]] = deque()
os.register_at_fork(after_in_child=_nonces.clear)


def nonce() -> bytes:
    """Fresh and random, many drawn at once: each draw lets another thread take the interpreter."""
    try:
        return _nonces.popleft()
    except IndexError:
        drawn = os.urandom(_NONCE * _NONCES_DRAWN)
        first, *more = (drawn[at : at + _NONCE] for at in range(0, len(drawn), _NONCE))
        _nonces.extend(more)
        return first


def place(stream: str, version: int) -> str:
    """Where an event stands, as its boxes remember it."""
    return f"{version}@{stream}"


def encrypt(key: SubjectKey, text: str, stream: str, version: int, path: str) -> str:
    """The stored form of one personal text."""
    fresh = nonce()
    bound = _bound_to(key.subject, stream, version, path)
    sealed = base64.urlsafe_b64encode(fresh + key.cipher.encrypt(fresh, text.encode(), bound))
    return f"{ALGORITHM}:{key.id.hex}:{sealed.decode()}:{path}"


def _bound_to(subject: str, stream: str, version: int, path: str) -> bytes:
    return orjson.dumps((subject, stream, version, path))


@dataclass(frozen=True, slots=True)
class _Stored:
    """An encrypted box taken apart."""

    stream: str
    version: int
    key_id: UUID
    data: bytes
    path: str

    @classmethod
    def parse(cls, encrypted: str) -> _Stored:
        where, _, stored = encrypted.partition("|")
        version, _, stream = where.partition("@")
        try:
            algorithm, key_id, data, path = stored.split(":", 3)
            if algorithm != ALGORITHM:
                raise Unreadable(f"encrypted by an algorithm this code does not know: {algorithm}")
            return cls(stream, int(version), UUID(key_id), base64.urlsafe_b64decode(data), path)
        except ValueError as error:
            raise Unreadable("an encrypted value is not of the form that is stored") from error


class Keys:
    """The keys of one database. Thread-safe. Whether it may open, it asks each time anew."""

    def __init__(self, readers: ConnectionPool[Connection], master_key: bytes) -> None:
        if len(master_key) != 32:
            raise ValueError("the master key has 32 bytes")
        self._readers = readers
        self._master = AESGCM(master_key)
        self._lock = Lock()
        self._to_encrypt: dict[str, SubjectKey] = {}
        self._to_open: dict[UUID, SubjectKey | None] = {}
        self._epoch = 0
        self._secrets: dict[str, bytes] = {}

    # secrets of the ledger itself

    def secret(self, purpose: str) -> bytes:
        """32 bytes that stand for this purpose in this database for ever."""
        known = self._secrets.get(purpose)
        if known is None:
            made = self.wrap(os.urandom(32), f"secret {purpose}")
            with reading(self._readers) as connection:
                row = connection.execute(
                    "SELECT keys.keep_secret(%b, %b)", (purpose, made), binary=True
                ).fetchone()
            assert row is not None
            known = self._secrets[purpose] = self.unwrap(row[0], f"secret {purpose}")
        return known

    # to encrypt: whether the key still stands is checked by the append

    def of(self, subject: str) -> SubjectKey:
        """The key to encrypt with; a new one where the subject has none. Raises KeyDestroyed."""
        known = self._to_encrypt.get(subject)
        if known is not None:
            return known
        if subject not in (found := self.prepare([subject])):
            raise KeyDestroyed(subject)
        return found[subject]

    def prepare(self, subjects: Sequence[str]) -> dict[str, SubjectKey]:
        """Have the keys of many subjects at hand, by one read; new ones where there are none.

        Answers those that were not at hand; a destroyed key is not among them.
        """
        wanted = [subject for subject in subjects if subject not in self._to_encrypt]
        ready: dict[str, SubjectKey] = {}
        if not wanted:
            return ready
        with reading(self._readers) as connection:
            rows = connection.execute(
                "SELECT subject, id, wrapped FROM keys.subject WHERE subject = ANY (%b::text[])",
                (wanted,),
                binary=True,
            ).fetchall()
        found = {subject: (id, wrapped) for subject, id, wrapped in rows}
        for subject in wanted:
            id, wrapped = found.get(subject, (None, None))
            if id is None:
                data = os.urandom(32)
                made = self.wrap(data, f"key {subject}")
                ready[subject] = SubjectKey(uuid4(), subject, AESGCM(data), made)
            elif wrapped is not None:
                data = self.unwrap(wrapped, f"key {subject}")
                ready[subject] = SubjectKey(id, subject, AESGCM(data))
        for key in ready.values():
            self._keep(key.subject, key)
        return ready

    def stored(self, key: SubjectKey) -> None:
        """An append has stored this new key."""
        self._keep(key.subject, SubjectKey(key.id, key.subject, key.cipher))

    def forget(self, subject: str) -> None:
        """What we thought of this subject's key was not so."""
        with self._lock:
            self._to_encrypt.pop(subject, None)

    def _keep(self, subject: str, key: SubjectKey) -> None:
        with self._lock:
            if len(self._to_encrypt) >= _MOST_KEPT:
                self._to_encrypt.clear()
            self._to_encrypt[subject] = key

    # to open: never with a key that was destroyed before we were asked

    def open_all(self, boxes: list[Personal]) -> list[str | None]:
        """The texts, in order; None where the key is destroyed. Raises Unreadable when moved."""
        stored = [None if box.encrypted is None else _Stored.parse(box.encrypted) for box in boxes]
        keys = self._current({each.key_id for each in stored if each is not None})
        return [
            clear_text(box) if each is None else _open(keys[each.key_id], each)
            for box, each in zip(boxes, stored, strict=True)
        ]

    def subjects_of(self, boxes: list[Personal]) -> list[str | None]:
        """Whose each box is; None of a clear one or where the key is destroyed."""
        stored = [None if box.encrypted is None else _Stored.parse(box.encrypted) for box in boxes]
        keys = self._current({each.key_id for each in stored if each is not None})
        found = [None if each is None else keys[each.key_id] for each in stored]
        return [None if key is None else key.subject for key in found]

    def current(self, id: UUID) -> SubjectKey | None:
        """The key of this id; None where it is destroyed. Raises Unreadable for an unknown one."""
        return self._current({id})[id]

    def _current(self, ids: set[UUID]) -> dict[UUID, SubjectKey | None]:
        """These keys as of now (None: destroyed), from memory where the epoch has not moved."""
        if not ids:
            return {}
        with reading(self._readers) as connection:
            row = connection.execute("SELECT epoch FROM keys.epoch", prepare=True).fetchone()
            assert row is not None
            epoch = int(row[0])
            with self._lock:
                if epoch != self._epoch or len(self._to_open) >= _MOST_KEPT:
                    self._to_open.clear()
                    self._epoch = epoch
                known = {id: self._to_open[id] for id in ids if id in self._to_open}
            missing = list(ids - known.keys())
            if missing:
                fetched = self._fetch(connection, missing)
                known |= fetched
                with self._lock:
                    # Read under an older epoch, they may be destroyed by now.
                    if epoch == self._epoch:
                        self._to_open |= fetched
        return known

    def _fetch(self, connection: Connection, ids: list[UUID]) -> dict[UUID, SubjectKey | None]:
        rows = connection.execute(
            "SELECT id, subject, wrapped FROM keys.subject WHERE id = ANY (%b::uuid[])",
            (ids,),
            binary=True,
        ).fetchall()
        found: dict[UUID, SubjectKey | None] = dict.fromkeys(ids)
        for id, subject, wrapped in rows:
            if wrapped is not None:
                data = self.unwrap(wrapped, f"key {subject}")
                found[id] = SubjectKey(id, subject, AESGCM(data))
        return found

    # the master key

    def wrap(self, data: bytes, what: str) -> bytes:
        """Encrypted with the master key; it opens as the same ``what`` only."""
        fresh = nonce()
        return fresh + self._master.encrypt(fresh, data, what.encode())

    def try_master(self) -> None:
        """Raises WrongMasterKey where it does not open what this database holds."""
        with reading(self._readers) as connection:
            row = connection.execute(
                "SELECT subject, wrapped FROM keys.subject WHERE wrapped IS NOT NULL LIMIT 1",
                binary=True,
            ).fetchone()
        if row is not None:
            self.unwrap(row[1], f"key {row[0]}")

    def unwrap(self, wrapped: bytes, what: str) -> bytes:
        """Raises WrongMasterKey, also where it was wrapped as something else."""
        try:
            return self._master.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], what.encode())
        except InvalidTag:
            raise WrongMasterKey("the master key is not this database's") from None


def _open(key: SubjectKey | None, stored: _Stored) -> str | None:
    if key is None:
        return None
    bound = _bound_to(key.subject, stored.stream, stored.version, stored.path)
    try:
        return key.cipher.decrypt(stored.data[:_NONCE], stored.data[_NONCE:], bound).decode()
    except InvalidTag:
        raise Unreadable("an encrypted value is not where it was encrypted") from None
