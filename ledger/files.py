"""Files of subjects: encrypted whole with the subject's key, found by the digest of what is stored.

The place (subject, stream, id, part) is authenticated with the bytes, so a file opens nowhere
else. The nonce follows from place and content: the same file stored again is the same bytes.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

import orjson
from cryptography.exceptions import InvalidTag

from ledger.database import Connection
from ledger.errors import Unreadable
from ledger.keys import Keys

Part = Literal["content", "thumbnail"]

_NONCE: Final = 12
_KEEP: Final = """
INSERT INTO files.file (digest, key_id, data) VALUES (%b, %b, %b) ON CONFLICT (digest) DO NOTHING
"""
_READ: Final = "SELECT key_id, data FROM files.file WHERE digest = %b"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a file belongs."""

    stream: str
    id: str
    part: Part = "content"

    def bound_to(self, subject: str) -> bytes:
        return orjson.dumps((subject, self.stream, self.id, self.part))


def keep(connection: Connection, keys: Keys, subject: str, place: FilePlace, content: bytes) -> str:
    """Store it, once; the digest that it is found by. Raises KeyDestroyed."""
    key = keys.of(subject)
    bound = place.bound_to(subject)
    secret = keys.secret("nonces of files")
    nonce = hmac.digest(secret, bound + sha256(content).digest(), "sha256")[:_NONCE]
    data = nonce + key.cipher.encrypt(nonce, content, bound)
    digest = sha256(data).digest()
    connection.execute(_KEEP, (digest, key.id, data))
    return digest.hex()


def read(connection: Connection, keys: Keys, place: FilePlace, digest: str) -> bytes | None:
    """The bytes; None where the key of their subject was destroyed. Raises Unreadable."""
    row = connection.execute(_READ, (bytes.fromhex(digest),), binary=True).fetchone()
    if row is None:
        raise Unreadable("a file is not where its digest says")
    key_id, data = row
    key = keys.current(key_id)
    if key is None:
        return None
    try:
        return key.cipher.decrypt(data[:_NONCE], data[_NONCE:], place.bound_to(key.subject))
    except InvalidTag:
        raise Unreadable("a file is not what was stored at its place") from None
