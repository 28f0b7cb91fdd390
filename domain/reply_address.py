"""The address that answers to a case's letters go to: it names the case and proves it ours.

``care+<case and signature>@house``: lower case letters and digits, as mail systems may fold case.
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from binascii import Error
from hashlib import sha256
from typing import Final
from uuid import UUID

KIND: Final = "complaint-"
_SIGNED: Final = 10
_SIZE: Final = 16 + _SIGNED


def reply_address(secret: bytes, stream: str, address: str) -> str:
    """``address`` with the case ``stream`` in it."""
    local, _, host = address.rpartition("@")
    id = UUID(stream.removeprefix(KIND)).bytes
    token = b32encode(id + _signature(secret, id)).decode().rstrip("=").lower()
    return f"{local}+{token}@{host}"


def case_of(secret: bytes, address: str) -> str | None:
    """The case's stream; None where the address was not made with this secret."""
    _, plus, token = address.rpartition("@")[0].rpartition("+")
    if not plus:
        return None
    try:
        data = b32decode(token.upper() + "=" * (-len(token) % 8))
    except (Error, ValueError):
        return None
    id, signature = data[:16], data[16:]
    if len(data) != _SIZE or not hmac.compare_digest(signature, _signature(secret, id)):
        return None
    return f"{KIND}{UUID(bytes=id)}"


def plain_address(address: str) -> str:
    """Without what follows the plus, in small letters."""
    local, _, host = address.rpartition("@")
    return f"{local.partition('+')[0]}@{host}".lower()


def _signature(secret: bytes, id: bytes) -> bytes:
    return hmac.digest(secret, b"reply\n" + id, sha256)[:_SIGNED]
