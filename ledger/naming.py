"""Names of new streams: the kind and a UUIDv7, so that they sort by the moment they were made."""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """48 bits of milliseconds since 1970, then chance, as RFC 9562 lays them out."""
    moment = time.time_ns() // 1_000_000
    high, low = secrets.randbits(12), secrets.randbits(62)
    return UUID(int=moment << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def new_stream(kind: str) -> str:
    """``complaint-0199…``: a stream of that kind which nobody has yet."""
    return f"{kind}-{uuid7()}"
